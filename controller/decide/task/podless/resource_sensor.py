"""The name of an object and how it was last seen -> done once it is as wanted. See poll.py.

An object that does not exist is `null` to the expression, so `object == null` waits for its end.
"""

from datetime import datetime

from controller.decide.render import render
from controller.decide.task.case import Case, template_values
from controller.decide.task.podless.answer import Answer
from controller.decide.task.podless.poll import Sensed, judge_sensed
from controller.model.action import ObjectName


def judge_resource_sensor(case: Case, begun_at: datetime) -> Answer:
    """Success with the object's name as its output."""
    sensor = case.task.written.resource_sensor
    assert sensor is not None  # noqa: S101 the kind says so
    name = render(sensor.name, template_values(case, [sensor.name]))
    sensed = Sensed(
        reason="Resource",
        name=f"{sensor.resource}/{name}"[:200],
        at=ObjectName(sensor.api_version, sensor.resource, name),
        poll=sensor,
        expect=sensor.expect,
        output=lambda seen: {"name": name},
        unlike=lambda seen: "it is not as wanted yet",
    )
    return judge_sensed(case, begun_at, sensed)
