"""The chart on the real cluster: it renders, refuses what can't work, installs, and leaves nothing when it goes."""

import json
import time
from collections.abc import Iterator
from typing import Any, Final

import pytest
import yaml

from tests.cluster import Cluster, ClusterError
from tests.cluster.commands import run
from tests.e2e.install import NAMESPACE, RELEASE, ROOT, image_tag, install, kubectl
from tests.e2e.world import World

pytestmark = pytest.mark.cluster

CHART: Final = str(ROOT / "charts/slipway")


def _render(cluster: Cluster, *values: str) -> list[dict[str, Any]]:
    """The manifests that the chart makes of these `--set` words."""
    chosen = [word for value in values for word in ("--set", value)]
    words = ["template", RELEASE, CHART, "--namespace", NAMESPACE, "--kube-version", "1.34.0"]
    return [each for each in yaml.safe_load_all(run([cluster.helm, *words, *chosen])) if each]


def test_chart_is_without_fault(cluster: Cluster) -> None:
    """`helm lint` has nothing to say against it."""
    run([cluster.helm, "lint", "--strict", CHART])


def test_chart_installs_the_generated_crds(cluster: Cluster) -> None:
    """The definitions are those of crds/, kept at uninstall unless told otherwise."""
    shipped = {path.stem: yaml.safe_load(path.read_text()) for path in sorted((ROOT / "crds").glob("*.yaml"))}
    for values, kept in (([], True), (["crds.keep=false"], False)):
        made = [each for each in _render(cluster, *values) if each["kind"] == "CustomResourceDefinition"]
        for crd in made:
            annotations = crd["metadata"].pop("annotations", {})
            assert annotations == ({"helm.sh/resource-policy": "keep"} if kept else {})
        assert {crd["spec"]["names"]["plural"]: crd for crd in made} == shipped
    assert not [each for each in _render(cluster, "crds.install=false") if each["kind"].startswith("Custom")]


def test_postgres_takes_its_url_from_a_secret(cluster: Cluster) -> None:
    """With an external database there is no volume, and the URL is a reference to the named Secret."""
    manifests = _render(cluster, "database.type=postgres", "database.existingSecret=history")
    assert not [each for each in manifests if each["kind"] == "PersistentVolumeClaim"]
    for deployment in (each for each in manifests if each["kind"] == "Deployment"):
        pod = deployment["spec"]["template"]["spec"]
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            url = next(each for each in container["env"] if each["name"] == "SLIPWAY_DATABASE_URL")
            assert url["valueFrom"] == {"secretKeyRef": {"name": "history", "key": "url"}}


def test_web_server_has_no_token(cluster: Cluster) -> None:
    """Beside the controller or in a Pod of its own, no credentials of the cluster are mounted into it."""
    for values in ([], ["database.type=postgres", "database.existingSecret=history"]):
        for deployment in (each for each in _render(cluster, *values) if each["kind"] == "Deployment"):
            pod = deployment["spec"]["template"]["spec"]
            assert pod["automountServiceAccountToken"] is False
            for container in (each for each in pod["containers"] if each["name"] == "web"):
                mounted = {mount["name"] for mount in container["volumeMounts"]}
                assert mounted <= {"tmp", "data", "api-server-ca"}
    assert not [each for each in _render(cluster, "web.enabled=false") if each["kind"] == "Service"]


def test_a_trusted_proxy_is_opted_into(cluster: Cluster) -> None:
    """By default nobody may impersonate; with it the web server alone may, as far as told, with a token of its own."""
    assert not [each for each in _render(cluster) if "impersonat" in str(each)]
    wanted = ["web.proxy.enabled=true", "web.proxy.existingSecret=known", "web.proxy.groupsHeader=X-Groups"]
    named = ["web.proxy.users={ada,bob}", "web.proxy.groups={dev}"]
    for more in ([], ["database.type=postgres", "database.existingSecret=history"]):
        made = _render(cluster, *wanted, *named, *more)
        (role,) = (each for each in made if each["kind"] == "ClusterRole" and "impersonat" in str(each))
        assert role["rules"] == [
            {"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"], "resourceNames": ["ada", "bob"]},
            {"apiGroups": [""], "resources": ["groups"], "verbs": ["impersonate"], "resourceNames": ["dev"]},
        ]
        (binding,) = (each for each in made if each.get("roleRef", {}).get("name") == role["metadata"]["name"])
        assert binding["subjects"] == [{"kind": "ServiceAccount", "name": f"{RELEASE}-web", "namespace": NAMESPACE}]
        for deployment in (each for each in made if each["kind"] == "Deployment"):
            pod = deployment["spec"]["template"]["spec"]
            assert pod["automountServiceAccountToken"] is False
            for container in pod["containers"]:
                mounted = {mount["name"] for mount in container["volumeMounts"]}
                assert ("web-api-access" in mounted) == (container["name"] == "web")
                assert ("api-access" in mounted) == (container["name"] == "controller")
    with pytest.raises(ClusterError, match=r"web\.proxy\.existingSecret must name the Secret"):
        _render(cluster, "web.proxy.enabled=true")


def test_open_id_connect_is_whole(cluster: Cluster) -> None:
    """The secret is a reference; what is missing is told before anything is installed."""
    wanted = ["web.oidc.issuer=https://idp.test", "web.oidc.clientId=slipway", "web.oidc.existingSecret=idp"]
    made = _render(cluster, *wanted, "web.origins={https://slipway.test}")
    (pod,) = (each["spec"]["template"]["spec"] for each in made if each["kind"] == "Deployment")
    env = {each["name"]: each for container in pod["containers"] for each in container["env"]}
    assert env["SLIPWAY_WEB_OIDC_CLIENT_ID"]["value"] == "slipway"
    reference = {"secretKeyRef": {"name": "idp", "key": "client-secret"}}
    assert env["SLIPWAY_WEB_OIDC_CLIENT_SECRET"]["valueFrom"] == reference
    with pytest.raises(ClusterError, match=r"web\.oidc\.issuer needs web\.oidc\.clientId"):
        _render(cluster, *wanted)


def test_postgres_without_a_secret_is_refused(cluster: Cluster) -> None:
    """The chart says which value is missing."""
    with pytest.raises(ClusterError, match=r"database\.existingSecret must name the Secret"):
        _render(cluster, "database.type=postgres")


def test_named_namespaces_need_no_cluster_role(cluster: Cluster) -> None:
    """Watching named namespaces takes a Role in each and no right beyond them."""
    manifests = _render(cluster, "watchNamespaces={team-a,team-b}")
    assert not [each for each in manifests if each["kind"].startswith("ClusterRole")]
    roles = [each["metadata"]["namespace"] for each in manifests if each["kind"] == "Role"]
    assert sorted(roles) == [NAMESPACE, "team-a", "team-b"]


def test_controller_has_no_right_on_secrets(cluster: Cluster) -> None:
    """No rule of the chart names Secrets, or everything."""
    for role in (each for each in _render(cluster) if each["kind"] in ("Role", "ClusterRole")):
        for rule in role["rules"]:
            assert not {"secrets", "*"} & {*rule["resources"], *rule["verbs"], *rule["apiGroups"]}


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
    run([cluster.helm, "--kubeconfig", cluster.kubeconfig, "uninstall", RELEASE, "-n", NAMESPACE, "--timeout", "60s"])
    assert not any("finalizers" in pod["metadata"] for pod in world.listed("pods"))
    world.kubectl("delete", "namespace", world.namespace, "--timeout=60s")
    assert time.monotonic() - begun < 60
    left = json.loads(kubectl(cluster, "-n", NAMESPACE, "get", "all,sa,roles,rolebindings,pvc", "-o", "json"))["items"]
    ours = [each["metadata"]["name"] for each in left if "slipway" in each["metadata"]["name"]]
    assert ours == []
    roles = kubectl(cluster, "get", "clusterroles,clusterrolebindings", "-o", "name")
    assert f"{RELEASE}-{NAMESPACE}" not in roles
    world.kubectl("create", "namespace", world.namespace)  # for the fixture to delete


def test_install_is_idempotent(cluster: Cluster) -> None:
    """Installing the same checkout again rolls nothing out."""
    words = ("-n", NAMESPACE, "get", "deployment", RELEASE, "-o", "jsonpath={.metadata.generation} {..image}")
    before = kubectl(cluster, *words)
    install(cluster)
    assert kubectl(cluster, *words) == before
    assert image_tag() in before
