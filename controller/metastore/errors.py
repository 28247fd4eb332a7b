"""What can go wrong with the metastore, by who must act. Moves to `controller.errors` once that exists."""


class MetastoreError(Exception):
    """Something about the metastore that a person can read as it stands."""


class InvalidDatabaseUrl(MetastoreError):
    """The setting names no database we can use; the operator must change it."""


class SchemaTooNew(MetastoreError):
    """A newer Slipway migrated the database; this one must not touch it."""


class DatabaseUnavailable(MetastoreError):
    """The database does not answer now; the same call may work later."""


class InvalidPage(MetastoreError):
    """The caller asked for a page that can't exist: a limit out of bounds or a cursor that is not ours."""
