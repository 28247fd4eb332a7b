"""A release of its own name, with rights in one namespace alone, from its installation to the last of its objects.

Every Pod of it and of its tasks is in a namespace that enforces *restricted*. Its Dags come from a ConfigMap, then from
a git repository. The tests go on from one another; Slipway's usual release is away meanwhile, as two must not run the
same Dags.
"""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.cluster import Cluster
from tests.cluster.commands import run
from tests.e2e.git_server import PASSWORD, USER, GitServer, git_server
from tests.e2e.install import ROOT, install, kubectl, left_behind, provided_image, uninstall
from tests.e2e.pod_database import make_secret
from tests.e2e.world import World, dag

pytestmark = pytest.mark.cluster

NAME: Final = "life"
FULL_NAME: Final = "life-slipway"
TASK: Final[dict[str, Any]] = {"name": "t", "script": "true"}
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

    def install(self, **source: Any) -> None:
        """Install or upgrade it, and wait until every Pod is ready; the sync's is once it has read its source."""
        repository, _, tag = provided_image(self.cluster).rpartition(":")
        values = {
            "image": {"repository": repository, "tag": tag},
            "config": {"defaultTaskImage": self.cluster.base_image},
            "crds": {"install": False},
            "webhook": {"enabled": False},
            "watchNamespaces": [self.team.namespace],
            "sync": {"enabled": True, "namespace": self.team.namespace, "intervalSeconds": 5, **source},
        }
        words = ("upgrade", "--install", NAME, str(ROOT / "charts/slipway"), "--wait", "--timeout", "3m")
        self.helm(*words, "--values", "-", stdin=yaml.safe_dump(values))


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
        made.install(configMap="dags")
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


@pytest.fixture
def repository(release: Release, tmp_path: Path) -> Iterator[GitServer]:
    """A repository that wants a password, which a Secret of the release has."""
    if release.cluster.backend != "native":
        pytest.skip("only the native cluster's node has an address on which this machine can listen")
    words = ("get", "nodes", "-o", "jsonpath={.items[0].status.addresses[0].address}")
    make_secret(release.cluster, release.namespace, "git", username=USER, password=PASSWORD)
    with git_server(tmp_path, kubectl(release.cluster, *words)) as server:
        yield server


def test_a_git_repository_in_place_of_the_config_map(release: Release, repository: GitServer) -> None:
    """What is committed is in the cluster some seconds later, a file with a fault is told and stops no other."""
    team, kept = release.team, json.dumps(FROM_FOLDER)
    repository.commit({"dags/synced.yaml": kept, "dags/old.yaml": json.dumps(dag("old", [TASK])), "other.yaml": "no"})
    git = {"url": repository.url, "path": "dags", "existingSecret": "git"}
    release.install(git=git, prune=True)
    team.until("its Dag is there", lambda: _dags(team) == {"synced", "old"}, 30)
    wrong = json.dumps(dag("wrong", [{**TASK, "dependsOn": ["nobody"]}]))
    repository.commit({"dags/synced.yaml": kept, "dags/new.yaml": json.dumps(dag("new", [TASK])), "dags/w.yaml": wrong})
    team.until("the new one is there", lambda: "new" in _dags(team), 30)
    team.until("the fault is told", lambda: "w.yaml" in _sync_log(release) and "nobody" in _sync_log(release), 30)
    assert _dags(team) == {"synced", "old", "new"}  # while a file has a fault nothing is deleted
    repository.commit({"dags/synced.yaml": kept, "dags/new.yaml": json.dumps(dag("new", [TASK]))})
    team.until("the old one is gone", lambda: _dags(team) == {"synced", "new"}, 30)
    assert PASSWORD not in _sync_log(release)


def _dags(team: World) -> set[str]:
    return {each["metadata"]["name"] for each in team.listed("dags")}


def _sync_log(release: Release) -> str:
    return kubectl(release.cluster, "-n", release.namespace, "logs", f"deployment/{FULL_NAME}-sync")


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
