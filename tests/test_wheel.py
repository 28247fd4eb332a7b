"""The wheel has the UI where npm can build it; where not, it says so, or is not built at all."""

from pathlib import Path
from typing import Any

import pytest
from hatchling.bridge.app import Application

from hatch_build import UiBuildHook
from tests.e2e.install import image_tag

BUILT = ["controller/web/static/**"]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one folder in which programs are found."""
    found = tmp_path / "bin"
    found.mkdir()
    monkeypatch.setenv("PATH", str(found))
    monkeypatch.delenv("SLIPWAY_UI", raising=False)
    (tmp_path / "ui").mkdir()
    return found


def artifacts(root: Path, version: str = "standard") -> list[str]:
    """What the hook adds to the wheel of this checkout."""
    data: dict[str, Any] = {"artifacts": []}
    hook = UiBuildHook(str(root), {}, None, None, str(root), "wheel", Application())  # type: ignore[arg-type]
    hook.initialize(version, data)
    return list(data["artifacts"])


def npm(folder: Path, script: str) -> None:
    """Put a program named npm there."""
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_npm_installs_without_scripts_and_builds(programs: Path, tmp_path: Path) -> None:
    """No package's own script runs on the machine that builds."""
    npm(programs, 'echo "$@" >> asked')
    assert artifacts(tmp_path) == BUILT
    first, second = (tmp_path / "ui" / "asked").read_text().splitlines()
    assert first.startswith("ci --ignore-scripts")
    assert second == "run build"


def test_without_npm_the_wheel_has_no_ui(programs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And a line tells why; what an earlier build has left is not taken along."""
    assert artifacts(tmp_path) == []
    assert "without the UI: install Node 20" in "".join(capsys.readouterr())


def test_a_ui_that_is_required_is_not_left_out(programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The build fails instead."""
    monkeypatch.setenv("SLIPWAY_UI", "required")
    with pytest.raises(RuntimeError, match="npm is not here"):
        artifacts(tmp_path)


def test_a_build_that_fails_shows_what_npm_said(programs: Path, tmp_path: Path) -> None:
    """Nobody has to run it again to know."""
    npm(programs, "echo types do not fit; exit 3")
    with pytest.raises(RuntimeError, match="types do not fit"):
        artifacts(tmp_path)


@pytest.mark.parametrize(("version", "wish"), [("editable", "required"), ("standard", "none")])
def test_npm_is_left_alone(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, wish: str
) -> None:
    """By `uv sync`, and where nobody wants the UI."""
    monkeypatch.setenv("SLIPWAY_UI", wish)
    npm(programs, "exit 1")
    assert artifacts(tmp_path, version) == []


def test_what_is_built_makes_no_other_image(tmp_path: Path) -> None:
    """A build in the checkout leaves the image's tag as it was, a change of the UI or of the build does not."""
    names = ["pyproject.toml", "uv.lock", "Dockerfile", ".dockerignore", "hatch_build.py", "ui/index.html"]
    made = ["ui/node_modules/x/index.js", "ui/src/api/schema.d.ts", "controller/web/static/index.html"]
    for name in [*names, *made]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("before")
    before = image_tag(tmp_path)
    for name in made:
        (tmp_path / name).write_text("after")
    assert image_tag(tmp_path) == before
    for name in ("ui/index.html", "hatch_build.py"):
        (tmp_path / name).write_text("after")
        assert image_tag(tmp_path) != before
        (tmp_path / name).write_text("before")
