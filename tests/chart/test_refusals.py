"""Values that can't go together: one sentence names them, and nothing is installed."""

from typing import Any

import pytest

from tests.chart.rendering import REFUSED, objects

POSTGRES = {"database": {"type": "postgres", "existingSecret": "history"}}
PROXY = {"enabled": True, "existingSecret": "x"}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"controller": {"replicas": 2}}, "controller.replicas above 1 needs database.type postgres"),
        ({"web": {"replicas": 2}}, "web.replicas above 1 needs database.type postgres"),
        ({"web": {"autoscaling": {"enabled": True}}}, "web.autoscaling needs database.type postgres"),
        (
            {"web": {"nodeSelector": {"disk": "fast"}}},
            "web.nodeSelector needs database.type postgres: with SQLite the web server is in the controller's Pod",
        ),
        ({"web": {"extraContainers": [{"name": "x"}]}}, "so set controller.extraContainers"),
        ({"database": {"type": "postgres"}}, "database.existingSecret must name the Secret"),
        ({"database": {"existingSecret": "x"}}, "set database.type to postgres, or take them away"),
        ({"database": {"external": {"host": "db"}}}, "set database.type to postgres, or take them away"),
        ({"database": {"caConfigMap": "ca"}}, "database.caConfigMap is for a server"),
        (
            {"database": {**POSTGRES["database"], "sqlite": {"existingClaim": "x"}}},
            "database.sqlite.existingClaim is for SQLite: set database.type to sqlite, or take it away",
        ),
        (
            {"controller": {"strategy": {"type": "RollingUpdate"}}},
            "controller.strategy.type must be Recreate with database.type sqlite",
        ),
        ({"controller": {"strategy": {"rollingUpdate": {"maxSurge": 1}}}}, "controller.strategy.type must be Recreate"),
        (
            {"controller": {"pdb": {"maxUnavailable": 0}}},
            "controller.pdb.maxUnavailable must not be 0: no node could be drained",
        ),
        ({"web": {"pdb": {"maxUnavailable": "0%"}}}, "web.pdb.maxUnavailable must not be 0"),
        (
            {**POSTGRES, "web": {"autoscaling": {"enabled": True}, "resources": {"requests": {"cpu": None}}}},
            "web.autoscaling needs web.resources.requests.cpu",
        ),
        (
            {**POSTGRES, "web": {"autoscaling": {"enabled": True}, "resources": {"requests": None}}},
            "web.autoscaling needs web.resources.requests.cpu",
        ),
        (
            {**POSTGRES, "web": {"autoscaling": {"enabled": True, "minReplicas": 3, "maxReplicas": 2}}},
            "web.autoscaling.minReplicas is above web.autoscaling.maxReplicas",
        ),
        ({"serviceAccount": {"create": False}}, "serviceAccount.name must name an account that exists"),
        ({"web": {"serviceAccount": {"create": False}}}, "web.serviceAccount.name must name an account"),
        ({"sync": {"serviceAccount": {"create": False}}}, "sync.serviceAccount.name must name an account"),
        (
            {"web": {"enabled": False, "ingress": {"enabled": True, "hosts": ["a"]}}},
            "lead to the web server, which web.enabled switches off",
        ),
        (
            {"web": {"enabled": False, "oidc": {"issuer": "https://i"}}},
            "ways to sign in to the web server, which web.enabled switches off",
        ),
        (
            {"web": {"enabled": False, "proxy": {**PROXY, "users": ["ada"]}}},
            "ways to sign in to the web server, which web.enabled switches off",
        ),
        ({"web": {"ingress": {"enabled": True}}}, "web.ingress.hosts must name at least one host"),
        ({"web": {"httpRoute": {"enabled": True}}}, "web.httpRoute.parentRefs must name a Gateway"),
        ({"web": {"oidc": {"issuer": "https://i"}}}, "web.oidc.issuer needs web.oidc.clientId"),
        (
            {"web": {"oidc": {"issuer": "https://i", "clientId": "c"}}},
            "web.oidc.issuer needs web.oidc.clientId, and web.oidc.redirectUrl or one of web.origins",
        ),
        ({"web": {"proxy": {"enabled": True}}}, "web.proxy.existingSecret must name the Secret"),
        (
            {"web": {"proxy": PROXY}},
            "web.proxy.enabled needs web.proxy.users: name those that may be impersonated, or ['*'] for every one",
        ),
        (
            {"web": {"proxy": {**PROXY, "users": ["ada"], "groupsHeader": "X-Groups"}}},
            "web.proxy.groupsHeader needs web.proxy.groups",
        ),
        (
            {"metrics": {"serviceMonitor": {"enabled": True}, "podMonitor": {"enabled": True}}},
            "would count everything twice",
        ),
        ({"logs": {"claim": "logs"}}, "logs.claim is a volume, so config.logStore must be file:///PATH"),
        ({"config": {"logStore": "file:///logs"}}, "config.logStore is a file, so logs.claim must name"),
        (
            {"logs": {"secret": "logs"}, "controller": {"artifactsSecret": "artifacts"}},
            "both stores are opened with the same variables: name one Secret that may do both",
        ),
        (
            {"config": {"artifactsClaim": "a", "artifactsUrl": "s3://bucket"}},
            "config.artifactsClaim and config.artifactsUrl exclude each other",
        ),
        ({"config": {"artifactsSecret": "a"}}, "config.artifactsSecret goes with config.artifactsUrl"),
        ({"config": {"artifactsReadUrl": "s3://bucket"}}, "config.artifactsReadUrl goes with"),
        ({"watchNamespaces": ["a"], "tests": {"namespace": "b"}}, "tests.namespace must be one of watchNamespaces"),
        (
            {"watchNamespaces": ["slipway-system"]},
            "watchNamespaces names the release's own namespace, whose Dags are run only with config.allowOwnNamespace",
        ),
        ({"sync": {"enabled": True, "namespace": "a"}}, "sync.enabled needs one source"),
        ({"sync": {"enabled": True, "namespace": "a", "claim": "x", "configMap": "y"}}, "needs one source"),
        ({"sync": {"enabled": True, "claim": "x"}}, "sync.namespace must say where the Dags go"),
        (
            {"sync": {"enabled": True, "claim": "x", "namespace": "b"}, "watchNamespaces": ["a"]},
            "sync.namespace must be one of watchNamespaces",
        ),
        (
            {"sync": {"enabled": True, "claim": "x", "namespace": "slipway-system"}},
            "sync.namespace is the release's own",
        ),
        ({"sync": {"git": {"ref": "main"}}}, "go with sync.git.url"),
    ],
)
def test_contradictions(values: dict[str, Any], sentence: str) -> None:
    """The sentence names the values and says why."""
    with pytest.raises(REFUSED) as refused:
        objects(values)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    "values",
    [
        {**POSTGRES, "controller": {"replicas": 2}, "web": {"replicas": 3}},
        {"web": {"proxy": {**PROXY, "users": ["*"], "groupsHeader": "X-Groups", "groups": ["*"]}}},
        {"logs": {"secret": "both"}, "controller": {"artifactsSecret": "both"}},
        {"controller": {"strategy": {"type": "Recreate"}}},
        {**POSTGRES, "controller": {"strategy": {"type": "RollingUpdate"}}},
        {"controller": {"pdb": {"maxUnavailable": "10%"}}, "web": {"pdb": {"enabled": False, "maxUnavailable": 0}}},
        {"web": {"oidc": {"issuer": "https://i", "clientId": "c", "redirectUrl": "https://here/api/v1/x"}}},
        {
            "config": {"logStore": "file:///logs"},
            "controller": {"extraVolumeMounts": [{"name": "l", "mountPath": "/l"}]},
        },
        {"watchNamespaces": ["slipway-system"], "config": {"allowOwnNamespace": True}},
        {"serviceAccount": {"create": False, "name": "ours"}},
    ],
)
def test_what_goes_together(values: dict[str, Any]) -> None:
    """Nothing is refused that works."""
    assert objects(values)


def test_everybody_may_be_impersonated_only_in_so_many_words() -> None:
    """Without the star the rules name the users and the groups; with it, they name none."""
    for words, names in ((["ada"], ["ada"]), (["*"], None), (["ada", "*"], None)):
        proxy = {**PROXY, "users": words, "groupsHeader": "X-Groups", "groups": words}
        made = objects({"web": {"proxy": proxy}}, "web-rbac.yaml")
        (role,) = (each for each in made if each["kind"] == "ClusterRole")
        assert [rule["resources"] for rule in role["rules"]] == [["users"], ["groups"]]
        assert [rule.get("resourceNames") for rule in role["rules"]] == [names, names]
