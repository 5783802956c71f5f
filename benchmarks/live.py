"""Python in the page, chapter by chapter: what its button fetches, how long a reader waits, and what memory it takes.

Runs on the site that `make book` has built.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from collections.abc import Callable
from urllib.parse import urlparse

import psutil
from playwright.sync_api import Page, sync_playwright

from benchmarks.measure import row
from benchmarks.site import SITE, served
from book import contents
from book.browser import FLAGS
from book.page_weight import sent

PATIENCE = 600  # seconds: the networks of chapter 7 learn slowly there
SETTLING = 3000  # milliseconds in which a page draws the maps of its labs, whose memory is not Python's


def main() -> None:
    rows = []
    with served(SITE) as address:
        for name in contents.pages():
            if "live.js" in (SITE / f"{name}.html").read_text(encoding="utf-8"):
                rows += chapter(address, name)
    json.dump(rows, sys.stdout)


def chapter(address: str, name: str) -> list[dict]:
    """A first visit in a browser of its own: press the button, wait, run the first cell, run all."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page, loaded = browser.new_page(), []
        page.goto(f"{address}/{name}.html", wait_until="load")
        page.wait_for_timeout(SETTLING)
        before = memory()
        page.on("response", lambda response: loaded.append(response.url))
        page.get_by_role("button", name="Run and change the code").click()
        starting, _ = until(page, lambda: page.get_by_text("Python is ready").count())
        states = page.locator("div.cell .live-state")
        # Alone: others would take memory before we look.
        page.get_by_role("button", name="Run cell 1", exact=True).click()
        first, begun = until(page, lambda: re.match(r"[\d.]+ s$", states.first.inner_text()))
        page.get_by_role("button", name="Run all").click()
        others, peak = until(page, lambda: not re.search("waiting|running", "".join(states.all_inner_texts())))
        browser.close()
    sizes = [sent(SITE / urlparse(url).path.strip("/")) for url in set(loaded) if url.startswith(address)]
    return [
        row(f"{name}: fetched by the button", [sum(sizes) / 1e6], unit="MB"),
        row(f"{name}: until the first result", [starting + first], "<= 5", "s"),
        row(f"{name}: Run all", [first + others], unit="s"),
        row(f"{name}: memory at the first result", [begun - before], "<= 300", "MB"),
        row(f"{name}: memory at its peak", [peak - before], unit="MB"),
    ]


def until(page: Page, done: Callable[[], object]) -> tuple[float, float]:
    """The seconds until something is done, and the most memory meanwhile."""
    began, most = time.perf_counter(), 0.0
    while time.perf_counter() - began < PATIENCE:
        page.wait_for_timeout(100)
        most = max(most, memory())
        if done():
            return time.perf_counter() - began, most
    raise TimeoutError(f"{page.url} was not done within {PATIENCE} s")


def memory() -> float:
    """The megabytes that this browser's pages have for themselves."""
    pages = [process for process in psutil.Process().children(recursive=True) if "--type=renderer" in process.cmdline()]
    return sum(process.memory_full_info().uss for process in pages) / 1e6


if __name__ == "__main__":
    main()
