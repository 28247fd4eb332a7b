"""Running cluster -> what a Pod costs on it: the floor below which no scheduler can go.

A chain creates the next Pod the moment the last is seen Succeeded; a burst creates all at once.
"""

from __future__ import annotations

import time
from pathlib import Path

from tests.cluster.native.images import BASE_IMAGE
from tests.cluster.native.kubeapi import Api, Object

NAMESPACE = "slipway-floor"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"


def measure(kubeconfig: Path, *, chain: int, burst: int) -> dict[str, float]:
    """Seconds per Pod in a chain of `true`, and seconds for a burst of them."""
    api = Api(kubeconfig)
    api.create("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    try:
        return {"chain_seconds_per_pod": _chain(api, chain) / chain, "burst_seconds": _burst(api, burst)}
    finally:
        api.delete(f"/api/v1/namespaces/{NAMESPACE}")


def _chain(api: Api, count: int) -> float:
    begun = time.monotonic()
    for number in range(count):
        name = f"chain-{number}"
        _, version = api.list(PODS)
        api.create(PODS, _pod(name))
        _wait(api, version, {name})
    return time.monotonic() - begun


def _burst(api: Api, count: int) -> float:
    begun = time.monotonic()
    names = {f"burst-{number}" for number in range(count)}
    _, version = api.list(PODS)
    for name in sorted(names):
        api.create(PODS, _pod(name))
    _wait(api, version, names)
    return time.monotonic() - begun


def _wait(api: Api, version: str, names: set[str]) -> None:
    waiting = set(names)
    for pod in api.changes(PODS, version):
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
