"""Ends of Pods and when they were heard of -> how late kubelets tell of them at present.

A busy kubelet may take many seconds to report an end. As long as it is that late, a task that seems to run has probably
ended, and a write that says Running would be stale when it arrives.
"""

from datetime import datetime, timedelta
from typing import Final

_FADES_BY: Final = 0.9
"""What is left of a lag with each further end."""


class KubeletLag:
    """The largest lag of late, fading with each end that is told sooner."""

    def __init__(self) -> None:
        self.now = timedelta(0)

    def heard(self, ended_at: datetime, at: datetime) -> None:
        """An end of then was heard of now."""
        self.now = max(at - ended_at, self.now * _FADES_BY, timedelta(0))
