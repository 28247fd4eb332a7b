"""An audit that could not ask is not an audit that found nothing."""

import json

import pytest

from tests.audit import Audit, code_of, of_python, of_ui

SAFE = {"name": "idna", "version": "3.10", "vulns": []}
SKIPPED = {"name": "yarl", "skip_reason": "Dependency not found and could not be audited: yarl (1.25.1)"}
HOLE = {"name": "jinja2", "version": "3.1.4", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.5"]}]}


@pytest.mark.parametrize(
    ("dependencies", "audit", "code"),
    [
        ([SAFE], Audit(1), 0),
        ([SAFE, SKIPPED], Audit(1, unknown=(str(SKIPPED["skip_reason"]),)), 2),
        ([HOLE, SKIPPED], Audit(1, ("jinja2 3.1.4: PYSEC-1, mended in 3.1.5",), (str(SKIPPED["skip_reason"]),)), 1),
    ],
)
def test_python_packages(dependencies: list[object], audit: Audit, code: int) -> None:
    """pip-audit ends with 0 when it could look up nothing; this does not."""
    assert of_python(json.dumps({"dependencies": dependencies})) == audit
    assert code_of([Audit(3), audit]) == code


@pytest.mark.parametrize("output", ["", "ConnectionError: no route", "[]", '{"dependencies": []}'])
def test_no_report_of_python_packages(output: str) -> None:
    """No report is not a good one."""
    assert code_of([of_python(output)]) == 2


def test_packages_of_the_ui() -> None:
    """npm's report, and npm's error."""
    about = {"metadata": {"dependencies": {"prod": 31}}}
    assert of_ui(json.dumps({"vulnerabilities": {}, **about})) == Audit(31)
    hole = {"name": "x", "range": "<1", "severity": "high"}
    assert of_ui(json.dumps({"vulnerabilities": {"x": hole}, **about})) == Audit(31, ("x <1: high",))
    assert of_ui('{"message": "405 Method Not Allowed"}') == Audit(0, unknown=("405 Method Not Allowed",))
    assert code_of([of_ui("")]) == 2
