"""Runs and attempts that end are counted, each once, whatever becomes of the controller."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from controller.measure.dag_series import OTHERS, DagSeries
from controller.model.action import Kind
from controller.model.metadata import Key
from tests.measure.measured import Measured, of
from tests.scenarios.story import Story, fails, succeeds

RUN = '{dag="d",namespace="team",state="%s",type="manual"}'


async def test_a_run_that_ends_well(tmp_path: Path) -> None:
    """One run, its two attempts, and how long they took."""
    story = Story({"a": succeeds(20), "b": succeeds(200)})
    measured = Measured(story, tmp_path)
    story.dag("a >> b")
    story.trigger()
    await story.run()
    told = await measured.told()
    assert of(told, "slipway_runs_finished_total") == {RUN % "Success": 1}
    assert of(told, "slipway_attempts_total") == {'{outcome="success",reason="Completed"}': 2}
    assert of(told, "slipway_task_duration_seconds_sum") == {'{dag="d",namespace="team"}': 220}
    assert told['slipway_task_duration_seconds_bucket{dag="d",le="60.0",namespace="team"}'] == 1
    assert of(told, "slipway_run_duration_seconds_count") == {'{dag="d",namespace="team"}': 1}
    assert not any("r-a" in name for name in told)


async def test_attempts_by_whose_fault_they_were(tmp_path: Path) -> None:
    """The task's own failures apart from others, each with its reason."""
    story = Story({"a": [fails(), fails(7), succeeds()]})
    measured = Measured(story, tmp_path)
    story.dag("a", defaults={"retries": 2, "retryDelay": "1s"})
    story.trigger()
    await story.run()
    assert of(await measured.told(), "slipway_attempts_total") == {
        '{outcome="application",reason="Error"}': 2,
        '{outcome="success",reason="Completed"}': 1,
    }


async def test_a_pod_that_was_deleted(tmp_path: Path) -> None:
    """It counts as the infrastructure's failure."""
    story = Story({"a": [succeeds(100), succeeds(1)]})
    measured = Measured(story, tmp_path)
    story.dag("a")
    story.trigger()
    await story.run(10)
    story.delete(Kind.POD, "r-a-1", grace_seconds=0)
    await story.run()
    found = of(await measured.told(), "slipway_attempts_total")
    assert sum(value for labels, value in found.items() if 'outcome="infrastructure"' in labels) == 1


async def test_a_controller_that_is_restarted(tmp_path: Path) -> None:
    """What had ended before is not counted again, and what is at work is counted when it ends."""
    story = Story({"a": succeeds(1), "slow": succeeds(100)})
    measured = Measured(story, tmp_path)
    story.dag("a", name="quick")
    story.dag("a >> slow")
    story.trigger("old", "quick")
    story.trigger()
    await story.run(30)
    measured.restart()
    assert of(await measured.told(), "slipway_runs_finished_total") == {}
    await story.run()
    told = await measured.told()
    assert of(told, "slipway_runs_finished_total") == {RUN % "Success": 1}
    assert of(told, "slipway_attempts_total") == {'{outcome="success",reason="Completed"}': 1}


async def test_a_run_that_is_cleared(tmp_path: Path) -> None:
    """It ends twice, and counts twice; its old attempts are not counted again."""
    story = Story({"a": [fails(), succeeds()]})
    measured = Measured(story, tmp_path)
    story.dag("a")
    story.trigger()
    await story.run()
    story.edit(Kind.DAG_RUN, "r", request={"id": "1", "clear": {"tasks": ["a"]}})
    await story.run()
    told = await measured.told()
    assert of(told, "slipway_runs_finished_total") == {RUN % "Failed": 1, RUN % "Success": 1}
    assert sum(of(told, "slipway_attempts_total").values()) == 2


async def test_a_standby(tmp_path: Path) -> None:
    """It sees everything and counts nothing, so that two replicas don't count a run twice; then it leads."""
    story = Story({"a": succeeds()})
    measured = Measured(story, tmp_path)
    measured.leads = False
    story.dag("a")
    story.trigger("first")
    await story.run()
    assert of(await measured.told(), "slipway_runs_finished_total") == {}
    measured.leads = True
    story.trigger("second")
    await story.run()
    assert of(await measured.told(), "slipway_runs_finished_total") == {RUN % "Success": 1}


async def test_a_dag_that_goes(tmp_path: Path) -> None:
    """Its series go with it, and another Dag may have their place."""
    story = Story({"a": succeeds()})
    measured = Measured(story, tmp_path, dags=1)
    for name in ("d", "e"):
        story.dag("a", name=name)
        story.trigger(f"r-{name}", name)
    await story.run()
    other = '{dag="other",namespace="",state="Success",type="manual"}'
    assert of(await measured.told(), "slipway_runs_finished_total") == {RUN % "Success": 1, other: 1}
    story.delete(Kind.DAG, "d")
    await story.run()
    assert of(await measured.told(), "slipway_runs_finished_total") == {other: 1}
    story.trigger("again", "e")
    await story.run()
    found = of(await measured.told(), "slipway_runs_finished_total")
    assert found == {other: 1, RUN.replace('"d"', '"e"') % "Success": 1}


async def test_a_reason_that_somebody_made_up(tmp_path: Path) -> None:
    """Whoever can write a Pod's status can't make a series of each word."""
    story = Story({"a": succeeds(100)})
    measured = Measured(story, tmp_path)
    story.dag("a")
    story.trigger()
    await story.run(10)
    key = Key("team", "r-a-1")
    story.cluster.patch_status(Kind.POD, key, {"phase": "Failed", "reason": "MadeUp-4711", "message": "x"})
    await story.run()
    found = of(await measured.told(), "slipway_attempts_total")
    assert any('reason="Other"' in labels for labels in found)
    assert not any("MadeUp" in labels for labels in found)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), max_size=50), st.integers(0, 4))
def test_dags_without_end(steps: list[tuple[bool, int]], most: int) -> None:
    """However Dags come and go, no more than so many ever have series of their own."""
    series, own = DagSeries(most), set[tuple[str, str]]()
    for comes, number in steps:
        dag = Key("team", f"d{number}")
        if comes:
            labels = series.labels(dag)
            assert labels in (OTHERS, ("team", dag.name))
            own |= {labels} - {OTHERS}
        elif series.forget(dag):
            own.remove(("team", dag.name))
        assert len(own) <= most
