"""A URL and what was last answered there -> done once the answer is as wanted. See poll.py."""

from datetime import datetime

from controller.decide.render import render
from controller.decide.task.case import Case, template_values
from controller.decide.task.podless.answer import Answer
from controller.decide.task.podless.poll import Sensed, judge_sensed
from controller.model.action import Url


def judge_http_sensor(case: Case, begun_at: datetime) -> Answer:
    """Success with the answer's status as its output."""
    sensor = case.task.written.http_sensor
    assert sensor is not None  # noqa: S101 the kind says so
    url = render(sensor.url, template_values(case, [sensor.url]))
    sensed = Sensed(
        reason="Http",
        name=url if len(url) <= 200 else url[:199] + "…",
        at=Url(url, sensor.headers),
        poll=sensor,
        expect=sensor.expect,
        output=lambda seen: {"status": seen["status"]},
        unlike=lambda seen: f"it answered {seen['status']}",
    )
    return judge_sensed(case, begun_at, sensed)
