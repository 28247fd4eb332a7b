"""The commands that look and change nothing: names and options -> why/, diff.py, logs.py, doctor/ and so on."""

from typing import Annotated

import typer

from controller.cli.completion import run_names, task_names
from controller.cli.operations import Context, Namespace, Run

app = typer.Typer()

Timeout = Annotated[
    float | None, typer.Option(min=0, metavar="SECONDS", help="Wait so long at most. Default: for ever.")
]


@app.command()
def why(
    run: Run,
    task: Annotated[
        str | None,
        typer.Argument(
            metavar="[TASK]",
            help="A task, or one instance: load[3]. Default: the whole run.",
            autocompletion=task_names,
        ),
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
        str | None,
        typer.Argument(metavar="[RUN]", help="Another run. Default: the Dag as it is now.", autocompletion=run_names),
    ] = None,
    namespace: Namespace = None,
    context: Context = None,
) -> None:
    """Compare the Dag that a run works with to the one of now, or of another run.

    Exit code: 0 when they are the same, 1 when they differ, 2 when there is nothing to compare.
    """
    from controller.cli.diff import Asked, show_diff

    raise typer.Exit(show_diff(Asked(run, other, namespace, context)))


@app.command()
def logs(  # noqa: PLR0913 one parameter for each word of the command line
    run: Run,
    task: Annotated[
        str | None,
        typer.Argument(
            metavar="[TASK]", help="A task, or one instance: load[3]. Default: all.", autocompletion=task_names
        ),
    ] = None,
    follow: Annotated[
        bool, typer.Option("-f", "--follow", help="Go on as tasks write, until the run or the named task ends.")
    ] = False,
    attempt: Annotated[
        int | None, typer.Option("--try", min=1, metavar="N", help="This attempt. Default: the newest.")
    ] = None,
    tail: Annotated[int | None, typer.Option(min=0, metavar="N", help="Only the last lines of each task.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="SPAN", help="Only what was written in the last 90s, 10m, 2h or 1d.")
    ] = None,
    timestamps: Annotated[bool, typer.Option("--timestamps", help="Begin each line with its time.")] = False,
    grep: Annotated[
        str | None, typer.Option(metavar="RE", help="Of these, only lines in which this regular expression is found.")
    ] = None,
    namespace: Namespace = None,
    context: Context = None,
) -> None:
    """Print what the tasks of a run have written. Of several tasks, each line begins with its task.

    The logs come from the Pods. Where one is gone, the command says where its archived log is, exit code 1; the same
    code, and why, where a task has not started.

    \b
    slipway logs etl@latest                       all tasks of the newest run
    slipway logs etl-20260101t060000 load -f      as load writes it
    slipway logs etl@latest 'load[3]' --try 1     the first attempt of one instance
    slipway logs etl@latest --since 10m --grep 'ERROR|WARN'
    """
    from controller.cli.logs import Asked, show_logs

    asked = Asked(run, task, follow, attempt, tail, since, timestamps, grep)
    raise typer.Exit(show_logs(asked, (namespace, context)))


@app.command()
def wait(run: Run, timeout: Timeout = None, namespace: Namespace = None, context: Context = None) -> None:
    """Wait until a run ends, and exit as it ended.

    Exit code: 0 success, 1 failed, 4 cancelled, deleted or never there, 5 no cluster, 124 not in time, 130 Ctrl-C. The
    run goes on whatever becomes of the command.

    slipway wait etl@latest --timeout 3600 && ./publish
    """
    from controller.cli.waiting import Asked
    from controller.cli.waiting import wait as wait_for

    raise typer.Exit(wait_for(Asked(run, namespace, context, timeout)))


@app.command()
def watch(run: Run, timeout: Timeout = None, namespace: Namespace = None, context: Context = None) -> None:
    """Show the states of a run's tasks as they change, one line a change, until the run ends.

    Exit codes are those of `slipway wait`. The cluster is looked at twice a second, less often for runs of more than
    250 tasks, so a state that lasts shorter may be left out.
    """
    from controller.cli.waiting import Asked
    from controller.cli.watch import watch as watch_run

    raise typer.Exit(watch_run(Asked(run, namespace, context, timeout)))


@app.command()
def doctor(
    namespace: Annotated[
        str | None, typer.Option("-n", "--namespace", help="Look at Dags, runs and Pods there. Default: everywhere.")
    ] = None,
    system: Annotated[
        str | None, typer.Option(metavar="NAMESPACE", help="Where the controller is. Default: wherever it is found.")
    ] = None,
    patience: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="What waits longer than this is told.")
    ] = 600,
    output: Annotated[str, typer.Option("-o", "--output", help="table or json.")] = "table",
    context: Context = None,
) -> None:
    """Look for what is wrong with Slipway in this cluster, and say how to mend it. Changes nothing.

    It needs a kubeconfig and no more; what you may not read is skipped, and said so. With SLIPWAY_DATABASE_URL it looks
    into the metastore, too. Exit code: 0 all is well or only warnings, 1 something does not work, 5 no cluster.
    """
    from datetime import timedelta

    from controller.cli.doctor import Asked, show_doctor

    asked = Asked(namespace, system, context, timedelta(seconds=patience))
    raise typer.Exit(show_doctor(asked, output))
