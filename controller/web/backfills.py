"""A wish for a backfill -> the manifest that asks for it, and the plan that it would have by the controller's rules."""

import secrets
import time
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from controller.decide.backfill.preview import Preview, preview
from controller.model.backfill import BackfillState, Reprocess, parse_backfill
from controller.model.metadata import parse_meta
from controller.model.names import API_VERSION, LABEL_DAG, fit
from controller.model.policy import Policy
from controller.model.schema import Label, Timestamp
from controller.model.snapshot import BackfillSnapshot
from controller.model.timestamps import format_time
from controller.web.actions import Done
from controller.web.answer import Answer, Asked, Time
from controller.web.problems import Changed, Invalid
from controller.web.queries.backfills import PlanCounts
from controller.web.queries.planning import Past

MOST_COUNTED: Final = 20_000
"""Slots that a preview counts before it says that there are more; a fifth of a second for each 2,000 of a cron."""
MOST_LISTED: Final = 500


class NewBackfill(Asked):
    """Runs that somebody wants for a stretch of a Dag's past."""

    from_: Annotated[Timestamp, Field(alias="from")]
    """The earliest logical date, included."""
    to: Timestamp
    """The latest logical date, included; intervals that have not ended are left out."""
    reprocess: Reprocess = Reprocess.NONE
    """What becomes of a run that has ended: `none` leaves it, `failed` clears it if it failed, `completed` always."""
    gaps: bool = False
    """Whether only intervals are taken in which the Dag has no run of any kind. Not together with reprocess."""
    max_active_runs: Annotated[int, Field(strict=True, ge=1, le=1000)] = 10
    """Its runs that are unfinished at once, at most."""
    run_backwards: bool = False
    """Whether the newest interval comes first."""
    approval: bool = False
    """Whether it is only planned, until somebody approves it."""
    params: Annotated[dict[str, Any], Field(max_length=100)] = {}
    """Values for the Dag's params in the runs that are made."""
    note: Annotated[str, StringConstraints(max_length=1000)] | None = None
    """Anything to be said about the backfill."""
    name: Label | None = None
    """The Backfill's name. Absent = made of the Dag's name and the time."""
    dry_run: bool = False
    """Whether only to tell the plan; the API server is asked whether it would accept it."""


class Planned(Answer):
    """What would become of one interval."""

    logical_date: Time
    """Its logical date."""
    run: str
    """The name that its run has or would have."""
    plan: str
    """create, reprocess, exists or inFlight."""


class BackfillPlanned(PlanCounts):
    """The plan as it is now."""

    whole: bool
    """Whether every interval is counted; false = there are more than 20,000, and these are counted no further."""
    intervals: list[Planned]
    """The first 500, in the order in which they are taken."""


class BackfillDone(Done):
    """What was created, or with `dryRun` would be."""

    plan: BackfillPlanned
    """What becomes of the intervals; the controller plans anew when it begins."""


def backfill_manifest(namespace: str, dag: str, asked: NewBackfill) -> dict[str, Any]:
    """The Backfill to create."""
    spec = asked.model_dump(
        mode="json", by_alias=True, include={"from_", "to", "reprocess", "gaps", "max_active_runs", "run_backwards"}
    )
    spec |= {"dagRef": {"name": dag}, "approved": not asked.approval}
    if asked.params:
        spec["params"] = asked.params
    if asked.note is not None:
        spec["note"] = asked.note
    name = asked.name or fit(f"{dag}-{time.strftime('%Y%m%dt%H%M%S', time.gmtime())}-{secrets.token_hex(2)}")
    metadata = {"name": name, "namespace": namespace, "labels": {LABEL_DAG: dag}}
    return {"apiVersion": API_VERSION, "kind": "Backfill", "metadata": metadata, "spec": spec}


def planned(manifest: dict[str, Any], past: Past, now: datetime) -> BackfillPlanned:
    """The manifest's plan; Invalid where the controller would refuse it."""
    born = {"uid": "preview", "resourceVersion": "1", "creationTimestamp": format_time(now)}
    backfill = parse_backfill(parse_meta({**manifest["metadata"], **born}), {"spec": manifest["spec"]})
    snapshot = BackfillSnapshot(
        backfill=backfill,
        dag=past.dag,
        revision=past.revision,
        others=past.others,
        runs=past.runs,
        dates=past.dates,
        active=(),
        failed=0,
        status_written_at=None,
        policy=Policy(default_task_image=""),
    )
    return _told(past, preview(snapshot, now, most=MOST_COUNTED, listed=MOST_LISTED))


def _told(past: Past, found: Preview) -> BackfillPlanned:
    status = found.status
    if status.state is BackfillState.FAILED:
        raise Invalid(status.message or "It would be refused", pointer="/from")
    if status.plan is None:
        raise Changed(f"Dag {past.dag.meta.name} is not valid", way_on="Mend the Dag first")
    slots = [Planned(logical_date=each.slot.logical_date, run=each.name, plan=each.plan.value) for each in found.slots]
    counts = status.plan.model_dump(exclude={"slots"})
    return BackfillPlanned(**counts, whole=found.is_whole, intervals=slots)
