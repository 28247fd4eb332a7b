"""A Dag's spec as JSON text -> its plan, or every fault as a path and one sentence.

The same judgement serves the controller, `slipway validate` and admission. Shape comes first (the models), then what
only the whole can tell, by an ordered list of small functions. Judging the same text twice costs nothing.

    shape.py      what the models refuse
    names.py      names that are taken, and names of nothing
    circles.py    groups around themselves, and cycles
    fields.py     fields of a task that exclude or need each other
    attempts.py   rules about failed attempts
    maps.py       what is mapped, over what
    roles.py      branches, setups and teardowns, fail fast
    updates.py    tasks that update assets
    reads.py      templates and expressions, and what they read
    alerts.py     alerts and deadlines
"""

import functools
import json
from collections.abc import Callable, Iterator
from typing import Final

from pydantic import ValidationError

from controller.decide.calendar import schedule_faults
from controller.decide.params import params_faults
from controller.decide.validity import alerts, attempts, circles, fields, maps, names, reads, roles, updates
from controller.decide.validity.fault import Fault, Judgement
from controller.decide.validity.shape import shape_faults
from controller.model.dag import DagSpec
from controller.model.plan import Plan, build_plan

__all__ = ["MAX_SPEC_BYTES", "Fault", "Judgement", "judge_spec"]

MAX_SPEC_BYTES: Final = 1_000_000
"""Under etcd's limit of 1.5 MiB an object, with room for a status and for managed fields."""


@functools.lru_cache(maxsize=4096)
def judge_spec(spec_json: str) -> Judgement:
    """What is to be said of a spec."""
    size = len(spec_json.encode())
    if size > MAX_SPEC_BYTES:
        message = f"is {size:,} bytes as JSON, more than {MAX_SPEC_BYTES:,}: move scripts into images, or split the Dag"
        return Judgement(None, (Fault("spec", message),))
    try:
        spec = DagSpec.model_validate(json.loads(spec_json), by_alias=True, by_name=False)
    except ValidationError as error:
        return Judgement(None, tuple(shape_faults(error)))
    plan = build_plan(spec)
    faults = tuple(fault for judge in _JUDGES for fault in judge(plan))
    return Judgement(None if faults else plan, faults)


def _schedule(plan: Plan) -> Iterator[Fault]:
    if plan.spec.schedule is not None:
        for path, message in schedule_faults(plan.spec.schedule):
            yield Fault(f"spec.schedule.{path}" if path else "spec.schedule", message)


def _params(plan: Plan) -> Iterator[Fault]:
    for path, message in params_faults(plan.spec.params, need_defaults=plan.spec.schedule is not None):
        yield Fault(f"spec.params.{path}", message)


_JUDGES: Final[tuple[Callable[[Plan], Iterator[Fault]], ...]] = (
    *names.JUDGES,
    *circles.JUDGES,
    *fields.JUDGES,
    *attempts.JUDGES,
    *maps.JUDGES,
    *roles.JUDGES,
    *updates.JUDGES,
    *reads.JUDGES,
    *alerts.JUDGES,
    _schedule,
    _params,
)
