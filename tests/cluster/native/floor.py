"""Running cluster -> what a Pod costs on it: the floor below which no scheduler can go.

A chain creates the next Pod the moment the last is seen Succeeded; a burst creates all at once.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.cluster.native.images import BASE_IMAGE
from tests.cluster.native.kubeapi import Api, Object

NAMESPACES = "/api/v1/namespaces"


def measure(kubeconfig: Path, *, chain: int, burst: int) -> dict[str, float]:
    """Seconds per Pod in a chain of `true`, and seconds for a burst of them."""
    # A namespace of its own for each measurement: the last one's may still be going away.
    api, namespace = Api(kubeconfig), f"slipway-floor-{os.getpid()}"
    pods = f"{NAMESPACES}/{namespace}/pods"
    api.create(NAMESPACES, {"metadata": {"name": namespace}})
    try:
        return {
            "chain_seconds_per_pod": _chain(api, pods, chain) / chain,
            "burst_seconds": _burst(api, pods, burst),
        }
    finally:
        api.delete(f"{NAMESPACES}/{namespace}")


def _chain(api: Api, pods: str, count: int) -> float:
    begun = time.monotonic()
    for number in range(count):
        name = f"chain-{number}"
        _, version = api.list(pods)
        api.create(pods, _pod(name))
        _wait(api, pods, version, {name})
    return time.monotonic() - begun


def _burst(api: Api, pods: str, count: int) -> float:
    begun = time.monotonic()
    names = {f"burst-{number}" for number in range(count)}
    _, version = api.list(pods)
    for name in sorted(names):
        api.create(pods, _pod(name))
    _wait(api, pods, version, names)
    return time.monotonic() - begun


def _wait(api: Api, pods: str, version: str, names: set[str]) -> None:
    waiting = set(names)
    for pod in api.changes(pods, version):
        if pod["status"].get("phase") == "Succeeded":
            waiting.discard(pod["metadata"]["name"])
        if not waiting:
            return


def _pod(name: str) -> Object:
    container = {"name": "main", "image": BASE_IMAGE, "command": ["true"], "imagePullPolicy": "IfNotPresent"}
    return {
        "metadata": {"name": name},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "containers": [container],
        },
    }
