"""Sizes: the tail is what goes bad, so the tail is what is measured."""

import ast
from statistics import median, quantiles
from typing import Final

import pytest

from tests.house.tree import Function, functions, modules, told

MOST_LINES: Final = {"controller": 250, "tests": 300}
EXEMPT: Final = {
    "controller/observe/store.py": (390, "one table of what each change touches, kind by kind"),
}
"""Files that may be longer, up to what, and why."""

MOST_BODY: Final = 50


def body_lines(function: Function) -> int:
    """The lines of a function without its signature and docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("folder", MOST_LINES)
def test_long_files(folder: str) -> None:
    """A file has 250 lines at most, a file of tests 300; an exemption has a reason and a limit of its own."""
    lengths = {told(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules(folder)}
    limits = {name: EXEMPT.get(name, (MOST_LINES[folder], ""))[0] for name in lengths}
    assert {name: length for name, length in lengths.items() if length > limits[name]} == {}


def test_exemptions_that_are_not_needed() -> None:
    """A file that became short loses its exemption."""
    lengths = {told(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules("controller")}
    assert [name for name in EXEMPT if lengths.get(name, 0) <= MOST_LINES["controller"]] == []


@pytest.mark.parametrize("folder", MOST_LINES)
def test_long_functions(folder: str) -> None:
    """No body has more than 50 lines; the median is 8 at most and nine of ten have 25 at most."""
    lengths = {
        f"{told(path)}:{function.lineno} {function.name}": body_lines(function)
        for path in modules(folder)
        for function in functions(path)
    }
    assert {name: length for name, length in lengths.items() if length > MOST_BODY} == {}
    assert median(lengths.values()) <= 8
    assert quantiles(lengths.values(), n=10)[-1] <= 25
