"""Every value is told once, in values.yaml; what is generated of it agrees, and nothing else is taken."""

import json
from typing import Any

import pytest
import yaml
from helm_python import HelmValuesError, lint

from controller.chart_values import Undocumented, read_values, schema_text, setting_name
from controller.model.pod_policy import Level, Rule
from controller.settings import Settings
from controller.web.settings import WebSettings
from tests.chart.rendering import CASES, CHART, NAMESPACE, all_of, case, containers_of, objects, pod_of
from tests.house.tree import ROOT

VALUES = (CHART / "values.yaml").read_text()
ELSEWHERE = {
    "namespaces": "watchNamespaces",
    "database_url": "database",
    "sensor_allowed_hosts": "sensors.allowedHosts",
    "sensor_forbidden_hosts": "sensors.forbiddenHosts",
    "lease_name": "made by the chart",
    "lease_namespace": "the Pod's own namespace",
    "lease_seconds": "controller.leaseSeconds",
    "webhook_port": "webhook.enabled",
    "webhook_secret": "made by the chart",
    "webhook_service": "made by the chart",
    "webhook_configuration": "made by the chart",
    "webhook_certificate_seconds": "webhook.certificateDays",
    "pod_policy": "podPolicy",
    "alerts_folder": "alerts.existingSecret",
    "alerts_url": "alerts.url",
    "probe_port": "the chart's probes ask 8080",
    "crash_at": "for tests alone",
}
"""Settings that are no key of `config:`, and where they come from."""


def test_config_is_the_settings() -> None:
    """Each key of `config:` is a setting, each setting is a key or is set elsewhere, and the defaults are the same."""
    config = yaml.safe_load(VALUES)["config"]
    assert {setting_name(key) for key in config} | set(ELSEWHERE) == set(Settings.model_fields)
    assert not {setting_name(key) for key in config} & set(ELSEWHERE)
    settings = Settings.model_construct()
    assert {key: getattr(settings, setting_name(key)) for key in config} == config


def test_values_that_are_settings_elsewhere_have_their_limits() -> None:
    """What the chart takes, the controller takes: it would die of it at its start."""
    told = {value.name: value.schema for value in read_values(VALUES)}
    assert told["podPolicy.level"]["enum"] == list(Level)
    assert told["podPolicy.allow"]["items"]["enum"] == list(Rule)
    assert told["alerts.url"]["pattern"] == Settings.model_json_schema()["properties"]["alerts_url"]["pattern"]


def test_every_other_setting_is_documented() -> None:
    """What is no key of `config:` is told in docs/operating.md, but for that of tests."""
    page = (ROOT / "docs/operating.md").read_text()
    assert [name for name in ELSEWHERE if f"`SLIPWAY_{name.upper()}`" not in page] == ["crash_at"]


def test_every_template_is_told() -> None:
    """The chart's README says what each is for."""
    page = (CHART / "README.md.in").read_text()
    assert [path.name for path in (CHART / "templates").glob("*.yaml") if f"`{path.name}`" not in page] == []


@pytest.mark.parametrize("name", CASES)
def test_every_variable_is_a_setting(name: str) -> None:
    """The controller and the web server refuse to start with one that they do not know."""
    known = {f"SLIPWAY_{field}".upper() for field in Settings.model_fields}
    of_web = {
        str(field.validation_alias or f"SLIPWAY_WEB_{field_name}".upper())
        for field_name, field in WebSettings.model_fields.items()
    }
    for manifest in all_of(name):
        pod = pod_of(manifest)
        for container in containers_of(pod[1]) if pod else ():
            ours = {each["name"] for each in container.get("env", ()) if each["name"].startswith("SLIPWAY_")}
            assert ours <= (of_web if container["name"] == "web" else known), container["name"]


def test_the_settings_are_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The controller reads what the chart writes: lists, numbers, objects and texts."""
    values = {
        "watchNamespaces": ["a", "b"],
        "config": {"logArchiveKib": 16_384, "keepRunsSucceeded": 1_000_000, "tracing": True, "logArchiveSeconds": 2.5},
        "podPolicy": {"level": "restricted", "volumes": ["csi"], "priorityClasses": ["high"]},
        "sensors": {"allowedHosts": ["*.test"]},
        "webhook": {"certificateDays": 30},
    }
    (deployment,) = objects(values, "controller.yaml")
    for each in deployment["spec"]["template"]["spec"]["containers"][0]["env"]:
        monkeypatch.setenv(each["name"], each["value"])
    settings = Settings()
    assert settings.namespaces == ("a", "b")
    assert (settings.log_archive_kib, settings.keep_runs_succeeded) == (16_384, 1_000_000)
    assert (settings.tracing, settings.log_archive_seconds) == (True, 2.5)
    assert settings.sensor_allowed_hosts == ("*.test",)
    assert settings.webhook_certificate_seconds == 2_592_000
    assert (settings.pod_policy.level, tuple(settings.pod_policy.volumes)) == ("restricted", ("csi",))


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"repliacs": 2}, "additional properties 'repliacs' not allowed"),
        ({"controller": {"replica": 2}}, "at '/controller': additional properties 'replica' not allowed"),
        ({"config": {"paralelism": 2}}, "at '/config': additional properties 'paralelism' not allowed"),
        ({"config": {"parallelism": 0}}, "at '/config/parallelism': minimum: got 0, want 1"),
        ({"config": {"parallelism": "many"}}, "at '/config/parallelism': got string, want integer"),
        ({"config": {"logLevel": "loud"}}, "at '/config/logLevel': value must be one of"),
        ({"config": {"logStore": "ftp://x"}}, "at '/config/logStore': 'ftp://x' does not match pattern"),
        ({"database": {"type": "mysql"}}, "value must be one of 'sqlite', 'postgres'"),
        ({"sensors": {"resources": [{"apiGroups": [""], "resources": ["*"]}]}}, "does not match pattern"),
        ({"controller": {"podLabels": {"a": True}}}, "at '/controller/podLabels/a': got boolean, want string"),
        ({"image": {"digest": "latest"}}, "at '/image/digest': 'latest' does not match pattern"),
        ({"webhook": {"certificateDays": 20}}, "at '/webhook/certificateDays': minimum: got 20, want 30"),
        ({"webhook": {"timeoutSeconds": 5}}, "at '/webhook': additional properties 'timeoutSeconds' not allowed"),
        ({"alerts": {"url": "slipway.example.org"}}, "at '/alerts/url': 'slipway.example.org' does not match pattern"),
        ({"podPolicy": {"allow": ["hostNetworks"]}}, "at '/podPolicy/allow/0': value must be one of 'hostNetwork'"),
    ],
)
def test_what_is_no_value_is_refused(values: dict[str, Any], fault: str) -> None:
    """A misspelt key or a wrong type is told by its path, before anything is installed."""
    with pytest.raises(HelmValuesError) as refused:
        objects(values)
    assert fault in str(refused.value)


def test_globals_of_an_umbrella_chart_are_no_fault() -> None:
    """They are shared by all of its charts."""
    assert objects({"global": {"imageRegistry": "r.example.org", "other": 1}})


@pytest.mark.parametrize("name", CASES)
def test_lint(name: str) -> None:
    """`helm lint --strict` has nothing to say but that there is no icon."""
    report = lint(CHART, case(name), strict=True, namespace=NAMESPACE)
    assert report["errors"] == []
    assert [each["error"] for each in report["messages"]] == ["icon is recommended"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1", "a has no comment"),
        ("# -- A.\na: {}\nb:\n  c: 1", "b.c has no comment"),
        ("# -- {minimum: 1 A.\na: 1", "braces do not close"),
        ("# -- {minimum: 1}\na: 1", "no sentence"),
        ("# -- A.\n\na: 1", "a has no comment"),
    ],
)
def test_a_value_that_says_nothing_is_refused(text: str, fault: str) -> None:
    """Nobody adds one without telling what it is for."""
    with pytest.raises(Undocumented, match=fault):
        read_values(text)


def test_a_comment_becomes_schema() -> None:
    """Types come from defaults, the rest from the braces, over lines and with braces in quotes."""
    of_globals = 'global:\n  # -- A.\n  a: ""\n'
    text = of_globals + 'g:\n  # -- {pattern: "^}{$", minimum: 2} Two\n  # lines.\n  b: 3\n# -- Free.\nc: {x: 1}\n'
    properties = json.loads(schema_text(read_values(text)))["properties"]
    assert properties["g"]["properties"]["b"] == {
        "description": "Two lines.",
        "default": 3,
        "pattern": "^}{$",
        "minimum": 2,
        "type": "integer",
    }
    assert properties["g"]["additionalProperties"] is False
    assert properties["c"] == {"description": "Free.", "default": {"x": 1}, "type": "object"}
