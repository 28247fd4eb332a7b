"""Standings: what is counted as states come and go, and what one decision adds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.model.instance import instance_id, task_and_index
from controller.model.standing import Look, Standing, instances_of
from controller.model.states import TaskState

S, F, R = TaskState.SUCCESS, TaskState.FAILED, TaskState.RUNNING
INSTANCES = ["a", "b", *(f"m[{index}]" for index in range(5))]
puts = st.lists(st.tuples(st.sampled_from(INSTANCES), st.sampled_from([S, F, R, None])), max_size=30)


@settings(max_examples=200, deadline=None)
@given(puts, puts)
def test_any_changes(first: list[tuple[str, TaskState | None]], then: list[tuple[str, TaskState | None]]) -> None:
    """Every count is that of the states as they are, whether a tally was asked for before or after."""
    standing = Standing()
    for instance, state in first:
        standing.put(instance, state)
    standing.tally("join", ("a", "m"))
    for instance, state in then:
        standing.put(instance, state)
    now = {instance: state for instance, state in dict([*first, *then]).items() if state is not None}
    again = Standing(now)
    assert standing.states() == now
    assert standing.totals() == again.totals()
    assert [standing.counts(task) for task in "abm"] == [again.counts(task) or {} for task in "abm"]
    assert standing.tally("join", ("a", "m")) == again.tally("join", ("a", "m"))
    begun = {index for index in map(lambda each: task_and_index(each)[1], now) if index is not None}
    assert list(standing.unbegun("m", 7)) == [index for index in range(7) if index not in begun]


def test_what_a_look_finds() -> None:
    """It stands on top of what is known, is taken back without a trace, and changes nothing below."""
    standing = Standing({"a": S, "m[0]": S})
    look = Look(standing)
    assert look.tally("join", ("a", "m")) == {S: 2}
    look.find("m[2]", R)
    look.find("b", F)
    assert (look.state("a"), look.state("m[2]"), look.state("m[1]")) == (S, R, None)
    assert (look.counts("m"), look.counts("a"), look.totals()) == ({S: 1, R: 1}, {S: 1}, {S: 2, R: 1, F: 1})
    assert look.tally("join", ("a", "m")) == {S: 2, R: 1}
    assert look.tally("other", ("a",)) == {S: 1}
    assert list(look.unbegun("m", 4)) == [1, 3]
    look.forget("m[2]")
    assert look.states() == {"a": S, "m[0]": S, "b": F}
    assert look.counts("m") == {S: 1}
    assert standing.states() == {"a": S, "m[0]": S}


def test_the_instances_of_a_task() -> None:
    """The task itself, or as many as its mapping has."""
    assert list(instances_of("a", None)) == ["a"]
    assert list(instances_of("a", 2)) == [instance_id("a", 0), instance_id("a", 1)]
