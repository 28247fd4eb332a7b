"""A person's day with the UI of the installed Slipway: a real browser, the real API server, real Pods."""

import re
import subprocess
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cluster import Cluster
from tests.e2e.conftest import cluster, module_world  # noqa: F401 pytest finds fixtures by their names
from tests.e2e.install import NAMESPACE as SYSTEM
from tests.e2e.install import RELEASE
from tests.e2e.world import World

pytestmark = pytest.mark.cluster

SOON: Final = 90_000
"""Milliseconds in which a Pod has come and gone on a busy machine."""
_OURS: Final = "dags,dagruns,taskruns,pools,backfills,approvals"
_RIGHTS: Final = (
    ("work", "get,list,create,patch,delete", ",".join(f"{kind}.slipway.dev" for kind in _OURS.split(","))),
    ("read", "get,list", "pods,pods/log,events"),
)


@pytest.fixture(scope="module")
def place(module_world: World) -> World:  # noqa: F811 the fixture of that name
    """A namespace with one person, and Dags."""
    module_world.kubectl("create", "serviceaccount", "ada")
    for name, verbs, resources in _RIGHTS:
        module_world.kubectl("create", "role", name, f"--verb={verbs}", f"--resource={resources}")
        account = f"--serviceaccount={module_world.namespace}:ada"
        module_world.kubectl("create", "rolebinding", name, f"--role={name}", account)
    return module_world


@pytest.fixture(scope="module")
def address(cluster: Cluster) -> Iterator[str]:  # noqa: F811 the fixture of that name
    """Where the installed web server is reached."""
    words = ["--kubeconfig", str(cluster.kubeconfig), "-n", SYSTEM, "port-forward", f"service/{RELEASE}-web", ":80"]
    with subprocess.Popen([str(cluster.kubectl), *words], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().split(" -> ")[0].rsplit(":", 1)[1]
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def ui(browser: Browser, address: str, place: World) -> Iterator[Page]:
    """The browser of somebody who has signed in with the form, and was sent on to where they wanted to be."""
    page = browser.new_page(base_url=address, viewport={"width": 1400, "height": 900})
    page.set_default_timeout(30_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"/dags?namespace={place.namespace}")
    page.get_by_label("Kubernetes token").fill(place.kubectl("create", "token", "ada", "--duration=1h").strip())
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(rf"/dags\?namespace={place.namespace}"))
    yield page
    page.close()
    assert complaints == []


def test_a_run_turns_green_before_ones_eyes(ui: Page, place: World) -> None:
    """Apply a Dag, watch its grid without a reload, and read the log of its task."""
    place.dag("watched", [{"name": "say", "script": "echo hello from the log; sleep 2"}])
    ui.goto(f"/dags/{place.namespace}/watched/grid")
    expect(ui.get_by_role("heading", level=1)).to_contain_text("watched")
    place.trigger("watched", "watched-run")
    expect(ui.get_by_role("gridcell", name=re.compile("^say, run .*success"))).to_be_visible(timeout=SOON)
    ui.goto(f"/runs/{place.namespace}/watched-run/tasks/say?tab=log")
    expect(ui.get_by_text("hello from the log")).to_be_visible()


def test_a_log_grows_while_its_task_runs(ui: Page, place: World) -> None:
    """Line by line without a reload; and the state beside it follows to the end."""
    place.dag(
        "talking", [{"name": "talk", "script": "for n in 1 2 3 4 5 6 7 8; do echo this is line $n; sleep 1; done"}]
    )
    place.trigger("talking", "talking-run")
    place.until("the task runs", lambda: place.task("talking-run", "talk").get("state") in ("Running", "Success"))
    ui.goto(f"/runs/{place.namespace}/talking-run/tasks/talk?tab=log")
    expect(ui.get_by_text("this is line 1", exact=True)).to_be_visible()
    expect(ui.get_by_text("this is line 8", exact=True)).to_be_visible(timeout=SOON)
    expect(ui.get_by_role("main").get_by_text("success", exact=True).first).to_be_visible(timeout=SOON)


def test_a_log_is_there_after_its_pod_is_gone(ui: Page, place: World) -> None:
    """It was archived when the task had ended."""
    place.dag("kept", [{"name": "say", "script": "echo still readable"}])
    place.ended(place.trigger("kept", "kept-run"))
    place.kubectl("delete", "pods", "-l", "slipway.dev/run=kept-run", "--wait=true")
    ui.goto(f"/runs/{place.namespace}/kept-run/tasks/say?tab=log")
    expect(ui.get_by_text("still readable")).to_be_visible()


def test_a_run_is_triggered_with_a_form(ui: Page, place: World) -> None:
    """A wrong value is told beside its field; the right one arrives in the run."""
    params = {"day": {"type": "string", "enum": ["monday", "tuesday"], "default": "monday"}, "count": _COUNT}
    place.dag("formed", [{"name": "say", "script": "echo $COUNT", "env": _ENV}], params=params)
    ui.goto(f"/dags/{place.namespace}/formed/trigger")
    ui.get_by_label("day").select_option("tuesday")
    ui.get_by_label("count").fill("700")
    ui.get_by_role("button", name="Trigger", exact=True).click()
    expect(ui.get_by_role("alert").first).to_be_visible()
    ui.get_by_label("count").fill("7")
    ui.get_by_role("button", name="Trigger", exact=True).click()
    expect(ui).to_have_url(re.compile(f"/runs/{place.namespace}/formed-"))
    name = ui.url.split("/runs/")[1].split("/")[1].split("?")[0]
    assert place.ended(name)["spec"]["params"] == {"day": "tuesday", "count": 7}
    expect(ui.get_by_role("main").get_by_text("success", exact=True).first).to_be_visible(timeout=SOON)


def test_a_failed_task_is_cleared(ui: Page, place: World) -> None:
    """The list of what begins anew is shown first; then it does, and who asked is kept."""
    place.dag(
        "shaky",
        [{"name": "try", "script": "test $SLIPWAY_TRY -gt 1"}, {"name": "last", "dependsOn": ["try"], "noop": {}}],
    )
    place.ended(place.trigger("shaky", "shaky-run"))
    ui.goto(f"/runs/{place.namespace}/shaky-run")
    expect(ui.get_by_role("main").get_by_text("failed", exact=True).first).to_be_visible(timeout=SOON)
    ui.get_by_role("button", name="Retry failed").click()
    dialog = ui.get_by_role("dialog")
    expect(dialog.get_by_text("try", exact=True)).to_be_visible()
    dialog.get_by_role("button", name=re.compile("^Clear .*task")).click()
    expect(ui.get_by_role("main").get_by_text("success", exact=True).first).to_be_visible(timeout=SOON)
    asked = place.get("dagrun", "shaky-run")["status"]["requests"]
    assert asked[0]["by"] == f"system:serviceaccount:{place.namespace}:ada"


def test_a_question_is_answered(ui: Page, place: World) -> None:
    """The inbox shows it without a reload, and an answer lets the run go on."""
    ui.goto(f"/approvals?namespace={place.namespace}")
    place.dag("asking", [{"name": "may-we", "approval": {"message": "Publish it?", "options": ["publish", "reject"]}}])
    place.trigger("asking", "asking-run")
    question = ui.get_by_role("article", name="Publish it?")
    expect(question).to_be_visible(timeout=SOON)
    question.get_by_role("button", name="publish").click()
    question.get_by_role("button", name="Answer publish").click()
    assert place.ended("asking-run")["status"]["state"] == "Success"


def test_a_stretch_of_the_past_is_filled(ui: Page, place: World) -> None:
    """The plan is counted before anything is made; then its runs are made, and the page follows them to the end."""
    tasks = [{"name": "say", "script": "echo $SLIPWAY_RUN"}]
    place.dag("daily", tasks, schedule={"cron": "0 6 * * *", "start": "2026-01-01T00:00:00Z"}, paused=False)
    ui.goto(f"/backfills?namespace={place.namespace}")
    ui.get_by_role("button", name="New backfill").first.click()
    dialog = ui.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile("^daily")).click(timeout=SOON)
    dialog.get_by_label("From (required)").fill("2026-02-01")
    dialog.get_by_label("To (required)").fill("2026-02-04")
    dialog.get_by_role("button", name="Create and begin").click()
    expect(ui).to_have_url(re.compile(f"/backfills/{place.namespace}/"))
    expect(ui.get_by_role("main").get_by_text("3/3").first).to_be_visible(timeout=SOON)
    runs = place.listed("dagruns", "slipway.dev/dag=daily")
    assert sorted(run["spec"]["logicalDate"] for run in runs) == [f"2026-02-0{day}T06:00:00Z" for day in (1, 2, 3)]


_COUNT: Final = {"type": "integer", "minimum": 1, "maximum": 100, "default": 1}
_ENV: Final = [{"name": "COUNT", "value": "{{ params.count }}"}]
