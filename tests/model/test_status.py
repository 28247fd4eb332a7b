"""Statuses: the merge patch between two of them, and their conditions."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.model.conditions import ending_conditions, with_condition
from controller.model.dag import DagStatus
from controller.model.dagrun import DagRunStatus
from controller.model.schema import Condition
from controller.model.states import RunState, TaskState, airflow_name
from controller.model.status_patch import status_patch
from controller.model.taskrun import TaskRunStatus

AT = datetime(2026, 1, 1, 6, tzinfo=UTC)


def merged(target: Any, patch: Any) -> Any:
    """RFC 7386, word for word."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


# ---- patches -------------------------------------------------------------------------------------------------------

_words = st.text(alphabet="abc é\n", max_size=5)
_times = st.sampled_from(["2026-01-01T06:00:00Z", "2026-01-01T06:00:00.500Z", "2027-01-01T00:00:00Z"])
_names = st.lists(st.sampled_from(["a", "b", "c"]), unique=True)
_waiting = st.lists(
    st.fixed_dictionaries({"reason": _words, "message": _words}, optional={"since": _times}), max_size=2
)
_conditions = st.lists(
    st.fixed_dictionaries({"type": _words, "status": _words, "reason": _words, "lastTransitionTime": _times}),
    max_size=2,
)
_attempts = st.lists(
    st.fixed_dictionaries(
        {
            "number": st.integers(1, 9),
            "pod": _words,
            "state": st.sampled_from(["Failed", "Success"]),
            "finishedAt": _times,
        },
        optional={"startedAt": _times, "exitCode": st.integers(0, 255), "reason": _words},
    ),
    max_size=2,
)
_runs = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from(list(RunState)),
        "revision": _words,
        "params": _words,
        "startedAt": _times,
        "counts": st.dictionaries(st.sampled_from(["Active", "Success", "Failed"]), st.integers(0, 9)),
        "settled": st.fixed_dictionaries({}, optional={"success": _names, "skipped": _names}),
        "waitingFor": _waiting,
        "conditions": _conditions,
    },
).map(DagRunStatus.model_validate)
_tasks = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from(list(TaskState)),
        "try": st.integers(0, 9),
        "output": st.sampled_from(["null", '{"a":null}', ""]),
        "retryAt": _times,
        "exitCode": st.integers(0, 255),
        "failures": st.fixed_dictionaries({"application": st.integers(0, 3)}),
        "waitingFor": _waiting,
        "attempts": _attempts,
        "conditions": _conditions,
    },
).map(TaskRunStatus.model_validate)


@settings(deadline=None, max_examples=60)
@given(st.tuples(_runs, _runs) | st.tuples(_tasks, _tasks))
def test_any_two_statuses(pair: tuple[Any, Any]) -> None:
    """The patch, merged into the one as it is stored, makes the other; between equal ones it is empty."""
    before, after = pair
    patch = status_patch(before, after)
    assert merged(before.dump(), patch) == after.dump()
    assert bool(patch) is (before.dump() != after.dump())
    assert type(after).model_validate(merged(before.dump(), patch)) == after


@settings(deadline=None, max_examples=30)
@given(_runs)
def test_a_status_that_the_server_stores(status: DagRunStatus) -> None:
    """Fields of the server that we don't know survive a patch."""
    stored = {**DagRunStatus().dump(), "later": 1}
    assert merged(stored, status_patch(DagRunStatus(), status)) == {**status.dump(), "later": 1}


def test_equal_statuses() -> None:
    """There is nothing to write."""
    assert status_patch(DagStatus(), DagStatus()) == {}


def test_a_field_that_goes() -> None:
    """It is null in the patch; a count that goes is null within its map."""
    before = DagRunStatus(message="x", counts={"Active": 1, "Failed": 2})
    assert status_patch(before, DagRunStatus(counts={"Failed": 3})) == {
        "counts": {"Active": None, "Failed": 3},
        "message": None,
    }


# ---- conditions ----------------------------------------------------------------------------------------------------


def condition(type_: str, status: str, reason: str = "R", at: datetime = AT) -> Condition:
    """One condition."""
    return Condition(type=type_, status=status, reason=reason, last_transition_time=at)


LATER = AT.replace(hour=7)


def test_a_new_condition() -> None:
    """It comes last."""
    assert with_condition([condition("A", "True")], condition("B", "True")) == (
        condition("A", "True"),
        condition("B", "True"),
    )


def test_a_condition_with_a_new_status() -> None:
    """It takes its old place, and the time is now."""
    both = (condition("A", "True"), condition("B", "True"))
    assert with_condition(both, condition("A", "False", at=LATER)) == (condition("A", "False", at=LATER), both[1])


def test_a_condition_with_the_same_status() -> None:
    """A new reason does not change the time of the transition."""
    assert with_condition((condition("A", "True"),), condition("A", "True", "New", LATER)) == (
        condition("A", "True", "New"),
    )


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        (None, [("Succeeded", "Unknown", "Unfinished"), ("Finished", "False", "Unfinished")]),
        ((True, "Completed", "m"), [("Succeeded", "True", "Completed"), ("Finished", "True", "Completed")]),
        ((False, "TaskFailed", "m"), [("Succeeded", "False", "TaskFailed"), ("Finished", "True", "TaskFailed")]),
    ],
)
def test_the_conditions_of_an_end(ending: tuple[bool, str, str] | None, told: list[tuple[str, str, str]]) -> None:
    """`kubectl wait --for=condition=Finished` comes back in every end, `Succeeded` in one."""
    found = ending_conditions((), AT, generation=3, ending=ending)
    assert [(c.type, c.status, c.reason) for c in found] == told
    assert {c.observed_generation for c in found} == {3}


# ---- states --------------------------------------------------------------------------------------------------------


def test_airflows_names() -> None:
    """Every state has its lower-case name."""
    assert [airflow_name(state) for state in TaskState] == [
        "scheduled",
        "queued",
        "running",
        "success",
        "failed",
        "skipped",
        "upstream_failed",
        "up_for_retry",
        "deferred",
        "removed",
    ]
    assert [airflow_name(state) for state in RunState] == ["queued", "running", "success", "failed"]
