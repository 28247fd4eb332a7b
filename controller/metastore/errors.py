"""What only the metastore can say is wrong; a database that does not answer is `controller.errors.Unavailable`."""

from controller.errors import SlipwayError, Usage


class InvalidDatabaseUrl(Usage):
    """The setting names no database that can be used; the operator must change it."""


class SchemaTooNew(SlipwayError):
    """A newer Slipway migrated the database; this one must not touch it."""


class InvalidPage(Usage):
    """The caller asked for a page that can't be: a limit out of bounds, or a cursor that no list gave."""
