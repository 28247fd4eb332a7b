"""The metastore on real databases: one suite over SQLite and PostgreSQL."""
