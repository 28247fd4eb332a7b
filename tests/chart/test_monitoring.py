"""What Prometheus and Grafana are given is what stands in files/, as it is, braces and all."""

import json

import yaml

from tests.chart.rendering import CHART, all_of, case, named, objects


def test_rules_are_those_of_the_file() -> None:
    """The file's groups, then the operator's own rules as a group."""
    groups = yaml.safe_load((CHART / "files/rules.yaml").read_text())["groups"]
    rule = named(all_of("production"), "PrometheusRule", "slipway")
    assert groups
    assert rule["spec"]["groups"][:-1] == groups
    assert rule["spec"]["groups"][-1] == {
        "name": "slipway-extra",
        "rules": case("production")["prometheusRule"]["extraRules"],
    }


def test_dashboards_are_those_of_the_folder() -> None:
    """Each file is a key, with the label that Grafana's sidecar looks for."""
    files = {path.name: json.loads(path.read_text()) for path in (CHART / "files/dashboards").glob("*.json")}
    assert files
    (config_map,) = objects({"dashboards": {"enabled": True, "folder": "Data"}}, "dashboards.yaml")
    assert {name: json.loads(text) for name, text in config_map["data"].items()} == files
    assert config_map["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert config_map["metadata"]["annotations"] == {"grafana_folder": "Data"}


def test_nothing_of_it_is_made_unasked() -> None:
    """A cluster without the Prometheus operator takes the chart as it is."""
    kinds = {each["kind"] for each in all_of("default")}
    assert not kinds & {"PrometheusRule", "ServiceMonitor", "PodMonitor", "HTTPRoute", "FlowSchema"}
