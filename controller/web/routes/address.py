"""What the files of routes share: the beginning of each address, problems in OpenAPI, and things that are not there."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from controller.web.authorise import Access
from controller.web.etag import check_etag, weak_etag
from controller.web.problems import Gone, Missing, Problem
from controller.web.queries.changes import change_count
from controller.web.queries.dags import dag_place
from controller.web.queries.runs import RunDetail, one_run

PREFIX: Final = "/api/v1"
HERE: Final = "/namespaces/{namespace}"


def _told(description: str) -> dict[str, Any]:
    return {"description": description, "model": Problem}


_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    400: _told("The body is not JSON."),
    401: _told("Nobody knows who asks."),
    403: _told("The caller may not."),
    404: _told("There is no such thing."),
    409: _told("It stands otherwise than the caller thinks."),
    413: _told("The body is too large."),
    422: _told("What was asked can't be."),
    429: _told("Too much at once."),
    503: _told("The database or the API server does not answer."),
}


def router(tag: str) -> APIRouter:
    """A router for one resource."""
    return APIRouter(
        prefix=PREFIX,
        tags=[tag],
        responses=_PROBLEMS,
        generate_unique_id_function=lambda route: route.name,
    )


async def unless_known(request: Request, response: Response, access: Access, *more: object) -> None:
    """Stop with 304 where nothing has changed since the caller asked the same; one row is read for it."""
    change = await access.parts.reader.ask(change_count)
    check_etag(request, response, weak_etag(change, access.namespaces, request.url.path, request.url.query, *more))


async def run_of(access: Access, namespace: str, run: str) -> RunDetail:
    """The run; Missing when there is none."""
    found = await access.parts.reader.ask(lambda session: one_run(session, namespace, run))
    if found is None:
        raise no_run(namespace, run)
    return found


async def live_run(access: Access, namespace: str, run: str) -> RunDetail:
    """The run; Missing when there is none, Gone when only its history is left."""
    found = await run_of(access, namespace, run)
    if found.deleted_at is not None:
        raise Gone(f"Run {run} was deleted already; its history stays")
    return found


async def live_dag(access: Access, namespace: str, dag: str) -> str:
    """The uid of the Dag; Missing when there is none, Gone when only its history is left."""
    found = await access.parts.reader.ask(lambda session: dag_place(session, namespace, dag))
    if found is None:
        raise no_dag(namespace, dag)
    if found.deleted_at is not None:
        raise Gone(f"Dag {dag} was deleted already; its history stays")
    return found.uid


def no_dag(namespace: str, dag: str) -> Missing:
    """There is no such Dag."""
    return Missing(
        f"There is no Dag {dag} in namespace {namespace}", way_on=f"GET {PREFIX}/dags?namespace={namespace} lists them"
    )


def no_run(namespace: str, run: str) -> Missing:
    """There is no such run."""
    return Missing(
        f"There is no run {run} in namespace {namespace}", way_on=f"GET {PREFIX}/runs?namespace={namespace} lists them"
    )


def no_task(run: str, task: str) -> Missing:
    """There is no such task in the run, or not yet."""
    return Missing(f"Run {run} has no task {task} that has begun", way_on="The run's `tasks` lists those that have")
