"""A Schedule -> what its user must mend, each as a path inside the schedule and one sentence."""

from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic.alias_generators import to_camel

from controller.decide.asset_rules import rule_faults
from controller.decide.calendar.cron import cron_fault, parse_cron
from controller.decide.calendar.instants import cron_instants
from controller.decide.calendar.zones import load_zone
from controller.model.schedule import Schedule

_REFERENCE = datetime(2020, 1, 1, tzinfo=UTC)
"""A cron that has no time in the 50 years after it, or before, never fires."""

Fault = tuple[str, str]


def schedule_faults(schedule: Schedule) -> list[Fault]:
    """Every fault, in the order of the fields; the path is empty where the whole is meant."""
    return [*_kinds(schedule), *_crons(schedule), *_zone(schedule), *_bounds(schedule), *_assets(schedule)]


def _kinds(schedule: Schedule) -> Iterator[Fault]:
    given = [kind for kind in ("cron", "crons", "every") if getattr(schedule, kind) is not None]
    if len(given) > 1 or not (given or schedule.assets):
        rule = "needs one of cron, crons and every, or assets, or both"
        yield "", f"{rule}: has {' and '.join(given) or 'none of them'}"


def _crons(schedule: Schedule) -> Iterator[Fault]:
    if schedule.cron is not None:
        yield from _cron("cron", schedule.cron, schedule)
    for place, text in enumerate(schedule.crons or ()):
        yield from _cron(f"crons[{place}]", text, schedule)


def _cron(path: str, text: str, schedule: Schedule) -> Iterator[Fault]:
    fault = cron_fault(text)
    if fault is not None:
        yield path, fault
    elif parse_cron(text).after(_REFERENCE.replace(tzinfo=None)) is None:
        yield path, f"{text!r} never fires: no date has that day, month and day of week"
    elif not any(_zone(schedule)) and _is_swallowed(text, schedule):
        yield path, f"{text!r} never fires: a clock change leaves out every time it names, and dst.gap is skip"


def _is_swallowed(text: str, schedule: Schedule) -> bool:
    instants = cron_instants(parse_cron(text), load_zone(schedule.timezone), schedule.dst)
    return instants.after(_REFERENCE) is None


def _zone(schedule: Schedule) -> Iterator[Fault]:
    try:
        load_zone(schedule.timezone)
    except ValueError as error:
        yield "timezone", str(error)


def _bounds(schedule: Schedule) -> Iterator[Fault]:
    if schedule.every is not None and schedule.start is None:
        yield "every", "needs start, from which it counts"
    if schedule.catchup and schedule.start is None:
        yield "catchup", "needs start, from which it catches up"
    if schedule.start is not None and schedule.end is not None and schedule.end < schedule.start:
        yield "end", "is before start"


def _assets(schedule: Schedule) -> Iterator[Fault]:
    if schedule.assets is None:
        return
    for path, message in rule_faults(schedule.assets):
        yield f"assets{path}", message
    if not schedule.has_times:
        # The API server fills defaults in, so a field that is set is not yet one that somebody wrote.
        for name, field in Schedule.model_fields.items():
            if name != "assets" and getattr(schedule, name) != field.default:
                yield to_camel(name), "goes with a cron or every: runs that follow assets alone have no slots"
