"""What several files of tests share: hypothesis without chance, a browser, and the site, built once."""

import fcntl
import functools
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import sync_playwright

from book.browser import FLAGS
from tests.firefox import Firefox
from tests.waiting import under_policy

# The same examples at every run, and no clock, so no run fails now and then.
settings.register_profile("book", derandomize=True, deadline=None, database=None, print_blob=False)
settings.register_profile("quick", settings.get_profile("book"), max_examples=10)
settings.load_profile("book")

# Whoever starts the tests in the background may have Ctrl-C ignored, and every process that they start would inherit that.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
LONGEST = ["test_site.py", "test_browser.py", "test_grading.py", "test_labs.py"]
# What these fixtures give takes seconds to make: a browser, a build, figures, a course, a copy of the tree, another pytest.
SLOW = {
    "chromium",
    "site",
    "made",
    "whole_grid",
    "course",
    "real",
    "copy",
    "collected",
    "kernel",
    "nbval_says",
    "small_book",
}


@pytest.hookimpl(tryfirst=True)  # before pytest's own looks at the marks
def pytest_collection_modifyitems(items):
    """`make quick` leaves out what is slow. `make test` runs files side by side: the longest first, or one processor waits at the end."""
    for item in items:
        if SLOW & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def chromium():
    """The browser, started once for all files that one process runs: without windows, where Debian's is there, which
    shows the same pages for half the work."""
    executable = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if not executable:
        missing = "NO BROWSER: chromium is not installed, so nothing was tried in one"
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip)(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def firefox(tmp_path_factory):
    """Firefox, likewise."""
    executable = shutil.which("firefox-esr") or shutil.which("firefox")
    if not executable:
        pytest.skip("NO FIREFOX: it is not installed, so all was tried in Chromium alone")
    browser = Firefox(executable, tmp_path_factory.mktemp("firefox"))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def context(chromium):
    """A context of the browser by its settings, kept for who asks for the same: making one costs thrice what a page does."""
    kept = {}

    def of(**settings):
        name = json.dumps(settings, sort_keys=True)
        if name not in kept:  # without the worker that keeps the book: only test_published.py asks for it
            kept[name] = chromium.new_context(service_workers="block", **settings)
        return kept[name]

    return of


@pytest.fixture
def new_page(context):
    """Open a page in a browser with these settings. What a page keeps for the next one goes with the test."""
    pages = []

    def open_page(**settings):
        pages.append(under_policy(context(**settings).new_page()))
        return pages[-1]

    yield open_page
    for page in pages:
        if not page.url.startswith("about:"):
            page.evaluate("localStorage.clear(), sessionStorage.clear()")
        page.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the pages, built anew by running every chapter, away from _build/html."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # the first process that comes builds it for all
        shared = shared.parent
    with open(shared / "building", "a+", encoding="utf-8") as built:
        fcntl.flock(built, fcntl.LOCK_EX)
        built.seek(0)
        if not (place := built.read()):
            subprocess.run([sys.executable, "-m", "book.build", "--into", shared / "book"], cwd=ROOT, check=True)
            built.write(place := str(shared / "book" / "_build" / "html"))
    return Path(place)


@pytest.fixture(scope="session")
def addresses(site):
    """Where the site begins: on a server, and on disk."""

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {"http": f"http://127.0.0.1:{server.server_port}/", "file": f"{site.as_uri()}/"}
    server.shutdown()


@pytest.fixture
def reader(new_page, addresses):
    """Open pages as one kind of reader: reader(scheme, width=..., ...) gives the page, its start and its troubles."""

    def open_page(scheme, width=1280, **settings):
        page = new_page(viewport={"width": width, "height": 800}, **settings)
        start, troubles = addresses[scheme], []
        page.on("console", lambda said: said.type == "error" and troubles.append(f"{page.url}: {said.text}"))
        page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
        page.on(
            "request",
            lambda asked: (
                asked.url.startswith((start, "data:", "blob:")) or troubles.append(f"{page.url}: asks for {asked.url}")
            ),
        )
        return page, start, troubles

    return open_page
