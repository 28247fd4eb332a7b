"""A release of its own name, with rights in one namespace alone, from its installation to the last of its objects.

Every Pod of it and of its tasks is in a namespace that enforces *restricted*. Its Dags come from a ConfigMap. The tests
go on from one another; Slipway's usual release is away meanwhile, as two must not run the same Dags.
"""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest
import yaml

from tests.cluster import Cluster
from tests.cluster.commands import run
from tests.e2e.install import ROOT, install, kubectl, left_behind, provided_image, uninstall
from tests.e2e.world import World, dag

pytestmark = pytest.mark.cluster

NAME: Final = "life"
FULL_NAME: Final = "life-slipway"
FROM_FOLDER: Final = dag("synced", [{"name": "t", "script": "exec sleep 600"}])


@dataclass(frozen=True)
class Release:
    """The release and the one namespace whose Dags it runs."""

    cluster: Cluster
    namespace: str
    team: World

    def helm(self, *words: str, stdin: str | None = None) -> str:
        """What Helm prints."""
        place = ("--kubeconfig", self.cluster.kubeconfig, "--namespace", self.namespace)
        return run([self.cluster.helm, *place, *words], stdin=stdin)

    def install(self) -> None:
        """Install it, and wait until every Pod is ready; the sync's is once it has read the folder."""
        repository, _, tag = provided_image(self.cluster).rpartition(":")
        values = {
            "image": {"repository": repository, "tag": tag},
            "config": {"defaultTaskImage": self.cluster.base_image},
            "crds": {"install": False},
            "webhook": {"enabled": False},
            "watchNamespaces": [self.team.namespace],
            "sync": {"enabled": True, "namespace": self.team.namespace, "configMap": "dags", "intervalSeconds": 5},
        }
        words = ("install", NAME, str(ROOT / "charts/slipway"), "--wait", "--timeout", "3m", "--values", "-")
        self.helm(*words, stdin=yaml.safe_dump(values))


@pytest.fixture(scope="module")
def release(cluster: Cluster) -> Iterator[Release]:
    """Installed where *restricted* is enforced; afterwards Slipway's usual release is there again."""
    word = f"life-{secrets.token_hex(2)}"
    made = Release(cluster, word, World(cluster, f"{word}-team"))
    uninstall(cluster)
    try:
        for namespace in (made.namespace, made.team.namespace):
            kubectl(cluster, "create", "namespace", namespace)
            kubectl(cluster, "label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
        folder = {"metadata": {"name": "dags"}, "data": {"synced.yaml": json.dumps(FROM_FOLDER)}}
        manifest = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", **folder})
        kubectl(cluster, "-n", made.namespace, "apply", "-f", "-", stdin=manifest)
        made.install()
        yield made
    finally:
        uninstall(cluster, NAME, made.namespace)
        for namespace in (made.namespace, made.team.namespace):
            kubectl(cluster, "delete", "namespace", namespace, "--wait=false", "--ignore-not-found")
        install(cluster)


def test_it_has_no_right_beyond_its_namespaces(release: Release) -> None:
    """Nothing of it is an object of the whole cluster, and its account can't look elsewhere."""
    manifest = release.helm("get", "manifest", NAME)
    kinds = {each["kind"] for each in yaml.safe_load_all(manifest) if each and "namespace" not in each["metadata"]}
    assert kinds == set()
    assert [_may_list_pods(release, namespace) for namespace in (release.team.namespace, "default")] == [True, False]


def _may_list_pods(release: Release, namespace: str) -> bool:
    """What the API server says of the controller's account."""
    asked = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": f"system:serviceaccount:{release.namespace}:{FULL_NAME}",
            "resourceAttributes": {"namespace": namespace, "verb": "list", "resource": "pods"},
        },
    }
    said = kubectl(release.cluster, "create", "-f", "-", "-o", "json", stdin=json.dumps(asked))
    return bool(json.loads(said)["status"]["allowed"])


def test_helm_test_passes_and_leaves_nothing(release: Release) -> None:
    """The Dag of one task runs in the watched namespace, and goes with its run and its Pod."""
    said = release.helm("test", NAME, "--timeout", "4m")
    assert "Succeeded" in said
    team = release.team
    team.until("the Dag is gone", lambda: not [each for each in team.listed("dags") if "self-test" in str(each)], 30)
    team.until("its Pods are gone", lambda: not [each for each in team.listed("pods") if "self-test" in str(each)], 60)


def test_uninstalling_leaves_nothing(release: Release) -> None:
    """In the middle of a run of the Dag from the folder: no object of any kind, and no Pod that can't be deleted."""
    team = release.team
    team.until("the Dag is ready", lambda: team.condition("dag", "synced", "Ready").get("status") == "True", 60)
    team.trigger("synced", "left")
    team.until("its first task runs", lambda: team.task("left", "t").get("state") == "Running")
    uninstall(release.cluster, NAME, release.namespace)
    assert left_behind(release.cluster, NAME) == []
    pods = team.listed("pods", "slipway.dev/run=left")
    assert pods
    assert not any("finalizers" in pod["metadata"] for pod in pods)
