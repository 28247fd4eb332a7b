"""In a simulation, where nothing outside exists: what it foretells of an attempt -> that, once its time has passed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from controller.decide.task.case import Case
from controller.decide.task.podless.answer import Answer, failed, skipped, succeeded
from controller.model.kinds import REJECT
from controller.model.states import TaskState
from controller.model.task import Task


def judge_foretold(case: Case, begun_at: datetime) -> Answer:
    """The end that is foretold; only a triggerDag is tried again, as a sensor's end and a person's answer are final."""
    foretold = case.snapshot.outside.foretold
    assert foretold is not None  # noqa: S101 else its own kind judges
    at = begun_at + foretold.after
    if case.now < at:
        return Answer(reason="Foretold", message="Waiting for what is foretold", wake_at=at)
    if foretold.state is TaskState.FAILED:
        return failed("Foretold", "It was foretold", retriable=case.task.kind == "trigger_dag")
    if foretold.state is TaskState.SKIPPED:
        return skipped("Foretold", "It was foretold")
    output, usual = foretold.output, _USUAL.get(case.task.kind)
    if output is None and usual is not None:
        output = usual(case.task.written)
    return succeeded("Foretold", "It was foretold", output)


def _first_answer(written: Task) -> Any:
    assert written.approval is not None  # noqa: S101 the kind says so
    return {"answer": next((each for each in written.approval.options if each != REJECT), None), "by": None}


_USUAL: Final[Mapping[str, Callable[[Task], Any]]] = {
    "approval": _first_answer,
    "http_sensor": lambda written: {"status": 200},
}
"""The output of a success, for those behind it that read it, where nothing else is foretold."""
