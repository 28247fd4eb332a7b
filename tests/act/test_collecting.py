"""Deletions of what has had its time: only of the version that was judged, and it is known who asked for them."""

from contextlib import suppress

import pytest

from controller.act.collecting import Collecting
from controller.act.perform import Performer
from controller.errors import Conflict, NotFound
from controller.model.action import Action, Collect, DeletePod, Kind
from tests.act.recording import RecordingKube
from tests.decide.objects import NOW, meta

RUN = Collect(Kind.DAG_RUN, meta("etl-1"))


async def collected(kube: RecordingKube, action: Action = RUN) -> str | None:
    """Why the object went, as far as it is known."""
    performer = Performer(kube, lambda kind, raw: None)
    collecting = Collecting(performer.perform)
    with suppress(Conflict):
        await collecting.perform(action, NOW)
    return collecting.take("uid-etl-1")


async def test_a_run_that_goes() -> None:
    """Its uid and version are named; when it is seen to be gone, the reason is known, once."""
    kube = RecordingKube()
    performer = Performer(kube, lambda kind, raw: None)
    collecting = Collecting(performer.perform)
    await collecting.perform(RUN, NOW)
    assert kube.sent == [("collect", Kind.DAG_RUN, "etl-1", "uid-etl-1", 1)]
    assert [collecting.take("uid-etl-1"), collecting.take("uid-etl-1")] == ["Retention", None]


async def test_a_run_that_has_changed() -> None:
    """It stays, whoever deletes it later did so for another reason."""
    assert await collected(RecordingKube(collect=Conflict("changed"))) is None
    performer = Performer(RecordingKube(collect=Conflict("changed")), lambda kind, raw: None)
    with pytest.raises(Conflict):
        await performer.perform(RUN, NOW)


async def test_a_run_that_is_gone_already() -> None:
    """That is as it should be."""
    assert await collected(RecordingKube(collect=NotFound("gone"))) == "Retention"


async def test_other_actions() -> None:
    """They are performed, and nothing is remembered of them."""
    kube = RecordingKube()
    assert await collected(kube, DeletePod(meta("etl-1"), 0)) is None
    assert kube.sent == [("delete", Kind.POD, "etl-1", "uid-etl-1", 0)]
