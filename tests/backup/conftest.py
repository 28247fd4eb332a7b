"""The two databases that every restore is checked on, as the metastore's tests have them."""

from tests.metastore.conftest import empty_url, migrated_file, postgres, postgres_url, sqlite_url, url

__all__ = ["empty_url", "migrated_file", "postgres", "postgres_url", "sqlite_url", "url"]
