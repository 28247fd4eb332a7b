"""Uids -> the ids of a run's trace and of its spans: hashes, so the same whoever works them out, and whenever.

One trace for each run, its root span for the run, one span below it for each attempt.
"""

import hashlib


def trace_id(run_uid: str) -> str:
    """The run's trace: 32 hexadecimal digits."""
    return _digits(f"trace/{run_uid}", 32)


def run_span_id(run_uid: str) -> str:
    """The run's own span: 16 hexadecimal digits."""
    return _digits(f"run/{run_uid}", 16)


def attempt_span_id(task_run_uid: str, attempt: int) -> str:
    """An attempt's span: 16 hexadecimal digits."""
    return _digits(f"attempt/{task_run_uid}/{attempt}", 16)


def traceparent(run_uid: str, task_run_uid: str, attempt: int) -> str:
    """W3C's header for what an attempt does itself, which so becomes a part of its span; sampled."""
    return f"00-{trace_id(run_uid)}-{attempt_span_id(task_run_uid, attempt)}-01"


def _digits(text: str, count: int) -> str:
    digest = hashlib.sha256(f"slipway/{text}".encode()).hexdigest()[:count]
    return digest if digest.strip("0") else "1".rjust(count, "0")  # all zeros means that there is none
