"""`slipway alerts ...`: the targets of alerts from a terminal, where their folder is: in the controller's Pod."""

import os
from datetime import UTC, datetime
from typing import Annotated

import typer

app = typer.Typer(help="The targets of alerts: list them, try them.", no_args_is_help=True)

Folder = Annotated[
    str,
    typer.Option(
        envvar="SLIPWAY_ALERTS_FOLDER",
        help="Where the targets are: a file's name is the target's, its lines apprise URLs.",
        show_default=False,
        show_envvar=True,
    ),
]


@app.command(name="list")
def list_targets(
    folder: Folder, output: Annotated[str, typer.Option("-o", "--output", help="table or json.")] = "table"
) -> None:
    """List the targets: how many URLs each has, of which services, and whose Dags may use it. No URL is printed."""
    from controller.act.alert_targets import read_target, read_targets
    from controller.cli.output import check_format, print_json, print_table

    check_format(output)
    _check(folder)
    rows = []
    for name in read_targets(folder):
        file = read_target(folder, name)
        services = [url.partition("://")[0] for url in file.urls]
        rows.append((name, services, sorted(filter(None, file.target.namespaces)), not file.target.namespaces))
    if output == "json":
        print_json([{"name": name, "services": of, "namespaces": None if all_ else to} for name, of, to, all_ in rows])
        return
    lines = [(name, ", ".join(of) or "none", "all" if all_ else ", ".join(to) or "none") for name, of, to, all_ in rows]
    print_table(("TARGET", "SERVICES", "NAMESPACES"), lines)


@app.command()
def test(
    target: Annotated[str, typer.Argument(metavar="TARGET", help="The target's name.")],
    folder: Folder,
) -> None:
    """Send a test message to a target, to all of its URLs; exit code 1 if one does not take it.

    kubectl -n slipway-system exec deployment/slipway -c controller -- slipway alerts test on-call
    """
    import asyncio

    from controller.act.alert_targets import NoTarget, read_target
    from controller.act.alerts import AlertSender
    from controller.model.alerts import SendAlert
    from controller.model.metadata import Key, Meta

    _check(folder)
    now = datetime.now(UTC)
    try:
        served = sorted(read_target(folder, target).target.namespaces)
    except NoTarget as fault:
        typer.echo(f"slipway: {fault}", err=True)
        raise typer.Exit(1) from fault
    key = f"test/{target}/{now:%Y%m%dt%H%M%S}"
    about = Meta(Key(next(filter(None, served), "test"), target), "", 0, 0, now, None, None, {}, None, 0, ())
    text = f"This is a test of target {target}. Whoever reads it hears of Slipway's alerts.\nAlert: {key}"
    action = SendAlert(about, key, target, "info", "[slipway] Test of an alert", text)
    trouble = asyncio.run(AlertSender(folder).attempt(action))
    if trouble:
        typer.echo(f"slipway: target {target} did not take it: {trouble}", err=True)
        raise typer.Exit(1)
    typer.echo(f"Target {target} has taken a test message")


def _check(folder: str) -> None:
    from controller.errors import Usage

    if not os.path.isdir(folder):
        raise Usage(
            f"--folder: {folder or 'nothing'} is not a folder: is an existingSecret for alerts set in the chart?"
        )
