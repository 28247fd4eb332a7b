"""`slipway logs` as users call it: lines, and one sentence where there are none."""

import asyncio
from itertools import count

import pytest

from controller.model.action import Kind
from controller.model.metadata import Key
from tests.cli.calling import slipway
from tests.cli.moving_cluster import MovingCluster, at_once
from tests.scenarios.story import Story, fails, succeeds


def made(monkeypatch: pytest.MonkeyPatch, story: Story, seconds: float | None = None) -> MovingCluster:
    """The story's cluster after so long, None = at its end, as the commands find it."""
    if seconds != 0:
        asyncio.run(story.run(seconds))
    cluster = MovingCluster(story)
    at_once(monkeypatch, cluster)
    return cluster


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> MovingCluster:
    """A run of a >> b that has ended, b at its second attempt."""
    story = Story({"b": [fails(), succeeds()]})
    story.dag("a >> b", tasks={"b": {"retries": 1}})
    story.trigger()
    cluster = made(monkeypatch, story)
    cluster.logs = {"r-a-1": ["one", "two ERROR", "three"], "r-b-2": ["four ERROR"]}
    return cluster


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> MovingCluster:
    """A run of a >> b, and of c that has no slot, while a is at work."""
    story = Story({"a": succeeds(100)})
    story.apply(Kind.POOL, "db", {"slots": 0})
    story.dag("[a, c] >> b", tasks={"c": {"pool": "db"}})
    story.trigger()
    return made(monkeypatch, story, 10)


def test_one_task(ended: MovingCluster) -> None:
    """Its lines as they are, of its newest attempt or of the one asked for."""
    assert slipway("logs", "r", "a") == (0, "one\ntwo ERROR\nthree\n", "")
    assert slipway("logs", "d@latest", "b").out == "four ERROR\n"
    assert slipway("logs", "r", "b", "--try", "1").out == "r-b-1\n"
    assert slipway("logs", "r", "b", "--try", "3") == (1, "", "slipway: task b has no try 3: its newest is 2\n")


def test_all_tasks(ended: MovingCluster) -> None:
    """In the order in which they started; each line begins with its task, and with the attempt from the second on."""
    lines = ["a | one", "a | two ERROR", "a | three", "b (try 2) | four ERROR"]
    code, out, err = slipway("logs", "r")
    assert (code, out.splitlines(), err) == (0, lines, "")
    assert slipway("logs", "r", "--grep", "ERR.R$").out.splitlines() == [lines[1], lines[3]]


def test_a_part_of_a_log(ended: MovingCluster) -> None:
    """The API server is asked for no more than the part."""
    assert slipway("logs", "r", "a", "--tail", "1", "--timestamps").out == "2026-01-01T00:00:02.5Z three\n"
    slipway("logs", "r", "a", "--since", "10m")
    assert ended.asked == [
        {"container": "main", "timestamps": "true", "tailLines": "1"},
        {"container": "main", "sinceSeconds": "600"},
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--since", "soon"), "--since: 'soon' is not a duration: write a whole number and s, m, h or d"),
        (("--grep", "("), "--grep (: is not a regular expression: "),
    ],
)
def test_a_command_line_that_is_wrong(ended: MovingCluster, words: tuple[str, ...], told: str) -> None:
    """One line, and exit code 2."""
    code, _, err = slipway("logs", "r", *words)
    assert (code, err.startswith(f"slipway: {told}"), err.count("\n")) == (2, True, 1)


def test_a_pod_that_is_gone(ended: MovingCluster) -> None:
    """One sentence says where the archived log is, exit code 1; the others are printed all the same."""
    ended.story.delete(Kind.POD, "r-a-1")
    told = (
        "slipway: Pod r-a-1 is gone: its archived log, if one was kept, is in the UI and at "
        "/api/v1/namespaces/team/runs/r/tasks/a/attempts/1/log of `slipway web`\n"
    )
    assert slipway("logs", "r", "a") == (1, "", told)
    assert slipway("logs", "r") == (1, "b (try 2) | four ERROR\n", told)
    assert slipway("logs", "r", "-f") == (1, "b (try 2) | four ERROR\n", told)
    ended.lost = {"r-b-2"}
    assert slipway("logs", "r", "b").err.startswith("slipway: the node of Pod r-b-2 has thrown its log away: its arch")


def test_a_task_that_has_not_started(waits: MovingCluster) -> None:
    """The reason is the one of the WHY column, or what `slipway why` says of a task that has no TaskRun."""
    waiting = "task c has not started: Pool: The task needs 1 slots, but pool db has 0 in all"
    assert slipway("logs", "r", "c") == (1, "", f"slipway: {waiting}\n")
    rule = "task b has not started: TriggerRule: Trigger rule all_success waits for 2 of 2 upstream tasks"
    assert slipway("logs", "r", "b") == (1, "", f"slipway: {rule}\n")
    assert slipway("logs", "r") == (0, "a | r-a-1\n", "slipway: without a log: c\n")


def test_a_container_that_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The API server's word is passed on."""
    story = Story({"a": succeeds(100)})
    story.dag("a")
    story.trigger()
    made(monkeypatch, story, 10)
    container = {"name": "main", "state": {"waiting": {"reason": "ImagePullBackOff"}}}
    story.cluster.merge(Kind.POD, _pod(story), {"status": {"containerStatuses": [container]}})
    code, out, err = slipway("logs", "r", "a")
    assert (code, out) == (1, "")
    assert err.startswith("slipway: task a has not started: container")
    assert "ImagePullBackOff" in err


def test_tasks_that_never_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a task without a Pod, nor one that was not run for another's failure, has a log."""
    story = Story({"a": fails()})
    story.dag("n >> a >> b", tasks={"n": {"noop": {}}})
    story.trigger()
    made(monkeypatch, story)
    assert slipway("logs", "r", "n").err.startswith("slipway: task n never ran in a Pod: The run ended")
    assert slipway("logs", "r", "b").err.startswith(
        "slipway: task b never ran in a Pod: The run ended as Failed: Task a failed"
    )


def test_nothing_of_that_name(ended: MovingCluster) -> None:
    """One sentence."""
    assert slipway("logs", "x") == (1, "", "slipway: there is no run x in namespace team\n")
    assert slipway("logs", "r", "x").code == 1
    assert "no task x" in slipway("logs", "r", "x").err


def test_a_mapped_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """All its instances, each line with its own; one by its index."""
    story = Story()
    story.dag("m", tasks={"m": {"map": {"over": [1, 2]}}})
    story.trigger()
    made(monkeypatch, story)
    assert slipway("logs", "r", "m").out.splitlines() == ["m[0] | r-m-0-1", "m[1] | r-m-1-1"]
    assert slipway("logs", "r", "m[1]").out == "r-m-1-1\n"
    story.delete(Kind.POD, "r-m-1-1")
    assert "/tasks/m/attempts/1/log?index=1 of" in slipway("logs", "r", "m[1]").err


def test_following_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks and their attempts are taken up as they come, until the run ends; what comes later is printed whole."""
    story = Story({"a": succeeds(3), "b": [fails(seconds=3), succeeds(3)]})
    story.dag("a >> b", tasks={"b": {"retries": 1}})
    story.trigger()
    cluster = made(monkeypatch, story, 0)
    cluster.logs = {"r-b-2": ["one", "two"]}
    code, out, err = slipway("logs", "r", "-f", "--tail", "1")
    assert (code, err) == (0, "")
    assert out.splitlines() == ["a | r-a-1", "b | r-b-1", "b (try 2) | one", "b (try 2) | two"]
    assert story.states()["run"] == "Success"


def test_following_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with the task, though the run goes on, and waits for one that has not started."""
    story = Story({"a": succeeds(3), "b": succeeds(3), "c": succeeds(500)})
    story.dag("a >> b >> c")
    story.trigger()
    made(monkeypatch, story, 0)
    assert slipway("logs", "r", "b", "-f") == (0, "r-b-1\n", "")
    assert story.states()["run"] == "Running"


def test_a_stream_that_breaks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is taken up again, and no line is missing or stands twice."""
    story = Story({"a": succeeds(5)})
    story.dag("a")
    story.trigger()
    cluster = made(monkeypatch, story, 0)
    cluster.logs = {"r-a-1": ["one", "two", "three"]}
    cluster.breaks_after = 2
    assert slipway("logs", "r", "a", "-f") == (0, "one\ntwo\nthree\n", "")
    assert [each.get("sinceTime") for each in cluster.asked] == [None, "2026-01-01T00:00:01Z"]


def test_following_a_run_that_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 4, and one sentence."""
    story = Story({"a": succeeds(50)})
    story.dag("a")
    story.trigger()
    cluster = made(monkeypatch, story, 0)
    looks = count()
    cluster.before_look = lambda: story.delete(Kind.DAG_RUN, "r") if next(looks) == 4 else None
    code, out, err = slipway("logs", "r", "a", "-f")
    assert (code, out, err) == (4, "r-a-1\n", "slipway: run r was deleted\n")


def test_following_what_never_starts(waits: MovingCluster) -> None:
    """A run that ends without it says why."""
    waits.before_look = lambda: waits.story.edit(Kind.DAG_RUN, "r", cancel="force")
    code, out, err = slipway("logs", "r", "c", "-f")
    assert (code, out) == (1, "")
    assert err.startswith("slipway: task c ")


def _pod(story: Story) -> Key:
    (name,) = story.names(Kind.POD)
    return Key("team", name)
