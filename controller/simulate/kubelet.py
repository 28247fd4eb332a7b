"""The Pods of a cluster in memory and what each will do -> how they begin, run and end, in virtual time.

A Pod is taken up as soon as it is seen and ends as its `Work` says. One that is deleted ends within its grace, as
`Work` lets it, and is then removed, unless a finalizer holds it.
"""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from controller.errors import NotFound
from controller.model.action import Kind
from controller.model.instance import instance_id
from controller.model.metadata import Key
from controller.model.names import LABEL_TASK, LABEL_TRY
from controller.model.pod import MAIN
from controller.model.timestamps import format_time
from controller.simulate.cluster import InMemoryCluster, Raw

NODE: Final = "node-1"
_KILLED: Final = 137
_TERMINATED: Final = 143


@dataclass(frozen=True, slots=True)
class Work:
    """What becomes of one Pod."""

    seconds: float = 1.0
    """How long container `main` runs."""
    exit_code: int = 0
    output: str = ""
    """What the container leaves in SLIPWAY_OUTPUT."""
    reason: str = ""
    """The runtime's word for the end, such as OOMKilled; empty = Completed or Error."""
    pod_reason: str = ""
    """Why the kubelet failed the whole Pod, such as Evicted."""
    disruption: str = ""
    """The reason of a DisruptionTarget condition, such as PreemptionByScheduler."""
    waiting: str = ""
    """Why the container never starts, such as ImagePullBackOff; empty = it starts at once."""
    has_node: bool = True
    """Whether there is a node for the Pod."""
    stop_seconds: float = 0.0
    """How long the container takes to end once it is asked to, if its grace allows."""


Workload = Callable[[str, int], Work]
"""An instance of a task and the number of an attempt -> what that attempt's Pod does."""


class Kubelet:
    """The one node of the cluster."""

    def __init__(self, cluster: InMemoryCluster, clock: Callable[[], datetime], workload: Workload) -> None:
        self._cluster = cluster
        self._clock = clock
        self._workload = workload
        self._plans: list[tuple[datetime, int, Key, str, Callable[[Raw], None]]] = []
        self._numbers = itertools.count()
        self._stopping: dict[str, datetime] = {}
        self.created: list[str] = []
        """The names of all Pods that ever came to be, in order."""
        cluster.watchers.append(self._see)

    def _see(self, kind: Kind, type_: str, raw: Raw) -> None:
        if kind is not Kind.POD:
            return
        metadata = raw["metadata"]
        if type_ == "DELETED":
            self._stopping.pop(metadata["uid"], None)
        elif type_ == "ADDED":
            self.created.append(metadata["name"])
            self._plan(raw, self._clock(), self._begin)
        elif "deletionTimestamp" in metadata:
            self._stop_in_time(raw)

    @property
    def next_at(self) -> datetime | None:
        """When a Pod is next touched; None when none will be."""
        return self._plans[0][0] if self._plans else None

    def work(self) -> None:
        """Do what is to be done by now."""
        while self._plans and self._plans[0][0] <= self._clock():
            _, _, key, uid, step = heapq.heappop(self._plans)
            raw = self._cluster.find(Kind.POD, key)
            if raw is not None and raw["metadata"]["uid"] == uid:
                step(raw)

    # ---- the life of a Pod ----------------------------------------------------------------------------------------

    def _begin(self, raw: Raw) -> None:
        work, now = self._work_of(raw), self._stamp()
        if not work.has_node:
            told = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no node fits"}
            self._report(raw, {"conditions": [told]})
            return
        raw = self._cluster.merge(Kind.POD, _key(raw), {"spec": {"nodeName": NODE}})
        initialized = {"type": "Initialized", "status": "True", "lastTransitionTime": now}
        status: Raw = {"startTime": now, "conditions": [initialized]}
        if work.waiting:
            state = {"waiting": {"reason": work.waiting, "message": f"container {MAIN}: {work.waiting}"}}
            self._report(raw, {**status, "containerStatuses": [{"name": MAIN, "state": state}]})
            return
        state = {"running": {"startedAt": now}}
        self._report(raw, {**status, "phase": "Running", "containerStatuses": [{"name": MAIN, "state": state}]})
        limit = raw["spec"].get("activeDeadlineSeconds")
        if limit is not None and limit < work.seconds:
            self._plan(raw, self._clock() + timedelta(seconds=limit), self._time_out)
        else:
            self._plan(raw, self._clock() + timedelta(seconds=work.seconds), self._end)

    def _end(self, raw: Raw) -> None:
        if raw["status"]["phase"] != "Running":
            return
        work = self._work_of(raw)
        status: Raw = {"phase": "Succeeded" if work.exit_code == 0 and not work.pod_reason else "Failed"}
        if work.pod_reason:
            status |= {"reason": work.pod_reason, "message": f"the kubelet says {work.pod_reason}"}
        if work.disruption:
            told = {"type": "DisruptionTarget", "status": "True", "reason": work.disruption, "message": "by the test"}
            status["conditions"] = [*raw["status"]["conditions"], told]
        reason = work.reason or ("Completed" if work.exit_code == 0 else "Error")
        self._report(raw, {**status, **self._terminated(raw, work.exit_code, reason, work.output)})

    def _time_out(self, raw: Raw) -> None:
        if raw["status"]["phase"] != "Running":
            return
        told = {"phase": "Failed", "reason": "DeadlineExceeded", "message": "Pod was active longer than it may be"}
        self._report(raw, {**told, **self._terminated(raw, _KILLED, "Error")})

    def _stop_in_time(self, raw: Raw) -> None:
        """A deletion was asked for: end the container after the time it takes, or at the end of the grace."""
        metadata = raw["metadata"]
        grace = timedelta(seconds=metadata["deletionGracePeriodSeconds"])
        at = self._clock() + min(grace, timedelta(seconds=self._work_of(raw).stop_seconds))
        known = self._stopping.get(metadata["uid"])
        if raw["spec"].get("nodeName") and (known is None or at < known):
            self._stopping[metadata["uid"]] = at
            self._plan(raw, at, self._stop)

    def _stop(self, raw: Raw) -> None:
        if raw["status"].get("phase") not in {"Succeeded", "Failed"}:
            killed = raw["metadata"]["deletionGracePeriodSeconds"] == 0
            ended = self._terminated(raw, _KILLED if killed else _TERMINATED, "Error")
            raw = self._report(raw, {"phase": "Failed", **ended})
        try:
            self._cluster.delete(Kind.POD, _key(raw), raw["metadata"]["uid"], 0)
        except NotFound:
            return

    def _terminated(self, raw: Raw, exit_code: int, reason: str, message: str = "") -> Raw:
        """The container's status at its end; one that never started has none of its own."""
        statuses = raw["status"].get("containerStatuses")
        started = statuses[0]["state"].get("running") if statuses else None
        if started is None:
            return {}
        end = {"exitCode": exit_code, "reason": reason, "message": message, "finishedAt": self._stamp()}
        return {"containerStatuses": [{"name": MAIN, "state": {"terminated": {**started, **end}}}]}

    # ---- within ---------------------------------------------------------------------------------------------------

    def _work_of(self, raw: Raw) -> Work:
        labels = raw["metadata"].get("labels") or {}
        return self._workload(instance_of(raw), int(labels.get(LABEL_TRY, "0")))

    def _report(self, raw: Raw, status: dict[str, Any]) -> Raw:
        return self._cluster.patch_status(Kind.POD, _key(raw), status)

    def _plan(self, raw: Raw, at: datetime, step: Callable[[Raw], None]) -> None:
        uid = raw["metadata"]["uid"]
        heapq.heappush(self._plans, (at, next(self._numbers), _key(raw), uid, step))

    def _stamp(self) -> str:
        return format_time(self._clock().replace(microsecond=0))


def instance_of(pod: Raw) -> str:
    """The instance that the Pod is an attempt of; its place in a mapping stands in the container's environment."""
    containers = pod["spec"].get("containers") or [{}]
    environment = containers[0].get("env") or ()
    texts = (variable.get("value") for variable in environment if variable.get("name") == "SLIPWAY_INDEX")
    index = next((int(text) for text in texts if text), None)
    return instance_id((pod["metadata"].get("labels") or {}).get(LABEL_TASK, ""), index)


def _key(raw: Raw) -> Key:
    return Key(raw["metadata"]["namespace"], raw["metadata"]["name"])
