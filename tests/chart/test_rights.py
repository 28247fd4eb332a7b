"""What the chart's accounts may do: the least that works, each right with its reason in docs/security.md."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from controller.admission.server import ANSWER_SECONDS
from tests.chart.rendering import CASES, NAMESPACE, all_of, named, objects
from tests.house.tree import ROOT

FOR_PEOPLE = ("-view", "-edit", "-operate")


def roles(manifests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The roles among them."""
    return [each for each in manifests if each["kind"] in ("Role", "ClusterRole")]


def rights(role: dict[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    """Each right of a role: the API group, the resource, the verb, and whether it is bound to names."""
    for rule in role["rules"]:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    yield group, resource, verb, bool(rule.get("resourceNames"))


@pytest.mark.parametrize("name", CASES)
def test_least_rights(name: str) -> None:
    """No star; Secrets are read by their one name; nobody binds, escalates, or acts as another but for a proxy."""
    for role in roles(all_of(name)):
        told = role["metadata"]["name"]
        for group, resource, verb, is_named in rights(role):
            assert "*" not in (group, resource, verb), told
            assert verb not in ("escalate", "bind", "deletecollection"), told
            assert verb != "impersonate" or (name == "proxy" and told.endswith("-impersonator")), told
            assert resource not in ("nodes", "roles", "rolebindings", "clusterroles", "clusterrolebindings"), told
            assert not resource.startswith(("configmaps", "serviceaccounts", "pods/exec", "pods/attach")), told
            if resource == "secrets":
                assert is_named, told
                assert verb in ("get", "patch"), told
            if resource.endswith("webhookconfigurations"):
                assert is_named, told
                assert verb in ("get", "patch"), told


@pytest.mark.parametrize("name", CASES)
def test_bindings_name_roles_and_accounts_that_are_there(name: str) -> None:
    """A binding to nothing would only be seen at the first request."""
    made = all_of(name)
    known = {(each["kind"], each["metadata"]["name"], each["metadata"].get("namespace")) for each in made}
    accounts = {each["metadata"]["name"] for each in made if each["kind"] == "ServiceAccount"}
    for binding in (each for each in made if each["kind"].endswith("Binding") and "roleRef" in each):
        namespace = binding["metadata"].get("namespace")
        role = binding["roleRef"]
        assert (role["kind"], role["name"], namespace if role["kind"] == "Role" else None) in known
        (subject,) = binding["subjects"]
        assert subject["namespace"] == NAMESPACE
        assert subject["name"] in accounts | ({"ours"} if name == "every-knob" else set())


def test_named_namespaces_take_nothing_of_the_cluster() -> None:
    """A Role in each and in the release's own; no object of the whole cluster at all."""
    made = all_of("namespaced")
    assert [each["kind"] for each in made if "namespace" not in each["metadata"]] == []
    spaces = {each["metadata"]["namespace"] for each in roles(made) if each["metadata"]["name"] == "slipway"}
    assert spaces == {"team-a", "team-b"}
    assert {each["metadata"]["namespace"] for each in made} <= {"team-a", "team-b", NAMESPACE}


def test_with_the_webhook_they_take_its_two_objects() -> None:
    """Webhooks have no namespace; the right to them is bound to their names."""
    made = objects({"watchNamespaces": ["team-a"], "crds": {"install": False}})
    (role,) = (each for each in made if each["kind"] == "ClusterRole")
    assert {(resource, verb) for _, resource, verb, _ in rights(role)} == {
        (f"{kind}webhookconfigurations", verb) for kind in ("validating", "mutating") for verb in ("get", "patch")
    }
    for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
        configuration = named(made, kind, f"slipway-{NAMESPACE}")
        for webhook in configuration["webhooks"]:
            assert webhook["failurePolicy"] == "Ignore"
            assert webhook["timeoutSeconds"] == ANSWER_SECONDS + 1
            assert all("/" not in resource for rule in webhook["rules"] for resource in rule["resources"])
            (expression,) = webhook["namespaceSelector"]["matchExpressions"]
            assert expression["values"] == ["team-a", NAMESPACE]


def test_the_controller_may_stop_itself_and_no_more() -> None:
    """By the scale of its own Deployment: who may patch a Deployment may run any Pod there."""
    (role,) = roles(objects({}, "uninstall-rbac.yaml"))
    assert list(rights(role)) == [("apps", "deployments/scale", "patch", True)]


def test_rights_of_people() -> None:
    """Whoever may view sees all; an operator runs and answers, and can't write a Dag, which would be to create Pods."""
    made = {each["metadata"]["name"].rsplit("-", 1)[-1]: set(rights(each)) for each in roles(all_of("default"))}
    kinds = {"dags", "dagruns", "taskruns", "pools", "backfills", "approvals"}
    assert {resource for _, resource, verb, _ in made["view"] if verb == "get"} == kinds
    assert {verb for _, _, verb, _ in made["view"]} == {"get", "list", "watch"}
    written = {resource for _, resource, verb, _ in made["operate"] if verb in ("create", "update", "patch", "delete")}
    assert written == {"dagruns", "backfills", "pools", "approvals"}
    assert "create" not in {verb for _, resource, verb, _ in made["operate"] if resource == "approvals"}
    assert {resource for _, resource, _, _ in made["edit"]} == {"dags", "dagruns", "backfills"}


@pytest.mark.parametrize(
    ("choice", "namespaces", "are_there"),
    [("auto", [], True), ("auto", ["a"], False), ("always", ["a"], True), ("never", [], False)],
)
def test_roles_for_people_are_a_choice(choice: str, namespaces: list[str], are_there: bool) -> None:
    """They are objects of the whole cluster, which some must not make."""
    values = {"rbac": {"aggregateRoles": choice}, "watchNamespaces": namespaces}
    assert bool(objects(values, "roles-for-people.yaml")) == are_there


def test_without_rbac_there_is_none() -> None:
    """Whoever gives the rights themselves finds no role of ours, but for that of helm test."""
    made = roles(objects({"rbac": {"create": False}}))
    assert [each["metadata"]["name"] for each in made] == [f"slipway-{NAMESPACE}-test"]


def documented() -> set[tuple[str, str, str]]:
    """Each right of the tables in docs/security.md, section Rights: `| apiGroup | resource | verbs | why |`."""
    page = (ROOT / "docs/security.md").read_text()
    section = re.search(r"^## Rights$(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    assert section, "docs/security.md has no section Rights"
    found = set()
    for line in section[1].splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 4 or cells[0] in ("apiGroup", "---") or not line.startswith("|"):
            continue
        assert cells[3], f"no reason is given for {cells[:3]}"
        group = "" if cells[0].strip('`"') in ("", "core") else cells[0].strip("`")
        resources = re.findall(r"[a-z][a-z/]*", re.sub(r"\(.*?\)", "", cells[1]))
        found |= {(group, resource, verb) for resource in resources for verb in re.findall(r"[a-z]+", cells[2])}
    return found


def test_every_right_has_its_reason() -> None:
    """The tables name each right of the chart's roles, and none that no role has."""
    made = {
        (group, resource, verb)
        for name in CASES
        for role in roles(all_of(name))
        for group, resource, verb, _ in rights(role)
        if group != "batch"  # an example of sensors.resources, which are the operator's choice
    }
    assert documented() == made
