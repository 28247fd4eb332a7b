"""Alerts on the real cluster: a killed Pod, a killed controller and a missed deadline reach a real mail server.

The controller is a process of this machine, with a folder of targets in place of the mounted Secret.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.act.receivers import Hook, Mailbox, free_port, mail_server, webhook
from tests.cluster import Cluster
from tests.e2e.local_controller import LocalController
from tests.e2e.world import World

pytestmark = pytest.mark.cluster

FAILURES = {"name": "on-call", "events": ["taskFailed", "runFailed"], "targets": ["mail"]}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server."""
    with mail_server() as server:
        yield server


@pytest.fixture
def folder(mailbox: Mailbox, tmp_path: Path) -> Path:
    """The targets: `mail`, and `hook` of which each test says where it leads."""
    targets = tmp_path / "targets"
    targets.mkdir()
    (targets / "mail").write_text(mailbox.url)
    return targets


@pytest.fixture
def controller(cluster: Cluster, stopped: None, folder: Path, tmp_path: Path) -> Iterator[LocalController]:
    """A controller process of our own."""
    local = LocalController(cluster, tmp_path)
    local.migrate()
    yield local
    local.stop()


def start(controller: LocalController, folder: Path) -> None:
    """Start it with these targets."""
    controller.start(SLIPWAY_ALERTS_FOLDER=str(folder), SLIPWAY_ALERTS_URL="https://slipway.example.com")
    controller.until_ready()


def records(world: World, run: str) -> list[dict[str, Any]]:
    """The alerts in the run's status."""
    found: list[dict[str, Any]] = world.get("dagrun", run)["status"].get("alerting", {}).get("records", [])
    return found


def is_done(world: World, run: str) -> bool:
    """Whether all alerts of the run are done with."""
    found = records(world, run)
    return bool(found) and all("doneAt" in record for record in found)


def test_a_task_whose_pod_is_killed(world: World, controller: LocalController, folder: Path, mailbox: Mailbox) -> None:
    """No code of the task's runs at its end, and the mail is there: with the reason, a link, and its key."""
    start(controller, folder)
    world.dag(
        "etl", [{"name": "load", "script": "sleep 600"}], alerts=[FAILURES], defaults={"infrastructureRetries": 0}
    )
    world.trigger("etl", "etl-killed")
    world.until("the Pod runs", lambda: world.task("etl-killed", "load").get("state") == "Running")
    world.kubectl("delete", "pod", "etl-killed-load-1", "--grace-period=1", "--wait=false")
    assert world.ended("etl-killed")["status"]["state"] == "Failed"
    world.until("two mails", lambda: len(mailbox.mails) == 2, 30)
    subjects = {str(mail["Subject"]) for mail in mailbox.mails}
    where = f"[{world.namespace}/etl]"
    assert subjects == {f"{where} Task load failed in run etl-killed", f"{where} Run etl-killed failed"}
    world.until("both are ticked off", lambda: is_done(world, "etl-killed"), 10)
    assert {mail["X-Slipway-Alert"] for mail in mailbox.mails} == {each["key"] for each in records(world, "etl-killed")}
    body = mailbox.mails[0].get_body()
    assert body is not None
    said = body.get_content()
    assert f"https://slipway.example.com/runs/{world.namespace}/etl-killed" in said


def test_a_controller_that_is_killed_before_it_has_sent(
    world: World, controller: LocalController, folder: Path, mailbox: Mailbox
) -> None:
    """The next one sends what was noted; the receiver that was down gets it when it is back, under the same key."""
    port = free_port()
    (folder / "hook").write_text(Hook(port).url)
    start(controller, folder)
    both = {**FAILURES, "events": ["runFailed"], "targets": ["hook", "mail"]}
    world.dag("etl", [{"name": "load", "script": "exit 3"}], alerts=[both])
    world.trigger("etl", "etl-down")
    world.ended("etl-down")
    world.until("the mail is there", lambda: len(mailbox.mails) == 1, 30)
    world.until("the mail is ticked off", lambda: records(world, "etl-down")[0].get("sent") == ["mail"], 10)
    controller.kill()
    with webhook(port) as hook:
        start(controller, folder)
        world.until("the webhook was called", lambda: bool(hook.requests), 40)
        world.until("it is ticked off", lambda: is_done(world, "etl-down"), 10)
        assert len(hook.requests) == 1
        assert len(mailbox.mails) == 1, "what was ticked off is not sent again"
        headers, body = hook.requests[0]
        assert headers["X-Slipway-Alert"] == mailbox.mails[0]["X-Slipway-Alert"]
        assert "exit code 3" in body["message"] or "exited with 3" in body["message"], body["message"]


def test_a_deadline_of_a_run_that_never_starts(
    world: World, controller: LocalController, folder: Path, mailbox: Mailbox
) -> None:
    """The run waits behind another one, and misses its deadline all the same; an Event tells it, too."""
    start(controller, folder)
    world.dag(
        "slow",
        [{"name": "t", "script": "sleep 600"}],
        alerts=[{"name": "late", "events": ["deadlineMissed"], "targets": ["mail"]}],
        deadlines=[{"name": "soon", "reference": "queuedAt", "within": "20s"}],
        concurrency={"maxActiveRuns": 1},
    )
    world.trigger("slow", "slow-a")
    world.trigger("slow", "slow-b")
    world.until("both deadlines were missed", lambda: len(mailbox.mails) == 2, 60)
    bodies = [mail.get_body() for mail in mailbox.mails]
    said = " ".join(body.get_content() for body in bodies if body is not None)
    assert "It has not begun" in said
    assert "maxActiveRuns" in said
    events = world.listed("events")
    told = {event["involvedObject"]["name"] for event in events if event["reason"] == "DeadlineMissed"}
    assert told == {"slow-a", "slow-b"}
    world.kubectl("delete", "dag", "slow", "--wait=false")


def test_a_target_that_is_not_there(world: World, controller: LocalController, folder: Path, mailbox: Mailbox) -> None:
    """The Dag says so; once the operator has made it, the Dag is well, and the alert that waited arrives."""
    start(controller, folder)
    world.dag("etl", [{"name": "load", "script": "exit 1"}], alerts=[{**FAILURES, "targets": ["pager"]}])
    world.trigger("etl", "etl-pager")
    told = world.until("the Dag tells", lambda: world.condition("dag", "etl", "Alerts"), 20)
    assert told["message"] == "Alert on-call has target pager, which the operator has not set up"
    world.ended("etl-pager")
    (folder / "pager").write_text(mailbox.url)
    world.until("the Dag is well", lambda: world.condition("dag", "etl", "Alerts")["status"] == "True", 30)
    world.until("the mails are there", lambda: len(mailbox.mails) == 2, 90)


def test_a_dag_that_is_not_valid(world: World, controller: LocalController, folder: Path, mailbox: Mailbox) -> None:
    """An edit that breaks it is told, with the fault."""
    start(controller, folder)
    alert = {"name": "broken", "events": ["dagInvalid"], "targets": ["mail"]}
    world.dag("etl", [{"name": "load", "script": "true"}], alerts=[alert])
    world.until("it is valid", lambda: world.condition("dag", "etl", "Ready").get("status") == "True", 20)
    world.dag("etl", [{"name": "load", "dependsOn": ["ghost"], "script": "true"}], alerts=[alert])
    world.until("a mail", lambda: bool(mailbox.mails), 30)
    assert str(mailbox.mails[0]["Subject"]) == f"[{world.namespace}/etl] The Dag is not valid"
    body = mailbox.mails[0].get_body()
    assert body is not None
    assert "ghost" in body.get_content()
