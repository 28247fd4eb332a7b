"""Monitors, alert rules and routes of the chart: an API server that knows these kinds takes them as they are.

Their definitions are the Prometheus operator's and the Gateway API's own, from the modules that they publish. Nobody
acts on the objects here.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml

from tests.cluster import Cluster
from tests.cluster.commands import run
from tests.e2e.install import NAMESPACE, RELEASE, ROOT, kubectl

pytestmark = pytest.mark.cluster

_DEFINITIONS: Final = {
    "github.com/prometheus-operator/prometheus-operator@v0.85.0": (
        "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
        "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",
        "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
    ),
    "sigs.k8s.io/gateway-api@v1.3.0": ("config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",),
}
_GROUPS: Final = ("monitoring.coreos.com", "gateway.networking.k8s.io")


@pytest.fixture(scope="module")
def definitions(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The kinds are known for as long as the tests of this file run."""
    if shutil.which("go") is None:
        pytest.skip("Go fetches the modules with the definitions")
    folder = tmp_path_factory.mktemp("modules")
    files = [file for module, paths in _DEFINITIONS.items() for file in _files(folder, module, paths)]
    words = [word for file in files for word in ("-f", str(file))]
    kubectl(cluster, "apply", "--server-side", *words)
    try:
        kubectl(cluster, "wait", "--for=condition=Established", "--timeout=60s", *words)
        yield
    finally:
        kubectl(cluster, "delete", *words)


def _files(folder: Path, module: str, paths: tuple[str, ...]) -> list[Path]:
    """Files of a Go module, fetched into the user's cache of modules and checked against its sum."""
    answer = run(["go", "mod", "download", "-json", module], cwd=folder, env={"GOFLAGS": "-mod=mod", "GOWORK": "off"})
    return [Path(json.loads(answer)["Dir"]) / path for path in paths]


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        ("production", {"ServiceMonitor", "PrometheusRule"}),
        ("proxy", {"PodMonitor", "HTTPRoute"}),
    ],
)
def test_an_api_server_that_knows_them_takes_them(
    cluster: Cluster, definitions: None, values: str, kinds: set[str]
) -> None:
    """No field is unknown, and none has a value that its schema refuses."""
    chart, file = ROOT / "charts/slipway", ROOT / f"charts/slipway/ci/{values}-values.yaml"
    words = ["template", RELEASE, str(chart), "--namespace", NAMESPACE, "--values", str(file), "--no-hooks"]
    made = yaml.safe_load_all(run([cluster.helm, *words, "--kube-version", "1.34.0"]))
    foreign = [each for each in made if each and each["apiVersion"].partition("/")[0] in _GROUPS]
    assert {each["kind"] for each in foreign} == kinds
    applied = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-")
    kubectl(cluster, *applied, stdin=yaml.safe_dump_all(foreign))
