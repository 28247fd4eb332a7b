"""Runs: of a Dag, of all Dags, and one of them."""

from typing import Annotated

from fastapi import Query, Request, Response

from controller.web.answer import Page
from controller.web.authorise import RunsAnywhere, RunsHere
from controller.web.names import DagName, RunName
from controller.web.queries.runs import RunDetail, RunLine, RunQuery, RunsQuery, list_runs
from controller.web.routes import address

router = address.router("runs")


@router.get("/runs")
async def runs(
    request: Request, response: Response, access: RunsAnywhere, asked: Annotated[RunsQuery, Query()]
) -> Page[RunLine]:
    """Runs by logical date, newest first, wherever the caller may see them."""
    asked.checked_limit()
    await address.unless_known(request, response, access)
    return await access.parts.reader.ask(lambda session: list_runs(session, access.namespaces, asked.dag, asked))


@router.get(address.HERE + "/dags/{dag}/runs")
async def runs_of_dag(
    request: Request, response: Response, access: RunsHere, dag: DagName, asked: Annotated[RunQuery, Query()]
) -> Page[RunLine]:
    """The Dag's runs by logical date, newest first."""
    asked.checked_limit()
    await address.unless_known(request, response, access)
    return await access.parts.reader.ask(lambda session: list_runs(session, access.namespaces, dag, asked))


@router.get(address.HERE + "/runs/{run}")
async def run(namespace: str, run: RunName, access: RunsHere) -> RunDetail:
    """One run, also one that is gone."""
    return await address.run_of(access, namespace, run)
