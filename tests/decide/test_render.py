"""Rendering: what a template may say, and that no template can harm the controller."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.decide.render import is_template, references, render
from controller.decide.render_faults import RENDERED_CHARS, RenderFault

VALUES: dict[str, Any] = {
    "params": {
        "day": "2026-01-01",
        "n": 3,
        "f": 2.5,
        "on": True,
        "none": None,
        "list": [1, "é", None],
        "map": {"a": {"b": False}},
        "items": "mine",
        "empty": "",
    },
    "tasks": {"load": {"output": {"rows": 7, "keys": ["x"], "my-key": 1}}, "my-task": {"output": None}},
    "run": {"name": "etl-1", "logicalDate": "2026-01-01T00:00:00Z"},
    "dag": {"name": "etl"},
}


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("plain $HOME {x}", "plain $HOME {x}"),
        ("day={{ params.day }}!", "day=2026-01-01!"),
        ("{{ params.n }} {{ params.f }}", "3 2.5"),
        ("{{ params.on }} {{ params.none }}", "true null"),
        ("{{ params.list }}", '[1,"é",null]'),
        ("{{ params.map }}", '{"a":{"b":false}}'),
        ("{{ params.map.a.b }}", "false"),
        ("{{ params['day'] }}", "2026-01-01"),
        ("{{ params.list[1] }}", "é"),
        ("{{ params.items }}", "mine"),
        ("{{ tasks.load.output.keys }}", '["x"]'),
        ("{{ tasks.load.output['my-key'] }}", "1"),
        ("{{ tasks['my-task'].output }}", "null"),
        ("{{ run.name }} {{ dag.name }}", "etl-1 etl"),
        ("{{ 'yes' if params.on else 'no' }}", "yes"),
        ("{{ params.n > 2 and not params.empty }}", "true"),
        ("{{ params.day ~ '-' ~ params.n }}", "2026-01-01-3"),
        ("{{ params.gone | default('other') }}", "other"),
        ("{{ params.day | replace('-', '') }}", "20260101"),
        ("{{ params.day | upper | lower | trim }}", "2026-01-01"),
        ("{{ params.list | length }} {{ params.list | first }} {{ params.list | last }}", "3 1 null"),
        ("{{ params.map | tojson }}", '{"a":{"b":false}}'),
        ("{{ '<&>' | tojson }}", '"<&>"'),
        ("{{ '{{ params.day }}' }}", "{{ params.day }}"),
        ("{# a remark #}x{% raw %}{{ }}{% endraw %}", "x{{ }}"),
    ],
)
def test_a_template(text: str, rendered: str) -> None:
    """Values are filled in; booleans, null, lists and maps as JSON."""
    assert render(text, VALUES) == rendered


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% for x in params.list %}{{ x }}{% endfor %}", "uses for"),
        ("{% set x = 1 %}", "uses assign"),
        ("{% if params.on %}x{% endif %}", "uses if"),
        ("{% include 'x' %}", "uses include"),
        ("{{ params.day.upper() }}", "uses call"),
        ("{{ range(9) }}", "uses call"),
        ("{{ 1 + 1 }}", "uses add"),
        ("{{ 'x' * 10**9 }}", "uses mul"),
        ("{{ 9 ** 9 ** 9 }}", "uses pow"),
        ("{{ -params.n }}", "uses neg"),
        ("{{ [1, 2] }}", "uses list"),
        ("{{ params.list[0:2] }}", "takes an item by a name that is not written out"),
        ("{{ params.n is defined }}", "uses test"),
        ("{{ params.list | join(',') }}", "uses the filter join"),
        ("{{ params | attr('x') }}", "uses the filter attr"),
        ("{{ 'x' | center(1000000000) }}", "uses the filter center"),
        ("{{ params[params.day] }}", "takes an item by a name that is not written out"),
        ("{{ loop }}", "uses loop"),
        ("{{ self }}", "uses self"),
        ("{{ __builtins__ }}", "uses __builtins__"),
        ("{{ params.day", "is not a template"),
        ("{{ }}", "is not a template"),
        ("{% nonsense %}", "is not a template"),
        ("{{ " + "9" * 5000 + " }}", "is not a template"),
        ("{{ " + "(" * 3000 + " }}", "is not a template"),
        ("{{ params.a" + ".a" * 5000 + " }}", "is nested more than 50 deep"),
        ("{{ params.day" + " | trim" * 3000 + " }}", "is nested more than 50 deep"),
        ("{{ params.day }}" * 600, "has more than 500 parts"),
    ],
)
def test_a_template_that_is_not_allowed(text: str, said: str) -> None:
    """It is refused when the Dag is judged, before any value is known."""
    with pytest.raises(RenderFault, match=said.replace("(", r"\(")):
        references(text)
    with pytest.raises(RenderFault):
        render(text, VALUES)


@pytest.mark.parametrize(
    "text",
    [
        "{{ params.gone }}",
        "{{ params.gone.further }}",
        "{{ params.day.upper }}",
        "{{ params.__class__ }}",
        "{{ params['__class__'] }}",
        "{{ params.day.__class__.__mro__ }}",
        "{{ tasks.load.output.rows.real }}",
        "{{ params.n.real }}",
        "{{ params.n < 'x' }}",
        "{{ params.n | length }}",
        "{{ params.list['x'] }}",
        "{{ params.day | replace('-') }}",
        "{{ params.gone | tojson }}",
        "{{ [] }}",
    ],
)
def test_a_value_is_not_there(text: str) -> None:
    """One sentence says so; nothing of Python can be reached."""
    with pytest.raises(RenderFault):
        render(text, VALUES)


@pytest.mark.parametrize(
    "text",
    [
        "{{ params.x" + " | replace('a', 'aaaaaaaaaa')" * 20 + " }}",
        "{{ params.x | replace('', params.x) }}",
        "{{ '\\\\' " + " | tojson" * 40 + " }}",
        "{{ params.x }}" * 3,
    ],
)
def test_a_template_that_grows(text: str) -> None:
    """It is stopped before it takes the memory."""
    with pytest.raises(RenderFault, match="longer than 131072"):
        render(text, {"params": {"x": "a" * 60_000}})


def test_a_text_just_within_the_limit() -> None:
    """It is filled in."""
    assert len(render("{{ params.x }}", {"params": {"x": "a" * RENDERED_CHARS}})) == RENDERED_CHARS


def test_what_a_text_reads() -> None:
    """Names of params and tasks, in order and once, however they are written."""
    text = (
        "{{ params.b }}{{ tasks['my-task'].output.x ~ params['a'] }}{{ params.b if tasks.load.output else run.name }}"
    )
    assert references(text) == (
        ("params", "b"),
        ("tasks", "my-task"),
        ("params", "a"),
        ("tasks", "load"),
    )
    assert references("{x}") == ()


def test_a_template_within_a_value() -> None:
    """It is data, and is not filled in."""
    assert render("{{ params.x }}", {"params": {"x": "{{ dag.name }}"}}) == "{{ dag.name }}"


@settings(deadline=None)
@given(st.text(alphabet="{}%# paramstk.day|'\"~()[]<0$\n", max_size=60))
def test_any_text(text: str) -> None:
    """It is rendered or refused, and nothing else is raised."""
    with suppress(RenderFault):
        assert render(text, VALUES) == text or is_template(text)
