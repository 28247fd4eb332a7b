"""The newest object of each key, and who belongs to whom: dictionaries, kept consistent by one `add` and one `drop`."""

from collections.abc import Mapping
from typing import Any

from controller.model.approval import Approval
from controller.model.backfill import Backfill
from controller.model.dag import Dag, Revision
from controller.model.dagrun import DagRun
from controller.model.metadata import Key
from controller.model.names import LABEL_BACKFILL, LABEL_DAG
from controller.model.pod import Pod
from controller.model.pool import Pool
from controller.model.taskrun import TaskRun
from controller.observe.runs_of_dag import RunsOfDag
from controller.observe.sensing import Sensing

Observed = Dag | Revision | DagRun | TaskRun | Pool | Pod | Approval | Backfill


class Tables:
    """All objects by kind and key; read, never written, outside of the store."""

    def __init__(self) -> None:
        self.dags: dict[Key, Dag] = {}
        self.revisions: dict[Key, Revision] = {}
        self.runs: dict[Key, DagRun] = {}
        self.task_runs: dict[Key, TaskRun] = {}
        self.pools: dict[Key, Pool] = {}
        self.backfills: dict[Key, Backfill] = {}
        self.pods: dict[Key, Pod] = {}
        self.approvals: dict[Key, Approval] = {}
        self._runs_of_dag: dict[Key, RunsOfDag] = {}
        self._task_runs_of: dict[str, dict[str, TaskRun]] = {}
        self._pods_of: dict[str, dict[Key, Pod]] = {}
        self._task_run_keys: dict[str, Key] = {}
        self._revisions_of: dict[Key, dict[Key, Revision]] = {}
        self.sensing = Sensing()

    def table(self, kind: type[Observed]) -> dict[Key, Any]:
        """All objects of one type."""
        tables: dict[type[Observed], dict[Key, Any]] = {
            Dag: self.dags,
            Revision: self.revisions,
            DagRun: self.runs,
            TaskRun: self.task_runs,
            Pool: self.pools,
            Backfill: self.backfills,
            Pod: self.pods,
            Approval: self.approvals,
        }
        return tables[kind]

    def runs_of(self, dag: Key) -> RunsOfDag:
        """The Dag's runs."""
        return self._runs_of_dag.get(dag) or RunsOfDag()

    def backfills_of(self, dag: Key) -> tuple[Backfill, ...]:
        """The Dag's backfills that have not ended."""
        return tuple(each for each in self.backfills.values() if not each.is_final and dag_key(each) == dag)

    def dags_with_history(self) -> set[Key]:
        """The Dags that are there, and those of runs whose Dag is not."""
        return self.dags.keys() | self._runs_of_dag.keys()

    def revisions_of(self, dag: Key) -> tuple[Revision, ...]:
        """The Dag's revisions."""
        return tuple(self._revisions_of.get(dag, {}).values())

    def task_runs_of(self, run: DagRun) -> Mapping[str, TaskRun]:
        """The run's TaskRuns by instance."""
        return self._task_runs_of.get(run.meta.uid, {})

    def pods_of(self, task_run: TaskRun) -> tuple[Pod, ...]:
        """The TaskRun's Pods, the oldest attempt first."""
        return tuple(sorted(self._pods_of.get(task_run.meta.uid, {}).values(), key=lambda pod: pod.attempt))

    def task_run_of(self, pod: Pod) -> TaskRun | None:
        """The TaskRun that owns the Pod; None when it is not there."""
        key = self._task_run_keys.get(pod.meta.owner_uid or "")
        return self.task_runs[key] if key is not None else None

    def add(self, new: Observed) -> None:
        """Take the object in."""
        self.table(type(new))[new.meta.key] = new
        owner = new.meta.owner_uid or ""
        match new:
            case DagRun():
                self._runs_of_dag.setdefault(dag_key(new), RunsOfDag()).put(new)
            case Revision():
                self._revisions_of.setdefault(dag_of(new), {})[new.meta.key] = new
                self.sensing.put(new)
            case TaskRun():
                self._task_runs_of.setdefault(owner, {})[new.instance] = new
                self._task_run_keys[new.meta.uid] = new.meta.key
            case Pod():
                self._pods_of.setdefault(owner, {})[new.meta.key] = new
            case _:
                pass

    def drop(self, known: Observed) -> None:
        """Take the object out."""
        self.table(type(known)).pop(known.meta.key, None)
        owner = known.meta.owner_uid or ""
        match known:
            case DagRun():
                runs = self.runs_of(dag_key(known))
                runs.remove(known.meta.key)
                if not runs:
                    self._runs_of_dag.pop(dag_key(known), None)
            case Revision():
                revisions = self._revisions_of.get(dag_of(known), {})
                revisions.pop(known.meta.key, None)
                if not revisions:
                    self._revisions_of.pop(dag_of(known), None)
                self.sensing.drop(known)
            case TaskRun():
                siblings = self._task_runs_of.get(owner, {})
                if siblings.get(known.instance) is known:
                    del siblings[known.instance]
                if not siblings:
                    self._task_runs_of.pop(owner, None)
                self._task_run_keys.pop(known.meta.uid, None)
            case Pod():
                pods = self._pods_of.get(owner, {})
                pods.pop(known.meta.key, None)
                if not pods:
                    self._pods_of.pop(owner, None)
            case _:
                pass


def dag_key(of: DagRun | Backfill) -> Key:
    """The key of the Dag that it is about."""
    return Key(of.meta.namespace, of.spec.dag_ref.name)


def dag_of(revision: Revision) -> Key:
    """The key of the Dag whose snapshot it is."""
    return Key(revision.meta.namespace, revision.meta.labels.get(LABEL_DAG, ""))


def backfill_key(run: DagRun) -> Key | None:
    """The key of the backfill that the run belongs to; None for a run of none."""
    name = run.meta.labels.get(LABEL_BACKFILL)
    return Key(run.meta.namespace, name) if name else None


def run_key(task_run: TaskRun) -> Key:
    """The key of the TaskRun's run."""
    return Key(task_run.meta.namespace, task_run.spec.dag_run_ref.name)
