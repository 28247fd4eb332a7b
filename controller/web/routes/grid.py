"""The grid in three calls: its rows for a revision, its columns, and the states of each run beside the rows."""

from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from controller.web.answer import Answer, AnyRow, Asked, Page
from controller.web.authorise import DagsHere, RunsHere
from controller.web.etag import check_etag, strong_etag
from controller.web.names import DagName
from controller.web.problems import Invalid
from controller.web.queries.grid import runs_by_name
from controller.web.queries.revisions import current_revision, revision_spec
from controller.web.queries.runs import RunBar, RunQuery, list_bars
from controller.web.queries.tasks import state_counts
from controller.web.routes import address
from controller.web.routes.revisions import no_revision
from controller.web.structure import Cell, Structure, aligned, structure_of, tries_of

router = address.router("grid")

MOST_RUNS = 100
_LINES: Final = "application/x-ndjson"


class StructureQuery(Asked):
    """Which revision's rows are wanted."""

    revision: str | None = Field(default=None, max_length=253)
    """The revision. Absent = the one that new runs are pinned to."""


class StatesQuery(Asked):
    """Which runs' states are wanted."""

    run: Annotated[list[Annotated[str, StringConstraints(max_length=253)]], Field(min_length=1, max_length=MOST_RUNS)]
    """The runs' names, 100 at most. Repeatable."""


class RunStates(Answer):
    """The states of one run."""

    run: str
    """The run's name."""
    revision: str | None
    """Whose structure the states stand beside; absent = the run has not begun."""
    states: list[Cell]
    """For each row a place in the structure's `states`; counts by such places for a mapped task; null = not begun."""
    tries: dict[int, int]
    """By row: the number of the newest attempt, of instances the highest, where that is not the first."""


class States(Answer):
    """The states of several runs."""

    items: list[RunStates]
    """In the order of the question; runs that do not exist are left out."""


@router.get(address.HERE + "/dags/{dag}/grid/structure")
async def structure(
    request: Request, response: Response, access: DagsHere, dag: DagName, asked: Annotated[StructureQuery, Query()]
) -> Structure:
    """The rows of the grid: the revision's tasks in topological order, with their groups."""
    namespace = access.namespace

    def find(session: Session) -> tuple[str, str]:
        name = asked.revision or current_revision(session, namespace, dag)
        if name is None:
            raise address.no_dag(namespace, dag)
        spec = revision_spec(session, namespace, dag, name)
        if spec is None:
            raise no_revision(dag, name[:253])
        return name, spec

    name, spec = await access.parts.reader.ask(find)
    check_etag(request, response, strong_etag(f"structure 1 {namespace}/{name}"))
    return await access.parts.reader.ask(lambda _: structure_of(name, spec))


@router.get(address.HERE + "/dags/{dag}/grid/runs")
async def window(
    request: Request, response: Response, access: RunsHere, dag: DagName, asked: Annotated[RunQuery, Query()]
) -> Page[RunBar]:
    """The columns of the grid: the Dag's runs, newest first, as narrow as can be."""
    asked.checked_limit()
    await address.unless_known(request, response, access)
    namespace = access.namespace
    return await access.parts.reader.ask(lambda session: list_bars(session, namespace, dag, asked))


@router.get(
    address.HERE + "/dags/{dag}/grid/states",
    response_model=States,
    responses={200: {"content": {_LINES: {"schema": {"type": "string"}}}, "description": "The cells."}},
)
async def states(
    request: Request, response: Response, access: RunsHere, dag: DagName, asked: Annotated[StatesQuery, Query()]
) -> States | Response:
    """The cells of the grid: for each run an array beside the rows of its revision's structure.

    With `Accept: application/x-ndjson` each run is a line of its own, so that a client may show it as it comes.
    """
    if len(asked.run) > MOST_RUNS:
        raise Invalid(f"ask for {MOST_RUNS} runs at most", parameter="run")
    by_line = _LINES in request.headers.get("Accept", "")
    await address.unless_known(request, response, access, by_line)
    namespace = access.namespace

    def find(session: Session) -> States:
        runs = runs_by_name(session, namespace, dag, asked.run)
        by_run: dict[str, list[AnyRow]] = {}
        for row in state_counts(session, [each.uid for each in runs]):
            by_run.setdefault(row.run_uid, []).append(row)
        return States(items=list(_states(session, namespace, dag, runs, by_run)))

    found = await access.parts.reader.ask(find)
    if not by_line:
        return found
    lines = (each.model_dump_json(by_alias=True) + "\n" for each in found.items)
    told = {name: response.headers[name] for name in ("ETag", "Cache-Control")}
    return StreamingResponse(lines, media_type=_LINES, headers={**told, "Vary": "Accept, Authorization, Cookie"})


def _states(
    session: Session, namespace: str, dag: str, runs: list[AnyRow], by_run: dict[str, list[AnyRow]]
) -> Iterator[RunStates]:
    structures: dict[str, Structure | None] = {}
    for run in runs:
        if run.revision is not None and run.revision not in structures:
            spec = revision_spec(session, namespace, dag, run.revision)
            structures[run.revision] = structure_of(run.revision, spec) if spec is not None else None
        found = structures.get(run.revision)
        if found is None:
            yield RunStates(run=run.name, revision=None, states=[], tries={})
            continue
        counts = by_run.get(run.uid, ())
        states = list(aligned(found, counts))
        yield RunStates(run=run.name, revision=run.revision, states=states, tries=tries_of(found, counts))
