"""`slipway db ...`: the metastore from a terminal."""

# What is heavy is imported inside the commands: `slipway --help` must not pay for SQLAlchemy.

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer

app = typer.Typer(help="The metastore: migrate it, check it, look into it.", no_args_is_help=True)

Url = Annotated[
    str,
    typer.Option(
        envvar="SLIPWAY_DATABASE_URL",
        help="The database: sqlite:////data/slipway.db or postgresql://user:password@host/name.",
        show_default=False,
        show_envvar=True,
    ),
]


@app.command()
def migrate(url: Url) -> None:
    """Bring the database's schema up to date; nothing changes when it is."""
    from controller.metastore.migrate import migrate as bring_up_to_date

    with _errors_told():
        typer.echo(f"The database has schema {bring_up_to_date(url)}")


@app.command()
def check(url: Url) -> None:
    """Connect, and compare the database's schema with the one this version needs; exit code 1 if they differ."""
    from controller.metastore.migrate import current_revision, expected_revision

    with _errors_told():
        current = current_revision(url)
    expected = expected_revision()
    if current == expected:
        typer.echo(f"The database answers and has schema {current}")
        return
    typer.echo(f"The database has {_schema(current)}, this version needs {_schema(expected)}", err=True)
    raise typer.Exit(1)


@app.command()
def rows(
    url: Url,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many runs.")] = 10,
    namespace: Annotated[str | None, typer.Option("--namespace", "-n", help="Only of this namespace.")] = None,
    dag: Annotated[str | None, typer.Option(help="Only of this Dag.")] = None,
) -> None:
    """Print the newest runs and their tasks."""
    with _errors_told():
        for line in _table(_newest(url, limit, namespace, dag)):
            typer.echo(line)


@app.command()
def rebuild(
    url: Url,
    context: Annotated[str | None, typer.Option(help="A context of the kubeconfig. Default: the current one.")] = None,
) -> None:
    """Store all live objects again; rows of objects that are gone are kept. Safe beside a running controller."""
    from controller.cli.connect import with_cluster
    from controller.cli.live import live_objects
    from controller.metastore.rebuild import rebuild as store_all

    with _errors_told():
        observed = with_cluster(context, live_objects)
        count = store_all(url, [lambda: observed])
        typer.echo(f"Stored {count} objects; rows of objects that are gone were kept")


def _schema(revision: str | None) -> str:
    return f"schema {revision}" if revision else "no schema"


@contextmanager
def _errors_told() -> Iterator[None]:
    from controller.errors import SlipwayError

    try:
        yield
    except SlipwayError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)


def _newest(url: str, limit: int, namespace: str | None, dag: str | None) -> Sequence[Sequence[str]]:
    from controller.metastore.queries import list_runs, open_session, run_tasks

    lines = [("RUN", "TASK", "STATE", "TRY", "STARTED", "FINISHED", "REASON")]
    with open_session(url) as session:
        for run in list_runs(session, namespace, dag, limit).runs:
            times = (_clock(run.started_at), _clock(run.finished_at))
            lines.append((f"{run.namespace}/{run.name}", run.progress or "", run.state, "", *times, run.reason or ""))
            for task in run_tasks(session, run.uid):
                name = task.task if task.map_index < 0 else f"{task.task}[{task.map_index}]"
                times = (_clock(task.started_at), _clock(task.finished_at))
                lines.append(("", name, task.state, str(task.attempt or ""), *times, task.reason or ""))
    return lines


def _clock(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _table(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
