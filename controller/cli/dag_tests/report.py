"""The results of cases -> lines for people, JSON, or JUnit's XML for continuous integration."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """How one case went."""

    file: str
    test: str
    case: str
    differences: tuple[str, ...]
    """None where all was as expected."""
    seconds: float
    """How long it took in real time."""


def print_lines(results: Sequence[Result]) -> None:
    """A line for each case, its differences under it, and the count."""
    for result in results:
        print(f"{'FAIL' if result.differences else 'ok  '}  {result.file}: {result.test}: {result.case}")
        for line in result.differences:
            print(f"        {line}")
    failed = sum(1 for result in results if result.differences)
    print(f"{len(results)} case{'' if len(results) == 1 else 's'}, {failed} failed")


def as_json(results: Sequence[Result]) -> dict[str, Any]:
    """The same as data."""
    cases = [
        {
            "file": result.file,
            "test": result.test,
            "case": result.case,
            "passed": not result.differences,
            "differences": list(result.differences),
        }
        for result in results
    ]
    failed = sum(1 for result in results if result.differences)
    return {"passed": len(results) - failed, "failed": failed, "cases": cases}


def as_junit(results: Sequence[Result]) -> str:
    """The same as XML: a testsuite for each file."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring  # here, as few ask for it

    suites = Element("testsuites")
    for file in dict.fromkeys(result.file for result in results):
        of_file = [result for result in results if result.file == file]
        failed = sum(1 for result in of_file if result.differences)
        suite = SubElement(suites, "testsuite", name=file, tests=str(len(of_file)), failures=str(failed))
        for result in of_file:
            case = SubElement(suite, "testcase", name=result.case, classname=result.test, time=f"{result.seconds:.3f}")
            if result.differences:
                SubElement(case, "failure", message=result.differences[0]).text = "\n".join(result.differences)
    indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(suites, encoding="unicode")}\n'
