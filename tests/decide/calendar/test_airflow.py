"""Our slots against those of Airflow 3.3.2's own timetables, around the clock changes of sixteen zones.

Left out of the recording is what Airflow answers against its own rules, where ours hold:

- the reference (start, now or last run) lies between a wall time and the shifted or later run of it, which Airflow then
  no longer sees, or takes for past;
- interval mode and the newest complete interval is one that a gap shifted: Airflow takes the one after;
- interval mode, and several times lie in a gap, or a change is not of whole hours: Airflow's intervals overlap or leave
  a hole;
- every hour of some days only, and a change lies between the newest past slot and now: Airflow's is off by the change;
- several crons: each of them looks for its next time from the others' runs.
"""

from pathlib import Path

from controller.decide.calendar import Slot, next_runs
from controller.model.schedule import Schedule
from controller.model.timestamps import parse_time

_RECORDED = Path(__file__).with_name("airflow.txt")


def test_same_slots_as_airflow() -> None:
    """Every recorded question has Airflow's answer."""
    lines = [line for line in _RECORDED.read_text().splitlines() if not line.startswith("#")]
    wrong = [line for line in lines if _answer(line) != line.split(" | ")[-1].split()]
    assert len(lines) > 500
    assert wrong == []


def _answer(line: str) -> list[str]:
    zone, mode, crons, policy, start, end, last, now, _ = line.split(" | ")
    schedule = Schedule.model_validate(
        {
            "crons": crons.split("; "),
            "timezone": zone,
            "mode": mode,
            "start": _time(start),
            "end": _time(end),
            "catchup": policy == "catchup",
            "onEnable": "run-latest",
        }
    )
    before = _time(last)
    slots = next_runs(schedule, parse_time(_time(now) or ""), parse_time(before) if before else None, None, 6)
    return [_print(slot, mode) for slot in slots]


def _time(text: str) -> str | None:
    return None if text == "-" else f"{text}:00Z"


def _print(slot: Slot, mode: str) -> str:
    start, end = (f"{at:%Y-%m-%dT%H:%M}" for at in (slot.start, slot.end))
    return start if mode == "trigger" else f"{start}/{end}"
