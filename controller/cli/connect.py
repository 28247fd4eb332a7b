"""A kubeconfig and the common options -> a session with the API server, for commands that need a cluster."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from controller.errors import NotFound, Refused, SlipwayError
from controller.kube import Kube, load_connection

T = TypeVar("T")


def with_cluster(context: str | None, work: Callable[[Kube], Awaitable[T]]) -> T:
    """What the work gives; SlipwayError with one sentence where the cluster refuses or is not there."""

    async def run() -> T:
        async with Kube(load_connection(context)) as kube:
            return await work(kube)

    try:
        return asyncio.run(run())
    except (NotFound, Refused) as error:
        raise SlipwayError(str(error)) from error


def current_namespace(context: str | None) -> str:
    """The kubeconfig's namespace for this context; `default` where it names none."""
    from kubernetes import config

    try:
        contexts, active = config.list_kube_config_contexts()  # type: ignore[no-untyped-call]
    except (config.ConfigException, OSError):
        return "default"
    chosen = next((each for each in contexts if each["name"] == context), active)
    return str(chosen["context"].get("namespace") or "default")
