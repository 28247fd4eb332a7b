"""An object -> the fields by which a log line names it: namespace, dag, run, task, attempt, as far as they are known.

The same words everywhere, so that one filter finds all that was logged of a run, whoever logged it.
"""

from collections.abc import Mapping

from controller.model.action import Kind
from controller.model.backfill import Backfill
from controller.model.dag import Dag
from controller.model.dagrun import DagRun
from controller.model.metadata import Key, Meta
from controller.model.names import LABEL_DAG, LABEL_RUN, LABEL_TASK, LABEL_TRY
from controller.model.pod import Pod
from controller.model.taskrun import TaskRun

_LABELS = {"dag": LABEL_DAG, "run": LABEL_RUN, "task": LABEL_TASK, "attempt": LABEL_TRY}
_NAMES = {
    Kind.DAG: "dag",
    Kind.DAG_RUN: "run",
    Kind.TASK_RUN: "task_run",
    Kind.POD: "pod",
    Kind.POOL: "pool",
    Kind.BACKFILL: "backfill",
    Kind.APPROVAL: "approval",
    Kind.REVISION: "revision",
}


def fields_of_meta(kind: Kind, meta: Meta) -> dict[str, str]:
    """Those of any object: its own name, and what its labels say."""
    labelled = {word: meta.labels[label] for word, label in _LABELS.items() if meta.labels.get(label)}
    return {"namespace": meta.namespace, **labelled, _NAMES[kind]: meta.name}


def fields_of_key(kind: Kind, key: Key) -> dict[str, str]:
    """Those of an object of which no more is known."""
    return {"namespace": key.namespace, _NAMES[kind]: key.name}


def fields_of(observed: object) -> dict[str, str]:
    """Those of an object, from its spec where that says more than labels, which users may leave out."""
    match observed:
        case TaskRun(meta=meta, spec=spec):
            told: Mapping[str, str] = {
                "dag": spec.dag_ref.name,
                "run": spec.dag_run_ref.name,
                "task": observed.instance,
                "attempt": str(observed.status.attempt),
            }
            return {**fields_of_meta(Kind.TASK_RUN, meta), **told}
        case DagRun(meta=meta, spec=run):
            return {**fields_of_meta(Kind.DAG_RUN, meta), "dag": run.dag_ref.name}
        case Backfill(meta=meta, spec=backfill):
            return {**fields_of_meta(Kind.BACKFILL, meta), "dag": backfill.dag_ref.name}
        case Dag(meta=meta):
            return fields_of_meta(Kind.DAG, meta)
        case Pod(meta=meta):
            return fields_of_meta(Kind.POD, meta)
        case _:
            return {}
