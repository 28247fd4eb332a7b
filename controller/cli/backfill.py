"""`slipway backfill ...`: names and options -> the functions of new_backfill.py and steer.py."""

from collections.abc import Awaitable
from typing import Annotated, Any

import typer

from controller.cli.completion import dag_names

app = typer.Typer(help="Runs for a stretch of a Dag's past: plan, approve, pause, cancel.", no_args_is_help=True)

Namespace = Annotated[str | None, typer.Option("-n", "--namespace", help="Default: the kubeconfig's.")]
Context = Annotated[str | None, typer.Option(help="A context of the kubeconfig. Default: the current one.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The Backfill.")]


@app.command()
def create(  # noqa: PLR0913 one parameter for each word of the command line
    dag: Annotated[str, typer.Argument(metavar="DAG", help="The Dag; it needs a schedule.", autocompletion=dag_names)],
    from_date: Annotated[str, typer.Option(metavar="T", help="The earliest logical date, included.")],
    to_date: Annotated[str, typer.Option(metavar="T", help="The latest logical date, included.")],
    name: Annotated[str | None, typer.Option(help="The Backfill's name. Default: the Dag's, with the time.")] = None,
    reprocess: Annotated[
        str, typer.Option(help="Runs that have ended: none, failed (ones again) or completed.")
    ] = "none",
    gaps: Annotated[bool, typer.Option("--gaps", help="Only intervals in which the Dag has no run at all.")] = False,
    max_active_runs: Annotated[int, typer.Option(min=1, max=1000, help="Runs unfinished at once.")] = 10,
    run_backwards: Annotated[bool, typer.Option("--run-backwards", help="The newest first.")] = False,
    param: Annotated[
        list[str] | None, typer.Option("-p", "--param", metavar="NAME=VALUE", help="A param. Repeatable.")
    ] = None,
    plan_only: Annotated[bool, typer.Option("--plan-only", help="Wait for `slipway backfill approve`.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and create nothing.")] = False,
    namespace: Namespace = None,
    context: Context = None,
) -> None:
    """Create runs for the slots of a Dag's schedule between two times.

    A time is 2026-01-31 (UTC) or 2026-01-31T06:00:00Z. Only intervals that have ended are taken. A slot that has a run
    keeps it, unless --reprocess says that it is cleared.

    slipway backfill create etl --from-date 2026-01-01 --to-date 2026-01-31 --dry-run
    """
    from controller.cli.new_backfill import Asked, create_backfill

    how = {"reprocess": reprocess, "gaps": gaps, "maxActiveRuns": max_active_runs, "runBackwards": run_backwards}
    asked = Asked(dag, (from_date, to_date), name, {**how, "approved": not plan_only}, tuple(param or ()), dry_run)
    _in_cluster((namespace, context), lambda cluster, space: create_backfill(cluster, space, asked))


@app.command(name="list")
def list_(namespace: Namespace = None, context: Context = None) -> None:
    """List the backfills of the namespace, the newest first."""
    from controller.cli.new_backfill import list_backfills

    _in_cluster((namespace, context), list_backfills)


@app.command()
def approve(name: Name, namespace: Namespace = None, context: Context = None) -> None:
    """Let a backfill that was only planned begin."""
    _steer((namespace, context), name, "approved", (True, "approved"))


@app.command()
def pause(name: Name, namespace: Namespace = None, context: Context = None) -> None:
    """Start no more runs of a backfill; those at work go on."""
    _steer((namespace, context), name, "paused", (True, "paused"))


@app.command()
def resume(name: Name, namespace: Namespace = None, context: Context = None) -> None:
    """Let a paused backfill go on."""
    _steer((namespace, context), name, "paused", (False, "resumed"))


@app.command()
def cancel(
    name: Name,
    force: Annotated[bool, typer.Option("--force", help="End the runs that are at work, too.")] = False,
    namespace: Namespace = None,
    context: Context = None,
) -> None:
    """End a backfill: runs that have not begun are cancelled, those at work go on unless --force."""
    _steer((namespace, context), name, "cancel", ("force" if force else "graceful", "cancelled"))


def _steer(where: tuple[str | None, str | None], name: str, field: str, to: tuple[Any, str]) -> None:
    from controller.cli.steer import Change, steer
    from controller.model.action import Kind
    from controller.model.metadata import Key

    def work(cluster: Any, space: str) -> Awaitable[int]:
        return steer(cluster, Change(Kind.BACKFILL, Key(space, name), field, *to))

    _in_cluster(where, work)


def _in_cluster(where: tuple[str | None, str | None], work: Any) -> None:
    from controller.cli.connect import exit_code

    raise typer.Exit(exit_code(where, work))
