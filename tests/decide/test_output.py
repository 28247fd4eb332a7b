"""Outputs: what a task wrote to the file SLIPWAY_OUTPUT -> kept, or the failure that it is."""

import json

import pytest

from controller.decide.attempt import Outcome, outcome_of, read_output
from controller.model.states import TaskState
from controller.model.taskrun import Fault
from tests.decide.objects import exited, pod


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("", None),
        (" \n", None),
        ('{"rows": 3, "name": "é"}\n', '{"rows":3,"name":"é"}'),
        ("null", "null"),
        ("3", "3"),
        ("[1, 2]", "[1,2]"),
        ('"a  b"', '"a  b"'),
        ('"\\u00e9\\u0000"', '"é\\u0000"'),
        ("[1e15, 2.50]", "[1e15, 2.50]"),
    ],
)
def test_an_output_that_can_be_read(text: str, output: str | None) -> None:
    """It is kept as JSON text, without needless blanks."""
    assert read_output(text) == Outcome(TaskState.SUCCESS, "Completed", "", exit_code=0, output=output)


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "{'rows': 3}",
        '{"a": 1} trailing',
        '{"rows": NaN}',
        "Infinity",
        "-Infinity",
        "1e999",
        "[" * 2000,
        "\ufeff1",
    ],
)
def test_an_output_that_is_no_json(text: str) -> None:
    """The attempt fails with that reason, however deep the text nests."""
    outcome = read_output(text)
    assert (outcome.state, outcome.reason, outcome.fault) == (TaskState.FAILED, "OutputInvalid", Fault.APPLICATION)
    assert outcome.message.startswith("The output is not JSON: ")


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ('"' + "x" * 4093 + '"', TaskState.SUCCESS),
        ('"' + "x" * 4094 + '"', TaskState.FAILED),
        ('"' + "é" * 2046 + 'x"', TaskState.SUCCESS),
        ('"' + "é" * 2047 + '"', TaskState.FAILED),
        ('"' + "€" * 1365 + '"', TaskState.FAILED),
    ],
)
def test_an_output_near_the_limit(text: str, state: TaskState) -> None:
    """4,095 bytes are kept; 4,096 may have been cut by the kubelet, and characters are not bytes."""
    outcome = read_output(text)
    assert (len(text.encode()) <= 4095) is (state is TaskState.SUCCESS)
    assert (outcome.state, outcome.reason == "OutputTooLarge") == (state, state is TaskState.FAILED)


def test_numbers_that_print_longer_than_they_were_written() -> None:
    """The output stays within its limit, or the API server would refuse the status for ever."""
    text = json.dumps([10**15] * 1).replace("1000000000000000", ",".join(["1e15"] * 818))
    outcome = read_output(text)
    assert len(text) == 4091
    assert outcome.output == text


def test_the_output_of_a_pod_that_failed() -> None:
    """It is not looked at: the exit code decides."""
    assert outcome_of(pod(exited(1, message='{"rows": 3}')), ()).output is None
