"""Assets that tasks update and Dags wait for, and the history of their updates."""

from typing import Annotated

from fastapi import Query, Request, Response

from controller.web.answer import Page
from controller.web.authorise import DagsAnywhere, RunsAnywhere
from controller.web.queries.assets import (
    AssetEvent,
    AssetEventQuery,
    AssetLine,
    AssetQuery,
    list_asset_events,
    list_assets,
)
from controller.web.routes import address

router = address.router("assets")


@router.get("/assets")
async def assets(
    request: Request, response: Response, access: DagsAnywhere, asked: Annotated[AssetQuery, Query()]
) -> Page[AssetLine]:
    """The assets that Dags name, with who updates them and who waits for them."""
    asked.checked_limit()
    await address.unless_known(request, response, access)
    return await access.parts.reader.ask(lambda session: list_assets(session, access.namespaces, asked))


@router.get("/assets/events")
async def asset_events(
    request: Request, response: Response, access: RunsAnywhere, asked: Annotated[AssetEventQuery, Query()]
) -> Page[AssetEvent]:
    """Updates of assets, the newest first."""
    asked.checked_limit()
    await address.unless_known(request, response, access)
    return await access.parts.reader.ask(lambda session: list_asset_events(session, access.namespaces, asked))
