"""The plan of a backfill before it is created: the controller's own, as far as it is looked at."""

from dataclasses import replace

from controller.decide.backfill import decide_backfill
from controller.decide.backfill.preview import preview
from controller.model.action import WriteStatus
from controller.model.backfill import BackfillState
from tests.decide.drawing import drawn_spec
from tests.decide.objects import NOW
from tests.decide.test_backfill import HOURLY, backfill, seen


def test_it_is_the_plan_that_the_controller_makes() -> None:
    """The same counts and the same slots, approved or not."""
    for approved in (True, False):
        snapshot = seen(backfill(approved=approved))
        found = preview(snapshot, NOW, most=100, listed=2)
        (write,) = (action for action in decide_backfill(snapshot, NOW).actions if isinstance(action, WriteStatus))
        assert found.status.plan is not None
        assert write.patch["plan"] == found.status.plan.dump()
        assert [(each.name, each.plan.value) for each in found.slots] == [
            (each["run"], each["plan"]) for each in write.patch["plan"]["slots"][:2]
        ]
        assert found.is_whole


def test_one_that_would_be_refused() -> None:
    """The sentence, and no slots."""
    found = preview(seen(backfill(span=(1, 2))), NOW, most=100, listed=10)
    assert (found.status.state, found.status.message) == (BackfillState.FAILED, "The range lies in the future")
    assert found.slots == ()


def test_a_dag_that_is_not_valid() -> None:
    """There is no plan."""
    found = preview(seen(backfill(), drawn_spec("a", schedule={"cron": "never"})), NOW, most=100, listed=10)
    assert (found.status.plan, found.slots) == (None, ())


def test_one_that_is_larger_than_is_looked_at() -> None:
    """Its slots are counted up to there, and that is said."""
    minutely = drawn_spec("a", schedule={"every": "1m", "start": "2020-01-01T00:00:00Z"})
    large = seen(backfill(span=(-24 * 100, -1)), minutely)
    found = preview(large, NOW, most=3000, listed=500)
    assert found.status.plan is not None
    assert (found.status.plan.total, len(found.slots), found.is_whole) == (4000, 500, False)
    smaller = replace(large, backfill=backfill(span=(-40, -1)))
    whole = preview(smaller, NOW, most=3000, listed=500)
    assert whole.status.plan is not None
    assert (whole.status.plan.total, whole.is_whole) == (39 * 60 + 1, True)


def test_a_dag_whose_revision_is_not_there() -> None:
    """Nothing is made up."""
    found = preview(seen(backfill(), HOURLY, revision=None), NOW, most=100, listed=10)
    assert (found.status.plan, found.slots) == (None, ())
