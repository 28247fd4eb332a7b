"""A cluster in memory in which a second passes at each look, whose Pods have logs, for commands that wait."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

import pytest

from controller.errors import Refused, Unavailable
from controller.model.action import Kind
from controller.model.archive import NO_LOG
from controller.model.metadata import Key
from controller.simulate.cluster import Raw
from tests.cli.standing_cluster import StandingCluster
from tests.scenarios.story import SPACE, Story

Work = Callable[["MovingCluster", str], Awaitable[int]]


class MovingCluster(StandingCluster):
    """A session of a person's with a cluster that goes on."""

    def __init__(self, story: Story) -> None:
        super().__init__(story, is_away=True)
        self.logs: dict[str, list[str]] = {}
        """Lines by Pod. One that is not named writes its own name."""
        self.lost: set[str] = set()
        """Pods whose node has thrown the log away."""
        self.breaks: list[Exception] = []
        """What the next looks at the run meet."""
        self.breaks_after: int | None = None
        """After so many lines the next stream breaks off."""
        self.asked: list[dict[str, str]] = []
        """What each stream was asked for."""
        self.before_look: Callable[[], None] = lambda: None

    async def get(self, kind: Kind, key: Key) -> Raw:
        """The object, a second later."""
        if self.breaks:
            raise self.breaks.pop(0)
        self.before_look()
        await self.story.run(1)
        return await super().get(kind, key)

    async def stream(self, path: str, params: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """The Pod's log in pieces that no line fits; with `follow` it ends with the Pod."""
        name = path.split("/")[-2]
        self.asked.append(dict(params))
        raw = self._cluster.get(Kind.POD, Key(SPACE, name))
        if not _has_begun(raw):
            raise Refused(f'container "main" in pod "{name}" is waiting to start: ImagePullBackOff', "BadRequest", 400)
        if name in self.lost:
            yield NO_LOG + b"containerd://0"
            return
        text = "".join(f"{line}\n" for line in self._lines(name, params)).encode()
        for at in range(0, len(text), 7):
            yield text[at : at + 7]
        if self.breaks_after is not None:
            self.breaks_after = None
            raise Unavailable("the watch broke off")
        pod = Key(SPACE, name)
        while "follow" in params and not _has_ended(self._cluster.find(Kind.POD, pod)):  # noqa: ASYNC110 no event tells
            await asyncio.sleep(0)

    def _lines(self, name: str, params: Mapping[str, str]) -> list[str]:
        lines = self.logs.get(name, [name])
        stamped = [f"2026-01-01T00:00:{at:02}.5Z {line}" for at, line in enumerate(lines)]
        since = params.get("sinceTime", "")[:-1]
        chosen = [each for each in stamped if each[:19] >= since]
        chosen = chosen[-int(params["tailLines"]) :] if "tailLines" in params else chosen
        if self.breaks_after is not None:
            chosen = chosen[: self.breaks_after]
        return chosen if "timestamps" in params else [each.partition(" ")[2] for each in chosen]


def at_once(monkeypatch: pytest.MonkeyPatch, cluster: MovingCluster) -> None:
    """The commands find this cluster, and do not pause between looks."""
    monkeypatch.setattr("controller.cli.waiting.LOOK_SECONDS", 0.0)

    def answer(where: object, work: Work) -> int:
        async def run() -> int:
            return await work(cluster, SPACE)

        return asyncio.run(run())

    for module in ("waiting", "logs", "self_test"):
        monkeypatch.setattr(f"controller.cli.{module}.exit_code", answer)


def _has_begun(raw: Mapping[str, Any]) -> bool:
    states = [each["state"] for each in raw["status"].get("containerStatuses") or ()]
    return any("running" in state or "terminated" in state for state in states)


def _has_ended(raw: Mapping[str, Any] | None) -> bool:
    return raw is None or raw["status"]["phase"] in ("Succeeded", "Failed")
