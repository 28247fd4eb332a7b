"""Pools and how full they are."""

from typing import Annotated

from fastapi import Query, Request, Response

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.web.actions import Done, Slots, merge_patch
from controller.web.answer import Page
from controller.web.authorise import ChangesPoolsHere, PoolsAnywhere, PoolsHere, TasksHere
from controller.web.names import PoolName
from controller.web.problems import Missing
from controller.web.queries.pool_tasks import PoolTask, PoolTaskQuery, pool_tasks
from controller.web.queries.pools import PoolLine, PoolQuery, list_pools, one_pool
from controller.web.routes import address
from controller.web.sending import send_patch, signed

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
        raise _no_pool(namespace, pool)
    return found


@router.get(address.HERE + "/pools/{pool}/tasks")
async def tasks_of_pool(
    namespace: str, pool: PoolName, access: TasksHere, asked: Annotated[PoolTaskQuery, Query()]
) -> Page[PoolTask]:
    """The tasks that wait to begin, first in the queue first; with `holding`, those that hold slots.

    Of a pool that is not there, those that wait for it.
    """
    asked.checked_limit()
    page = await access.parts.reader.ask(lambda session: pool_tasks(session, namespace, pool, asked))
    found = await access.parts.reader.ask(lambda session: one_pool(session, namespace, pool))
    if found is None and not page.items:
        raise _no_pool(namespace, pool)
    return page


@router.put(address.HERE + "/pools/{pool}/slots")
async def pool_slots(namespace: str, pool: PoolName, asked: Slots, access: ChangesPoolsHere) -> Done:
    """Give the pool another size; the implied `default` must be created first."""
    found = await access.parts.reader.ask(lambda session: one_pool(session, namespace, pool))
    if found is None or found.implied:
        raise _no_pool(namespace, pool)
    patch = merge_patch({"slots": asked.slots}, asked.resource_version, await signed(access, "slots"))
    return await send_patch(access, Kind.POOL, Key(namespace, pool), patch, dry_run=asked.dry_run)


def _no_pool(namespace: str, pool: str) -> Missing:
    way_on = "Create a Pool of that name; a pool `default` of 128 slots is there without one"
    return Missing(f"There is no Pool object {pool} in namespace {namespace}", way_on=way_on)
