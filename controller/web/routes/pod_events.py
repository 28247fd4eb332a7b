"""What Kubernetes says of an attempt's Pod: its Events, live with the caller's own right, else the archived ones."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import Depends

from controller.errors import Unauthenticated, Unavailable
from controller.model.archive import told_event
from controller.web.answer import Answer, Time
from controller.web.api_server import Session
from controller.web.authorise import Access, InNamespace
from controller.web.need import Need
from controller.web.queries.attempts import AttemptPod
from controller.web.routes import address
from controller.web.routes.attempts import InAddress, kept_of, pod_of
from controller.web.routes.tasks import Index

router = address.router("logs")

MOST_EVENTS: Final = 100
PodEventsHere = Annotated[Access, Depends(InNamespace(Need("list", "events", group="")))]


class PodEvent(Answer):
    """One thing that Kubernetes has said of a Pod."""

    type: str
    """Normal or Warning."""
    reason: str
    """A CamelCase word."""
    message: str
    """One sentence."""
    count: int
    """How often it was said."""
    first: Time | None
    """When it was said first."""
    last: Time | None
    """When it was said last."""


class PodEvents(Answer):
    """What Kubernetes has said of a Pod."""

    items: list[PodEvent]
    """Its Events, the oldest first, 100 at most. Kubernetes forgets them after an hour."""
    source: Literal["live", "archived"]
    """`archived` ones were kept of a Pod whose container never began."""
    at: Time
    """When they were read from Kubernetes."""


@router.get(address.HERE + "/runs/{run}/tasks/{task}/attempts/{attempt}/events")
async def pod_events(namespace: str, access: PodEventsHere, which: InAddress, index: Index = None) -> PodEvents:
    """The Events of the attempt's Pod."""
    found = await pod_of(access, which, index)
    try:
        live = await _live(access.session, namespace, found)
    except Unavailable as error:
        kept = None if isinstance(error, Unauthenticated) else await kept_of(access, found)
        if kept is None or not kept.events:
            raise
        return _answer(list(kept.events), "archived", kept.archived_at)
    if not live:
        kept = await kept_of(access, found)
        if kept is not None and kept.events:
            return _answer(list(kept.events), "archived", kept.archived_at)
    return _answer(live, "live", datetime.now(UTC))


async def _live(session: Session, namespace: str, found: AttemptPod) -> list[dict[str, Any]]:
    selector = f"involvedObject.kind=Pod,involvedObject.name={found.pod}"
    selector += f",involvedObject.uid={found.pod_uid}" if found.pod_uid is not None else ""
    path, params = f"/api/v1/namespaces/{namespace}/events", {"fieldSelector": selector, "limit": str(MOST_EVENTS)}
    page = await session.list_page(path, params)
    told = [told_event(raw) for raw in page.get("items") or ()]
    return sorted(told, key=lambda each: each["last"] or "")


def _answer(events: list[Any], source: Literal["live", "archived"], at: datetime) -> PodEvents:
    return PodEvents(items=[PodEvent.model_validate(each) for each in events], source=source, at=at)
