"""Refusals: the API server's own sentences -> wait, or fail."""

import pytest

from controller.act.refusal import pod_refusal
from controller.errors import NameTaken, Refused
from controller.model.snapshot import PodRefusal
from tests.decide.objects import NOW, after

QUOTA = 'pods "etl-1-a-1" is forbidden: exceeded quota: team, requested: pods=1, used: pods=5, limited: pods=5'
ACCOUNT = 'pods "etl-1-a-1" is forbidden: error looking up service account team/x: serviceaccount "x" not found'
INVALID = 'Pod "etl-1-a-1" is invalid: spec.containers[0].image: Required value'
POLICY = 'pods "etl-1-a-1" is forbidden: violates PodSecurity "restricted:latest": runAsUser=0'


@pytest.mark.parametrize(
    ("message", "reason", "wait"),
    [(QUOTA, "Quota", 10), (ACCOUNT, "ServiceAccount", 3), (INVALID, "PodRefused", None), (POLICY, "PodRefused", None)],
)
def test_a_refusal(message: str, reason: str, wait: int | None) -> None:
    """What may end by itself is asked again; the rest is final."""
    expected = PodRefusal(reason, message, NOW, None if wait is None else after(wait))
    assert pod_refusal(Refused(message, "Forbidden", 403), None, NOW) == expected


def test_the_same_refusal_again() -> None:
    """The wait counts from the first, and the next question is later."""
    first = pod_refusal(Refused(ACCOUNT, "Forbidden", 403), None, NOW)
    assert pod_refusal(Refused(ACCOUNT, "Forbidden", 403), first, after(60)) == PodRefusal(
        "ServiceAccount", ACCOUNT, NOW, after(63)
    )


def test_another_refusal() -> None:
    """Its wait begins anew."""
    first = pod_refusal(Refused(ACCOUNT, "Forbidden", 403), None, NOW)
    assert pod_refusal(Refused(QUOTA, "Forbidden", 403), first, after(60)).since == after(60)


def test_a_long_refusal() -> None:
    """It is one line of at most 1,000 characters."""
    told = pod_refusal(Refused("x\n" * 2000, "Invalid", 422), None, NOW).message
    assert (len(told), "\n" in told) == (1000, False)


def test_a_name_that_is_taken() -> None:
    """It is asked for again every ten seconds, as what has it may go."""
    taken = "Pod etl-1-a-1 exists already and belongs to something else"
    assert pod_refusal(NameTaken(taken), None, NOW) == PodRefusal("NameTaken", taken, NOW, after(10))
