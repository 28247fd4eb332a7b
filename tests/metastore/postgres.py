"""A private PostgreSQL server: a fresh cluster in a temporary folder, on a free port, as a user that is not root.

It answers this machine without a password. Where it is told an address that others reach, it wants theirs.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from tests.cluster.debian import install, replaced

LOOPBACK: Final = "127.0.0.1"
_DEBIAN: Final = Path("/usr/lib/postgresql")
_CREATE_CLUSTER: Final = Path("/etc/postgresql-common/createcluster.conf")
_FAST: Final = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=50")


class PostgresServer:
    """One cluster that can be stopped and started again."""

    def __init__(self, folder: Path, address: str) -> None:
        self._folder = folder
        self._address = address
        self._port = _free_port(address)
        self._programs = _programs()

    def initialise(self) -> None:
        """Make the cluster's files."""
        _run([self._program("initdb"), "-D", self._data, "-U", "slipway", "-A", "trust", "-E", "UTF8", "--no-sync"])
        with (self._folder / "data/pg_hba.conf").open("a") as rules:
            rules.write("host all all all scram-sha-256\n")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = [
            f"port={self._port}",
            f"listen_addresses={','.join(sorted({LOOPBACK, self._address}))}",
            f"unix_socket_directories={self._folder}",
            *_FAST,
        ]
        options = " ".join(f"-c {setting}" for setting in settings)
        log = str(self._folder / "log")
        _run([self._program("pg_ctl"), "-D", self._data, "-l", log, "-o", options, "-w", "-t", "30", "start"])

    def stop(self) -> None:
        """Break every connection and stop the server."""
        _run([self._program("pg_ctl"), "-D", self._data, "-m", "fast", "-w", "-t", "30", "stop"])

    def url(self, database: str) -> str:
        """The URL of a database of this server."""
        return f"postgresql://slipway@{LOOPBACK}:{self._port}/{database}"

    def url_with_password(self, database: str, password: str) -> str:
        """The URL by which others than this machine reach a database; the password is set with it."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(SQL("ALTER ROLE slipway PASSWORD {}").format(Literal(password)))
        return f"postgresql://slipway:{password}@{self._address}:{self._port}/{database}"

    def create_database(self, name: str) -> str:
        """Make a database and return its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        return self.url(name)

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def _program(self, name: str) -> str:
        return str(self._programs / name)


@contextmanager
def postgres_server(address: str = LOOPBACK) -> Iterator[PostgresServer]:
    """A running server that listens on an address of this machine, removed with all its files at the end."""
    _install()
    with tempfile.TemporaryDirectory(prefix="slipway-postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if _user():
            shutil.chown(folder, _user())
        server = PostgresServer(folder, address)
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _user() -> str:
    """The user that the server runs as where we are root, which PostgreSQL refuses; empty = ourselves."""
    if os.getuid() != 0:
        return ""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _run(command: Sequence[str]) -> None:
    as_user = ["runuser", "-u", _user(), "--"] if _user() else []
    # Its output goes to a file: a started server would hold a pipe open.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run([*as_user, *command], stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd="/")
        output.seek(0)
        assert done.returncode == 0, output.read().decode()


def _free_port(address: str) -> int:
    with socket.socket() as listener:
        listener.bind((address, 0))
        port = listener.getsockname()[1]
        assert isinstance(port, int)
        return port


def _found() -> Sequence[Path]:
    on_path = shutil.which("initdb")
    debian = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True)
    return [path.parent for path in (*debian, *([Path(on_path)] if on_path else []))]


def _programs() -> Path:
    return _found()[0]


def _install() -> None:
    """Install Debian's package where there is no server; without the cluster it would make and start itself."""
    if _found():
        return
    with replaced(_CREATE_CLUSTER, "create_main_cluster = false\n"):
        install("postgresql")
    assert _found(), "the postgresql package brought no server"
