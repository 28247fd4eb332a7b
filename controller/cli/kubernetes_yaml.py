"""YAML text -> plain data, read as kubectl reads it.

kubectl's Go library differs from PyYAML where it hurts: timestamps stay text, `12:30` is text and not a number in base
60, `y` and `n` are booleans, and a key that stands twice is an error. So the resolvers are written out here. Source:
yaml.v2 `resolve.go`, which sigs.k8s.io/yaml carries.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TRUE: Final = frozenset({"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})
_FALSE: Final = frozenset({"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})
_INT: Final = re.compile(r"[-+]?(0[bB][01_]+|0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|[0-9][0-9_]*)")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class _KubectlLoader(_Loader):  # type: ignore[misc]  # libyaml's loader where it is there
    """A safe loader with Go's resolvers; aliases that would blow the document up are refused by their number."""

    yaml_implicit_resolvers: dict[str, Any] = {}
    aliases = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The node; a document with very many aliases is a bomb."""
        if self.check_event(yaml.AliasEvent):
            self.aliases += 1
            if self.aliases > 10_000:
                raise yaml.YAMLError("the document has more than 10,000 aliases")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """The mapping; an error where a key stands twice."""
        self.flatten_mapping(node)
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int | float | bool):
                raise yaml.MarkedYAMLError(problem="a key must be text", problem_mark=key_node.start_mark)
            if key in mapping:
                raise yaml.MarkedYAMLError(problem=f"key {key!r} stands twice", problem_mark=key_node.start_mark)
            mapping[key] = self.construct_object(value_node, deep=deep)
        return mapping


def _bool(_: Any, node: Any) -> bool:
    return node.value in _TRUE


def _int(_: Any, node: Any) -> int | float:
    text = node.value.replace("_", "")
    digits = text.lstrip("+-")
    octal = len(digits) > 1 and digits[0] == "0" and digits.isdecimal()
    if octal and ("8" in digits or "9" in digits):
        return float(text)  # Go finds no octal number in it and reads it as a decimal fraction
    number = int(digits, 8) if octal else int(digits, 0)
    return -number if text.startswith("-") else number


def _float(_: Any, node: Any) -> float:
    return float(node.value.lower().replace(".inf", "inf").replace(".nan", "nan"))


def _register() -> type[_KubectlLoader]:
    words = "|".join(sorted(_TRUE | _FALSE))
    resolvers = (
        ("tag:yaml.org,2002:bool", re.compile(f"(?:{words})$"), "yYnNtTfFoO", _bool),
        ("tag:yaml.org,2002:int", re.compile(f"(?:{_INT.pattern})$"), "-+0123456789", _int),
        ("tag:yaml.org,2002:float", re.compile(f"(?:{_FLOAT.pattern})$"), "-+0123456789.", _float),
        ("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""], None),
        ("tag:yaml.org,2002:merge", re.compile(r"(?:<<)$"), "<", None),
    )
    for tag, pattern, first, constructor in resolvers:
        _KubectlLoader.add_implicit_resolver(tag, pattern, list(first))
        if constructor is not None:
            _KubectlLoader.add_constructor(tag, constructor)
    return _KubectlLoader


_LOADER: Final = _register()


def load_all(text: str) -> Iterator[Any]:
    """Each document of the text; yaml.YAMLError where it is no YAML. JSON is YAML."""
    yield from yaml.load_all(text, Loader=_LOADER)


def without_nulls(value: Any) -> Any:
    """The value as the API server stores it: a field that is null is absent."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value
