"""`slipway db`: what a person at a terminal sees."""

import asyncio
import json
import subprocess
import sys
from contextlib import closing

import pytest
from typer.testing import CliRunner

from controller.cli import db_check
from controller.cli.db import app
from controller.metastore.migrate import expected_revision
from controller.model.dagrun import DagRun
from tests.metastore.objects import run, task
from tests.metastore.recording import RecordingWriter


def test_migrate_then_check(empty_url: str) -> None:
    """A fresh database fails the check until it is migrated; the URL comes from the option or the environment."""
    runner = CliRunner()
    environment = {"SLIPWAY_DATABASE_URL": empty_url}
    before = runner.invoke(app, ["check"], env=environment)
    assert (before.exit_code, "no schema" in before.stderr) == (1, True)
    assert runner.invoke(app, ["migrate", "--url", empty_url]).exit_code == 0
    after = runner.invoke(app, ["check"], env=environment)
    assert (after.exit_code, expected_revision() in after.stdout) == (0, True)


def test_rows_shows_runs_and_their_tasks(url: str) -> None:
    """The newest runs, each with its tasks below."""
    with closing(RecordingWriter(url)) as writer:
        writer.start()
        writer.observed(run(1, status={"state": "Running", "tasks": "0/1"}))
        writer.observed(task("load", 2, {"state": "Failed", "try": 3, "reason": "OOMKilled"}))
        writer.flushed()
    shown = CliRunner().invoke(app, ["rows", "--url", url, "--namespace", "team"])
    assert shown.exit_code == 0
    assert [line.split() for line in shown.stdout.splitlines()] == [
        ["RUN", "TASK", "STATE", "TRY", "STARTED", "FINISHED", "REASON"],
        ["team/etl-1", "0/1", "Running"],
        ["load", "Failed", "3", "OOMKilled"],
    ]


def test_a_database_that_cannot_be_used_is_one_sentence() -> None:
    """No traceback: the sentence goes to stderr and the exit code is 1."""
    told = CliRunner().invoke(app, ["rows", "--url", "mysql://host/db"])
    assert (told.exit_code, told.stdout, len(told.stderr.splitlines())) == (1, "", 1)


def test_the_commands_are_listed_without_the_database_library() -> None:
    """`slipway --help` stays fast: SQLAlchemy is imported by the commands that need it."""
    source = "import controller.cli.db, sys; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", source]).returncode == 0


def test_clean_counts_before_it_removes(url: str) -> None:
    """A dry run only says what would go; an age that can't be read is the caller's fault."""
    with closing(RecordingWriter(url)) as writer:
        writer.start()
        ended = run(1, status={"state": "Success", "finishedAt": "2026-01-01T00:00:00Z"})
        writer.observed(ended)
        writer.deleted(ended)
        writer.flushed()
    runner, words = CliRunner(), ["clean", "--url", url, "--older", "1d", "-n", "team"]
    assert runner.invoke(app, [*words, "--dry-run"]).stdout == "Would remove 1 of dag_runs\n"
    assert runner.invoke(app, words).stdout == "Removed 1 of dag_runs\n"
    assert runner.invoke(app, words).stdout == "Removed nothing\n"
    assert runner.invoke(app, ["clean", "--url", url, "--older", "soon"]).exit_code == 1


@pytest.mark.parametrize("words", [[], ["-n", "team"]])
def test_rows_and_resources_are_compared(url: str, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    """A difference that lasts is told, in a table or as JSON, with exit code 1; without one all is well."""
    monkeypatch.setattr(db_check, "SETTLE_SECONDS", 0)
    live = [run(2, status={"state": "Success", "finishedAt": "2026-01-01T00:00:00Z"})]

    async def live_objects(kube: object, namespaces: tuple[str, ...]) -> list[DagRun]:
        assert namespaces == tuple(words[1:])
        return live

    monkeypatch.setattr(db_check, "live_objects", live_objects)
    monkeypatch.setattr(db_check, "with_cluster", lambda context, work: asyncio.run(work(None)))
    runner, command = CliRunner(), ["check", "--url", url, "--resources", *words]
    told = runner.invoke(app, command)
    assert told.exit_code == 1
    assert "DagRun team/etl-1: Missing: resource Success, row missing\n1 differences" in told.stdout
    found = json.loads(runner.invoke(app, [*command, "-o", "json"]).stdout)
    assert [(each["kind"], each["what"]) for each in found["differences"]] == [("DagRun", "Missing")]
    with closing(RecordingWriter(url)) as writer:
        writer.start()
        writer.observed(live[0])
        writer.flushed()
    agreed = runner.invoke(app, command)
    assert (agreed.exit_code, "Rows and resources agree" in agreed.stdout) == (0, True)
