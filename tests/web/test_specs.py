"""A task's spec: what the controller sends to Kubernetes, and no secret."""

import json
from typing import Any, Final

import pytest

from controller.metastore.queries import open_session
from controller.model.action import Kind
from controller.observe.parse import parse
from controller.web.problems import Missing
from controller.web.queries.spec import HIDDEN, TaskSpec, task_spec
from tests.metastore.recording import RecordingWriter
from tests.scenarios.story import SPACE, Story, succeeds
from tests.web.conftest import Web
from tests.web.objects import A

ENV: Final = [
    {"name": "DB_PASSWORD", "value": "hunter2"},
    {"name": "MODE", "value": "fast"},
    {"name": "API_TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
]


def recorded(blank: RecordingWriter, story: Story) -> None:
    """Let the rows of the story's cluster be written."""
    for kind in (Kind.DAG, Kind.REVISION, Kind.DAG_RUN, Kind.TASK_RUN, Kind.POD):
        for raw in story.cluster.all_of(kind):
            observed = parse(kind, raw)
            if observed is not None:
                blank.observed(observed)
    blank.flushed()


def asked(blank: RecordingWriter, task: str, index: int | None = None) -> TaskSpec:
    """The spec of a task of run r."""
    with open_session(blank.url) as session:
        found = task_spec(session, (SPACE, "r"), task, index, "image")
    assert found is not None
    return found


@pytest.mark.parametrize(("task", "index", "pod"), [("load", 1, "r-load-1-1"), ("join", None, "r-join-1")])
async def test_the_pod_is_the_one_that_was_made(
    blank: RecordingWriter,
    task: str,
    index: int | None,
    pod: str,
) -> None:
    """With its templates filled in, of a mapped task with its element, whatever the run's params are."""
    story = Story({"find": succeeds(1, '["x", {"y": 2}]'), "load": succeeds(1)})
    joined = [{"name": "DAY", "value": "{{ params.day }}"}, {"name": "FOUND", "value": "{{ tasks.find.output }}"}]
    tasks: dict[str, Any] = {
        "load": {"map": {"over": "{{ tasks.find.output }}"}, "env": [{"name": "ITEM", "value": "{{ item }}"}]},
        "join": {"env": joined},
    }
    story.dag("find >> load >> join", tasks=tasks, params={"day": {"type": "string", "default": "$monday"}})
    story.trigger()
    await story.run()
    recorded(blank, story)
    made = story.get(Kind.POD, pod)
    found = asked(blank, task, index).pod
    assert found is not None
    assert found["spec"]["containers"] == made["spec"]["containers"]
    assert found["metadata"]["labels"] == made["metadata"]["labels"]
    assert found["metadata"]["name"] == pod


async def test_secrets_are_not_told(blank: RecordingWriter) -> None:
    """A variable that is a secret by its name has no value, in the task as in its Pod; others have theirs."""
    story = Story()
    story.dag("a", tasks={"a": {"env": ENV}}, params={"auth_key": {"type": "string", "default": "hunter2"}})
    story.trigger()
    await story.run()
    recorded(blank, story)
    found = asked(blank, "a")
    assert "hunter2" not in found.model_dump_json()
    assert found.pod is not None
    env = {each["name"]: each.get("value") for each in found.pod["spec"]["containers"][0]["env"]}
    assert (env["DB_PASSWORD"], env["MODE"], env["API_TOKEN"]) == (HIDDEN, "fast", None)
    assert env["SLIPWAY_PARAM_AUTH_KEY"] == HIDDEN
    assert json.loads(found.model_dump_json())["task"]["env"][0]["value"] == HIDDEN


async def test_a_template_that_can_not_be_filled(blank: RecordingWriter) -> None:
    """Why is told in place of the Pod."""
    story = Story({"a": succeeds(1, "1")})
    story.dag("a >> b", tasks={"b": {"env": [{"name": "ROWS", "value": "{{ tasks.a.output.rows }}"}]}})
    story.trigger()
    await story.run()
    recorded(blank, story)
    found = asked(blank, "b")
    assert found.pod is None
    assert found.fault


async def test_a_task_that_has_not_begun(blank: RecordingWriter) -> None:
    """There is nothing to show yet."""
    story = Story({"a": succeeds(100)})
    story.dag("a >> b")
    story.trigger()
    await story.run(5)
    recorded(blank, story)
    with pytest.raises(Missing, match="no TaskRun of task b"):
        asked(blank, "b")


async def test_the_answer(web: Web) -> None:
    """As JSON, to whom may see Pods: it shows what they show."""
    path = f"/api/v1/namespaces/{A}/runs/etl-03/tasks/report/spec"
    found = (await web.client("alice").get(path)).json()
    assert (found["attempt"], found["taskRun"]["pool"], found["task"]["script"]) == (2, "db", "true")
    assert found["pod"]["spec"]["containers"][0]["image"] == "python:3.13-slim"
    assert (await web.client("bob").get(path)).status == 403
    web.server.grant("viewer", ("get", "taskruns", A), ("get", "dagruns", A))
    assert (await web.client("viewer").get(path)).status == 403
    assert (await web.admin.get(path.replace("etl-03", "no-such"))).status == 404
