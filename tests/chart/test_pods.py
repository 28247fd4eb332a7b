"""Every Pod of the chart, under every file of values: restricted, modest, and found by its own selectors alone."""

from collections import Counter
from typing import Any

import pytest
import yaml

from tests.chart.rendering import CASES, CHART, all_of, containers_of, objects, pod_of

OURS = {"controller", "web", "migrate", "sync", "release-pods", "self-test"}
"""Containers of the chart, besides those that values add."""
VOLUMES = {"emptyDir", "configMap", "secret", "projected", "persistentVolumeClaim"}


def pods(name: str) -> list[tuple[str, dict[str, str], dict[str, Any]]]:
    """The name, labels and spec of each Pod that the objects of a file of values make."""
    return [(each["metadata"]["name"], *found) for each in all_of(name) if (found := pod_of(each))]


@pytest.mark.parametrize("name", CASES)
def test_pods_fit_restricted(name: str) -> None:
    """The Pod Security standard *restricted*, and a root file system that can't be written."""
    for told, _, pod in pods(name):
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True, told
        assert security["runAsUser"] == 65532
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
        assert all(VOLUMES & volume.keys() for volume in pod.get("volumes", ()))
        for container in containers_of(pod):
            if container["name"] in OURS:
                assert container["securityContext"] == {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                }
                assert not any("hostPort" in port for port in container.get("ports", ()))
                assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]


@pytest.mark.parametrize("name", CASES)
def test_what_is_mounted_exists(name: str) -> None:
    """Each mount names a volume of the Pod once, and each volume is mounted."""
    for told, _, pod in pods(name):
        volumes = [volume["name"] for volume in pod.get("volumes", ())]
        assert len(set(volumes)) == len(volumes), told
        mounted = {mount["name"] for container in containers_of(pod) for mount in container.get("volumeMounts", ())}
        assert mounted == set(volumes), told
        for container in containers_of(pod):
            paths = Counter(mount["mountPath"] for mount in container.get("volumeMounts", ()))
            assert max(paths.values(), default=1) == 1, told
            names = Counter(each["name"] for each in container.get("env", ()))
            assert max(names.values(), default=1) == 1, told


@pytest.mark.parametrize("name", CASES)
def test_pods_ask_for_memory(name: str) -> None:
    """A namespace with a quota takes them, and none eats a node."""
    for told, _, pod in pods(name):
        for container in containers_of(pod):
            if container["name"] in OURS:
                assert container["resources"]["requests"].keys() == {"cpu", "memory"}, told
                assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("name", CASES)
def test_selectors_find_their_own_pods_alone(name: str) -> None:
    """No Deployment, Service, policy or budget takes another's Pod for its own."""
    found = {told: labels for told, labels, _ in pods(name)}
    for manifest in all_of(name):
        spec = manifest.get("spec") or {}
        if manifest["kind"] == "Service":
            selector = spec["selector"]
        elif manifest["kind"] == "NetworkPolicy":
            selector = spec["podSelector"]["matchLabels"]
        elif manifest["kind"] in ("Deployment", "PodDisruptionBudget"):
            selector = spec["selector"]["matchLabels"]
        else:
            continue
        matched = [told for told, labels in found.items() if selector.items() <= labels.items()]
        assert len(matched) == 1, f"{manifest['kind']} {manifest['metadata']['name']} finds {matched}"


@pytest.mark.parametrize("name", CASES)
def test_a_service_leads_to_a_port(name: str) -> None:
    """Every port of a Service is one of the Pods that it selects."""
    for service in (each for each in all_of(name) if each["kind"] == "Service"):
        (pod,) = (pod for _, labels, pod in pods(name) if service["spec"]["selector"].items() <= labels.items())
        ports = {port["name"] for container in containers_of(pod) for port in container.get("ports", ())}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports, service["metadata"]["name"]


@pytest.mark.parametrize("name", CASES)
def test_tokens_are_mounted_where_they_are_used(name: str) -> None:
    """The controller and the sync have theirs; the web server one to impersonate, with a proxy, and no other."""
    for told, _, pod in pods(name):
        if told.endswith(("-uninstall", "-test")):
            assert pod["automountServiceAccountToken"] is True
            continue
        assert pod["automountServiceAccountToken"] is False, told
        for container in containers_of(pod):
            mounted = {mount["name"] for mount in container.get("volumeMounts", ())}
            assert ("api-access" in mounted) == (container["name"] in ("controller", "sync")), told
            assert ("web-api-access" in mounted) == (name == "proxy" and container["name"] == "web"), told


def test_with_sqlite_the_proxys_token_is_not_the_controllers() -> None:
    """The Pod has the controller's account, so the web server's own token comes as a Secret."""
    (_, _, pod) = next(each for each in pods("proxy") if each[0] == "slipway")
    (volume,) = (each for each in pod["volumes"] if each["name"] == "web-api-access")
    assert volume["projected"]["sources"][0] == {
        "secret": {"name": "slipway-web-token", "items": [{"key": "token", "path": "token"}]}
    }


def test_probes_ask_for_progress() -> None:
    """Each server has all three, on a port of its own; none is killed at its start while what it needs is away."""
    for name in CASES:
        for _, _, pod in pods(name):
            for container in pod["containers"]:
                if container["name"] in ("controller", "web", "sync"):
                    asked = [container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")]
                    assert [each["path"] for each in asked] == ["/healthz", "/healthz", "/readyz"]
                    assert {each["port"] for each in asked} <= {"probes", "web-probes"}


def test_the_databases_authority_is_where_the_database_is_used() -> None:
    """Who opens the database has the file that its variable names, and nobody else does."""
    seen = set()
    for told, _, pod in pods("production"):
        maps = {each["name"]: each["configMap"]["name"] for each in pod["volumes"] if "configMap" in each}
        for container in containers_of(pod):
            variables = {each["name"]: each.get("value") for each in container.get("env", ())}
            assert ("PGSSLROOTCERT" in variables) == ("SLIPWAY_DATABASE_URL" in variables), told
            mounted = {each["mountPath"]: maps.get(each["name"]) for each in container["volumeMounts"]}
            assert (mounted.get("/etc/slipway/database") == "db-ca") == ("PGSSLROOTCERT" in variables), told
            if "PGSSLROOTCERT" in variables:
                assert variables["PGSSLROOTCERT"] == "/etc/slipway/database/ca.crt"
                seen.add(container["name"])
    assert seen == {"migrate", "controller", "web"}


def test_the_crds_are_those_of_the_models() -> None:
    """The same bytes as crds/, kept at uninstall unless told otherwise, and small enough for the API server."""
    shipped = {path.stem: path.read_text() for path in sorted((CHART.parent.parent / "crds").glob("*.yaml"))}
    assert all(len(text.encode()) < 200 * 1024 for text in shipped.values())
    for values, kept in (({}, {"helm.sh/resource-policy": "keep"}), ({"crds": {"keep": False}}, {})):
        made = objects(values, "crds.yaml")
        assert len(made) == len(shipped)
        for crd in made:
            assert (crd["metadata"].pop("annotations", {})) == kept
            assert crd == yaml.safe_load(shipped[crd["spec"]["names"]["plural"]])
    assert objects({"crds": {"install": False}}, "crds.yaml") == []


def test_a_wrong_template_would_be_seen() -> None:
    """The checks above look at something: every file of values makes a controller, and some make the others."""
    seen = {container["name"] for name in CASES for _, _, pod in pods(name) for container in containers_of(pod)}
    assert seen >= OURS
