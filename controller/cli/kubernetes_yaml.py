"""YAML text -> plain data, read as kubectl reads it.

kubectl's Go library differs from PyYAML where it hurts: timestamps stay text, `12:30` is text and not a number in base
60, `y` and `n` are booleans, keys are text, and a key that stands twice is an error. So the resolvers are written out
here. Source: yaml.v2 `resolve.go`, which sigs.k8s.io/yaml carries.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_NODES: Final = 1_000_000
_MERGE_TAG: Final = "tag:yaml.org,2002:merge"
_TRUE: Final = frozenset({"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})
_FALSE: Final = frozenset({"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})
_INT: Final = re.compile(r"[-+]?(0[bB][01_]+|0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|[0-9][0-9_]*)")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class _KubectlLoader(_Loader):  # type: ignore[misc]  # libyaml's loader where it is there
    """A safe loader with Go's resolvers, and errors where Go has them."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def construct_document(self, node: Any) -> Any:
        """The document's data; an error where aliases blow it up or a key stands twice."""
        self._size(node, {})
        return super().construct_document(node)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:
        """The mapping; what `<<` merges in gives way to what is written."""
        self.flatten_mapping(node)
        return {self._key(key): self.construct_object(value, deep=deep) for key, value in node.value}

    def _size(self, node: Any, sizes: dict[int, int]) -> int:
        """How many nodes there are with every alias written out; libyaml itself puts no limit to them."""
        known = sizes.get(id(node))
        if known == 0:
            raise yaml.MarkedYAMLError(problem="an alias stands inside what it names", problem_mark=node.start_mark)
        if known is not None:
            return known
        sizes[id(node)] = 0
        size = 1
        if isinstance(node, yaml.MappingNode):
            self._refuse_doubles(node)
            size += sum(self._size(value, sizes) for _, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            size += sum(self._size(item, sizes) for item in node.value)
        if size > MAX_NODES:
            raise yaml.YAMLError(f"the document has more than {MAX_NODES:,} values with its aliases written out")
        sizes[id(node)] = size
        return size

    def _refuse_doubles(self, node: Any) -> None:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = "" if key_node.tag == _MERGE_TAG else self._key(key_node)
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"key {key!r} stands twice", problem_mark=key_node.start_mark)
            if key_node.tag != _MERGE_TAG:
                seen.add(key)

    def _key(self, node: Any) -> str:
        """The key as the text that it is in JSON."""
        key = self.construct_object(node, deep=True) if isinstance(node, yaml.ScalarNode) else None
        match key:
            case bool():
                return "true" if key else "false"
            case str():
                return key
            case int():
                return str(key)
            case float():
                return f"{key:g}"
        raise yaml.MarkedYAMLError(problem="a key must be text", problem_mark=node.start_mark)


def _bool(_: Any, node: Any) -> bool:
    if node.value not in _TRUE | _FALSE:
        raise yaml.MarkedYAMLError(problem=f"{node.value!r} is not true or false", problem_mark=node.start_mark)
    return node.value in _TRUE


def _int(_: Any, node: Any) -> int | float:
    text = node.value.replace("_", "")
    digits = text.lstrip("+-")
    octal = len(digits) > 1 and digits[0] == "0" and digits.isdecimal()
    if octal and ("8" in digits or "9" in digits):
        return float(text)  # Go finds no octal number in it and reads it as a decimal fraction
    number = int(digits, 8) if octal else int(digits, 0)
    return -number if text.startswith("-") else number


def _float(_: Any, node: Any) -> float | str:
    text: str = node.value
    if text.lower().endswith((".inf", ".nan")):
        raise yaml.MarkedYAMLError(problem=f"{text} can't be written as JSON", problem_mark=node.start_mark)
    number = float(text)
    return text if math.isinf(number) else number


def _register() -> type[_KubectlLoader]:
    words = "|".join(sorted(_TRUE | _FALSE))
    resolvers = (
        ("tag:yaml.org,2002:bool", re.compile(f"(?:{words})$"), "yYnNtTfFoO", _bool),
        ("tag:yaml.org,2002:int", re.compile(f"(?:{_INT.pattern})$"), "-+0123456789", _int),
        ("tag:yaml.org,2002:float", re.compile(f"(?:{_FLOAT.pattern})$"), "-+0123456789.", _float),
        ("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""], None),
        (_MERGE_TAG, re.compile(r"(?:<<)$"), "<", None),
    )
    for tag, pattern, first, constructor in resolvers:
        _KubectlLoader.add_implicit_resolver(tag, pattern, list(first))
        if constructor is not None:
            _KubectlLoader.add_constructor(tag, constructor)
    for name in ("binary", "timestamp", "set", "omap", "pairs"):
        _KubectlLoader.add_constructor(f"tag:yaml.org,2002:{name}", _KubectlLoader.construct_undefined)
    return _KubectlLoader


_LOADER: Final = _register()


def load_all(text: str) -> Iterator[Any]:
    """Each document of the text; yaml.YAMLError or ValueError where it is neither YAML nor JSON."""
    if text.lstrip().startswith("{"):  # JSON is nearly YAML, but not where it has tabs or escaped surrogates
        try:
            document = json.loads(text, object_pairs_hook=_unique)
        except json.JSONDecodeError:
            pass  # then it is a YAML mapping in braces
        else:
            yield document
            return
    yield from yaml.load_all(text, Loader=_LOADER)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for place, name in enumerate(names) if name in names[:place])
        raise yaml.YAMLError(f"key {double!r} stands twice")
    return mapping


def without_nulls(value: Any) -> Any:
    """The value as the API server stores it: a field that is null is absent."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value
