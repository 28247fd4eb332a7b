"""A plan -> rules about failed attempts that can't be meant so."""

from collections.abc import Iterator

from controller.decide.memory import memory_faults
from controller.decide.retry_rules import rule_faults
from controller.decide.validity.fault import Fault
from controller.decide.validity.fields import all_settings
from controller.model.plan import Plan


def _rules(plan: Plan) -> Iterator[Fault]:
    for path, settings in all_settings(plan.spec):
        for where, message in rule_faults(settings.retry_rules or ()):
            yield Fault(f"{path}.retryRules{where}", message)


def _memory(plan: Plan) -> Iterator[Fault]:
    for place, task in enumerate(plan.spec.tasks):
        for message in memory_faults(plan.tasks[task.name].settings, is_own=task.on_oom is not None):
            yield Fault(f"spec.tasks[{place}].onOOM", message)


JUDGES = (_rules, _memory)
