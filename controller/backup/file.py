"""The form of a backup: gzip'd lines of JSON, read and written as a stream.

    {"slipway": "backup", "format": 1, "version": "0.1.0", "schema": "0009", "at": "2026-01-01T06:00:00Z"}
    {"section": "resources", "name": "Dag"}
    {"metadata": {...}, "spec": {...}, "status": {...}}                             one line an object
    {"section": "rows", "name": "dag_runs", "columns": ["uid", "namespace", ...]}
    ["6f1c...", "team", ...]                                                        one line a row
    {"end": {"counts": {"Dag": 1, "dag_runs": 1}, "sha256": "..."}}                 the hash of all lines before

The hash tells a file that was cut off or damaged; it is no signature.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from controller.errors import SlipwayError

FORMAT: Final = 1
_PACKING: Final = 5


class Damaged(SlipwayError):
    """The file is no backup, or not a whole one."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup says of itself."""

    version: str
    """Of the Slipway that made it."""
    schema: str
    """The database schema of its rows; empty where it has none."""
    at: str
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Section:
    """What the lines after it are."""

    section: str
    """`resources` or `rows`."""
    name: str
    """The kind, or the table."""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """A backup that was read to its end and is whole."""

    header: Header
    counts: Mapping[str, int]
    """Objects by kind and rows by table."""


@dataclass
class BackupWriter:
    """Writes one backup; only the end that leaving it without an error writes makes it whole."""

    path: Path
    header: Header
    counts: dict[str, int] = field(default_factory=dict)
    _hash: Any = field(default_factory=hashlib.sha256)
    _name: str = ""

    def __enter__(self) -> Self:
        self._file = gzip.open(self.path, "wb", compresslevel=_PACKING)
        header = self.header
        about = {"version": header.version, "schema": header.schema, "at": header.at}
        self._write({"slipway": "backup", "format": header.format, **about})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            if error is None:
                self._write({"end": {"counts": self.counts, "sha256": self._hash.hexdigest()}})

    def begin(self, section: Section) -> None:
        """From here on the lines are of this section."""
        self._name = section.name
        self.counts.setdefault(section.name, 0)
        told: dict[str, Any] = {"section": section.section, "name": section.name}
        self._write(told | ({"columns": list(section.columns)} if section.columns else {}))

    def put(self, item: Any) -> None:
        """One object or row."""
        self._write(item)
        self.counts[self._name] += 1

    def _write(self, value: Any) -> None:
        line = json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"
        self._hash.update(line)
        self._file.write(line)


def verified(path: Path) -> Contents:
    """What is in the file, once it was read to its very end; Damaged if it is not a whole backup that can be read."""
    counts: dict[str, int] = {}
    name, hashed = "", hashlib.sha256()
    header: Header | None = None
    contents: Contents | None = None
    for line in _lines(path):
        value = _parsed(line)
        if contents is not None:
            raise Damaged("The backup is damaged: something follows its end")
        if header is None:
            header = _header(value)
        elif isinstance(value, dict) and "end" in value:
            if value["end"] != {"counts": counts, "sha256": hashed.hexdigest()}:
                raise Damaged("The backup is damaged: its checksum does not fit")
            contents = Contents(header, counts)
        elif isinstance(value, dict) and "section" in value:
            name = str(value.get("name"))
            counts.setdefault(name, 0)
        else:
            counts[name] = counts.get(name, 0) + 1
        hashed.update(line)
    if contents is None:
        raise Damaged("The backup is cut off: its end is missing")
    return contents


def items(path: Path, section: str) -> Iterator[tuple[Section, Any]]:
    """The objects, or the rows, with the section that each belongs to; for a file that is `verified`."""
    current: Section | None = None
    for line in _lines(path):
        value = _parsed(line)
        if isinstance(value, dict) and "section" in value:
            current = Section(value["section"], value["name"], tuple(value.get("columns") or ()))
        elif isinstance(value, dict) and "end" in value:
            return
        elif current is not None and current.section == section:
            yield current, value


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as file:
            yield from file
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Damaged(f"The backup is damaged, or no backup: {error}") from error


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise Damaged("The backup is damaged, or no backup: a line is not JSON") from error


def _header(value: Any) -> Header:
    if not isinstance(value, dict) or value.get("slipway") != "backup":
        raise Damaged("The file is no backup of Slipway")
    if value.get("format") != FORMAT:
        raise Damaged(f"The backup has format {value.get('format')}, this version of Slipway reads format {FORMAT}")
    return Header(str(value.get("version")), str(value.get("schema") or ""), str(value.get("at")))
