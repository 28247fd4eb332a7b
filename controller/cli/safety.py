"""The commands `slipway backup` and `slipway restore`, as the command line offers them."""

# What is heavy is imported inside the commands: `slipway --help` must not pay for SQLAlchemy.

from dataclasses import replace
from typing import Annotated

import typer

app = typer.Typer()

Place = Annotated[str, typer.Argument(metavar="PLACE", help="A file, - for standard output or input, or s3://...")]
Url = Annotated[
    str | None,
    typer.Option(
        envvar="SLIPWAY_DATABASE_URL",
        help="The database: sqlite:////data/slipway.db or postgresql://user:password@host/name.",
        show_default=False,
        show_envvar=True,
    ),
]
Context = Annotated[str | None, typer.Option(help="A context of the kubeconfig. Default: the current one.")]
Namespaces = Annotated[
    list[str] | None,
    typer.Option("-n", "--namespace", help="Only resources of this one; rows are of all. Repeatable."),
]
RowsOnly = Annotated[bool, typer.Option("--rows-only", help="Only the database's rows; no cluster is needed.")]
ResourcesOnly = Annotated[bool, typer.Option("--resources-only", help="Only the cluster's resources.")]


@app.command()
def backup(  # noqa: PLR0913 one parameter for each word of the command line
    place: Place,
    url: Url = None,
    context: Context = None,
    namespace: Namespaces = None,
    rows_only: RowsOnly = False,
    resources_only: ResourcesOnly = False,
    no_logs: Annotated[bool, typer.Option("--no-logs", help="Leave out logs that are kept in the database.")] = False,
) -> None:
    """Write all resources and rows to one file, as they are now; the controller may go on meanwhile."""
    from controller.cli.backup import Asked, back_up

    spaces = tuple(namespace or ())
    asked = Asked(place, url, context, rows=not resources_only, resources=not rows_only, namespaces=spaces)
    back_up(replace(asked, logs=not no_logs))


@app.command()
def restore(  # noqa: PLR0913 one parameter for each word of the command line
    place: Place,
    url: Url = None,
    context: Context = None,
    namespace: Namespaces = None,
    rows_only: RowsOnly = False,
    resources_only: ResourcesOnly = False,
    merge: Annotated[bool, typer.Option("--merge", help="Add what a database lacks that is not empty.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only see whether the backup is whole.")] = False,
) -> None:
    """Put a backup back, while the controller is stopped: runs that had ended do not begin anew, others are paused."""
    from controller.cli.backup import Asked
    from controller.cli.backup import restore as put_back

    spaces = tuple(namespace or ())
    asked = Asked(place, url, context, rows=not resources_only, resources=not rows_only, namespaces=spaces)
    put_back(replace(asked, merge=merge, dry_run=dry_run))
