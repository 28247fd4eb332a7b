"""Expressions: CEL over a run's values, and what of it is refused."""

from typing import Any

import pytest

from controller.decide.expressions import (
    MOST_CHARS,
    ExpressionFault,
    check_expression,
    evaluate_expression,
    expression_references,
    tasks_read,
)

VALUES: dict[str, Any] = {"params": {"n": 3, "day": "x"}, "tasks": {"a-b": {"output": {"rows": [1, 2]}}}}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("params.n > 2 && params.day == 'x'", True),
        ('tasks["a-b"].output.rows.size()', 2),
        ('tasks["a-b"].output.rows.map(row, row * 2)', [2, 4]),
        ("has(tasks.c)", False),
    ],
)
def test_a_value(expression: str, value: Any) -> None:
    """It is what CEL makes of the values."""
    assert evaluate_expression(expression, VALUES) == value


@pytest.mark.parametrize(
    "expression", ["params.gone", "params.n + 'x'", "params.n / 0", "tasks.c.output", "gone", "params.n.size()"]
)
def test_no_value(expression: str) -> None:
    """The fault names the expression and what is wrong with it, in one line."""
    with pytest.raises(ExpressionFault) as raised:
        evaluate_expression(expression, VALUES)
    assert str(raised.value).startswith(f"expression {expression!r} can't be worked out: ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("params.n >", "'params.n >' is not CEL: "),
        ("x + y", "expression 'x + y' uses x; known are params"),
        ("1" * (MOST_CHARS + 1), "the expression has 4,097 characters, more than 4,096"),
        (
            "params.all(a, params.all(b, params.all(c, true)))",
            "expression 'params.all(a, params.all(b, params.all(c, true)))' has more than 2 loops over lists",
        ),
    ],
)
def test_an_expression_that_is_refused(expression: str, fault: str) -> None:
    """One sentence says why."""
    with pytest.raises(ExpressionFault) as raised:
        check_expression(expression, ("params",))
    assert str(raised.value).startswith(fault)


def test_an_expression_that_is_let_through() -> None:
    """The names of its loops are its own."""
    check_expression("params.list.exists(each, each > 1 && params.map(k, k).size() > 0)", ("params",))


@pytest.mark.parametrize(
    ("expression", "read"),
    [
        ("tasks.a.output.tasks.b > params.n", [("tasks", "a"), ("params", "n")]),
        ("tasks [ 'a-b' ].output == \"tasks.x\" || tasks.a.output", [("tasks", "a-b"), ("tasks", "a")]),
        ("my_tasks.a && 'it\\'s tasks.b' == params['x y']", [("params", "x y")]),
        ("size(params) > 1", []),
    ],
)
def test_what_is_read(expression: str, read: list[tuple[str, str]]) -> None:
    """Names count where they are taken of tasks and params, not where they stand in a text or below another name."""
    assert expression_references(expression) == tuple(read)


def test_the_tasks_that_are_read() -> None:
    """Just those that there are."""
    assert tasks_read("tasks.a.output > tasks.gone.output", {"a", "b"}) == {"a"}


def test_a_task_that_is_not_named() -> None:
    """Its output could not be looked up before, so that is refused."""
    with pytest.raises(ExpressionFault, match="must name each task that it reads"):
        expression_references("tasks[params.which].output")
