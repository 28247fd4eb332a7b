"""Text and the values of a run -> the text a task sees, or one sentence why not.

Text without `{{ expressions }}` is done at once; templates.py, and with it Jinja2, is imported for a template alone,
as most texts are none and the commands that need no cluster must start quickly.
"""

from collections.abc import Mapping
from typing import Any

from controller.decide.render_faults import TASK_NAMES


def is_template(text: str) -> bool:
    """Whether there is anything to fill in."""
    return "{{" in text or "{%" in text or "{#" in text


def render(text: str, values: Mapping[str, Any], known: frozenset[str] = TASK_NAMES) -> str:
    """The text with its expressions filled in, at most 128 Ki characters; RenderFault says what is wrong."""
    if not is_template(text):
        return text
    from controller.decide.templates import render_template

    return render_template(text, values, known)


def evaluate(text: str, values: Mapping[str, Any]) -> Any:
    """The value of a text that is one expression in `{{ }}` and nothing else; Missing or RenderFault without one."""
    from controller.decide.templates import evaluate_template

    return evaluate_template(text, values)


def one_expression(text: str) -> frozenset[str]:
    """The names that a text reads which must be one expression; RenderFault if it is more, or not allowed."""
    from controller.decide.templates import expression_names

    return expression_names(text)


def names_in(text: str, known: frozenset[str] = TASK_NAMES) -> frozenset[str]:
    """The names that the text reads, such as `params`; RenderFault if it is not allowed."""
    if not is_template(text):
        return frozenset()
    from controller.decide.templates import template_names

    return template_names(text, known)


def references(text: str) -> tuple[tuple[str, str], ...]:
    """What the text reads of `params` and `tasks`, as (root, name), in order; RenderFault if it is not allowed."""
    if not is_template(text):
        return ()
    from controller.decide.templates import template_references

    return template_references(text)
