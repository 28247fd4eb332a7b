"""retryRules: the first rule that fits says what becomes of a failed attempt."""

from typing import Any

import pytest

from controller.decide.attempt import Outcome
from controller.decide.retry_rules import by_rules
from controller.model.attempts import RetryRule
from controller.model.states import TaskState
from controller.model.taskrun import Fault
from tests.decide.judged import faults, task

FAILED = Outcome(TaskState.FAILED, "Error", "The task ended with exit code 3", Fault.APPLICATION, 3)
EVICTED = Outcome(TaskState.FAILED, "Evicted", "low on memory", Fault.INFRASTRUCTURE)
RETRY, FAIL, SKIP = {"action": "retry", "delay": "7s"}, {"action": "fail"}, {"action": "skip"}


def judged(outcome: Outcome, *rules: dict[str, Any]) -> tuple[str, bool, float | None]:
    """The state, whether it may be tried again, and the rule's delay in seconds."""
    after = by_rules([RetryRule.model_validate(rule) for rule in rules], outcome)
    return after.state.value, after.retriable, after.delay.total_seconds() if after.delay else None


@pytest.mark.parametrize(
    ("rules", "end"),
    [
        ([], ("Failed", True, None)),
        ([{**RETRY, "exitCodes": [3]}], ("Failed", True, 7)),
        ([{"action": "retry", "exitCodes": [3]}], ("Failed", True, None)),
        ([{**FAIL, "exitCodes": [1, 3]}], ("Failed", False, None)),
        ([{**SKIP, "exitCodes": [3]}], ("Skipped", True, None)),
        ([{**SKIP, "exitCodes": [4]}], ("Failed", True, None)),
        ([{**SKIP, "reasons": ["Error"]}], ("Skipped", True, None)),
        ([{**SKIP, "reasons": ["Timeout"]}], ("Failed", True, None)),
        ([{**SKIP, "reasons": ["Timeout"], "exitCodes": [3]}], ("Failed", True, None)),
        ([{**SKIP, "reasons": ["Error"], "exitCodes": [3]}], ("Skipped", True, None)),
        ([{**FAIL, "exitCodes": [4]}, {**SKIP, "exitCodes": [3]}, FAIL], ("Skipped", True, None)),
        ([FAIL], ("Failed", False, None)),
    ],
)
def test_a_failure(rules: list[dict[str, Any]], end: tuple[str, bool, float | None]) -> None:
    """Every list that a rule gives must have it; a rule without lists fits all; the first that fits counts."""
    assert judged(FAILED, *rules) == end


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(TaskState.SUCCESS, "Completed", "", exit_code=0),
        Outcome(TaskState.SKIPPED, "SkipExitCode", "", exit_code=99),
        Outcome(TaskState.FAILED, "Cancelled", "The run was cancelled", Fault.CANCELLED, 143),
    ],
)
def test_no_failure_of_the_tasks(outcome: Outcome) -> None:
    """Rules have nothing to say of a success, a skip, and what was cancelled."""
    rules = [RetryRule.model_validate(SKIP)]
    assert by_rules(rules, outcome) == outcome


def test_an_attempt_without_an_exit_code() -> None:
    """It fits by its reason alone."""
    assert judged(EVICTED, {**FAIL, "exitCodes": [137]}) == ("Failed", True, None)
    assert judged(EVICTED, {**RETRY, "reasons": ["Evicted"]}) == ("Failed", True, 7)


def test_what_can_not_end_otherwise() -> None:
    """No rule makes it worth another try."""
    hopeless = Outcome(TaskState.FAILED, "TemplateError", "no", Fault.APPLICATION, retriable=False)
    assert judged(hopeless, RETRY) == ("Failed", False, 7)


def test_the_reason_that_users_read() -> None:
    """The rule is named after what happened; a skip is nobody's fault."""
    rules = [RetryRule.model_validate(rule) for rule in ({**FAIL, "exitCodes": [4]}, {**SKIP, "exitCodes": [3]})]
    skipped = by_rules(rules, FAILED)
    message = "The task ended with exit code 3 (retryRules[1] says skip)"
    assert (skipped.reason, skipped.message, skipped.fault, skipped.exit_code) == ("Error", message, None, 3)
    long = Outcome(TaskState.FAILED, "Error", "x" * 1000, Fault.APPLICATION, 4)
    assert len(by_rules(rules, long).message) <= 1024


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ([{**FAIL, "delay": "5s"}], ["spec.tasks[0].retryRules[0].delay: goes with action retry alone, not with fail"]),
        (
            [{**RETRY, "exitCodes": [1]}, FAIL, SKIP],
            ["spec.tasks[0].retryRules[2]: is never reached: retryRules[1] fits every attempt that fails"],
        ),
        ([{**RETRY, "exitCodes": [256]}], ["spec.tasks[0].retryRules[0].exitCodes[0]"]),
        ([{"action": "again"}], ["spec.tasks[0].retryRules[0].action: 'again' is not one of"]),
        ([{**RETRY, "reasons": ["Error", "OutOfephemeral-storage"]}, SKIP], []),
    ],
)
def test_rules_that_can_not_be_meant_so(rules: list[dict[str, Any]], told: list[str]) -> None:
    """Each fault is one sentence with its place."""
    found = faults(task(retryRules=rules))
    assert len(found) == len(told)
    assert all(sentence.startswith(start) for sentence, start in zip(found, told, strict=True))


@pytest.mark.parametrize("codes", [[], [0, 99, 255]])
def test_skip_exit_codes(codes: list[int]) -> None:
    """Any code of a process can be one, and there may be none."""
    assert faults(task(skipExitCodes=codes)) == []
