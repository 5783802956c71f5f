"""The whole book as one file, which Chromium makes of the pages of the site: what the PDF and the EPUB have in common."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from book import menu, offline
from book.browser import FLAGS
from book.build import address
from book.contents import ROOT


def main(make: Callable[[Browser, Path, Path, str], None], name: str, kind: str, icon: str) -> None:
    """Make the file, once the book is built, and offer it on every page. ``make`` takes Chromium, the folder of the site,
    the file and the address of the site."""
    parser = argparse.ArgumentParser(description=f"Make the book, once it is built, one {kind}.")
    parser.add_argument(
        "--base-url", default="", type=address, help="where the site will be, for links to what is there only"
    )
    asked = parser.parse_args()
    site = ROOT / "_build" / "html"
    executable = shutil.which("chromium") or sys.exit(f"The {kind} needs Chromium, and no chromium is on the path.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        make(browser, site, site / "downloads" / name, asked.base_url)
        browser.close()
    menu.offer(site, name, f"the whole book, {Path(name).suffix}", icon)
    offline.write_worker(site)  # the pages have changed
    print(f"The book is one {kind}: {os.path.relpath(site / 'downloads' / name)}")
