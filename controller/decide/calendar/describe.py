"""A Schedule -> its text in a column of `kubectl get dags`, and a fingerprint by which an edit is seen."""

import hashlib
from typing import Final

from controller.decide.asset_rules import describe_rule
from controller.model.schedule import Schedule

_LONGEST: Final = 512
_SLOTS: Final = {"cron", "crons", "every", "timezone", "start", "end", "mode", "dst"}


def describe(schedule: Schedule) -> str:
    """The schedule in one short line: `0 6 * * *`, `@daily`, `every 6h`, `3 crons`, `@daily or orders and rates`."""
    if schedule.assets is None:
        return _times(schedule)
    assets = describe_rule(schedule.assets)
    text = f"{_times(schedule)} or {assets}" if schedule.has_times else assets
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def fingerprint(schedule: Schedule) -> str:
    """A short hash of what says which slots there are; policies about missed ones play no part."""
    slots = schedule.model_dump_json(include=_SLOTS)
    return hashlib.sha256(slots.encode()).hexdigest()[:10]


def _times(schedule: Schedule) -> str:
    if schedule.every is not None:
        return f"every {schedule.model_dump(mode='json', include={'every'})['every']}"
    crons = (schedule.cron,) if schedule.cron is not None else schedule.crons or ()
    return " ".join(crons[0].split()) if len(crons) == 1 else f"{len(crons)} crons"
