"""A git URL with an optional ref -> a temporary folder with its files, by the program git.

    https://host/team/dags.git            the default branch
    https://host/team/dags.git@v1.2       a tag, a branch or a whole commit
    git@host:team/dags.git@main           by ssh

Git asks for no password: credentials come from git's own configuration, or stand in the URL. No hook is run.
"""

import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from controller.errors import SlipwayError, Usage

GIT_SECONDS: Final = 120
_URL: Final = re.compile(r"((?:https?|ssh|git|file)://[^/\s]*/|[\w.-]+@[\w.-]+:)(\S+)")
"""The host, and the path with what may stand behind it."""
_USER: Final = re.compile(r"(?<=://)[^/@\s]+@")
_OWN_REPOSITORY: Final = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR"})


class GitFailed(SlipwayError):
    """The repository can't be had; the text is git's own last line."""


@dataclass(frozen=True, slots=True)
class Repository:
    """Where the files are."""

    url: str
    ref: str | None
    """None = the default branch."""

    @property
    def title(self) -> str:
        """The URL without what may be a password."""
        return _USER.sub("", self.url)


def as_repository(text: str) -> Repository | None:
    """The repository that the text names; None where it is a folder. Usage where it is neither."""
    found = _URL.fullmatch(text)
    if found is None:
        if "://" in text:
            raise Usage(f"{_USER.sub('', text)}: a git URL begins with https, http, ssh, git or file")
        return None
    head, path = found.groups()
    name, at, ref = path.partition(".git@")
    if at:
        path = f"{name}.git"
    else:
        folder, slash, last = path.rpartition("/")
        last, at, ref = last.partition("@")
        path = folder + slash + last
    if at and (not ref or ref.startswith("-")):
        raise Usage(f"{_USER.sub('', text)}: write URL@REF, where REF is a branch, a tag or a whole commit")
    return Repository(head + path, ref or None)


@contextmanager
def checked_out(repository: Repository) -> Iterator[Path]:
    """The files of the newest commit there, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="slipway-sync-") as folder:
        _git(repository, folder, "init", "--quiet")
        _git(repository, folder, "fetch", "--quiet", "--depth=1", "--", repository.url, repository.ref or "HEAD")
        _git(repository, folder, "checkout", "--quiet", "--detach", "FETCH_HEAD")
        yield Path(folder)


def folder_id(title: str) -> str:
    """A label's value for what is synced from there: its last name, and a hash of the whole."""
    last = re.split(r"[/:]", title.rstrip("/"))[-1].removesuffix(".git")
    word = re.sub(r"[^A-Za-z0-9]+", "-", last).strip("-")[:40].strip("-") or "folder"
    return f"{word}-{hashlib.sha256(title.encode()).hexdigest()[:8]}"


def _git(repository: Repository, folder: str, *words: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in _OWN_REPOSITORY}
    command = ["git", "-C", folder, "-c", f"core.hooksPath={os.devnull}", "-c", "advice.detachedHead=false", *words]
    try:
        subprocess.run(  # noqa: S603 the words are ours, and the URL stands behind --
            command,
            env={**environment, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=GIT_SECONDS,
            check=True,
        )
    except FileNotFoundError as error:
        raise GitFailed("a git URL needs the program git, which is not installed here") from error
    except subprocess.TimeoutExpired as error:
        raise GitFailed(f"{repository.title} was not fetched within {GIT_SECONDS} s") from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").strip().splitlines() or [f"git ended with {error.returncode}"]
        word = next((line for line in lines if line.startswith("fatal:")), lines[-1]).removeprefix("fatal: ")
        at = f"@{repository.ref}" if repository.ref else ""
        raise GitFailed(f"{repository.title}{at} can't be fetched: {_USER.sub('', word)}") from error
