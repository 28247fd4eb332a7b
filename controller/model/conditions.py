"""What is judged of an object -> its list of conditions, with transition times kept while the status stays."""

from collections.abc import Sequence
from datetime import datetime

from controller.model.schema import Condition


def with_condition(conditions: Sequence[Condition], new: Condition) -> tuple[Condition, ...]:
    """The list with `new` in its type's place, its transition time kept if its status did not change."""
    old = next((condition for condition in conditions if condition.type == new.type), None)
    if old is None:
        return (*conditions, new)
    if old.status == new.status:
        new = new.model_copy(update={"last_transition_time": old.last_transition_time})
    return tuple(new if condition.type == new.type else condition for condition in conditions)


def ending_conditions(
    conditions: Sequence[Condition], now: datetime, *, generation: int, ending: tuple[bool, str, str] | None
) -> tuple[Condition, ...]:
    """Succeeded and Finished for a run or task; `ending` is (succeeded, reason, message), None while unfinished."""
    if ending is None:
        told = (("Succeeded", "Unknown", "Unfinished", ""), ("Finished", "False", "Unfinished", ""))
    else:
        succeeded, reason, message = ending
        told = (("Succeeded", str(succeeded), reason, message), ("Finished", "True", reason, message))
    result = tuple(conditions)
    for type_, status, reason, message in told:
        result = with_condition(
            result,
            Condition(
                type=type_,
                status=status,
                reason=reason,
                message=message,
                last_transition_time=now,
                observed_generation=generation,
            ),
        )
    return result
