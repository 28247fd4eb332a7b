"""The chart on the real cluster: the API server takes it, it installs, and leaves nothing when it goes."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml

from tests.cluster import Cluster
from tests.cluster.commands import run
from tests.e2e.install import NAMESPACE, RELEASE, ROOT, image_tag, install, kubectl, left_behind, uninstall
from tests.e2e.world import World

pytestmark = pytest.mark.cluster

CHART: Final = str(ROOT / "charts/slipway")


@pytest.mark.parametrize("values", sorted((ROOT / "charts/slipway/ci").glob("*.yaml")), ids=lambda path: path.stem)
def test_chart_is_without_fault(cluster: Cluster, values: Path) -> None:
    """`helm lint` has nothing to say against it, with any of its files of values."""
    run([cluster.helm, "lint", "--strict", "--namespace", NAMESPACE, "--values", values, CHART])


@pytest.mark.parametrize("values", ["default", "production", "namespaced"])
def test_the_api_server_takes_what_the_chart_makes(cluster: Cluster, values: str) -> None:
    """No field is unknown to it, in kinds that it knows; the others are Prometheus' and the Gateway's."""
    file = str(ROOT / f"charts/slipway/ci/{values}-values.yaml")
    words = ["template", RELEASE, CHART, "--namespace", NAMESPACE, "--values", file, "--no-hooks"]
    made = run([cluster.helm, *words, "--kube-version", "1.34.0"])
    kept = [each for each in yaml.safe_load_all(made) if each and "monitoring.coreos.com" not in each["apiVersion"]]
    for each in kept:
        # Into namespaces that need not exist: what is asked about is the objects alone.
        if each["metadata"].get("namespace", NAMESPACE) != NAMESPACE:
            each["metadata"]["namespace"] = NAMESPACE
    applied = ("apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict", "-f", "-")
    kubectl(cluster, *applied, stdin=yaml.safe_dump_all(kept))


@pytest.fixture
def reinstalled(cluster: Cluster) -> Iterator[None]:
    """Whatever the test does to the release, it is there again afterwards."""
    yield
    install(cluster)


def test_uninstall_ends_within_a_minute_and_nothing_hangs(cluster: Cluster, world: World, reinstalled: None) -> None:
    """With tasks at work: the release goes, their Pods are released, and the namespace can be deleted."""
    world.dag("working", [{"name": f"t{number}", "script": "exec sleep 600"} for number in range(3)])
    world.trigger("working", "working-run")
    world.until("a Pod runs", lambda: world.task("working-run", "t0").get("state") == "Running")
    begun = time.monotonic()
    uninstall(cluster)
    assert not any("finalizers" in pod["metadata"] for pod in world.listed("pods"))
    world.kubectl("delete", "namespace", world.namespace, "--timeout=60s")
    assert time.monotonic() - begun < 60
    assert left_behind(cluster) == []
    world.kubectl("create", "namespace", world.namespace)  # for the fixture to delete


def test_install_is_idempotent(cluster: Cluster) -> None:
    """Installing the same checkout again rolls nothing out."""
    words = ("-n", NAMESPACE, "get", "deployment", RELEASE, "-o", "jsonpath={.metadata.generation} {..image}")
    before = kubectl(cluster, *words)
    install(cluster)
    assert kubectl(cluster, *words) == before
    assert image_tag() in before
