"""`slipway release-pods`: take our finalizer off every task's Pod, so that an uninstall leaves nothing that hangs."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from controller.act.perform import Performer
from controller.cli.connect import with_cluster
from controller.errors import Conflict, NotFound, Unavailable, Usage
from controller.kube import Kube
from controller.model.action import Kind, ReleasePod
from controller.model.metadata import Key, parse_meta
from controller.model.names import LABEL_TASK, POD_FINALIZER

_ENDING_SECONDS: Final = 5


def release_pods(context: str | None, namespaces: list[str], deployment: str | None) -> None:
    """Stop the controller if it is named, then release until a look finds nothing held."""
    key = _deployment_key(deployment)

    async def work(kube: Kube) -> int:
        if key is not None:
            await _stop(kube, key)
        released = 0
        while (count := await _release_all(kube, namespaces)) or not released:
            released += count
            if not count:
                break
            await asyncio.sleep(1)
        return released

    print(f"released {with_cluster(context, work)} Pods")


def _deployment_key(text: str | None) -> Key | None:
    if text is None:
        return None
    namespace, slash, name = text.partition("/")
    if not slash or not namespace or not name:
        raise Usage("--stop-deployment takes NAMESPACE/NAME")
    return Key(namespace, name)


async def _stop(kube: Kube, key: Key) -> None:
    try:
        await kube.stop_deployment(key)
    except NotFound:
        return
    # Until the processes have ended they may still create a Pod: the leader, and a standby that hears of it later.
    await asyncio.sleep(_ENDING_SECONDS)


async def _release_all(kube: Kube, namespaces: list[str]) -> int:
    spaces: list[str | None] = [*namespaces] or [None]
    held = [
        Key(pod["metadata"]["namespace"], pod["metadata"]["name"])
        for space in spaces
        for pod in await kube.list_all(Kind.POD, space, LABEL_TASK)
        if POD_FINALIZER in (pod["metadata"].get("finalizers") or ())
    ]
    await asyncio.gather(*(_release(kube, key) for key in held))
    return len(held)


async def _release(kube: Kube, key: Key) -> None:
    try:
        pod = parse_meta((await kube.get(Kind.POD, key))["metadata"])
        if POD_FINALIZER in pod.finalizers:
            await Performer(kube, lambda kind, answer: None).perform(ReleasePod(pod), datetime.now(UTC))
    except (NotFound, Conflict, Unavailable):
        return  # the next look finds it again if it is still held
