"""The index of Dags that wait for assets and of TaskRuns that updated some."""

from typing import Any

from controller.model.dag import Dag, parse_dag
from controller.model.metadata import Key, Meta, parse_meta
from controller.model.taskrun import TaskRun, parse_task_run
from controller.observe.assets import Assets


def _meta(name: str, space: str, **more: Any) -> Meta:
    raw = {"namespace": space, "name": name, "uid": f"uid-{name}", "resourceVersion": "1"}
    return parse_meta({**raw, "creationTimestamp": "2026-01-01T00:00:00Z", **more})


def waits(name: str, *assets: str, noted: tuple[str, ...] = (), space: str = "team", **more: Any) -> Dag:
    """A Dag that waits for these assets; for none it has no queue."""
    queue = {"assets": {"waitsFor": list(assets), "noted": list(noted)}} if assets else {}
    return parse_dag(_meta(name, space, **more), {"spec": {}, "status": queue})


def updated(name: str, *assets: str, noted: int = 0, space: str = "team") -> TaskRun:
    """A TaskRun whose first attempt updated these assets."""
    attempt = {"number": 1, "pod": "", "state": "Success", "finishedAt": "2026-01-01T00:00:00Z", "updates": assets}
    spec = {"dagRef": {"name": "d"}, "dagRunRef": {"name": "r"}, "task": "a"}
    return parse_task_run(_meta(name, space), {"spec": spec, "status": {"attempts": [attempt], "noted": noted}})


def team(*names: str) -> list[Key]:
    """The keys of these objects of namespace `team`."""
    return [Key("team", name) for name in names]


def test_who_has_to_hear_of_an_update() -> None:
    """The Dags that wait for it, in whichever order the two came, and no others."""
    assets = Assets()
    assert [assets.put_dag(dag) for dag in (waits("x", "a"), waits("y", "b"), waits("z", "a", "b"))] == [[], [], []]
    assert assets.put_task_run(updated("t", "a", "c")) == team("x", "z")
    assert assets.put_task_run(updated("t", "a", "c")) == []
    assert assets.put_dag(waits("late", "c")) == team("t")
    assert [each.id for each in assets.updates_for(waits("x", "a"))] == ["uid-t/1"]
    assert assets.updates_for(waits("y", "b")) == ()
    assert assets.updates_for(waits("nobody")) == ()
    assert assets.tellers() == team("t")


def test_an_update_is_heard() -> None:
    """It is, once all that wait for it have noted it; a Dag that goes is waited for no more."""
    assets, done = Assets(), updated("t", "a")
    assets.put_task_run(done)
    assert assets.is_noted(done)
    assets.put_dag(waits("x", "a"))
    assets.put_dag(waits("y", "a"))
    assert not assets.is_noted(done)
    assert assets.put_dag(waits("x", "a", noted=("uid-t/1",))) == team("t")
    assert not assets.is_noted(done)
    assert assets.drop_dag(waits("y", "a")) == team("t")
    assert assets.is_noted(done)
    assert assets.put_task_run(updated("t", "a", noted=1)) == team("x")
    assert (assets.tellers(), assets.updates_for(waits("x", "a"))) == ([], ())


def test_what_is_waited_for() -> None:
    """It is known by namespace, for as long as a Dag waits for it that is not going."""
    assets = Assets()
    assets.put_dag(waits("x", "a", "b"))
    assets.put_dag(waits("y", "b", space="other"))
    assert sorted(assets.awaited("team")) == ["a", "b"]
    assert sorted(assets.awaited("other")) == ["b"]
    assert sorted(assets.awaited("third")) == []
    assert assets.put_task_run(updated("t", "b", space="other")) == [Key("other", "y")]
    going: dict[str, Any] = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
    assets.put_dag(waits("x", "a", "b", **going))
    assert sorted(assets.awaited("team")) == []
    assert assets.put_dag(waits("x", "a", "b", **going)) == []


def test_a_task_run_that_goes() -> None:
    """Those who had not noted its update look again, and find it no more."""
    assets = Assets()
    assets.put_dag(waits("x", "a"))
    assets.put_task_run(updated("t", "a"))
    assets.put_task_run(updated("u", "a"))
    assert assets.drop_task_run(updated("t", "a")) == team("x")
    assert assets.drop_task_run(updated("t", "a")) == []
    assert [each.task_run for each in assets.updates_for(waits("x", "a"))] == ["u"]
