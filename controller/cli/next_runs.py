"""`slipway next FILE`: a Dag and an instant -> the automated runs that come next."""

from dataclasses import dataclass
from datetime import UTC, datetime

from controller.cli.manifest import load_dag
from controller.cli.output import check_format, print_json, print_table
from controller.decide.calendar import Slot, next_runs
from controller.errors import Usage
from controller.model.schedule import OnEnable
from controller.model.timestamps import format_time, parse_time


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says, as text."""

    file: str
    now: str | None
    """None = the clock's."""
    last: str | None
    """The logical date of the last automated run; None = there was none."""
    count: int
    on_enable: str | None
    """`wait` or `run-latest`; None = as the Dag says."""


def show_next(asked: Asked, output: str) -> None:
    """Print the runs; Usage when a word of the command line can't be read."""
    check_format(output)
    now = _time("--now", asked.now) or datetime.now(UTC)
    last = _time("--last", asked.last)
    on_enable = _on_enable(asked.on_enable)
    schedule = load_dag(asked.file).spec.schedule
    rows = []
    if schedule is not None and schedule.has_times:
        rows = [_row(slot) for slot in next_runs(schedule, now, last, on_enable, asked.count)]
    if output == "json":
        print_json(rows)
    elif rows:
        print_table(("LOGICAL DATE", "START", "END", "RUN AFTER"), [tuple(row.values()) for row in rows])
    else:
        print("No automated run comes next.")


def _row(slot: Slot) -> dict[str, str]:
    return {
        "logicalDate": format_time(slot.logical_date),
        "start": format_time(slot.start),
        "end": format_time(slot.end),
        "runAfter": format_time(slot.run_after),
    }


def _time(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_time(text)
    except (ValueError, OverflowError) as error:
        raise Usage(f"{option}: {error}") from error


def _on_enable(text: str | None) -> OnEnable | None:
    if text is None:
        return None
    if text not in set(OnEnable):
        raise Usage(f"--on-enable {text}: the answers are {' and '.join(OnEnable)}")
    return OnEnable(text)
