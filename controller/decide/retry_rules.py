"""A failed attempt and its task's retryRules -> the attempt as the first rule that fits has it.

    action    the attempt
    retry     is tried again as the budget of its fault allows, after the rule's delay if it has one
    fail      is the last one, whatever is left of the budget
    skip      makes the task Skipped, and spends no budget

An attempt that could not end otherwise is not tried again by a rule either, and a cancelled one is nobody's failure.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from controller.decide.attempt import Outcome
from controller.model.attempts import RetryAction, RetryRule
from controller.model.states import TaskState
from controller.model.taskrun import Fault


def by_rules(rules: Sequence[RetryRule], outcome: Outcome) -> Outcome:
    """The outcome as the rules have it; the same where none fits."""
    if outcome.state is not TaskState.FAILED or outcome.fault is Fault.CANCELLED:
        return outcome
    for place, rule in enumerate(rules):
        if _fits(rule, outcome):
            return _ACTIONS[rule.action](outcome, rule, f"retryRules[{place}]")
    return outcome


def rule_faults(rules: Sequence[RetryRule]) -> Iterator[tuple[str, str]]:
    """Where in the list of rules something is wrong, and what."""
    widest: int | None = None
    for place, rule in enumerate(rules):
        if rule.delay is not None and rule.action is not RetryAction.RETRY:
            yield f"[{place}].delay", f"goes with action retry alone, not with {rule.action.value}"
        if widest is not None:
            yield f"[{place}]", f"is never reached: retryRules[{widest}] fits every attempt that fails"
        elif not rule.exit_codes and not rule.reasons:
            widest = place


def _fits(rule: RetryRule, outcome: Outcome) -> bool:
    by_code = not rule.exit_codes or outcome.exit_code in rule.exit_codes
    return by_code and (not rule.reasons or outcome.reason in rule.reasons)


def _retried(outcome: Outcome, rule: RetryRule, name: str) -> Outcome:
    return replace(outcome, delay=rule.delay)


def _failed(outcome: Outcome, rule: RetryRule, name: str) -> Outcome:
    return replace(outcome, retriable=False, message=f"{outcome.message[:980]} ({name} says fail)")


def _skipped(outcome: Outcome, rule: RetryRule, name: str) -> Outcome:
    message = f"{outcome.message[:980]} ({name} says skip)"
    return replace(outcome, state=TaskState.SKIPPED, fault=None, message=message)


_ACTIONS: Final[dict[RetryAction, Callable[[Outcome, RetryRule, str], Outcome]]] = {
    RetryAction.RETRY: _retried,
    RetryAction.FAIL: _failed,
    RetryAction.SKIP: _skipped,
}
