"""Commands on a real cluster, as programs of their own: output, exit codes, and what the API server makes of it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.world import World, dag

pytestmark = pytest.mark.cluster


def slipway(world: World, *words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error, with the test's namespace and the cluster's kubeconfig."""
    environment = {**os.environ, "KUBECONFIG": str(world.cluster.kubeconfig)}
    command = [sys.executable, "-m", "controller", *words, "-n", world.namespace]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def test_a_folder_is_synced(world: World, tmp_path: Path) -> None:
    """What kubectl applied is taken over; a task that leaves the file leaves the Dag; --prune deletes a Dag."""
    manifest = dag("kept", [{"name": "a", "script": "true"}, {"name": "b", "script": "true"}])
    world.apply(manifest)
    file = tmp_path / "kept.yaml"
    file.write_text(yaml.safe_dump(manifest))
    (tmp_path / "broken.yaml").write_text(
        yaml.safe_dump(dag("broken", [{"name": "a", "dependsOn": ["b"], "noop": {}}]))
    )
    code, out, told = slipway(world, "sync", str(tmp_path))
    assert (code, "kept configured" in out) == (1, True)
    assert "task a depends on b, which is no task" in told
    (tmp_path / "broken.yaml").unlink()
    file.write_text(yaml.safe_dump(dag("kept", [{"name": "a", "script": "true"}])))
    assert slipway(world, "sync", str(tmp_path))[0] == 0
    assert [task["name"] for task in world.get("dag", "kept")["spec"]["tasks"]] == ["a"]
    assert slipway(world, "sync", str(tmp_path), "--exit-code")[0] == 3
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(dag("other", [{"name": "a", "noop": {}}])))
    file.unlink()
    code, out, _ = slipway(world, "sync", str(tmp_path), "--prune")
    assert (code, "pruned" in out) == (0, True)
    assert [item["metadata"]["name"] for item in world.listed("dags.slipway.dev")] == ["other"]


def test_a_run_is_watched_and_its_log_read(world: World) -> None:
    """The states as they come, the log line by line, and exit codes as the run ended."""
    tasks: list[dict[str, Any]] = [{"name": "say", "script": "for n in 1 2 3; do echo line $n; sleep 1; done"}]
    world.dag("talk", tasks)
    world.trigger("talk", "talk-run")
    assert slipway(world, "logs", "talk-run", "say", "--follow")[:2] == (0, "line 1\nline 2\nline 3\n")
    assert slipway(world, "wait", "talk-run", "--timeout", "60")[0] == 0
    code, out, _ = slipway(world, "watch", "talk@latest")
    assert (code, "say" in out, "Success" in out) == (0, True, True)
    world.dag("bad", [{"name": "fall", "script": "exit 3"}])
    world.trigger("bad", "bad-run")
    assert slipway(world, "wait", "bad-run", "--timeout", "60")[0] == 1
    assert slipway(world, "wait", "nowhere")[0] == 4
