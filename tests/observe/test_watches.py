"""Who waits for what: marked when it changes, and forgotten with its end."""

from controller.model.metadata import Key
from controller.observe.due import Due, DueList, Question
from controller.observe.watches import About, Watched, Watches
from tests.decide.objects import dag, pod, run, task_run

ETL = Key("team", "etl")
WAITER = Key("team", "other-1-a")


def marked(watched: Watched, *changes: object) -> bool:
    """Whether one who waits for this is asked again after these changes."""
    due = DueList()
    watches = Watches(due)
    watches.put(WAITER, [watched])
    for change in changes:
        watches.see(change, False)  # type: ignore[arg-type]
    return due.pop() == Due(Question.TASK, WAITER)


def test_changes() -> None:
    """Only the change that is waited for marks."""
    assert marked(Watched(About.DAG, ETL), dag({}))
    assert not marked(Watched(About.DAG, ETL), run(), task_run("a"), pod({}))
    assert marked(Watched(About.RUNS, ETL), run())
    assert marked(Watched(About.RUN, Key("team", "etl-1")), run())
    assert not marked(Watched(About.RUNS, ETL), task_run("a"), dag({}))
    assert marked(Watched(About.TASK, ETL, "a"), task_run("a"))
    assert not marked(Watched(About.TASK, ETL, "b"), task_run("a"))


def test_another_wait() -> None:
    """What is waited for no more does not mark any more."""
    due = DueList()
    watches = Watches(due)
    watches.put(WAITER, [Watched(About.DAG, ETL), Watched(About.RUNS, ETL)])
    watches.put(Key("team", "third"), [Watched(About.RUNS, ETL)])
    watches.put(WAITER, [Watched(About.RUNS, ETL)])
    watches.see(dag({}), False)
    assert due.pop() is None
    watches.put(WAITER, [])
    watches.see(run(), False)
    assert (due.pop(), due.pop(), len(watches)) == (Due(Question.TASK, Key("team", "third")), None, 1)


def test_the_end_of_the_one_who_waits() -> None:
    """It is not asked again."""
    due = DueList()
    watches = Watches(due)
    for gone, state in ((False, "Success"), (True, "Running")):
        watches.put(task_run("a").meta.key, [Watched(About.DAG, ETL)])
        watches.see(task_run("a", {"state": state}), gone)
        assert len(watches) == 0
