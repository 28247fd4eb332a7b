"""The chart's sync of a folder of Dags: the command that it runs is one, and finds its credentials and files."""

import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from controller.cli.git_folder import as_repository
from controller.cli.synced_folder import read_folder
from tests.chart.rendering import all_of, case, named, objects
from tests.cli.calling import slipway

DAG = "apiVersion: slipway.dev/v1alpha1\nkind: Dag\nmetadata: {name: etl}\nspec: {tasks: [{name: a, noop: {}}]}\n"


def container(name: str) -> dict[str, Any]:
    """The container that syncs, under a file of values."""
    (found,) = named(all_of(name), "Deployment", "slipway-sync")["spec"]["template"]["spec"]["containers"]
    return dict(found)


@pytest.mark.parametrize("name", ["sync-git", "sync-folder"])
def test_the_command_is_understood(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every word of the arguments is one of `slipway sync`."""
    seen: list[Any] = []

    def sync(asked: Any, where: Any) -> int:
        seen.append((asked, where))
        return 0

    monkeypatch.setattr("controller.cli.sync.sync", sync)
    assert slipway(*container(name)["args"]) == (0, "", "")
    ((asked, where),) = seen
    assert where == ("team", None)
    assert asked.probe_port == container(name)["ports"][0]["containerPort"]
    values = case(name)["sync"]
    assert asked.prune == values.get("prune", False)
    assert asked.id == values.get("id", "slipway-system-slipway")
    assert asked.watch_seconds == values.get("intervalSeconds", 60)


def test_the_repository_and_its_ref() -> None:
    """They go into one word, which is taken apart again."""
    repository = as_repository(container("sync-git")["args"][1])
    assert repository is not None
    assert (repository.url, repository.ref) == ("https://git.example.org/team/dags.git", "main")


def test_git_finds_its_password(tmp_path: Path) -> None:
    """The variables make git read user and password from the Secret's files, whatever characters they have."""
    (tmp_path / "username").write_text("ada")
    (tmp_path / "password").write_text("s3c$re't \"%s")
    env = {each["name"]: each["value"] for each in container("sync-git")["env"] if "value" in each}
    for name, value in env.items():
        # What Kubernetes does: $$ is a $, and $(NAME) a variable's value.
        env[name] = value.replace("$$", "$").replace("/etc/slipway/git", str(tmp_path))
    asked = "protocol=https\nhost=git.example.org\n\n"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_TERMINAL_PROMPT": "0", **env}
    done = subprocess.run(
        ["git", "credential", "fill"], input=asked, env=environment, capture_output=True, text=True, check=True
    )
    assert "username=ada\n" in done.stdout
    assert "password=s3c$re't \"%s\n" in done.stdout
    (ssh, *options) = shlex.split(env["GIT_SSH_COMMAND"])
    assert ssh == "ssh"
    assert "StrictHostKeyChecking=yes" in options


def test_a_config_map_is_a_folder(tmp_path: Path) -> None:
    """Kubernetes mounts it as links into a hidden folder; each file is read once."""
    (tmp_path / "..2026").mkdir()
    (tmp_path / "..2026/etl.yaml").write_text(DAG)
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "etl.yaml").symlink_to("..data/etl.yaml")
    (file,) = read_folder(tmp_path, "team")
    assert (file.path, file.faults, [item.name for item in file.items]) == ("etl.yaml", (), ["etl"])


def test_deleting_is_a_right_only_where_it_is_asked_for() -> None:
    """Without sync.prune the account can delete nothing."""
    for prune in (True, False):
        made = objects({"sync": {"enabled": True, "namespace": "team", "claim": "dags", "prune": prune}}, "sync.yaml")
        role = named(made, "Role", "slipway-slipway-system-sync")
        assert role["metadata"]["namespace"] == "team"
        assert ("delete" in role["rules"][0]["verbs"]) == prune
        assert "delete" not in role["rules"][1]["verbs"]
