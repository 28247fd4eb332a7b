"""A CEL expression and the values of a run -> its value, or one sentence why there is none.

CEL has neither loops without end nor calls into the system, and its text is at most 4,096 characters; what is left to
bound is the size of the data, which the API server has done. The library is written in Rust and imported for an
expression alone, as most Dags have none and the commands that need no cluster must start quickly.
"""

import functools
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

MOST_CHARS: Final = 4096
MOST_NESTED_MACROS: Final = 2
_MACRO: Final = re.compile(r"\.(?:all|exists|exists_one|map|filter)\s*\(\s*(\w+)")
_READS: Final = re.compile(
    r"""(?<![\w.])(?P<root>params|tasks)\b(?:\s*\.\s*(?P<dot>[A-Za-z_]\w*)|\s*\[\s*(?P<key>"[^"]*"|'[^']*')\s*\])?"""
    r"""|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
)
"""A name with what is taken of it, or a text, in which no name is one."""


class ExpressionFault(ValueError):
    """The user's expression can't be worked out; the text is one sentence."""


def evaluate_expression(expression: str, values: Mapping[str, Any]) -> Any:
    """The value of the expression; ExpressionFault says what is wrong."""
    program = _program(expression)
    try:
        return program.execute(dict(values))
    except Exception as error:  # the library raises whatever fits: KeyError, TypeError, ValueError, RuntimeError
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error).partition(". ")[0]
        raise ExpressionFault(f"expression {_shown(expression)} can't be worked out: {what}") from error


def check_expression(expression: str, names: Collection[str]) -> None:
    """Raise ExpressionFault unless it is CEL over these names alone, and small enough."""
    of_loops = set(_MACRO.findall(expression))
    unknown = sorted(set(_program(expression).variables()) - set(names) - of_loops)
    if unknown:
        known = ", ".join(sorted(names))
        raise ExpressionFault(f"expression {_shown(expression)} uses {unknown[0]}; known are {known}")
    if len(_MACRO.findall(expression)) > MOST_NESTED_MACROS:
        raise ExpressionFault(f"expression {_shown(expression)} has more than {MOST_NESTED_MACROS} loops over lists")


def expression_references(expression: str) -> tuple[tuple[str, str], ...]:
    """What the expression reads of `params` and `tasks`, as (root, name), in order.

    ExpressionFault where it takes a task by a name that is not written out: its output could not be looked up before.
    """
    found: dict[tuple[str, str], None] = {}
    for match in _READS.finditer(expression):
        root, by_dot, by_key = match["root"], match["dot"], match["key"]
        if by_dot or by_key:
            found[(root, by_dot or by_key[1:-1])] = None
        elif root == "tasks":
            raise ExpressionFault(
                f'expression {_shown(expression)} must name each task that it reads, as tasks.a or tasks["a-b"]'
            )
    return tuple(found)


def steps_at_most(expression: str, values: Mapping[str, Any]) -> int:
    """How many steps its loops may take over these values: each may walk the longest list, and one within another."""
    loops = len(_MACRO.findall(expression))
    return _longest(values, "split" in expression) ** loops if loops > 1 else 0


def _longest(value: Any, counts_text: bool) -> int:
    """The length of the longest list or object in the value, or text if that may be taken apart."""
    longest, left = 0, [value]
    while left:  # not by recursion, as somebody else's data may be nested deeply
        each = left.pop()
        if isinstance(each, str):
            longest = max(longest, len(each) if counts_text else 0)
        elif isinstance(each, Mapping | list):
            longest = max(longest, len(each))
            left.extend(each.values() if isinstance(each, Mapping) else each)
    return longest


def tasks_read(expression: str, tasks: Collection[str]) -> frozenset[str]:
    """The tasks whose outputs the expression reads."""
    return frozenset(name for root, name in expression_references(expression) if root == "tasks" and name in tasks)


@functools.lru_cache(maxsize=1024)
def _program(expression: str) -> Any:
    if len(expression) > MOST_CHARS:
        raise ExpressionFault(f"the expression has {len(expression):,} characters, more than {MOST_CHARS:,}")
    import cel

    try:
        return cel.compile(expression)
    except Exception as error:  # as above
        raise ExpressionFault(f"{_shown(expression)} is not CEL: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0].rpartition("ERROR: ")[2] if lines else type(error).__name__


def _shown(expression: str) -> str:
    text = expression if len(expression) <= 80 else expression[:79] + "…"
    return repr(text)
