"""A host name and the addresses behind it -> whether the controller may talk to it on behalf of a Dag.

A sensor asks from the controller's own place in the network, so it must not reach what only that place reaches:

    loopback, this network, link-local      the controller's own Pod and node, a cloud's metadata service
    multicast, unspecified, broadcast       no single host
    the API server                          which knows the controller

An address in IPv6 that stands for one in IPv4 counts as that. Beyond this the operator may forbid hosts, or allow only
some: `name`, `*.name` for what is below it, an address, or a network such as 10.0.0.0/8. What is never allowed can't be
allowed.
"""

import ipaddress
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

NEVER: Final[tuple[Network, ...]] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/4",
        "255.255.255.255/32",
        "::/128",
        "::1/128",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
        "fd00:ec2::254/128",  # a cloud's metadata service
        "fd20:ce::254/128",  # another one's
    )
)
_TRANSLATED: Final = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))
"""IPv6 whose last 32 bits are an address in IPv4."""


@dataclass(frozen=True, slots=True)
class HostRules:
    """What sensors may talk to."""

    never: tuple[Network, ...] = NEVER
    forbidden: tuple[str, ...] = ()
    """What the operator forbids."""
    allowed: tuple[str, ...] = ()
    """All that the operator allows; empty = everything that is not forbidden."""

    def refusal(self, host: str, address: Address, ours: Collection[Address] = ()) -> str | None:
        """Why this address of this host may not be talked to; None when it may. `ours` are the API server's."""
        for each in _stands_for(address):
            if each in ours or any(each in network for network in self.never):
                return f"{host} is {address}, which sensors may not reach"
            if any(_matches(rule, host, each) for rule in self.forbidden):
                return f"{host} is forbidden to sensors in this installation"
        if self.allowed and not any(
            _matches(rule, host, each) for rule in self.allowed for each in _stands_for(address)
        ):
            return f"{host} is not among the hosts that sensors may reach in this installation"
        return None


def parse_address(text: str) -> Address | None:
    """The address that the text is; None for a name."""
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def rule_faults(rules: Iterable[str]) -> list[str]:
    """The rules that look like a network, and are none."""
    return [rule for rule in rules if "/" in rule and _network(rule) is None]


def _stands_for(address: Address) -> tuple[Address, ...]:
    """The address itself, and the one in IPv4 that it stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
    if inner is None and any(address in network for network in _TRANSLATED):
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return (address,) if inner is None else (address, inner)


def _matches(rule: str, host: str, address: Address) -> bool:
    network = _network(rule)
    if network is not None:
        return address in network
    name, wanted = host.rstrip(".").lower(), rule.rstrip(".").lower()
    return name.endswith(wanted[1:]) if wanted.startswith("*.") else name == wanted


def _network(rule: str) -> Network | None:
    try:
        return ipaddress.ip_network(rule, strict=False)
    except ValueError:
        return None
