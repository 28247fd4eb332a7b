"""`slipway test FILE...`: DagTests -> each case simulated, and what is not as it expects.

written.py   what a DagTest says
judge.py     a simulated run against what was expected
report.py    how the results are told
"""

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from controller.cli.dag_tests.judge import differences
from controller.cli.dag_tests.report import Result, as_json, as_junit, print_lines
from controller.cli.dag_tests.written import Case, read_tests
from controller.cli.manifest import InvalidManifest
from controller.cli.output import check_format, print_json
from controller.cli.simulate import played
from controller.errors import SlipwayError, Usage
from controller.simulate.run import simulate_run
from controller.simulate.script import Setting

PASSED: Final = 0
FAILED: Final = 1
UNREADABLE: Final = 2
_ENDINGS: Final = frozenset({".yaml", ".yml", ".json"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    paths: Sequence[str]
    """Files, `-` and folders."""
    junit: str | None
    """Where to write JUnit's XML."""


def run_tests(asked: Asked, output: str) -> int:
    """The exit code: 0 when every case is as expected, 1 when one is not, 2 when a file can't be used."""
    check_format(output)
    results: list[Result] = []
    unreadable = False
    for path in asked.paths:
        files = _files(path)
        for file in files:
            try:
                found = list(_results(file))
            except InvalidManifest as error:
                print(f"slipway: {error}", file=sys.stderr)
                unreadable = True
                continue
            if not found and not _is_folder(path):
                print(f"slipway: {file}: holds no DagTest", file=sys.stderr)
                unreadable = True
            results.extend(found)
    if output == "json":
        print_json(as_json(results))
    else:
        print_lines(results)
    if asked.junit is not None:
        _write(asked.junit, as_junit(results))
    return UNREADABLE if unreadable else FAILED if any(result.differences for result in results) else PASSED


def _is_folder(path: str) -> bool:
    return path != "-" and Path(path).is_dir()


def _files(path: str) -> list[str]:
    """The file itself, or all manifests in the folder and the folders in it."""
    if not _is_folder(path):
        return [path]
    return sorted(str(file) for file in Path(path).rglob("*") if file.suffix in _ENDINGS and file.is_file())


def _results(file: str) -> Iterator[Result]:
    for test in read_tests(file):
        for case, setting in test.cases:
            began = time.perf_counter()
            found = _differences(case, setting)
            yield Result(file, test.name, case.name, tuple(found), time.perf_counter() - began)


def _differences(case: Case, setting: Setting) -> list[str]:
    try:
        course = played(simulate_run(setting))
    except SlipwayError as error:
        return [f"the run never ends: {error}"]
    return differences(course, setting.plan, case.expect)


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Usage(f"--junit {path}: {error.strerror}") from error
