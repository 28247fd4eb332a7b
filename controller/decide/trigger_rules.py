"""Counts over a task's direct upstream -> may it run, does it end without running, or does it wait.

U upstream tasks; s f uf k r of them ended as Success, Failed, UpstreamFailed, Skipped, Removed; done = their sum.
The first ending whose test holds applies at once, without waiting for the rest unless the test says `all_done`.
A task without upstream may always run. Source: Airflow 3.3, `airflow.ti_deps.deps.trigger_rule_dep`.

    rule                         may run when                        ends as
    all_success                  s + r = U                           f|uf -> upstream_failed; k -> skipped
    all_failed                   f + uf + r = U                      s|k -> skipped
    all_done                     done = U                            never
    all_done_min_one_success     k = 0, done = U, s >= 1             k -> skipped; done, s = 0 -> upstream_failed
    all_done_setup_success       done = U, a setup succeeded         done: setups all skipped -> skipped,
                                 or there is none                    none succeeded -> upstream_failed
    one_success                  s >= 1                              done: k = U -> skipped, else upstream_failed
    one_failed                   f + uf >= 1                         done -> skipped
    one_done                     s + f >= 1                          done -> skipped
    none_failed                  s + k + r = U                       f|uf -> upstream_failed
    none_failed_min_one_success  s + k + r = U, s >= 1               f|uf -> upstream_failed; k = U -> skipped;
                                                                     done, s = 0 -> upstream_failed
    none_skipped                 done = U, k = 0                     k -> skipped
    all_skipped                  k = U                               s|f|uf -> skipped
    always                       at once                             never
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from controller.model.states import TaskState
from controller.model.task import TriggerRule


@dataclass(frozen=True, slots=True)
class Counts:
    """How a task's direct upstream instances stand."""

    upstream: int
    success: int = 0
    failed: int = 0
    upstream_failed: int = 0
    skipped: int = 0
    removed: int = 0
    setups: int = 0
    """Upstream instances that are setups."""
    setups_succeeded: int = 0
    setups_skipped: int = 0

    @property
    def done(self) -> int:
        """Instances that have ended."""
        return self.success + self.failed + self.upstream_failed + self.skipped + self.removed

    @property
    def all_done(self) -> bool:
        """Whether every instance has ended."""
        return self.done >= self.upstream

    @property
    def any_failed(self) -> bool:
        """Whether one failed, or its upstream did."""
        return self.failed + self.upstream_failed >= 1


def count_states(states: Iterable[TaskState | None]) -> Counts:
    """The counts of upstream states; None stands for one that has not begun."""
    found = Counter(states)
    return Counts(
        upstream=found.total(),
        success=found[TaskState.SUCCESS],
        failed=found[TaskState.FAILED],
        upstream_failed=found[TaskState.UPSTREAM_FAILED],
        skipped=found[TaskState.SKIPPED],
        removed=found[TaskState.REMOVED],
    )


Test = Callable[[Counts], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table above."""

    may_run: Test
    endings: tuple[tuple[Test, TaskState], ...] = ()


_SKIPPED: Final = TaskState.SKIPPED
_UPSTREAM_FAILED: Final = TaskState.UPSTREAM_FAILED

RULES: Final[dict[TriggerRule, Rule]] = {
    TriggerRule.ALL_SUCCESS: Rule(
        lambda c: c.success + c.removed == c.upstream,
        ((lambda c: c.any_failed, _UPSTREAM_FAILED), (lambda c: c.skipped >= 1, _SKIPPED)),
    ),
    TriggerRule.ALL_FAILED: Rule(
        lambda c: c.failed + c.upstream_failed + c.removed == c.upstream,
        ((lambda c: c.success + c.skipped >= 1, _SKIPPED),),
    ),
    TriggerRule.ALL_DONE: Rule(lambda c: c.all_done),
    TriggerRule.ALL_DONE_MIN_ONE_SUCCESS: Rule(
        lambda c: c.skipped == 0 and c.all_done and c.success >= 1,
        ((lambda c: c.skipped >= 1, _SKIPPED), (lambda c: c.all_done and c.success == 0, _UPSTREAM_FAILED)),
    ),
    TriggerRule.ALL_DONE_SETUP_SUCCESS: Rule(
        lambda c: c.all_done and (c.setups == 0 or c.setups_succeeded >= 1),
        (
            (lambda c: c.all_done and c.setups >= 1 and c.setups_skipped == c.setups, _SKIPPED),
            (lambda c: c.all_done and c.setups >= 1 and c.setups_succeeded == 0, _UPSTREAM_FAILED),
        ),
    ),
    TriggerRule.ONE_SUCCESS: Rule(
        lambda c: c.success >= 1,
        (
            (lambda c: c.all_done and c.skipped == c.upstream, _SKIPPED),
            (lambda c: c.all_done and c.success == 0, _UPSTREAM_FAILED),
        ),
    ),
    TriggerRule.ONE_FAILED: Rule(
        lambda c: c.any_failed,
        ((lambda c: c.all_done and not c.any_failed, _SKIPPED),),
    ),
    TriggerRule.ONE_DONE: Rule(
        lambda c: c.success + c.failed >= 1,
        ((lambda c: c.all_done and c.success + c.failed == 0, _SKIPPED),),
    ),
    TriggerRule.NONE_FAILED: Rule(
        lambda c: c.success + c.skipped + c.removed == c.upstream,
        ((lambda c: c.any_failed, _UPSTREAM_FAILED),),
    ),
    TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS: Rule(
        lambda c: c.success + c.skipped + c.removed == c.upstream and c.success >= 1,
        (
            (lambda c: c.any_failed, _UPSTREAM_FAILED),
            (lambda c: c.skipped == c.upstream, _SKIPPED),
            (lambda c: c.all_done and c.success == 0, _UPSTREAM_FAILED),
        ),
    ),
    TriggerRule.NONE_SKIPPED: Rule(
        lambda c: c.all_done and c.skipped == 0,
        ((lambda c: c.skipped >= 1, _SKIPPED),),
    ),
    TriggerRule.ALL_SKIPPED: Rule(
        lambda c: c.skipped == c.upstream,
        ((lambda c: c.success + c.failed + c.upstream_failed >= 1, _SKIPPED),),
    ),
    TriggerRule.ALWAYS: Rule(lambda c: True),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a trigger rule says now: run, end as `ends_as`, or (neither) wait."""

    runs: bool = False
    ends_as: TaskState | None = None
    reason: str = ""
    """One sentence for the user."""
    of_past: bool = False
    """Whether it waits for the run before."""


RUNS: Final = Verdict(runs=True)


def judge(rule: TriggerRule, counts: Counts) -> Verdict:
    """What the rule says about a task whose upstream stands so."""
    row = RULES[rule]
    if counts.upstream == 0 or row.may_run(counts):
        return RUNS
    for holds, state in row.endings:
        if holds(counts):
            return Verdict(ends_as=state, reason=f"{state.value} by trigger rule {rule.value}: {_tally(counts)}")
    left = counts.upstream - counts.done
    return Verdict(reason=f"Trigger rule {rule.value} waits for {left} of {counts.upstream} upstream tasks")


def _tally(counts: Counts) -> str:
    told = (
        (counts.success, "succeeded"),
        (counts.failed, "failed"),
        (counts.upstream_failed, "not run as their upstream failed"),
        (counts.skipped, "skipped"),
        (counts.removed, "removed"),
    )
    parts = [f"{number} {word}" for number, word in told if number]
    return f"of {counts.upstream} upstream tasks {', '.join(parts)}"
