"""`slipway db ...`: the metastore from a terminal."""

# What is heavy is imported inside the commands: `slipway --help` must not pay for SQLAlchemy.

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer

app = typer.Typer(help="The metastore: migrate it, check it, clean it, look into it.", no_args_is_help=True)

Url = Annotated[
    str,
    typer.Option(
        envvar="SLIPWAY_DATABASE_URL",
        help="The database: sqlite:////data/slipway.db or postgresql://user:password@host/name.",
        show_default=False,
        show_envvar=True,
    ),
]

Context = Annotated[str | None, typer.Option(help="A context of the kubeconfig. Default: the current one.")]


@app.command()
def migrate(url: Url) -> None:
    """Bring the database's schema up to date; nothing changes when it is."""
    from controller.metastore.migrate import migrate as bring_up_to_date

    with _errors_told():
        typer.echo(f"The database has schema {bring_up_to_date(url)}")


@app.command()
def check(
    url: Url,
    resources: Annotated[bool, typer.Option("--resources", help="Compare rows with live resources too.")] = False,
    output: Annotated[str, typer.Option("-o", "--output", help="table or json.")] = "table",
    namespace: Annotated[
        list[str] | None, typer.Option("--namespace", "-n", help="With --resources: only of this one. Repeatable.")
    ] = None,
    context: Context = None,
) -> None:
    """Connect, and compare the database's schema with the one this version needs; exit code 1 if they differ.

    With --resources also what the rows say with what there is in the cluster: exit code 1 if there is a difference
    that has not gone after three seconds. `slipway db rebuild` stores what is missing.
    """
    from controller.cli.db_check import Asked, show_check

    with _errors_told():
        raise typer.Exit(show_check(Asked(url, resources, output, context, tuple(namespace or ()))))


@app.command()
def clean(  # noqa: PLR0913 one parameter for each word of the command line
    url: Url,
    older: Annotated[str, typer.Option(metavar="DURATION", help="Runs that ended so long ago, such as 90d.")],
    namespace: Annotated[str | None, typer.Option("--namespace", "-n", help="Only of this namespace.")] = None,
    dag: Annotated[str | None, typer.Option(help="Only of this Dag.")] = None,
    log_store: Annotated[
        str, typer.Option(envvar="SLIPWAY_LOG_STORE", help="Where logs are kept: theirs go too.", show_envvar=True)
    ] = "metastore",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count the runs, and remove nothing.")] = False,
) -> None:
    """Remove rows of runs whose resources are gone, with tasks, attempts and logs, whatever their Dags' limits say."""
    from controller.cli.db_clean import Asked, clean_rows

    with _errors_told():
        clean_rows(Asked(url, older, namespace, dag, log_store, dry_run))


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
    context: Context = None,
) -> None:
    """Store all live objects again; rows of objects that are gone are kept. Safe beside a running controller."""
    from controller.cli.connect import with_cluster
    from controller.cli.live import live_objects
    from controller.metastore.rebuild import rebuild as store_all

    with _errors_told():
        observed = with_cluster(context, live_objects)
        count = store_all(url, [lambda: observed])
        typer.echo(f"Stored {count} objects; rows of objects that are gone were kept")


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
