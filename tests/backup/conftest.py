"""The two databases that every restore is checked on, as the metastore's tests have them, and a real bucket."""

from tests.metastore.conftest import empty_url, migrated_file, postgres, postgres_url, sqlite_url, url
from tests.s3_server import bucket, s3_program

__all__ = ["bucket", "empty_url", "migrated_file", "postgres", "postgres_url", "s3_program", "sqlite_url", "url"]
