"""Who made and wrote what: noted at admission, kept at changes, and nothing that a user could write themselves."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from controller.admission import handlers
from controller.admission.stamps import spec_of
from controller.model.authorship import CREATED_BY, MAY_USE, WRITTEN_BY, authorship_in, may_use, written_by
from controller.simulate.patches import json_patch
from tests.admission.asking import MadeUpCluster, Webhook, annotations, dag, dag_run, listening, request
from tests.decide.drawing import drawn_spec

SPEC, OTHER = drawn_spec("a"), drawn_spec("a >> b")
LOADER = drawn_spec("a", {"a": {"serviceAccountName": "loader"}})
FORGED = {CREATED_BY: "bob", WRITTEN_BY: "x bob", MAY_USE: "x loader", "mine": "stays"}


@pytest_asyncio.fixture
async def webhook() -> AsyncIterator[Webhook]:
    """A webhook that listens; Ada may use the account loader."""
    rights: set[tuple[str, ...]] = {("ada", "team", "use", "serviceaccounts", "loader")}
    async with listening(MadeUpCluster(rights=rights)) as webhook:
        yield webhook


def said(raw: Any, spec: Any) -> tuple[str, str, set[str]]:
    """Who made the Dag, who wrote the spec, and what they may use."""
    text, authorship = spec_of({"spec": spec}), authorship_in(annotations(raw))
    return authorship.created_by, authorship.writer(text), set(authorship.granted(text))


@pytest.mark.parametrize("own", [{}, {"annotations": FORGED}, {"annotations": {"mine": "stays"}}])
async def test_a_new_dag(webhook: Webhook, own: Any) -> None:
    """Its maker is noted, whatever they say themselves; other annotations stay."""
    applied = await webhook.applied(request(dag(SPEC, **own)))
    assert said(applied, SPEC) == ("ada", "ada", set())
    assert annotations(applied).get("mine") == annotations(dag(SPEC, **own)).get("mine")
    assert MAY_USE not in annotations(applied)


async def test_accounts_that_the_author_may_use(webhook: Webhook) -> None:
    """They are noted beside the spec, so that the controller knows at the launch."""
    assert said(await webhook.applied(request(dag(LOADER))), LOADER) == ("ada", "ada", {"loader"})


async def test_a_change_by_somebody_else(webhook: Webhook) -> None:
    """The maker stays, the writer changes, and what Ada may use is not Bob's."""
    before = await webhook.applied(request(dag(LOADER)))
    after = await webhook.applied(request(dag(SPEC, annotations=annotations(before)), before, user="bob"))
    assert said(after, SPEC) == ("ada", "bob", set())
    spec = {**LOADER, "description": "mine now"}
    assert "loader needs" in await webhook.refused(
        request(dag(spec, annotations=annotations(before)), before, user="bob")
    )


@pytest.mark.parametrize("own", [{}, {"annotations": FORGED}])
async def test_a_change_that_leaves_the_spec(webhook: Webhook, own: Any) -> None:
    """A pause, a label or a `kubectl replace` without annotations changes nothing of this."""
    before = await webhook.applied(request(dag(LOADER)))
    after = await webhook.applied(request(dag({**LOADER, "paused": True}, **own), before, user="bob"))
    assert said(after, LOADER) == ("ada", "ada", {"loader"})


async def test_a_dag_that_came_while_nobody_looked(webhook: Webhook) -> None:
    """What was forged meanwhile does not become ours by a change; who may use an account can say so again."""
    forged = dag(LOADER, annotations={WRITTEN_BY: "x bob"})
    after = await webhook.applied(request(dag({**LOADER, "paused": True}), forged, user="bob"))
    assert said(after, LOADER) == ("", "", set())
    again = await webhook.applied(request(dag(LOADER), forged, user="ada"))
    assert said(again, LOADER) == ("", "", {"loader"})


async def test_what_was_granted_is_not_lost(webhook: Webhook) -> None:
    """Somebody with fewer rights who applies the same again takes nothing away, nor mixes in their own."""
    both = drawn_spec("a; b", {"a": {"serviceAccountName": "loader"}, "b": {"serviceAccountName": "other"}})
    text = spec_of({"spec": both})
    before = dag(both, annotations={WRITTEN_BY: written_by(text, "ada"), MAY_USE: may_use(text, ["loader"])})
    webhook.cluster.rights.add(("bob", "team", "use", "serviceaccounts", "other"))
    after = await webhook.applied(request(dag(both), before, user="bob"))
    assert said(after, both) == ("", "ada", {"loader"})


async def test_a_search_that_fails(webhook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who makes it fail, or take too long, is named all the same, and may use nothing."""

    async def broken(*_: Any) -> bool:
        raise RecursionError

    async def endless(*_: Any) -> bool:
        return await asyncio.Event().wait()

    monkeypatch.setattr(handlers, "_RIGHTS_SECONDS", 0.05)
    for search in (broken, endless):
        webhook.server.api.is_allowed = search  # type: ignore[method-assign,assignment]
        said_of = await webhook.ask("stamp-dags", request(dag(LOADER, annotations=FORGED)))
        after = json_patch(dag(LOADER, annotations=FORGED), json.loads(base64.b64decode(said_of["patch"])))
        assert said(after, LOADER) == ("ada", "ada", set())


async def test_runs(webhook: Webhook) -> None:
    """A run has its maker, which nobody changes afterwards."""
    made = await webhook.applied(request(dag_run(annotations={CREATED_BY: "bob"})))
    assert annotations(made) == {CREATED_BY: "ada"}
    forged: dict[str, Any] = {"annotations": {CREATED_BY: "bob"}}
    for own in ({}, forged):
        changed = await webhook.applied(request(dag_run({"cancel": "force"}, **own), made, user="bob"))
        assert annotations(changed) == {CREATED_BY: "ada"}


async def test_a_run_whose_maker_is_unknown(webhook: Webhook) -> None:
    """It stays so: who changes it later did not make it."""
    changed = await webhook.applied(request(dag_run({"note": "x"}, annotations={CREATED_BY: "bob"}), dag_run()))
    assert annotations(changed) == {}


async def test_a_dry_run(webhook: Webhook) -> None:
    """It is judged and stamped as if it were meant."""
    assert said(await webhook.applied(request(dag(SPEC), dryRun=True)), SPEC) == ("ada", "ada", set())


async def test_nothing_to_change(webhook: Webhook) -> None:
    """There is no patch where all stands as it must."""
    before = await webhook.applied(request(dag(SPEC)))
    assert (await webhook.ask("stamp-dags", request(before, before, user="bob"))).get("patch") is None
