"""Alerts that are sent for real: over SMTP to a mail server, over HTTP to a webhook, both on this machine."""

import asyncio
import io
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.act.alert_targets import NoTarget, read_target, read_targets
from controller.act.alerts import AlertSender, Posting, without_secrets
from controller.model.action import Action, Kind, Tell
from controller.model.alerts import SendAlert, Target
from tests.act.receivers import Hook, Mailbox, free_port, mail_server, webhook
from tests.decide.objects import meta

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # apprise looks for what it may use

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A webhook receiver."""
    with webhook() as receiver:
        yield receiver


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server."""
    with mail_server() as server:
        yield server


def alert(target: str = "chat", key: str = "team/etl-1/runFailed/1-abc", **more: str) -> SendAlert:
    """An alert of run etl-1 in namespace team."""
    fields = {"title": "[team/etl] Run etl-1 failed", "text": "Task load failed\n\nLook: here", **more}
    return SendAlert(meta("etl-1"), key, target, "failure", fields["title"], fields["text"])


def sender(folder: Path, seconds: float = 20, **targets: str) -> AlertSender:
    """A sender whose folder has these targets."""
    for name, text in targets.items():
        (folder / name).write_text(text)
    return AlertSender(str(folder), seconds)


async def test_a_mail(mailbox: Mailbox, tmp_path: Path) -> None:
    """It arrives with the title as its subject, the text whole, and the key in a header."""
    sending = sender(tmp_path, mail=mailbox.url)
    assert await sending.send(alert("mail", title="[team/etl] Größe")) == ""
    (mail,) = mailbox.mails
    assert mail["Subject"] == "[team/etl] Größe"
    assert mail["To"] == "on-call@example.com"
    assert mail["X-Slipway-Alert"] == "team/etl-1/runFailed/1-abc"
    body = mail.get_body()
    assert body is not None
    assert body.get_content().split() == ["Task", "load", "failed", "Look:", "here"]
    assert (sending.sent, sending.failed) == ({"mail": 1}, {})


async def test_a_mail_server_that_is_busy(mailbox: Mailbox, tmp_path: Path) -> None:
    """Its refusal is told, and the next try comes through."""
    sending = sender(tmp_path, mail=mailbox.url)
    mailbox.refuses = True
    assert (await sending.send(alert("mail"))).startswith("mailto: ")
    mailbox.refuses = False
    assert await sending.send(alert("mail")) == ""
    assert (len(mailbox.mails), sending.failed["mail"], sending.sent["mail"]) == (1, 1, 1)


async def test_a_webhook(hook: Hook, tmp_path: Path) -> None:
    """It gets title, text and tone as JSON, and the key in a header."""
    assert await sender(tmp_path, chat=hook.url).send(alert()) == ""
    ((headers, body),) = hook.requests
    assert headers["X-Slipway-Alert"] == "team/etl-1/runFailed/1-abc"
    assert (body["title"], body["message"], body["type"]) == (
        "[team/etl] Run etl-1 failed",
        "Task load failed\n\nLook: here",
        "failure",
    )


async def test_a_receiver_that_is_down_and_comes_back(tmp_path: Path) -> None:
    """While nobody listens, each try says so; once somebody does, the alert arrives."""
    port = free_port()
    sending = sender(tmp_path, chat=Hook(port).url)
    assert "Connection error" in await sending.send(alert())
    with webhook(port) as hook:
        assert await sending.send(alert()) == ""
        assert len(hook.requests) == 1


@pytest.mark.parametrize("status", [401, 404, 500, 503])
async def test_a_receiver_that_refuses(hook: Hook, tmp_path: Path, status: int) -> None:
    """The status is told, and no part of the URL: it has a password and a token."""
    hook.status = status
    trouble = await sender(tmp_path, chat=hook.url).send(alert())
    assert f"error={status}" in trouble
    assert not any(secret in trouble for secret in ("s3cr3t", "T0KEN", "robot", "127.0.0.1"))


async def test_a_receiver_that_hangs(hook: Hook, tmp_path: Path) -> None:
    """After its time the try is given up, and other targets do not wait for it."""
    hook.hang = threading.Event()
    with webhook() as other:
        sending = sender(tmp_path, 0.3, chat=hook.url, other=other.url)
        tries = [sending.send(alert(key=f"k{number}")) for number in range(5)]
        *troubles, fine = await asyncio.gather(*tries, sending.send(alert("other")))
    assert set(troubles) == {"no answer within 0.3 s"}
    assert fine == ""
    hook.hang.set()


async def test_two_urls_of_a_target(hook: Hook, tmp_path: Path) -> None:
    """The one that took the alert does not get it twice because the other did not."""
    with webhook() as other:
        other.status = 500
        sending = sender(tmp_path, chat=f"# both\n{hook.url}\n\n{other.url}\n")
        assert (await sending.send(alert())).startswith("URL 2: ")
        other.status = 200
        assert await sending.send(alert()) == ""
        assert (len(hook.requests), len(other.requests)) == (1, 1)
        assert await sending.send(alert()) == ""
        assert len(hook.requests) == 2, "sent anew by whoever has forgotten it, such as another controller"


async def test_a_long_text(hook: Hook, tmp_path: Path) -> None:
    """It arrives whole at a receiver without a limit."""
    assert await sender(tmp_path, chat=hook.url).send(alert(text="x" * 9000)) == ""
    assert "".join(body["message"] for _, body in hook.requests) == "x" * 9000


async def test_a_secret_that_changes(hook: Hook, tmp_path: Path) -> None:
    """The file is read for each send."""
    sending = sender(tmp_path, chat="json://127.0.0.1:1/old")
    assert await sending.send(alert()) != ""
    (tmp_path / "chat").write_text(hook.url)
    assert await sending.send(alert()) == ""


async def test_targets_that_can_not_be_used(tmp_path: Path) -> None:
    """Each is told in a few words."""
    sending = sender(
        tmp_path,
        other="# namespaces: other\njson://x",
        nobody="# namespaces:\njson://x",
        empty="# only a comment",
        odd="nonsense://s3cr3t-word/x\n",
    )
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "large").write_text("#" * 70_000)
    told = {name: await sending.send(alert(name)) for name in ("gone", "other", "nobody", "empty", "odd", "../x")}
    assert told == {
        "gone": "there is no target gone",
        "other": "target other is not for namespace team",
        "nobody": "target nobody is not for namespace team",
        "empty": "target empty has no URL",
        "odd": "nonsense: is not a URL that apprise understands",
        "../x": "there is no target ../x",
    }
    assert "can't be read" in await sending.send(alert("binary"))
    assert "larger than 64 KiB" in await sending.send(alert("large"))
    assert await AlertSender("").send(alert()) == "there is no target chat"


async def test_nothing_is_logged_that_is_secret(hook: Hook, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither by us nor by a library, at the levels that are written."""
    hook.status = 500
    written = io.StringIO()
    root, handler = logging.getLogger(), logging.StreamHandler(written)
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.WARNING)  # log.py lets nothing less of libraries be written
    try:
        await sender(tmp_path, chat=f"{hook.url}\nnonsense://s3cr3t-word\njson://127.0.0.1:1/T0KEN-9").send(alert())
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    told = written.getvalue() + "".join(capfd.readouterr())
    assert "error=500" in told
    assert "s3cr3t" not in told
    assert "T0KEN" not in told


def test_a_folder(tmp_path: Path) -> None:
    """A mounted Secret: its hidden folders and links, and names that are none, are no targets."""
    (tmp_path / "..data").mkdir()
    (tmp_path / "..data" / "chat").write_text("json://x")
    (tmp_path / "chat").symlink_to(tmp_path / "..data" / "chat")
    (tmp_path / "mail").write_text("#namespaces: a,b c\nmailto://x\n")
    for name in ("Upper", ".hidden", "a_b"):
        (tmp_path / name).write_text("json://x")
    assert read_targets(str(tmp_path)) == {
        "chat": Target("chat"),
        "mail": Target("mail", frozenset({"a", "b", "c"})),
    }
    assert read_targets("") == read_targets(str(tmp_path / "gone")) == {}
    with pytest.raises(NoTarget):
        read_target(str(tmp_path), "Upper")
    assert "json" not in repr(read_target(str(tmp_path), "chat"))


async def test_who_performs() -> None:
    """Alerts are sent, and told of once they were tried; everything else is somebody else's."""
    done: list[Action] = []
    tried: list[tuple[SendAlert, str, datetime]] = []

    class Refusing:
        async def send(self, action: SendAlert) -> str:
            return "is down"

    async def perform(action: Action, now: datetime) -> None:
        done.append(action)

    posting = Posting(perform, Refusing(), lambda *told: tried.append(told))
    tell = Tell(Kind.DAG, meta("etl"), "Reason", "message")
    await posting.perform(tell, NOW)
    await posting.perform(alert(), NOW)
    assert (done, tried) == ([tell], [(alert(), "is down", NOW)])


def test_a_secret_where_a_long_line_is_cut() -> None:
    """It is masked before the cut, which would leave a part of it that nobody knows any more."""
    told = without_secrets(["x" * 290 + " s3cr3tpassword end"], "json://user:s3cr3tpassword@host.example/path")
    assert told == "x" * 290 + " *** end"
