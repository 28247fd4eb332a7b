"""A run -> why it has not begun, or goes on no more: what its own decider would say now."""

from collections.abc import Iterator
from typing import Final

from controller.cli.why.found import Found, waits_told
from controller.cli.why.reason import Reason
from controller.decide.run import decide_run
from controller.model.action import Kind, WriteStatus
from controller.model.dagrun import DagRun
from controller.model.snapshot import RunSnapshot
from controller.model.states import RUN_FINAL, RunState
from controller.observe.tables import dag_key

_OF_THE_DAG: Final = frozenset({"DagMissing", "DagNotReady", "RunLimit"})
_TOLD: Final = 5


def run_reasons(found: Found, run: DagRun) -> Iterator[Reason]:
    """The reasons; none for a run that is at work and may go on."""
    me, status = f"dagrun/{run.meta.name}", run.status
    if run.meta.deleting_since is not None:
        yield Reason("Deleting", me, "The run is being deleted", run.meta.deleting_since)
    elif status.state in RUN_FINAL:
        why = f": {status.message}" if status.message else ""
        yield Reason("Ended", me, f"The run ended as {status.state.value}{why}", status.finished_at)
    elif status.state is RunState.QUEUED:
        yield from _queued(found, run)
    else:
        if run.spec.cancel is not None:
            yield Reason("Cancelled", me, "The run is cancelled, and ends once its Pods have ended")
        if run.spec.paused:
            yield Reason("Paused", me, "The run is paused: nothing of it is started")
        dag = found.store.tables.dags.get(dag_key(run))
        if dag is not None and dag.is_paused:
            held = "held, as too many runs failed in a row" if not dag.paused else "paused"
            yield Reason("Paused", f"dag/{dag.meta.name}", f"The Dag is {held}: nothing of it is started")
        yield from (Reason(each.reason, me, each.message, each.since) for each in status.waiting_for)


def snapshot_of(found: Found, run: DagRun) -> RunSnapshot:
    """What decides on the run."""
    snapshot = found.snapshots.of_run(run.meta.key)
    assert snapshot is not None  # noqa: S101 the run was found in the same store
    return snapshot


def _queued(found: Found, run: DagRun) -> Iterator[Reason]:
    me, dag = f"dagrun/{run.meta.name}", f"dag/{run.spec.dag_ref.name}"
    decision = decide_run(snapshot_of(found, run), found.now)
    known = {each.reason: each.since for each in run.status.waiting_for}
    waits = list(waits_told(decision, run.status.waiting_for))
    for each in waits:
        about = dag if each.reason in _OF_THE_DAG or each.message.startswith("The Dag") else me
        yield Reason(each.reason, about, each.message + _others(found, run, each.reason), known.get(each.reason))
    writes = [each.patch for each in decision.actions if isinstance(each, WriteStatus) and each.kind is Kind.DAG_RUN]
    if not waits and any(patch.get("state") for patch in writes):
        yield Reason("Due", me, "Nothing stands in its way: the controller begins it at its next look")
    elif not waits:
        yield Reason("Due", dag, "The controller is about to store the Dag's revision, to which the run is then pinned")


def _others(found: Found, run: DagRun, reason: str) -> str:
    """The runs that are at work, where it is they that stand in the way."""
    if reason != "RunLimit":
        return ""
    runs = (found.store.tables.runs[key] for key in found.store.tables.runs_of(dag_key(run)))
    names = sorted(each.meta.name for each in runs if each.status.state is RunState.RUNNING)
    return f": {', '.join(names[:_TOLD])}{' and more' if len(names) > _TOLD else ''}" if names else ""
