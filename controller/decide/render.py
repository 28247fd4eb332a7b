"""Text with `{{ expressions }}` and the values of a run -> the text a task sees, or one sentence why not.

Jinja2 parses; its sandbox does not stop resource bombs, so only an allow-list of nodes is let through: constants,
names, attributes, items, comparison, boolean and conditional expressions, `~`, and a few filters. No loops, calls,
assignments or arithmetic. Known names: `params`, `tasks`, `run`, `dag`.
"""

import functools
import json
from collections.abc import Mapping
from typing import Any, Final

from jinja2 import Environment, StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

RENDERED_CHARS: Final = 131_072
_NAMES: Final = frozenset({"params", "tasks", "run", "dag"})
_FILTERS: Final = frozenset({"default", "lower", "upper", "trim", "replace", "tojson", "length", "first", "last"})
_ALLOWED: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Const,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.CondExpr,
    nodes.Concat,
    nodes.Filter,
)


class RenderFault(ValueError):
    """The user's expression can't be filled in; the text is one sentence."""


def is_template(text: str) -> bool:
    """Whether there is anything to fill in."""
    return "{{" in text or "{%" in text or "{#" in text


def render(text: str, values: Mapping[str, Any]) -> str:
    """The text with its expressions filled in, at most 128 Ki characters; RenderFault says what is wrong."""
    if not is_template(text):
        return text
    template = _compiled(text)
    try:
        rendered = template.render(values)
    except (TemplateError, TypeError, ValueError, RecursionError) as error:
        raise RenderFault(f"{_shown(text)} can't be filled in: {error}") from error
    if len(rendered) > RENDERED_CHARS:
        raise RenderFault(f"{_shown(text)} becomes longer than {RENDERED_CHARS} characters")
    return rendered


def references(text: str) -> tuple[tuple[str, str], ...]:
    """What the text reads of `params` and `tasks`, as (root, name), in order; RenderFault if it is not allowed."""
    if not is_template(text):
        return ()
    tree = _checked(text)
    found: dict[tuple[str, str], None] = {}
    for node in tree.find_all((nodes.Getattr, nodes.Getitem)):
        if not isinstance(node, nodes.Getattr | nodes.Getitem):
            continue
        name = _constant_name(node)
        if isinstance(node.node, nodes.Name) and node.node.name in {"params", "tasks"} and name is not None:
            found[(node.node.name, name)] = None
    return tuple(found)


def _constant_name(node: nodes.Getattr | nodes.Getitem) -> str | None:
    if isinstance(node, nodes.Getattr):
        return str(node.attr)
    return str(node.arg.value) if isinstance(node.arg, nodes.Const) else None


@functools.cache
def _environment() -> Environment:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, finalize=_as_text)
    environment.filters["tojson"] = _json  # Jinja2's own escapes for HTML
    return environment


def _as_text(value: Any) -> Any:
    """Booleans, null, lists and maps are filled in as JSON, everything else as it prints."""
    return _json(value) if isinstance(value, bool | dict | list | tuple) or value is None else value


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@functools.lru_cache(maxsize=1024)
def _compiled(text: str) -> Template:
    _checked(text)
    return _environment().from_string(text)


def _checked(text: str) -> nodes.Template:
    try:
        tree = _environment().parse(text)
    except (TemplateError, RecursionError) as error:
        raise RenderFault(f"{_shown(text)} is not a template: {error}") from error
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            raise RenderFault(f"{_shown(text)} uses {type(node).__name__.lower()}, which is not allowed in a template")
        if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            raise RenderFault(f"{_shown(text)} uses the filter {node.name}; allowed are {', '.join(sorted(_FILTERS))}")
        if isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Const):
            raise RenderFault(f"{_shown(text)} takes an item by a name that is not written out")
        if isinstance(node, nodes.Name) and node.name not in _NAMES:
            raise RenderFault(f"{_shown(text)} uses {node.name}; known are {', '.join(sorted(_NAMES))}")
    return tree


def _shown(text: str) -> str:
    return json.dumps(text if len(text) <= 80 else text[:79] + "…", ensure_ascii=False)
