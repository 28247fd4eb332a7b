"""Whatever a user gets wrong is told in one clear sentence where the user looks, and stops nobody else."""

import json
from typing import Any, Final

import pytest

from tests.cluster import ClusterError
from tests.e2e.local_controller import installed_one_stopped
from tests.e2e.world import World, dag, dag_run, pool

pytestmark = pytest.mark.cluster

OK: Final[dict[str, Any]] = {"name": "ok", "script": "true"}


@pytest.fixture(scope="module")
def place(module_world: World) -> World:
    """One namespace for all faults of this module: none of them may disturb another."""
    return module_world


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        (dag("typo", [{**OK, "retrys": 3}]), 'unknown field "spec.tasks[0].retrys"'),
        (dag("twice", [OK, OK]), 'Duplicate value: {"name":"ok"}'),
        (dag("nothing", [{"name": "empty"}]), "exactly one kind is needed, such as command, script, python or noop"),
        (dag("both", [{**OK, "python": "pass"}]), "exactly one kind is needed, such as command, script"),
        (dag("no-tasks", []), "spec.tasks in body should have at least 1 items"),
        (dag("retries", [{**OK, "retries": "3"}]), 'must be of type integer: "string"'),
        (dag("rule", [{**OK, "triggerRule": "all_sucess"}]), 'supported values: "all_success"'),
        (dag("span", [{**OK, "timeout": "5 minutes"}]), "spec.tasks[0].timeout in body should match"),
        (dag("Capital", [OK]), "a lowercase RFC 1123 subdomain"),
        (dag("a" * 64, [OK]), "the name must be a DNS label"),
        (dag("cron", [OK], schedule={"cron": "0 6 * * *", "every": "6h"}), "only one of cron, crons and every"),
        (dag("every", [OK], schedule={"every": "6h"}), "every needs start"),
        (dag_run("ok", "no-type", runType="sometimes"), 'supported values: "manual"'),
        (pool("tiny", -5), "should be greater than or equal to -1"),
    ],
    ids=lambda value: value["metadata"]["name"][:10] if isinstance(value, dict) else "",
)
def test_kubectl_apply_refuses(place: World, manifest: dict[str, Any], sentence: str) -> None:
    """What the schema and its rules can say, kubectl says at once."""
    assert sentence in place.refused(manifest)


def _after(name: str, *before: str) -> dict[str, Any]:
    return {**OK, "name": name, "dependsOn": list(before)}


WRONG: Final[list[tuple[dict[str, Any], str]]] = [
    (
        dag("cycle", [_after("a", "c"), _after("b", "a"), _after("c", "b")]),
        "spec.tasks: the tasks form a cycle: a -> b -> c -> a",
    ),
    (
        dag("missing", [_after("a", "nobody")]),
        "spec.tasks[0].dependsOn: task a depends on nobody, which is no task",
    ),
    (
        dag("bad-zone", [OK], schedule={"cron": "0 6 * * *", "timezone": "Europe/Zurch"}),
        "spec.schedule.timezone:",
    ),
    (dag("bad-cron", [OK], schedule={"cron": "61 * * * *"}), "spec.schedule.cron:"),
    (dag("never", [OK], schedule={"cron": "0 0 31 2 *"}), "spec.schedule.cron:"),
    (
        dag("bad-default", [OK], params={"day": {"type": "integer", "default": "monday"}}),
        "spec.params.day.default: is wrong: 'monday' is not of type 'integer'",
    ),
    (
        dag("bad-template", [{"name": "ok", "command": ["echo"], "args": ["{{ params.day }}"]}]),
        "spec.tasks[0].args[0]: reads params.day, which the Dag does not declare",
    ),
]


@pytest.fixture(scope="module")
def unseen(place: World) -> World:
    """The same namespace, with Dags that came while nobody answered the API server's questions."""
    with installed_one_stopped(place.cluster):
        place.apply(*(manifest for manifest, _ in WRONG), dag("mended", [_after("a", "nobody")]))
    return place


@pytest.mark.parametrize(("manifest", "message"), WRONG, ids=[manifest["metadata"]["name"] for manifest, _ in WRONG])
def test_kubectl_refuses_what_only_slipway_can_tell(place: World, manifest: dict[str, Any], message: str) -> None:
    """What the schema can't say, the webhook does, in the same words as the condition."""
    unheard = {**manifest, "metadata": {"name": f"{manifest['metadata']['name']}-new"}}
    assert f"denied the request: {message}" in place.refused(unheard)


@pytest.mark.parametrize(("manifest", "message"), WRONG, ids=[manifest["metadata"]["name"] for manifest, _ in WRONG])
def test_condition_ready_tells(unseen: World, manifest: dict[str, Any], message: str) -> None:
    """What only the whole Dag can tell stands in its condition Ready, and in the column READY."""
    name = manifest["metadata"]["name"]
    ready = unseen.until("a condition", lambda: unseen.condition("dag", name, "Ready"), 30)
    assert (ready["status"], ready["reason"]) == ("False", "Invalid")
    assert ready["message"].startswith(message)
    assert len(ready["message"].splitlines()) == 1


def test_run_of_an_invalid_dag_waits_and_says_so(unseen: World) -> None:
    """A run of a Dag that is not ready waits with the reason, and starts once the Dag is mended."""
    place = unseen
    place.trigger("mended", "mended-run")
    reason = place.until("a reason", lambda: place.get("dagrun", "mended-run").get("status", {}).get("waitingFor"), 30)
    assert reason[0]["reason"] == "DagNotReady"
    place.dag("mended", [_after("a")])
    assert place.ended("mended-run")["status"]["state"] == "Success"


def test_run_without_a_dag_waits_for_it(place: World) -> None:
    """A run may come before its Dag, as `kubectl apply -f folder` knows no order."""
    place.trigger("late", "late-run")
    waits = place.until("a reason", lambda: place.get("dagrun", "late-run").get("status", {}).get("waitingFor"), 30)
    assert (waits[0]["reason"], waits[0]["message"]) == ("DagMissing", "Dag late does not exist")
    place.dag("late", [OK])
    assert place.ended("late-run")["status"]["state"] == "Success"


TASK_FAULTS: Final[list[tuple[str, dict[str, Any], str, str]]] = [
    ("not-json", {"script": "echo 'rows: 3' > $SLIPWAY_OUTPUT"}, "OutputInvalid", "The output is not JSON: "),
    (
        "too-large",
        {"python": "import os; open(os.environ['SLIPWAY_OUTPUT'], 'w').write('\"' + 'x' * 4094 + '\"')"},
        "OutputTooLarge",
        "The output is larger than 4095 bytes: ",
    ),
    ("no-command", {"command": ["no-such-program"]}, "StartError", "The command could not be started: "),
    ("bad-image", {"script": "true", "image": "Not An Image"}, "InvalidImageName", "InvalidImageName: "),
    ("exit-3", {"script": "exit 3"}, "Error", "The task ended with exit code 3"),
    ("too-slow", {"script": "sleep 60", "timeout": "2s"}, "Timeout", "The attempt ran longer than its timeout"),
    (
        "too-big",
        {"python": "x = bytearray(300_000_000)", "resources": {"limits": {"memory": "64Mi"}}},
        "OOMKilled",
        "The container used more memory than its limit",
    ),
    (
        "no-account",
        {"script": "true", "serviceAccountName": "nobody", "launchTimeout": "3s"},
        "ServiceAccount",
        'pods "faults-run-no-account-1" is forbidden: error looking up service account',
    ),
    (
        "bad-pod",
        {"script": "true", "pod": {"volumes": [{"name": "x", "emptyDir": {"sizeLimit": "much"}}]}},
        "PodRefused",
        "",
    ),
]


@pytest.fixture(scope="module")
def faults(place: World) -> World:
    """One Dag in which every task goes wrong in its own way."""
    tasks = [{"name": name, **fields} for name, fields, _, _ in TASK_FAULTS]
    place.dag("faults", [*tasks, {"name": "fine", "script": "echo fine"}])
    place.trigger("faults", "faults-run")
    return place


@pytest.mark.parametrize(("task", "reason", "message"), [(name, r, m) for name, _, r, m in TASK_FAULTS])
def test_task_fault_is_told_on_the_task(faults: World, task: str, reason: str, message: str) -> None:
    """The TaskRun fails with a reason for programs and one sentence for people."""
    status = faults.until(
        f"{task} has failed",
        lambda: (found := faults.task("faults-run", task)).get("state") == "Failed" and found,
    )
    assert status["reason"] == reason, status
    assert status["message"].startswith(message), status
    assert len(status["message"].splitlines()) == 1


def test_faulty_neighbours_disturb_nobody(faults: World) -> None:
    """The good task of the same run succeeds, and the run names what failed."""
    ended = faults.ended("faults-run")["status"]
    assert faults.task("faults-run", "fine")["state"] == "Success"
    assert ended["state"] == "Failed"
    assert sorted(ended["failedTasks"]) == sorted(name for name, *_ in TASK_FAULTS)
    assert ended["tasks"] == f"{len(TASK_FAULTS) + 1}/{len(TASK_FAULTS) + 1}"


def test_image_that_does_not_exist_says_why_it_waits(place: World) -> None:
    """WHY shows ImagePull while the kubelet tries; after the launch timeout the attempt is given up, told as such."""
    task = {"name": "t", "script": "true", "image": "localhost:1/no/such:image", "launchTimeout": "5s"}
    place.dag("no-image", [{**task, "launchRetries": 0}])
    place.trigger("no-image", "no-image-run")
    waits = place.until("a reason", lambda: place.task("no-image-run", "t").get("waitingFor"), 30)
    assert waits[0]["reason"] == "ImagePull"
    assert "localhost:1/no/such:image" in waits[0]["message"]
    ended = place.ended("no-image-run")
    attempt = place.task("no-image-run", "t")["attempts"][0]
    assert (ended["status"]["state"], attempt["fault"], attempt["reason"]) == ("Failed", "Launch", "ImagePull")


def test_missing_pool_says_why_it_waits(place: World) -> None:
    """A task of a pool that is not there waits with the reason, and starts when the pool appears."""
    place.dag("pooled", [{**OK, "pool": "absent"}])
    place.trigger("pooled", "pooled-run")
    waits = place.until("a reason", lambda: place.task("pooled-run", "ok").get("waitingFor"), 30)
    assert (waits[0]["reason"], waits[0]["message"]) == ("Pool", "Pool absent does not exist")
    place.apply(pool("absent", 1))
    assert place.ended("pooled-run")["status"]["state"] == "Success"


def test_more_slots_than_the_pool_has_is_told(place: World) -> None:
    """A task that can never fit says so."""
    place.apply(pool("small", 2))
    place.dag("greedy", [{**OK, "pool": "small", "poolSlots": 3}])
    place.trigger("greedy", "greedy-run")
    waits = place.until("a reason", lambda: place.task("greedy-run", "ok").get("waitingFor"), 30)
    assert waits[0]["message"] == "The task needs 3 slots, but pool small has 2 in all"


def test_oversized_dag_is_refused_with_the_way_out(place: World) -> None:
    """A Dag over a megabyte is told so at once."""
    scripts = [{"name": f"t{number}", "script": "# " + "x" * 60_000} for number in range(19)]
    with pytest.raises(ClusterError) as refused:
        place.kubectl("create", "-f", "-", stdin=_text(dag("huge", scripts)))
    assert "spec: is 1,14" in str(refused.value)
    assert "move scripts into images, or split the Dag" in str(refused.value)


def _text(manifest: dict[str, Any]) -> str:
    return json.dumps(manifest)
