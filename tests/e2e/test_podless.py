"""Tasks without a Pod on the real cluster: each kind once, by the API server's own rules."""

import json
from typing import Any

import pytest

from tests.cluster import ClusterError
from tests.e2e.install import ROOT
from tests.e2e.world import World

pytestmark = pytest.mark.cluster

DATE = "2026-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def place(module_world: World) -> World:
    """One namespace with the examples' file server in it."""
    module_world.kubectl("apply", "-f", str(ROOT / "examples/00-file-server.yaml"))
    module_world.kubectl("rollout", "status", "deployment/files", "--timeout=120s")
    return module_world


def one(place: World, name: str, **task: Any) -> str:
    """A run of a Dag with this one task `a`."""
    place.dag(name, [{"name": "a", **task}])
    return place.trigger(name, f"{name}-run", logicalDate=DATE)


def waiting(place: World, run: str, reason: str) -> str:
    """What task `a` says while it waits for this reason."""

    def told() -> str | None:
        status = place.task(run, "a")
        waits = status.get("waitingFor") or [{}]
        return (
            waits[0].get("message") if status.get("state") == "Deferred" and waits[0].get("reason") == reason else None
        )

    message: str = place.until(f"{run} waits for {reason}", told, 60)
    return message


def pods_of(place: World, run: str) -> list[str]:
    """The Pods of a run."""
    return [each["metadata"]["name"] for each in place.listed("pods", f"slipway.dev/run={run}")]


def test_wait(place: World) -> None:
    """It takes its time, and no Pod."""
    run = one(place, "wait", wait={"for": "3s"})
    assert "Waiting until" in waiting(place, run, "Time")
    assert place.ended(run)["status"]["state"] == "Success"
    assert place.task(run, "a")["duration"] in ("3s", "4s", "5s")
    assert pods_of(place, run) == []


def test_http_sensor(place: World) -> None:
    """It waits for a file of the Service of its own namespace until somebody puts it there."""
    sensor = {"url": "http://files/{{ run.name }}.txt", "interval": "1s", "expect": "status == 200 && body == 'ready'"}
    run = one(place, "http", httpSensor=sensor)
    place.until("the trouble is told", lambda: "answered 404" in waiting(place, run, "Http"), 60)
    place.kubectl("exec", "deployment/files", "--", "sh", "-c", f"printf ready > /srv/{run}.txt")
    assert place.ended(run)["status"]["state"] == "Success"
    assert json.loads(place.task(run, "a")["output"]) == {"status": 200}
    assert pods_of(place, run) == []


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("loopback", "http://127.0.0.1:8080/counts"),
        ("metadata", "http://169.254.169.254/latest/meta-data/"),
        ("api-server", "https://kubernetes.default.svc/version"),
    ],
)
def test_places_that_only_the_controller_reaches(place: World, name: str, url: str) -> None:
    """They are refused, and the sensor fails when its time is up."""
    run = one(place, f"http-{name}", httpSensor={"url": url, "interval": "1s", "timeout": "5s", "expect": "true"})
    ended = place.ended(run)["status"]
    status = place.task(run, "a")
    assert (ended["state"], status["reason"]) == ("Failed", "SensorTimeout")
    assert "which sensors may not reach" in status["message"]


def test_resource_sensor(place: World) -> None:
    """It looks at objects that the controller may get, and says so of others."""
    sensor = {"apiVersion": "v1", "resource": "pods", "name": "awaited", "interval": "1s"}
    run = one(place, "pods", resourceSensor={**sensor, "expect": "object.metadata.labels.ready == 'yes'"})
    place.until("it is missing", lambda: "does not exist" in waiting(place, run, "Resource"), 60)
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "awaited", "labels": {"ready": "yes"}},
        "spec": {"nodeSelector": {"nowhere": "yes"}, "containers": [{"name": "main", "image": "none"}]},
    }
    place.apply(pod)
    assert place.ended(run)["status"]["state"] == "Success"
    sensor = {**sensor, "resource": "secrets", "expect": "true", "timeout": "5s"}
    refused = one(place, "secrets", resourceSensor=sensor)
    place.ended(refused)
    assert "the controller may not get secrets" in place.task(refused, "a")["message"]


def test_dag_sensor(place: World) -> None:
    """It goes on within moments of the other run's end."""
    place.dag("other", [{"name": "t", "wait": {"for": "3s"}}])
    run = one(place, "dag-sensor", dagSensor={"dag": "other"})
    assert "no run" in waiting(place, run, "Dag")
    place.trigger("other", "other-run", logicalDate=DATE)
    assert place.ended(run)["status"]["state"] == "Success"
    assert place.get("dagrun", "other-run")["status"]["finishedAt"] <= place.task(run, "a")["finishedAt"]


def test_trigger_dag(place: World) -> None:
    """The run is the other Dag's, is made once, and its end is the task's."""
    place.dag("child", [{"name": "t", "script": "echo $SLIPWAY_PARAM_WHO"}], params={"who": {"type": "string"}})
    run = one(place, "trigger", triggerDag={"dag": "child", "params": {"who": "{{ run.name }}"}})
    assert place.ended(run)["status"]["state"] == "Success"
    output = json.loads(place.task(run, "a")["output"])
    (child,) = place.listed("dagruns", "slipway.dev/dag=child")
    assert output == {"run": child["metadata"]["name"], "state": "Success"}
    assert (child["spec"]["runType"], child["spec"]["logicalDate"]) == ("operator_triggered", DATE)
    assert child["metadata"]["ownerReferences"][0]["name"] == "child"
    assert place.log(f"{output['run']}-t-1") == f"{run}\n"


def test_approval(place: World) -> None:
    """The API server lets through one answer that is an option, and nothing else; then the run goes on."""
    run = one(place, "ask", approval={"message": "Go on?"})
    waiting(place, run, "Approval")
    name = f"{run}-a-1"
    place.until("the question is asked", lambda: place.listed("approvals"), 30)

    def patch(spec: dict[str, Any]) -> str:
        return place.kubectl("patch", "approval", name, "--type=merge", "-p", json.dumps({"spec": spec}))

    for wrong, told in (
        ({"answer": "perhaps"}, "answer must be one of the options"),
        ({"message": "Something else?"}, "message can't be changed"),
    ):
        with pytest.raises(ClusterError, match=told):
            patch(wrong)
    patch({"answer": "approve", "by": "Ada"})
    with pytest.raises(ClusterError, match="answer was given and can't be changed"):
        patch({"answer": "reject"})
    assert place.ended(run)["status"]["state"] == "Success"
    assert json.loads(place.task(run, "a")["output"]) == {"answer": "approve", "by": "Ada"}
    place.until("it is closed", lambda: place.get("approval", name)["status"]["state"] == "Answered", 30)
    row = place.kubectl("get", "dapp", name).splitlines()[1].split()
    assert row[:4] == [name, "ask", run, "a"]
    assert row[-3:-1] == ["approve", "Ada"]
    place.kubectl("delete", "dagrun", run)
    place.until("it goes with its run", lambda: not place.listed("approvals"), 60)
