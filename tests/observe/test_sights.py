"""What sensors saw: kept for its TaskRun until that ends, and whole only for a while."""

from controller.model.action import Look, Url
from controller.model.outside import Sight
from controller.observe.due import Due, DueList, Question
from controller.observe.sights import KEPT_WHOLE, Sights
from controller.observe.store import Store
from tests.decide.objects import NOW, task_run

SEEN = Sight(NOW, 1, {"status": 200})


def put(sights: Sights, task: str) -> None:
    """A look for this task has seen something."""
    sights.put(Look(task_run(task).meta, 1, Url("http://h/", {})), SEEN)


def test_a_sight() -> None:
    """Its TaskRun is asked, and finds it; another one of that name does not."""
    due = DueList()
    sights = Sights(due)
    put(sights, "a")
    assert due.pop() == Due(Question.TASK, task_run("a").meta.key)
    assert sights.of(task_run("a")) == SEEN
    assert sights.of(task_run("a", uid="another")) is None
    assert sights.of(task_run("b")) is None


def test_many_sights() -> None:
    """All stay whole until they are judged; of those judged longest ago only the time is left, and the trouble."""
    sights = Sights(DueList())
    tasks = [f"t{number}" for number in range(KEPT_WHOLE + 1)]
    for task in tasks:
        put(sights, task)
    assert all(sights.of(task_run(task)) == SEEN for task in tasks)
    assert sights.of(task_run("t0")) == Sight(NOW, 1, None)
    assert sights.of(task_run(tasks[-1])) == SEEN
    put(sights, "t0")
    assert sights.of(task_run("t0")) == SEEN


def test_the_end_of_a_task() -> None:
    """Nothing is kept of it, nor of what could not be written."""
    sights = Sights(DueList())
    for task in ("a", "b", "c"):
        put(sights, task)
        sights.of(task_run(task))
    sights.see(task_run("a", {"state": "Success"}), False)
    sights.see(task_run("b"), True)
    sights.drop(task_run("c").meta.key)
    assert len(sights) == 0


def test_a_look_that_comes_back_late() -> None:
    """What it saw is not kept once its TaskRun has ended or is gone."""
    store = Store()
    look = Look(task_run("a").meta, 1, Url("http://h/", {}))
    store.sighted(look, SEEN)
    store.put(task_run("a", {"state": "Skipped"}))
    store.sighted(look, SEEN)
    assert len(store.sights) == 0
    store.put(task_run("b"))
    store.sighted(Look(task_run("b").meta, 1, Url("http://h/", {})), SEEN)
    assert len(store.sights) == 1
