"""A mail server and a webhook receiver on this machine: real protocols, and what came in by them."""

import email
import email.policy
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Mailbox:
    """What an SMTP server took in."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    refuses: bool = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a mail in, or refuse it for now."""
        if self.refuses:
            return "451 try again later"
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(email.message_from_bytes(content, policy=email.policy.default))
        return "250 taken"

    @property
    def url(self) -> str:
        """apprise's URL of it."""
        return f"mailto://127.0.0.1:{self.port}/?from=slipway@example.com&to=on-call@example.com&mode=insecure"


@dataclass
class Hook:
    """What an HTTP server was sent."""

    port: int = 0
    requests: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    status: int = 200
    hang: threading.Event | None = None
    """While it is set to an event, answers wait for that."""

    @property
    def url(self) -> str:
        """apprise's URL of it, with a password and a token."""
        return f"json://robot:s3cr3t-word@127.0.0.1:{self.port}/hooks/T0KEN-12345"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """An SMTP server that runs inside."""
    mailbox = Mailbox(free_port())
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


@contextmanager
def webhook(port: int = 0) -> Iterator[Hook]:
    """An HTTP server that runs inside; with a port, on that one."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if hook.hang is not None:
                hook.hang.wait(10)
            if hook.status == 200:
                hook.requests.append((dict(self.headers), json.loads(body)))
            with suppress(ConnectionError):  # who asked may have gone by then
                self.send_response(hook.status)
                self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    hook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
