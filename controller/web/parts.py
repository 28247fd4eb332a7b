"""The parts of one web server, as routes and dependencies reach them."""

from dataclasses import dataclass, field

from fastapi import Request

from controller.metastore.log_store import LogStore
from controller.web.api_server import ApiServer
from controller.web.events import Hub
from controller.web.metrics import Metrics
from controller.web.oidc.provider import Provider
from controller.web.reading import Reader
from controller.web.reviews import Reviews
from controller.web.settings import WebSettings
from controller.web.streams import Streams


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that one web server is made of."""

    settings: WebSettings
    reader: Reader
    api_server: ApiServer
    reviews: Reviews
    hub: Hub
    streams: Streams
    log_store: LogStore | None = None
    """Where archived logs are, if not in the metastore."""
    provider: Provider | None = None
    """Where people sign in by OpenID Connect, if anywhere."""
    metrics: Metrics = field(default_factory=Metrics)


def parts_of(request: Request) -> Parts:
    """The parts of the server that answers this request."""
    parts: Parts = request.app.state.parts
    return parts
