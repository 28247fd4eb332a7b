"""The pictures in docs/images, taken anew from the made history.

python -m tests.browser.pictures [FOLDER]
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.browser.chromium import chromium
from tests.browser.conftest import build_ui, demo_server, failed_run, settled, signed_in
from tests.house.tree import ROOT

PICTURES: Final = (
    ("home", "light", "/"),
    ("dags", "light", "/dags?namespace=team-a"),
    ("grid", "light", "/dags/team-a/etl-wide/grid"),
    ("graph", "dark", "/dags/team-a/etl/graph"),
    ("calendar", "light", "/dags/team-a/etl/calendar"),
    ("run", "light", "/runs/team-a/{run}"),
    ("log", "dark", "/runs/team-a/{run}/tasks/extract?tab=log"),
    ("trigger", "light", "/dags/team-a/etl/trigger"),
    ("backfills", "light", "/backfills"),
    ("approvals", "light", "/approvals"),
)
_DRAWN_MS: Final = 1500


def main(folder: Path) -> None:
    """Take all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="slipway-ui-") as built, chromium() as browser:
        build_ui(Path(built))
        with demo_server(Path(built)) as server:
            for name, theme, address in PICTURES:
                with signed_in(browser, server, theme) as page:
                    page.goto(address.replace("{run}", failed_run(page)))
                    settled(page)
                    page.wait_for_timeout(_DRAWN_MS)
                    page.screenshot(path=folder / f"{name}.png")
                print(folder / f"{name}.png", flush=True)
    _shrink(folder)


def _shrink(folder: Path) -> None:
    """Fewer colours, where the machine has a program for that: the repository keeps every version of a picture."""
    if shutil.which("pngquant") is not None:
        files = sorted(str(path) for path in folder.glob("*.png"))
        subprocess.run(["pngquant", "--force", "--ext", ".png", "--skip-if-larger", *files], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images")
