"""`slipway sync` as words: names and options -> sync.py."""

from typing import Annotated

import typer

from controller.cli.operations import Context, Namespace

app = typer.Typer()


@app.command()
def sync(  # noqa: PLR0913 one parameter for each word of the command line
    source: Annotated[
        str, typer.Argument(metavar="DIR|URL", help="A folder, or a git URL: https://host/team/dags.git[@REF].")
    ],
    path: Annotated[str | None, typer.Option(metavar="DIR", help="Only this folder of it.")] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete Dags that this folder gave before and holds no more, runs and all.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done; the API server checks.")] = (
        False
    ),
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 3, not 0, where nothing had to be changed.")
    ] = False,
    watch: Annotated[
        float | None,
        typer.Option(min=1, metavar="SECONDS", help="Do it again and again, with this pause."),
    ] = None,
    probe_port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, metavar="PORT", help="With --watch: serve /healthz, /readyz and /metrics."),
    ] = None,
    id_: Annotated[
        str | None,
        typer.Option("--id", metavar="NAME", help="The folder's name in the cluster. Default: made."),
    ] = None,
    namespace: Namespace = None,
    context: Context = None,
) -> None:
    """Bring the Dags and Pools of a folder into the cluster: its *.yaml and *.yml, at any depth.

    A file with a fault is told and left out, the rest is applied; a line for each: created, configured, unchanged,
    invalid, pruned. Exit code: 0 when the cluster is as the folder is, 1 when a file is invalid or was refused, 2 for
    a wrong command line, 5 when no cluster answers.

    What is applied gets the label slipway.dev/synced-by: by it --prune knows what came from this folder. Give --id
    where the folder lies elsewhere each time, as in CI.

    \b
    slipway sync dags/ --dry-run
    slipway sync dags/ --prune -n team
    slipway sync https://git.example.org/team/dags.git@main --path dags --prune --watch 60
    """
    from controller.cli.sync import Asked
    from controller.cli.sync import sync as sync_folder

    asked = Asked(source, path, id_, prune, dry_run, exit_code, watch, probe_port)
    raise typer.Exit(sync_folder(asked, (namespace, context)))
