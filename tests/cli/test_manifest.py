"""Manifests: files as people and programs write them, read as kubectl and the API server read them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.cli.kubernetes_yaml import load_all, without_nulls
from controller.cli.manifest import InvalidManifest, load_dag, read_manifests

HEAD = "apiVersion: slipway.dev/v1alpha1\nkind: Dag\nmetadata: {name: etl}\n"
BODY = "spec: {tasks: [{name: a, noop: {}}]}\n"
DAG: dict[str, Any] = {
    "apiVersion": "slipway.dev/v1alpha1",
    "kind": "Dag",
    "metadata": {"name": "etl"},
    "spec": {"tasks": [{"name": "a", "noop": {}}]},
}


def yaml_value(text: str) -> Any:
    """One value of a YAML document."""
    (document,) = load_all(f"x: {text}")
    return document["x"]


def told(path: Path, content: str | bytes) -> list[str]:
    """The faults of every Dag of a file with this content."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [str(fault) for manifest in read_manifests(str(path)) for fault in manifest.faults]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A place for a manifest."""
    return tmp_path / "dag.yaml"


# ---- scalars, where Go and PyYAML differ ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-01", "2026-01-01"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("12:30", "12:30"),
        ("1:30:00", "1:30:00"),
        ("010", 8),
        ("-010", -8),
        ("0o14", 12),
        ("0x1F", 31),
        ("-0x1F", -31),
        ("0b101", 5),
        ("089", 89.0),
        ("1_000", 1000),
        ("+5", 5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e999", "1e999"),
        ("1.2.3", "1.2.3"),
        ("0x", "0x"),
        ("y", True),
        ("n", False),
        ("Yes", True),
        ("off", False),
        ("TRUE", True),
        ("yES", "yES"),
        ("null", None),
        ("~", None),
        ("", None),
        ("'y'", "y"),
        ("'010'", "010"),
        ("!!str 010", "010"),
        ('!!int "3"', 3),
        ("=", "="),
        ("'@daily'", "@daily"),
        ("é", "é"),
    ],
)
def test_a_scalar(text: str, value: Any) -> None:
    """Its type is the one that kubectl finds."""
    found = yaml_value(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("{1: a, y: b, 1.5: c, x: d}", ["1", "true", "1.5", "x"]),
        ("{010: a}", ["8"]),
        ("{2026-01-01: a}", ["2026-01-01"]),
    ],
)
def test_a_key(text: str, keys: list[str]) -> None:
    """It is text, as in JSON."""
    assert list(yaml_value(text)) == keys


def test_an_alias() -> None:
    """What it names stands in its place, and `<<` gives way to what is written, wherever it stands."""
    text = "a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, x: 9}\nd: {x: 9, <<: *a}\ne: {<<: [*a, {z: 3}]}\n"
    (document,) = load_all(text)
    both = {"x": 9, "true": 2}
    assert document == {
        "a": {"x": 1, "true": 2},
        "b": {"x": 1, "true": 2},
        "c": both,
        "d": both,
        "e": {"x": 1, "true": 2, "z": 3},
    }


def test_null_fields() -> None:
    """They are absent, at any depth; a null in a list stays."""
    assert without_nulls({"a": None, "b": {"c": None, "d": [None, {"e": None}]}}) == {"b": {"d": [None, {}]}}


# ---- files that can't be read --------------------------------------------------------------------------------------

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "no YAML": ("a: [", r"is not YAML: .*"),
    "a tab": ("a:\n\t- b", r"is not YAML: .*"),
    "binary": (b"\xff\xfe\x00\x01", r"can't be read: 'utf-8' codec can't decode .*"),
    "a control character": ("a: \x07", r"is not YAML: .*"),
    "nothing": ("", r"holds no manifest of kind Dag and apiVersion slipway.dev/v1alpha1"),
    "a comment": ("# soon\n---\n", r"holds no manifest of kind Dag .*"),
    "a word": ("hello", r"holds no manifest of kind Dag .*"),
    "a list": ("[1, 2]", r"holds no manifest of kind Dag .*"),
    "a key that stands twice": (HEAD + BODY + BODY, r"is not YAML: key 'spec' stands twice .*"),
    "a key that stands twice in two spellings": ("{1: a, '1': b}", r"is not YAML: key '1' stands twice .*"),
    "a key that stands twice in JSON": ('{"a": 1, "a": 2}', r"is not YAML: key 'a' stands twice"),
    "a key that is a list": ("[a]: b", r"is not YAML: a key must be text .*"),
    "a key of null": ("~: b", r"is not YAML: a key must be text .*"),
    "an alias bomb": (BOMB, r"is not YAML: the document has more than 1,000,000 values with its aliases written out"),
    "an alias within itself": ("a: &a [*a]", r"is not YAML: an alias stands inside what it names .*"),
    "an alias of nothing": ("a: *b", r"is not YAML: .*"),
    "a tag of Python": (
        "!!python/object/apply:os.system ['true']",
        r"is not YAML: could not determine a constructor .*",
    ),
    "a tag of bytes": ("a: !!binary aGk=", r"is not YAML: could not determine a constructor .*"),
    "a tag of a set": ("!!set {a, b}", r"is not YAML: could not determine a constructor .*"),
    "a boolean that is none": ("a: !!bool maybe", r"is not YAML: 'maybe' is not true or false .*"),
    "a number that is none": ("a: .nan", r"is not YAML: .nan can't be written as JSON .*"),
    "a number without end": ("a: " + "9" * 5000, r"is not YAML: Exceeds the limit .*"),
    "very deep": (HEAD + "spec: {pod: " + "[" * 5000 + "]" * 5000 + "}", r"(is|spec: is|is not YAML: .*) ?.*"),
}


@pytest.mark.parametrize(("content", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read(file: Path, content: str | bytes, message: str) -> None:
    """That is one fault of the file as a whole, on one line."""
    (fault,) = told(file, content)
    assert re.fullmatch(message, fault)


def test_no_file(tmp_path: Path) -> None:
    """The system's own words say why."""
    faults = [manifest.faults for name in ("gone.yaml", ".") for manifest in read_manifests(str(tmp_path / name))]
    assert [str(fault) for (fault,) in faults] == [
        "can't be read: No such file or directory",
        "can't be read: Is a directory",
    ]


# ---- what is in a file ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        HEAD + BODY,
        "\ufeff" + HEAD + BODY,
        (HEAD + BODY).replace("\n", "\r\n"),
        "---\n" + HEAD + BODY + "...\n",
        "kind: Pod\nspec: {x: 2026-01-01}\n---\n" + HEAD + BODY + "---\n",
        json.dumps(DAG),
        json.dumps(DAG, indent="\t"),
        json.dumps(DAG | {"metadata": {"name": "etl", "annotations": {"note": "\U0001f600"}}}),
        json.dumps({"apiVersion": "v1", "kind": "List", "items": [{"kind": "Pod"}, DAG]}),
        json.dumps({"apiVersion": "slipway.dev/v1alpha1", "kind": "DagList", "items": [DAG]}),
        "{apiVersion: slipway.dev/v1alpha1, kind: Dag, metadata: {name: etl}, spec: {tasks: [{name: a, noop: {}}]}}",
        HEAD + BODY + "status: {state: anything}\n",
    ],
)
def test_a_file_with_one_dag(file: Path, content: str) -> None:
    """YAML or JSON, alone, among others or in a List: it is found, and what else there is plays no part."""
    assert told(file, content) == []
    assert load_dag(str(file)).name == "etl"


def test_two_dags(file: Path) -> None:
    """Both are judged; a command for one Dag refuses them by name."""
    other = (HEAD + BODY).replace("etl", "other")
    assert told(file, HEAD + BODY + "---\n" + other) == []
    with pytest.raises(InvalidManifest, match=r"holds 2 Dags \(etl, other\), and this command takes one"):
        load_dag(str(file))


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (
            "apiVersion: slipway.dev/v2\n" + (HEAD + BODY).split("\n", 1)[1],
            ["apiVersion: is 'slipway.dev/v2', and must be slipway.dev/v1alpha1"],
        ),
        ((HEAD + BODY).split("\n", 1)[1], ["apiVersion: is None, and must be slipway.dev/v1alpha1"]),
        (HEAD, ["spec: is required, and is an object"]),
        (HEAD + "spec: text", ["spec: is required, and is an object"]),
        (
            HEAD + BODY + "zone: x\nextra: y\n1: z\n",
            [f"{name}: is not a field that exists here" for name in ("1", "extra", "zone")],
        ),
        ((HEAD + BODY).replace("metadata: {name: etl}\n", ""), ["metadata: is required, and is an object"]),
        ((HEAD + BODY).replace("name: etl", "namespace: x"), ["metadata.name: is required, and is text"]),
        ((HEAD + BODY).replace("name: etl", "name: 2026"), ["metadata.name: is required, and is text"]),
        (
            (HEAD + BODY).replace("name: etl", "name: ETL_1"),
            ["metadata.name: 'ETL_1' is not a DNS label: lower-case letters, digits and dashes, 63 at most"],
        ),
        (
            HEAD.replace("etl", "e" * 64) + "spec: {tasks: []}",
            [
                f"metadata.name: '{'e' * 64}' is not a DNS label: lower-case letters, digits and dashes, 63 at most",
                "spec.tasks: needs at least one item",
            ],
        ),
        (HEAD + "spec: {paused: maybe, tasks: [{name: a, noop: {}}]}", ["spec.paused: is not true or false"]),
    ],
)
def test_a_dag_with_faults(file: Path, content: str, faults: list[str]) -> None:
    """All are told, those around the spec first, in one order always."""
    assert told(file, content) == faults


def test_a_null_field(file: Path) -> None:
    """It is absent, as on the API server, and so is a namespace that is not needed."""
    spec = "spec: {schedule: {cron: '@daily', end: null}, paused: null, tasks: [{name: a, image: ~, noop: {}}]}"
    assert told(file, HEAD + spec) == []


def test_faults_of_a_command_for_one_dag(file: Path) -> None:
    """Each line begins with the file, and a fault of the file as a whole has no empty path."""
    file.write_text("")
    with pytest.raises(InvalidManifest) as raised:
        load_dag(str(file))
    assert str(raised.value) == f"{file}: holds no manifest of kind Dag and apiVersion slipway.dev/v1alpha1"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from(["apiVersion", "metadata", "spec", "status", "x"]), _JSON))
def test_any_dag(fields: dict[str, Any]) -> None:
    """Whatever stands in it, it is judged; nothing is raised."""
    text = json.dumps({"apiVersion": "slipway.dev/v1alpha1", "kind": "Dag", **fields})
    assert list(load_all(text)) == [json.loads(text)]


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="{}[]:,&*<!'\"|>-#? \n\tab01.~y", max_size=40))
def test_any_text(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """It is read or it is a fault; nothing is raised."""
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text)
    assert all(manifest.faults for manifest in read_manifests(str(path)))


@pytest.mark.parametrize("content", ["kind: Pod", "apiVersion: other.dev/v1\nkind: Dag"])
def test_a_file_of_other_kinds(file: Path, content: str) -> None:
    """Other kinds are passed over: such a file has no fault, and no Dag."""
    assert told(file, content) == []
