"""The doctor and the installation: definitions, rights, controller, Lease, and what replicas say."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from controller.cli.doctor.finding import Level
from controller.errors import NotFound, Unavailable
from tests.cli.doctor.patient import (
    CRDS,
    DEPLOYMENTS,
    LEASE,
    METASTORE,
    PODS,
    PROXY,
    Patient,
    amiss,
    by_check,
    deployment,
    lease,
    pod,
    refusal,
)
from tests.scenarios.story import Story


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    """A cluster in which all is well."""
    return Patient(Story(), tmp_path)


async def test_a_cluster_in_which_all_is_well(patient: Patient) -> None:
    """Every check says so, in a sentence, and none proposes to do anything."""
    found = await patient.examined()
    assert amiss(found) == []
    assert {each.level for each in found} == {Level.OK}
    wanted = {"cluster", "clock", "crds", "rights", "controller", "lease", "leader", "controller-clock", "metastore"}
    assert wanted | {"logs", "task-image", "webhook", "dags", "runs", "tasks", "pods"} == {each.check for each in found}
    assert not any(each.fix for each in found)


@pytest.mark.parametrize(("major", "minor", "level"), [("1", "29", "fail"), ("1", "30+", "ok"), ("2", "0", "ok")])
async def test_versions_of_kubernetes(patient: Patient, major: str, minor: str, level: str) -> None:
    """1.30 is the oldest that will do; some clouds write a plus behind the number."""
    patient.paths["/version"] = {"gitVersion": f"v{major}.{minor}", "major": major, "minor": minor}
    [(found, _)] = by_check(await patient.examined(), "cluster")
    assert found == level


async def test_an_api_server_that_is_away(patient: Patient) -> None:
    """There is nothing to examine."""
    patient.paths["/version"] = Unavailable("the API server does not answer")
    with pytest.raises(Unavailable):
        await patient.examined()


@pytest.mark.parametrize(("seconds", "levels"), [(3, ["ok"]), (-90, ["warn"]), (90, ["warn"])])
async def test_a_clock_that_is_wrong(patient: Patient, seconds: int, levels: list[str]) -> None:
    """Fast or slow, this machine's clock is compared with the API server's."""
    found = await patient.examined(now=patient.now + timedelta(seconds=seconds))
    assert [level for level, _ in by_check(found, "clock")] == levels


async def test_a_controller_whose_clock_is_wrong(patient: Patient) -> None:
    """Schedules would come at the wrong time."""
    patient.paths[f"{PROXY}/counts"]["now"] = "2025-12-31T23:50:00Z"
    assert ("controller-clock", "fail") in amiss(await patient.examined())


async def test_definitions_that_are_not_there(patient: Patient) -> None:
    """They are named, and how to install them."""
    for name in ("dags", "pools"):
        patient.paths[f"{CRDS}{name}.slipway.dev"] = NotFound("not found")
    [(level, message)] = by_check(await patient.examined(), "crds")
    assert (level, "dags.slipway.dev, pools.slipway.dev" in message) == ("fail", True)


def _other_maximum(spec: dict[str, Any]) -> None:
    schema = spec["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["spec"]["properties"]["slots"]["maximum"] = 7


def _one_field_more(spec: dict[str, Any]) -> None:
    schema = spec["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["spec"]["properties"]["color"] = {"type": "string"}


def _one_field_less(spec: dict[str, Any]) -> None:
    del spec["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"]["holders"]


def _no_column(spec: dict[str, Any]) -> None:
    spec["versions"][0]["additionalPrinterColumns"].pop()


def _no_version(spec: dict[str, Any]) -> None:
    spec["versions"] = []


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (_other_maximum, "slots.maximum"),
        (_one_field_more, "properties.color"),
        (_one_field_less, "properties.holders"),
        (_no_column, "additionalPrinterColumns"),
        (_no_version, "versions.v1alpha1"),
        (lambda spec: spec.update(scope="Cluster"), "scope"),
        (lambda spec: spec["names"].update(plural="pots"), "names.plural"),
    ],
)
async def test_definitions_of_another_version(patient: Patient, spoil: Any, place: str) -> None:
    """Whatever differs is found, and told where."""
    spoil(patient.paths[f"{CRDS}pools.slipway.dev"]["spec"])
    [(level, message)] = by_check(await patient.examined(), "crds")
    assert (level, "pools.slipway.dev" in message, place in message) == ("fail", True, True)


async def test_a_definition_that_is_not_taken_up(patient: Patient) -> None:
    """The API server does not serve it yet."""
    patient.paths[f"{CRDS}pools.slipway.dev"]["status"] = {}
    assert ("crds", "fail") in amiss(await patient.examined())


@pytest.mark.parametrize(
    ("served", "level"), [(["dags"], "fail"), (NotFound("no such group"), "fail"), (None, "skipped")]
)
async def test_definitions_that_may_not_be_read(patient: Patient, served: Any, level: str) -> None:
    """Most users may not; then it is looked whether the kinds are served."""
    for path in [path for path in patient.paths if path.startswith(CRDS)]:
        patient.paths[path] = refusal("it")
    if served is not None:
        told = served if isinstance(served, Exception) else {"resources": [{"name": name} for name in served]}
        patient.paths["/apis/slipway.dev/v1alpha1"] = told
    [(found, _)] = by_check(await patient.examined(), "crds")
    assert found == level


async def test_rights_that_are_lacking(patient: Patient) -> None:
    """They are named; what may not be read is skipped, and said so."""
    patient.forbidden = {"create dagruns", "list pods", "list dags", "list taskruns"}
    found = await patient.examined()
    [(level, message)] = by_check(found, "rights")
    assert (level, "create dagruns" in message) == ("warn", True)
    assert {check: by_check(found, check)[0][0] for check in ("dags", "pods", "runs")} == dict.fromkeys(
        ("dags", "pods", "runs"), "skipped"
    )


@pytest.mark.parametrize(
    ("answer", "level"), [({"items": []}, "fail"), (refusal("deployments"), "skipped"), ({"items": [{}]}, None)]
)
async def test_a_controller_that_is_not_found(patient: Patient, answer: Any, level: str | None) -> None:
    """Not installed, or not to be read."""
    if level is None:
        answer = {"items": [deployment(replicas=0)]}
    patient.paths[DEPLOYMENTS] = answer
    [(found, message)] = by_check(await patient.examined(), "controller")
    assert found == (level or "fail")
    assert level is not None or "scaled to 0" in message


async def test_a_controller_that_is_not_ready(patient: Patient) -> None:
    """Kubernetes' own reason is told."""
    ill = deployment()
    ill["status"] = {}
    waiting: dict[str, Any] = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}}
    patient.paths |= {DEPLOYMENTS: {"items": [ill]}, PODS: {"items": [pod(**waiting)]}}
    [(level, message)] = by_check(await patient.examined(), "controller")
    assert (level, "CrashLoopBackOff back-off 10s" in message) == ("fail", True)


async def test_some_replicas_and_restarts(patient: Patient) -> None:
    """One of two is ready, and it was killed for its memory."""
    ill, killed = deployment(2), pod(restarts=9)
    ill["status"] = {"readyReplicas": 1}
    ill["metadata"]["labels"]["app.kubernetes.io/version"] = "0.0.1"
    killed["status"]["containerStatuses"][0]["lastState"] = {"terminated": {"reason": "OOMKilled"}}
    patient.paths |= {DEPLOYMENTS: {"items": [ill]}, PODS: {"items": [killed]}}
    found = await patient.examined()
    assert [level for level, _ in by_check(found, "controller")] == ["warn", "warn"]
    assert any("memory" in each.fix for each in found)
    assert ("version", "warn") in amiss(found)


@pytest.mark.parametrize(
    ("age", "holder", "level"), [(5, "slipway-1", "ok"), (40, "slipway-1", "fail"), (1, "", "fail")]
)
async def test_leases(patient: Patient, age: int, holder: str, level: str) -> None:
    """One that is renewed, one that is not any more, and one that nobody holds."""
    patient.paths[LEASE] = lease(patient.now - timedelta(seconds=age), holder)
    [(found, _)] = by_check(await patient.examined(), "lease")
    assert found == level


async def test_a_lease_that_may_not_be_read(patient: Patient) -> None:
    """It is skipped; one that is not there is a warning; and where none is used nothing is said."""
    patient.paths[LEASE] = refusal("leases")
    assert by_check(await patient.examined(), "lease")[0][0] == "skipped"
    del patient.paths[LEASE]
    assert by_check(await patient.examined(), "lease")[0][0] == "warn"
    patient.paths[DEPLOYMENTS] = {"items": [deployment(SLIPWAY_LEASE_NAME="")]}
    assert by_check(await patient.examined(), "lease") == []


async def test_replicas_none_of_which_decides(patient: Patient) -> None:
    """As their metrics say."""
    patient.measured.leads = False
    assert ("leader", "fail") in amiss(await patient.examined())


async def test_what_replicas_say(patient: Patient) -> None:
    """A stale watch, a database that takes no rows, logs and alerts that wait."""
    patient.metrics = "\n".join(
        (
            'slipway_watch_age_seconds{kind="Pod"} 900',
            'slipway_watch_age_limit_seconds{kind="Pod"} 140',
            "slipway_log_archive_waiting 3",
            "slipway_alerts_waiting 2",
            'slipway_alerts_failed_total{target="chat"} 5',
        )
    )
    patient.paths[f"{PROXY}/counts"]["metastore"] = {"healthy": False, "pending": 12, "lagSeconds": 400}
    found = await patient.examined()
    assert {("watches", "fail"), ("metastore", "fail"), ("logs", "fail"), ("alerts", "warn")} <= set(amiss(found))
    [(_, message)] = by_check(found, "watches")
    assert "Pod" in message


async def test_rows_that_are_late(patient: Patient) -> None:
    """It works, but slowly."""
    patient.paths[f"{PROXY}/counts"]["metastore"] = {**METASTORE, "lagSeconds": 99, "pending": 5}
    assert ("metastore", "warn") in amiss(await patient.examined())


async def test_replicas_that_may_not_be_asked(patient: Patient) -> None:
    """Who may not use the proxy learns what right it takes."""
    patient.paths[f"{PROXY}/counts"] = patient.metrics = refusal("pods/proxy")
    found = await patient.examined()
    silent = [each for each in found if each.check in ("watches", "metastore")]
    assert [(each.level.value, "pods/proxy" in each.fix) for each in silent] == [("skipped", True)] * 2


@pytest.mark.parametrize(
    ("env", "level"),
    [
        ({"SLIPWAY_LOG_STORE": "off"}, "skipped"),
        ({"SLIPWAY_LOG_STORE": "s3://logs"}, "ok"),
        ({"SLIPWAY_LOG_STORE": "file:///logs"}, "fail"),
    ],
)
async def test_log_stores(patient: Patient, env: dict[str, Any], level: str) -> None:
    """None at all, a bucket, and a volume that nobody has mounted."""
    patient.paths[DEPLOYMENTS] = {"items": [deployment(**env)]}
    assert by_check(await patient.examined(), "logs")[0][0] == level


async def test_a_volume_for_logs(patient: Patient) -> None:
    """It is mounted where the setting says, or above."""
    well = deployment(SLIPWAY_LOG_STORE="file:///logs/slipway")
    well["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] = [{"mountPath": "/logs"}]
    patient.paths[DEPLOYMENTS] = {"items": [well]}
    assert by_check(await patient.examined(), "logs")[0][0] == "ok"
