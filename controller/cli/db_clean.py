"""An age -> the rows of runs that ended before, removed or counted."""

import asyncio
from dataclasses import dataclass

from controller.errors import Usage
from controller.model.durations import parse_duration
from controller.model.retention import Limit, Limits
from controller.row_keeping import Keeping, clean


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    url: str
    older: str
    namespace: str | None
    dag: str | None
    log_store: str
    dry_run: bool


def clean_rows(asked: Asked) -> None:
    """Remove them and say how many; Usage for an age that can't be read."""
    try:
        age = parse_duration(asked.older)
    except ValueError as error:
        raise Usage(f"--older: {error}") from error
    limit = Limit(age=age)
    is_whole = asked.namespace is None and asked.dag is None
    keeping = Keeping(
        Limits(limit, limit),
        leftovers=age if is_whole else None,
        namespace=asked.namespace,
        dag=asked.dag,
        dags_say=False,
    )
    removed = asyncio.run(clean(asked.url, asked.log_store, keeping, dry_run=asked.dry_run))
    what = ", ".join(f"{count} of {table}" for table, count in sorted(removed.items())) or "nothing"
    print(f"Would remove {what}" if asked.dry_run else f"Removed {what}")
