"""Runs that have ended -> spans by OpenTelemetry's protocol: one trace a run, one span an attempt. The extra `otel`.

    spans.py    a run and its TaskRuns -> spans, as plain data
    queue.py    changes in the store -> the ended runs whose spans are not sent yet
    export.py   spans -> OTLP over HTTP; the one place that knows OpenTelemetry
    sender.py   the three together, beside the scheduling

Spans are made of what was recorded, when a run ends, so no decision pays for them, and a restart loses none: the next
leader sends the runs of the last minutes again, with the same ids.
"""
