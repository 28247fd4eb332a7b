"""A run of the made-up history -> its tasks in the cluster, and what became of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.timestamps import format_time
from tests.web.demo_dags import Made
from tests.web.demo_world import Json, World

_NODES: Final = ("node-a", "node-b", "node-c")
_FAILURES: Final = (
    ("Error", 1, "Container main exited with code 1"),
    ("OOMKilled", 137, "Container main needed more than its memory limit of 512Mi"),
    ("Timeout", 143, "The attempt took longer than its timeout of 1800 seconds"),
    ("Evicted", None, "The node was low on resource: memory. Threshold quantity: 100Mi, available: 81Mi"),
    ("ImagePullBackOff", None, 'Back-off pulling image "registry.example.org/etl:7.1"'),
)


class Outcome:
    """What became of a run's tasks."""

    def __init__(self, begun: datetime) -> None:
        self.until = begun
        self.failed: list[str] = []
        self.settled: list[str] = []
        self.counts: dict[str, int] = {}
        self.total = self.ended = 0
        self.state = "Success"

    def add(self, task: str, state: str, until: datetime) -> None:
        """One more instance."""
        self.total += 1
        self.counts[state] = self.counts.get(state, 0) + 1
        self.ended += state in ("Success", "Failed", "Skipped")
        self.until = max(self.until, until)
        if state == "Failed" and task not in self.failed:
            self.failed.append(task)

    def settle(self, task: str) -> None:
        """A task that ended because its upstream failed."""
        self.settled.append(task)
        self.total, self.ended = self.total + 1, self.ended + 1
        self.counts["UpstreamFailed"] = self.counts.get("UpstreamFailed", 0) + 1

    def close(self, *, unfinished: bool) -> None:
        """No more instances."""
        self.state = "Running" if unfinished else "Failed" if self.failed else "Success"


@dataclass
class RunTasks:
    """The tasks of one run."""

    world: World
    made: Made
    run: str
    owner: Json
    """Metadata that makes them the run's."""
    begun: datetime
    unfinished: bool
    """Whether the run goes on: then its last tasks have not begun."""

    def tell(self) -> Outcome:
        """Write all of them."""
        outcome = Outcome(self.begun)
        tasks: Sequence[Json] = self.made.spec["tasks"]
        broken = self.world.random.random() < self.made.failing
        bad = self.world.random.randrange(len(tasks)) if broken else -1
        lost: set[str] = set()
        for place, task in enumerate(tasks):
            name = task["name"]
            if lost & set(task.get("dependsOn", ())):
                lost.add(name)
                outcome.settle(name)
                continue
            state = "Failed" if place == bad else self._state(place / len(tasks))
            if state == "Failed":
                lost |= {name, task.get("group", name)}
            for index in _indices(task):
                start = self.begun + timedelta(seconds=self.world.random.uniform(0, 20) + 240 * place / len(tasks))
                self._task(task, index, state, min(start, self.world.now), outcome)
        outcome.close(unfinished=self.unfinished)
        return outcome

    def _state(self, part: float) -> str:
        if not self.unfinished or part < 0.5:
            return "Skipped" if self.world.random.random() < 0.03 else "Success"
        if part < 0.53:
            return "Running"
        if part < 0.58:
            return self.world.random.choice(("Queued", "Queued", "UpForRetry", "Deferred"))
        return "Scheduled"

    def _task(self, task: Json, index: int | None, state: str, start: datetime, outcome: Outcome) -> None:
        dag = self.made.name
        name = f"{self.run}-{task['name']}" + ("" if index is None else f"-{index}")
        spec: dict[str, Any] = {"dagRef": {"name": dag}, "dagRunRef": {"name": self.run}, "task": task["name"]}
        spec |= {"pool": task.get("pool", "default"), "priority": 1} | ({} if index is None else {"index": index})
        seconds = self.world.random.lognormvariate(2.2, 1.1)
        status = self._task_status(name, state, start, seconds)
        outcome.add(task["name"], state, start + timedelta(seconds=seconds))
        if state == "Success" and "updates" in task:
            status["attempts"][-1]["updates"] = task["updates"]
        self.world.put(Kind.TASK_RUN, Key(self.made.namespace, name), {"spec": spec}, status, start, **self.owner)

    def _task_status(self, name: str, state: str, start: datetime, seconds: float) -> dict[str, Any]:
        status: dict[str, Any] = {"state": state}
        if state == "Queued":
            waiting = {
                "reason": "PoolFull",
                "message": "Waiting for 2 of 4 slots in pool db",
                "since": format_time(start),
            }
            return status | {"waitingFor": [waiting]}
        if state in ("Scheduled", "Skipped"):
            return status
        tries = 3 if state == "Failed" else 2 if state == "UpForRetry" or self.world.random.random() < 0.04 else 1
        attempts = [self._attempt(name, number, start, seconds) for number in range(1, tries + (state == "Failed"))]
        end = start + timedelta(seconds=min(seconds, 1500))
        status |= {"try": tries, "pod": f"{name}-{tries}", "node": self.world.random.choice(_NODES)}
        status |= {"startedAt": format_time(start), "attempts": attempts}
        if state == "Success":
            attempts.append(_ended(name, tries, ("Success", status["node"]), start, end))
            status |= {"finishedAt": format_time(end), "exitCode": 0, "output": json.dumps({"rows": int(seconds * 97)})}
        if state in ("Failed", "UpForRetry") and attempts:
            status |= {key: attempts[-1].get(key) for key in ("reason", "message", "exitCode", "finishedAt")}
        if state == "UpForRetry":
            status["retryAt"] = format_time(self.world.now + timedelta(minutes=4))
        return status

    def _attempt(self, name: str, number: int, start: datetime, seconds: float) -> dict[str, Any]:
        reason, code, message = self.world.random.choice(_FAILURES)
        begun = start + timedelta(seconds=60 * (number - 1))
        ended = _ended(
            name, number, ("Failed", self.world.random.choice(_NODES)), begun, begun + timedelta(seconds=seconds)
        )
        fault = "Application" if code == 1 else "Infrastructure"
        return {**ended, "reason": reason, "message": message, "fault": fault, "exitCode": code}


def _ended(name: str, number: int, how: tuple[str, str], start: datetime, end: datetime) -> dict[str, Any]:
    state, node = how
    times = {"startedAt": format_time(start), "finishedAt": format_time(end)}
    return {"number": number, "pod": f"{name}-{number}", "state": state, "node": node, **times}


def _indices(task: Json) -> Sequence[int | None]:
    return range(len(task["map"]["over"])) if "map" in task else (None,)
