"""The metrics of a real scheduler, with all its parts: which there are, what they cost, and how old its news is."""

import re
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from controller.connection import Connection
from controller.installed import with_webhook
from controller.kube import Kube
from controller.measure.ages import Ages
from controller.measure.of_scheduler import Beside, measured
from controller.measure.parts import WATCH_LIMIT_SECONDS
from controller.model.action import Kind
from controller.observe.informer import Informer
from controller.observe.store import Store
from controller.scheduler import Scheduler, build
from controller.settings import Settings
from tests.house.tree import ROOT


class Blind:
    """Looks at nothing."""

    async def look(self, action: Any) -> Any:
        """Nothing is seen."""
        return None, ""


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Scheduler]:
    """A scheduler that does not run."""
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'rows.db'}")
    scheduler = build(settings, Kube(Connection("http://nowhere.invalid")), Blind(), None)
    yield scheduler
    scheduler.metastore.close()


def names_of(registry: Any) -> set[str]:
    """The metrics of a registry, as Prometheus knows them."""
    found = set()
    for family in registry.collect():
        suffix = {"counter": "_total", "info": "_info"}.get(family.type, "")
        found.add(family.name + suffix)
    return found


async def test_every_metric_is_documented(scheduler: Scheduler) -> None:
    """docs/metrics.md has a row for each metric of the controller, and none for one that is not there."""
    measures, _ = measured(scheduler, Beside())
    text = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    part = text.split("\n## The controller\n")[1].split("\n## The web server\n")[0]
    told = set(re.findall(r"^\| `([a-z_]+)", part, re.MULTILINE))
    assert told == names_of(measures.registry)


async def test_names_follow_the_conventions(scheduler: Scheduler) -> None:
    """As promtool has them: a prefix, base units, `_total` for counters alone, a sentence for each."""
    measures, _ = measured(scheduler, Beside())
    for family in measures.registry.collect():
        assert re.fullmatch(r"(slipway|process)_[a-z_]+", family.name), family.name
        assert family.documentation.endswith(".") or family.name.startswith("process_"), family.name
        assert not re.search(r"_(ms|millis|minutes|hours|kb|mb|percent)(_|$)", family.name), family.name
        assert family.type == "counter" or not family.name.endswith(("_total", "_count", "_sum")), family.name
        labels = {label for sample in family.samples for label in sample.labels}
        assert not {"run", "task_run", "pod", "uid"} & labels, family.name


async def test_before_anything_is_known(scheduler: Scheduler) -> None:
    """It can be asked at once, and is no leader yet."""
    measures, _ = measured(scheduler, Beside())
    text = (await measures.told()).decode()
    assert "\nslipway_leader 0.0\n" in text
    scheduler.decides = True
    scheduler.alerts.sent["mail"] += 2
    text = (await measures.told()).decode()
    assert "\nslipway_leader 1.0\n" in text
    assert '\nslipway_alerts_sent_total{target="mail"} 2.0\n' in text


async def test_a_webhook_without_a_certificate_yet(scheduler: Scheduler) -> None:
    """0 stands for none."""
    settings = Settings(webhook_port=9443, webhook_secret="s", webhook_service="w", webhook_configuration="c")  # noqa: S106 a name
    webhook = with_webhook(settings, Connection("http://x"), "slipway")
    measures, _ = measured(scheduler, Beside(webhook=webhook))
    assert "\nslipway_webhook_certificate_expiry_timestamp_seconds 0.0\n" in (await measures.told()).decode()


async def test_ages_of_news() -> None:
    """Of our own watches the oldest namespace counts; of what kopf feeds any news, until the next full list."""
    store, kube = Store(), Kube(Connection("http://nowhere.invalid"))
    now, received = monotonic(), list[Kind]()
    informers = [Informer(kube, store, Kind.POD, space) for space in ("a", "b")]
    informers[0].heard_at, informers[1].heard_at = now - 5, now - 50
    fed = [Informer(kube, store, Kind.DAG), Informer(kube, store, Kind.POOL)]
    fed[0].heard_at = now - 500
    ages = Ages(informers, fed, lambda kind, type_, raw: received.append(kind), 600)
    assert ages.told() == {
        "Pod": (now - 50, WATCH_LIMIT_SECONDS),
        "Dag": (now - 500, 660),
        "Pool": (0.0, 660),
    }
    ages.receive(Kind.DAG, "MODIFIED", {})
    assert received == [Kind.DAG]
    assert ages.told()["Dag"][0] >= now
