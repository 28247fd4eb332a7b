"""The command line: names and options -> the functions of this folder."""

import sys
from typing import Annotated, Final

import typer

from controller import __version__
from controller.cli.alerts import app as alerts_app
from controller.cli.approve import app as approve_app
from controller.cli.backfill import app as backfill_app
from controller.cli.completion import dag_names
from controller.cli.db import app as db_app
from controller.cli.folders import app as folders_app
from controller.cli.looking import app as looking_app
from controller.cli.operations import app as operations_app
from controller.cli.safety import app as safety_app
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

Namespace = Annotated[str | None, typer.Option("-n", "--namespace", help="Default: the kubeconfig's.")]
Context = Annotated[str | None, typer.Option(help="A context of the kubeconfig. Default: the current one.")]


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
def simulate(  # noqa: PLR0913 one parameter for each word of the command line
    file: File,
    outcomes: Annotated[
        str, typer.Option(metavar="JSON", help="Task to success, failed, skipped, or a list with one per attempt.")
    ] = "{}",
    durations: Annotated[str, typer.Option(metavar="JSON", help="Task to seconds per attempt. Default: 1.")] = "{}",
    outputs: Annotated[str, typer.Option(metavar="JSON", help="Task to what a successful attempt gives.")] = "{}",
    params: Annotated[
        str, typer.Option(metavar="JSON", help="Param to value. Default: the Dag's own defaults.")
    ] = "{}",
    logical_date: Annotated[
        str | None, typer.Option(metavar="T", help="The time that the run is about, and when it begins.")
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="T", help="With --to: the scheduled runs of that span instead.")
    ] = None,
    to: Annotated[str | None, typer.Option(metavar="T", help="The end of the span.")] = None,
    output: Output = "table",
) -> None:
    """Let the real scheduler decide runs in virtual time, without a cluster, and print how they go."""
    from controller.cli.simulate import Asked, show_simulation

    show_simulation(Asked(file, outcomes, durations, outputs, params, logical_date, from_, to), output)


@app.command(name="test")
def run_dag_tests(
    paths: Annotated[
        list[str], typer.Argument(metavar="FILE|DIR...", help="Files with DagTests; of a folder all that it holds.")
    ],
    junit: Annotated[str | None, typer.Option(metavar="FILE", help="Write the results as JUnit's XML too.")] = None,
    output: Output = "table",
) -> None:
    """Simulate the cases of DagTests; exit code 1 if one does not go as it expects, 2 if a file can't be used."""
    from controller.cli.dag_tests import Asked, run_tests

    raise typer.Exit(run_tests(Asked(paths, junit), output))


@app.command()
def trigger(  # noqa: PLR0913 one parameter for each word of the command line
    dag: Annotated[str, typer.Argument(metavar="DAG", help="The Dag to run.", autocompletion=dag_names)],
    param: Annotated[
        list[str] | None,
        typer.Option("-p", "--param", metavar="NAME=VALUE", help="A param; JSON, or text. Repeatable."),
    ] = None,
    params_file: Annotated[str | None, typer.Option(metavar="FILE", help="Params as one object, YAML or JSON.")] = None,
    logical_date: Annotated[str | None, typer.Option(metavar="T", help="The time that the run is about.")] = None,
    note: Annotated[str | None, typer.Option(help="Anything you want to say about the run.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the DagRun as JSON and create nothing.")] = False,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait", help="Wait for the end. Exit code: 0 success, 1 failed, 4 cancelled or deleted, 124 late."
        ),
    ] = False,
    timeout: Annotated[float | None, typer.Option(min=0, help="With --wait: seconds to wait at most.")] = None,
    namespace: Namespace = None,
    context: Context = None,
) -> None:
    """Run a Dag now: create a DagRun."""
    from controller.cli.trigger import Asked
    from controller.cli.trigger import trigger as create_run

    params = tuple(param or ())
    asked = Asked(dag, namespace, context, params, params_file, logical_date, note, dry_run, wait, timeout)
    raise typer.Exit(create_run(asked))


@app.command(name="release-pods")
def release_pods(
    namespace: Annotated[
        list[str] | None, typer.Option("-n", "--namespace", help="Only there. Repeatable. Default: everywhere.")
    ] = None,
    stop_deployment: Annotated[
        str | None, typer.Option(metavar="NAMESPACE/NAME", help="First stop the controller, this Deployment.")
    ] = None,
    context: Context = None,
) -> None:
    """Take Slipway's finalizer off all tasks' Pods. `helm uninstall` does so by itself."""
    from controller.cli.release_pods import release_pods as release

    release(context, namespace or [], stop_deployment)


@app.command(name="self-test")
def self_test(
    namespace: Namespace = None,
    url: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="An address that has to answer 200 first. Repeatable.")
    ] = None,
    timeout: Annotated[float, typer.Option(min=1, metavar="SECONDS", help="How long the run may take.")] = 120,
    context: Context = None,
) -> None:
    """Run a Dag of one task and delete it again: does Slipway work there? `helm test` does so by itself.

    Exit code: 0 when the task succeeded, 1 when it or an address failed, 5 when no cluster answers, 124 when it took
    too long.
    """
    from controller.cli.self_test import self_test as test_here

    raise typer.Exit(test_here(url or [], (namespace, context), timeout))


@app.command()
def version() -> None:
    """Print Slipway's version."""
    print(__version__)


@app.command()
def controller() -> None:
    """Run the scheduler. Settings come from environment variables SLIPWAY_*: see docs/operating.md."""
    from controller.cli.controller import run_controller

    run_controller()


@app.command()
def web(
    host: Annotated[str | None, typer.Option(help="The address to listen on. Default: 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port. Default: 8000.")] = None,
    insecure_cookies: Annotated[
        bool | None, typer.Option("--insecure-cookies", help="Let the session cookie go over plain HTTP too.")
    ] = None,
    insecure_anonymous: Annotated[
        bool | None,
        typer.Option(
            "--insecure-anonymous",
            help="Let callers without a token act with YOUR credentials: whoever reaches the port has your power.",
        ),
    ] = None,
) -> None:
    """Serve the REST API and the UI, which read the database that the controller writes.

    Callers bring their own Kubernetes token, and may here what it lets them do there: `kubectl create token NAME`
    makes one. The database is SLIPWAY_DATABASE_URL; the other settings are variables SLIPWAY_WEB_*, see docs/api.md.
    """
    from controller.cli.web import run_web_server

    given = {"host": host, "port": port, "insecure_cookies": insecure_cookies, "insecure_anonymous": insecure_anonymous}
    run_web_server(given)


app.add_typer(operations_app)
app.add_typer(looking_app)
app.add_typer(approve_app)
app.add_typer(folders_app)
app.add_typer(safety_app)
app.add_typer(backfill_app, name="backfill")
app.add_typer(alerts_app, name="alerts")
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
