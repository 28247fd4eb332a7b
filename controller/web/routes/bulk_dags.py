"""Many Dags at once: each is patched for itself, with the caller's rights, and told of for itself."""

from fastapi import Request

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.web.actions import Done, merge_patch
from controller.web.authorise import SEE_DAGS, ChangesDagsAnywhere
from controller.web.bulk import (
    MOST_AT_ONCE,
    BulkDag,
    BulkDags,
    BulkPause,
    checked_match,
    checked_token,
    chosen,
    for_each,
)
from controller.web.problems import Problem
from controller.web.queries.dags import DagQuery, list_dags
from controller.web.routes import address
from controller.web.seeing import seen
from controller.web.sending import send_patch, signed

router = address.router("bulk")


@router.post("/bulk/pause")
async def bulk_pause(request: Request, asked: BulkPause, access: ChangesDagsAnywhere) -> BulkDags:
    """Let several Dags start nothing more, or go on."""
    who = await signed(access, "pause" if asked.paused else "resume")
    keys = chosen(asked.dags, "dags", filter=asked.filter)
    if keys is None and asked.filter is not None:
        query = DagQuery(**asked.filter.model_dump(), limit=MOST_AT_ONCE + 1, runs=0)
        where = await seen(access, SEE_DAGS, asked.filter.namespace)
        page = await access.parts.reader.ask(lambda session: list_dags(session, where, query))
        keys = checked_match([Key(each.namespace, each.name) for each in page.items])
    token = checked_token(((key, asked.paused) for key in keys or ()), asked.expect)

    async def carry_out(key: Key) -> Done:
        if asked.dry_run:
            await address.live_dag(access, *key)
        patch = merge_patch({"paused": asked.paused}, None, who)
        return await send_patch(access, Kind.DAG, key, patch, dry_run=asked.dry_run)

    found = await for_each(request, access, keys or (), carry_out)
    items = [
        BulkDag(
            namespace=key.namespace,
            dag=key.name,
            outcome=value if isinstance(value, Done) else None,
            problem=value if isinstance(value, Problem) else None,
        )
        for key, value in found.items()
    ]
    return BulkDags(dry_run=asked.dry_run, items=items, token=token)
