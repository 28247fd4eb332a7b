"""An instance that has not begun -> whether it may, what it ends as without running, or what it waits for.

The judges stand in the order in which they have a say; the first that does not let the instance run gives the verdict,
but an end goes before a wait:

    1. a branch or short circuit before it left it out      -> Skipped
    2. a setup further up that it needs failed, was skipped  -> UpstreamFailed, Skipped
    3. its trigger rule                                      -> as the rule's table says
    4. a setup further up has not succeeded yet              -> waits
    5. of a teardown: a task it clears up after is at work   -> waits
    6. the same task in the run before                       -> waits; with waitForPastBeforeSkipping a skip does too
"""

from typing import Final

from controller.decide.advance.past import past_verdict
from controller.decide.advance.scene import Scene
from controller.decide.advance.upstream import setup_counts, upstream_counts
from controller.decide.trigger_rules import RUNS, Verdict, judge
from controller.model.instance import instance_id
from controller.model.states import TASK_FINAL, TaskState
from controller.model.task import TriggerRule

NO_ELEMENTS: Final = Verdict(ends_as=TaskState.SKIPPED, reason="The mapping has no elements")


def verdict_on(scene: Scene, task: str, index: int | None) -> Verdict:
    """What is to become of the instance now."""
    return _skipped_in_time(scene, task, index, _verdict(scene, task, index))


def verdict_on_none(scene: Scene, task: str) -> Verdict:
    """What is to become of a mapped task whose mapping has no elements."""
    return _skipped_in_time(scene, task, None, NO_ELEMENTS)


def _skipped_in_time(scene: Scene, task: str, index: int | None, verdict: Verdict) -> Verdict:
    """A skip waits for the run before, where the task says so."""
    if verdict.ends_as is TaskState.SKIPPED and scene.plan.tasks[task].settings.wait_for_past_before_skipping:
        past = past_verdict(scene, task, index)
        return verdict if past.runs else past
    return verdict


def _verdict(scene: Scene, task: str, index: int | None) -> Verdict:
    left_out = _left_out(scene, task, index)
    if left_out is not None:
        return left_out
    setups = _setups(scene, task, index)
    if setups.ends_as is not None:
        return setups
    rule = judge(scene.plan.tasks[task].trigger_rule, upstream_counts(scene, task, index))
    if not rule.runs or not setups.runs:
        return rule if not rule.runs else setups
    between = _between(scene, task, index)
    is_to_be_expanded = index is None and task in scene.plan.mapped  # each element has a past of its own
    return past_verdict(scene, task, index) if between.runs and not is_to_be_expanded else between


def _left_out(scene: Scene, task: str, index: int | None) -> Verdict | None:
    """Skipped by a choice made before it, which holds until the task that chose is cleared."""
    plan = scene.plan
    before = plan.scopes.before.get(task, 0)
    for skipper in plan.scopes.skippers.get(task, ()):
        instance = instance_id(skipper, index if plan.shares_index(task, skipper) else None)
        followed = scene.followed.get(instance)
        if followed is not None and not any(before >> plan.graph.rank[name] & 1 for name in followed):
            return Verdict(ends_as=TaskState.SKIPPED, reason=f"Skipped as task {instance} did not choose it")
    stopped = before & plan.scopes.stoppers and _stopped(scene, task, index, before)
    if not stopped or plan.tasks[task].is_teardown:
        return None
    return Verdict(ends_as=TaskState.SKIPPED, reason=f"Skipped as task {stopped} stopped what comes after it")


def _stopped(scene: Scene, task: str, index: int | None, before: int) -> str | None:
    """The first short circuit before the task that stopped, of those of its own element and those without one."""
    plan = scene.plan
    of_run = before & scene.stopped
    if of_run:
        return plan.graph.order[(of_run & -of_run).bit_length() - 1]
    around = plan.scopes.stoppers & before if index is not None else 0
    while around:
        name = plan.graph.order[(around & -around).bit_length() - 1]
        around &= around - 1
        if plan.shares_index(task, name) and instance_id(name, index) in scene.followed:
            return instance_id(name, index)
    return None


def _setups(scene: Scene, task: str, index: int | None) -> Verdict:
    """A failure or skip counts at once, success takes all of them. Source: Airflow, `_evaluate_setup_constraint`."""
    planned = scene.plan.tasks[task]
    exempt = planned.is_teardown or planned.trigger_rule is TriggerRule.ALWAYS
    if exempt or task not in scene.plan.scopes.setups:
        return RUNS
    counts = setup_counts(scene, task, index)
    if counts.any_failed:
        return Verdict(ends_as=TaskState.UPSTREAM_FAILED, reason="A setup of the task failed")
    if counts.skipped:
        return Verdict(ends_as=TaskState.SKIPPED, reason="A setup of the task was skipped")
    if counts.success + counts.removed < counts.upstream:
        return Verdict(reason="Waiting for the setups of the task")
    return RUNS


def _between(scene: Scene, task: str, index: int | None) -> Verdict:
    for before in scene.plan.scopes.between.get(task, ()):
        instance = scene.counterpart(task, before, index)
        ended = scene.is_final(before) if instance is None else scene.look.state(instance) in TASK_FINAL
        if not ended:
            return Verdict(reason=f"Waiting for task {instance or before}, after which this one clears up")
    return RUNS
