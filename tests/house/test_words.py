"""Words: names that say nothing, and places that exist on one machine alone."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.house.tree import files, modules, told

EMPTY_NAMES: Final = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "common",
    "base",
    "misc",
    "core",
    "shared",
    "lib",
}

_HOSTS: Final = ("docker", "quay", "ghcr", "gcr", "k8s.gcr", "registry.k8s", "pkg.dev", "azurecr", "pypi", "npmjs")
REGISTRY: Final = re.compile(rf"(?<![\w.-])(?:[\w-]+\.)*(?:{'|'.join(map(re.escape, _HOSTS))})\.(?:io|com|org|dev)\b")
MACHINE: Final = re.compile(r"(?<![\w.$}])/(?:home|Users|work|root)/[\w.-]+")

EXEMPT: Final = {
    "tests/cluster/native/configs.py": "containerd's own full name of an image that is loaded from a file",
    "tests/cluster/native/images.py": "containerd's own full names of images that are loaded from files",
    "tests/cluster/native/packages.py": "Debian calls the package of dockerd so",
    "tests/house/test_words.py": "the words themselves",
}
"""Files that may name a registry, and why."""

FOLDERS: Final = ("controller", "tests", "docs", "charts", "examples")
MADE_BY_TOOLS: Final = {"uv.lock", "go.sum", "package-lock.json"}


def test_module_names() -> None:
    """A module is named for what it holds."""
    named = {told(path) for path in modules("controller", "tests") if EMPTY_NAMES & {path.stem, path.parent.name}}
    assert named == set()


def _found(pattern: re.Pattern[str]) -> Iterator[tuple[Path, str]]:
    for path in files(*FOLDERS):
        if path.name not in MADE_BY_TOOLS:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                if pattern.search(line):
                    yield path, f"{told(path)}:{number}: {line.strip()[:80]}"


def test_registries() -> None:
    """No host of a registry is written down: images and packages come from where the user's tools are set to."""
    assert [line for path, line in _found(REGISTRY) if told(path) not in EXEMPT] == []


def test_places_of_one_machine() -> None:
    """No path of somebody's own machine is written down."""
    assert [line for _, line in _found(MACHINE)] == []


@pytest.mark.parametrize(
    "text", ["image: quay.io/x", "https://registry.npmjs.org", "docker.io/library/python", "a ghcr.io b"]
)
def test_a_registry_is_seen(text: str) -> None:
    """The pattern knows one when it sees one."""
    assert REGISTRY.search(text)


@pytest.mark.parametrize("text", ["docker", "mydocker.io.x", "python:3.13-slim", "slipway.dev/dag"])
def test_other_words_are_not(text: str) -> None:
    """The pattern lets names alone that only look alike."""
    assert not REGISTRY.search(text)


def test_reasons_of_exemptions() -> None:
    """Every rule that is switched off on a line says why on that line."""
    bare = [
        line
        for path in modules("controller", "tests")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"# noqa(: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*)?\s*$", line)
    ]
    assert bare == []
