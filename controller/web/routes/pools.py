"""Pools and how full they are."""

from typing import Annotated

from fastapi import Query, Request, Response

from controller.web.answer import Page
from controller.web.authorise import PoolsAnywhere, PoolsHere
from controller.web.names import PoolName
from controller.web.problems import Missing
from controller.web.queries.pools import PoolLine, PoolQuery, list_pools, one_pool
from controller.web.routes import address

router = address.router("pools")


@router.get("/pools")
async def pools(
    request: Request, response: Response, access: PoolsAnywhere, asked: Annotated[PoolQuery, Query()]
) -> Page[PoolLine]:
    """Pools by namespace and name, with their use."""
    asked.checked_limit()
    await address.unless_known(request, response, access)
    return await access.parts.reader.ask(lambda session: list_pools(session, access.namespaces, asked))


@router.get(address.HERE + "/pools/{pool}")
async def pool(namespace: str, pool: PoolName, access: PoolsHere) -> PoolLine:
    """One pool with its use."""
    found = await access.parts.reader.ask(lambda session: one_pool(session, namespace, pool))
    if found is None:
        way_on = "Create a Pool of that name; a pool `default` of 128 slots is there without one"
        raise Missing(f"There is no pool {pool} in namespace {namespace}", way_on=way_on)
    return found
