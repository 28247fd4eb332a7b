"""A file of manifests -> the Dags in it, judged as the API server and the controller judge them.

Other kinds in the file are passed over. A path of `-` is standard input.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from controller.cli.kubernetes_yaml import load_all, without_nulls
from controller.decide.validity import Fault, judge_spec
from controller.errors import SlipwayError
from controller.model.dag import DagSpec, canonical_json
from controller.model.names import API_VERSION, GROUP
from controller.model.plan import Plan
from controller.model.pool import PoolSpec

_LISTS: Final = frozenset({"List", "DagList"})
_TOO_DEEP: Final = "is nested too deeply"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One Dag of a file, with everything that is wrong with it."""

    name: str
    plan: Plan | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class DagManifest:
    """A valid Dag."""

    name: str
    plan: Plan

    @property
    def spec(self) -> DagSpec:
        """The spec as a model."""
        return self.plan.spec


class InvalidManifest(SlipwayError):
    """A file's Dag can't be used; the text has one line for each fault."""


@dataclass(frozen=True, slots=True)
class DagFile:
    """The one valid Dag of a file, and what else in it a simulation takes into account."""

    dag: DagManifest
    pools: Mapping[str, int]
    """Slots by name; -1 = without limit."""


def read_manifests(path: str) -> list[Manifest]:
    """Every Dag of the file; a file without a manifest of any kind is one nameless manifest with that fault."""
    try:
        items = read_items(path)
    except InvalidManifest as error:
        return [_unreadable(str(error))]
    return _manifests(items)


def read_items(path: str) -> list[Any]:
    """Every document of the file, those of a List one by one; InvalidManifest says why it can't be read."""
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
        documents = [document for document in load_all(text) if document is not None]
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidManifest(f"can't be read: {getattr(error, 'strerror', None) or error}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise InvalidManifest(f"is not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise InvalidManifest(_TOO_DEEP) from error
    return [item for document in documents for item in _items(document)]


def load_dag(path: str) -> DagManifest:
    """The one valid Dag of the file; InvalidManifest where it has faults, or holds more than one Dag."""
    return _one_dag(path, read_manifests(path))


def load_dag_file(path: str) -> DagFile:
    """The one valid Dag of the file, and its Pools; InvalidManifest where one of them has faults."""
    try:
        items = read_items(path)
    except InvalidManifest as error:
        raise InvalidManifest(f"{path}: {error}") from error
    return dag_file(path, items)


def dag_file(path: str, items: Iterable[Any]) -> DagFile:
    """The same of what was read from the file."""
    found = list(items)
    return DagFile(_one_dag(path, _manifests(found)), dict(_pools(path, found)))


def _manifests(items: Sequence[Any]) -> list[Manifest]:
    if not any(isinstance(item, dict) and item.get("kind") for item in items):
        return [_unreadable(f"holds no manifest of kind Dag and apiVersion {API_VERSION}")]
    return [judged(item) for item in items if _is_dag(item)]


def _pools(path: str, items: Iterable[Any]) -> Iterator[tuple[str, int]]:
    for item in items:
        if not isinstance(item, dict) or item.get("kind") != "Pool" or item.get("apiVersion") != API_VERSION:
            continue
        metadata = item.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else None
        try:
            spec = PoolSpec.model_validate(without_nulls(item.get("spec")))
        except (ValidationError, RecursionError) as error:
            raise InvalidManifest(f"{path}: Pool {name}: spec is not the spec of a Pool") from error
        if not isinstance(name, str):
            raise InvalidManifest(f"{path}: a Pool has no metadata.name")
        yield name, spec.slots


def _one_dag(path: str, manifests: Sequence[Manifest]) -> DagManifest:
    faults = [f"{path}: {fault}" for manifest in manifests for fault in manifest.faults]
    if faults:
        raise InvalidManifest("\n".join(faults))
    if not manifests:
        raise InvalidManifest(f"{path}: holds no manifest of kind Dag and apiVersion {API_VERSION}")
    if len(manifests) > 1:
        names = ", ".join(manifest.name for manifest in manifests)
        raise InvalidManifest(f"{path}: holds {len(manifests)} Dags ({names}), and this command takes one")
    plan = manifests[0].plan
    if plan is None:
        raise AssertionError("a manifest without faults has a plan")
    return DagManifest(manifests[0].name, plan)


def _unreadable(message: str) -> Manifest:
    return Manifest("", None, (Fault("", message),))


def _items(document: Any) -> Iterator[Any]:
    """The document itself, or what a List holds."""
    if isinstance(document, dict) and document.get("kind") in _LISTS and isinstance(document.get("items"), list):
        yield from document["items"]
    else:
        yield document


def _is_dag(item: Any) -> bool:
    """Whether this means to be a Dag; one of a wrong version of our group is one, with a fault."""
    if not isinstance(item, dict) or item.get("kind") != "Dag":
        return False
    return str(item.get("apiVersion", "")).split("/")[0] in {GROUP, ""}


def judged(item: dict[str, Any]) -> Manifest:
    """One Dag as it was read, with everything that is wrong with it."""
    faults = list(envelope_faults(item))
    metadata = item.get("metadata")
    name = str(metadata.get("name", "")) if isinstance(metadata, dict) else ""
    try:
        spec = without_nulls(item.get("spec"))
    except RecursionError:
        return Manifest(name, None, (*faults, Fault("spec", _TOO_DEEP)))
    if not isinstance(spec, dict):
        return Manifest(name, None, (*faults, Fault("spec", "is required, and is an object")))
    if not isinstance(spec.get("paused", False), bool):
        faults.append(Fault("spec.paused", "is not true or false"))
    spec.pop("paused", None)
    judgement = judge_spec(canonical_json(spec))
    return Manifest(name, judgement.plan, (*faults, *judgement.faults))


def envelope_faults(item: dict[str, Any]) -> Iterator[Fault]:
    """What is wrong around the spec."""
    if item.get("apiVersion") != API_VERSION:
        yield Fault("apiVersion", f"is {item.get('apiVersion')!r}, and must be {API_VERSION}")
    for field in sorted(item.keys() - {"apiVersion", "kind", "metadata", "spec", "status"}):
        yield Fault(field, "is not a field that exists here")
    metadata = item.get("metadata")
    if not isinstance(metadata, dict):
        yield Fault("metadata", "is required, and is an object")
        return
    name = metadata.get("name")
    if not isinstance(name, str) or not name:
        yield Fault("metadata.name", "is required, and is text")
    elif not _is_label(name):
        yield Fault("metadata.name", f"{name!r} is not a DNS label: lower-case letters, digits and dashes, 63 at most")


def _is_label(name: str) -> bool:
    return len(name) <= 63 and re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name) is not None
