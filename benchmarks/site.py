"""What a reader waits for: the bytes of each page, its first paint, its lab; and how long the book and its films take to make.

Runs on the site that `make book` has built.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlparse

import nbformat
import numpy as np
import yaml
from matplotlib.animation import FFMpegWriter, FuncAnimation
from matplotlib.figure import Figure
from playwright.sync_api import sync_playwright

from benchmarks.measure import ratio, row, side_by_side
from book import contents
from book.browser import FLAGS
from book.page_weight import sent
from optimlib import figures, plots, smooth

ROOT = Path(__file__).resolve().parent.parent

SITE = ROOT / "_build" / "html"
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


def pages() -> list[dict]:
    """For each page: gzipped kilobytes with and without films, requests, and milliseconds to first paint and to the lab."""
    rows = []
    with served(SITE) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name in contents.pages():
            paints, ready = [], []
            for _ in range(5):
                context = browser.new_context()  # nothing cached: a first visit
                page, loaded = context.new_page(), []
                page.on("response", lambda response, loaded=loaded: loaded.append(response.url))
                page.goto(f"{address}/{name}.html", wait_until="load")
                if page.locator(".optimlab-mount").count():
                    page.wait_for_selector(".optimlab .plot path.line", state="attached")
                    ready.append(page.evaluate("performance.now()"))
                paints.append(page.evaluate(PAINT))
                context.close()
            # What a worker is made of, a blob, was loaded before.
            sizes = {url: sent(SITE / urlparse(url).path.strip("/")) for url in set(loaded) if url.startswith(address)}
            films = sum(size for url, size in sizes.items() if url.endswith(".mp4"))
            total = sum(sizes.values())
            rows += [
                row(f"{name}: loaded without films", [(total - films) / 1000], "<= 400", "kB"),
                row(f"{name}: loaded in all", [total / 1000], unit="kB"),
                row(f"{name}: requests", [len(sizes)], unit="requests"),
                row(f"{name}: first paint", paints, unit="ms"),
            ]
            if ready:
                rows.append(row(f"{name}: lab ready", ready, unit="ms"))
        browser.close()
    return rows


@contextlib.contextmanager
def served(folder: Path):
    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def films() -> list[dict]:
    """Figure N by matplotlib's own FuncAnimation.save beside ours."""
    data = figures.noisy_cosine(np.random.default_rng(0))

    def by_matplotlib():
        averages, time = smooth(data, figures.BETAS), np.arange(1, len(data) + 1)
        figure = Figure(figsize=(5.6, 4.2), dpi=100)
        axes = figure.add_axes((0.1, 0.27, 0.86, 0.7))
        axes.plot(time, data, linestyle="", marker="o", markersize=4)
        (line,) = axes.plot([], [], color=plots.STYLES["moving average"][0], linewidth=2.6)
        beta = axes.text(210, 3.2, "", fontsize=13)
        axes.set(xlim=(0, 300), ylim=(-5, 4), xlabel="time", ylabel="value")

        def draw(i):
            line.set_data(time, averages[:, i])
            beta.set_text(f"beta: {figures.BETAS[i]:.2f}")
            return line, beta

        from imageio_ffmpeg import get_ffmpeg_exe
        from matplotlib import rc_context

        with rc_context({"animation.ffmpeg_path": get_ffmpeg_exe()}), tempfile.TemporaryDirectory() as folder:
            animation = FuncAnimation(figure, draw, frames=len(figures.BETAS), blit=True)
            animation.save(Path(folder, "film.mp4"), writer=FFMpegWriter(fps=figures.FRAMES_PER_SECOND))

    os.chdir(ROOT)  # where figures/ is
    return [ratio("a film: FuncAnimation.save / ours", by_matplotlib, lambda: figures.figure_n(data), ">= 5", rounds=2)]


def build() -> list[dict]:
    """The book as a whole beside the same from a copy whose configuration runs no cell, each from nothing.

    "Around the cells" is the clean build less what the cells themselves take, were they spread evenly over the processors.
    """

    def clean(root):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [sys.executable, "-m", "book.build", "--into", folder], cwd=root, check=True, capture_output=True
            )

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        contents.copy_sources(copy)
        shutil.copytree(ROOT / "_build" / "vendor", copy / "_build" / "vendor")
        config = yaml.safe_load((copy / "_config.yml").read_text(encoding="utf-8"))
        config["execute"]["execute_notebooks"] = "off"
        (copy / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
        running, not_running = side_by_side(lambda: clean(ROOT), lambda: clean(copy), rounds=3)
        cells = processor_time_of_the_cells(copy)
    around = running - cells / os.cpu_count()
    return [
        row("the book: a clean build", running, unit="s"),
        row("the book: the same without running a cell", not_running, unit="s"),
        row("the book: the cells' own processor time", [cells], unit="s"),
        row("the book: around the cells / the same without running a cell", around / not_running, "<= 1.3"),
    ]


def processor_time_of_the_cells(copy: Path) -> float:
    """Of all chapters: what their kernels take, less what they take when the cells are empty."""
    program = """if True:
        import resource, sys
        from book import contents, kernels
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert not kernels.run(contents.in_turn(), 300, lambda *_: None)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)"""
    seconds = []
    for _ in ("whole", "empty"):
        run = subprocess.run(
            [sys.executable, "-c", program], cwd=copy, check=True, capture_output=True, text=True, encoding="utf-8"
        )
        seconds.append(float(run.stdout))
        for file in (copy / "chapters").glob("*.ipynb"):
            notebook = nbformat.read(file, as_version=4)
            code = [cell for cell in notebook.cells if cell.cell_type == "code"]
            imports = re.findall(r"^(?:import|from) .*", "\n".join(cell.source for cell in code), re.MULTILINE)
            for cell in code:
                cell.source = ""
            # What kernels.py imports before it forks is no cell's.
            code[0].source = "\n".join(['imports = """', *imports, '"""'])
            nbformat.write(notebook, file)
    return seconds[0] - seconds[1]


if __name__ == "__main__":
    print(json.dumps(pages() + films() + build()))
