"""docs/install.md -> its commands, as a newcomer copies them into a shell: blocks that begin with ```sh.

Of other pages a manifest: a block that has a kind.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.cluster import Cluster
from tests.house.tree import ROOT

PAGE: Final = ROOT / "docs/install.md"
_EXPORT: Final = re.compile(r"^export (\w+)=", re.MULTILINE)


def blocks(section: str) -> list[str]:
    """The commands of a section of the page, block by block."""
    return re.findall(r"^```sh\n(.*?)^```$", _section(PAGE, section), re.DOTALL | re.MULTILINE)


def manifest(page: Path, section: str) -> str:
    """The first manifest in a section of a page."""
    found = re.search(r"^```\n(apiVersion:.*?)^```$", _section(page, section), re.DOTALL | re.MULTILINE)
    assert found, f"{page} has no manifest in {section}"
    return found[1]


def _section(page: Path, section: str) -> str:
    text = page.read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"{page} has no section {section}"
    return found[1]


def exported(block: str) -> set[str]:
    """The variables that a block sets."""
    return set(_EXPORT.findall(block))


@dataclass(frozen=True)
class Shell:
    """A newcomer's shell, in a folder from which the chart is found as in the repository."""

    cluster: Cluster
    folder: Path
    variables: Mapping[str, str]

    def run(self, block: str, seconds: float = 420) -> str:
        """What a block prints; an AssertionError with all of it when a command fails."""
        programs = {str(Path(program).parent) for program in (self.cluster.kubectl, self.cluster.helm)}
        environment = {
            **os.environ,
            **self.variables,
            "KUBECONFIG": str(self.cluster.kubeconfig),
            "PATH": ":".join((*sorted(programs), str(ROOT / ".venv/bin"), os.environ["PATH"])),
        }
        done = subprocess.run(
            ["sh", "-eux", "-c", block],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout
