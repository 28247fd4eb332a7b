"""A story in virtual time -> what Prometheus would read of its controller."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from controller.connection import Connection
from controller.measure.gather import Measures, Sources
from controller.metastore.writer import MetastoreWriter
from controller.simulate.world import Controller
from controller.transport import Transport
from tests.scenarios.story import Story


class Measured:
    """The metrics of the controller of a story, which is measured from now on."""

    def __init__(self, story: Story, folder: Path, **more: Any) -> None:
        self.leads = True
        nowhere = Transport(Connection("http://nowhere.invalid"), 20, "test")
        self._more = {"dags": 100, "ages": dict, "transport": nowhere, **more}
        self.metastore = MetastoreWriter(f"sqlite:///{folder / 'slipway.db'}", on_committed=lambda committed: None)
        self._story = story
        self.begin()

    def begin(self) -> None:
        """Measure the controller that lives now: a restarted one counts from nothing."""
        controller = self._story.world.controller
        self.measures = Measures(
            Sources(
                store=controller.store,
                loop=controller.loop,
                metastore=self.metastore,
                clock=self._story.world.clock,
                leads=lambda: self.leads,
                parallelism=self._story.world.policy.parallelism,
                **self._more,
            )
        )

    def restart(self) -> None:
        """Kill the controller; the next one is measured from before its first list on, and leads after it."""
        world = self._story.world
        world.restart()
        world.controller = Controller(world.cluster, world.clock, world.take, world.elsewhere)
        self.leads = False
        self.begin()
        world.resync()
        self.leads = True

    async def told(self) -> Mapping[str, float]:
        """Every sample, by its name and its labels as they are written."""
        text = (await self.measures.told()).decode()
        return {
            name_of(sample.name, sample.labels): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


def name_of(name: str, labels: Mapping[str, str]) -> str:
    """`name{a="b"}`, the labels in order."""
    inner = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
    return f"{name}{{{inner}}}" if inner else name


def only(told: Mapping[str, float], wanted: Callable[[str], bool]) -> dict[str, float]:
    """The samples whose name is wanted."""
    return {name: value for name, value in told.items() if wanted(name)}


def of(told: Mapping[str, float], name: str) -> dict[str, float]:
    """The samples of one metric that are not 0, by their labels."""
    return {key.removeprefix(name): value for key, value in told.items() if key.split("{")[0] == name and value}
