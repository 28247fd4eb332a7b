"""What tasks write as their outputs, however odd, is told."""

import pytest

from tests.web.conftest import Web
from tests.web.objects import A, task

ODD = (
    r'"half a surrogate: \ud800"',
    r'{"\udc00": 1}',
    "NaN",
    "[" * 400 + "]" * 400,
    "[" * 2000 + "]" * 2000,
    "no JSON at all",
)
"""Texts whose value can't be sent as JSON, or that are none."""


@pytest.mark.parametrize("output", ODD, ids=range(len(ODD)))
async def test_an_output_that_is_no_value_is_told_as_text(web: Web, output: str) -> None:
    """The page of the task is whole, and shows what the task wrote."""
    web.record(task(A, "etl-11", "extract", 90, state="Success", output=output, **{"try": 1}))
    answer = await web.admin.get(f"/api/v1/namespaces/{A}/runs/etl-11/tasks/extract")
    assert answer.status == 200, answer.text
    assert answer.json()["output"] == output


@pytest.mark.parametrize(
    ("output", "value"),
    [('{"rows": 3}', {"rows": 3}), (r'"a\u0000b"', "a\x00b"), (r'"\ud83d\ude00"', "😀"), ("null", None), ("1.5", 1.5)],
)
async def test_an_output_is_told_as_its_value(web: Web, output: str, value: object) -> None:
    """JSON stays JSON."""
    web.record(task(A, "etl-11", "extract", 90, state="Success", output=output, **{"try": 1}))
    answer = await web.admin.get(f"/api/v1/namespaces/{A}/runs/etl-11/tasks/extract")
    assert answer.json()["output"] == value
