"""The line: who waits, who holds a part of the limits, and who has had a turn."""

from controller.model.metadata import Key
from controller.observe.holders import Holder, Holders
from controller.observe.lanes import place_of
from controller.observe.line import TURNS_KEPT, Line
from tests.decide.objects import task_run

POOL, RUN, DAG = Key("team", "etl"), Key("team", "etl-1"), Key("team", "etl")


def holder(task: str, slots: int = 1) -> Holder:
    """A TaskRun in pool `etl`."""
    return Holder(place_of(task_run(task, spec={"pool": "etl", "poolSlots": slots})), task)


def test_parts_of_the_limits() -> None:
    """Each holder counts once for its pool, its run and its task, however often it is put."""
    told: list[Key] = []
    holders = Holders(told.append)
    for name in ("b", "a", "a"):
        holders.put(Key("team", name), holder("load", slots=2))
    assert (holders.total(), holders.slots_of(POOL), holders.of_run(RUN)) == (2, 4, 2)
    assert (holders.of_run_task(RUN, "load"), holders.of_dag_task(DAG, "load"), holders.of_dag_task(DAG, "x")) == (
        2,
        2,
        0,
    )
    assert holders.first_of(POOL, 1) == ("a",)
    holders.put(Key("team", "a"), holder("load", slots=5))
    assert holders.slots_of(POOL) == 7
    assert [holders.remove(Key("team", name)) for name in ("a", "b", "b")] == [True, True, False]
    assert (holders.total(), holders.slots_of(POOL), holders.of_run(RUN), holders.first_of(POOL, 9)) == (0, 0, 0, ())
    assert told == [POOL] * 6


def test_slots_that_are_none() -> None:
    """A TaskRun that somebody made with no slots takes one all the same."""
    assert place_of(task_run("a", spec={"poolSlots": 0})).slots == 1


def test_turns() -> None:
    """The last one has the highest number; of very many the oldest is forgotten."""
    line = Line()
    for name in ("x", "y", "x"):
        line.start(task_run("a", spec={"dagRef": {"name": name}}))
    numbers = {dag.name: number for (_, dag), number in line.turns.items()}
    assert numbers == {"y": 2, "x": 3}
    for number in range(TURNS_KEPT):
        line.start(task_run("a", spec={"dagRef": {"name": f"d{number}"}}))
    assert len(line.turns) == TURNS_KEPT
    assert (Key("team", "default"), Key("team", "x")) not in line.turns


def test_told_otherwise_before_its_pod() -> None:
    """Such a TaskRun may give its part back; one that still wants its Pod may not, nor one that has none to give."""
    line = Line()
    line.start(task_run("a"))
    assert not line.may_be_let_go(task_run("a"))
    assert line.may_be_let_go(task_run("a", spec={"verdict": "Hold"}))
    assert not line.may_be_let_go(task_run("b", spec={"verdict": "Hold"}))
