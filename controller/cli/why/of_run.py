"""A run among live objects -> what its own decider would say of it now."""

from controller.cli.why.found import Found, waits_told
from controller.decide.run import decide_run
from controller.decide.why.of_run import HELD, PAUSED, RunView
from controller.model.action import Kind, WriteStatus
from controller.model.dagrun import DagRun
from controller.model.snapshot import RunSnapshot
from controller.model.states import RunState
from controller.observe.tables import dag_key


def run_view(found: Found, run: DagRun) -> RunView:
    """The run with what is known around it."""
    tables = found.store.tables
    dag = tables.dags.get(dag_key(run))
    hold = None if dag is None or not dag.is_paused else PAUSED if dag.paused else HELD
    if run.status.state is not RunState.QUEUED or run.meta.deleting_since is not None:
        return RunView(run, dag_hold=hold)
    decision = decide_run(snapshot_of(found, run), found.now)
    writes = [each.patch for each in decision.actions if isinstance(each, WriteStatus) and each.kind is Kind.DAG_RUN]
    runs = (tables.runs[key] for key in tables.runs_of(dag_key(run)))
    return RunView(
        run,
        waits=list(waits_told(decision, run.status.waiting_for)),
        begins=any(patch.get("state") for patch in writes),
        dag_hold=hold,
        beside=sorted(each.meta.name for each in runs if each.status.state is RunState.RUNNING),
    )


def snapshot_of(found: Found, run: DagRun) -> RunSnapshot:
    """What decides on the run."""
    snapshot = found.snapshots.of_run(run.meta.key)
    assert snapshot is not None  # noqa: S101 the run was found in the same store
    return snapshot
