"""What was heard of each kind, by our informers and by kopf -> how old the news is, and how old it may be."""

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any, Final

from controller.measure.parts import WATCH_LIMIT_SECONDS
from controller.model.action import Kind
from controller.observe.feeders import Receive
from controller.observe.informer import Informer

_LIST_TAKES_SECONDS: Final = 60


class Ages:
    """When each kind was last heard of. kopf tells no bookmarks: what it feeds is sure again at the next full list."""

    def __init__(
        self, informers: Sequence[Informer], fed: Sequence[Informer], receive: Receive, relist_seconds: float
    ) -> None:
        self._informers = informers
        self._fed = fed
        self._receive = receive
        self._fed_limit = relist_seconds + _LIST_TAKES_SECONDS
        self._heard_at: dict[Kind, float] = {}

    def receive(self, kind: Kind, type_: str | None, raw: dict[str, Any]) -> None:
        """Hand an event of kopf's on, and remember when it came."""
        self._heard_at[kind] = monotonic()
        self._receive(kind, type_, raw)

    def told(self) -> Mapping[str, tuple[float, float]]:
        """By kind: the monotonic time of the last news, 0 before the first, and the age that it may have."""
        informed = {kind.value: (heard_at, WATCH_LIMIT_SECONDS) for kind, heard_at in _oldest(self._informers).items()}
        fed = {
            kind.value: (max(listed_at, self._heard_at.get(kind, 0.0)), self._fed_limit)
            for kind, listed_at in _oldest(self._fed).items()
        }
        return {**informed, **fed}


def _oldest(informers: Sequence[Informer]) -> dict[Kind, float]:
    """By kind, when the namespace was heard of that was not heard of for longest."""
    oldest: dict[Kind, float] = {}
    for informer in informers:
        oldest[informer.kind] = min(informer.heard_at, oldest.get(informer.kind, informer.heard_at))
    return oldest
