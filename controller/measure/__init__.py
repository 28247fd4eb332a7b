"""A running scheduler -> /metrics for Prometheus. docs/metrics.md has every name; a test compares the two.

    dag_series.py   which Dags have series of their own: a bounded number
    work.py         runs and attempts that end, counted as the store hears of it
    delays.py       how late runs are created and Pods follow tasks that are ready
    present.py      what stands in the store at the moment of the question
    parts.py        the loop, the API server, the watches, the metastore and what is sent
    gather.py       all of them in one registry

Counters hang on the store's listener and cost a few microseconds; all else is read when Prometheus asks. What had ended
before this process first saw it is not counted: a restart counts nothing twice. A standby counts no work at all.
"""
