"""Bridge address -> a network that Pods and daemons share; and its complete removal.

The bridge is made here and not left to the CNI plugin because the API server advertises its address
before the first Pod exists. Masquerading is one rule here and not the plugin's `ipMasq`, which would
add a chain and several rules per Pod: iptables' cost would grow with every Pod that starts.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from tests.cluster.commands import ClusterError, run, succeeds
from tests.cluster.native.addresses import BRIDGE, NODE_IP, POD_CIDR
from tests.cluster.native.layout import CNI_RESULTS, CONTAINERD_STATE

MARK = "slipway-cluster"
OURS = (MARK, "KUBE-", "CNI-")
"""A rule or chain that contains one of these was made by us, kube-proxy, the kubelet or the port mapper."""

RULES: tuple[tuple[str, str, list[str]], ...] = (
    ("nat", "POSTROUTING", ["-s", POD_CIDR, "!", "-d", POD_CIDR, "-j", "MASQUERADE"]),
    ("filter", "FORWARD", ["-i", BRIDGE, "-j", "ACCEPT"]),
    ("filter", "FORWARD", ["-o", BRIDGE, "-j", "ACCEPT"]),
    ("filter", "INPUT", ["-i", BRIDGE, "-j", "ACCEPT"]),
)
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
BRIDGE_FILTER = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")


def create() -> None:
    """Bridge, rules and kernel switches; what is already there is left as it is."""
    if not bridge_exists():
        run(["ip", "link", "add", "name", BRIDGE, "type", "bridge"])
    run(["ip", "address", "replace", f"{NODE_IP}/{POD_CIDR.partition('/')[2]}", "dev", BRIDGE])
    run(["ip", "link", "set", BRIDGE, "up"])
    FORWARDING.write_text("1")
    # Answers between two Pods on one bridge must pass the table that holds the Service's translation.
    succeeds(["modprobe", "br_netfilter"])
    if BRIDGE_FILTER.exists():
        BRIDGE_FILTER.write_text("1")
    for table, chain, rule in RULES:
        marked = [chain, *rule, "-m", "comment", "--comment", MARK]
        if not succeeds(["iptables", "-w", "-t", table, "-C", *marked]):
            run(["iptables", "-w", "-t", table, "-I", *marked])


def remove() -> None:
    """Take away bridge, rules, chains and what CNI remembers; complete also when a start broke off half-way."""
    if bridge_exists():
        run(["ip", "link", "delete", BRIDGE])
    for family in ("iptables", "ip6tables"):
        # A machine without iptables, or without IPv6, has none of our rules either.
        with contextlib.suppress(ClusterError):
            _drop_rules(family)
    for result in CNI_RESULTS.glob("*"):
        if str(CONTAINERD_STATE) in result.read_text():
            result.unlink()


def bridge_exists() -> bool:
    """Whether the bridge is there."""
    return Path(f"/sys/class/net/{BRIDGE}").exists()


def is_forwarding() -> bool:
    """Whether the machine forwards IPv4 packets; `down` puts back what `up` found."""
    return FORWARDING.read_text().strip() == "1"


def stop_forwarding() -> None:
    """Switch off the forwarding of IPv4 packets."""
    FORWARDING.write_text("0")


def _drop_rules(family: str) -> None:
    before = run([f"{family}-save", "-c"])
    kept = [line for line in before.splitlines() if not any(mark in line for mark in OURS)]
    if len(kept) != len(before.splitlines()):
        run([f"{family}-restore", "-c"], stdin="\n".join([*kept, ""]))
