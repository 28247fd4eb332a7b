"""How things stand, on one page; each part for those who may see it."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import Query
from pydantic import Field
from sqlalchemy.orm import Session

from controller.web.answer import Answer, Asked, Time
from controller.web.authorise import SEE_APPROVALS, SEE_DAGS, SEE_POOLS, SEE_RUNS, HomeReach, Reach
from controller.web.queries.approvals import pending_count
from controller.web.queries.home import (
    MOST_LISTED,
    DagNotReady,
    FailedRun,
    RunCounts,
    dags_not_ready,
    failed_runs,
    run_counts,
)
from controller.web.queries.pools import PoolLine, fullest_pools
from controller.web.routes import address

router = address.router("home")

MOST_HOURS: Final = 168


class HomeQuery(Asked):
    """Which window is wanted."""

    namespace: str | None = Field(default=None, max_length=253)
    """Only of this namespace."""
    hours: Annotated[int, Field(ge=1, le=MOST_HOURS)] = 24
    """How far the window reaches back. Default 24, at most 168."""


class Home(Answer):
    """How things stand. A part that the caller may not see is null."""

    since: Time
    """When the window begins."""
    counts: RunCounts | None
    """Runs and tasks by state; needs `get dagruns`."""
    failed_runs: list[FailedRun] | None
    """The last 20 runs that failed in the window, the newest first; needs `get dagruns`."""
    dags_not_ready: list[DagNotReady] | None
    """The first 20 Dags that can't run; needs `get dags`."""
    pools: list[PoolLine] | None
    """The 20 fullest pools, the fullest first; needs `get pools`."""
    pending_approvals: int | None
    """How many questions wait for an answer; needs `get approvals`."""


@router.get("/home")
async def home(reach: HomeReach, asked: Annotated[HomeQuery, Query()]) -> Home:
    """Counts by state, the last failures, Dags that can't run, full pools, open questions."""
    since = datetime.now(UTC) - timedelta(hours=asked.hours)
    return await reach.access.parts.reader.ask(lambda session: _home(session, reach, since))


def _home(session: Session, reach: Reach, since: datetime) -> Home:
    runs, dags = reach.namespaces[SEE_RUNS], reach.namespaces[SEE_DAGS]
    sees_runs = reach.has(SEE_RUNS)
    pools, approvals = reach.namespaces[SEE_POOLS], reach.namespaces[SEE_APPROVALS]
    return Home(
        since=since,
        counts=run_counts(session, runs, since) if sees_runs else None,
        failed_runs=failed_runs(session, runs, since) if sees_runs else None,
        dags_not_ready=dags_not_ready(session, dags) if reach.has(SEE_DAGS) else None,
        pools=fullest_pools(session, pools, MOST_LISTED) if reach.has(SEE_POOLS) else None,
        pending_approvals=pending_count(session, approvals) if reach.has(SEE_APPROVALS) else None,
    )
