"""From one version of the chart to the next: what can't be changed stays, and the release fits into its Secret."""

import base64
import gzip
import json
from typing import Any, Final

import pytest

from tests.chart.rendering import CASES, CHART, case, texts
from tests.chart.unchangeable import RELEASED, unchangeable

ETCD_BYTES: Final = 1024 * 1024
"""No Secret is larger, and Helm keeps each release in one."""


@pytest.mark.parametrize("path", sorted(RELEASED.glob("*.json")), ids=lambda path: path.stem)
def test_what_cannot_be_changed_stays(path: Any) -> None:
    """An upgrade from a released version is taken by the API server: selectors and claims are as they were."""
    _, _, name = path.stem.partition("-")
    before: dict[str, Any] = json.loads(path.read_text())
    after = unchangeable(name)
    assert before.items() <= after.items()


def test_there_is_a_released_version() -> None:
    """The test above has something to compare with."""
    assert {path.stem.partition("-")[2] for path in RELEASED.glob("*.json")} >= {"sqlite", "postgres"}


@pytest.mark.parametrize("name", CASES)
def test_the_release_fits_into_a_secret(name: str) -> None:
    """With half of the room to spare: Helm keeps the chart, the values and what came of them, compressed."""
    files = {path: path.read_bytes() for path in sorted(CHART.rglob("*")) if path.is_file()}
    chart = [{"name": str(path), "data": base64.b64encode(data).decode()} for path, data in files.items()]
    release = {"chart": chart, "config": case(name), "manifest": "\n---\n".join(texts(case(name)).values())}
    kept = base64.b64encode(gzip.compress(json.dumps(release).encode(), 9))
    assert len(kept) < ETCD_BYTES / 2
