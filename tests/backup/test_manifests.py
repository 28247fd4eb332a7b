"""Objects of a backup and what is made of them."""

from controller.backup.manifests import status_of
from controller.model.action import Kind


def test_what_has_no_status_gets_none() -> None:
    """A ControllerRevision has none, and no place for one."""
    raw = {"metadata": {"name": "etl-1", "namespace": "team", "uid": "u"}, "revision": 1, "data": {}}
    assert status_of(Kind.REVISION, raw) == {}
