"""Docstrings: every module, and everything public, says what it is; ruff checks the form."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.house.tree import Function, modules, parsed, told

MODELS: Final = {"BaseModel", "BaseSettings", "Written", "Recorded", "TaskSettings"}
"""Base classes whose fields users read about: in `kubectl explain`, in the chart, in the API."""


def test_modules() -> None:
    """The first line of each says input -> output, or what it holds; the root of the tests alone is bare."""
    bare = [
        told(path)
        for path in modules("controller", "tests")
        if not (ast.get_docstring(parsed(path)) or "").split("\n")[0].strip() and path.stat().st_size
    ]
    assert bare == []


def test_what_is_public() -> None:
    """Every public function and class of the package has a sentence."""
    bare = [
        f"{told(path)}:{node.lineno} {node.name}"
        for path in modules("controller")
        for node in _public(parsed(path))
        if not ast.get_docstring(node)
    ]
    assert bare == []


def test_fields_of_models() -> None:
    """Every field that a user can write or read has a sentence below it."""
    bare = [
        f"{told(path)}:{field.lineno} {cls.name}.{ast.unparse(field.target)}"
        for path in modules("controller")
        for cls in _models(path)
        for field, following in zip(cls.body, [*cls.body[1:], None], strict=True)
        if isinstance(field, ast.AnnAssign) and not _is_text(following)
    ]
    assert bare == []


def test_sentences_of_tests() -> None:
    """Every test has the sentence that states its promise, and a name that is a situation."""
    tests = [
        (f"{told(path)}:{node.lineno} {node.name}", ast.get_docstring(node) or "")
        for path in modules("tests")
        for node in ast.walk(parsed(path))
        if isinstance(node, Function) and node.name.startswith("test_") and path.name.startswith("test_")
    ]
    assert [name for name, sentence in tests if not sentence.split("\n")[0].endswith((".", "?", ":"))] == []


def _public(tree: ast.Module) -> Iterator[ast.ClassDef | Function]:
    """The public functions and classes of a module, and the public methods of the latter."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                inner = (each for each in node.body if isinstance(each, Function))
                yield from (each for each in inner if not each.name.startswith("_"))


def _models(path: Path) -> Iterator[ast.ClassDef]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ClassDef) and MODELS & {ast.unparse(base).split(".")[-1] for base in node.bases}:
            yield node


def _is_text(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
