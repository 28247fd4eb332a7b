"""Hosts that sensors may ask: what no rule can allow, and what the operator says."""

from ipaddress import ip_address

import pytest

from controller.act.hosts import HostRules, parse_address, rule_faults

PUBLIC = "192.0.2.7"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.10",
        "0.0.0.0",  # noqa: S104 nothing is bound
        "0.1.2.3",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "ff02::1",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)
def test_what_only_the_controller_reaches(address: str) -> None:
    """Its own Pod and node, and a cloud's metadata, in whatever form they are written; no rule can allow them."""
    told = f"h is {ip_address(address)}, which sensors may not reach"
    assert HostRules().refusal("h", ip_address(address)) == told
    assert HostRules(allowed=("h", "0.0.0.0/0", "::/0")).refusal("h", ip_address(address)) == told


@pytest.mark.parametrize("address", [PUBLIC, "10.1.2.3", "192.168.1.1", "2001:db8::1", "64:ff9b::c000:207"])
def test_what_any_pod_reaches(address: str) -> None:
    """Services and Pods of the cluster, and hosts outside of it, may be asked."""
    assert HostRules().refusal("h", ip_address(address)) is None


def test_the_api_server() -> None:
    """Its own addresses are refused."""
    assert HostRules().refusal("h", ip_address("10.96.0.1"), {ip_address("10.96.0.1")}) is not None
    assert HostRules().refusal("h", ip_address("::ffff:10.96.0.1"), {ip_address("10.96.0.1")}) is not None


@pytest.mark.parametrize(
    ("rule", "host", "matches"),
    [
        ("example.org", "example.org", True),
        ("Example.org.", "EXAMPLE.ORG.", True),
        ("example.org", "www.example.org", False),
        ("*.example.org", "www.example.org", True),
        ("*.example.org", "example.org", False),
        ("*.example.org", "badexample.org", False),
        (PUBLIC, "h", True),
        ("192.0.2.0/24", "h", True),
        ("192.0.3.0/24", "h", False),
        ("2001:db8::/32", "h", False),
    ],
)
def test_rules_of_the_operator(rule: str, host: str, matches: bool) -> None:
    """Names, what is below a name, addresses and networks; what is allowed leaves out the rest."""
    forbidden = HostRules(forbidden=(rule,)).refusal(host, ip_address(PUBLIC))
    allowed = HostRules(allowed=(rule,)).refusal(host, ip_address(PUBLIC))
    assert forbidden == (f"{host} is forbidden to sensors in this installation" if matches else None)
    assert (allowed is None) is matches


def test_forbidden_among_the_allowed() -> None:
    """What is forbidden is, also where it is allowed."""
    rules = HostRules(forbidden=("192.0.2.7",), allowed=("192.0.2.0/24",))
    assert rules.refusal("h", ip_address(PUBLIC)) is not None
    assert rules.refusal("h", ip_address("192.0.2.8")) is None


def test_rules_that_can_not_be_meant() -> None:
    """A text with a slash has to be a network."""
    assert rule_faults(("a.b", "*.a", "10.0.0.0/8", "10.0.0.0/99", "http://a")) == ["10.0.0.0/99", "http://a"]


def test_addresses() -> None:
    """An address may name its interface; anything else is a name."""
    assert parse_address("fe80::1%eth0") == ip_address("fe80::1")
    assert parse_address("files") is None
