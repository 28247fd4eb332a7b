"""A database, and perhaps a cluster -> whether the schema fits and the rows say what the resources say."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from controller.cli.connect import with_cluster
from controller.cli.live import live_objects
from controller.kube import Kube
from controller.metastore.compare import Difference, differences
from controller.metastore.migrate import current_revision, expected_revision
from controller.metastore.queries import open_session

SETTLE_SECONDS: Final = 3.0
"""Rows follow resources within a second or two: a difference counts if it lasts."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    url: str
    resources: bool
    output: str
    context: str | None
    namespaces: tuple[str, ...] = ()
    """Of which resources; none = of all."""


def show_check(asked: Asked) -> int:
    """Print what is found; 1 if anything differs."""
    current, expected = current_revision(asked.url), expected_revision()
    fits = current == expected
    found = _compared(asked) if asked.resources and fits else []
    if asked.output == "json":
        told = {"schema": current, "expectedSchema": expected, "differences": [asdict(each) for each in found]}
        print(json.dumps(told, indent=2))
    elif fits:
        print(f"The database answers and has schema {current}")
    else:
        print(f"The database has {_schema(current)}, this version needs {_schema(expected)}", file=sys.stderr)
    if asked.resources and asked.output != "json" and fits:
        _tell(found)
    return 0 if fits and not found else 1


def _compared(asked: Asked) -> list[Difference]:
    async def compare(kube: Kube) -> list[Difference]:
        first = await _compare(asked, kube)
        if not first:
            return []
        await asyncio.sleep(SETTLE_SECONDS)
        again = await _compare(asked, kube)
        lasting = {(each.kind, each.namespace, each.name, each.what) for each in first}
        return [each for each in again if (each.kind, each.namespace, each.name, each.what) in lasting]

    return with_cluster(asked.context, compare)


async def _compare(asked: Asked, kube: Kube) -> list[Difference]:
    observed = await live_objects(kube, asked.namespaces)

    def look() -> list[Difference]:
        with open_session(asked.url) as session:
            return differences(session, observed, asked.namespaces)

    return await asyncio.to_thread(look)


def _tell(found: Sequence[Difference]) -> None:
    for each in found:
        said = f"resource {each.resource or 'gone'}, row {each.row or 'missing'}"
        print(f"{each.kind} {each.namespace}/{each.name}: {each.what}: {said}")
    print(f"{len(found)} differences" if found else "Rows and resources agree")


def _schema(revision: str | None) -> str:
    return f"schema {revision}" if revision else "no schema"
