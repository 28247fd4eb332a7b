"""Who triggered a run: as admission noted it, before what the author said of themselves."""

import pytest

from controller.metastore.audit import audit_rows
from controller.model.authorship import CREATED_BY
from tests.decide.objects import run

CLAIM = {"slipway.dev/asked-trigger": "2026-01-31T06:00:00Z bob"}


@pytest.mark.parametrize(
    ("annotations", "who"),
    [({**CLAIM, CREATED_BY: "ada"}, "ada"), ({CREATED_BY: "ada"}, "ada"), (CLAIM, "bob"), ({}, None)],
)
def test_who_triggered_a_run(annotations: dict[str, str], who: str | None) -> None:
    """kubectl leaves no claim, so admission's note is the only name there."""
    [row] = audit_rows(run(annotations=annotations))
    assert (row["action"], row["asked_by"]) == ("trigger", who)
