"""`slipway next`, as other programs call it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from controller.cli import main
from controller.cli.next_runs import Asked, show_next

_DAG: dict[str, Any] = {
    "apiVersion": "slipway.dev/v1alpha1",
    "kind": "Dag",
    "metadata": {"name": "etl"},
    "spec": {"tasks": [{"name": "a", "noop": {}}]},
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A manifest whose schedule runs at six in Zurich."""
    return _written(tmp_path, {"cron": "0 6 * * *", "timezone": "Europe/Zurich", "start": "2026-01-01T00:00:00Z"})


def _written(folder: Path, schedule: dict[str, Any] | None) -> Path:
    path = folder / "dag.json"
    path.write_text(json.dumps(_DAG | {"spec": _DAG["spec"] | ({"schedule": schedule} if schedule else {})}))
    return path


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from controller.cli import main; main()", "next", *words]
    return subprocess.run(program, capture_output=True, text=True, check=False)


def test_json_for_other_programs(file: Path) -> None:
    """Standard output is the list alone, with four times in UTC."""
    asked = [str(file), "--now", "2026-03-28T12:00:00Z", "--count", "2", "--on-enable", "run-latest", "-o", "json"]
    done = _run(*asked)
    times = [
        dict.fromkeys(("logicalDate", "start", "end", "runAfter"), f"2026-03-{day}Z")
        for day in ("28T05:00:00", "29T04:00:00")
    ]
    assert (done.returncode, json.loads(done.stdout), done.stderr) == (0, times, "")


def test_last_run_and_an_offset(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Times may have an offset; without the flag the Dag's own policies decide."""
    show_next(Asked(str(file), "2026-06-10T14:30:00+02:00", "2026-06-01T04:00:00Z", 1, None), "json")
    assert json.loads(capsys.readouterr().out)[0]["logicalDate"] == "2026-06-10T04:00:00Z"


def test_table_for_people(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without -o the runs are a table."""
    show_next(Asked(str(file), "2026-06-10T00:00:00Z", None, 1, "wait"), "table")
    title, row = capsys.readouterr().out.splitlines()
    assert title.split("   ")[0].strip() == "LOGICAL DATE"
    assert row.split() == ["2026-06-10T04:00:00Z"] * 4


@pytest.mark.parametrize(
    "schedule", [None, {"cron": "@daily", "start": "2025-01-01T00:00:00Z", "end": "2025-12-31T00:00:00Z"}]
)
def test_nothing_comes(schedule: dict[str, Any] | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A Dag without a schedule, or with one that is over, has an empty list."""
    show_next(Asked(str(_written(tmp_path, schedule)), "2026-06-10T00:00:00Z", None, 5, None), "json")
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize(
    "words",
    [
        ["--now", "yesterday"],
        ["--now", "2026-06-10"],
        ["--now", "0001-01-01T00:00:00+10:00"],
        ["--now", "2026-06-10T00:00:00Z", "--last", "x"],
        ["--on-enable", "later"],
        ["--count", "-1"],
        ["--count", "many"],
        ["-o", "xml"],
        ["--unknown"],
    ],
)
def test_words_that_can_not_be_read(
    file: Path, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong use of the command ends with 2 and says so on standard error."""
    monkeypatch.setattr(sys, "argv", ["slipway", "next", str(file), *words])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (2, "")
    assert told.err


def test_invalid_manifest(tmp_path: Path) -> None:
    """A manifest with faults ends with 1, each fault on standard error."""
    done = _run(str(_written(tmp_path, {"cron": "0 25 * * *"})), "--now", "2026-06-10T00:00:00Z", "-o", "json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "spec.schedule.cron" in done.stderr
