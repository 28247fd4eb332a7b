"""A cluster in memory that takes server-side applies: each manager owns the fields that it named last."""

from collections.abc import Mapping
from typing import Any

from controller.errors import Refused
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.simulate.cluster import InMemoryCluster, Raw
from tests.cli.standing_cluster import StandingCluster
from tests.scenarios.story import Story


class ApplyingCluster(StandingCluster):
    """A session of a person's. Of lists that have names, such as tasks, only the whole is owned."""

    def __init__(self, story: Story) -> None:
        super().__init__(story, is_away=True)
        self.refused: set[str] = set()
        """Names that the API server does not take."""
        self.applied: list[tuple[str, bool]] = []
        """The names and whether it was a dry run."""

    async def apply(self, kind: Kind, key: Key, body: Mapping[str, Any], manager: str, *, dry_run: bool = False) -> Raw:
        """The object as it is, or would be, with what is applied."""
        if key.name in self.refused:
            raise Refused(f"{kind.value} {key.name} is invalid:\n spec.tasks: no", "Invalid", 422)
        self.applied.append((key.name, dry_run))
        cluster = InMemoryCluster(self.story.world.clock) if dry_run else self._cluster
        before = self._cluster.find(kind, key)
        if before is None:
            return self._owned(cluster, kind, cluster.create(kind, body), body, manager)
        if dry_run:
            before = cluster.create(kind, before)
        managers = before["metadata"].get("managedFields") or []
        own: Raw = next((each["fieldsV1"] for each in managers if each["manager"] == manager), {})
        cluster.merge(kind, key, body)
        dropped = {
            section: _left_out(own.get(section, {}), body.get(section) or {}) for section in ("metadata", "spec")
        }
        return self._owned(cluster, kind, cluster.merge(kind, key, dropped), body, manager)

    def _owned(self, cluster: InMemoryCluster, kind: Kind, raw: Raw, body: Mapping[str, Any], manager: str) -> Raw:
        """The object, with a note of what the manager named."""
        others = [each for each in raw["metadata"].get("managedFields") or () if each["manager"] != manager]
        fields = {section: _tree(body.get(section) or {}) for section in ("metadata", "spec")}
        mine = {"manager": manager, "operation": "Apply", "fieldsType": "FieldsV1", "fieldsV1": fields}
        key = Key(raw["metadata"]["namespace"], raw["metadata"]["name"])
        return cluster.merge(kind, key, {"metadata": {"managedFields": [*others, mine]}})


def _tree(value: Any) -> dict[str, Any]:
    return {name: _tree(below) for name, below in value.items()} if isinstance(value, Mapping) else {}


def _left_out(owned: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """A merge patch that removes what was owned and is not named any more."""
    gone = {name: None for name in owned if name not in body}
    below = {name: _left_out(owned[name], body[name]) for name in owned if isinstance(body.get(name), Mapping)}
    return {**gone, **{name: patch for name, patch in below.items() if patch}}
