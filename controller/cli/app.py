"""The command line: names and options -> the functions of this folder."""

import sys
from typing import Annotated, Final

import typer

from controller import __version__
from controller.cli.db import app as db_app
from controller.errors import SlipwayError, Usage

app: Final = typer.Typer(
    name="slipway",
    help="Airflow's scheduling on Kubernetes' own parts: Dags are resources, tasks are Pods.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Files = Annotated[
    list[str], typer.Argument(metavar="FILE...", help="Dag manifests in YAML or JSON; - is standard input.")
]
File = Annotated[str, typer.Argument(metavar="FILE", help="A Dag manifest in YAML or JSON; - is standard input.")]
Output = Annotated[str, typer.Option("-o", "--output", help="table or json.")]


@app.command()
def validate(files: Files) -> None:
    """Check Dag manifests, without a cluster: one line `FILE: path: message` per fault; exit code 1 if there is one."""
    from controller.cli.validate import validate_files

    raise typer.Exit(validate_files(files))


@app.command()
def priorities(file: File, output: Output = "table") -> None:
    """Show each task's effective weight, by which the queue is ordered."""
    from controller.cli.priorities import show_priorities

    show_priorities(file, output)


@app.command(name="next")
def next_runs(  # noqa: PLR0913 one parameter for each word of the command line
    file: File,
    now: Annotated[str | None, typer.Option(metavar="T", help="The instant to answer for. Default: now.")] = None,
    last: Annotated[
        str | None, typer.Option(metavar="T", help="The logical date of the last automated run. Default: none yet.")
    ] = None,
    count: Annotated[int, typer.Option(min=0, help="How many runs to print at most.")] = 5,
    on_enable: Annotated[
        str | None, typer.Option(help="What a Dag just enabled does, in place of its own onEnable: wait or run-latest.")
    ] = None,
    output: Output = "table",
) -> None:
    """Print the automated runs that come next, without a cluster."""
    from controller.cli.next_runs import Asked, show_next

    show_next(Asked(file, now, last, count, on_enable), output)


@app.command()
def version() -> None:
    """Print Slipway's version."""
    print(__version__)


@app.command()
def controller() -> None:
    """Run the scheduler. Settings come from environment variables SLIPWAY_*: see docs/settings.md."""
    from controller.cli.controller import run_controller

    run_controller()


app.add_typer(db_app, name="db")


def main() -> None:
    """Run the command line; what the user can mend is one line on standard error."""
    try:
        app()
    except Usage as error:
        print(f"slipway: {error}", file=sys.stderr)
        sys.exit(2)
    except SlipwayError as error:
        print(f"slipway: {error}", file=sys.stderr)
        sys.exit(1)
