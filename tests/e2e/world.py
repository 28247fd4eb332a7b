"""A namespace of the real cluster -> what tests do and see there, as a user with kubectl would."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from tests.cluster import Cluster, ClusterError
from tests.e2e.install import NAMESPACE as SYSTEM
from tests.e2e.install import RELEASE, kubectl

PATIENCE_SECONDS: Final = 120
CONTROLLER_AGENT: Final = "slipway-controller"
_END: Final = ("Success", "Failed")


@dataclass(frozen=True)
class World:
    """One test's namespace."""

    cluster: Cluster
    namespace: str

    def kubectl(self, *words: str, stdin: str | None = None) -> str:
        """What kubectl prints; ClusterError with its message when it fails."""
        return kubectl(self.cluster, "-n", self.namespace, *words, stdin=stdin)

    def refused(self, manifest: Mapping[str, Any]) -> str:
        """What kubectl says when it applies a manifest that is refused; an AssertionError when it is not."""
        try:
            said = self.apply(manifest)
        except ClusterError as error:
            return str(error)
        raise AssertionError(f"was accepted: {said}")

    def apply(self, *manifests: Mapping[str, Any]) -> str:
        """Apply manifests."""
        return self.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(manifests))

    def dag(self, name: str, tasks: list[dict[str, Any]], **spec: Any) -> None:
        """Apply a Dag."""
        self.apply(dag(name, tasks, **spec))

    def trigger(self, dag_name: str, run: str, **spec: Any) -> str:
        """Create a run of this name."""
        self.apply(dag_run(dag_name, run, **spec))
        return run

    def get(self, kind: str, name: str) -> dict[str, Any]:
        """The object."""
        found: dict[str, Any] = json.loads(self.kubectl("get", kind, name, "-o", "json"))
        return found

    def listed(self, kind: str, selector: str = "") -> list[dict[str, Any]]:
        """The objects of a kind."""
        words = ["-l", selector] if selector else []
        items: list[dict[str, Any]] = json.loads(self.kubectl("get", kind, *words, "-o", "json"))["items"]
        return items

    def until(self, what: str, holds: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
        """The first true answer; an AssertionError that tells what was waited for when it does not come in time."""
        give_up_at = time.monotonic() + seconds
        while not (answer := holds()):
            assert time.monotonic() < give_up_at, f"after {seconds} s still not: {what}\n{self.picture()}"
            time.sleep(0.3)
        return answer

    def ended(self, run: str, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """The run once it has ended."""

        def found() -> dict[str, Any] | None:
            observed = self.get("dagrun", run)
            return observed if observed.get("status", {}).get("state") in _END else None

        result: dict[str, Any] = self.until(f"run {run} has ended", found, seconds)
        return result

    def task(self, run: str, task: str) -> dict[str, Any]:
        """The status of a run's TaskRun; empty while there is none."""
        said = self.kubectl("get", "taskruns.slipway.dev", f"{run}-{task}", "-o", "json", "--ignore-not-found")
        status: dict[str, Any] = json.loads(said or "{}").get("status", {})
        return status

    def task_states(self, run: str) -> dict[str, str]:
        """Every task's state: from TaskRuns, and from the run's own list of what needed none."""
        states = {
            item["spec"]["task"]: item["status"]["state"]
            for item in self.listed("taskruns.slipway.dev", f"slipway.dev/run={run}")
        }
        settled = self.get("dagrun", run)["status"].get("settled", {})
        names = {"success": "Success", "skipped": "Skipped", "upstreamFailed": "UpstreamFailed"}
        return states | {task: names[state] for state, tasks in settled.items() for task in tasks}

    def condition(self, kind: str, name: str, type_: str) -> dict[str, Any]:
        """One condition of an object; empty while it is not there."""
        conditions = self.get(kind, name).get("status", {}).get("conditions", [])
        return next((each for each in conditions if each["type"] == type_), {})

    def log(self, pod: str) -> str:
        """What the Pod printed."""
        return self.kubectl("logs", pod)

    def picture(self) -> str:
        """How things stand, for a failed test's message."""
        return self.kubectl("get", "dags,dagruns,taskruns.slipway.dev,pods", "-o", "wide") + self.controller_log()

    def controller_log(self) -> str:
        """The end of the controller's log."""
        words = ("-n", SYSTEM, "logs", f"deployment/{RELEASE}", "-c", "controller", "--tail", "20")
        try:
            return kubectl(self.cluster, *words)
        except ClusterError as error:
            return str(error)

    def audit(self) -> Iterator[dict[str, Any]]:
        """Completed requests about this namespace, the oldest first."""
        assert self.cluster.audit_log is not None, "the cluster has no audit log"
        mark = f'"namespace":"{self.namespace}"'
        with self.cluster.audit_log.open() as lines:
            for line in lines:
                if mark in line and '"ResponseComplete"' in line:
                    yield json.loads(line)

    def our_writes(self) -> list[dict[str, Any]]:
        """Requests with which the controller changed something here."""
        writes = ("create", "update", "patch", "delete", "deletecollection")
        return [
            entry
            for entry in self.audit()
            if entry["verb"] in writes and entry.get("userAgent", "").startswith(CONTROLLER_AGENT)
        ]

    def assert_one_pod_per_attempt(self) -> None:
        """No Pod name was ever created twice, in the API server's own record."""
        created = Counter(
            entry["objectRef"]["name"]
            for entry in self.audit()
            if entry["verb"] == "create"
            and entry["objectRef"]["resource"] == "pods"
            and "subresource" not in entry["objectRef"]
            and entry["responseStatus"]["code"] == 201
        )
        assert created, "the audit log shows no Pod"
        assert {name: count for name, count in created.items() if count > 1} == {}


def dag(name: str, tasks: list[dict[str, Any]], **spec: Any) -> dict[str, Any]:
    """A Dag's manifest; its Pods end at once when they are told to, unless `defaults` says otherwise."""
    return _manifest("Dag", name, {"tasks": tasks, "defaults": {"pod": {"terminationGracePeriodSeconds": 1}}, **spec})


def dag_run(dag_name: str, run: str, **spec: Any) -> dict[str, Any]:
    """A DagRun's manifest."""
    return _manifest("DagRun", run, {"dagRef": {"name": dag_name}, **spec})


def pool(name: str, slots: int) -> dict[str, Any]:
    """A Pool's manifest."""
    return _manifest("Pool", name, {"slots": slots})


def _manifest(kind: str, name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "slipway.dev/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": dict(spec)}
