"""Texts that are meant to do harm, on every page, in a real browser: they are shown, and do nothing else."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DemoServer, settled, signed_in
from tests.web.demo_hostile import ASSET, LONG, PAYLOADS, SMALL, said

WATCH: Final = """
  const tell = (what) => console.error(`PWNED: ${what}`);
  Object.defineProperty(window, '__pwned', { set: tell, get: () => undefined });
  window.alert = window.confirm = window.prompt = window.print = tell;
  document.addEventListener('securitypolicyviolation', ({ violatedDirective: what, blockedURI }) =>
    tell(`${what} ${blockedURI}`));
"""
"""Whatever a payload does ends as an error of the console, and that fails the test."""
INJECTED: Final = """
  [...document.querySelectorAll('*')].filter((each) =>
    [...each.attributes].some(({ name }) => name.startsWith('on'))
    || ['IFRAME', 'OBJECT', 'EMBED', 'BASE', 'MATH', 'MGLYPH', 'STYLE'].includes(each.tagName)
    || (each.tagName === 'SCRIPT' && new URL(each.src || 'x:').origin !== location.origin)
    || (each.tagName === 'META' && each.httpEquiv === 'refresh')
    || (each.tagName === 'IMG' && new URL(each.src).origin !== location.origin)
    || ['href', 'action', 'formaction', 'xlink:href'].some((name) =>
         each.hasAttribute(name) && !each.closest('.react-flow__attribution')
         && new URL(each.getAttribute(name), location.href).origin !== location.origin)
  ).map((each) => each.outerHTML.slice(0, 200))
"""
SHOWN: Final = """
  () => {
    const titles = [...document.querySelectorAll('[title]')].map((each) => each.title);
    const values = [...document.querySelectorAll('input, textarea, option')].map((each) => each.value);
    return [document.body.textContent, ...titles, ...values].join('\\n');
  }
"""
TURNED: Final = """
  () => {
    const exact = '.command, pre, textarea, option, title, [role=log], .log-lines';
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
      const { data, parentElement: holder } = texts.currentNode;
      if (/[\u202a-\u202e\u2066-\u2069]/.test(data) && !holder.closest(exact)) found.push(data);
    }
    return found;
  }
"""
"""Texts that turn letters around. What is to be copied, and what is source or a log, stays as it is."""
LOGGED: Final = "<a href='javascript:__pwned=6'>a</a> [b](javascript:__pwned=6) javascript:__pwned=6"
PAGES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("/?namespace=hostile", (said("run-message", 200),)),
    ("/dags?namespace=hostile", (said("description", 200), said("owner", 200), SMALL)),
    (
        "/dags?namespace=hostile&tag=%3Cb%20onclick%3D__pwned%3D1%3E&owner=%22%3E%3Cimg%20src%3Dx%20onerror%3D__pwned%3D1%3E",
        (),
    ),
    ("/dags/hostile/hostile/grid?run=hostile-1&task=load", (said("task-message", 200),)),
    ("/dags/hostile/hostile/graph?run=hostile-1", ()),
    ("/dags/hostile/hostile/gantt?run=hostile-1", ()),
    ("/dags/hostile/hostile/calendar", ()),
    ("/dags/hostile/hostile/runs", (said("triggered-by", 150),)),
    ("/dags/hostile/hostile/revisions", ("<older><img src=x",)),
    ("/dags/hostile/hostile/details", (said("description"), said("script", 60))),
    (
        "/dags/hostile/hostile/trigger",
        (said("param-default", 300), said("param-title", 100), said("param-choice", 50), LONG),
    ),
    ("/dags/hostile/constructor/grid", ("constructor",)),
    ("/dags/hostile/constructor/graph?run=constructor-1", ("constructor",)),
    ("/dags/hostile/constructor/gantt?run=constructor-1", ()),
    ("/runs?namespace=hostile", (said("triggered-by", 150),)),
    ("/runs/hostile/hostile-1", (said("run-message", 1000), said("run-reason", 100), said("note", 1000))),
    ("/runs/hostile/hostile-1/details", (said("param", 50), said("param-name", 50))),
    ("/runs/hostile/hostile-1/requests", (said("request", 200), said("by", 200))),
    ("/runs/hostile/hostile-2", (said("waiting", 1000),)),
    ("/runs/hostile/hostile-2/why", (said("waiting", 200),)),
    ("/runs/hostile/hostile-1/tasks/load?tab=attempts", (said("task-message", 1000), said("task-reason", 100))),
    ("/runs/hostile/hostile-1/tasks/load?tab=spec", (said("script", 60),)),
    ("/runs/hostile/hostile-1/tasks/load?tab=events", (said("event-message", 1000), said("event-reason", 100))),
    ("/runs/hostile/hostile-1/tasks/load?tab=log", (LOGGED, "<log-json>")),
    (f"/runs/hostile/hostile-1/tasks/load?tab=log&q={quote(PAYLOADS[0])}", (LOGGED,)),
    ("/runs/hostile/hostile-1/tasks/tell?tab=outputs", ("<output-key><img src=x", "<output><img src=x")),
    ("/runs/hostile/hostile-1/tasks/binary?tab=outputs", ()),
    ("/runs/hostile/hostile-2/tasks/load?tab=why", (said("waiting", 200),)),
    ("/pools?namespace=hostile", (said("pool", 200),)),
    ("/backfills?namespace=hostile", ()),
    ("/backfills/hostile/hostile-fix", (said("backfill-note", 1000), said("backfill-message", 1000))),
    ("/approvals?namespace=hostile", (said("question"), SMALL, said("comment", 1000), said("answerer", 200))),
    (f"/assets?namespace=hostile&asset={quote(ASSET)}&in=hostile", (ASSET,)),
    ("/audit?namespace=hostile", (said("backfiller", 100), said("answerer", 100))),
)
"""Addresses, and the texts that must be on their pages as they were written."""
NEXT: Final = (
    "//evil.test",
    "/\t/evil.test",
    "/.//evil.test",
    "https://evil.test/",
    "javascript:__pwned=1",
    "data:text/html,<script>__pwned=1</script>",
)
ELSEWHERE: Final = "http://127.0.0.1:8999"
"""Another origin of the same site, so that a browser sends even a strict cookie along."""
EVIL_PAGE: Final = """<!doctype html><iframe name=framed src="{url}/dags"></iframe>
<form method=post enctype=text/plain target=answered action="{url}/api/v1/namespaces/hostile/dags/hostile/pause">
<input name='{{"paused":true,"x":"' value='"}}'></form><iframe name=answered></iframe>"""


def as_told(text: str) -> str:
    """The text as the UI tells it: characters that are not to be seen by their numbers."""
    hidden = "[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f]+"
    return re.sub(hidden, lambda found: " ".join(f"{ord(letter):02X}" for letter in found[0]), text)


@pytest.fixture(scope="module")
def watched(browser: Browser, demo: DemoServer) -> Iterator[Page]:
    """A page on which nothing that a payload does goes unseen."""
    with signed_in(browser, demo) as page:
        page.context.add_init_script(WATCH)
        yield page


@pytest.mark.parametrize(("address", "texts"), PAGES, ids=[address.partition("=%")[0] for address, _ in PAGES])
def test_a_payload_is_shown_and_does_nothing(watched: Page, address: str, texts: tuple[str, ...]) -> None:
    """No script runs, no element or foreign link is made of it, nothing is wider than the page: it is text."""
    watched.goto(address)
    settled(watched)
    expect(watched.get_by_role("heading", level=1)).not_to_have_text("")
    shown = " ".join(watched.evaluate(SHOWN).split())
    told = {text[:60]: {" ".join(each.split()) for each in (text, as_told(text))} for text in texts}
    assert [text for text, ways in told.items() if not any(way in shown for way in ways)] == []
    assert [text[:60] for text in watched.evaluate(TURNED)] == []
    assert watched.evaluate(INJECTED) == []
    wide = watched.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, f"{wide} pixels wider than the window"
    assert _harms(watched) == []
    _copied_commands_do_no_harm(watched)


def test_the_watch_sees_what_a_payload_does(browser: Browser) -> None:
    """Or else the tests above would prove nothing: the same payloads, as markup of a page without a policy, do run."""
    page = browser.new_page()
    harms: list[str] = []
    page.on("console", lambda message: harms.append(message.text))
    page.add_init_script(WATCH)
    page.route(f"{ELSEWHERE}/", lambda route: route.fulfill(body="", content_type="text/html"))
    page.goto(f"{ELSEWHERE}/")
    page.evaluate("(html) => { document.body.innerHTML = html }", "".join(PAYLOADS[:4]))
    page.wait_for_timeout(300)
    assert page.evaluate(INJECTED) != []
    page.close()
    assert any("PWNED: 1" in harm for harm in harms)


@pytest.mark.parametrize("address", NEXT)
def test_signing_in_leads_to_no_other_site(browser: Browser, demo: DemoServer, address: str) -> None:
    """Whatever a link to the sign-in page says, one stays here, and the page works."""
    page = browser.new_page(base_url=demo.url)
    harms: list[str] = []
    page.on("pageerror", lambda error: harms.append(str(error)))
    page.add_init_script(WATCH)
    page.on("console", lambda message: harms.append(message.text) if "PWNED" in message.text else None)
    page.goto(f"/signin?next={quote(address, safe='')}")
    page.get_by_label("Kubernetes token").fill(demo.user_token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("")
    assert page.url.startswith(f"{demo.url}/")
    page.close()
    assert harms == []


def test_another_site_can_neither_frame_nor_steer_us(browser: Browser, demo: DemoServer) -> None:
    """A page of another site sees no page of ours in its frame, and its form changes nothing, cookie or not."""
    before = demo.world.cluster.version
    context = browser.new_context()
    page = context.new_page()
    page.request.post(f"{demo.url}/api/v1/session", data={"token": demo.user_token}, headers=_ours(demo))
    page.route(
        f"{ELSEWHERE}/", lambda route: route.fulfill(body=EVIL_PAGE.format(url=demo.url), content_type="text/html")
    )
    page.goto(f"{ELSEWHERE}/")
    with page.expect_request("**/pause"):
        page.evaluate("document.forms[0].submit()")
    framed = page.frame("framed")
    assert framed is None or framed.url.startswith("chrome-error:")
    fetched = page.evaluate(
        "(url) => fetch(url, { credentials: 'include' }).then(() => 'read', () => 'refused')", f"{demo.url}/api/v1/dags"
    )
    assert fetched == "refused"
    context.close()
    assert demo.world.cluster.version == before


def test_headers_that_browsers_heed(watched: Page) -> None:
    """Scripts of ours alone, no framing, no guessing of types; of answers nothing stays in a cache that others read."""
    log = "/api/v1/namespaces/hostile/runs/hostile-1/tasks/load/attempts/2/log"
    found = {
        path: watched.request.get(path).headers
        for path in ("/", "/dags", "/no/such", "/api/v1/dags", "/api/v1/health", log)
    }
    for headers in found.values():
        policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
        assert "unsafe" not in headers["content-security-policy"]
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert found["/"]["cache-control"] == "no-cache"
    for path in ("/api/v1/dags", "/api/v1/health", log):
        assert found[path]["cache-control"] in ("no-store", "private, no-cache")
        assert "authorization" in found[path]["vary"].lower()
        assert "cookie" in found[path]["vary"].lower()
    assert found[log]["content-type"] == "text/plain; charset=utf-8"


def test_a_log_that_is_opened_by_its_address_is_text(watched: Page) -> None:
    """A browser that goes to a log itself shows it, and makes no page of it."""
    watched.goto("/api/v1/namespaces/hostile/runs/hostile-1/tasks/load/attempts/2/log")
    assert said("log", 500).replace("\x1b", "")[:60] in watched.evaluate("document.body.textContent")
    assert watched.evaluate("document.querySelectorAll('img, svg, iframe, a, form').length") == 0


def test_a_downloaded_log_has_the_name_of_its_task(watched: Page) -> None:
    """The name is of the address, not of anything that a task wrote, and the content is the log."""
    watched.goto("/runs/hostile/hostile-1/tasks/load?tab=log")
    with watched.expect_download() as download:
        watched.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "hostile-1-load-2.log"
    assert Path(download.value.path()).read_bytes().startswith(b"<log><img src=x onerror=__pwned=1>")


def _ours(demo: DemoServer) -> dict[str, str]:
    return {"Origin": demo.url, "X-Slipway-Request": "test"}


def _harms(page: Page) -> list[str]:
    """What the console was told by the watch; each is told once."""
    return [message.text for message in page.console_messages() if "PWNED" in message.text]


def _copied_commands_do_no_harm(page: Page) -> None:
    """What is shown to be pasted in a terminal calls one program, and a payload in it stays one of its words."""
    for line in page.locator(".command code").all_text_contents():
        shell = "slipway() { echo called; }; kubectl() { echo called; }; touch() { echo PWNED; }\n"
        done = subprocess.run(["/bin/sh", "-c", shell + line], capture_output=True, text=True, cwd="/", timeout=10)
        assert (done.stdout, done.stderr) == ("called\n", ""), line[:500]
