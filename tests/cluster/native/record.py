"""Running cluster <-> one JSON file for the whole machine: which checkout, which processes.

It lies in /run, which a restart of the machine empties, exactly when the processes are gone as well.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from tests.cluster.native.layout import RECORD, RUN
from tests.cluster.native.processes import Process, is_alive


@dataclass(frozen=True, slots=True)
class Record:
    """The one native cluster of this machine."""

    checkout: Path
    was_forwarding: bool
    """Whether the machine forwarded packets before; `down` restores it."""
    is_started: bool = False
    """Whether the start reached its end: a cluster without its configuration is worth nothing."""
    processes: dict[str, Process] = field(default_factory=dict)

    def with_process(self, name: str, process: Process) -> Record:
        """The same record, with one part's process put in."""
        return replace(self, processes={**self.processes, name: process})

    def without(self, name: str) -> Record:
        """The same record, with one part's process left out."""
        return replace(self, processes={key: p for key, p in self.processes.items() if key != name})

    def living(self) -> dict[str, Process]:
        """Those recorded processes that still run."""
        return {name: process for name, process in self.processes.items() if is_alive(process)}


def load() -> Record | None:
    """The machine's record, or None when no cluster was started since the machine was."""
    if not RECORD.exists():
        return None
    document = json.loads(RECORD.read_text())
    processes = {
        name: Process(entry["pid"], entry["started_at"], tuple(entry["argv"]))
        for name, entry in document["processes"].items()
    }
    return Record(
        checkout=Path(document["checkout"]),
        was_forwarding=document["was_forwarding"],
        is_started=document.get("is_started", True),
        processes=processes,
    )


def save(record: Record) -> None:
    """Replace the machine's record in one step, so that a reader or a crash never sees half of it."""
    RUN.mkdir(parents=True, exist_ok=True)
    unfinished = RECORD.with_suffix(".part")
    unfinished.write_text(json.dumps({**asdict(record), "checkout": str(record.checkout)}, indent=1))
    unfinished.rename(RECORD)


def forget() -> None:
    """Delete the machine's record."""
    RECORD.unlink(missing_ok=True)
