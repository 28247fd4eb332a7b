"""A run, its plan and what is known around them -> why something of it does not run, in sentences.

Whoever asks gathers what there is, from live objects (`slipway why`) or from rows (the web server); the sentences are
the same.

    of_run.py    a run that has not begun
    unbegun.py   a task without a TaskRun
    of_task.py   a task with one
"""

from controller.decide.why.reason import Reason

__all__ = ["Reason"]
