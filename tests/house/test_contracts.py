"""Contracts: what imports what, and that generated files are as generated."""

import subprocess
import sys
from pathlib import Path

from controller.generate import ROOT, generated_files
from tests.house import tree


def test_import_contracts() -> None:
    """The flow is the folder list, and model and decide are pure."""
    program = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_generated_files() -> None:
    """They are what `make generate` writes, byte for byte, and say so in their first line."""
    stale = [path for path, text in generated_files().items() if (ROOT / path).read_text(encoding="utf-8") != text]
    assert stale == []
    assert all("Do not edit" in text.split("\n", 1)[0] for text in generated_files().values())


def test_crds_that_nothing_generates() -> None:
    """No file lies among the generated ones that was left over."""
    found = {tree.told(path) for path in tree.files("crds", "charts/slipway/files/crds")}
    assert found == {path for path in generated_files() if path.endswith(".yaml")}
