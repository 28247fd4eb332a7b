"""Observed objects -> rows of a SQL database, off the scheduling path.

    observed(obj) -> buffer -> projection -> store -> database -> queries
                     newest    rows of an    one      SQLite or   pages for
                     per uid   object        commit   PostgreSQL  CLI and web

Nothing here decides anything: the database can be lost, rebuilt from the live objects or be away for an hour and no
task waits for it.
"""
