"""Objects that people delete or edit while a run is on its way."""

from controller.model.action import Kind
from controller.model.metadata import Key
from tests.scenarios.story import SPACE, Story, succeeds


async def test_a_task_run_is_deleted_in_the_middle() -> None:
    """Its Pod goes with it, and the run makes the task anew."""
    story = Story({"a": succeeds(100)})
    story.dag("a >> b")
    story.trigger()
    await story.run(10)
    story.works["a"] = succeeds()
    uid = story.get(Kind.TASK_RUN, "r-a")["metadata"]["uid"]
    story.delete(Kind.TASK_RUN, "r-a")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}
    assert story.get(Kind.TASK_RUN, "r-a")["metadata"]["uid"] != uid


async def test_a_finished_task_run_is_deleted() -> None:
    """The run has lost its account of the task, so it does it again; a run that has ended is left alone."""
    story = Story({"b": succeeds(100)})
    story.dag("a >> b")
    story.trigger()
    await story.run(10)
    story.delete(Kind.TASK_RUN, "r-a")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}
    story.delete(Kind.TASK_RUN, "r-b")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}


async def test_a_run_is_deleted_in_the_middle() -> None:
    """Nothing of it stays: no TaskRun, no Pod, no finalizer."""
    story = Story({"a": succeeds(100)})
    story.dag("a >> b; c")
    story.trigger()
    await story.run(10)
    story.delete(Kind.DAG_RUN, "r")
    await story.run()
    assert [story.names(kind) for kind in (Kind.DAG_RUN, Kind.TASK_RUN, Kind.POD)] == [[], [], []]
    assert len(story.world.controller.store.line.queue) == 0
    assert story.world.controller.store.line.holders.total() == 0


async def test_a_run_is_deleted_while_the_controller_is_away() -> None:
    """The next controller lets the Pods go."""
    story = Story({"a": succeeds(100)})
    story.dag("a")
    story.trigger()
    await story.run(10)
    story.world.controller.session.kill()
    story.delete(Kind.DAG_RUN, "r")
    story.world.restart()
    await story.run()
    assert [story.names(kind) for kind in (Kind.DAG_RUN, Kind.TASK_RUN, Kind.POD)] == [[], [], []]


async def test_a_dag_is_deleted_in_the_middle() -> None:
    """Its runs, their tasks and their Pods go with it; a run that a user made is no exception."""
    story = Story({"a": succeeds(100)})
    story.dag("a >> b")
    story.trigger()
    await story.run(10)
    story.delete(Kind.DAG, "d")
    await story.run()
    assert [story.names(kind) for kind in Kind] == [[] for _ in Kind]


async def test_a_dag_is_edited_in_the_middle() -> None:
    """A run keeps to the revision that it began with; the next one takes the new one."""
    story = Story({"a": succeeds(10)})
    story.dag("a >> old")
    story.trigger("before")
    await story.run(5)
    story.dag("a >> new")
    await story.run(1)
    story.trigger("after")
    await story.run()
    assert story.states("before") == {"run": "Success", "a": "Success", "old": "Success"}
    assert story.states("after") == {"run": "Success", "a": "Success", "new": "Success"}
    assert len(story.names(Kind.REVISION)) == 2


async def test_a_dag_is_made_invalid_in_the_middle() -> None:
    """The run goes on, new ones wait and say why, and begin when the Dag is mended."""
    story = Story({"a": succeeds(10)})
    story.dag("a >> b")
    story.trigger("before")
    await story.run(5)
    story.dag("a >> b >> a")
    story.trigger("after")
    await story.run(60)
    assert story.states("before")["run"] == "Success"
    assert story.states("after") == {"run": "Queued"}
    assert story.run_status("after")["waitingFor"][0]["reason"] == "DagNotReady"
    ready = next(each for each in story.get(Kind.DAG, "d")["status"]["conditions"] if each["type"] == "Ready")
    assert (ready["status"], "cycle" in ready["message"]) == ("False", True)
    story.dag("a >> b")
    await story.run()
    assert story.states("after")["run"] == "Success"


async def test_a_run_that_comes_before_its_dag() -> None:
    """It waits, says so, and begins when the Dag is there."""
    story = Story()
    story.trigger()
    await story.run(60)
    assert story.run_status()["waitingFor"][0]["reason"] == "DagMissing"
    story.dag("a")
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}


async def test_a_run_made_by_hand_belongs_to_its_dag() -> None:
    """It gets one owner: the Dag."""
    story = Story()
    story.dag("a")
    story.trigger()
    await story.run()
    owners = story.get(Kind.DAG_RUN, "r")["metadata"]["ownerReferences"]
    assert [owner["uid"] for owner in owners] == [story.get(Kind.DAG, "d")["metadata"]["uid"]]


async def test_a_dag_is_replaced_by_one_of_its_name() -> None:
    """The new Dag starts afresh, with a revision of its own."""
    story = Story()
    story.dag("a")
    story.trigger("first")
    await story.run()
    story.delete(Kind.DAG, "d")
    story.dag("a")
    story.trigger("first")
    await story.run()
    assert story.states("first") == {"run": "Success", "a": "Success"}
    revision = story.cluster.all_of(Kind.REVISION)[0]
    dag = story.cluster.get(Kind.DAG, Key(SPACE, "d"))
    assert revision["metadata"]["ownerReferences"][0]["uid"] == dag["metadata"]["uid"]
