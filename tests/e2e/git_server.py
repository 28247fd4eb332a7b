"""A git repository that Pods fetch from by HTTP with a user's name and password, as from a company's own server.

Git's own `git http-backend` answers; what is here is the CGI around it, which Python's standard library had until 3.13.
"""

import base64
import gzip
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

USER: Final = "reader"
PASSWORD: Final = "s3cret"  # noqa: S105 of a server that lives as long as a test
_NAME: Final = "dags.git"
_AUTHOR: Final = ("-c", "user.name=Team", "-c", "user.email=team@example.org")


@dataclass(frozen=True)
class GitServer:
    """The repository and where it is served."""

    folder: Path
    """The working tree."""
    url: str

    def commit(self, files: Mapping[str, str]) -> None:
        """Make these, and no others, the files of the newest commit."""
        for old in self.folder.rglob("*.yaml"):
            old.unlink()
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for words in (
            ("add", "--all"),
            ("commit", "--quiet", "--message", "Dags"),
            ("push", "--quiet", "origin", "HEAD"),
        ):
            _git(self.folder, *_AUTHOR, *words)


@contextmanager
def git_server(folder: Path, address: str) -> Iterator[GitServer]:
    """An empty repository, served on a free port of the address until the block ends."""
    _git(folder, "init", "--quiet", "--bare", "--initial-branch=main", _NAME)
    _git(folder, "clone", "--quiet", _NAME, "tree")
    server = ThreadingHTTPServer((address, 0), _handler(folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield GitServer(folder / "tree", f"http://{address}:{server.server_port}/{_NAME}")
    finally:
        server.shutdown()
        thread.join(20)
        server.server_close()


def _git(folder: Path, *words: str) -> None:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {' '.join(words)}: {done.stderr}"


def _handler(root: Path) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)

        def log_message(self, format: str, *args: object) -> None:
            """Not among the output of the tests."""

        def _answer(self, body: bytes) -> None:
            known = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            if self.headers["Authorization"] != f"Basic {known}":
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            path, _, query = self.path.partition("?")
            done = subprocess.run(
                ["git", "http-backend"],
                input=body,
                capture_output=True,
                check=True,
                env={
                    **os.environ,
                    "GIT_PROJECT_ROOT": str(root),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "REQUEST_METHOD": self.command,
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "CONTENT_TYPE": self.headers["Content-Type"] or "",
                    "CONTENT_LENGTH": str(len(body)),
                    "GIT_PROTOCOL": self.headers["Git-Protocol"] or "",
                },
            )
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
            self.send_response(int(headers.pop("Status", "200").split()[0]))
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    return Handler
