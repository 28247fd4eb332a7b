"""Dags and runs on their way into the cluster, over real TLS and through kopf: refused, warned of, or let through."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from controller.model.metadata import Key
from tests.admission.asking import (
    CONTROLLER,
    POLICY,
    MadeUpCluster,
    Webhook,
    dag,
    dag_run,
    listening,
    request,
    stored,
)
from tests.decide.drawing import drawn_spec

VALID = drawn_spec("a >> b", params={"day": {"type": "string", "default": "monday"}})
CYCLE = drawn_spec("a >> b >> a")
LOADER = drawn_spec("a", {"a": {"serviceAccountName": "loader"}})


@pytest_asyncio.fixture
async def webhook() -> AsyncIterator[Webhook]:
    """A webhook that listens, and a cluster without anything."""
    async with listening(MadeUpCluster()) as webhook:
        yield webhook


# ---- Dags -----------------------------------------------------------------------------------------------------------


async def test_a_valid_dag(webhook: Webhook) -> None:
    """It passes, without a word."""
    assert await webhook.warned(request(dag(VALID))) == []


async def test_an_invalid_dag(webhook: Webhook) -> None:
    """It is refused with the sentence that the controller would write into its condition."""
    assert await webhook.refused(request(dag(CYCLE))) == "spec.tasks: the tasks form a cycle: a -> b -> a"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (dag(CYCLE), dag(CYCLE, labels={"team": "blue"})),
        (dag(CYCLE), dag({**CYCLE, "paused": True})),
        (dag({**CYCLE, "paused": True}), {**dag(CYCLE), "status": {"activeRuns": 1}}),
        (dag(VALID), dag(CYCLE, deletionTimestamp="2026-01-01T00:00:00Z", finalizers=[])),
    ],
)
async def test_what_is_wrong_already_stays_editable(webhook: Webhook, old: Any, new: Any) -> None:
    """Labels, the pause and the status of an invalid Dag can be changed, and its deletion go on."""
    assert await webhook.warned(request(new, old)) == []


async def test_a_refusal_is_no_error_of_ours(webhook: Webhook, caplog: pytest.LogCaptureFixture) -> None:
    """The user is told; the controller's log stays quiet."""
    await webhook.refused(request(dag(CYCLE)))
    assert caplog.records == []


async def test_a_change_for_the_worse(webhook: Webhook) -> None:
    """It is refused; the way back is open."""
    assert "cycle" in await webhook.refused(request(dag(CYCLE), dag(VALID)))
    assert await webhook.warned(request(dag(VALID), dag(CYCLE))) == []


async def test_the_controllers_own_namespace(webhook: Webhook) -> None:
    """Nothing is taken there, neither a Dag nor a run."""
    assert "own namespace" in await webhook.refused(request(dag(VALID, namespace="slipway")))
    assert "own namespace" in await webhook.refused(request(dag_run(namespace="slipway")))


async def test_a_forbidden_pod(webhook: Webhook) -> None:
    """The Pod policy is told at once."""
    spec = drawn_spec("a", {"a": {"pod": {"containers": [{"name": "main", "securityContext": {"privileged": True}}]}}})
    said = await webhook.refused(request(dag(spec)))
    assert said == (
        "spec.tasks[0]: the Pod of task a: spec.containers[0].securityContext.privileged true "
        "is not allowed by the Pod policy"
    )


async def test_status_and_other_subresources(webhook: Webhook) -> None:
    """They are never judged, should a configuration send them by mistake."""
    assert await webhook.warned(request(dag(CYCLE), dag(VALID), subResource="status")) == []


async def test_what_the_controller_writes(webhook: Webhook) -> None:
    """It is neither judged nor stamped, should a configuration send it by mistake."""
    assert await webhook.applied(request(dag(CYCLE), user=CONTROLLER)) == dag(CYCLE)


# ---- service accounts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "passes"),
    [
        (("ada", "team", "use", "serviceaccounts", "loader"), True),
        (("blue", "team", "use", "serviceaccounts", "loader"), True),
        (("ada", "team", "create", "pods", ""), True),
        (("ada", "other", "use", "serviceaccounts", "loader"), False),
        (("ada", "team", "use", "serviceaccounts", "trainer"), False),
        (("ada", "team", "get", "serviceaccounts", "loader"), False),
        (("bob", "team", "use", "serviceaccounts", "loader"), False),
    ],
)
async def test_who_may_name_an_account(webhook: Webhook, right: tuple[str, ...], passes: bool) -> None:
    """Who may use it, by name or group, or may create Pods there anyway."""
    webhook.cluster.rights.add(right)
    asked = request(dag(LOADER), user="ada", groups=("blue",))
    if passes:
        assert await webhook.warned(asked) == []
    else:
        assert "loader needs the Dag's author to have the right `use`" in await webhook.refused(asked)


@pytest.mark.parametrize(
    "spec",
    [
        drawn_spec("a", defaults={"serviceAccountName": "loader"}),
        drawn_spec("a", {"a": {"group": "g"}}, groups=[{"name": "g", "defaults": {"serviceAccountName": "loader"}}]),
        drawn_spec("a", {"a": {"pod": {"serviceAccountName": "loader"}}}),
        drawn_spec("a", {"a": {"pod": {"serviceAccount": "loader"}, "serviceAccountName": "default"}}),
        drawn_spec("a", {"a": {"map": {"over": [1, 2]}, "serviceAccountName": "loader"}}),
    ],
)
async def test_every_place_that_names_an_account(webhook: Webhook, spec: Any) -> None:
    """Defaults, groups, tasks and fragments, by the new name of the field and the old: none is a way around."""
    assert "loader needs" in await webhook.refused(request(dag(spec)))
    assert "loader needs" in await webhook.refused(request(dag(spec), dag(VALID)))


async def test_the_rights_are_not_known(webhook: Webhook) -> None:
    """While the API server does not say, the Dag passes with a warning, and nothing is granted: Ready will tell."""
    webhook.cluster.down = True
    assert [said.partition(":")[0] for said in await webhook.warned(request(dag(LOADER)))] == [
        "Slipway could not judge this now; its controller will"
    ]
    applied = await webhook.applied(request(dag(LOADER)))
    assert "slipway.dev/may-use" not in applied["metadata"]["annotations"]


async def test_more_accounts_than_are_asked_for(webhook: Webhook) -> None:
    """Twenty are looked up; those after them need a right to create Pods, and the refusal names them."""
    spec = drawn_spec(
        "; ".join(f"t{n}" for n in range(21)), {f"t{n}": {"serviceAccountName": f"a{n:02}"} for n in range(21)}
    )
    webhook.cluster.rights = {("ada", "team", "use", "serviceaccounts", f"a{n:02}") for n in range(21)}
    assert "a20 needs" in await webhook.refused(request(dag(spec)))
    assert len(webhook.cluster.reviews) == 21
    webhook.cluster.rights = {("ada", "team", "create", "pods", "")}
    assert await webhook.warned(request(dag(spec))) == []


# ---- runs -----------------------------------------------------------------------------------------------------------


async def test_a_run_before_its_dag(webhook: Webhook) -> None:
    """It waits, and its author is told so."""
    assert await webhook.warned(request(dag_run())) == ["Dag etl does not exist yet: the run waits for it"]


@pytest.mark.parametrize(
    ("params", "fault"),
    [
        ({}, None),
        ({"day": "friday"}, None),
        ({"day": 3}, "spec.params: param day is wrong: 3 is not of type 'string'"),
        ({"dya": "friday"}, "spec.params: param dya is not one of the Dag's params (day)"),
    ],
)
async def test_params(webhook: Webhook, params: Any, fault: str | None) -> None:
    """They are judged by the Dag's schemas as the Dag is stored now; a change before the start is judged, too."""
    webhook.cluster.dags[Key("team", "etl")] = stored(dag(VALID))
    run = dag_run({"params": params})
    for asked in (request(run), request(run, dag_run({"params": {"day": "sunday"}}))):
        if fault is None:
            assert await webhook.warned(asked) == []
        else:
            assert await webhook.refused(asked) == fault


async def test_a_run_of_an_invalid_dag(webhook: Webhook) -> None:
    """It may come, and waits; its author is told so."""
    webhook.cluster.dags[Key("team", "etl")] = stored(dag(CYCLE))
    [said] = await webhook.warned(request(dag_run()))
    assert said == "Dag etl is not valid, so the run waits: see its condition Ready"


async def test_params_of_a_run_that_has_begun(webhook: Webhook) -> None:
    """A change has no effect, which is told; other changes are nobody's business."""
    begun = dag_run({"params": {"day": "friday"}}, status={"revision": "etl-1"})
    later = dag_run({"params": {"day": 3}}, status={"revision": "etl-1"})
    assert await webhook.warned(request(later, begun)) == [
        "the run has its params already: changing them has no effect"
    ]
    assert await webhook.warned(request(dag_run({**begun["spec"], "note": "x"}), begun)) == []


async def test_a_spec_that_can_not_be_read(webhook: Webhook) -> None:
    """What a schema of another version let through is refused by its fields."""
    assert await webhook.refused(request(dag_run({"runType": "sometimes"}))) == (
        "spec.runType: 'sometimes' is not one of "
        "'manual', 'scheduled', 'backfill', 'asset_triggered' or 'operator_triggered'"
    )


async def test_a_run_while_nothing_is_known(webhook: Webhook) -> None:
    """It passes with a warning."""
    webhook.cluster.down = True
    assert await webhook.warned(request(dag_run())) == ["Slipway could not judge this now; its controller will"]


async def test_a_bug_of_ours_blocks_nobody(webhook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is raised in here, the request passes with a warning."""

    def broken(*_: Any) -> None:
        raise AssertionError("a bug")

    monkeypatch.setattr("controller.admission.handlers.judge_new_dag", broken)
    monkeypatch.setattr("controller.admission.handlers.dag_stamps", broken)
    assert await webhook.warned(request(dag(CYCLE))) == ["Slipway could not judge this now; its controller will"]
    assert (await webhook.ask("stamp-dags", request(dag(CYCLE)))).get("patch") is None


async def test_without_a_pod_policy() -> None:
    """Nobody is asked about accounts where the operator leaves Pods to the namespace."""
    async with listening(MadeUpCluster(), replace(POLICY, pods=None)) as webhook:
        assert await webhook.warned(request(dag(LOADER))) == []
        assert webhook.cluster.reviews == []
