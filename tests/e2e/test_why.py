"""`slipway why` and `slipway diff` against the real API server."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.world import World

pytestmark = pytest.mark.cluster


def slipway(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    """The command, with the cluster's kubeconfig."""
    program = str(Path(sys.executable).with_name("slipway"))
    environment = os.environ | {"KUBECONFIG": str(world.cluster.kubeconfig)}
    words = (*words, "-n", world.namespace)
    return subprocess.run([program, *words], env=environment, capture_output=True, text=True, check=False)


def reasons(world: World, *words: str) -> list[dict[str, Any]]:
    """What `slipway why` says."""
    done = slipway(world, "why", *words, "-o", "json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_task_that_waits(world: World) -> None:
    """For what is before it, and for a pool that is not there; nothing is written by asking."""
    world.dag(
        "waits", [{"name": "a", "script": "true", "pool": "nowhere"}, {"name": "b", "noop": {}, "dependsOn": ["a"]}]
    )
    world.trigger("waits", "waits-run")
    world.until("the task waits", lambda: world.task("waits-run", "a").get("waitingFor"))
    before = world.get("taskruns.slipway.dev", "waits-run-a")["metadata"]["resourceVersion"]
    assert [each["reason"] for each in reasons(world, "waits-run", "b")] == ["TriggerRule", "Upstream"]
    assert reasons(world, "waits-run", "a")[0]["message"] == "Pool nowhere does not exist"
    assert [each["task"] for each in reasons(world, "waits-run")] == ["a", "b"]
    assert world.get("taskruns.slipway.dev", "waits-run-a")["metadata"]["resourceVersion"] == before


def test_a_dag_that_was_changed(world: World) -> None:
    """The run keeps its version, which `kubectl get -o wide` and `slipway diff` show."""
    world.dag("changes", [{"name": "a", "script": "echo one"}])
    world.trigger("changes", "changes-run")
    world.ended("changes-run")
    assert slipway(world, "diff", "changes-run").returncode == 0
    world.dag("changes", [{"name": "a", "script": "echo two"}])
    done = slipway(world, "diff", "changes-run")
    assert done.returncode == 1
    assert "-  script: echo one\n+  script: echo two\n" in done.stdout
    revision = world.get("dagrun", "changes-run")["status"]["revision"]
    assert revision in world.kubectl("get", "dagruns", "-o", "wide")
