"""`slipway sync DIR`: a folder of manifests, or a git repository -> its Dags and Pools in the cluster, file by file.

A file with a fault is told and left out, and the rest is applied. Nothing is pruned while a file has a fault, since
nobody knows what it would hold, nor where the folder is empty.
"""

import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from controller.cli.connect import exit_code
from controller.cli.git_folder import as_repository, checked_out, folder_id
from controller.cli.sync_apply import LABEL_SYNCED_BY, Cluster, apply_item
from controller.cli.synced_folder import ManifestFile, read_folder
from controller.cli.waiting import told, until_interrupted
from controller.errors import Conflict, NotFound, Refused, SlipwayError, Unavailable, Usage
from controller.model.action import Kind
from controller.model.metadata import Key

SUCCESS: Final = 0
FAULTS: Final = 1
UNCHANGED: Final = 3
_OUTCOMES: Final = ("created", "configured", "unchanged", "pruned", "invalid")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    source: str
    """A folder, or a git URL with or without @REF."""
    path: str | None = None
    """The folder within the repository; None = all of it."""
    id: str | None = None
    """What the objects are labelled with; None = made from the source."""
    prune: bool = False
    dry_run: bool = False
    exit_code: bool = False
    watch_seconds: float | None = None
    probe_port: int | None = None
    """Where the rounds of a watch tell of themselves; None = nowhere."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report."""

    text: str
    outcome: str
    """One of _OUTCOMES."""


def sync(asked: Asked, where: tuple[str | None, str | None]) -> int:
    """Sync once, or with a watch until Ctrl-C; the exit code."""
    if asked.watch_seconds is None:
        if asked.probe_port is not None:
            raise Usage("--probe-port goes with --watch")
        return until_interrupted(lambda: _round(asked, where, Report()))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the first process of a container has no other way
    return until_interrupted(lambda: _rounds(asked, where, Report()))


def _rounds(asked: Asked, where: tuple[str | None, str | None], report: "Report") -> int:
    """Never an end: what goes wrong in one round is told, and may be right in the next."""
    from controller.cli.sync_probes import Rounds, serve_rounds

    pause = asked.watch_seconds or 0
    rounds = Rounds(pause)
    if asked.probe_port is not None:
        serve_rounds(rounds, asked.probe_port)
    while True:
        report.next_round()
        code = None
        try:
            code = _round(asked, where, report)
        except Usage:
            raise
        except SlipwayError as error:
            report.say(Line(str(error), "invalid"))
        rounds.ended(code, report.counts)
        time.sleep(pause)


def _round(asked: Asked, where: tuple[str | None, str | None], report: "Report") -> int:
    with _folder(asked) as (root, id_):

        async def work(cluster: Cluster, namespace: str) -> int:
            async for line in lines(cluster, read_folder(root, namespace), (namespace, id_), asked):
                report.say(line)
            return report.end(asked)

        return exit_code(where, work)


@contextmanager
def _folder(asked: Asked) -> Iterator[tuple[Path, str]]:
    """The folder, and what its objects are labelled with."""
    repository = as_repository(asked.source)
    if repository is None:
        root = Path(asked.source, asked.path or "")
        if not root.is_dir():
            raise Usage(f"{root}: is not a folder")
        yield root, asked.id or folder_id(str(root.resolve()))
        return
    with checked_out(repository) as top:
        root = top / (asked.path or "")
        if not root.resolve().is_relative_to(top.resolve()) or not root.is_dir():
            raise SlipwayError(f"{repository.title} has no folder {asked.path}")
        yield root, asked.id or folder_id("/".join(filter(None, (repository.title, asked.path))))


async def lines(cluster: Cluster, files: list[ManifestFile], to: tuple[str, str], asked: Asked) -> AsyncIterator[Line]:
    """Apply the files, then prune; the report as it comes. `to` is the namespace and the folder's label."""
    namespace, id_ = to
    dry = " (dry run)" if asked.dry_run else ""
    for file in files:
        for fault in file.faults:
            yield Line(f"{file.path}: invalid: {fault}", "invalid")
        for item in file.items:
            try:
                outcome = await apply_item(cluster, namespace, item, id_, dry_run=asked.dry_run)
            except Unavailable:
                raise
            except SlipwayError as error:
                yield Line(f"{file.path}: invalid: {' '.join(str(error).split())}", "invalid")
            else:
                yield Line(f"{file.path}: {item.kind.value.lower()}.slipway.dev/{item.name} {outcome}{dry}", outcome)
    if asked.prune:
        async for line in _pruned(cluster, files, to, dry):
            yield line


async def _pruned(cluster: Cluster, files: list[ManifestFile], to: tuple[str, str], dry: str) -> AsyncIterator[Line]:
    """Delete the Dags that were applied from this folder and stand in no file any more."""
    namespace, id_ = to
    faulty = [file.path for file in files if file.faults]
    if faulty:
        yield Line(f"nothing is pruned while {faulty[0]} is invalid", "invalid")
        return
    if not files:
        yield Line("nothing is pruned, as the folder holds no manifest at all", "invalid")
        return
    kept = {item.name for file in files for item in file.items if item.kind is Kind.DAG}
    for raw in await cluster.list_all(Kind.DAG, namespace, f"{LABEL_SYNCED_BY}={id_}"):
        metadata = raw["metadata"]
        is_ours = (metadata.get("labels") or {}).get(LABEL_SYNCED_BY) == id_
        if metadata["name"] in kept or not is_ours or metadata.get("deletionTimestamp"):
            continue
        try:
            if not dry:
                await cluster.delete(Kind.DAG, Key(namespace, metadata["name"]), metadata["uid"])
        except (NotFound, Conflict):
            continue  # somebody else was quicker
        except Refused as error:
            yield Line(f"dag.slipway.dev/{metadata['name']} is not pruned: {error}", "invalid")
            continue
        yield Line(f"dag.slipway.dev/{metadata['name']} pruned{dry}", "pruned")


class Report:
    """Prints lines; in a later round only what is new."""

    def __init__(self) -> None:
        self._before: set[str] | None = None
        self._now: set[str] = set()
        self.counts: Counter[str] = Counter()
        """How many lines of each outcome the round has."""

    def next_round(self) -> None:
        """Begin anew."""
        if self._now:
            self._before = self._now
        self._now, self.counts = set(), Counter()

    def say(self, line: Line) -> None:
        """Print it: faults on standard error."""
        self.counts[line.outcome] += 1
        self._now.add(line.text)
        is_news = self._before is None or (line.text not in self._before and line.outcome != "unchanged")
        if is_news and line.outcome == "invalid":
            told(line.text, FAULTS)
        elif is_news:
            print(line.text, flush=True)

    def end(self, asked: Asked) -> int:
        """Print how many there are of each kind, once; the exit code."""
        if self._before is None:
            counts = [f"{self.counts[outcome]} {outcome}" for outcome in _OUTCOMES if self.counts[outcome]]
            print(", ".join(counts) or "no manifests", flush=True)
        if self.counts["invalid"]:
            return FAULTS
        changed = sum(self.counts[outcome] for outcome in ("created", "configured", "pruned"))
        return UNCHANGED if asked.exit_code and not changed else SUCCESS
