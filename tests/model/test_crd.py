"""CRDs: what the API server demands of them, and that `kubectl explain` is the manual."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from controller.decide.validity import judge_spec
from controller.model.crd import crd
from controller.model.dag import canonical_json
from controller.model.resources import RESOURCES

Schema = dict[str, Any]
CRDS = {resource.plural: crd(resource) for resource in RESOURCES}
SCHEMAS = {name: found["spec"]["versions"][0]["schema"]["openAPIV3Schema"] for name, found in CRDS.items()}


def nodes(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Every schema within a schema, with its path."""
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from nodes(inner, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from nodes(schema[key], f"{path}[]")


EVERY_NODE = [(f"{name}{path}", node) for name, schema in SCHEMAS.items() for path, node in nodes(schema)]


def test_every_field_is_described() -> None:
    """No field is without its sentences, since they are the manual."""
    bare = [
        path
        for path, node in EVERY_NODE
        if not path.endswith("[]") and not node.get("description") and not path.endswith(".metadata")
    ]
    assert bare == []


def test_descriptions_end_in_a_full_stop() -> None:
    """They are sentences on one line; apiVersion and kind name a word alone."""
    odd = [
        path
        for path, node in EVERY_NODE
        if "description" in node
        and not path.endswith((".apiVersion", ".kind"))
        and (not node["description"].endswith(".") or "\n" in node["description"] or "  " in node["description"])
    ]
    assert odd == []


@pytest.mark.parametrize("name", CRDS)
def test_the_size(name: str) -> None:
    """It is far below what `kubectl apply` can put into an annotation."""
    assert len(json.dumps(CRDS[name])) < 200 * 1024


def test_the_schemas_are_structural() -> None:
    """Each node has a type or takes anything, and nothing that the API server does not know."""
    allowed = {
        "description", "type", "properties", "required", "items", "additionalProperties", "default", "enum", "format",
        "pattern", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "maxProperties",
        "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
        "x-kubernetes-list-type", "x-kubernetes-list-map-keys",
    }  # fmt: skip
    for path, node in EVERY_NODE:
        assert node.keys() <= allowed, path
        open_ended = node.get("x-kubernetes-preserve-unknown-fields") or node.get("x-kubernetes-int-or-string")
        assert "type" in node or open_ended, path
        assert not ("properties" in node and "additionalProperties" in node), path
        assert set(node.get("required", ())) <= node.get("properties", {}).keys(), path


def test_everything_has_a_bound() -> None:
    """Text, lists and maps are bounded, so that CEL rules stay cheap and objects small."""
    for path, node in EVERY_NODE:
        if path.endswith((".apiVersion", ".kind")):
            continue
        if node.get("type") == "string" and "enum" not in node:
            assert "maxLength" in node, path
        if node.get("type") == "array":
            assert "maxItems" in node, path
        if node.get("type") == "object" and "additionalProperties" in node:
            assert "maxProperties" in node, path


def test_integers_are_int64() -> None:
    """Their bounds are written where they are narrower, never as floats."""
    for path, node in EVERY_NODE:
        if node.get("type") == "integer":
            assert node["format"] == "int64", path
            assert all(isinstance(node.get(bound, 0), int) for bound in ("minimum", "maximum")), path
            assert abs(node.get("maximum", 0)) < 2**53, path


def test_lists_that_are_merged_by_a_key() -> None:
    """The key is a required field of its items."""
    for path, node in EVERY_NODE:
        for key in node.get("x-kubernetes-list-map-keys", ()):
            assert key in node["items"]["required"], path


@pytest.mark.parametrize("name", CRDS)
def test_the_frame(name: str) -> None:
    """Names, scope and the subresource are what the manual says; status may be written by the controller alone."""
    found = CRDS[name]
    names = found["spec"]["names"]
    version = found["spec"]["versions"][0]
    assert found["metadata"]["name"] == f"{name}.slipway.dev"
    assert (names["plural"], names["categories"], found["spec"]["scope"]) == (name, ["slipway"], "Namespaced")
    assert (version["name"], version["served"], version["storage"]) == ("v1alpha1", True, True)
    assert version["subresources"] == {"status": {}}
    assert "tr" not in names.get("shortNames", ())


@pytest.mark.parametrize("name", CRDS)
def test_columns_and_selectable_fields(name: str) -> None:
    """Each points to a field of the schema, and no title stands twice."""
    version = CRDS[name]["spec"]["versions"][0]
    columns = version["additionalPrinterColumns"]
    assert len({column["name"] for column in columns}) == len(columns)
    paths = [column["jsonPath"] for column in columns] + [at["jsonPath"] for at in version.get("selectableFields", ())]
    for path in paths:
        node = SCHEMAS[name]
        for part in path.split("[")[0].strip(".").split("."):
            if part in ("creationTimestamp", "annotations"):
                break
            node = node["properties"][part]


def test_states_by_default() -> None:
    """A TaskRun is Scheduled and a DagRun Queued with no write of the controller."""
    defaults = {name: SCHEMAS[name]["properties"]["status"].get("default") for name in SCHEMAS}
    assert defaults == {"dags": None, "dagruns": {}, "taskruns": {}, "pools": None, "backfills": {}, "approvals": {}}
    states = {
        name: SCHEMAS[name]["properties"]["status"]["properties"]["state"]["default"]
        for name in ("dagruns", "taskruns", "approvals")
    }
    assert states == {"dagruns": "Queued", "taskruns": "Scheduled", "approvals": "Open"}


DESIGN = """
apiVersion: slipway.dev/v1alpha1
kind: Dag
metadata: {name: etl}
spec:
  schedule:
    cron: "0 6 * * *"
    timezone: Europe/Zurich
    start: "2026-01-01T00:00:00Z"
    mode: trigger
    catchup: false
    onEnable: wait
    missedRuns: latest
    dst: {gap: shift, overlap: later}
  concurrency: {maxActiveRuns: 16, maxActiveTasks: 16}
  runTimeout: 6h
  params: {day: {type: string, default: "2026-01-01"}}
  defaults: {image: "...", retries: 2, retryDelay: 30s}
  tasks:
  - name: download
    script: |
      true
  - name: process
    dependsOn: [download]
    triggerRule: all_success
    command: [process]
    args: ["{{ params.day }}"]
    env: [{name: X, value: "1"}]
    envFrom: [{configMapRef: {name: c}}]
    resources: {limits: {memory: 1Gi}}
    serviceAccountName: s
    retries: 0
    retryDelay: 300s
    retryBackoff: 2
    maxRetryDelay: 1h
    timeout: 1h
    priorityWeight: 1
    weightRule: downstream
    pool: default
    poolSlots: 1
    pod: {}
"""


def test_the_dag_of_the_design_page() -> None:
    """Every field that it names exists, and it is valid."""
    spec = yaml.safe_load(DESIGN)["spec"]
    assert judge_spec(canonical_json(spec)).faults == ()
    dag = SCHEMAS["dags"]["properties"]["spec"]
    assert spec.keys() <= dag["properties"].keys()
    assert spec["schedule"].keys() <= dag["properties"]["schedule"]["properties"].keys()
    for task in spec["tasks"]:
        assert task.keys() <= dag["properties"]["tasks"]["items"]["properties"].keys()
