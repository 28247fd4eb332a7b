"""What users, quotas and strangers get wrong: it is told where they look, and stops nobody else."""

from typing import Any

import pytest

from controller.errors import Refused, Unavailable
from controller.model.action import Kind
from controller.model.names import API_VERSION
from tests.scenarios.story import SPACE, Story, succeeds


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"days": "x"}, "Param days is not one of the Dag's params (day)"),
        ({"day": 7}, "Param day is wrong: 7 is not of type 'string'"),
        ({}, "Param day is required, as it has no default"),
    ],
)
async def test_params_that_do_not_fit(given: dict[str, Any], message: str) -> None:
    """The run fails before it begins, and says which."""
    story = Story()
    story.dag("a", params={"day": {"type": "string"}})
    story.trigger(params=given)
    await story.run()
    assert story.states() == {"run": "Failed"}
    assert (story.run_status()["reason"], story.run_status()["message"]) == ("ParamsInvalid", message)


async def test_an_output_reaches_the_next_task() -> None:
    """It is filled into the next one's args, as is a param."""
    story = Story({"a": succeeds(output='{"rows": 7}')})
    words = ["{{ params.day }}", "{{ tasks.a.output.rows }}"]
    program = {"command": ["echo"], "args": words, "script": None}
    story.dag("a >> b", params={"day": {"default": "mon"}}, tasks={"b": program})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}
    assert story.get(Kind.POD, "r-b-1")["spec"]["containers"][0]["args"] == ["mon", "7"]


@pytest.mark.parametrize(("output", "reason"), [("{rows", "OutputInvalid"), ('"' + "x" * 4094 + '"', "OutputTooLarge")])
async def test_an_output_that_can_not_be_read(output: str, reason: str) -> None:
    """The attempt fails, although its container ended well."""
    story = Story({"a": succeeds(output=output)})
    story.dag("a >> b")
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed", "b": "UpstreamFailed"}
    assert story.status("a")["reason"] == reason


async def test_a_template_that_can_not_be_filled_in() -> None:
    """The task fails without a Pod and without a retry, and says which text."""
    story = Story({"a": succeeds(output='{"rows": 7}')})
    program = {"command": ["echo"], "args": ["{{ tasks.a.output.lines }}"], "script": None, "retries": 3}
    story.dag("a >> b", tasks={"b": program})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Success", "b": "Failed"}
    assert story.status("b")["reason"] == "TemplateError"
    assert story.pods == ["r-a-1"]


async def test_a_quota_that_is_used_up() -> None:
    """The task waits without limit, says so, takes nothing of the limits, and starts when there is room."""
    story = Story(parallelism=1)
    story.dag("a", tasks={"a": {"launchTimeout": "60s"}})
    story.dag("b", name="other")

    def refuse(kind: Kind, raw: dict[str, Any]) -> None:
        if kind is Kind.POD and raw["metadata"]["name"].startswith("r-"):
            raise Refused('pods "r-a-1" is forbidden: exceeded quota: small', "Forbidden", 403)

    story.cluster.admit = refuse
    story.trigger()
    await story.run(600)
    assert story.states() == {"run": "Running", "a": "Queued"}
    assert story.status("a")["waitingFor"][0]["reason"] == "Quota"
    story.trigger("o", dag="other")
    await story.run(60)
    assert story.states("o") == {"run": "Success", "b": "Success"}
    story.cluster.admit = lambda kind, raw: None
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}


async def test_a_pod_that_admission_refuses() -> None:
    """Trying again would bring the same answer, so the task fails with the server's words."""
    story = Story()

    def refuse(kind: Kind, raw: dict[str, Any]) -> None:
        if kind is Kind.POD:
            raise Refused("violates PodSecurity restricted", "Forbidden", 403)

    story.cluster.admit = refuse
    story.dag("a", defaults={"retries": 3})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed"}
    assert story.status("a")["reason"] == "PodRefused"
    assert story.status("a")["message"] == "violates PodSecurity restricted"


async def test_a_service_account_that_is_missing() -> None:
    """It may come a moment later; after launchTimeout the task gives up."""
    story = Story()

    def refuse(kind: Kind, raw: dict[str, Any]) -> None:
        if kind is Kind.POD:
            raise Refused('error looking up service account team/etl: serviceaccount "etl" not found', "Forbidden", 403)

    story.cluster.admit = refuse
    story.dag("a", tasks={"a": {"launchTimeout": "60s", "serviceAccountName": "etl"}})
    story.trigger()
    await story.run(30)
    assert story.states() == {"run": "Running", "a": "Queued"}
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed"}
    assert story.status("a")["reason"] == "ServiceAccount"


async def test_a_run_that_can_not_be_read() -> None:
    """One written past the schema fails with the reason, and its neighbours go on."""
    story = Story()
    story.dag("a")
    story.trigger("bad", logicalDate="tomorrow")
    story.trigger("good")
    await story.run()
    assert story.states("good") == {"run": "Success", "a": "Success"}
    assert story.states("bad") == {"run": "Failed"}
    assert story.run_status("bad")["reason"] == "Invalid"


async def test_a_dag_that_is_not_valid() -> None:
    """Its status names the faults; no revision is made of it."""
    story = Story()
    story.dag("a >> b >> a", tasks={"a": {"retries": -1}})
    await story.run()
    ready = next(each for each in story.get(Kind.DAG, "d")["status"]["conditions"] if each["type"] == "Ready")
    assert ready["status"] == "False"
    assert "spec.tasks[0].retries" in ready["message"]
    assert story.names(Kind.REVISION) == []


def take_name(story: Story, name: str) -> None:
    """Let somebody else have a Pod of this name."""
    metadata = {"name": name, "namespace": SPACE}
    story.cluster.create(Kind.POD, {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {}})


async def test_the_name_of_a_pod_is_taken() -> None:
    """A Pod of somebody else is never taken for ours: the task waits, says so, and goes on once it is gone."""
    story = Story()
    take_name(story, "r-a-1")
    story.dag("a")
    story.trigger()
    await story.run(60)
    assert story.states() == {"run": "Running", "a": "Queued"}
    assert story.status("a")["waitingFor"][0]["reason"] == "NameTaken"
    assert story.world.controller.session.writes["create", "Pod"] < 10
    story.delete(Kind.POD, "r-a-1")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}


async def test_the_name_of_a_pod_stays_taken() -> None:
    """After launchTimeout the task fails with that reason."""
    story = Story()
    take_name(story, "r-a-1")
    story.dag("a", defaults={"launchTimeout": "60s"})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed"}
    assert story.status("a")["reason"] == "NameTaken"


async def test_an_api_server_that_does_not_answer() -> None:
    """Pods are tried again ever more slowly, without losing their place, and all ends well when it is back."""
    story = Story(parallelism=1)
    story.dag("a; b")
    tries = 0

    def fail(verb: str, kind: Kind | None) -> None:
        nonlocal tries
        if (verb, kind) == ("create", Kind.POD):
            tries += 1
            raise Unavailable("the API server does not answer")

    story.world.controller.session.before_write = fail
    story.trigger()
    await story.run(300)
    assert story.pods == []
    assert tries < 40
    story.world.controller.session.before_write = lambda verb, kind: None
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}


async def test_the_name_of_a_task_run_is_taken() -> None:
    """A TaskRun that is not this run's is left alone; the run waits, and goes on once it is gone."""
    story = Story()
    spec = {"dagRunRef": {"name": "x"}, "dagRef": {"name": "x"}, "task": "a"}
    metadata = {"name": "r-a", "namespace": SPACE}
    story.cluster.create(
        Kind.TASK_RUN, {"apiVersion": API_VERSION, "kind": "TaskRun", "metadata": metadata, "spec": spec}
    )
    story.dag("a >> c; b")
    story.trigger()
    await story.run(300)
    assert story.states() == {"run": "Running", "b": "Success"}
    story.delete(Kind.TASK_RUN, "r-a")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success", "c": "Success"}


async def test_a_pool_that_can_not_be_read() -> None:
    """It is as if it did not exist."""
    story = Story()
    story.apply(Kind.POOL, "etl", {"slots": "many"})
    story.dag("a", defaults={"pool": "etl"})
    story.dag("b", name="other")
    story.trigger()
    story.trigger("o", dag="other")
    await story.run(60)
    assert (story.states()["run"], story.states("o")["run"]) == ("Running", "Success")
