"""A span or a time -> done once it has passed."""

from datetime import datetime

from controller.decide.render import render
from controller.decide.render_faults import RenderFault
from controller.decide.task.case import Case, template_values
from controller.decide.task.podless.answer import Answer, succeeded
from controller.model.timestamps import format_time, parse_time


def judge_wait(case: Case, begun_at: datetime) -> Answer:
    """Success once it is time."""
    at = _time(case, begun_at)
    if case.now >= at:
        return succeeded("TimeCame", f"It is past {format_time(at)}")
    return Answer(reason="Time", message=f"Waiting until {format_time(at)}", wake_at=at)


def _time(case: Case, begun_at: datetime) -> datetime:
    wait = case.task.written.wait
    assert wait is not None  # noqa: S101 the kind says so
    if wait.until is None:
        assert wait.for_ is not None  # noqa: S101 validity says so
        return begun_at + wait.for_
    text = render(wait.until, template_values(case, [wait.until]))
    try:
        return parse_time(text)
    except ValueError as error:
        raise RenderFault(f"until is {text!r}, which is no time: {error}") from error
