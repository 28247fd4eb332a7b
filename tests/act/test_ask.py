"""What a backfill asks of runs that exist: one JSON patch, for just that object."""

from controller.act.perform import Performer
from controller.model.action import AskRun, CancelRun, Kind
from controller.model.dagrun import Cancel
from controller.model.request import Clear, Request
from controller.model.status_patch import JSON_PATCH
from tests.act.recording import RecordingKube
from tests.decide.objects import NOW, meta, run

SAME = {"op": "test", "path": "/metadata/uid", "value": "uid-etl-1"}
REQUEST = Request(id="1", by="backfill b", clear=Clear())
WRITTEN = {
    "id": "1",
    "by": "backfill b",
    "dryRun": False,
    "clear": {"tasks": [], "upstream": False, "downstream": False, "onlyFailed": False},
}


async def test_a_request() -> None:
    """The whole request is replaced, as a merge would keep fields of an earlier one."""
    kube = RecordingKube()
    about = meta("etl-1", labels={"team": "x"})
    action = AskRun(about, REQUEST, {"slipway.dev/backfill": "b"}, lifts_cancel=True)
    await Performer(kube, lambda kind, raw: None).perform(action, NOW)
    operations = [
        SAME,
        {"op": "add", "path": "/metadata/labels/slipway.dev~1backfill", "value": "b"},
        {"op": "remove", "path": "/spec/cancel"},
        {"op": "add", "path": "/spec/request", "value": WRITTEN},
    ]
    assert kube.sent == [("patch", Kind.DAG_RUN, "etl-1", operations, JSON_PATCH)]


async def test_a_run_without_labels() -> None:
    """The map is made first."""
    kube = RecordingKube()
    await Performer(kube, lambda kind, raw: None).perform(AskRun(run().meta, REQUEST, {"a": "b"}), NOW)
    assert kube.sent[0][3][1:3] == [
        {"op": "add", "path": "/metadata/labels", "value": {}},
        {"op": "add", "path": "/metadata/labels/a", "value": "b"},
    ]


async def test_a_cancel() -> None:
    """The one field."""
    kube = RecordingKube()
    await Performer(kube, lambda kind, raw: None).perform(CancelRun(run().meta, Cancel.FORCE), NOW)
    assert kube.sent[0][3] == [SAME, {"op": "add", "path": "/spec/cancel", "value": "force"}]
