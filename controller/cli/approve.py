"""The commands about questions that tasks ask people: names and options -> answering.py."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from controller.cli.operations import Context, Namespace

app = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="NAME", help="The Approval; or with TASK the run, or DAG@latest.")]
Task = Annotated[str | None, typer.Argument(metavar="[TASK]", help="The task that asks, or one instance: load[3].")]
Comment = Annotated[str | None, typer.Option(help="Anything you want to say about it.")]


@app.command()
def approvals(
    every: Annotated[bool, typer.Option("--all", help="Also those that are answered or over.")] = False,
    output: Annotated[str, typer.Option("-o", "--output", help="table or json.")] = "table",
    namespace: Namespace = None,
    context: Context = None,
) -> None:
    """List the questions that wait for an answer, the oldest first."""
    from controller.cli.answering import show_approvals

    _in_cluster((namespace, context), lambda cluster, space: show_approvals(cluster, space, output, every=every))


@app.command()
def approve(  # noqa: PLR0913 one parameter for each word of the command line
    name: Name,
    task: Task = None,
    answer: Annotated[
        str | None, typer.Option(help="One of the options. Default: approve, or the one besides reject.")
    ] = None,
    comment: Comment = None,
    namespace: Namespace = None,
    context: Context = None,
) -> None:
    """Answer the question of a task, so that its run goes on. An answer can be given once.

    slipway approve rides-1-may-we-1
    slipway approve rides@latest may-we --answer publish --comment 'Looks good'
    """
    _answer((namespace, context), (name, task), answer, comment)


@app.command()
def reject(
    name: Name,
    task: Task = None,
    comment: Comment = None,
    namespace: Namespace = None,
    context: Context = None,
) -> None:
    """Answer `reject` to the question of a task: the task fails."""
    _answer((namespace, context), (name, task), "reject", comment)


def _answer(
    where: tuple[str | None, str | None], which: tuple[str, str | None], answer: str | None, comment: str | None
) -> None:
    from controller.cli.answering import Asked, give_answer

    asked = Asked(*which, answer, comment)
    _in_cluster(where, lambda cluster, space: give_answer(cluster, space, asked))


def _in_cluster(where: tuple[str | None, str | None], work: Callable[[Any, str], Awaitable[int]]) -> None:
    from controller.cli.connect import exit_code

    raise typer.Exit(exit_code(where, work))
