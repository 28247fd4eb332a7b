"""A run -> why it has not begun, or goes on no more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from controller.decide.why.reason import Reason
from controller.model.dagrun import DagRun
from controller.model.schema import Waiting
from controller.model.states import RUN_FINAL, RunState

_OF_THE_DAG: Final = frozenset({"DagMissing", "DagNotReady", "RunLimit"})
_TOLD: Final = 5
PAUSED: Final = "paused"
HELD: Final = "held, as too many runs failed in a row"


@dataclass(frozen=True, slots=True)
class RunView:
    """A run, and what is known around it."""

    run: DagRun
    waits: Sequence[Waiting] = ()
    """What a queued run waits for now."""
    begins: bool = True
    """Whether a queued run that waits for nothing is about to begin; else the Dag's revision is stored first."""
    dag_hold: str | None = None
    """How the Dag is kept from starting anything, PAUSED or HELD; None when it is not."""
    beside: Sequence[str] = ()
    """The Dag's runs that are at work."""


def run_reasons(view: RunView) -> Iterator[Reason]:
    """The reasons; none for a run that is at work and may go on."""
    run = view.run
    me, status = f"dagrun/{run.meta.name}", run.status
    if run.meta.deleting_since is not None:
        yield Reason("Deleting", me, "The run is being deleted", run.meta.deleting_since)
    elif status.state in RUN_FINAL:
        why = f": {status.message}" if status.message else ""
        yield Reason("Ended", me, f"The run ended as {status.state.value}{why}", status.finished_at)
    elif status.state is RunState.QUEUED:
        yield from _queued(view)
    else:
        if run.spec.cancel is not None:
            yield Reason("Cancelled", me, "The run is cancelled, and ends once its Pods have ended")
        if run.spec.paused:
            yield Reason("Paused", me, "The run is paused: nothing of it is started")
        if view.dag_hold is not None:
            dag = run.spec.dag_ref.name
            yield Reason("Paused", f"dag/{dag}", f"The Dag is {view.dag_hold}: nothing of it is started")
        yield from (Reason(each.reason, me, each.message, each.since) for each in status.waiting_for)


def _queued(view: RunView) -> Iterator[Reason]:
    run = view.run
    me, dag = f"dagrun/{run.meta.name}", f"dag/{run.spec.dag_ref.name}"
    known = {each.reason: each.since for each in run.status.waiting_for}
    for each in view.waits:
        about = dag if each.reason in _OF_THE_DAG or each.message.startswith("The Dag") else me
        others = _others(view.beside) if each.reason == "RunLimit" else ""
        yield Reason(each.reason, about, each.message + others, known.get(each.reason))
    if not view.waits and view.begins:
        yield Reason("Due", me, "Nothing stands in its way: the controller begins it at its next look")
    elif not view.waits:
        yield Reason("Due", dag, "The controller is about to store the Dag's revision, to which the run is then pinned")


def _others(names: Sequence[str]) -> str:
    """The runs that are at work, where it is they that stand in the way."""
    return f": {', '.join(names[:_TOLD])}{' and more' if len(names) > _TOLD else ''}" if names else ""
