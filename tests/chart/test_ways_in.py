"""Ways in and out: which hosts have a certificate, who hears that one has none, and what the network lets out."""

import json
from typing import Any

import pytest

from tests.chart.rendering import all_of, containers_of, named, objects, pod_of, texts


def ingress(hosts: list[str], *certificates: str, **web: Any) -> dict[str, Any]:
    """Values with an Ingress for these hosts, and certificates for those."""
    tls = [{"hosts": [name], "secretName": "tls"} for name in certificates]
    return {"web": {"ingress": {"enabled": True, "hosts": hosts, "tls": tls}, **web}}


def origins(values: dict[str, Any]) -> list[str]:
    """The origins that the web server is told."""
    pod = pod_of(named(objects(values, "controller.yaml"), "Deployment", "slipway"))
    assert pod
    (web,) = (each for each in containers_of(pod[1]) if each["name"] == "web")
    told = {each["name"]: each.get("value") for each in web["env"]}
    return list(json.loads(told.get("SLIPWAY_WEB_ORIGINS") or "[]"))


@pytest.mark.parametrize(
    ("host", "certificate", "protected"),
    [
        ("a.example.org", "a.example.org", True),
        ("a.example.org", "*.example.org", True),
        ("a.b.example.org", "*.example.org", False),
        ("example.org", "*.example.org", False),
        ("a.example.org", "b.example.org", False),
    ],
)
def test_a_certificate_of_the_parent_is_one(host: str, certificate: str, protected: bool) -> None:
    """A wildcard stands for one label, as browsers read it; OpenID Connect finds its way back by it."""
    values = ingress([host], certificate)
    assert origins(values) == ([f"https://{host}"] if protected else [])
    if protected:
        assert objects(ingress([host], certificate, oidc={"issuer": "https://i", "clientId": "c"}))


def notes(values: dict[str, Any]) -> str:
    """What Helm prints after the installation, in one line."""
    return " ".join(texts(values)["NOTES.txt"].split())


def test_a_host_without_a_certificate_is_told() -> None:
    """The session cookie is kept over HTTPS alone, so signing in would fail without a word."""
    told = "Nobody can sign in over plain HTTP, as at b.example.org:"
    values = ingress(["a.example.org", "b.example.org"], "a.example.org")
    assert told in notes(values)
    assert "https://a.example.org http://b.example.org" in notes(values)
    assert "plain HTTP, as at" not in notes(ingress(["b.example.org"], "*.example.org"))
    assert "plain HTTP, as at" not in notes(ingress(["b.example.org"], origins=["https://b.example.org"]))
    assert "plain HTTP, as at" not in notes(ingress(["b.example.org"], insecureCookies=True))


def test_what_the_network_lets_out() -> None:
    """DNS at both of its ports, then what the values say; without them everything is let out."""
    policies = [each for each in all_of("production") if each["kind"] == "NetworkPolicy"]
    assert policies
    for policy in policies:
        dns, *rest = policy["spec"]["egress"]
        assert {(each["protocol"], each["port"]) for each in dns["ports"]} == {
            (protocol, port) for protocol in ("UDP", "TCP") for port in (53, 5353)
        }
        assert {443, 5432, 6443, 587, 4318} <= {each["port"] for rule in rest for each in rule["ports"]}
    for policy in objects({"networkPolicy": {"enabled": True}}, "network-policies.yaml"):
        assert policy["spec"]["policyTypes"] == ["Ingress"]
