"""`slipway backup` and `slipway restore`: a cluster and a database -> a file, and back."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from controller import __version__
from controller.backup.file import BackupWriter, Contents, Header, Section, items, verified
from controller.backup.place import readable, written
from controller.backup.recreate import Recreation
from controller.backup.rekey import rekey
from controller.backup.resources import ORDER, dump_resources
from controller.backup.rows import dump_rows, load_rows, prepare, refuse_beside_a_controller
from controller.cli.connect import with_cluster
from controller.errors import SlipwayError, Usage
from controller.kube import Kube
from controller.metastore.migrate import current_revision
from controller.model.timestamps import format_time

_QUIET_SECONDS: Final = 2.0
"""Work that takes longer says how far it is, and again after so long."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    place: str
    url: str | None
    context: str | None
    rows: bool = True
    resources: bool = True
    logs: bool = True
    namespaces: tuple[str, ...] = ()
    """Of which resources; none = of all."""
    merge: bool = False
    dry_run: bool = False

    @property
    def database(self) -> str:
        """The database's URL; Usage where rows are asked for and none is named."""
        if self.url is None:
            raise Usage("--url or SLIPWAY_DATABASE_URL must name the database, or leave rows out: --resources-only")
        return self.url


@dataclass
class Progress:
    """Lines on standard error, one every two seconds."""

    verb: str
    _said_at: float = field(default_factory=time.monotonic)

    def __call__(self, what: str, count: int) -> None:
        """So many of them are done."""
        if time.monotonic() - self._said_at >= _QUIET_SECONDS:
            self._said_at = time.monotonic()
            say(f"{self.verb}: {count:,} of {what}")


def say(sentence: str) -> None:
    """Tell a person; standard output may be the backup."""
    print(sentence, file=sys.stderr, flush=True)


def back_up(asked: Asked) -> None:
    """Write the backup, the resources first, so that the rows know at least as much."""
    _check(asked)
    schema = (current_revision(asked.database) or "") if asked.rows else ""
    if asked.rows and not schema:
        raise SlipwayError("The database has no tables yet: there is nothing to back up")
    header = Header(__version__, schema, format_time(datetime.now(UTC)))
    told = Progress("Backed up")
    with written(asked.place) as path:
        with BackupWriter(path, header) as writer:
            if asked.resources:
                with_cluster(asked.context, lambda kube: dump_resources(kube, writer, told, asked.namespaces))
            if asked.rows:
                dump_rows(asked.database, writer, told, logs=asked.logs)
        size = path.stat().st_size
    say(f"Backed up {_counted(writer.counts)}: {size:,} bytes")


def restore(asked: Asked) -> None:
    """See that the backup is whole and may be restored, then put back rows and resources."""
    _check(asked)
    with readable(asked.place) as path:
        contents = verified(path)
        _refuse_what_lacks(asked, contents)
        say(f"The backup of {contents.header.at} is whole: {_counted(contents.counts)}")
        if asked.dry_run:
            say("Nothing was restored")
            return
        if asked.rows:
            prepare(asked.database, contents.header.schema, merge=asked.merge)
            load_rows(asked.database, items(path, "rows"), Progress("Restored"))
        elif asked.url is not None:
            refuse_beside_a_controller(asked.url)
        if asked.resources:
            _recreate(asked, _wanted(asked, items(path, "resources")))


def _wanted(asked: Asked, lines: Iterator[tuple[Section, Any]]) -> Iterator[tuple[Section, Any]]:
    for section, raw in lines:
        if not asked.namespaces or raw["metadata"]["namespace"] in asked.namespaces:
            yield section, raw


def _recreate(asked: Asked, lines: Iterator[tuple[Section, Any]]) -> None:
    told = Progress("Restored")

    async def make(kube: Kube) -> Recreation:
        recreation = Recreation(kube, told)
        await recreation.recreate(lines)
        return recreation

    made = with_cluster(asked.context, make)
    if asked.url is not None:
        rekey(asked.url, made.uids, told)
    else:
        say("No database was named, so its rows are still about the old resources: give --url to join them")
    say(f"Restored {_counted(made.created)}")
    if made.left:
        say(f"Left as they are, or without an owner: {_counted(made.left)}")
    if made.unsigned:
        say(f"{made.unsigned:,} of them name you as who made them: the API server lets nobody name another")
    for each in sorted(made.unfinished):
        say(f"{each} had not ended: it is paused until you let it go on")


def _refuse_what_lacks(asked: Asked, contents: Contents) -> None:
    if asked.rows and not contents.header.schema:
        raise SlipwayError("The backup holds no rows: restore it with --resources-only")
    if asked.resources and not any(kind.value in contents.counts for kind in ORDER):
        raise SlipwayError("The backup holds no resources: restore it with --rows-only")


def _check(asked: Asked) -> None:
    if not asked.rows and not asked.resources:
        raise Usage("--rows-only and --resources-only exclude each other")
    if asked.rows:
        _ = asked.database


def _counted(counts: Any) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "nothing"
