"""Frozen snapshot and now in, actions out: every scheduling decision of Slipway, and nothing else.

No clock, client, database, logger or randomness. Three deciders mirror the three resources, and a gate stands
before the Pods:

    dag.py     which runs exist, by calendar/
    run.py     which tasks of a run start, are skipped, or end it
    gate.py    which waiting tasks may have a Pod now
    task/      which Pod a task has, and what its end means
    pool.py    what a Pool's status says of its slots
"""
