"""An instance that has not begun -> whether it may, what it ends as without running, or what it waits for.

The judges stand in the order in which they have a say; the first that does not let the instance run gives the verdict,
but an end goes before a wait:

    1. a branch or short circuit before it left it out      -> Skipped
    2. a setup further up that it needs failed, was skipped  -> UpstreamFailed, Skipped
    3. its trigger rule                                      -> as the rule's table says
    4. a setup further up has not succeeded yet              -> waits
    5. of a teardown: a task it clears up after is at work   -> waits
    6. the same task in the run before                       -> waits
"""

from controller.decide.advance.past import past_verdict
from controller.decide.advance.scene import Scene
from controller.decide.advance.upstream import setup_counts, upstream_counts
from controller.decide.trigger_rules import RUNS, Verdict, judge
from controller.model.instance import instance_id
from controller.model.states import TaskState
from controller.model.task import TriggerRule


def verdict_on(scene: Scene, task: str, index: int | None) -> Verdict:
    """What is to become of the instance now."""
    planned = scene.plan.tasks[task]
    left_out = _left_out(scene, task, index)
    if left_out is not None:
        return left_out
    setups = _setups(scene, task, index)
    if setups.ends_as is not None:
        return setups
    rule = judge(planned.trigger_rule, upstream_counts(scene, task, index))
    if rule.ends_as is TaskState.SKIPPED and planned.settings.wait_for_past_before_skipping:
        past = past_verdict(scene, task, index)
        return rule if past.runs else past
    if not rule.runs or not setups.runs:
        return rule if not rule.runs else setups
    between = _between(scene, task)
    return past_verdict(scene, task, index) if between.runs else between


def _left_out(scene: Scene, task: str, index: int | None) -> Verdict | None:
    """Skipped by a choice made before it, which holds until the task that chose is cleared."""
    for skipper in scene.plan.scopes.skippers.get(task, ()):
        instance = instance_id(skipper, index if scene.plan.shares_index(task, skipper) else None)
        followed = scene.followed.get(instance)
        if followed is None:
            continue
        spared = scene.plan.scopes.spared.get(skipper, {})
        if not any(task in spared.get(name, ()) for name in followed):
            return Verdict(ends_as=TaskState.SKIPPED, reason=f"Skipped as task {instance} did not choose it")
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


def _between(scene: Scene, task: str) -> Verdict:
    for before in scene.plan.scopes.between.get(task, ()):
        if not scene.is_final(before):
            return Verdict(reason=f"Waiting for task {before}, after which this one clears up")
    return RUNS
