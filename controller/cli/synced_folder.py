"""A folder -> its files of manifests, each judged as a whole: what is to be applied, or every fault.

Files are *.yaml and *.yml at any depth, without what is hidden by a leading dot. A file with a fault gives nothing.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from controller.cli.kubernetes_yaml import without_nulls
from controller.cli.manifest import InvalidManifest, envelope_faults, judged, read_items
from controller.model.action import Kind
from controller.model.names import API_VERSION
from controller.model.pool import PoolSpec

_KINDS: Final = {"Dag": Kind.DAG, "Pool": Kind.POOL}
_ENDINGS: Final = frozenset({".yaml", ".yml"})


@dataclass(frozen=True, slots=True)
class Item:
    """One manifest that is valid."""

    kind: Kind
    name: str
    labels: Mapping[str, Any]
    annotations: Mapping[str, Any]
    spec: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One file."""

    path: str
    """From the folder."""
    items: tuple[Item, ...] = ()
    faults: tuple[str, ...] = ()


def read_folder(root: Path, namespace: str) -> list[ManifestFile]:
    """The folder's files by path, for this namespace; a name that stands in two of them is a fault of both."""
    files = [_read(root, path, namespace) for path in sorted(_paths(root))]
    places: dict[tuple[Kind, str], list[str]] = {}
    for file in files:
        for item in file.items:
            places.setdefault((item.kind, item.name), []).append(file.path)
    return [_without_doubles(file, places) for file in files]


def _paths(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and Path(name).suffix in _ENDINGS:
                yield Path(folder, name)


def _read(root: Path, path: Path, namespace: str) -> ManifestFile:
    told = path.relative_to(root).as_posix()
    if not path.resolve().is_relative_to(root.resolve()):
        return ManifestFile(told, faults=("is a link to outside of the folder",))
    try:
        found = read_items(str(path))
    except InvalidManifest as error:
        return ManifestFile(told, faults=(str(error),))
    if not found:
        return ManifestFile(told, faults=("holds no manifest",))
    faults = tuple(fault for item in found for fault in _faults(item, namespace, is_alone=len(found) == 1))
    return ManifestFile(told, faults=faults) if faults else ManifestFile(told, tuple(map(_item, found)))


def _faults(item: Any, namespace: str, *, is_alone: bool) -> Iterator[str]:
    """What is wrong with one manifest, each with its name where the file has several."""
    if not isinstance(item, dict) or not item.get("kind"):
        yield "holds something that is no manifest: it has no kind"
        return
    metadata = item.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    kind = item["kind"]
    if kind not in _KINDS or (kind == "Pool" and item.get("apiVersion") != API_VERSION):
        yield f"{kind} {name} of {item.get('apiVersion')} is not synced: only Dag and Pool of {API_VERSION} are"
        return
    judge = _dag_faults if kind == "Dag" else _pool_faults
    for fault in (*judge(item), *_metadata_faults(metadata, namespace)):
        yield fault if is_alone else f"{kind} {name}: {fault}"


def _dag_faults(item: dict[str, Any]) -> Iterator[str]:
    yield from map(str, judged(item).faults)


def _pool_faults(item: dict[str, Any]) -> Iterator[str]:
    yield from map(str, envelope_faults(item))
    try:
        PoolSpec.model_validate(without_nulls(item.get("spec")))
    except ValidationError as error:
        for each in error.errors():
            path = ".".join(("spec", *map(str, each["loc"])))
            yield f"{path}: {each['msg'][:1].lower()}{each['msg'][1:]}"
    except RecursionError:
        yield "spec: is nested too deeply"


def _metadata_faults(metadata: Any, namespace: str) -> Iterator[str]:
    if not isinstance(metadata, dict):
        return  # told already
    own = metadata.get("namespace")
    if own not in (None, namespace):
        yield f"metadata.namespace: is {own}, and this goes to {namespace}: sync such files with -n {own}"
    for field in ("labels", "annotations"):
        if not isinstance(metadata.get(field) or {}, dict):
            yield f"metadata.{field}: is an object of texts"


def _item(raw: dict[str, Any]) -> Item:
    """The parts that people write; what a cluster adds, such as a status, is left out."""
    metadata = without_nulls(raw["metadata"])
    labels, annotations = metadata.get("labels") or {}, metadata.get("annotations") or {}
    return Item(_KINDS[raw["kind"]], metadata["name"], labels, annotations, without_nulls(raw["spec"]))


def _without_doubles(file: ManifestFile, places: Mapping[tuple[Kind, str], list[str]]) -> ManifestFile:
    faults = []
    for item in file.items:
        paths = places[item.kind, item.name]
        if len(paths) > 1:
            others = ", ".join(path for path in dict.fromkeys(paths) if path != file.path) or "this file twice"
            faults.append(f"{item.kind.value} {item.name} also stands in {others}")
    return replace(file, items=(), faults=tuple(dict.fromkeys(faults))) if faults else file
