"""The repository's files as the house tests see them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def files(*folders: str) -> tuple[Path, ...]:
    """The text files under these folders that Git tracks or would, sorted."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *folders],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = sorted(set(listed.stdout.decode().split("\0")) - {""})
    return tuple(path for name in names if (path := ROOT / name).is_file() and not path.is_symlink() and _is_text(path))


def modules(*folders: str) -> list[Path]:
    """The Python files under these folders."""
    return [path for path in files(*folders) if path.suffix == ".py"]


@cache
def parsed(path: Path) -> ast.Module:
    """The module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[Function]:
    """Every function of a module, methods and inner ones included."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, Function):
            yield node


def told(path: Path) -> str:
    """The path within the repository."""
    return path.relative_to(ROOT).as_posix()


def _is_text(path: Path) -> bool:
    with path.open("rb") as file:
        return b"\0" not in file.read(4096)
