"""Address -> whether something healthy answers there.

Certificates are not verified: the question is only whether our own process, on this machine, is up.
"""

from __future__ import annotations

import socket
import ssl
import urllib.error
import urllib.request

PATIENCE_SECONDS = 2.0


def answers(address: str) -> bool:
    """Whether a URL answers 200, or a socket (an absolute path) accepts; the empty address always does."""
    if not address:
        return True
    return _accepts(address) if address.startswith("/") else _is_ok(address)


def is_port_taken(port: int) -> bool:
    """Whether any program already listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104 - nothing is served, the port is only tried
        except OSError:
            return True
    return False


def _accepts(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE_SECONDS)
        try:
            client.connect(path)
        except OSError:
            return False
    return True


def _is_ok(url: str) -> bool:
    context = ssl._create_unverified_context()  # noqa: S323 - see the module's docstring
    # An empty table of proxies: the machine's proxy settings are for the network outside.
    handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)]
    try:
        with urllib.request.build_opener(*handlers).open(url, timeout=PATIENCE_SECONDS) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False
