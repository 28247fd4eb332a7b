"""Dags: their list and one of them."""

from typing import Annotated

from fastapi import Query, Request, Response

from controller.web.answer import Page
from controller.web.authorise import DagsAnywhere, DagsHere
from controller.web.names import DagName
from controller.web.queries.dags import MOST_RECENT, DagLine, DagQuery, list_dags, one_dag
from controller.web.routes import address

router = address.router("dags")


@router.get("/dags")
async def dags(
    request: Request, response: Response, access: DagsAnywhere, asked: Annotated[DagQuery, Query()]
) -> Page[DagLine]:
    """Dags by namespace and name, each with its last runs, wherever the caller may see them."""
    asked.checked_limit()
    await address.unless_known(request, response, access)
    return await access.parts.reader.ask(lambda session: list_dags(session, access.namespaces, asked))


@router.get(address.HERE + "/dags/{dag}")
async def dag(
    namespace: str,
    dag: DagName,
    access: DagsHere,
    runs: Annotated[int, Query(ge=0, le=MOST_RECENT, description="How many of its last runs to tell.")] = 10,
) -> DagLine:
    """One Dag, also one that is gone."""
    found = await access.parts.reader.ask(lambda session: one_dag(session, namespace, dag, runs))
    if found is None:
        raise address.no_dag(namespace, dag)
    return found
