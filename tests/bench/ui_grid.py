"""This checkout's UI -> how long a real browser takes for a grid of 200 tasks x 50 runs, and a graph of 1,000 nodes.

python -m tests.bench.ui_grid [--repeats 15]

The first render is measured from the click on the tab, with the data there, to the frame that shows the cells; an
update of 100 cells from the event of the stream to the frame after it; the layout of the graph inside its worker, anew
in each page. Exit 1 where a median misses its target.
"""

import argparse
import re
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any, Final

from playwright.sync_api import Page

from tests.browser.chromium import chromium
from tests.browser.conftest import build_ui, demo_server
from tests.web.screenshot import sign_in

RENDER_MS: Final = 120
UPDATE_MS: Final = 20
LAYOUT_MS: Final = 1000
_LAYOUTS: Final = 5
_DAG: Final = "/dags/team-a/etl-wide"
_KEEP_STREAM: Final = """
  const Real = window.EventSource;
  window.EventSource = class extends Real { constructor(url) { super(url); window.stream = this; } };
"""
_RENDER: Final = """() => new Promise((done) => {
  const tab = [...document.querySelectorAll(".tabs a")].find((each) => each.textContent === "Grid");
  requestAnimationFrame(() => {
    const begun = performance.now();
    tab.click();
    const look = () => {
      const cells = document.querySelectorAll(".grid-cell").length;
      if (cells === 0) return requestAnimationFrame(look);
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => done([performance.now() - begun, cells]);
      port2.postMessage(0);
    };
    requestAnimationFrame(look);
  });
})"""
_UPDATE: Final = """(state) => new Promise((done) => {
  const all = [...document.querySelectorAll(".grid-row")];
  const rows = all.filter((row) => !row.querySelector(".grid-group, .grid-mapped"));
  const runs = window.runs;
  const tasks = [];
  for (let n = 0; tasks.length < 100; n += 1) {
    const task = rows[n % rows.length].querySelector(".grid-name").textContent;
    tasks.push(["team-a", "etl-wide", runs[(n * 7) % runs.length], task, null, state, 1]);
  }
  requestAnimationFrame(() => {
    const begun = performance.now();
    window.stream.dispatchEvent(new MessageEvent("changes", { data: JSON.stringify({ tasks }), lastEventId: "" }));
    const { port1, port2 } = new MessageChannel();
    const shown = () => document.querySelectorAll(`.grid-cell[data-state="${state}"]`).length;
    Promise.resolve().then(() => {
      port1.onmessage = () => done([performance.now() - begun, shown()]);
      requestAnimationFrame(() => port2.postMessage(0));
      document.body.offsetHeight;
      window.worked = performance.now() - begun;
    });
  });
})"""


def main() -> int:
    """Measure, and print a line for each figure."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ui_grid", description=__doc__)
    parser.add_argument("--repeats", type=int, default=15)
    asked = parser.parse_args()
    with ExitStack() as stack:
        built = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slipway-ui-")))
        build_ui(built)
        server, browser = stack.enter_context(demo_server(built)).url, stack.enter_context(chromium())
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.add_init_script(_KEEP_STREAM)
        sign_in(page, server, "admin")
        renders = [_render(page, server) for _ in range(asked.repeats + 2)][2:]
        updates = [_update(page, number) for number in range(asked.repeats + 2)][2:]
        layouts = [_layout(page, server) for _ in range(_LAYOUTS)]
    told = _told("first render, 200 tasks x 50 runs", [took for took, _ in renders], RENDER_MS)
    print(f"{'':36} {renders[0][1]} cells are drawn")
    ok = _told("100 cells, scripts and layout", [worked for _, worked, _ in updates], UPDATE_MS)
    _told("100 cells, to the next frame", [took for took, _, _ in updates], UPDATE_MS + 1000 / 60)
    drawn = _told("graph of 1,000 nodes, in the worker", layouts, LAYOUT_MS)
    return 0 if told and ok and drawn else 1


def _render(page: Page, server: str) -> tuple[float, int]:
    """From the tab Runs to the tab Grid, whose data are there from a look before."""
    if not page.url.startswith(server):
        with page.expect_response(lambda answer: "/grid/runs" in answer.url) as heard:
            page.goto(f"{server}{_DAG}/grid")
        names = [run["name"] for run in heard.value.json()["items"]]
        page.evaluate("(names) => { window.runs = names }", names)
        page.wait_for_selector(".grid-cell[data-state]")
    page.locator(".tabs a", has_text="Runs").click()
    page.wait_for_selector(".grid-cell", state="detached")
    page.wait_for_timeout(400)
    took, cells = page.evaluate(_RENDER)
    page.wait_for_timeout(600)
    return took, cells


def _update(page: Page, number: int) -> tuple[float, float, int]:
    """100 cells, spread over the rows on show, take another state."""
    state = ("Running", "Failed", "Queued")[number % 3]
    took, shown = page.evaluate(_UPDATE, state)
    if shown < 50:
        raise SystemExit(f"Only {shown} cells have become {state}: the grid does not follow the stream")
    worked: Any = page.evaluate("window.worked")
    page.wait_for_timeout(150)
    return took, worked, shown


def _layout(page: Page, server: str) -> float:
    """What the page says that the layout of all 1,000 tasks took."""
    page.goto(f"{server}/dags/team-a/huge/graph")
    page.wait_for_selector(".react-flow__node")
    page.get_by_text("Unfold all groups").click()
    line = page.get_by_text(re.compile(r"^1,000 nodes.* laid out in \d+ ms"))
    line.wait_for()
    found = re.search(r"laid out in (\d+) ms", line.inner_text())
    return float(found[1]) if found else float("nan")


def _told(name: str, spans: list[float], target: float) -> bool:
    middle = median(spans)
    met = "met" if middle <= target else "missed"
    print(f"{name:36} median {middle:6.1f} ms  range {min(spans):.1f} to {max(spans):.1f}  target {target:.0f}: {met}")
    return middle <= target


if __name__ == "__main__":
    sys.exit(main())
