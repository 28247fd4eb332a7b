"""`slipway next`: a Dag's file and an instant -> the automated runs that come next."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from controller.cli.manifest import load_dag
from controller.decide.calendar import Slot, next_runs
from controller.model.dag import OnEnable, Schedule
from controller.model.timestamps import format_time, parse_time

_ROW = "{:<24}{:<24}{:<24}{}"


class NextOutput(StrEnum):
    """How the runs are printed."""

    TABLE = "table"
    JSON = "json"


def next_command(  # noqa: PLR0913 - one parameter for each word of the command line
    file: Annotated[str, typer.Argument(metavar="FILE", help="A Dag in YAML or JSON; - is standard input.")],
    now: Annotated[str | None, typer.Option(metavar="T", help="The instant to answer for. Default: now.")] = None,
    last: Annotated[
        str | None, typer.Option(metavar="T", help="The logical date of the last automated run. Default: none yet.")
    ] = None,
    count: Annotated[int, typer.Option(min=0, help="How many runs to print at most.")] = 5,
    on_enable: Annotated[
        OnEnable | None, typer.Option(help="What a Dag just enabled does, in place of its own onEnable.")
    ] = None,
    output: Annotated[NextOutput, typer.Option("--output", "-o", help="The form of the answer.")] = NextOutput.TABLE,
) -> None:
    """Print the automated runs that come next. No cluster is asked."""
    at = _time("--now", now) if now is not None else datetime.now(UTC)
    before = _time("--last", last) if last is not None else None
    schedule: Schedule | None = load_dag(file).spec.schedule
    slots = next_runs(schedule, at, before, on_enable, count) if schedule is not None else []
    typer.echo(print_slots(slots, output))


def print_slots(slots: list[Slot], output: NextOutput) -> str:
    """The slots as the text that other programs, or people, read."""
    rows = [_record(slot) for slot in slots]
    if output is NextOutput.JSON:
        return json.dumps(rows, indent=2)
    if not rows:
        return "No automated run comes."
    table = [_ROW.format("LOGICAL DATE", "START", "END", "RUN AFTER"), *(_ROW.format(*row.values()) for row in rows)]
    return "\n".join(table)


def _record(slot: Slot) -> dict[str, str]:
    return {
        "logicalDate": format_time(slot.logical_date),
        "start": format_time(slot.start),
        "end": format_time(slot.end),
        "runAfter": format_time(slot.run_after),
    }


def _time(option: str, text: str) -> datetime:
    try:
        return parse_time(text)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(str(error), param_hint=option) from error
