"""Every write to a cluster -> the promises that hold at every instant of every story, whatever the story is about."""

from collections.abc import Mapping
from typing import Any

from controller.decide.trigger_rules import count_states, judge
from controller.decide.validity import judge_spec
from controller.model.action import Kind
from controller.model.dag import canonical_json
from controller.model.dagrun import Settled
from controller.model.instance import instance_id, task_and_index
from controller.model.metadata import Key
from controller.model.names import LABEL_BACKFILL, LABEL_TASK
from controller.model.plan import Plan
from controller.model.policy import Policy
from controller.model.states import RUN_FINAL, TASK_FINAL, RunState, TaskState
from controller.simulate.cluster import InMemoryCluster, Raw

_FINAL = {state.value for state in TASK_FINAL | RUN_FINAL}


class Witness:
    """Looks at each write when it is done, and fails the test that breaks a promise."""

    def __init__(self, cluster: InMemoryCluster, policy: Policy) -> None:
        self._cluster = cluster
        self._policy = policy
        self._states: dict[str, str] = {}
        self._asked: dict[str, tuple[Any, ...]] = {}
        """By uid, what people had asked of the object that lets it leave its end."""
        self._attempts: set[tuple[str, str]] = set()
        self.pods: list[str] = []
        """The names of all Pods of tasks that were ever created, in order."""
        self.broken: list[str] = []
        """Promises that were broken, in words."""
        cluster.watchers.append(self._see)

    def _see(self, kind: Kind, type_: str, raw: Raw) -> None:
        match kind, type_:
            case ((Kind.TASK_RUN | Kind.DAG_RUN), ("ADDED" | "MODIFIED")):
                self._see_state(kind, raw)
            case Kind.POD, "ADDED" if LABEL_TASK in (raw["metadata"].get("labels") or {}):
                self._see_pod(raw)
        if (kind, type_) == (Kind.TASK_RUN, "ADDED") and raw["metadata"].get("ownerReferences"):
            self._expect(self._may_start(raw), f"{raw['metadata']['name']} started before its rule held")

    def _see_state(self, kind: Kind, raw: Raw) -> None:
        metadata, status, state = raw["metadata"], raw["status"], raw["status"]["state"]
        before = self._states.get(metadata["uid"])
        self._states[metadata["uid"]] = state
        asked = (status.get("round"), len(status.get("requests", ())), raw["spec"].get("verdict"))
        is_asked = self._asked.get(metadata["uid"], asked) != asked
        self._asked[metadata["uid"]] = asked
        kept = before not in _FINAL or before == state or is_asked
        self._expect(kept, f"{metadata['name']} left {before} for {state}")
        if kind is Kind.DAG_RUN and state == RunState.RUNNING and before != state:
            dag = raw["spec"]["dagRef"]["name"]
            running = [
                run
                for run in self._cluster.all_of(Kind.DAG_RUN)
                if run["spec"]["dagRef"]["name"] == dag
                and run["status"]["state"] == RunState.RUNNING
                and _backfill(run) == _backfill(raw)
            ]
            backfill = self._cluster.find(Kind.BACKFILL, _key(raw, _backfill(raw) or ""))
            limit = self._plan(raw).spec.concurrency.max_active_runs
            limit = backfill["spec"].get("maxActiveRuns", 10) if backfill is not None else limit
            self._expect(len(running) <= limit, f"{len(running)} runs of {dag} were running, over {limit}")

    def _see_pod(self, raw: Raw) -> None:
        name = raw["metadata"]["name"]
        self._expect((_owner(raw), name) not in self._attempts, f"Pod {name} was created twice for one TaskRun")
        self._attempts.add((_owner(raw), name))
        self.pods.append(name)
        live = [pod for pod in self._cluster.all_of(Kind.POD) if _is_live(pod)]
        owners = [_owner(pod) for pod in live]
        self._expect(owners.count(_owner(raw)) == 1, f"{name} was not the only live Pod of its task")
        self._expect(len(live) <= self._policy.parallelism, f"{len(live)} Pods were live at {name}")
        task_runs = {task_run["metadata"]["uid"]: task_run for task_run in self._cluster.all_of(Kind.TASK_RUN)}
        holding = [task_runs[owner] for owner in owners if owner in task_runs]
        mine = task_runs.get(_owner(raw))
        if mine is not None:
            self._see_limits(mine, holding)

    def _see_limits(self, mine: Raw, holding: list[Raw]) -> None:
        run = self._cluster.find(Kind.DAG_RUN, _key(mine, mine["spec"]["dagRunRef"]["name"]))
        if run is not None:
            of_run = [each for each in holding if each["spec"]["dagRunRef"] == mine["spec"]["dagRunRef"]]
            limit = self._plan(run).spec.concurrency.max_active_tasks
            self._expect(len(of_run) <= limit, f"a run had {len(of_run)} active tasks, over {limit}")
        for field, where in (("maxActivePerRun", "dagRunRef"), ("maxActivePerDag", "dagRef")):
            most = mine["spec"].get(field, len(holding))
            same = [each for each in holding if all(each["spec"][f] == mine["spec"][f] for f in ("task", where))]
            self._expect(len(same) <= most, f"{len(same)} instances of a task were active, over its {field} of {most}")
        name = mine["spec"].get("pool", "default")
        pool = self._cluster.find(Kind.POOL, _key(mine, name))
        slots = pool["spec"]["slots"] if pool is not None else 128
        used = sum(each["spec"].get("poolSlots", 1) for each in holding if each["spec"].get("pool") == name)
        self._expect(slots == -1 or used <= slots, f"{used} slots of pool {name} were taken, over {slots}")

    def _may_start(self, task_run: Raw) -> bool:
        run = self._cluster.get(Kind.DAG_RUN, _key(task_run, task_run["spec"]["dagRunRef"]["name"]))
        plan, states = self._plan(run), task_states(self._cluster, run)
        task = task_run["spec"]["task"]
        index = task_run["spec"].get("index")
        upstream = [
            _final_or_none(state)
            for before in plan.graph.upstream[task]
            for state in _instances(states, before, index if plan.shares_index(task, before) else None)
        ]
        return judge(plan.tasks[task].trigger_rule, count_states(upstream)).runs

    def _plan(self, run: Raw) -> Plan:
        """The plan that the run is pinned to."""
        revision = self._cluster.get(Kind.REVISION, _key(run, run["status"]["revision"]))
        plan = judge_spec(canonical_json(revision["data"])).plan
        assert plan is not None
        return plan

    def _expect(self, holds: bool, broken: str) -> None:
        if not holds:
            self.broken.append(broken)


def task_states(cluster: InMemoryCluster, run: Raw) -> dict[str, TaskState]:
    """The state of every instance of the run that has one."""
    states = Settled.model_validate(run["status"].get("settled") or {}).by_instance()
    for task_run in cluster.all_of(Kind.TASK_RUN):
        owners = task_run["metadata"].get("ownerReferences") or [{"uid": ""}]
        if owners[0]["uid"] == run["metadata"]["uid"]:
            spec = task_run["spec"]
            states[instance_id(spec["task"], spec.get("index"))] = TaskState(task_run["status"]["state"])
    return states


def _instances(states: Mapping[str, TaskState], task: str, index: int | None) -> list[TaskState | None]:
    """The states of a task's instances, or of the one with the index; None for a task that has not begun."""
    if index is not None:
        return [states.get(instance_id(task, index))]
    found = [state for each, state in states.items() if task_and_index(each)[0] == task]
    return list(found) or [None]


def _final_or_none(state: TaskState | None) -> TaskState | None:
    return state if state in TASK_FINAL else None


def _is_live(pod: Raw) -> bool:
    gone = "deletionTimestamp" in pod["metadata"] and not pod["spec"].get("nodeName")
    return pod["status"].get("phase") not in {"Succeeded", "Failed"} and not gone


def _backfill(run: Raw) -> str | None:
    """The backfill that a run shares its limit with; None for a run that none made or cleared."""
    name = (run["metadata"].get("labels") or {}).get(LABEL_BACKFILL, "")
    return name if name or run["spec"].get("runType") == "backfill" else None


def _owner(raw: Raw) -> str:
    owners = raw["metadata"].get("ownerReferences") or [{"uid": ""}]
    return str(owners[0]["uid"])


def _key(near: Raw, name: str) -> Key:
    return Key(near["metadata"]["namespace"], name)
