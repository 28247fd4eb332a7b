"""The alerts and the dashboard that come with the chart: they parse, and ask only for what there is."""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import promql_parser
import pytest
import yaml

from controller.cli.sync_probes import Rounds
from controller.connection import Connection
from controller.kube import Kube
from controller.measure.of_scheduler import Beside, measured
from controller.scheduler import build
from controller.settings import Settings
from controller.simulate.outside import Elsewhere
from controller.web.metrics import Metrics
from tests.house.tree import ROOT

RULES: Final = ROOT / "charts/slipway/files/rules.yaml"
DASHBOARD: Final = ROOT / "charts/slipway/files/dashboards/slipway.json"
RUNBOOK: Final = ROOT / "docs/runbook.md"
_OF_THE_TARGET: Final = {"instance", "job"}
"""Labels that Prometheus itself gives to every series."""
_OF_THE_SYNC: Final = {"namespace"}
"""The target's namespace: of the sync's series alone, as in the controller's that label is a Dag's."""
_EXPLAINS_OTHERS: Final = {"slipway_sync_rounds_total"}
"""Nobody watches these: who looks into an alert reads them."""
_SAMPLES: Final = {
    "counter": ("_total",),
    "gauge": ("",),
    "info": ("_info",),
    "histogram": ("_bucket", "_sum", "_count"),
}


@cache
def _labels() -> Mapping[str, set[str]]:
    """The labels of every sample that the controller, the web server and the sync have, by the sample's name."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/rows.db")
        scheduler = build(settings, Kube(Connection("http://nowhere.invalid")), Elsewhere(), None)
        scheduler.metastore.close()
    controller, _ = measured(scheduler, Beside())
    found: dict[str, set[str]] = {}
    sync = Rounds(60).registry
    for registry in (controller.registry, Metrics()._registry, sync):
        for collector in list(registry._collector_to_names):
            own = set(getattr(collector, "_labelnames", ())) | (_OF_THE_SYNC if registry is sync else set())
            for family in collector.collect():
                labels = own | {label for sample in family.samples for label in sample.labels}
                labels |= _LABELS_OF_EMPTY.get(family.name, set())
                for ending in _SAMPLES[family.type]:
                    found.setdefault(family.name + ending, set()).update(labels, {"le"} if ending == "_bucket" else ())
    return found


_LABELS_OF_EMPTY: Final = {
    "slipway_queue_length": {"namespace", "pool"},
    "slipway_pool_slots": {"namespace", "pool"},
    "slipway_pool_slots_used": {"namespace", "pool"},
    "slipway_watch_age_seconds": {"kind"},
    "slipway_alerts_sent": {"target"},
    "slipway_alerts_failed": {"target"},
}
"""Families that are empty in a scheduler that has seen nothing; tests/measure sees their labels filled."""


def _rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def _panels() -> Iterator[dict[str, Any]]:
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        yield panel
        yield from panel.get("panels", ())


def _expressions() -> list[Any]:
    """What is asked of Prometheus, with Grafana's own words put in as Grafana does."""
    asked = [(rule["alert"], rule["expr"]) for rule in _rules()]
    for panel in _panels():
        asked += [(panel["title"], target["expr"]) for target in panel.get("targets", ())]
    words = {"$__rate_interval": "5m", "$__range": "1h", "$namespace": ".*", "$dag": ".*"}
    for word, value in words.items():
        asked = [(name, expr.replace(word, value)) for name, expr in asked]
    return [pytest.param(expr, id=f"{number}-{name}") for number, (name, expr) in enumerate(asked)]


def _walk(node: Any) -> Iterator[Any]:
    """Every part of an expression."""
    yield node
    for field in ("expr", "lhs", "rhs", "param", "vector_selector"):
        inner = getattr(node, field, None)
        if inner is not None and not isinstance(inner, str):
            yield from _walk(inner)
    for argument in getattr(node, "args", None) or ():
        yield from _walk(argument)


@pytest.mark.parametrize("expr", _expressions())
def test_an_expression(expr: str) -> None:
    """It parses, and every metric and label in it is one of ours."""
    parsed = promql_parser.parse(expr)
    selectors = [node for node in _walk(parsed) if isinstance(node, promql_parser.VectorSelector)]
    assert selectors
    for selector in selectors:
        known = _labels().get(str(selector.name))
        assert known is not None, f"there is no metric {selector.name}"
        wanted = {matcher.name for matcher in selector.matchers.matchers}
        assert wanted <= known | _OF_THE_TARGET, f"{selector.name} has no labels {wanted - known}"
    every = set().union(*(_labels()[str(selector.name)] for selector in selectors)) | _OF_THE_TARGET
    for labels in re.findall(r"\b(?:by|on|without) \(([^)]*)\)", expr):
        assert {label.strip() for label in labels.split(",")} <= every, labels


@pytest.mark.parametrize("rule", _rules(), ids=lambda rule: rule["alert"])
def test_a_rule(rule: Mapping[str, Any]) -> None:
    """It waits before it cries, or looks back; says how bad it is; what is told is there, also in the runbook."""
    assert re.fullmatch(r"Slipway[A-Za-z]+", rule["alert"])
    assert re.fullmatch(r"[1-9][0-9]*m", rule["for"]) or (rule["for"] == "0m" and "[1h]" in rule["expr"])
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    summary, description = rule["annotations"]["summary"], rule["annotations"]["description"]
    assert description.endswith(".")
    assert not summary.endswith(".")
    labels = set(re.findall(r"\$labels\.(\w+)", summary + description))
    named = {word.strip() for group in re.findall(r"\bby \(([^)]*)\)", rule["expr"]) for word in group.split(",")}
    assert labels <= named | _OF_THE_TARGET
    assert rule["annotations"]["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"


def test_the_runbook() -> None:
    """It has a section for each alert and for no other, each with what it means, what to look at and what to do."""
    text = RUNBOOK.read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    names = [section.split("\n", 1)[0].strip() for section in sections]
    assert [name for name in names if name.startswith("Slipway")] == [rule["alert"] for rule in _rules()]
    for section in sections:
        if section.startswith("Slipway"):
            assert [word for word in ("**Means.**", "**Look.**", "**Do.**") if word not in section] == [], section[:40]


def test_names_are_told_once() -> None:
    """No two alerts have one name."""
    names = [rule["alert"] for rule in _rules()]
    assert len(names) == len(set(names))


def test_the_dashboard() -> None:
    """It asks for its data source, has a description on each panel, and no two panels lie on one another."""
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    variables = {each["name"]: each for each in dashboard["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    assert dashboard["uid"] == "slipway"
    assert "id" not in dashboard
    places: dict[tuple[int, int], str] = {}
    identifiers = [panel["id"] for panel in _panels()]
    assert len(identifiers) == len(set(identifiers))
    for panel in _panels():
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert places.setdefault((x, y), panel["title"]) == panel["title"]
        assert place["x"] + place["w"] <= 24
        if panel["type"] != "row":
            assert panel["description"].endswith("."), panel["title"]
            assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


def test_every_metric_is_shown_or_watched() -> None:
    """What nobody looks at is not worth its series; those that explain others are named here."""
    text = RULES.read_text(encoding="utf-8") + DASHBOARD.read_text(encoding="utf-8")
    unused = {
        name
        for name in _labels()
        if not re.search(rf"\b{re.sub('_(bucket|sum|count)$', '', name)}(_bucket|_sum|_count)?\b", text)
    }
    assert {name for name in unused if not name.startswith("process_")} == _EXPLAINS_OTHERS


def test_files_of_the_chart_are_small() -> None:
    """A release's Secret holds the chart, 1 MiB at most."""
    assert sum(Path(path).stat().st_size for path in (RULES, DASHBOARD)) < 100_000
