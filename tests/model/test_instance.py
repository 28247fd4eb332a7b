"""Names of instances: parted, folded and unfolded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.model.instance import folded, instance_id, task_and_index, unfolded

instances = st.builds(instance_id, st.sampled_from(["a", "load", "a-1"]), st.none() | st.integers(0, 30))


@given(st.lists(instances, unique=True))
def test_any_instances(names: list[str]) -> None:
    """Folded and unfolded they are the same ones, each once."""
    assert sorted(unfolded(folded(names))) == sorted(names)
    assert [instance_id(*task_and_index(name)) for name in names] == names


def test_neighbours() -> None:
    """Runs of them share a text, and tasks keep the order in which they first came."""
    assert folded(["m[4]", "b", "m[1]", "m[2]", "m[0]", "m[6]", "m"]) == ("m[0-2]", "m[4]", "m[6]", "b", "m")


@pytest.mark.parametrize("text", ["", "m[", "m[x]", "[3]", "m[1-]", "m[1]x", "m[-1]"])
def test_a_text_of_another_form(text: str) -> None:
    """It names nothing, and breaks nothing."""
    assert list(unfolded([text])) == []


@pytest.mark.parametrize("text", ["m[x]", "m]", "m[1-2]"])
def test_what_a_person_may_write(text: str) -> None:
    """A name that is no instance's is a name as a whole."""
    assert task_and_index(text) == (text, None)
