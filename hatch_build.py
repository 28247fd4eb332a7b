"""A wheel that is being built -> the same with the UI in it, built from ui/ by npm.

SLIPWAY_UI=required   fail where it can't be built, instead of a wheel without it
SLIPWAY_UI=none       leave it out
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STATIC = "controller/web/static"
"""Where the UI's build goes; git ignores it, and the web server serves it."""


class UiBuildHook(BuildHookInterface[Any]):
    """Runs before the files of the wheel are gathered."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the UI and name it as part of the wheel; an editable install has what `make ui` has built."""
        wish = os.environ.get("SLIPWAY_UI", "")
        if version == "editable" or wish == "none":
            return
        npm = shutil.which("npm")
        if npm is None:
            told = "npm is not here, so the wheel is built without the UI: install Node 20 or later to have it"
            if wish == "required":
                raise RuntimeError(told.replace("so the wheel is built without the UI", "and SLIPWAY_UI=required"))
            self.app.display_warning(told)
            return
        ui = Path(self.root, "ui")
        # No package's own script is run: none of them needs to, and a stolen one could.
        _npm(ui, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        _npm(ui, npm, "run", "build")
        build_data["artifacts"].append(f"{STATIC}/**")


def _npm(folder: Path, npm: str, *words: str) -> None:
    done = subprocess.run([npm, *words], cwd=folder, check=False, capture_output=True, text=True)  # noqa: S603 npm with fixed words
    if done.returncode:
        raise RuntimeError(f"npm {' '.join(words)} failed in {folder}:\n{done.stdout}\n{done.stderr}")
