"""What the API server is asked about a caller's rights: no more than it must be, and never all at once."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from controller.errors import Refused, Unavailable
from controller.web.api_server import Caller
from controller.web.need import Need
from controller.web.reviews import ANSWER_SECONDS, MOST_AT_ONCE, RULES_SECONDS, Reviews
from controller.web.rules import may_allow
from tests.web.standin import StandIn, StandInSession

NEEDS = (Need("get", "dags"), Need("get", "dagruns"), Need("get", "pools"), Need("get", "approvals"))
SPACES = tuple(f"team-{number}" for number in range(200))


class Busy(StandIn):
    """An API server that takes its time, and counts who is there at once."""

    def __init__(self) -> None:
        super().__init__()
        self.here = self.most = 0
        self.error: Exception | None = None

    def acting_as(self, caller: Caller) -> StandInSession:
        """A session with this caller's rights."""
        return BusySession(self, caller)


class BusySession(StandInSession):
    """One caller of it."""

    async def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a review."""
        server = self.server
        assert isinstance(server, Busy)
        server.here += 1
        server.most = max(server.most, server.here)
        await asyncio.sleep(0)
        server.here -= 1
        if server.error is not None and path.endswith("rulesreviews"):
            raise server.error
        return await super().ask(path, body)


def kinds(server: StandIn) -> list[str]:
    """What was asked, by the kind of review."""
    return [each["kind"] for each in server.asked]


async def test_many_namespaces() -> None:
    """One question for each namespace and not one for each right; few are on their way at once."""
    server = Busy()
    alice = Caller(server.grant("alice", ("get", "dags", "team-7"), ("*", "*", "team-9")))
    reviews = Reviews(server)
    found = [await reviews.where(alice, need, SPACES) for need in NEEDS]
    assert found == [("team-7", "team-9"), ("team-9",), ("team-9",), ("team-9",)]
    assert (kinds(server).count("SelfSubjectRulesReview"), kinds(server).count("SelfSubjectAccessReview")) == (200, 5)
    assert 1 < server.most <= MOST_AT_ONCE


async def test_callers_at_once_ask_once() -> None:
    """A page sends several requests: who asks what is being asked waits for that answer."""
    server = Busy()
    alice = Caller(server.grant("alice", ("get", "dags", "team-7")))
    reviews = Reviews(server)
    await asyncio.gather(*(reviews.where(alice, NEEDS[0], SPACES) for _ in range(5)))
    assert len(server.asked) == 201


async def test_one_who_goes_away_takes_no_answer_along() -> None:
    """The other who waits for it still gets it."""
    server = Busy()
    alice = Caller(server.grant("alice", ("get", "dags", "team-7")))
    reviews = Reviews(server)
    first, second = (asyncio.ensure_future(reviews.may(alice, NEEDS[0], "team-7")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second is True
    assert len(server.asked) == 1


@pytest.mark.parametrize("error", [None, Refused("no", "Forbidden", 403)])
async def test_rules_that_are_not_listed(error: Exception | None) -> None:
    """An API server with a webhook for rights lists none, another lets nobody ask: each namespace is then reviewed."""
    server = Busy()
    server.lists_rules, server.error = False, error
    alice = Caller(server.grant("alice", ("get", "dags", "team-7")))
    assert await Reviews(server).where(alice, NEEDS[0], SPACES) == ("team-7",)
    assert server.most <= MOST_AT_ONCE


async def test_an_api_server_that_is_away() -> None:
    """Nobody takes that for a no; and it is asked again."""
    server = Busy()
    alice = Caller(server.grant("alice", ("get", "dags", "team-7")))
    reviews = Reviews(server)
    server.away = True
    with pytest.raises(Unavailable):
        await reviews.where(alice, NEEDS[0], SPACES)
    server.away = False
    assert await reviews.where(alice, NEEDS[0], SPACES) == ("team-7",)


async def test_rights_that_come_and_go() -> None:
    """One that is taken away is gone within seconds, though rules are remembered longer; one that is given comes."""
    server, times = StandIn(), [0.0]
    reviews = Reviews(server, now=lambda: times[0])
    alice = Caller(server.grant("alice", ("get", "dags", "team-7")))
    assert await reviews.where(alice, NEEDS[0], SPACES) == ("team-7",)
    server.rights["alice"] = {("get", "dags", "team-8")}
    times[0] = ANSWER_SECONDS + 1
    assert await reviews.where(alice, NEEDS[0], SPACES) == ()
    times[0] = RULES_SECONDS + 1
    assert await reviews.where(alice, NEEDS[0], SPACES) == ("team-8",)


def rule(verbs: list[str], groups: list[str], resources: list[str]) -> dict[str, Any]:
    """Rules of which the list has just one, and no more than it."""
    listed = {"verbs": verbs, "apiGroups": groups, "resources": resources}
    return {"incomplete": False, "resourceRules": [listed]}


@pytest.mark.parametrize(
    ("status", "need", "answer"),
    [
        ({}, NEEDS[0], True),
        ({"incomplete": True, "resourceRules": []}, NEEDS[0], True),
        ({"incomplete": False}, NEEDS[0], False),
        (rule(["get"], ["slipway.dev"], ["dags"]), NEEDS[0], True),
        (rule(["*"], ["*"], ["*"]), NEEDS[0], True),
        (rule(["list"], ["slipway.dev"], ["dags"]), NEEDS[0], False),
        (rule(["get"], ["apps"], ["dags"]), NEEDS[0], False),
        (rule(["get"], ["slipway.dev"], ["dagruns"]), NEEDS[0], False),
        (rule(["get"], ["slipway.dev"], ["dags/status"]), NEEDS[0], False),
        (rule(["get"], [""], ["pods"]), Need("get", "pods", "log", group=""), False),
        (rule(["get"], [""], ["pods/log"]), Need("get", "pods", "log", group=""), True),
        (rule(["get"], [""], ["*/log"]), Need("get", "pods", "log", group=""), True),
    ],
)
def test_what_rules_leave_open(status: dict[str, Any], need: Need, answer: bool) -> None:
    """As RBAC matches them; a list that is not complete, or says nothing of that, rules nothing out."""
    assert may_allow(status, need) is answer
