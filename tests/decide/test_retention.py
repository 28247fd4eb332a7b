"""Retention: what goes of a Dag's past, and what never does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from controller.decide.retention import COLLECTED_AT_ONCE, MOST_UNRECORDED, decide_retention
from controller.model.action import Collect, Kind
from controller.model.dag import parse_revision
from controller.model.dagrun import DagRun
from controller.model.metadata import Key
from controller.model.retention import History, Limit, Limits, limit_of, limits_of
from controller.model.snapshot import RetentionSnapshot
from controller.model.states import RUN_FINAL, RunState
from tests.decide.objects import NOW, after, dag, meta, told
from tests.decide.past import SPEC, backfill, ended, gone, kept, key, keys, past, run_of

DAY = 86_400.0


def test_no_limits() -> None:
    """Without a limit nothing goes, and nothing is looked at again."""
    decision = decide_retention(past(ended("r", days_ago=5000)), NOW)
    assert (decision.actions, decision.wake_at) == ((), None)


def test_by_count() -> None:
    """The newest by their ends stay, counted for each state by itself; the oldest goes first."""
    runs = [ended(f"s{n}", days_ago=n) for n in range(4)] + [ended(f"f{n}", "Failed", days_ago=n) for n in range(3)]
    assert gone(decide_retention(past(*runs, limits=kept(most=2)), NOW)) == ["f2", "s3", "s2"]


def test_by_age() -> None:
    """What ended too long ago goes at that very instant; the next one is waited for."""
    runs = [ended("old", days_ago=7), ended("next", days_ago=6.5), ended("new", days_ago=1)]
    decision = decide_retention(past(*runs, limits=kept(days=7)), NOW)
    assert gone(decision) == ["old"]
    assert decision.wake_at == after(DAY / 2)


def test_the_dags_own_limits() -> None:
    """What the Dag says counts, field by field, before what the installation says; 0 lifts a limit of count."""
    history = {"keepSucceeded": 1, "failedFor": "1d", "keepFailed": 0}
    runs = [ended(f"s{n}", days_ago=n) for n in range(3)] + [ended(f"f{n}", "Failed", days_ago=n / 2) for n in range(4)]
    snapshot = past(*runs, limits=kept(most=2, days=1.5), dag_spec={**SPEC, "retention": {"resources": history}})
    assert gone(decide_retention(snapshot, NOW)) == ["f3", "f2", "s2", "s1"]


def test_what_is_kept_by_other_words() -> None:
    """A history in which nothing is written says what the installation says."""
    default = Limits(Limit(1, timedelta(days=1)), limit_of(0, 0))
    assert limits_of(History(), default) == default
    assert default.failed == Limit(None, None)
    assert limits_of(History(keep_failed=3), default).of(RunState.FAILED) == Limit(3, None)


def test_rows_that_are_not_committed() -> None:
    """A run goes only after its rows; it is looked at again soon, and does not keep those after it."""
    runs = [ended("a", days_ago=9), ended("b", days_ago=8)]
    decision = decide_retention(past(*runs, limits=kept(days=7), recorded=keys("b")), NOW)
    assert gone(decision) == ["b"]
    assert decision.wake_at == after(10)


def test_the_database_is_away() -> None:
    """After a hundred runs that are not committed a look ends, so that an outage costs no time."""
    runs = [ended(f"r{n:03}", days_ago=500 - n) for n in range(MOST_UNRECORDED + 10)]
    committed = keys(f"r{MOST_UNRECORDED + 5:03}")
    decision = decide_retention(past(*runs, limits=kept(days=7), recorded=committed), NOW)
    assert (gone(decision), decision.wake_at) == ([], after(10))


def test_what_is_needed() -> None:
    """A run that something looks at stays, by name or by its logical date; others of its age go."""
    dated = {name: {"logicalDate": told(DAY * n)} for n, name in enumerate(("d0", "d1", "d2"))}
    runs = [ended("looked-at", days_ago=9), ended("undated", days_ago=9)]
    runs += [ended(name, days_ago=9, spec=spec) for name, spec in dated.items()]
    snapshot = past(*runs, limits=kept(days=7), needed=keys("looked-at"), needed_from=after(DAY))
    assert gone(decide_retention(snapshot, NOW)) == ["d0", "undated"]


def test_a_run_that_goes_already() -> None:
    """It is not deleted again."""
    going = ended("r", days_ago=9, deletionTimestamp=told())
    assert gone(decide_retention(past(going, limits=kept(days=7)), NOW)) == []


def test_runs_that_are_counted() -> None:
    """The last runs stay that could hold the Dag, as many as failures in a row are counted."""
    runs = [ended(f"f{n}", "Failed", days_ago=20 + n) for n in range(4)]
    counting = past(*runs, limits=kept(days=7), dag_spec={**SPEC, "pauseAfterFailedRuns": 3})
    assert gone(decide_retention(counting, NOW)) == ["f3"]


def test_a_dag_at_fault() -> None:
    """Nobody knows its limits, so nothing goes; nor of a Dag that is being deleted, as all goes with it."""
    old = ended("r", days_ago=99)
    assert gone(decide_retention(past(old, limits=kept(days=7), dag_spec={"tasks": []}), NOW)) == []
    going = past(old, limits=kept(days=7), dag_spec=None)
    going = replace(going, dag=dag(SPEC, deletionTimestamp=told()))
    assert gone(decide_retention(going, NOW)) == []


def test_runs_without_a_dag() -> None:
    """The installation's limits count."""
    assert gone(decide_retention(past(ended("r", days_ago=9), limits=kept(days=7), dag_spec=None), NOW)) == ["r"]


def test_many_at_once() -> None:
    """So many go at a time, the rest soon after."""
    runs = [ended(f"r{n:03}", days_ago=500 - n) for n in range(COLLECTED_AT_ONCE + 1)]
    decision = decide_retention(past(*runs, limits=kept(days=7)), NOW)
    assert len(decision.actions) == COLLECTED_AT_ONCE
    assert decision.wake_at == after(1)


def test_backfills() -> None:
    """An ended backfill goes by the same limits once its row is committed; the next one is waited for."""
    found = (backfill("a", days_ago=9), backfill("b", "Failed", days_ago=8), backfill("c", days_ago=6))
    going = backfill("d", days_ago=9, deletionTimestamp=told())
    decision = decide_retention(past(limits=kept(days=7), backfills=(*found, going)), NOW)
    assert [(action.kind, action.meta.name) for action in decision.actions if isinstance(action, Collect)] == [
        (Kind.BACKFILL, "a"),
        (Kind.BACKFILL, "b"),
    ]
    assert decision.wake_at == after(DAY)
    assert gone(decide_retention(past(limits=kept(days=7), backfills=found, recorded_others=keys("b")), NOW)) == ["b"]


def test_revisions() -> None:
    """One that nothing refers to goes when it is an hour old and its row is committed."""
    old = parse_revision(meta("old", creationTimestamp=told(-3600)), {"data": {}})
    young = parse_revision(meta("young", creationTimestamp=told(-3500)), {"data": {}})
    decision = decide_retention(past(revisions=(old, young)), NOW)
    assert (gone(decision), decision.wake_at) == (["old"], after(100))
    assert gone(decide_retention(past(revisions=(old,), recorded_others=frozenset()), NOW)) == []
    forever = past(revisions=(old,))
    forever = replace(forever, policy=replace(forever.policy, keep_revisions_for=None))
    assert gone(decide_retention(forever, NOW)) == []


def test_a_full_look() -> None:
    """Nothing else goes in a look that is full of runs."""
    runs = [ended(f"r{n:03}", days_ago=500 - n) for n in range(COLLECTED_AT_ONCE)]
    old = parse_revision(meta("old", creationTimestamp=told(-3600)), {"data": {}})
    snapshot = past(*runs, limits=kept(days=7), revisions=(old,), backfills=(backfill("b", days_ago=9),))
    assert len(decide_retention(snapshot, NOW).actions) == COLLECTED_AT_ONCE


names = st.integers(0, 30).map(lambda number: f"r{number}")


@st.composite
def histories(draw: st.DrawFn) -> RetentionSnapshot:
    """Any runs with any limits, some of them needed, some not committed."""
    runs: list[DagRun] = []
    for name in draw(st.lists(names, unique=True)):
        state = draw(st.sampled_from(["Success", "Failed", "Running", "Queued"]))
        date = {"logicalDate": told(DAY * draw(st.integers(-30, 30)))} if draw(st.booleans()) else {}
        if state in {"Success", "Failed"}:
            runs.append(ended(name, state, draw(st.integers(0, 40)), spec=date))
        else:
            runs.append(run_of(name, {"state": state}, spec=date))
    limits = kept(draw(st.none() | st.integers(1, 5)), draw(st.none() | st.integers(1, 20)))
    about = [each.meta.name for each in runs] or ["none"]
    return past(
        *runs,
        limits=limits,
        recorded=keys(*draw(st.lists(st.sampled_from(about)))),
        needed=keys(*draw(st.lists(st.sampled_from(about), max_size=3))),
        needed_from=draw(st.none() | st.just(NOW)),
    )


@given(histories())
def test_any_history(before: RetentionSnapshot) -> None:
    """No active, needed or uncommitted run goes; afterwards the limits hold for all others; again changes nothing."""
    names_gone = set(gone(decide_retention(before, NOW)))
    left = [each for each in before.runs.values() if each.meta.name not in names_gone]
    for name in names_gone:
        each = before.runs[key(name)]
        assert each.status.state in RUN_FINAL
        assert each.meta.key in before.recorded
        assert each.meta.key not in before.needed
    after_it = past(
        *left,
        limits=before.policy.resources,
        recorded=before.recorded,
        needed=before.needed,
        needed_from=before.needed_from,
    )
    assert gone(decide_retention(after_it, NOW)) == []
    for state, ends in after_it.ended.items():
        _expect_within(after_it, [each for _, each in ends], before.policy.resources.of(state))


def _expect_within(snapshot: RetentionSnapshot, ends: Sequence[Key], limit: Limit) -> None:
    runs = [snapshot.runs[each] for each in ends if each in snapshot.recorded and each not in snapshot.needed]
    free = [each for each in runs if snapshot.needed_from is None or each.spec.logical_date is None]
    if limit.most is not None:
        assert all(each.meta.key in ends[-limit.most :] for each in free)
    if limit.age is not None:
        assert all(each.status.finished_at and each.status.finished_at + limit.age > NOW for each in free)
