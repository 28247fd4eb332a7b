"""The commands that look at runs and change nothing: names and options -> why/ and diff.py."""

from typing import Annotated

import typer

from controller.cli.operations import Context, Namespace, Run

app = typer.Typer()


@app.command()
def why(
    run: Run,
    task: Annotated[
        str | None, typer.Argument(metavar="[TASK]", help="A task, or one instance: load[3]. Default: the whole run.")
    ] = None,
    output: Annotated[str, typer.Option("-o", "--output", help="table or json.")] = "table",
    namespace: Namespace = None,
    context: Context = None,
) -> None:
    """Say why a run, or a task of it, does not run: every reason, the first to look at on top. Changes nothing."""
    from controller.cli.why import Asked, show_why

    raise typer.Exit(show_why(Asked(run, task, namespace, context), output))


@app.command()
def diff(
    run: Run,
    other: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="Another run. Default: the Dag as it is now.")
    ] = None,
    namespace: Namespace = None,
    context: Context = None,
) -> None:
    """Compare the Dag that a run works with to the one of now, or of another run.

    Exit code: 0 when they are the same, 1 when they differ, 2 when there is nothing to compare.
    """
    from controller.cli.diff import Asked, show_diff

    raise typer.Exit(show_diff(Asked(run, other, namespace, context)))
