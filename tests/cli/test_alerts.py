"""`slipway alerts`: targets are listed without their URLs, and tried for real."""

import json
from pathlib import Path

import pytest

from tests.act.receivers import mail_server, webhook
from tests.cli.calling import slipway

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # apprise looks for what it may use


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three targets."""
    (tmp_path / "chat").write_text("# namespaces: b, a\nslack://T0KEN/x/y\njson://x\n")
    (tmp_path / "everybody").write_text("json://s3cr3t\n")
    (tmp_path / "nobody").write_text("# namespaces:\n")
    return tmp_path


def test_the_list(folder: Path) -> None:
    """Names, services and namespaces, and nothing of the URLs."""
    answer = slipway("alerts", "list", "--folder", str(folder))
    assert answer.code == 0
    assert [line.split() for line in answer.out.splitlines()] == [
        ["TARGET", "SERVICES", "NAMESPACES"],
        ["chat", "slack,", "json", "a,", "b"],
        ["everybody", "json", "all"],
        ["nobody", "none", "none"],
    ]


def test_the_list_as_json(folder: Path) -> None:
    """Null for all namespaces, an empty list for none."""
    answer = slipway("alerts", "list", "--folder", str(folder), "-o", "json")
    assert [each["namespaces"] for each in json.loads(answer.out)] == [["a", "b"], None, []]


def test_a_message_that_arrives(tmp_path: Path) -> None:
    """By mail and to a webhook, and one line says so; whoever may use the target does not matter."""
    with mail_server() as mailbox, webhook() as hook:
        (tmp_path / "both").write_text(f"# namespaces: a\n{mailbox.url}\n{hook.url}\n")
        answer = slipway("alerts", "test", "both", "--folder", str(tmp_path))
        assert (answer.code, answer.out) == (0, "Target both has taken a test message\n"), answer.err
        assert "Test of an alert" in str(mailbox.mails[0]["Subject"])
        assert "This is a test of target both" in hook.requests[0][1]["message"]


def test_a_message_that_does_not(tmp_path: Path) -> None:
    """The exit code is 1, and the reason has nothing of the URL."""
    (tmp_path / "chat").write_text("json://robot:s3cr3t-word@127.0.0.1:1/T0KEN-1\n")
    answer = slipway("alerts", "test", "chat", "--folder", str(tmp_path))
    assert answer.code == 1
    assert answer.err == (
        "slipway: target chat did not take it: json: A Connection error occurred sending JSON notification to ***.\n"
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("test", "gone"), 1, "slipway: there is no target gone\n"),
        (("list", "--folder", "/nowhere"), 2, "slipway: --folder: /nowhere is not a folder"),
        (("list", "-o", "xml"), 2, "slipway: "),
    ],
)
def test_what_can_not_be_done(folder: Path, words: tuple[str, ...], code: int, said: str) -> None:
    """One sentence each."""
    answer = slipway("alerts", words[0], "--folder", str(folder), *words[1:])
    assert answer.code == code
    assert answer.err.startswith(said)
