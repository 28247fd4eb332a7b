"""Hypothesis strategies: what may happen to a run, and every way in which the watch may tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from controller.metastore.buffer import Buffer, Entry
from controller.metastore.projection import Observed
from tests.metastore.objects import START, at, attempt, pod, run, running, task, terminated

TASKS = ("extract", "load", "report")


@dataclass(frozen=True)
class Story:
    """All versions of all objects, in the order in which they were written."""

    versions: Sequence[Observed]
    deleted: Sequence[Observed]
    """Last versions of the objects that are gone at the end."""

    def live(self) -> Sequence[Observed]:
        """The newest version of each object that is there at the end."""
        newest = {(type(observed), observed.meta.uid): observed for observed in self.versions}
        gone = {(type(observed), observed.meta.uid) for observed in self.deleted}
        return [observed for key, observed in newest.items() if key not in gone]


@st.composite
def stories(draw: st.DrawFn, *, deletions: bool) -> Story:
    """Tasks that wait, start, fail, are tried again and end, or not; some end without a TaskRun."""
    versions: list[Observed] = [run(1)]
    for name in TASKS[: draw(st.integers(0, len(TASKS)))]:
        versions += _task_story(draw, name, len(versions) + 1)
    settled: list[str] = []
    for name in draw(st.permutations(["noop", "branch", "tail"]))[: draw(st.integers(0, 3))]:
        settled.append(name)
        status = {"state": "Running", "settled": {"skipped": list(settled)}, "counts": {"Skipped": len(settled)}}
        versions.append(run(len(versions) + 1, status=status))
    last = {(type(observed), observed.meta.uid): observed for observed in versions}
    deleted = [observed for observed in last.values() if deletions and draw(st.booleans())]
    return Story(versions, deleted)


def _task_story(draw: st.DrawFn, name: str, version: int) -> list[Observed]:
    told: list[Observed] = [task(name, version)]
    accounts: list[Any] = []
    for number in range(1, draw(st.integers(0, 3)) + 1):
        steps: list[dict[str, Any]] = [
            {},
            {"phase": "Running", "state": running(number * 10)},
            {"phase": "Failed", "state": terminated(number * 10, number * 10 + 5, code=1)},
        ]
        for step in steps[: draw(st.integers(1, 3))]:
            told.append(pod(name, number, version + len(told), **step))
        if draw(st.booleans()):
            waits = [{"reason": "ImagePull", "message": "Pulling"}]
            status = {"state": "Running", "try": number, "startedAt": at(1), "waitingFor": waits}
            told.append(task(name, version + len(told), {**status, "attempts": list(accounts)}))
        if not draw(st.booleans()):
            return told
        accounts.append(attempt(name, number, reason="Error"))
        state = draw(st.sampled_from(["UpForRetry", "Failed"]))
        status = {"state": state, "try": number, "finishedAt": at(number * 10), "attempts": list(accounts)}
        told.append(task(name, version + len(told), status))
        if state == "Failed":
            return told
    return told


@st.composite
def deliveries(draw: st.DrawFn, story: Story) -> Sequence[Sequence[Entry]]:
    """The story's events in any order, some of them twice, in batches; deletions come after their object's events."""
    again = draw(st.lists(st.sampled_from(story.versions), max_size=8))
    events = draw(st.permutations([*story.versions, *again]))
    late = draw(st.lists(st.sampled_from(story.versions), max_size=3))
    sequence = [(event, False) for event in events] + [(event, True) for event in story.deleted]
    sequence += [(event, False) for event in late]
    cuts = draw(st.lists(st.booleans(), min_size=len(sequence), max_size=len(sequence)))
    batches: list[Sequence[Entry]] = []
    buffer = Buffer()
    for (event, is_gone), cut in zip(sequence, cuts, strict=True):
        buffer.put(event, START if is_gone else None)
        if cut:
            batches.append(_drained(buffer))
    batches.append(_drained(buffer))
    return batches


def in_order(story: Story) -> Sequence[Sequence[Entry]]:
    """The story as it happened, each event by itself."""
    versions = [[Entry(observed)] for observed in story.versions]
    return [*versions, *([Entry(observed, START)] for observed in story.deleted)]


def _drained(buffer: Buffer) -> Sequence[Entry]:
    buffer.close()
    batch = buffer.take()
    if batch is None:
        return ()
    buffer.committed(batch)
    return batch.entries
