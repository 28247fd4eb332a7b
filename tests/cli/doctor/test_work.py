"""The doctor and people's work: Dags that can't be run, runs that stand still, tasks that wait, Pods that are held."""

from pathlib import Path

import pytest

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.simulate.kubelet import Work
from tests.cli.doctor.patient import DEPLOYMENTS, Patient, amiss, by_check, deployment
from tests.scenarios.story import Story, succeeds

IMAGE = "tasks:1"


def patient_of(story: Story, folder: Path) -> Patient:
    """The story's cluster, in which all else is well, as of now."""
    patient = Patient(story, folder)
    patient.paths[DEPLOYMENTS] = {"items": [deployment(SLIPWAY_DEFAULT_TASK_IMAGE=IMAGE, SLIPWAY_LEASE_NAME="")]}
    return patient


async def test_work_that_goes_well(tmp_path: Path) -> None:
    """Runs that go on, have ended, or wait for their slot for a moment: nothing to do."""
    story = Story({"a": succeeds(300)}, parallelism=1)
    story.dag("a")
    for name in ("r", "s"):
        story.trigger(name)
    await story.run(60)
    assert amiss(await patient_of(story, tmp_path).examined()) == []


async def test_dags_that_can_not_be_run(tmp_path: Path) -> None:
    """A fault, a pool that is not there, and one that no controller has seen."""
    story = Story()
    story.apply(Kind.DAG, "broken", {"tasks": [{"name": "a", "script": "true", "dependsOn": ["b"]}]})
    story.dag("a", name="poor", tasks={"a": {"pool": "none"}})
    await story.run(300)
    patient = patient_of(story, tmp_path)
    found = by_check(await patient.examined(), "dags")
    assert [level for level, _ in found] == ["warn", "warn"]
    assert "team/broken" in found[0][1]
    assert "Pool none does not exist" in found[1][1]
    story.edit(Kind.DAG, "poor", owner="me")
    assert ("dags", "fail") in amiss(await patient.examined())


async def test_a_run_that_stands_still(tmp_path: Path) -> None:
    """All its tasks have ended, and nobody ends it: the controller is gone."""
    story = Story({"a": succeeds(10)})
    story.dag("a >> b")
    story.trigger()
    await story.run(5)
    story.world.controller.session.kill()
    task = {"state": "Success", "finishedAt": "2026-01-01T00:00:10Z"}
    story.cluster.patch_status(Kind.TASK_RUN, Key("team", "r-a"), task)
    patient = patient_of(story, tmp_path)
    assert by_check(await patient.examined(), "runs")[0][0] == "ok"
    story.world.clock.move_to(patient.now.replace(hour=1))
    patient.server_date = ""
    found = await patient.examined()
    assert by_check(found, "runs") == [("fail", "Run team/r makes no progress and waits for nothing")]
    assert any("slipway why -n team r" in each.fix for each in found)


async def test_runs_and_tasks_that_wait_long(tmp_path: Path) -> None:
    """They are counted by reason, the first one is told, and what was paused on purpose is not."""
    story = Story({"a": succeeds(9000)})
    story.apply(Kind.POOL, "db", {"slots": 1})
    story.dag("a", defaults={"pool": "db"}, concurrency={"maxActiveRuns": 2})
    story.dag("a", name="idle")
    for name in ("r", "s", "t"):
        story.trigger(name)
    story.trigger("p", "idle", paused=True)
    await story.run(3000)
    patient = patient_of(story, tmp_path)
    found = await patient.examined()
    [(level, runs)] = by_check(found, "runs")
    assert (level, runs.startswith("1 runs wait for longer than 10m; team/t")) == ("warn", True)
    [(level, tasks)] = by_check(found, "tasks")
    assert (level, tasks.startswith("1 tasks wait for longer than 10m: Pool (1); team/s-a")) == ("warn", True)
    assert amiss(await patient.examined(patience=100_000)) == []


async def test_tasks_that_nobody_takes_up(tmp_path: Path) -> None:
    """They should have a Pod, and say of nothing that it keeps them from it."""
    story = Story({"a": succeeds(10)})
    story.dag("a")
    story.trigger()
    await story.run(2)
    task_run = story.task_run("a")
    story.world.controller.session.kill()
    lost = {**task_run["spec"], "task": "b"}
    story.apply(Kind.TASK_RUN, "r-b", lost)
    patient = patient_of(story, tmp_path)
    story.world.clock.move_to(patient.now.replace(hour=1))
    assert by_check(await patient.examined(), "tasks") == [("fail", "Nobody takes up 1 tasks: team/r-b")]


async def test_pods_that_wait(tmp_path: Path) -> None:
    """The scheduler's own words are told."""
    story = Story({"a": Work(has_node=False)})
    story.dag("a", defaults={"launchTimeout": "2h"})
    story.trigger()
    await story.run(1200)
    [(level, message)] = by_check(await patient_of(story, tmp_path).examined(), "pods")
    assert (level, "team/r-a-1: Unschedulable" in message) == ("warn", True)


async def test_an_image_that_can_not_be_pulled(tmp_path: Path) -> None:
    """If it is the one of tasks that name none, it is the setting that is wrong."""
    story = Story({"a": Work(waiting="ImagePullBackOff")})
    story.dag("a", defaults={"image": IMAGE, "launchTimeout": "2h"})
    story.trigger()
    await story.run(60)
    [(level, message)] = by_check(await patient_of(story, tmp_path).examined(), "task-image")
    assert (level, "r-a-1" in message) == ("fail", True)


@pytest.mark.parametrize(
    ("image", "level"), [("python", "warn"), ("host:5000/python:latest", "warn"), ("host:5000/x@sha256:0", "ok")]
)
async def test_images_of_tasks(image: str, level: str, tmp_path: Path) -> None:
    """One without a version may be another tomorrow."""
    patient = Patient(Story(), tmp_path)
    patient.paths[DEPLOYMENTS] = {"items": [deployment(SLIPWAY_DEFAULT_TASK_IMAGE=image)]}
    assert by_check(await patient.examined(), "task-image")[0][0] == level


async def test_pods_without_a_task(tmp_path: Path) -> None:
    """The controller was removed while it held them: they could never go."""
    story = Story({"a": succeeds(10)})
    story.dag("a")
    story.trigger()
    await story.run(5)
    story.world.controller.session.kill()
    patient = patient_of(story, tmp_path)
    story.delete(Kind.DAG_RUN, "r")
    story.world.clock.move_to(patient.now.replace(hour=1))
    found = [each for each in await patient.examined() if each.check == "pods"]
    assert ["held though their TaskRun is gone: team/r-a-1" in each.message for each in found][-1]
    assert "slipway release-pods" in found[-1].fix
