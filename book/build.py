"""Build the book: `python -m book.build` makes the site in _build/html.

Three things side by side: the chapters run (book/kernels.py), Jupyter Book makes the pages of those that have run
(book/pages.py), and the wheel of optimlib is built. Then the figures that the chapters drew are put beside the pages,
the notebooks that readers download are made portable and put into one zip, and the icons that no page has are dropped.
"""

import argparse
import fcntl
import math
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import nbformat
import yaml
from flit_core.wheel import make_wheel_in
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn

from book import kernels, menu, offline, policy, search, ways_in
from book.contents import ROOT, in_turn
from book.downloads import all_portable, write_zip
from book.icons import keep_used_icons
from book.tidy import joined

# A wheel holds times; a fixed one makes its bytes the same at every build.
WHEEL_TIME = "1735689600"
SPARE = 10e6  # bytes: with less, it is the disk that a build has failed for
PATIENCE = 5.0  # seconds that a build has for ending what it had begun
GIVEN_UP = "\nThe book was not built: what is above says why."


def build(into: Path = ROOT, fork: bool = kernels.FORK, base_url: str = "") -> Path:
    """Build the book and return the folder of its pages, into/_build/html. Its address is told only if it is given."""
    site = into / "_build" / "html"
    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    execution = settings["execute"]
    kernels_can_answer()
    with alone() as lock:
        shutil.rmtree(site, ignore_errors=True)
        with jupyter_book(into, lock, base_url) as pages:
            if execution["execute_notebooks"] != "off":  # benchmarks/site.py turns it off, to see what it costs
                run_chapters(into / "_build" / ".jupyter_cache", execution["timeout"], pages.stdin, fork)
            wheel = build_wheel(site / "downloads")
        shutil.copytree(ROOT / "figures", site / "figures")  # only now: the chapters have just drawn them
        replace_downloads(site, wheel)
        search.index(site)
        ways_in.write(site, settings["title"], base_url)
        keep_used_icons(site)
        policy.apply(site)
        offline.pack_site(site)
        menu.offer(site, offline.ZIP, "the whole book, .zip", "fas fa-download")
        offline.write_worker(site)
    return site


def kernels_can_answer() -> None:
    """Kernels are talked with through this machine's own address, which is there even where no network is, but for
    some containers. Without it each would be waited for a minute."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        try:
            socket.create_connection(server.getsockname(), timeout=10).close()
        except OSError as error:
            sys.exit(
                f"No notebook can run here: its kernel would answer on 127.0.0.1, where nothing arrives ({error})."
            )


@contextmanager
def alone():
    """Wait until no other build is at work in this book: two would write into the same files.

    The lock is the kernel's. It ends with the last process that has its file open, so a build that was killed leaves
    none, and holds it no longer than what it had started still writes.
    """
    (ROOT / "_build").mkdir(exist_ok=True)
    with open(ROOT / "_build" / ".lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another build is at work in this book: this one begins when that has ended.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


@contextmanager
def jupyter_book(into: Path, lock: TextIO, base_url: str):
    """Jupyter Book at work: any warning fails the build, and whatever else does ends it."""
    command = [sys.executable, "-c", f"from book.pages import main; main({base_url!r})"]
    command += ["build", ROOT, "--path-output", into, "--all", "-W", "-n", "--keep-going"]
    # In a group of its own: Ctrl-C is for this process alone, which ends the others.
    pages = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
        encoding="utf-8",
        pass_fds=[lock.fileno()],
    )
    try:
        yield pages
        pages.communicate()
    except BaseException:
        kernels.kill(pages)
        raise
    if pages.returncode:
        sys.exit(GIVEN_UP)


def run_chapters(outputs: Path, timeout: int, announce, fork: bool) -> None:
    """Run the chapters anew, keep their outputs where Jupyter Book looks for them, and announce each."""
    shutil.rmtree(outputs, ignore_errors=True)
    cache = get_cache(outputs)

    def keep(file: Path, notebook: nbformat.NotebookNode) -> None:
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
            if cell.cell_type == "code":
                cell.outputs = joined(cell.outputs)
        cache.cache_notebook_bundle(CacheBundleIn(notebook, str(file)))
        try:
            print(file.relative_to(ROOT).with_suffix("").as_posix(), file=announce, flush=True)
        except BrokenPipeError:  # Jupyter Book gave up, and no page will come of the other chapters
            sys.exit(GIVEN_UP)

    if wrong := kernels.run(in_turn(), timeout, keep, fork):
        print(*wrong, sep="\n\n", file=sys.stderr)
        sys.exit("\nThe book was not built: the errors above say which chapter and cell, and why.")


def build_wheel(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("SOURCE_DATE_EPOCH", WHEEL_TIME)
    return make_wheel_in(ROOT / "pyproject.toml", folder).file


def replace_downloads(site: Path, wheel: Path) -> None:
    """Give the download button of each page a notebook that plain Jupyter reads, and put all of them into one zip."""
    texts = all_portable()
    for page in (site / "_sources").rglob("*.ipynb"):
        page.write_text(texts[page.name], encoding="utf-8", newline="\n")
    write_zip(texts, wheel, site / "figures")


def address(typed: str) -> str:
    """An address as it is put before the names of pages."""
    if typed and not re.match(r"https?://[^/?#\s]+[^?#\s]*$", typed):
        raise argparse.ArgumentTypeError(f"BASE_URL is {typed!r}: it must be where the site will be, as https://...")
    return typed and f"{typed.rstrip('/')}/"


def interrupter() -> Callable[[int, object], None]:
    """What ends a build at a signal: KeyboardInterrupt, but not a second one while the first is being obeyed.

    make sends SIGTERM on to a build that has just had it, and who waits presses Ctrl-C again. In the middle of ending
    the kernels that would leave them at work, and the build would wait for them for ever.
    """
    last = -math.inf

    def interrupt(number: int, frame: object) -> None:
        nonlocal last
        before, last = last, time.monotonic()
        if last - before > PATIENCE:
            raise KeyboardInterrupt

    return interrupt


def main() -> None:
    parser = argparse.ArgumentParser(description="Run every chapter and build the book's site.")
    parser.add_argument("--into", type=Path, default=ROOT, help="the site goes to INTO/_build/html (here)")
    parser.add_argument("--new-kernels", action="store_true", help="start a kernel for each chapter, fork none")
    parser.add_argument("--base-url", default="", type=address, help="where the site will be: https://...")
    asked = parser.parse_args()
    interrupt = interrupter()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        site = os.path.relpath(build(asked.into, kernels.FORK and not asked.new_kernels, asked.base_url))
    except KeyboardInterrupt:
        sys.exit("\nInterrupted: the book was not built.")
    except (Exception, SystemExit):  # whatever met it first
        if shutil.disk_usage(ROOT).free > SPARE:
            raise
        sys.exit(f"\nThe disk is full: the book was not built. Make room in {ROOT}, then run make again.")
    print(f"""
The book is built. Open {Path(site, "index.html")} in a browser, or serve it:
    python -m http.server --bind 127.0.0.1 --directory {site}""")


if __name__ == "__main__":
    main()
