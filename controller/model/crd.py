"""The resource models -> the CustomResourceDefinitions, as plain data.

Descriptions are the fields' docstrings, read from the source text, so that `kubectl explain` and the code can't differ.
"""

import ast
import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from controller.model.kinds import AT_ONCE, IN_TIME, WITH_POD
from controller.model.names import GROUP, VERSION
from controller.model.resources import Column, Resource

Schema = dict[str, Any]


def crd(resource: Resource) -> dict[str, Any]:
    """The CustomResourceDefinition of a resource."""
    names: dict[str, Any] = {
        "kind": resource.kind,
        "plural": resource.plural,
        "singular": resource.kind.lower(),
        "listKind": f"{resource.kind}List",
        "categories": ["slipway"],
    }
    if resource.short_names:
        names["shortNames"] = list(resource.short_names)
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{resource.plural}.{GROUP}"},
        "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [_version(resource)]},
    }


def _version(resource: Resource) -> dict[str, Any]:
    version: dict[str, Any] = {
        "name": VERSION,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": _root(resource)},
        "subresources": {"status": {}},
        "additionalPrinterColumns": [_column(column) for column in (*resource.columns, _AGE)],
    }
    if resource.selectable:
        version["selectableFields"] = [{"jsonPath": path} for path in resource.selectable]
    return version


_AGE: Final = Column("AGE", ".metadata.creationTimestamp", "date")


def _column(column: Column) -> dict[str, Any]:
    told = {"name": column.name, "type": column.type, "jsonPath": column.path}
    return told | ({"priority": column.priority} if column.priority else {})


def _root(resource: Resource) -> Schema:
    spec, status = _schema_of(resource.spec), _schema_of(resource.status)
    spec["description"], status["description"] = "What is wanted.", "What is. Written by the controller alone."
    if resource.spec_rules:
        spec["x-kubernetes-validations"] = _rules(resource.spec_rules)
    for name, value in resource.status_defaults.items():
        status["properties"][name]["default"] = value
    if resource.status_defaults:
        status["default"] = {}
    root: Schema = {
        "description": resource.description,
        "type": "object",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string", "description": f"{GROUP}/{VERSION}"},
            "kind": {"type": "string", "description": resource.kind},
            "metadata": {"type": "object"},
            "spec": spec,
            "status": status,
        },
    }
    if resource.rules:
        root["x-kubernetes-validations"] = _rules(resource.rules)
    return root


def _rules(rules: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"rule": rule, "message": message} for rule, message in rules]


# ---- pydantic's JSON Schema -> a structural schema ----------------------------------------------------------------

_DROPPED: Final = frozenset({"title", "additionalProperties", "default", "anyOf", "$ref", "$defs"})
_LIST_KEYS: Final = {"tasks": ["name"], "groups": ["name"], "conditions": ["type"]}
"""Lists of objects that server-side apply merges by a key."""

_KINDS: Final = tuple(to_camel(kind) for kind in (*WITH_POD, *AT_ONCE, *IN_TIME))

RULES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "Task": (
        (
            f"[{', '.join(f'has(self.{kind})' for kind in _KINDS)}].exists_one(given, given)",
            "exactly one kind is needed, such as command, script, python or noop",
        ),
        ("!has(self.args) || has(self.command)", "args go with command alone"),
        (
            "!has(self.failsRun) || !self.failsRun || (has(self.role) && self.role == 'teardown')",
            "failsRun goes with role teardown alone",
        ),
    ),
    "Group": (("!has(self.group) || self.group != self.name", "a group can't be in itself"),),
    "Wait": (("has(self.for) != has(self.until)", "exactly one of for and until is needed"),),
    "Schedule": (
        (
            "[has(self.cron), has(self.crons), has(self.every)].filter(given, given).size() < 2",
            "only one of cron, crons and every can be given",
        ),
        (
            "has(self.cron) || has(self.crons) || has(self.every) || has(self.assets)",
            "one of cron, crons and every is needed, or assets",
        ),
        ("!has(self.every) || has(self.start)", "every needs start"),
        ("!has(self.catchup) || !self.catchup || has(self.start)", "catchup needs start"),
    ),
}
"""CEL rules by model."""


def _schema_of(model: type[BaseModel]) -> Schema:
    whole = model.model_json_schema(by_alias=True, mode="validation")
    definitions = whole.get("$defs", {})
    return _Translator(definitions, _models_of(model)).structural(whole)


def _models_of(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The models by name that the modules of the resources define."""
    modules = (name for name in list(sys.modules) if name.startswith("controller.model."))
    found = {
        name: value
        for module in modules
        for name, value in vars(sys.modules[module]).items()
        if isinstance(value, type) and issubclass(value, BaseModel)
    }
    return {**found, model.__name__: model}


@dataclass(frozen=True, slots=True)
class _Translator:
    definitions: Mapping[str, Schema]
    models: Mapping[str, type[BaseModel]]

    def structural(self, node: Schema) -> Schema:
        """The node with references put in, `null` taken out, and what Kubernetes does not allow dropped."""
        merged = self._resolved(node)
        result = {key: value for key, value in merged.items() if key not in _DROPPED}
        self._keep_default(merged, result)
        if "properties" in merged:
            result["type"] = "object"
            result["properties"] = self._properties(merged)
        elif isinstance(merged.get("additionalProperties"), dict):
            result["additionalProperties"] = self.structural(merged["additionalProperties"])
        if "items" in merged:
            result["items"] = self.structural(merged["items"])
        _as_int64(result)
        rules = RULES.get(merged.get("title", ""), ()) if "properties" in merged else ()
        if rules:
            result["x-kubernetes-validations"] = _rules(rules)
        return result

    def _properties(self, merged: Schema) -> dict[str, Schema]:
        model = self.models.get(merged.get("title", ""))
        descriptions = field_docs(model) if model is not None else {}
        properties = {}
        for name, node in merged["properties"].items():
            translated = self.structural(node)
            translated["description"] = descriptions[name]
            if name in _LIST_KEYS and translated.get("items", {}).get("type") == "object":
                translated["x-kubernetes-list-type"] = "map"
                translated["x-kubernetes-list-map-keys"] = _LIST_KEYS[name]
            properties[name] = translated
        return properties

    def _resolved(self, node: Schema) -> Schema:
        choices = [choice for choice in node.get("anyOf", []) if choice.get("type") != "null"]
        if len(choices) == 1:
            return self._resolved({**{key: value for key, value in node.items() if key != "anyOf"}, **choices[0]})
        if choices:
            return {**node, "x-kubernetes-int-or-string": True, "anyOf": []}
        if "$ref" in node:
            name = node["$ref"].rsplit("/", 1)[1]
            return {**self._resolved(self.definitions[name]), **{k: v for k, v in node.items() if k != "$ref"}}
        return node

    def _keep_default(self, merged: Schema, result: Schema) -> None:
        """Only plain values are filled in by the API server; a default that is an object would hide what was said."""
        default = merged.get("default")
        if isinstance(default, bool | int | str):
            result["default"] = default


def _as_int64(result: Schema) -> None:
    """The bounds of int64 are a format in Kubernetes; as numbers they would be rounded to floats and wrap round."""
    if result.get("type") == "integer":
        result["format"] = "int64"
        for bound, limit in (("minimum", -(2**63)), ("maximum", 2**63 - 1)):
            if result.get(bound) == limit:
                del result[bound]


def field_docs(model: type[BaseModel]) -> dict[str, str]:
    """Each field's docstring by its name in JSON, base classes included, on one line."""
    docs: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if issubclass(cls, BaseModel) and cls.__module__.startswith("controller."):
            docs |= _docs_in(cls)
    names = {name: info.alias or name for name, info in model.model_fields.items()}
    return {names[name]: doc for name, doc in docs.items() if name in names}


def _docs_in(cls: type[BaseModel]) -> dict[str, str]:
    body = ast.parse(inspect.cleandoc("\n" + inspect.getsource(cls))).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101 the source of a class
    docs = {}
    for statement, following in zip(body.body, body.body[1:], strict=False):
        match statement, following:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                docs[name] = " ".join(text.split())
    return docs
