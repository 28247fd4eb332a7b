"""The Pod of one attempt -> how the attempt stands: starting, running, or ended with whose fault it was.

A success needs exit code 0 from container `main` and a readable output; what can't be known is never a success.
"""

import functools
import json
import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from controller.model.pod import Phase, Pod
from controller.model.states import TaskState
from controller.model.taskrun import Fault

OUTPUT_BYTES: Final = 4095
"""The kubelet keeps the last 4096 bytes of a termination message, so one of 4096 may have been cut."""

_DISRUPTIONS: Final = frozenset(
    {
        "AdmissionError",
        "Evicted",
        "NodeAffinity",
        "NodeLost",
        "NodeShutdown",
        "OutOfcpu",
        "OutOfephemeral-storage",
        "OutOfmemory",
        "OutOfpods",
        "Preempted",
        "Preempting",
        "Shutdown",
        "Terminated",
        "UnexpectedAdmissionError",
    }
)
"""Reasons of a failed Pod with which the kubelet or a controller says that the task is not to blame."""

_RUNTIME_ERRORS: Final = frozenset({"StartError", "ContainerCannotRun", "RunContainerError"})
"""Reasons with which the runtime says that the command could not be started."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended."""

    state: TaskState
    reason: str
    message: str
    fault: Fault | None = None
    exit_code: int | None = None
    output: str | None = None
    """JSON text without needless blanks; None when the task wrote none."""
    retriable: bool = True
    """False where another attempt could not end otherwise."""
    delay: timedelta | None = None
    """The wait before the next attempt, where a rule says it; None = as the fault has it."""


_Judge = Callable[[Pod], Outcome | None]


def ended_at(pod: Pod, now: datetime) -> datetime:
    """The end of the attempt: the container's, else the deletion's, else now."""
    finished = pod.termination.finished_at if pod.termination else None
    return finished or pod.meta.deleting_since or now


def outcome_of(pod: Pod, skip_exit_codes: Collection[int]) -> Outcome:
    """The end of an attempt whose Pod has ended: the first judge with an answer wins."""
    skipped: _Judge = functools.partial(_skipped, codes=skip_exit_codes)
    judges: tuple[_Judge, ...] = (*_WHATEVER_THE_CODE, skipped, _exited, _unknown)
    return next(outcome for judge in judges if (outcome := judge(pod)) is not None)


def _succeeded(pod: Pod) -> Outcome | None:
    if pod.phase is not Phase.SUCCEEDED or pod.termination is None or pod.termination.exit_code != 0:
        return None
    return read_output(pod.termination.message)


def _disrupted(pod: Pod) -> Outcome | None:
    if pod.disruption is not None:
        return _failed(Fault.INFRASTRUCTURE, pod.disruption.reason or "Disrupted", pod.disruption.message)
    if pod.reason in _DISRUPTIONS:
        return _failed(Fault.INFRASTRUCTURE, pod.reason, pod.message)
    return None


def _vanished(pod: Pod) -> Outcome | None:
    if pod.phase is not Phase.GONE:
        return None
    return _failed(Fault.INFRASTRUCTURE, "PodLost", f"Pod {pod.meta.name} vanished before its result was kept")


def _never_started(pod: Pod) -> Outcome | None:
    # A kubelet that ends a Pod it never got to run reports a termination, but no start.
    if pod.started_at is not None:
        return None
    if pod.waiting and pod.waiting.reason == "InvalidImageName":
        return _failed(Fault.LAUNCH, "InvalidImageName", pod.waiting.message, retriable=False)
    told = pod.waiting or pod.unschedulable
    reason = told.reason if told and told.reason not in _UNTOLD else "NeverStarted"
    message = told.message if told and told.message else "The Pod ended before its container started"
    return _failed(Fault.LAUNCH, reason, message)


_UNTOLD: Final = frozenset({"ContainerCreating", "PodInitializing", ""})


def _timed_out(pod: Pod) -> Outcome | None:
    if pod.reason != "DeadlineExceeded":
        return None
    if pod.started_at is not None:
        message = "The attempt ran longer than its timeout"
        return _failed(Fault.APPLICATION, "Timeout", message, exit_code=_exit_code(pod))
    # The user's own limit counts from the start of the Pod, pulling the image included; launchTimeout is for the rest.
    told = pod.waiting.reason if pod.waiting and pod.waiting.reason not in _UNTOLD else ""
    message = f"The timeout passed before the container started{f': {told}' if told else ''}"
    return _failed(Fault.APPLICATION, "Timeout", message)


def _deleted(pod: Pod) -> Outcome | None:
    if pod.meta.deleting_since is None:
        return None
    message = f"Pod {pod.meta.name} was deleted while it ran"
    return _failed(Fault.INFRASTRUCTURE, "PodDeleted", message, exit_code=_exit_code(pod))


def _skipped(pod: Pod, codes: Collection[int]) -> Outcome | None:
    code = _exit_code(pod)
    if code not in codes:
        return None
    return Outcome(
        TaskState.SKIPPED, "SkipExitCode", f"The task asked to be skipped by exit code {code}", exit_code=code
    )


def _could_not_start(pod: Pod) -> Outcome | None:
    end = pod.termination
    if end is None or end.reason not in _RUNTIME_ERRORS:
        return None
    return _failed(Fault.APPLICATION, end.reason, f"The command could not be started: {end.message}", end.exit_code)


def _exited(pod: Pod) -> Outcome | None:
    end = pod.termination
    if end is None:
        return None
    reason = end.reason or "Error"
    if reason == "OOMKilled":
        return _failed(Fault.APPLICATION, reason, "The container used more memory than its limit", end.exit_code)
    return _failed(Fault.APPLICATION, reason, f"The task ended with exit code {end.exit_code}", end.exit_code)


def _unknown(pod: Pod) -> Outcome:
    message = pod.message or "The Pod ended and nothing is known of its container"
    return _failed(Fault.INFRASTRUCTURE, pod.reason or "Unknown", message)


_WHATEVER_THE_CODE: Final[tuple[_Judge, ...]] = (
    _succeeded,
    _disrupted,
    _vanished,
    _could_not_start,
    _timed_out,
    _never_started,
    _deleted,
)


def read_output(text: str) -> Outcome:
    """Success with the output as JSON text, or the failure that an unreadable output is."""
    size = len(text.encode())
    if size > OUTPUT_BYTES:
        message = f"The output is larger than {OUTPUT_BYTES} bytes: store large results elsewhere, output a reference"
        return _failed(Fault.APPLICATION, "OutputTooLarge", message, 0)
    if not text.strip():
        return Outcome(TaskState.SUCCESS, "Completed", "", exit_code=0)
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
        compact = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError) as error:
        return _failed(Fault.APPLICATION, "OutputInvalid", f"The output is not JSON: {error}", 0)
    # Python prints 1e15 with 18 characters, which could take the output over its limit.
    output = min(compact, text.strip(), key=len)
    return Outcome(TaskState.SUCCESS, "Completed", "", exit_code=0, output=output)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too large a number")
    return number


def _exit_code(pod: Pod) -> int | None:
    return pod.termination.exit_code if pod.termination else None


def _failed(
    fault: Fault, reason: str, message: str, exit_code: int | None = None, *, retriable: bool = True
) -> Outcome:
    return Outcome(TaskState.FAILED, reason, _sentence(message), fault, exit_code, retriable=retriable)


def _sentence(message: str) -> str:
    """One line of at most 1,000 characters."""
    line = " ".join(message.split())
    return line if len(line) <= 1000 else line[:999] + "…"
