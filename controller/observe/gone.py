"""Objects that were seen to end -> whether an object that comes in now is only late news of one of them.

The answer to a write that ends an object may come after the watch event of that end, and must not bring it back.
"""

from typing import Final

from controller.model.metadata import Meta

KEPT: Final = 10_000
"""So many are remembered, the newest; an answer is never that late."""


class Gone:
    """The last objects that ended."""

    def __init__(self) -> None:
        self._versions: dict[str, int] = {}

    def remember(self, uid: str, version: int) -> None:
        """The object ended at this resourceVersion."""
        self._versions[uid] = version
        if len(self._versions) > KEPT:
            del self._versions[next(iter(self._versions))]

    def covers(self, meta: Meta) -> bool:
        """Whether the object ended after it was as it comes in."""
        return meta.resource_version <= self._versions.get(meta.uid, -1)
