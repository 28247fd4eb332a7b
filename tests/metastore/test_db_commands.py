"""`slipway db`: what a person at a terminal sees."""

import subprocess
import sys
from contextlib import closing

from typer.testing import CliRunner

from controller.cli.db import app
from controller.metastore.migrate import expected_revision
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
