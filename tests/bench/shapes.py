"""A shape of work -> how long bare Pods take for it, and how long Slipway does, on the same cluster.

Both are timed from outside, from the create request to the watch event that shows the end. There are two floors:
plain Pods that only name an image and a command, and Pods with the very spec of a task's Pod, as its security
context and its variables cost the kubelet time too.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tests.cluster.native.kubeapi import Api, Object

GROUP: Final = "/apis/slipway.dev/v1alpha1"
UNLIMITED: Final = {"maxActiveRuns": 10_000, "maxActiveTasks": 100_000}


@dataclass(frozen=True, slots=True)
class Place:
    """Where to measure: a namespace that exists, and an image that is there."""

    api: Api
    namespace: str
    image: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of work."""

    name: str
    tasks: int
    goal: float
    """The ratio to the floor that Slipway must not exceed."""
    bare: Callable[[Place, Object, str, int], float]
    """Takes the place, the Pods' spec, a prefix for their names, and how many."""
    dag: Callable[[int], list[Object]]


def bare_chain(place: Place, spec: Object, prefix: str, count: int) -> float:
    """Seconds for Pods one after another, each created when the one before is seen Succeeded."""
    pods = f"/api/v1/namespaces/{place.namespace}/pods"
    _, version = place.api.list(pods)
    changes = place.api.changes(pods, version)
    begun = time.monotonic()
    for number in range(count):
        name = f"{prefix}-{number}"
        place.api.create(pods, _pod(name, spec))
        _seen_succeeded(changes, {name})
    return time.monotonic() - begun


def bare_burst(place: Place, spec: Object, prefix: str, count: int) -> float:
    """Seconds until Pods that were created at once are all seen Succeeded."""
    pods = f"/api/v1/namespaces/{place.namespace}/pods"
    _, version = place.api.list(pods)
    changes = place.api.changes(pods, version)
    names = {f"{prefix}-{number}" for number in range(count)}
    begun = time.monotonic()
    for name in sorted(names):
        place.api.create(pods, _pod(name, spec))
    _seen_succeeded(changes, names)
    return time.monotonic() - begun


def plain_spec(image: str) -> Object:
    """The least that a Pod can say."""
    container = {"name": "main", "image": image, "command": ["true"]}
    spec = {"restartPolicy": "Never", "automountServiceAccountToken": False, "enableServiceLinks": False}
    return {**spec, "containers": [container]}


def task_spec(place: Place, run: str) -> Object:
    """The spec of the first task's Pod of a run that has ended, as a Pod of its own can have it."""
    pods, _ = place.api.list(f"/api/v1/namespaces/{place.namespace}/pods")
    spec: Object = next(pod["spec"] for pod in pods if pod["metadata"]["name"] == f"{run}-t0-1")
    return {name: value for name, value in spec.items() if name != "nodeName"}


def slipway(place: Place, shape: Shape, run: str) -> float:
    """Seconds from the create of a DagRun until it is seen to have ended as Success."""
    runs = f"{GROUP}/namespaces/{place.namespace}/dagruns"
    _, version = place.api.list(runs)
    changes = place.api.changes(runs, version)
    begun = time.monotonic()
    place.api.create(runs, _resource("DagRun", run, {"dagRef": {"name": shape.name}}))
    for seen in changes:
        state = seen.get("status", {}).get("state")
        if seen["metadata"]["name"] == run and state in ("Success", "Failed"):
            if state == "Failed":
                raise RuntimeError(f"run {run} failed: {seen['status'].get('message')}")
            return time.monotonic() - begun
    raise RuntimeError("the watch ended early")


def create_dag(place: Place, shape: Shape) -> None:
    """Create the shape's Dag and wait until the controller has taken it up."""
    dags = f"{GROUP}/namespaces/{place.namespace}/dags"
    spec = {"concurrency": UNLIMITED, "tasks": shape.dag(shape.tasks), "defaults": {"image": place.image}}
    place.api.create(dags, _resource("Dag", shape.name, spec))
    while not any("revision" in dag.get("status", {}) for dag in place.api.list(dags)[0]):
        time.sleep(0.1)


def chain_tasks(count: int) -> list[Object]:
    """Tasks one after another."""
    return [_task(number) | ({"dependsOn": [f"t{number - 1}"]} if number else {}) for number in range(count)]


def free_tasks(count: int) -> list[Object]:
    """Tasks that all may start at once."""
    return [_task(number) for number in range(count)]


SHAPES: Final = (
    Shape("chain-10", 10, 1.10, bare_chain, chain_tasks),
    Shape("burst-50", 50, 1.15, bare_burst, free_tasks),
)


def _task(number: int) -> Object:
    return {"name": f"t{number}", "command": ["true"]}


def _seen_succeeded(changes: Any, names: set[str]) -> None:
    waiting = set(names)
    for pod in changes:
        if pod["status"].get("phase") == "Succeeded":
            waiting.discard(pod["metadata"]["name"])
        if not waiting:
            return


def _resource(kind: str, name: str, spec: Object) -> Object:
    return {"apiVersion": "slipway.dev/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def _pod(name: str, spec: Object) -> Object:
    return {"metadata": {"name": name}, "spec": spec}
