"""What the chart makes, by concern: golden objects. `UPDATE_GOLDEN=1 pytest tests/chart/test_golden.py` writes them."""

import os
from pathlib import Path
from typing import Final

import pytest
import yaml

from tests.chart.rendering import case, objects

GOLDEN: Final = Path(__file__).parent / "golden"
CONCERNS: Final = {
    "one-pod-with-sqlite": ("default", ("controller.yaml", "data-volume.yaml")),
    "ways-to-the-first-pod": ("default", ("web-service.yaml", "metrics.yaml")),
    "rights": ("default", ("service-accounts.yaml", "controller-rbac.yaml", "uninstall-rbac.yaml")),
    "roles-for-people": ("default", ("roles-for-people.yaml",)),
    "webhook": ("default", ("webhook.yaml",)),
    "hooks": ("default", ("uninstall.yaml", "test.yaml")),
    "controllers-with-postgres": ("production", ("controller.yaml", "lease.yaml")),
    "web-server-with-postgres": ("production", ("web.yaml", "web-service.yaml", "ingress.yaml")),
    "scaling": ("production", ("scaling.yaml", "fairness.yaml")),
    "network": ("production", ("network-policies.yaml",)),
    "monitors": ("production", ("metrics.yaml",)),
    "named-namespaces": ("namespaced", ("controller-rbac.yaml", "controller.yaml")),
    "trusted-proxy": ("proxy", ("web-rbac.yaml", "http-route.yaml", "controller.yaml")),
    "pod-monitor": ("proxy", ("metrics.yaml",)),
    "sync-from-git": ("sync-git", ("sync.yaml", "service-accounts.yaml")),
    "sync-from-a-folder": ("sync-folder", ("sync.yaml",)),
    "every-knob": ("every-knob", ("controller.yaml", "web.yaml", "sync.yaml", "extra.yaml")),
}
"""The concern -> a file of values in ci/, and the templates that it is about."""


@pytest.mark.parametrize("name", CONCERNS)
def test_a_golden_concern(name: str) -> None:
    """The objects are as they were reviewed."""
    values, templates = CONCERNS[name]
    made = [each for template in templates for each in objects(case(values), template)]
    assert made
    text = yaml.safe_dump_all(made, sort_keys=True, allow_unicode=True, width=120)
    path = GOLDEN / f"{name}.yaml"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def test_no_golden_file_is_left_over() -> None:
    """Each one belongs to a concern."""
    assert {path.stem for path in GOLDEN.iterdir()} == set(CONCERNS)
