"""`slipway sync URL`: which text is a repository, what is taken from it, and one sentence where that fails."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from controller.cli import git_folder
from controller.cli.git_folder import GitFailed, Repository, as_repository, checked_out, folder_id
from controller.errors import Usage
from controller.model.action import Kind
from tests.cli.applying_cluster import ApplyingCluster
from tests.cli.calling import slipway
from tests.cli.test_sync import DAG, Work
from tests.scenarios.story import SPACE, Story


def git(folder: Path, *words: str) -> str:
    """Git's answer."""
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with Dag one at tag v1 and Dags one and two at main, in its folder dags."""
    top = tmp_path / "team.git"
    (top / "dags").mkdir(parents=True)
    git(top, "init", "--quiet")
    for number, name in enumerate(("one", "two"), start=1):
        (top / "dags" / f"{name}.yaml").write_text(DAG % name)
        git(top, "add", ".")
        git(top, "commit", "--quiet", "--message", name)
        git(top, "tag", f"v{number}")
    return top


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dags", None),
        ("./team@host/dags", None),
        ("https://h/t/dags.git", Repository("https://h/t/dags.git", None)),
        ("https://h/t/dags.git@feature/x", Repository("https://h/t/dags.git", "feature/x")),
        ("https://h/t/dags@v1", Repository("https://h/t/dags", "v1")),
        ("https://ada:pw@h/dags", Repository("https://ada:pw@h/dags", None)),
        ("git@h:t/dags.git@main", Repository("git@h:t/dags.git", "main")),
        ("git@h:dags.git", Repository("git@h:dags.git", None)),
        ("file:///a@b/dags", Repository("file:///a@b/dags", None)),
    ],
)
def test_urls(text: str, found: Repository | None) -> None:
    """A ref stands behind the last @ of the path; an @ in front of it is a user's."""
    assert as_repository(text) == found


@pytest.mark.parametrize("text", ["ftp://h/x", "https://u:pw@h/x.git@", "https://h/x.git@--upload-pack=id"])
def test_urls_that_are_none(text: str) -> None:
    """Usage, without the password, and nothing that git would take for an option."""
    with pytest.raises(Usage) as error:
        as_repository(text)
    assert "pw" not in str(error.value)


def test_what_is_checked_out(repository: Path) -> None:
    """The default branch, a tag, a branch or a whole commit; the folder goes afterwards."""
    url = repository.as_uri()
    first = git(repository, "rev-parse", "v1")
    for ref, names in ((None, 2), ("main", 2), ("v1", 1), (first, 1)):
        with checked_out(Repository(url, ref)) as folder:
            assert len(list(folder.glob("dags/*.yaml"))) == names
        assert not folder.exists()


@pytest.mark.parametrize(("tail", "word"), [("@no", "team.git@no can't be fetched: "), ("x", "team.gitx can't be")])
def test_what_is_not_there(repository: Path, tail: str, word: str) -> None:
    """Exit code 1, and git's own word."""
    code, _, err = slipway("sync", repository.as_uri() + tail)
    assert (code, word in err, err.count("\n")) == (1, True, 1)


def test_no_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence."""
    monkeypatch.setenv("PATH", "/nowhere")
    with (
        pytest.raises(GitFailed, match="needs the program git, which is not installed here"),
        checked_out(Repository("file:///x", None)),
    ):
        pass


def test_a_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait has an end, and the password is not told."""
    monkeypatch.setattr(git_folder, "GIT_SECONDS", 0)
    with (
        pytest.raises(GitFailed, match=r"^https://h/x was not fetched within 0 s$"),
        checked_out(Repository("https://u:pw@h/x", None)),
    ):
        pass


def test_labels() -> None:
    """A word to recognise and a hash of the whole: always a label's value, the same each time."""
    assert folder_id("https://h/t/dags.git") == folder_id("https://h/t/dags.git")
    assert folder_id("https://h/a/dags") != folder_id("https://h/b/dags")
    assert folder_id("/tmp/My dags!/").startswith("My-dags-")
    assert len(folder_id("/" + "x" * 300)) < 63
    assert folder_id("/").startswith("folder-")


def test_sync_of_a_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder is synced and pruned as another one is, whichever commit it is at."""
    cluster = ApplyingCluster(Story())

    def answer(where: object, work: Work) -> int:
        async def run() -> int:
            return await work(cluster, SPACE)

        return asyncio.run(run())

    monkeypatch.setattr("controller.cli.sync.exit_code", answer)
    words = ("sync", repository.as_uri(), "--path", "dags", "--prune")
    assert slipway(*words).out.splitlines()[-1] == "2 created"
    assert slipway("sync", f"{repository.as_uri()}@v1", *words[2:]).out.splitlines() == [
        "one.yaml: dag.slipway.dev/one unchanged",
        "dag.slipway.dev/two pruned",
        "1 unchanged, 1 pruned",
    ]
    assert cluster.story.names(Kind.DAG) == ["one"]
    assert slipway("sync", repository.as_uri(), "--path", "../..").code == 1
