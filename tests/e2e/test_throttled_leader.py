"""An API server that answers 429 to most of what the leader wants to change: it waits, and goes on leading."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from tests.e2e.install import kubectl
from tests.e2e.replicas import replicas_in
from tests.e2e.world import World

pytestmark = pytest.mark.cluster

LEASE_SECONDS: Final = 6
TASKS: Final = 20
LENGTHS: Final = 3
"""For how many lengths of the Lease every write is refused."""


@contextmanager
def refusing(world: World, *accounts: str) -> Iterator[None]:
    """The API server gives these accounts hardly a seat for any change in the namespace but that of the Lease.

    A level without any share is still let one request through at a time.
    """
    none = {"nominalConcurrencyShares": 0, "lendablePercent": 0, "borrowingLimitPercent": 0}
    limits = {**none, "limitResponse": {"type": "Reject"}}
    level = _object(world, "PriorityLevelConfiguration", {"type": "Limited", "limited": limits})
    writes = {
        "apiGroups": ["", "apps", "slipway.dev"],
        "resources": ["*"],
        "verbs": ["create", "update", "patch", "delete"],
        "namespaces": [world.namespace],
    }
    subjects = [
        {"kind": "ServiceAccount", "serviceAccount": {"name": name, "namespace": world.namespace}} for name in accounts
    ]
    schema = _object(
        world,
        "FlowSchema",
        {
            "priorityLevelConfiguration": {"name": world.namespace},
            "matchingPrecedence": 50,
            "rules": [{"subjects": subjects, "resourceRules": [writes]}],
        },
    )
    try:
        for manifest in (level, schema):
            kubectl(world.cluster, "apply", "-f", "-", stdin=json.dumps(manifest))
        kubectl(world.cluster, "wait", f"flowschema/{world.namespace}", "--for=condition=Dangling=false")
        yield
    finally:
        for kind in ("flowschema", "prioritylevelconfiguration"):
            kubectl(world.cluster, "delete", kind, world.namespace, "--ignore-not-found")


def _refusals(world: World) -> int:
    """How many changes were answered with 429, in the API server's own record."""
    return sum(entry["responseStatus"]["code"] == 429 for entry in world.our_writes())


def _object(world: World, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    api_version = "flowcontrol.apiserver.k8s.io/v1"
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": world.namespace}, "spec": spec}


def test_a_throttled_leader(world: World, stopped: None, tmp_path: Path) -> None:
    """Renewals are not kept back by the writes that are, nobody takes over, and the run ends well afterwards."""
    with replicas_in(world, tmp_path, LEASE_SECONDS) as replicas:
        replicas.start("one")
        replicas.start("two")
        leader = replicas.leader()
        with refusing(world, "one", "two"):
            begun = datetime.now(UTC)
            world.dag("patient", [{"name": f"t{number}", "script": "true"} for number in range(TASKS)])
            world.trigger("patient", "patient-run")

            def has_renewed_for_long() -> bool:
                renewed_at = datetime.fromisoformat(replicas.lease()["renewTime"])
                return renewed_at >= begun + timedelta(seconds=LENGTHS * LEASE_SECONDS)

            world.until("it has renewed for long", has_renewed_for_long)
        assert _refusals(world) >= TASKS // 2
        assert world.ended("patient-run")["status"]["state"] == "Success"
        assert replicas.leader() is leader
        assert leader.starts == 1
        assert replicas.lease()["leaseTransitions"] == 0
        world.assert_one_pod_per_attempt()
