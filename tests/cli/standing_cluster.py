"""A cluster in memory with a controller that works, as commands see it through their session."""

import asyncio
from typing import Any

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.simulate.cluster import Raw
from controller.simulate.session import Session
from tests.scenarios.story import Story


class StandingCluster(Session):
    """A session of a person's. Each look lets everything happen that is due, unless the controller is away."""

    def __init__(self, story: Story, *, is_away: bool = False) -> None:
        super().__init__(story.cluster)
        self.story = story
        self._is_away = is_away

    async def get(self, kind: Kind, key: Key) -> Raw:
        """The object, after what was due."""
        if not self._is_away:
            await self.story.world.settle()
        return await super().get(kind, key)

    async def list_all(
        self, kind: Kind, namespace: str | None = None, label_selector: str = ""
    ) -> list[dict[str, Any]]:
        """The objects of a kind in a namespace."""
        return [raw for raw in self.story.cluster.all_of(kind) if raw["metadata"]["namespace"] == namespace]

    async def caller(self) -> str:
        """Whoever tests."""
        await asyncio.sleep(0)
        return "system:serviceaccount:team:ada"
