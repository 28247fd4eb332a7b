"""The doctor and the admission webhook."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from controller.errors import Unavailable
from tests.cli.doctor.patient import HOOKS, Patient, by_check, refusal, webhook
from tests.scenarios.story import Story


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    """A cluster in which all is well."""
    return Patient(Story(), tmp_path)


@pytest.mark.parametrize(
    ("days", "fields", "level"),
    [
        (60, {}, "ok"),
        (2, {}, "warn"),
        (-1, {}, "fail"),
        (60, {"failurePolicy": "Fail"}, "warn"),
        (60, {"clientConfig": {}}, "warn"),
        (60, {"clientConfig": {"caBundle": "bm9uZQ=="}}, "fail"),
    ],
)
async def test_webhooks(patient: Patient, days: int, fields: dict[str, Any], level: str) -> None:
    """A certificate that holds, ends soon, has ended or is none; and a policy that would stop `kubectl apply`."""
    hook = webhook(patient.now - timedelta(days=30), patient.now + timedelta(days=days), **fields)
    patient.paths[HOOKS.format("validating")] = {"items": [hook]}
    found, _ = by_check(await patient.examined(), "webhook")[0]
    assert found == level


@pytest.mark.parametrize(
    ("created", "level"), [(None, "warn"), (refusal("dags"), "skipped"), (Unavailable("no answer"), "skipped")]
)
async def test_a_webhook_that_is_not_called(patient: Patient, created: Exception | None, level: str) -> None:
    """A Dag in a circle passes where the API server can't reach it; where it may not be tried, that is told."""
    assert by_check(await patient.examined(), "webhook")[-1][0] == "ok"
    patient.created = created
    assert by_check(await patient.examined(), "webhook")[-1][0] == level


async def test_a_webhook_for_some_namespaces(patient: Patient) -> None:
    """It is tried where it is called."""
    only = {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["team", "other"]}
    held = patient.now - timedelta(days=30), patient.now + timedelta(days=60)
    hook = webhook(*held, namespaceSelector={"matchExpressions": [only]})
    patient.paths[HOOKS.format("validating")] = {"items": [hook]}
    await patient.examined()
    assert patient.asked_in == ["team"]


@pytest.mark.parametrize("answer", [{"items": []}, refusal("webhooks")])
async def test_no_webhook(patient: Patient, answer: Any) -> None:
    """None is installed, or it may not be read: nothing is wrong with that."""
    patient.paths[HOOKS.format("validating")] = answer
    [(found, _)] = by_check(await patient.examined(), "webhook")
    assert found == "skipped"
