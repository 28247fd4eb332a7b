"""A template and the values of a run -> the filled-in text, and what the template reads. Behind render.py.

Jinja2 parses; its sandbox does not stop resource bombs, so only an allow-list of nodes is let through: constants,
names, attributes, items, comparison, boolean and conditional expressions, `~`, and a few filters, none of which makes
more than RENDERED_CHARS. No loops, calls, assignments or arithmetic. The names that are known stand in TASK_NAMES,
unless the caller knows others. Values are JSON data, so a dot takes an item: `params.items` is a param, never a method.
"""

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from jinja2 import Environment, StrictUndefined, Template, TemplateError, Undefined, UndefinedError, nodes
from jinja2.environment import TemplateExpression
from jinja2.sandbox import ImmutableSandboxedEnvironment

from controller.decide.render_faults import RENDERED_CHARS, TASK_NAMES, Missing, RenderFault

_MAX_PARTS: Final = 500
_MAX_DEPTH: Final = 50
_ACCESSES: Final[tuple[type[nodes.Getattr | nodes.Getitem], ...]] = (nodes.Getattr, nodes.Getitem)
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


def render_template(text: str, values: Mapping[str, Any], known: frozenset[str] = TASK_NAMES) -> str:
    """The text with its expressions filled in; RenderFault says what is wrong."""
    template = _compiled(text, known)
    rendered, size = [], 0
    try:
        for part in template.generate(values):
            rendered.append(part)
            size += len(part)
            _refuse_long(size)
    except (TemplateError, TypeError, ValueError, RecursionError) as error:
        raise RenderFault(f"{_shown(text)} can't be filled in: {error}") from error
    return "".join(rendered)


def evaluate_template(text: str, values: Mapping[str, Any]) -> Any:
    """The value of a text that is one expression and nothing else, as JSON data."""
    try:
        value = _expression(text)(**values)
    except UndefinedError as error:
        raise Missing(f"{_shown(text)} can't be worked out: {error}") from error
    except (TemplateError, TypeError, ValueError, RecursionError) as error:
        raise RenderFault(f"{_shown(text)} can't be worked out: {error}") from error
    if isinstance(value, Undefined):
        raise Missing(f"{_shown(text)} has no value")
    return value


def template_references(text: str) -> tuple[tuple[str, str], ...]:
    """What the template reads, as (root, name), in order; RenderFault if it is not allowed."""
    tree = _checked(text)
    found: dict[tuple[str, str], None] = {}
    for node in tree.find_all(_ACCESSES):
        name = _constant_name(node)
        if isinstance(node.node, nodes.Name) and node.node.name in {"params", "tasks"} and name is not None:
            found[(node.node.name, name)] = None
    return tuple(found)


def template_names(text: str, known: frozenset[str] = TASK_NAMES) -> frozenset[str]:
    """The names that the template reads; RenderFault if it is not allowed."""
    return frozenset(node.name for node in _checked(text, known).find_all(nodes.Name))


def expression_names(text: str) -> frozenset[str]:
    """The names that the text reads; RenderFault unless it is one expression and nothing else."""
    _expression(text)
    return template_names(text)


def _constant_name(node: nodes.Getattr | nodes.Getitem) -> str | None:
    if isinstance(node, nodes.Getattr):
        return str(node.attr)
    return str(node.arg.value) if isinstance(node.arg, nodes.Const) else None


class _DataEnvironment(ImmutableSandboxedEnvironment):
    """An environment whose values are JSON data: they have items and no attributes."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The item of that name; Jinja2's own would find a method first."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """The item, or an undefined value that says what is missing."""
        try:
            return obj[argument]
        except (TypeError, LookupError):
            return self.undefined(obj=obj, name=argument)


@functools.cache
def _environment() -> Environment:
    environment = _DataEnvironment(undefined=StrictUndefined, autoescape=False, finalize=_as_text)
    environment.filters["tojson"] = _tojson  # Jinja2's own escapes for HTML
    environment.filters["replace"] = _replace  # Jinja2's own has no limit
    return environment


def _as_text(value: Any) -> Any:
    """Booleans, null, lists and maps are filled in as JSON, everything else as it prints."""
    return _json(value) if isinstance(value, bool | dict | list | tuple) or value is None else value


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _tojson(value: Any) -> str:
    text = _json(value)
    _refuse_long(len(text))
    return text


def _replace(value: Any, old: str, new: str) -> str:
    text = str(_as_text(value))
    _refuse_long(len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new)


def _refuse_long(chars: int) -> None:
    if chars > RENDERED_CHARS:
        raise ValueError(f"the result is longer than {RENDERED_CHARS} characters")


@functools.lru_cache(maxsize=1024)
def _compiled(text: str, known: frozenset[str]) -> Template:
    _checked(text, known)
    return _environment().from_string(text)


@functools.lru_cache(maxsize=1024)
def _expression(text: str) -> TemplateExpression:
    body = _checked(text).body
    only = body[0].nodes if len(body) == 1 and isinstance(body[0], nodes.Output) else []
    stripped = text.strip()
    if len(only) != 1 or isinstance(only[0], nodes.TemplateData) or not stripped.startswith("{{"):
        raise RenderFault(f"{_shown(text)} must be one expression in {{{{ }}}} and nothing else")
    return _environment().compile_expression(stripped[2:-2].strip("-+ "), undefined_to_none=False)


def _checked(text: str, known: frozenset[str] = TASK_NAMES) -> nodes.Template:
    try:
        tree = _environment().parse(text)
    except (TemplateError, ValueError, RecursionError) as error:
        raise RenderFault(f"{_shown(text)} is not a template: {error}") from error
    for node in _parts(tree, text):
        if not isinstance(node, _ALLOWED):
            hint = '; a name with a dash is written tasks["a-b"]' if isinstance(node, nodes.Sub) else ""
            raise RenderFault(f"{_shown(text)} uses {type(node).__name__.lower()}, which is not allowed here{hint}")
        if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            raise RenderFault(f"{_shown(text)} uses the filter {node.name}; allowed are {', '.join(sorted(_FILTERS))}")
        if isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Const):
            raise RenderFault(f"{_shown(text)} takes an item by a name that is not written out")
        if isinstance(node, nodes.Name) and node.name not in known:
            raise RenderFault(f"{_shown(text)} uses {node.name}; known are {', '.join(sorted(known))}")
    return tree


def _parts(tree: nodes.Template, text: str) -> Iterator[nodes.Node]:
    """Every node of the tree, in the order of the text; RenderFault where they are too many, or too deep to compile."""
    ahead: list[tuple[nodes.Node, int]] = [(tree, 0)]
    for _ in range(_MAX_PARTS):
        node, depth = ahead.pop()
        if depth > _MAX_DEPTH:
            raise RenderFault(f"{_shown(text)} is nested more than {_MAX_DEPTH} deep")
        yield node
        ahead.extend((child, depth + 1) for child in reversed(list(node.iter_child_nodes())))
        if not ahead:
            return
    raise RenderFault(f"{_shown(text)} has more than {_MAX_PARTS} parts")


def _shown(text: str) -> str:
    return json.dumps(text if len(text) <= 80 else text[:79] + "…", ensure_ascii=False)
