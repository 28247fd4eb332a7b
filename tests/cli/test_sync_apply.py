"""What `slipway sync` sends: one server-side apply, and a takeover that goes on where the object has changed."""

import json
from typing import Any

import pytest

from controller.cli.sync_apply import MANAGER, apply_item
from controller.cli.synced_folder import Item
from controller.connection import Connection
from controller.errors import Conflict, SlipwayError
from controller.kube import Kube
from controller.model.action import Kind
from controller.model.metadata import Key
from tests.cli.applying_cluster import ApplyingCluster
from tests.scenarios.story import SPACE, Story

ITEM = Item(Kind.POOL, "db", {}, {"why": "x"}, {"slots": 1})


class Sending(Kube):
    """Keeps the last request."""

    last: Any = None

    async def _send(self, request: Any, leadership: Any = None) -> dict[str, Any]:
        self.last = request
        return {}


@pytest.mark.parametrize(("dry_run", "more"), [(False, {}), (True, {"dryRun": "All"})])
async def test_the_request(dry_run: bool, more: dict[str, str]) -> None:
    """A forced apply by one field manager; JSON is YAML too."""
    kube = Sending(Connection("http://unused"))
    await kube.apply(Kind.POOL, Key("team", "db"), {"spec": {}}, MANAGER, dry_run=dry_run)
    sent = kube.last
    assert (sent.method, sent.path) == ("PATCH", "/apis/slipway.dev/v1alpha1/namespaces/team/pools/db")
    assert (sent.content_type, json.dumps(sent.body)) == ("application/apply-patch+yaml", '{"spec": {}}')
    assert sent.params == {"fieldManager": "slipway-sync", "force": "true", **more}


@pytest.mark.parametrize("conflicts", [2, 9])
async def test_an_object_that_changes_meanwhile(conflicts: int) -> None:
    """The takeover is tried again, and given up with one sentence."""
    story = Story()
    story.apply(Kind.POOL, "db", {"slots": 2, "description": "old"})
    fields: dict[str, Any] = {"spec": {"slots": {}, "description": {}}}
    managers = [{"manager": "kubectl", "operation": "Apply", "fieldsV1": fields}]
    story.cluster.merge(Kind.POOL, Key(SPACE, "db"), {"metadata": {"managedFields": managers}})
    cluster, left = ApplyingCluster(story), iter(range(conflicts))

    def refuse(*_: object) -> None:
        if next(left, None) is not None:
            raise Conflict("Pool db was changed meanwhile")

    cluster.before_write = refuse
    if conflicts > 5:
        with pytest.raises(SlipwayError, match="Pool db changes all the time: sync again"):
            await apply_item(cluster, SPACE, ITEM, "dags", dry_run=False)
        return
    assert await apply_item(cluster, SPACE, ITEM, "dags", dry_run=False) == "configured"
    after = story.get(Kind.POOL, "db")
    assert (after["spec"], after["metadata"]["annotations"]) == ({"slots": 1}, {"why": "x"})


async def test_an_object_that_is_being_deleted() -> None:
    """What is applied to it would go with it, so it is told."""
    story = Story()
    story.apply(Kind.POOL, "db", {"slots": 2})
    story.cluster.merge(Kind.POOL, Key(SPACE, "db"), {"metadata": {"finalizers": ["x/y"]}})
    story.delete(Kind.POOL, "db")
    with pytest.raises(SlipwayError, match="Pool db is just being deleted: sync again"):
        await apply_item(ApplyingCluster(story), SPACE, ITEM, "dags", dry_run=False)
