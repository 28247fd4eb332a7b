"""Annotations of authorship: what they say, and when they say nothing."""

import pytest

from controller.model.authorship import (
    CREATED_BY,
    MAY_USE,
    NOBODY,
    WRITTEN_BY,
    authorship_in,
    may_use,
    written_by,
)

SPEC, OTHER = '{"tasks":[]}', '{"tasks":[1]}'


def test_what_admission_wrote() -> None:
    """It is read back, names with spaces included."""
    said = authorship_in(
        {
            CREATED_BY: "ada",
            WRITTEN_BY: written_by(SPEC, "bob the builder"),
            MAY_USE: may_use(SPEC, ["trainer", "loader"]),
            "other": "x",
        }
    )
    assert said.created_by == "ada"
    assert said.writer(SPEC) == "bob the builder"
    assert said.granted(SPEC) == {"loader", "trainer"}


def test_another_spec() -> None:
    """What was said of one spec does not hold for the next."""
    said = authorship_in({WRITTEN_BY: written_by(SPEC, "bob"), MAY_USE: may_use(SPEC, ["loader"])})
    assert (said.writer(OTHER), said.granted(OTHER), said.of_spec(OTHER)) == ("", frozenset(), {})
    assert said.of_spec(SPEC) == {WRITTEN_BY: said.written_by, MAY_USE: said.may_use}


@pytest.mark.parametrize("annotations", [None, {}, {"slipway.dev/asked-cancel": "x"}, {CREATED_BY: None}])
def test_nothing_said(annotations: dict[str, str] | None) -> None:
    """Nobody is named, and nothing granted."""
    assert authorship_in(annotations) == NOBODY


@pytest.mark.parametrize("value", ["", "bob", " bob", "0 bob", "loader,trainer"])
def test_what_nobody_of_ours_wrote(value: str) -> None:
    """A value without the spec's fingerprint says nothing."""
    said = authorship_in({WRITTEN_BY: value, MAY_USE: value})
    assert (said.writer(SPEC), said.granted(SPEC)) == ("", frozenset())
