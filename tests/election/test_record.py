"""What is read of a Lease and written into it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from controller.election.record import Record, holding, new_lease, read_record, released
from controller.model.metadata import Key

AT: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOW: Final = "2026-06-01T12:00:00.000000Z"
MADE_BY_THE_CHART: Final = {"metadata": {"uid": "u", "resourceVersion": "5", "labels": {"a": "b"}}}
HELD: Final = Record("u", "5", "me", 15, "2026-06-01T11:59:58.000000Z", 4)


@pytest.mark.parametrize("spec", [{}, {"spec": None}, {"spec": {}}, {"spec": {"holderIdentity": None}}])
def test_a_lease_that_nobody_ever_held(spec: dict[str, Any]) -> None:
    """It is free, and taking it is no change of hands."""
    record = read_record(MADE_BY_THE_CHART | spec)
    assert record == Record("u", "5", "", None, "", 0)
    assert holding(record, "me", 15, AT) == {
        "metadata": {"resourceVersion": "5"},
        "spec": {
            "holderIdentity": "me",
            "leaseDurationSeconds": 15,
            "acquireTime": NOW,
            "renewTime": NOW,
            "leaseTransitions": 0,
        },
    }


def test_one_that_is_made() -> None:
    """Read again it is held by its maker."""
    body = new_lease(Key("space", "slipway"), "me", 15, AT)
    assert (body["metadata"], body["kind"]) == ({"namespace": "space", "name": "slipway"}, "Lease")
    body["metadata"] |= {"uid": "u", "resourceVersion": "1"}
    assert read_record(body) == Record("u", "1", "me", 15, NOW, 0)


def test_a_renewal() -> None:
    """It changes the time, and leaves since when, and how often others before."""
    assert holding(HELD, "me", 15, AT)["spec"] == {"renewTime": NOW, "leaseDurationSeconds": 15}


def test_another_holder() -> None:
    """The change of hands is counted."""
    spec = holding(HELD, "you", 15, AT)["spec"]
    assert (spec["holderIdentity"], spec["acquireTime"], spec["leaseTransitions"]) == ("you", NOW, 5)


def test_a_release() -> None:
    """Nobody holds it, and nobody has to wait."""
    spec = {"holderIdentity": "", "leaseDurationSeconds": 1, "renewTime": NOW}
    assert released(HELD, AT) == {"metadata": {"resourceVersion": "5"}, "spec": spec}


def test_a_clock_that_stands_still_or_goes_back() -> None:
    """Every renewal differs from the one before, as others count their wait from a change."""
    ahead = replace(HELD, renewed_at="2026-06-01T12:00:07.000000Z")
    assert holding(ahead, "me", 15, AT)["spec"]["renewTime"] == "2026-06-01T12:00:07.000001Z"


@pytest.mark.parametrize("text", ["", "yesterday", "9999-12-31T23:59:59.999999Z"])
def test_a_time_that_can_not_be_counted_up(text: str) -> None:
    """Ours is written."""
    assert holding(replace(HELD, renewed_at=text), "me", 15, AT)["spec"]["renewTime"] == NOW


def test_versions() -> None:
    """A label on the Lease is no sign of life of its holder."""
    assert replace(HELD, version="6") == HELD
