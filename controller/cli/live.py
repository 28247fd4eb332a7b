"""A session with the API server -> every object of ours that is there now, parsed."""

from collections.abc import Sequence

from controller.kube import Kube
from controller.metastore.projection import Observed
from controller.model.action import Kind
from controller.model.names import LABEL_DAG, LABEL_TASK
from controller.observe.parse import parse

_SELECTORS = {
    Kind.DAG: "",
    Kind.REVISION: LABEL_DAG,
    Kind.DAG_RUN: "",
    Kind.TASK_RUN: "",
    Kind.POOL: "",
    Kind.BACKFILL: "",
    Kind.APPROVAL: "",
    Kind.POD: LABEL_TASK,
}
"""The kinds in the order of ownership, and the label that makes an object ours."""


async def live_objects(kube: Kube, namespaces: Sequence[str] = ()) -> list[Observed]:
    """The objects of these namespaces, of all where none is named, owners first.

    One that can't be read is left out, as the controller leaves it out.
    """
    return [
        observed
        for kind, selector in _SELECTORS.items()
        for namespace in namespaces or (None,)
        for raw in await kube.list_all(kind, namespace, selector)
        if (observed := parse(kind, raw)) is not None
    ]
