"""The running cluster -> proof that it can do what the demo, the tests and the benchmarks ask of one."""

from __future__ import annotations

import json
import subprocess
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Template

import pytest

from tests.cluster import Cluster, cluster_up
from tests.cluster.commands import ClusterError, run

pytestmark = pytest.mark.cluster

SMOKE = Path(__file__).resolve().parent / "manifests" / "smoke.yaml"
EVICTION = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "server"}}

Kubectl = Callable[..., str]


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    """The cluster, started if need be."""
    return cluster_up()


@pytest.fixture(scope="module")
def kubectl(cluster: Cluster) -> Iterator[Kubectl]:
    """kubectl in a namespace of this module's own, with the objects of smoke.yaml running in it."""
    namespace = f"smoke-{uuid.uuid4().hex[:8]}"
    command: list[str | Path] = [cluster.kubectl, "--kubeconfig", cluster.kubeconfig]

    def call(*arguments: str, stdin: str | None = None) -> str:
        return run([*command, "--namespace", namespace, *arguments], stdin=stdin)

    call("create", "namespace", namespace)
    call("label", "namespace", namespace, "pod-security.kubernetes.io/warn=restricted")
    call("apply", "-f", "-", stdin=Template(SMOKE.read_text()).substitute(image=cluster.base_image))
    call("wait", "--for=condition=Ready", "pod/server", "--timeout=60s")
    yield call
    call("delete", "namespace", namespace, "--timeout=60s")


def test_volume(kubectl: Kubectl) -> None:
    """A claim without a class binds, and a Pod that is not root writes to it."""
    kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/writer", "--timeout=60s")
    assert kubectl("logs", "writer") == "kept\n"


def test_service_names(kubectl: Kubectl) -> None:
    """A Pod reaches a Service by its short name, even one that leads back to it, and the API server by its long one."""
    for address in ("http://web", "https://kubernetes.default.svc.cluster.local/livez"):
        fetch = (
            "import ssl, urllib.request; context = ssl._create_unverified_context(); "
            f"print(urllib.request.urlopen({address!r}, context=context).status)"
        )
        assert kubectl("exec", "server", "--", "python3", "-c", fetch) == "200\n"


def test_api_server_reaches_services(kubectl: Kubectl) -> None:
    """The API server connects to a Pod behind a Service, as it must for admission webhooks."""
    namespace = kubectl("get", "pod", "server", "-o", "jsonpath={.metadata.namespace}")
    assert "debian_config" in kubectl("get", "--raw", f"/api/v1/namespaces/{namespace}/services/web:80/proxy/")


def test_port_forward(cluster: Cluster, kubectl: Kubectl) -> None:
    """`kubectl port-forward` leads from the host into a Pod."""
    namespace = kubectl("get", "pod", "server", "-o", "jsonpath={.metadata.namespace}")
    words: list[str | Path] = [cluster.kubectl, "--kubeconfig", cluster.kubeconfig, "--namespace", namespace]
    with subprocess.Popen(
        [*words, "port-forward", "pod/server", ":8080"], stdout=subprocess.PIPE, text=True
    ) as forward:
        assert forward.stdout
        local = forward.stdout.readline().split(" -> ")[0].rpartition(" ")[2]
        with urllib.request.urlopen(f"http://{local}/", timeout=10) as response:
            assert response.status == 200
        forward.terminate()


def test_pod_security(kubectl: Kubectl) -> None:
    """The Pod Security level of a namespace is enforced."""
    namespace = kubectl("get", "pod", "server", "-o", "jsonpath={.metadata.namespace}")
    kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    with pytest.raises(ClusterError, match="violates PodSecurity"):
        kubectl("run", "root", "--image=any")


def test_audit_log(cluster: Cluster, kubectl: Kubectl) -> None:
    """The audit log has one entry for each write, and tells who made it."""
    if cluster.audit_log is None:
        pytest.skip("this cluster's audit log cannot be had")
    name = f"audited-{uuid.uuid4().hex[:8]}"
    kubectl("create", "configmap", name)
    entries = [json.loads(line) for line in cluster.audit_log.read_text().splitlines() if name in line]
    assert [(entry["verb"], entry["stage"]) for entry in entries] == [("create", "ResponseComplete")]
    assert entries[0]["userAgent"].startswith("kubectl")


def test_eviction(kubectl: Kubectl) -> None:
    """The eviction API removes a Pod."""
    namespace = kubectl("get", "pod", "server", "-o", "jsonpath={.metadata.namespace}")
    path = f"/api/v1/namespaces/{namespace}/pods/server/eviction"
    kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(EVICTION))
    kubectl("wait", "--for=delete", "pod/server", "--timeout=30s")


def test_helm(cluster: Cluster) -> None:
    """helm speaks to the cluster."""
    run([cluster.helm, "list"], env={"KUBECONFIG": str(cluster.kubeconfig)})
