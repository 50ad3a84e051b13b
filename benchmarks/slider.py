"""From the key on the slider of the busy hours to the new figures on the screen, in a real browser.

Needs Chromium, which CHROMIUM can name. Each step is a question that nobody asked before.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from measuring import Goal, arguments
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
GOAL_MS = 250
STEPS_A_RUN = 5
# All is drawn, the notes under the inputs too.
QUIET = '[data-testid="stApp"][data-test-script-state="notRunning"]'
# Notes the time at which each of the two changes; the browser's clock is in milliseconds.
WATCH = """() => {
  window.changes = {tile: [], chart: []};
  const seen = {};
  const parts = {
    tile: () => document.querySelector('.tile[data-rent-usd]')?.dataset.rentUsd,
    chart: () => document.querySelector('.js-plotly-plot .scatterlayer')?.innerHTML,
  };
  const look = () => {
    for (const [name, read] of Object.entries(parts)) {
      const now = read();
      if (seen[name] !== undefined && now !== undefined && now !== seen[name])
        requestAnimationFrame(() => window.changes[name].push(performance.now()));
      if (now !== undefined) seen[name] = now;
    }
  };
  new MutationObserver(look).observe(
    document.body, {subtree: true, childList: true, attributes: true, characterData: true});
  document.addEventListener('keydown', () => { window.pressed = performance.now(); }, true);
  look();
}"""


def main() -> None:
    chosen = arguments(__doc__)
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        sys.exit("no Chromium: apt install chromium, or name one in CHROMIUM")
    with _served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        page.locator(".tile[data-rent-usd]").wait_for(timeout=60_000)
        page.locator(QUIET).wait_for(timeout=60_000)
        page.evaluate(WATCH)
        steps = [_step(page) for _ in range(1 + chosen.runs * STEPS_A_RUN)][1:]
        browser.close()
    for what, times_ms in zip(("tiles", "chart with its band"), zip(*steps, strict=True), strict=True):
        print(
            f"{what}: median {statistics.median(times_ms):.0f} ms, "
            f"{min(times_ms):.0f} to {max(times_ms):.0f} ms in {len(times_ms)} steps"
        )
    print(Goal("slider to tiles", statistics.median(tile for tile, _ in steps), GOAL_MS, "ms"))


def _step(page: Page) -> tuple[float, float]:
    """One step of the slider: milliseconds to the new tiles and to the new chart."""
    page.get_by_role("slider").first.focus()
    page.evaluate("() => { window.changes.tile = []; window.changes.chart = []; }")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => window.changes.tile.length && window.changes.chart.length")
    page.locator(QUIET).wait_for(timeout=60_000)
    tile_ms, chart_ms = page.evaluate(
        "() => [window.changes.tile[0] - window.pressed, window.changes.chart.at(-1) - window.pressed]"
    )
    return float(tile_ms), float(chart_ms)


@contextmanager
def _served() -> Iterator[str]:
    """The page of this checkout, as ``rig-or-rent app`` serves it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / "cli.py"), "app", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            with urlopen(address, timeout=5) as reply:
                if reply.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    sys.exit(f"the page does not answer on {address}")


if __name__ == "__main__":
    main()
