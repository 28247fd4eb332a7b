"""How the parts of Slipway are."""

from datetime import UTC, datetime
from typing import Final

from controller import __version__
from controller.errors import Unavailable
from controller.metastore.heartbeat import BEAT_SECONDS, Beat
from controller.web.answer import Answer, Time
from controller.web.authorise import Known
from controller.web.queries.health import last_beat
from controller.web.routes import address

router = address.router("health")

_SILENT_SECONDS: Final = 3 * BEAT_SECONDS


class MetastoreHealth(Answer):
    """The database."""

    answers: bool
    """Whether it does."""
    change: int | None
    """The change counter."""


class ControllerHealth(Answer):
    """The scheduler, as it said itself."""

    alive: bool
    """Whether it has said so in the last half minute."""
    ready: bool
    """Whether it takes up work."""
    beat_at: Time | None
    """When it last said so; absent = never."""
    silent_seconds: float | None
    """How long ago that is."""
    pending: int | None
    """Observed objects that are not in the database yet."""
    lag_seconds: float | None
    """How long the oldest of them waits."""
    version: str | None
    """Its version."""


class Health(Answer):
    """How Slipway is."""

    metastore: MetastoreHealth
    """The database."""
    controller: ControllerHealth
    """The scheduler."""
    version: str
    """This web server's version."""


@router.get("/health")
async def health(access: Known) -> Health:
    """How the database and the controller are; answered also when they are not well."""
    try:
        change, beat = await access.parts.reader.ask(last_beat)
    except Unavailable:
        return Health(
            metastore=MetastoreHealth(answers=False, change=None), controller=_controller(None), version=__version__
        )
    told = MetastoreHealth(answers=True, change=change)
    return Health(metastore=told, controller=_controller(beat), version=__version__)


def _controller(beat: Beat | None) -> ControllerHealth:
    if beat is None:
        blank = dict.fromkeys(("beat_at", "silent_seconds", "pending", "lag_seconds", "version"))
        return ControllerHealth.model_validate({"alive": False, "ready": False, **blank})
    silent = (datetime.now(UTC) - beat.beat_at).total_seconds()
    alive = silent <= _SILENT_SECONDS
    return ControllerHealth(
        alive=alive,
        ready=alive and beat.ready,
        beat_at=beat.beat_at,
        silent_seconds=round(max(0.0, silent), 1),
        pending=beat.pending,
        lag_seconds=beat.lag_seconds,
        version=beat.version,
    )
