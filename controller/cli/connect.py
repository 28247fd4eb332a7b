"""A kubeconfig and the common options -> a session with the API server, for commands that need a cluster."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from controller.connection import load_connection
from controller.errors import NotFound, Refused, SlipwayError, Unavailable
from controller.kube import Kube

T = TypeVar("T")
UNREACHABLE: Final = 5
"""The exit code where the cluster does not answer."""


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


def exit_code(where: tuple[str | None, str | None], work: Callable[[Kube, str], Awaitable[int]]) -> int:
    """The exit code of work in a namespace and context, None = the kubeconfig's; 5 where no cluster answers."""
    namespace, context = where
    space = namespace or current_namespace(context)
    try:
        return with_cluster(context, lambda kube: work(kube, space))
    except Unavailable as error:
        print(f"slipway: {error}", file=sys.stderr)
        return UNREACHABLE
