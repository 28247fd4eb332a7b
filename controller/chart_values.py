"""charts/slipway/values.yaml -> its values.schema.json and the table of the chart's README.

    # -- {minimum: 1} Pods of the controller.      JSON Schema in YAML, where the default does not say what it may be,
    # One leads, ...                               and the description, over any number of lines
    replicas: 1                                    the default, and with it the type

A key with such a comment is a value, whatever it holds; one without is a group, whose keys are all of this form. What
`config:` holds are the controller's settings, whose limits are taken from there.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from controller.settings import Settings

HEADER: Final = "Generated from charts/slipway/values.yaml by `make generate`. Do not edit."
SETTINGS_GROUP: Final = "config"
_KEY: Final = re.compile(r"^( *)([A-Za-z][\w-]*):")
_TYPES: Final = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
_LIMITS: Final = (
    "type",
    "enum",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "minLength",
    "maxLength",
    "items",
)


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the chart."""

    path: tuple[str, ...]
    default: Any
    description: str
    schema: Mapping[str, Any]
    """What the comment says of it."""

    @property
    def name(self) -> str:
        """The path as `--set` takes it."""
        return ".".join(self.path)


class Undocumented(ValueError):
    """A key has no comment, or one that can't be read."""


def read_values(text: str) -> list[Value]:
    """Every value of the file, in its order; Undocumented names a key that says nothing of itself."""
    defaults = yaml.safe_load(text)
    return list(_values(defaults, _comments(text), ()))


def _values(group: Mapping[str, Any], comments: Mapping[tuple[str, ...], str], at: tuple[str, ...]) -> Iterator[Value]:
    for key, default in group.items():
        path = (*at, key)
        if path in comments:
            yield _value(path, default, comments[path])
        elif isinstance(default, dict) and default:
            yield from _values(default, comments, path)
        else:
            raise Undocumented(f"{'.'.join(path)} has no comment that begins with `# --`")


def _comments(text: str) -> dict[tuple[str, ...], str]:
    """The text of each `# --` comment by the path of the key below it."""
    found: dict[tuple[str, ...], str] = {}
    path: list[tuple[int, str]] = []
    lines: list[str] = []
    for line in text.splitlines():
        words = line.strip()
        if words.startswith("# -- "):
            lines = [words.removeprefix("# -- ")]
        elif words.startswith("# ") and lines:
            lines.append(words.removeprefix("# "))
        elif key := _KEY.match(line):
            indent = len(key[1])
            path = [*(each for each in path if each[0] < indent), (indent, key[2])]
            if lines:
                found[tuple(name for _, name in path)] = " ".join(lines)
            lines = []
        else:
            lines = []
    return found


def _value(path: tuple[str, ...], default: Any, comment: str) -> Value:
    schema, description = {}, comment
    if comment.startswith("{"):
        end = _closing(path, comment)
        schema, description = yaml.safe_load(comment[:end]), comment[end:].strip()
    if not description.endswith("."):
        raise Undocumented(f"{'.'.join(path)} has a comment that is no sentence: {description!r}")
    return Value(path, default, description, schema)


def _closing(path: tuple[str, ...], comment: str) -> int:
    """Where the braces that the comment begins with end; braces in quotes are text."""
    depth, in_quotes = 0, False
    for number, character in enumerate(comment):
        in_quotes ^= character == '"'
        if not in_quotes:
            depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            return number + 1
    raise Undocumented(f"{'.'.join(path)} has a comment whose braces do not close")


# ---- the schema ------------------------------------------------------------------------------------------------------


def schema_text(values: list[Value]) -> str:
    """values.schema.json: nothing is taken that no value is."""
    root: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}
    for value in values:
        group = root
        for name in value.path[:-1]:
            group = group["properties"].setdefault(
                name, {"type": "object", "additionalProperties": False, "properties": {}}
            )
        group["properties"][value.path[-1]] = _property(value)
    # An umbrella chart shares its globals with all of its charts.
    root["properties"]["global"]["additionalProperties"] = True
    whole = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Slipway", **root}
    # JSON has no comments, but a schema may have one.
    return f'{{"$comment": {json.dumps(HEADER)},\n' + json.dumps(whole, indent=2)[2:] + "\n"


def _property(value: Value) -> dict[str, Any]:
    made = {"description": value.description, "default": value.default, **value.schema}
    if "type" not in made:
        made["type"] = _TYPES[type(value.default)]
    if value.path[0] == SETTINGS_GROUP:
        made |= setting_limits(value.path[1])
    return made


def setting_name(key: str) -> str:
    """The field of Settings that a key of `config:` sets: keepSlots is keep_slots."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", key).lower()


def setting_limits(key: str) -> dict[str, Any]:
    """What the controller itself takes for that setting; nothing where it has no such limits."""
    settings = Settings.model_json_schema()["properties"]
    name = setting_name(key)
    return {word: limit for word, limit in settings.get(name, {}).items() if word in _LIMITS}


# ---- the README ------------------------------------------------------------------------------------------------------


def readme_text(values: list[Value], introduction: str) -> str:
    """README.md: the introduction, then a table for each group of values."""
    lines = [f"<!-- {HEADER} The introduction is README.md.in. -->", introduction.rstrip(), ""]
    titles = dict.fromkeys(_title(value) for value in values)
    for title in titles:
        lines += [f"### {title}", "", "| value | default | meaning |", "| --- | --- | --- |"]
        lines += [_row(value) for value in values if _title(value) == title]
        lines.append("")
    return "\n".join(lines)


def _title(value: Value) -> str:
    return value.path[0] if len(value.path) > 1 else "general"


def _row(value: Value) -> str:
    meaning = " ".join((value.description, *_limits_told(_property(value))))
    cells = (f"`{value.name}`", f"`{json.dumps(value.default)}`", meaning)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _limits_told(schema: Mapping[str, Any]) -> Iterator[str]:
    if "enum" in schema:
        yield f"One of {', '.join(f'`{word}`' for word in schema['enum'])}."
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        yield f"{least} to {most}."
    elif least is not None and least != 0:
        yield f"At least {least}."
    elif most is not None:
        yield f"At most {most}."
