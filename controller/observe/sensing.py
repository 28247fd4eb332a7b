"""Revisions with dagSensors -> for a Dag, who waits for its runs, and how far back they look."""

import functools
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta

from controller.model.dag import Revision
from controller.model.durations import parse_duration
from controller.model.metadata import Key
from controller.model.names import LABEL_DAG


class Sensing:
    """An index of the revisions there are: those that running runs are pinned to, and those of today."""

    def __init__(self) -> None:
        self._sensed_by: dict[Key, dict[Key, timedelta]] = {}
        self._sensed_of: dict[Key, tuple[Key, ...]] = {}

    def put(self, revision: Revision) -> None:
        """The revision is there."""
        self.drop(revision)
        space, found = revision.meta.namespace, _sensed(revision.spec_json)
        for dag, offset in found.items():
            self._sensed_by.setdefault(Key(space, dag), {})[revision.meta.key] = offset
        if found:
            self._sensed_of[revision.meta.key] = tuple(Key(space, dag) for dag in found)

    def drop(self, revision: Revision) -> None:
        """The revision is gone."""
        for dag in self._sensed_of.pop(revision.meta.key, ()):
            del self._sensed_by[dag][revision.meta.key]
            if not self._sensed_by[dag]:
                del self._sensed_by[dag]

    def who_senses(self, dag: Key, revisions: Mapping[Key, Revision]) -> Iterator[tuple[Key, timedelta]]:
        """The Dags whose runs may wait for runs of this one, and the offset with which they look back."""
        for key, offset in self._sensed_by.get(dag, {}).items():
            yield Key(key.namespace, revisions[key].meta.labels.get(LABEL_DAG, "")), offset


@functools.lru_cache(maxsize=1024)
def _sensed(spec_json: str) -> Mapping[str, timedelta]:
    """The Dags that tasks of the spec wait for, each with the largest offset."""
    if '"dagSensor"' not in spec_json:
        return {}
    found: dict[str, timedelta] = {}
    for task in json.loads(spec_json).get("tasks") or ():
        sensor = task.get("dagSensor") if isinstance(task, dict) else None
        if isinstance(sensor, dict) and isinstance(sensor.get("dag"), str):
            offset = _offset(sensor.get("offset"))
            found[sensor["dag"]] = max(offset, found.get(sensor["dag"], offset))
    return found


def _offset(text: object) -> timedelta:
    try:
        return parse_duration(text) if isinstance(text, str) else timedelta(0)
    except ValueError:  # a spec at fault never runs
        return timedelta(0)
