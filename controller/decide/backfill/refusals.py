"""A backfill and its Dag -> why it can't be done, in one sentence. The first reason counts. Source: Airflow 3.3.

Invalid      the Dag has no schedule; from after to; gaps together with reprocess; params that do not fit
TooEarly     the range lies in the future
PastWanted   a task depends on its past, and slots would be taken backwards, or passed over
Overlap      another unfinished backfill of the Dag is about some of the same time
"""

from datetime import datetime

from controller.decide.params import ParamsFault, resolve_params
from controller.model.backfill import Backfill, BackfillState, Reprocess
from controller.model.metadata import Key
from controller.model.plan import Plan
from controller.model.snapshot import BackfillSnapshot
from controller.model.timestamps import format_time

EMPTY = "No slot of the schedule in this range has come to its end yet"


def refusal_of(snapshot: BackfillSnapshot, plan: Plan, now: datetime) -> str | None:
    """Why the backfill is refused; None when it can be planned."""
    found = _wrong(snapshot.backfill, plan, now)
    if found is not None:
        return found
    rival = next((other for other in snapshot.others if _stands_before(other, snapshot.backfill)), None)
    if rival is not None:
        span = f"{format_time(rival.spec.from_)} to {format_time(rival.spec.to)}"
        return f"Backfill {rival.meta.name} of the same Dag has not ended and overlaps: it is about {span}"
    return None


def _wrong(backfill: Backfill, plan: Plan, now: datetime) -> str | None:
    """What is wrong with the backfill by itself."""
    spec = backfill.spec
    if plan.spec.schedule is None:
        return f"Dag {spec.dag_ref.name} has no schedule, so it has no slots to fill"
    if spec.from_ > spec.to:
        return f"from {format_time(spec.from_)} is later than to {format_time(spec.to)}"
    if spec.from_ > now:
        return "The range lies in the future"
    if spec.gaps and spec.reprocess is not Reprocess.NONE:
        return "gaps takes only slots without a run, so it can't be together with reprocess"
    if plan.uses_past and spec.run_backwards:
        return "A task of the Dag depends on its past, so its runs can't be made backwards"
    if plan.uses_past and spec.reprocess is Reprocess.NONE:
        return "A task of the Dag depends on its past, so reprocess must be failed or completed"
    try:
        resolve_params(plan.spec.params, spec.params)
    except ParamsFault as fault:
        return f"The params do not fit: {fault}"
    return None


def _stands_before(other: Backfill, mine: Backfill) -> bool:
    """Whether the other one overlaps and came first: the older one, or any that is past its planning."""
    if other.spec.from_ > mine.spec.to or mine.spec.from_ > other.spec.to:
        return False
    return other.status.state is not BackfillState.PLANNING or _age(other) < _age(mine)


def _age(backfill: Backfill) -> tuple[datetime, Key]:
    return backfill.meta.created_at, backfill.meta.key
