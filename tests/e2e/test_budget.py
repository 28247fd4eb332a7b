"""What Slipway costs the API server, by the API server's own audit log."""

from collections import Counter

import pytest

from tests.e2e.world import World

pytestmark = pytest.mark.cluster


def _writes(world: World) -> Counter[tuple[str, str]]:
    """The controller's writes by verb and resource, with the subresource."""
    return Counter(
        (entry["verb"], "/".join(filter(None, (entry["objectRef"]["resource"], entry["objectRef"].get("subresource")))))
        for entry in world.our_writes()
    )


def test_writes_per_successful_task(world: World) -> None:
    """Three on the hot path (TaskRun, Pod, final status), and not more than 5.2 in all."""
    tasks = [{"name": f"t{number}", "script": "true"} for number in range(50)]
    world.dag("wide", tasks, concurrency={"maxActiveTasks": 100})
    world.trigger("wide", "wide-run")
    assert world.ended("wide-run")["status"]["state"] == "Success"
    world.until(
        "the Pods are released",
        lambda: not any("finalizers" in pod["metadata"] for pod in world.listed("pods")),
    )
    writes = _writes(world)
    assert writes[("create", "taskruns")] == 50
    assert writes[("create", "pods")] == 50
    hot = writes[("create", "taskruns")] + writes[("create", "pods")] + _final_writes(world)
    assert hot / 50 <= 3.1
    assert writes.total() / 50 <= 5.2, writes
    seconds = int(world.get("dagrun", "wide-run")["status"]["duration"].removesuffix("s"))
    assert writes[("patch", "dagruns/status")] <= seconds + 2, writes


def _final_writes(world: World) -> int:
    """Status writes that end a task: one for each, as nothing else may follow it."""
    patches = [entry for entry in world.our_writes() if entry["objectRef"]["resource"] == "taskruns"]
    return len({entry["objectRef"]["name"] for entry in patches if entry["verb"] == "patch"})


def test_no_list_in_steady_state(world: World) -> None:
    """While runs come and go the controller lists nothing in the namespace, and reads one log for each attempt."""
    world.dag("steady", [{"name": "t", "script": "true"}, {"name": "u", "dependsOn": ["t"], "script": "true"}])
    for number in range(3):
        world.trigger("steady", f"steady-{number}")
    for number in range(3):
        world.ended(f"steady-{number}")
    world.until(
        "the Pods are released",
        lambda: not any("finalizers" in pod["metadata"] for pod in world.listed("pods")),
    )
    reads = Counter(
        (entry["verb"], entry["objectRef"]["resource"], entry["objectRef"].get("subresource"))
        for entry in world.audit()
        if entry["verb"] in ("get", "list") and entry.get("userAgent", "").startswith("slipway-controller")
    )
    assert reads == {("get", "pods", "log"): 6}
