"""The YAML in the documentation is what Slipway takes: whole manifests as they stand, excerpts put into a Dag."""

import re
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from controller.decide.validity import judge_spec
from controller.model.backfill import parse_backfill
from controller.model.dag import canonical_json
from controller.model.dagrun import parse_dag_run
from controller.model.metadata import parse_meta
from controller.model.pool import parse_pool
from tests.house.tree import ROOT, files
from tests.metastore.objects import at

_OF_AN_EXCERPT: Final = (
    "which the Dag does not declare",
    "which is no task",
    "which is no group",
    "is not directly after the branch",
    "needs one kind, such as",
)
"""Faults that say no more than that the rest of the Dag is not shown."""
_META: Final = parse_meta(
    {"name": "n", "namespace": "n", "uid": "u", "resourceVersion": "1", "creationTimestamp": at(0)}
)
_PARSERS: Final = {"DagRun": parse_dag_run, "Pool": parse_pool, "Backfill": parse_backfill}


def _blocks() -> Iterator[Any]:
    for path in files("README.md", "docs"):
        if path.suffix == ".md":
            for number, block in enumerate(
                re.findall(r"```yaml\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
            ):
                yield pytest.param(path, block, id=f"{path.relative_to(ROOT)}-{number}")


@pytest.mark.parametrize(("path", "block"), list(_blocks()))
def test_yaml_in_the_documentation_is_valid(path: Path, block: str) -> None:
    """Nobody copies an example that is then refused."""
    for document in yaml.safe_load_all(block):
        kind = document.get("kind") if isinstance(document, dict) else None
        if kind in _PARSERS:
            _PARSERS[kind](_META, document)
        elif kind in (None, "Dag"):
            faults = [str(fault) for fault in judge_spec(canonical_json(_spec(document))).faults]
            assert [each for each in faults if kind or not any(word in each for word in _OF_AN_EXCERPT)] == [], path


def _spec(document: Any) -> dict[str, Any]:
    """A Dag's spec around an excerpt: some tasks, one task's fields, or some of the spec's."""
    if isinstance(document, list):
        return {"tasks": _with_upstreams(document)}
    spec: dict[str, Any] = dict(document.get("spec", document))
    if "kind" in document:
        return spec
    if "tasks" in spec:
        groups = {group["name"] for group in spec.get("groups", [])}
        return {**spec, "tasks": _with_upstreams(spec["tasks"], groups)}
    if set(spec) & {"schedule", "groups", "params", "taskDefaults", "concurrency", "alerts", "deadlines"}:
        return {**spec, "tasks": [{"name": "only", "noop": {}}]}
    return {"tasks": _with_upstreams([{"name": "only", **({} if _has_kind(spec) else {"script": "true"}), **spec}])}


def _has_kind(task: dict[str, Any]) -> bool:
    return bool(set(task) & {"script", "python", "noop", "command", "args", "wait", "branch", "approval", "triggerDag"})


def _with_upstreams(tasks: list[dict[str, Any]], groups: Set[str] = frozenset()) -> list[dict[str, Any]]:
    known = {task["name"] for task in tasks}
    named = {name for task in tasks for name in task.get("dependsOn", [])} - groups
    return [*tasks, *({"name": name, "noop": {}} for name in sorted(named - known))]
