"""Runs, tasks and Dags -> the alerts that are due: noted in the status first, then sent, then ticked off.

    of_run.py     what a run's status notes, and what is sent now
    of_dag.py     the same of a Dag that became invalid
    rules.py      which alerts hold for a Dag, and which of their targets are missing
    ends.py       attempts that ended -> the ends that are not told yet
    deadlines.py  by when a run should have succeeded, and what it has missed
    records.py    the outbox in a status: what is added, sent again, given up and forgotten
    text.py       what an alert says; values.py: what templates may read

An alert is noted by the very write that makes its cause known, so none is lost, and old ends are no news. It is sent
once that write stands, and ticked off after: at least once, each time with the same key.
"""
