"""A database of any earlier schema -> today's schema, in one transaction, by one process at a time."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from controller.metastore import log_rows  # noqa: F401 its table is one of the schema, and nothing else here knows it
from controller.metastore.engine import connected
from controller.metastore.errors import SchemaTooNew

_ADVISORY_LOCK: Final = 0x736C_6970_7761_79  # "slipway"
_POSTGRES_TURN: Final = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL lock_timeout = '5min'",
    f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})",
)


def migrate(url: str) -> str:
    """Bring the schema up to date and return its revision; the same again changes nothing.

    All steps are one transaction, so a kill half-way leaves the old schema. SchemaTooNew for a database that a newer
    Slipway has migrated, Unavailable when it does not answer.
    """
    with connected(url, begin="EXCLUSIVE") as connection:
        if connection.dialect.name == "postgresql":
            for statement in _POSTGRES_TURN:
                connection.execute(text(statement))
        _refuse_newer(_revision_in(connection))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return expected_revision()


def current_revision(url: str) -> str | None:
    """The schema's revision in the database; None before the first migration."""
    with connected(url) as connection:
        return _revision_in(connection)


def expected_revision() -> str:
    """The schema revision that this version of Slipway works with."""
    head = _scripts().get_current_head()
    if head is None:
        raise AssertionError("the package holds no migrations")
    return head


def _revision_in(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(revision: str | None) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision is not None and revision not in known:
        raise SchemaTooNew(
            f"The database has schema {revision}, this version of Slipway knows schemas up to {expected_revision()}: "
            "a newer Slipway has migrated it. Run that version, or restore a backup from before the upgrade."
        )


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
