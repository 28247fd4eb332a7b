"""`slipway wait` and `slipway watch` as users call them: what is printed, and the exit code."""

from itertools import count, pairwise

import pytest

from controller.cli import waiting
from controller.errors import Refused, Unauthenticated, Unavailable
from controller.model.action import Kind
from tests.cli.calling import slipway
from tests.cli.moving_cluster import MovingCluster, at_once
from tests.scenarios.story import Story, fails, succeeds


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> MovingCluster:
    """A run of a >> b that is about to begin."""
    story = Story({"a": succeeds(2), "b": [fails(seconds=2), succeeds(2)]})
    story.dag("a >> b", tasks={"b": {"retries": 1}})
    story.trigger()
    found = MovingCluster(story)
    at_once(monkeypatch, found)
    return found


def test_a_run_that_succeeds(cluster: MovingCluster) -> None:
    """Exit code 0; it is said how far the run is, each thing once."""
    code, out, err = slipway("wait", "d@latest")
    assert (code, err) == (0, "")
    assert out.splitlines() == ["Running 0/2", "Running 1/2", "Success 2/2"]


def test_a_run_that_fails(cluster: MovingCluster) -> None:
    """Exit code 1, and why."""
    cluster.story.works["a"] = fails()
    code, _, err = slipway("wait", "r")
    assert code == 1
    assert err.startswith("slipway: run r failed: ")


def test_a_run_that_is_cancelled(cluster: MovingCluster) -> None:
    """Exit code 4."""
    cluster.before_look = lambda: cluster.story.edit(Kind.DAG_RUN, "r", cancel="force")
    assert slipway("wait", "r").code == 4


def test_a_run_that_is_deleted_meanwhile(cluster: MovingCluster) -> None:
    """Exit code 4, and one sentence."""
    looks = count()
    cluster.before_look = lambda: cluster.story.delete(Kind.DAG_RUN, "r") if next(looks) == 2 else None
    code, _, err = slipway("wait", "r")
    assert (code, err) == (4, "slipway: run r was deleted\n")


@pytest.mark.parametrize(
    ("run", "told"),
    [("x", "there is no run x in namespace team"), ("x@latest", "Dag x has no run in namespace team")],
)
def test_a_run_that_never_was(cluster: MovingCluster, run: str, told: str) -> None:
    """Exit code 4 too: 1 would say that it failed."""
    assert slipway("wait", run) == (4, "", f"slipway: {told}\n")
    assert slipway("watch", run).code == 4


def test_a_run_that_takes_too_long(cluster: MovingCluster) -> None:
    """Exit code 124 after one look at least, and the run goes on."""
    code, out, err = slipway("wait", "r", "--timeout", "0")
    assert (code, out, err) == (124, "Running 0/2\n", "slipway: run r has not ended in time, and goes on\n")
    assert slipway("wait", "r", "--timeout", "-1").code == 2


def test_a_cluster_that_is_away_for_a_moment(cluster: MovingCluster) -> None:
    """The wait goes on over it, once the run was seen."""
    looks = count()

    def look() -> None:
        if next(looks) == 1:
            cluster.breaks = [Unavailable("away"), Unavailable("away")]

    cluster.before_look = look
    assert slipway("wait", "r").code == 0
    assert cluster.breaks == []


@pytest.mark.parametrize(
    ("error", "patience"),
    [(Unavailable("away"), 0.0), (Unauthenticated("expired"), 60.0), (Refused("no", "Forbidden", 403), 60.0)],
)
async def test_a_cluster_that_stays_away(
    cluster: MovingCluster, monkeypatch: pytest.MonkeyPatch, error: Exception, patience: float
) -> None:
    """The error gets out, which connect.py makes an exit code of; a refusal does so at once."""
    monkeypatch.setattr(waiting, "PATIENCE_SECONDS", patience)

    async def ask() -> int:
        raise error

    with pytest.raises(type(error)):
        await waiting.patiently(ask)


@pytest.mark.parametrize("words", [("wait", "r"), ("watch", "r"), ("logs", "r"), ("trigger", "d", "--wait")])
def test_a_user_who_has_seen_enough(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    """Ctrl-C is exit code 130, and it is said that nothing was ended by it."""

    def interrupt(*_: object) -> int:
        raise KeyboardInterrupt

    for module in ("waiting", "logs", "trigger"):
        monkeypatch.setattr(f"controller.cli.{module}.exit_code", interrupt)
    assert slipway(*words) == (130, "", "slipway: interrupted; what runs in the cluster goes on\n")


@pytest.mark.parametrize("words", [("wait", "r"), ("watch", "r"), ("logs", "r"), ("trigger", "d"), ("sync", ".")])
def test_no_cluster(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    """Exit code 5."""
    monkeypatch.setenv("KUBECONFIG", "/nowhere")
    answer = slipway(*words)
    assert (answer.code, answer.err.startswith("slipway: no cluster is configured")) == (5, True)


def test_watch(cluster: MovingCluster) -> None:
    """One line for each change: the time, the task or the run, and where it stands now."""
    code, out, err = slipway("watch", "r")
    assert (code, err) == (0, "")
    lines = [line.split("   ", 1) for line in out.splitlines()]
    assert all(time.endswith("Z") for time, _ in lines)
    said = [line for _, line in lines]
    assert said[:2] == ["a   Scheduled", "run/r   Running 0/2"]
    assert "a   Success" in said
    assert [line for line in said if line.startswith("b ")][-1:] == ["b   Success (try 2)"]
    assert any(line.startswith("b   UpForRetry: ") for line in said)
    assert said[-1] == "run/r   Success 2/2"
    assert all(line != after for line, after in pairwise(said))


def test_watch_of_a_run_that_fails(cluster: MovingCluster) -> None:
    """The exit code is that of `wait`."""
    cluster.story.works["a"] = fails()
    assert slipway("watch", "r").code == 1
