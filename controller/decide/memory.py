"""A task with onOOM and how often it was OOMKilled -> the memory that its next attempt gets.

limit x memoryFactor ^ kills, rounded up to whole Mi and at most `max`; the same for the request, if there is one. The
kills are counted in the account of attempts and nothing else is kept, so the answer is the same whenever it is asked.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from controller.decide.merge import merge
from controller.model.attempts import OnOOM
from controller.model.pod import MAIN
from controller.model.quantity import format_memory, parse_quantity
from controller.model.task import TaskSettings

OOM_KILLED: Final = "OOMKilled"
_FIELDS: Final = ("limits", "requests")


def raised_memory(settings: TaskSettings, kills: int) -> dict[str, str]:
    """The memory of `limits` and, if there is one, of `requests`; empty for a task whose memory stays as it is."""
    if settings.on_oom is None or not kills:
        return {}
    written = _written(settings)
    return {field: _raised(parse_quantity(written[field]), settings.on_oom, kills) for field in written}


def memory_limit(settings: TaskSettings, kills: int) -> str | None:
    """The memory limit of an attempt after so many kills; None for a task without onOOM or without a limit."""
    if settings.on_oom is None:
        return None
    limit = _written(settings).get("limits")
    return limit if limit is None or not kills else raised_memory(settings, kills)["limits"]


def memory_faults(settings: TaskSettings, *, is_own: bool) -> Iterator[str]:
    """What is wrong with onOOM; `is_own` when the task itself says so, and not only a default."""
    if settings.on_oom is None:
        return
    try:
        most = parse_quantity(settings.on_oom.max)
    except ValueError as error:
        yield f"max: {error}"
        return
    limit = _written(settings).get("limits")
    if limit is None and is_own:
        yield "has no memory limit to raise: write one under resources.limits.memory"
    elif limit is not None and parse_quantity(limit) > most:
        yield f"max is {settings.on_oom.max}, less than the memory limit of {limit}"


def _raised(amount: Fraction, on_oom: OnOOM, kills: int) -> str:
    most, factor = parse_quantity(on_oom.max), Fraction(str(on_oom.memory_factor))
    for _ in range(kills):
        if amount >= most:
            break
        amount *= factor
    text = format_memory(amount)
    return str(on_oom.max) if parse_quantity(text) >= most else text


def _written(settings: TaskSettings) -> dict[str, str]:
    """The memory of container `main` as the task and its fragment say it; what can't be read is left out."""
    resources: Any = settings.resources.model_dump(mode="json", exclude_none=True) if settings.resources else {}
    containers = (settings.pod or {}).get("containers")
    for container in containers if isinstance(containers, list) else ():
        if isinstance(container, Mapping) and container.get("name") == MAIN and "resources" in container:
            resources = merge(resources, container["resources"])
    found = {}
    for field in _FIELDS if isinstance(resources, Mapping) else ():
        amounts = resources.get(field)
        amount = amounts.get("memory") if isinstance(amounts, Mapping) else None
        if _is_quantity(amount):
            found[field] = str(amount)
    return found if "limits" in found else {}


def _is_quantity(amount: object) -> bool:
    try:
        return amount is not None and parse_quantity(str(amount)) >= 0
    except ValueError:
        return False
