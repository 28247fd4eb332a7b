"""`slipway diff RUN [RUN]`: the Dag as one run has it, and as another has it or as it is now -> what differs.

The answer and the exit code are as diff(1)'s: a unified diff of the specs as YAML, nothing when they are the same;
0 = the same, 1 = they differ, 2 = there is nothing to compare.
"""

import difflib
import json
import sys
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import yaml

from controller.cli.connect import exit_code
from controller.cli.latest import run_named
from controller.errors import NotFound, SlipwayError
from controller.kube import Kube
from controller.model.action import Kind
from controller.model.dag import parse_dag, parse_revision
from controller.model.dagrun import DagRun, parse_dag_run
from controller.model.metadata import Key, Meta, parse_meta
from controller.model.timestamps import format_time

SAME: Final = 0
DIFFERENT: Final = 1
TROUBLE: Final = 2


class Getter(Protocol):
    """What is needed of a session with the API server."""

    async def get(self, kind: Kind, key: Key) -> dict[str, Any]:
        """The object; NotFound when there is none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    run: str
    other: str | None
    """None = the Dag as it is now."""
    namespace: str | None
    context: str | None


@dataclass(frozen=True, slots=True)
class Version:
    """A Dag's spec, and where it comes from."""

    title: str
    spec: Any

    def lines(self) -> list[str]:
        """The spec as YAML, scripts as blocks."""
        return yaml.dump(self.spec, Dumper=_Dumper, allow_unicode=True, width=1000).splitlines(keepends=True)


def show_diff(asked: Asked) -> int:
    """Print the difference; the exit code."""

    async def work(kube: Kube, namespace: str) -> int:
        run = await run_named(kube, namespace, asked.run)
        other = await run_named(kube, namespace, asked.other) if asked.other is not None else None
        text = await difference(kube, replace(asked, run=run, other=other), namespace)
        print(text, end="")
        return DIFFERENT if text else SAME

    try:
        return exit_code((asked.namespace, asked.context), work)
    except SlipwayError as error:
        print(f"slipway: {error}", file=sys.stderr)
        return TROUBLE


async def difference(getter: Getter, asked: Asked, namespace: str) -> str:
    """The unified diff, empty when they are the same; SlipwayError where one of them is not there."""
    run = await _run(getter, Key(namespace, asked.run))
    old = await _of_run(getter, run)
    if asked.other is not None:
        new = await _of_run(getter, await _run(getter, Key(namespace, asked.other)))
    else:
        new = await _of_dag(getter, Key(namespace, run.spec.dag_ref.name))
    return "".join(difflib.unified_diff(old.lines(), new.lines(), old.title, new.title))


async def _run(getter: Getter, key: Key) -> DagRun:
    try:
        raw = await getter.get(Kind.DAG_RUN, key)
    except NotFound as error:
        raise SlipwayError(f"there is no run {key.name} in namespace {key.namespace}") from error
    return parse_dag_run(parse_meta(raw["metadata"]), raw)


async def _of_run(getter: Getter, run: DagRun) -> Version:
    name = run.status.revision
    if name is None:
        raise SlipwayError(f"run {run.meta.name} is not pinned to a revision of its Dag yet")
    try:
        raw = await getter.get(Kind.REVISION, Key(run.meta.namespace, name))
    except NotFound as error:
        raise SlipwayError(f"revision {name} of run {run.meta.name} is gone") from error
    revision = parse_revision(parse_meta(raw["metadata"]), raw)
    return Version(_title(f"dagrun/{run.meta.name} {name}", revision.meta), json.loads(revision.spec_json))


async def _of_dag(getter: Getter, key: Key) -> Version:
    try:
        raw = await getter.get(Kind.DAG, key)
    except NotFound as error:
        raise SlipwayError(f"there is no Dag {key.name} in namespace {key.namespace}") from error
    dag = parse_dag(parse_meta(raw["metadata"]), raw)
    return Version(f"dag/{key.name} as it is now", json.loads(dag.spec_json))


def _title(name: str, meta: Meta) -> str:
    return f"{name} of {format_time(meta.created_at)}"


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as a block."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
