"""Trigger rules: the table of Airflow's rules, written a second time, against every count there can be."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import NamedTuple

import pytest

from controller.decide.trigger_rules import RULES, Counts, Verdict, count_states, judge
from controller.model.states import TaskState
from controller.model.task import TriggerRule


class C(NamedTuple):
    """Counts in the letters of the table, and those of the upstream setups."""

    U: int
    s: int
    f: int
    uf: int
    k: int
    r: int
    setups: int = 0
    setup_s: int = 0
    setup_k: int = 0

    @property
    def done(self) -> bool:
        """Whether all have ended."""
        return self.s + self.f + self.uf + self.k + self.r == self.U


Test = Callable[[C], bool]

TABLE: dict[str, tuple[Test, list[tuple[Test, str]]]] = {
    "all_success": (
        lambda c: c.s + c.r == c.U,
        [(lambda c: c.f >= 1 or c.uf >= 1, "UpstreamFailed"), (lambda c: c.k >= 1, "Skipped")],
    ),
    "all_failed": (lambda c: c.f + c.uf + c.r == c.U, [(lambda c: c.s >= 1 or c.k >= 1, "Skipped")]),
    "all_done": (lambda c: c.done, []),
    "all_done_min_one_success": (
        lambda c: c.k == 0 and c.done and c.s >= 1,
        [(lambda c: c.k >= 1, "Skipped"), (lambda c: c.done and c.s == 0, "UpstreamFailed")],
    ),
    "all_done_setup_success": (
        lambda c: c.done and (c.setups == 0 or c.setup_s >= 1),
        [
            (lambda c: c.done and c.setups > 0 and c.setup_k == c.setups, "Skipped"),
            (lambda c: c.done and c.setups > 0 and c.setup_s == 0, "UpstreamFailed"),
        ],
    ),
    "one_success": (
        lambda c: c.s >= 1,
        [(lambda c: c.done and c.k == c.U, "Skipped"), (lambda c: c.done and c.s == 0, "UpstreamFailed")],
    ),
    "one_failed": (
        lambda c: c.f + c.uf >= 1,
        [(lambda c: c.done and c.f + c.uf == 0, "Skipped")],
    ),
    "one_done": (lambda c: c.s + c.f >= 1, [(lambda c: c.done and c.s + c.f == 0, "Skipped")]),
    "none_failed": (lambda c: c.s + c.k + c.r == c.U, [(lambda c: c.f >= 1 or c.uf >= 1, "UpstreamFailed")]),
    "none_failed_min_one_success": (
        lambda c: c.s + c.k + c.r == c.U and c.s >= 1,
        [
            (lambda c: c.f >= 1 or c.uf >= 1, "UpstreamFailed"),
            (lambda c: c.k == c.U, "Skipped"),
            (lambda c: c.done and c.s == 0, "UpstreamFailed"),
        ],
    ),
    "none_skipped": (lambda c: c.done and c.k == 0, [(lambda c: c.k >= 1, "Skipped")]),
    "all_skipped": (lambda c: c.k == c.U, [(lambda c: c.s >= 1 or c.f >= 1 or c.uf >= 1, "Skipped")]),
    "always": (lambda c: True, []),
}


def every_count() -> Iterator[C]:
    """Up to three upstream instances in any states, and any of them setups."""
    for counts in product(range(4), repeat=5):
        for unfinished in range(4 - sum(counts)) if sum(counts) <= 3 else ():
            s, f, uf, k, r = counts
            size = sum(counts) + unfinished
            for setup_s, setup_k, other in product(range(s + 1), range(k + 1), range(size - s - k + 1)):
                yield C(size, s, f, uf, k, r, setup_s + setup_k + other, setup_s, setup_k)


def expected(rule: str, c: C) -> str:
    """`run`, a state, or `wait`, by the table alone."""
    may_run, endings = TABLE[rule]
    if c.U == 0 or may_run(c):
        return "run"
    return next((state for holds, state in endings if holds(c)), "wait")


def said(verdict: Verdict) -> str:
    """The same of a verdict."""
    if verdict.runs:
        return "run"
    return verdict.ends_as.value if verdict.ends_as else "wait"


@pytest.mark.parametrize("rule", list(TriggerRule))
def test_every_count_of_up_to_three(rule: TriggerRule) -> None:
    """The rule says what Airflow's table says."""
    for c in every_count():
        counts = Counts(c.U, c.s, c.f, c.uf, c.k, c.r, c.setups, c.setup_s, c.setup_k)
        assert said(judge(rule, counts)) == expected(rule.value, c), c


def test_every_rule_is_in_the_table() -> None:
    """There are 13 rules, and all of them are judged."""
    assert [rule.value for rule in RULES] == list(TABLE)
    assert len(TABLE) == 13


@pytest.mark.parametrize("rule", list(TABLE))
def test_running_and_ending_exclude_each_other(rule: str) -> None:
    """No count lets a task both run and end, so the order of asking does not matter."""
    may_run, endings = TABLE[rule]
    for c in every_count():
        assert c.U == 0 or not (may_run(c) and any(holds(c) for holds, _ in endings)), c


@pytest.mark.parametrize("rule", list(TriggerRule))
def test_all_upstream_ended(rule: TriggerRule) -> None:
    """Nothing waits any more, so that every run ends; only `removed` ones among all_skipped leave the table open."""
    for c in every_count():
        if c.done and not (rule is TriggerRule.ALL_SKIPPED and c.r):
            counts = Counts(c.U, c.s, c.f, c.uf, c.k, c.r, c.setups, c.setup_s, c.setup_k)
            assert said(judge(rule, counts)) != "wait", c


def test_states_are_counted() -> None:
    """States that are no end, and tasks that have not begun, count as upstream alone."""
    states = [None, TaskState.RUNNING, TaskState.SUCCESS, TaskState.SKIPPED, TaskState.UPSTREAM_FAILED]
    assert count_states(states) == Counts(upstream=5, success=1, skipped=1, upstream_failed=1)


@pytest.mark.parametrize(
    ("rule", "counts", "reason"),
    [
        ("all_success", Counts(3, success=1), "Trigger rule all_success waits for 2 of 3 upstream tasks"),
        (
            "all_success",
            Counts(3, success=1, failed=1, upstream_failed=1),
            "UpstreamFailed by trigger rule all_success: of 3 upstream tasks 1 succeeded, 1 failed, "
            "1 not run as their upstream failed",
        ),
        (
            "one_failed",
            Counts(2, skipped=1, removed=1),
            "Skipped by trigger rule one_failed: of 2 upstream tasks 1 skipped, 1 removed",
        ),
    ],
)
def test_a_verdict_that_is_not_to_run(rule: str, counts: Counts, reason: str) -> None:
    """It says why, in one sentence."""
    assert judge(TriggerRule(rule), counts).reason == reason
