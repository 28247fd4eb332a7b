"""The commands that act on runs: names and options -> ask_run.py and steer.py."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from controller.cli.completion import dag_names, run_names, task_names, tasks_and_states

if TYPE_CHECKING:  # what is heavy is imported inside the commands
    from controller.cli.clear import Asked

app = typer.Typer()

Namespace = Annotated[str | None, typer.Option("-n", "--namespace", help="Default: the kubeconfig's.")]
Context = Annotated[str | None, typer.Option(help="A context of the kubeconfig. Default: the current one.")]
Run = Annotated[str, typer.Argument(metavar="RUN", help="The DagRun, or DAG@latest.", autocompletion=run_names)]
MaybeDag = Annotated[str | None, typer.Argument(metavar="[DAG]", help="The Dag.", autocompletion=dag_names)]
RunInstead = Annotated[
    str | None, typer.Option("--run", metavar="RUN", help="A run, in place of a Dag.", autocompletion=run_names)
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done; the controller works it out.")]
Yes = Annotated[bool, typer.Option("-y", "--yes", help="Do it without asking.")]


@app.command()
def clear(  # noqa: PLR0913 one parameter for each word of the command line
    run: Run,
    tasks: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TASK]...", help="Tasks, groups, or one instance: load[3].", autocompletion=task_names),
    ] = None,
    upstream: Annotated[bool, typer.Option("--upstream", help="Also everything before them.")] = False,
    downstream: Annotated[bool, typer.Option("--downstream", help="Also everything behind them.")] = False,
    only_failed: Annotated[bool, typer.Option("--only-failed", help="Of all these only what failed.")] = False,
    past: Annotated[bool, typer.Option("--past", help="The same in all earlier runs of the Dag, too.")] = False,
    future: Annotated[bool, typer.Option("--future", help="The same in all later runs of the Dag, too.")] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    namespace: Namespace = None,
    context: Context = None,
) -> None:
    """Let tasks of a run begin anew; without TASK, all of them.

    What runs is ended first. A run that had ended is queued again; of a cancelled one spec.cancel is taken away. Setups
    that a cleared task needs are cleared along, with their teardowns. Attempts that were made stay on record.

    slipway clear etl-20260101t060000 load --downstream     from load on
    slipway clear etl-20260101t060000 --only-failed -y      what failed, without asking
    slipway clear etl-20260101t060000 'load[3]' --dry-run   what would one instance touch?
    slipway clear etl@latest load --past --only-failed      in this and all earlier runs
    """
    from controller.cli.clear import Asked

    how = {"upstream": upstream, "downstream": downstream, "onlyFailed": only_failed}
    _ask((namespace, context), Asked(run, {"tasks": tasks or [], **how}, past, future, dry_run, yes))


@app.command()
def rerun(
    run: Run, dry_run: DryRun = False, yes: Yes = False, namespace: Namespace = None, context: Context = None
) -> None:
    """Run a whole run again: clear all of its tasks."""
    from controller.cli.clear import Asked

    _ask((namespace, context), Asked(run, {}, dry_run=dry_run, yes=yes))


@app.command()
def retry(
    run: Run, dry_run: DryRun = False, yes: Yes = False, namespace: Namespace = None, context: Context = None
) -> None:
    """Go on where a run failed: clear what failed, what was not run for it, and the setups that this needs."""
    from controller.cli.clear import Asked

    _ask((namespace, context), Asked(run, {"onlyFailed": True}, dry_run=dry_run, yes=yes))


@app.command()
def mark(  # noqa: PLR0913 one parameter for each word of the command line
    run: Run,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[TASK]... STATE",
            help="Tasks, then success, failed or skipped.",
            autocompletion=tasks_and_states,
        ),
    ],
    upstream: Annotated[bool, typer.Option("--upstream", help="Also everything before them.")] = False,
    downstream: Annotated[bool, typer.Option("--downstream", help="Also everything behind them.")] = False,
    past: Annotated[bool, typer.Option("--past", help="The same in all earlier runs of the Dag, too.")] = False,
    future: Annotated[bool, typer.Option("--future", help="The same in all later runs of the Dag, too.")] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    namespace: Namespace = None,
    context: Context = None,
) -> None:
    """Give tasks of a run an end state by hand; without TASK, the run as a whole.

    A task that runs is ended. What failed behind a task for its sake is cleared, so that the run goes on from there. A
    run as a whole can be marked success or failed: what is at work then ends so, the rest is skipped.

    slipway mark etl-20260101t060000 load success
    slipway mark etl-20260101t060000 failed
    slipway mark etl@latest load success --past -y      in this and all earlier runs
    """
    from controller.cli.clear import Asked
    from controller.errors import Usage

    *tasks, state = words
    if state not in ("success", "failed", "skipped"):
        raise Usage(f"{state} is not a state: the last word is success, failed or skipped")
    fields = {"state": state, "tasks": tasks, "upstream": upstream, "downstream": downstream}
    sure = yes or not (past or future)  # one run is marked as it is told
    _ask((namespace, context), Asked(run, fields, past, future, dry_run, sure, "mark", f"marked {state}"))


@app.command()
def pause(
    dag: MaybeDag = None,
    run: RunInstead = None,
    namespace: Namespace = None,
    context: Context = None,
) -> None:
    """Start nothing new of a Dag: no runs, no tasks. With --run, no tasks of that run. What runs goes on."""
    _steer((namespace, context), dag, run, (True, "paused"))


@app.command()
def resume(
    dag: MaybeDag = None,
    run: RunInstead = None,
    namespace: Namespace = None,
    context: Context = None,
) -> None:
    """Let a paused Dag, or with --run a paused run, go on."""
    _steer((namespace, context), dag, run, (False, "resumed"))


@app.command()
def cancel(
    run: Run,
    force: Annotated[bool, typer.Option("--force", help="Kill Pods at once, and run no teardowns.")] = False,
    namespace: Namespace = None,
    context: Context = None,
) -> None:
    """End a run as Failed: its Pods get their grace period and teardowns still run, unless --force."""
    from controller.cli.latest import run_named
    from controller.cli.steer import Change, steer
    from controller.model.action import Kind
    from controller.model.metadata import Key

    async def work(cluster: Any, space: str) -> int:
        key = Key(space, await run_named(cluster, space, run))
        how = "force" if force else "graceful"
        return await steer(cluster, Change(Kind.DAG_RUN, key, "cancel", how, "cancelled"))

    _in_cluster((namespace, context), work)


def _ask(where: tuple[str | None, str | None], asked: "Asked") -> None:
    from controller.cli.clear import ask_runs

    _in_cluster(where, lambda cluster, space: ask_runs(cluster, space, asked))


def _steer(where: tuple[str | None, str | None], dag: str | None, run: str | None, to: tuple[bool, str]) -> None:
    from controller.cli.latest import run_named
    from controller.cli.steer import Change, steer
    from controller.errors import Usage
    from controller.model.action import Kind
    from controller.model.metadata import Key

    if (dag is None) == (run is None):
        raise Usage("name either a Dag or, with --run, a run")

    async def work(cluster: Any, space: str) -> int:
        if dag is not None:
            return await steer(cluster, Change(Kind.DAG, Key(space, dag), "paused", *to))
        key = Key(space, await run_named(cluster, space, str(run)))
        return await steer(cluster, Change(Kind.DAG_RUN, key, "paused", *to))

    _in_cluster(where, work)


def _in_cluster(where: tuple[str | None, str | None], work: Callable[[Any, str], Awaitable[int]]) -> None:
    from controller.cli.connect import exit_code

    raise typer.Exit(exit_code(where, work))
