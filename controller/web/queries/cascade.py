"""What the deletion of a run or a Dag takes along: how many objects of each kind, as their rows tell.

    Dag -> DagRun -> TaskRun -> Pod, Approval

The Dag's ControllerRevisions go too; rows of these stay when their objects are gone, so they are not counted.
"""

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from controller.metastore.approvals import ApprovalRow
from controller.metastore.tables import AttemptRow, Base, DagRunRow, TaskRunRow


def with_run(session: Session, uid: str) -> dict[str, int]:
    """What goes with the run, by kind; a kind of which there is nothing is left out."""
    return _told(_below(session, TaskRunRow.run_uid == uid))


def with_dag(session: Session, namespace: str, name: str) -> dict[str, int]:
    """What goes with the Dag, by kind; a kind of which there is nothing is left out."""
    runs = (DagRunRow.namespace == namespace, DagRunRow.dag == name, DagRunRow.deleted_at.is_(None))
    below = _below(session, TaskRunRow.run_uid.in_(select(DagRunRow.uid).where(*runs)))
    return _told({"DagRun": _count(session, DagRunRow, *runs), **below})


def _below(session: Session, of_runs: ColumnElement[bool]) -> dict[str, int]:
    """TaskRuns of these runs, with their Pods and questions."""
    live = (of_runs, TaskRunRow.uid.is_not(None), TaskRunRow.deleted_at.is_(None))
    uids = select(TaskRunRow.uid).where(*live)
    pods = (AttemptRow.task_run_uid.in_(uids), AttemptRow.pod_version > 0, AttemptRow.pod_deleted_at.is_(None))
    questions = (ApprovalRow.task_run_uid.in_(uids), ApprovalRow.deleted_at.is_(None))
    return {
        "TaskRun": _count(session, TaskRunRow, *live),
        "Pod": _count(session, AttemptRow, *pods),
        "Approval": _count(session, ApprovalRow, *questions),
    }


def _count(session: Session, row: type[Base], *where: ColumnElement[bool]) -> int:
    return session.execute(select(func.count()).select_from(row).where(*where)).scalar_one()


def _told(counts: dict[str, int]) -> dict[str, int]:
    return {kind: count for kind, count in counts.items() if count}
