"""docs/install.md: its values are taken, its values and files exist, and its commands are those that a test runs."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from controller.chart_values import read_values
from tests.chart.rendering import CHART, named, objects
from tests.e2e.documented import PAGE, blocks, exported
from tests.house.tree import ROOT

TEXT = PAGE.read_text()
EXCERPTS = [
    block
    for block in re.findall(r"^```\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    if re.match(r"\w+: *(\{|\n)", block)
]
"""Blocks of values that a reader adds to theirs."""
GROUPS = {
    "config",
    "controller",
    "web",
    "database",
    "sync",
    "webhook",
    "podPolicy",
    "networkPolicy",
    "metrics",
    "alerts",
}
"""Groups of values whose names no page uses for anything else."""


def production_values(tmp_path: Path) -> Any:
    """The file that the page's commands write."""
    settings, *steps = blocks("Production")
    (writing,) = (step for step in steps if "cat > values.yaml" in step)
    subprocess.run(["sh", "-eu", "-c", settings + writing], cwd=tmp_path, check=True)
    return yaml.safe_load((tmp_path / "values.yaml").read_text())


def test_the_values_for_production(tmp_path: Path) -> None:
    """They make two controllers and two web servers on PostgreSQL."""
    made = objects(production_values(tmp_path))
    for name in ("slipway", "slipway-web"):
        assert named(made, "Deployment", name)["spec"]["replicas"] == 2
    assert named(made, "Ingress", "slipway-web")["spec"]["rules"][0]["host"] == "slipway.example.org"
    assert not [each for each in made if each["kind"] == "PersistentVolumeClaim"]


@pytest.mark.parametrize("excerpt", EXCERPTS, ids=lambda text: text.split(":")[0])
def test_excerpts_go_with_them(excerpt: str, tmp_path: Path) -> None:
    """Each may be added to the values for production."""
    assert objects({**production_values(tmp_path), **yaml.safe_load(excerpt)})


def test_excerpts_are_found() -> None:
    """Monitoring, sync, and rights in namespaces alone."""
    assert len(EXCERPTS) == 3


def test_the_commands_use_what_is_exported() -> None:
    """Every variable of a command is set by the first block."""
    settings, *steps = [*blocks("Production"), *blocks("Upgrading"), *blocks("Rolling back")]
    used = {name for step in steps for name in re.findall(r"\$(\w+)", step)}
    assert used == exported(settings)


@pytest.mark.parametrize("page", sorted(PAGE.parent.glob("*.md")), ids=lambda page: page.stem)
def test_named_values_exist(page: Path) -> None:
    """A value that a page of the documentation names is one of the chart's, or a group of them."""
    values = read_values((CHART / "values.yaml").read_text())
    known = {value.name for value in values} | {value.name.rsplit(".", 1)[0] for value in values}
    open_ones = tuple(f"{value.name}." for value in values if isinstance(value.default, dict))
    told = re.findall(rf"`((?:{'|'.join(sorted(GROUPS))})\.[\w.]+)(?:: \S+|=\S+)?`", page.read_text())
    wrong = [name for name in told if name not in known and not name.startswith(open_ones)]
    assert [name for name in wrong if not name.endswith((".py", "..."))] == []


def test_links_lead_somewhere() -> None:
    """To pages that exist, and to headings that they have."""
    for page, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([\w-]+))?\)", TEXT):
        target = (PAGE.parent / page).resolve() if page else PAGE
        assert target.exists(), page
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in slugs, f"{page}#{anchor}"


def test_the_definitions_that_are_named_are_all() -> None:
    """The command that deletes them forgets none."""
    told = set(re.findall(r"\b(\w+)\.slipway\.dev\b", TEXT))
    assert {path.stem for path in (ROOT / "crds").glob("*.yaml")} <= told
