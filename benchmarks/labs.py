"""Main-thread time of one slider move in each lab (script, style and layout), the frames while a slider is dragged,
and what a lab adds to its page."""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
from measure import row
from playwright.sync_api import Page, sync_playwright

from optimlib import labs

MOVES = 300
LABS = [labs.GradientDescentLab, labs.MomentumLab, labs.RMSPropLab, labs.AdamLab, labs.AveragesLab, labs.RaceLab]
BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync"]  # fmt: skip

# Reading a layout property makes the browser finish style and layout inside the measured time.
MEASURE = """async (moves) => {
    const slider = document.querySelector('.optimlab input[type=range]');
    const plot = document.querySelector('.optimlab .plot');
    const times = [];
    for (let i = 0; i < moves; i++) {
        await new Promise(requestAnimationFrame);
        const start = performance.now();
        slider.value = 40 + (i * 7) % 120;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        plot.getBoundingClientRect(); document.body.offsetHeight;
        times.push(performance.now() - start);
    }
    return times;
}"""

# Each frame's time, and how many moves of the slider were heard by then.
FRAMES = """(slider) => {
    window.frames = [];
    let heard = 0;
    slider.addEventListener('input', () => { heard++; });
    const next = (time) => { frames.push([time, heard]); requestAnimationFrame(next); };
    requestAnimationFrame(next);
}"""


def drag(page: Page) -> np.ndarray:
    """From each frame that shows a move to the next frame, in ms, while the mouse drags a thumb to and fro.

    The browser takes a move at a frame, and only then is the next one sent: about one each 16 ms.
    """
    slider = page.locator(".optimlab input[type=range]").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    ends, y = [box["x"] + box["width"] * part for part in (0.1, 0.9)], box["y"] + box["height"] / 2
    page.mouse.move(ends[0], y)
    page.mouse.down()
    slider.evaluate(FRAMES)
    for i in range(MOVES // 60):
        page.mouse.move(ends[1 - i % 2], y, steps=60)
    page.mouse.up()
    times, heard = np.array(page.evaluate("frames")).T
    return np.diff(times)[1:][np.diff(heard)[:-1] > 0]


def moves() -> list[dict]:
    rows = []
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=BROWSER)
        for kind in LABS:
            lab = kind()
            text = f"<!doctype html><meta charset=utf-8>{lab._page()}"
            file = Path(folder, f"{lab.lab}.html")
            file.write_text(text)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(file.as_uri())
            page.wait_for_selector(".optimlab .plot .line")
            times = page.evaluate(MEASURE, MOVES)
            apart = drag(page)
            page.close()
            rows += [
                row(f"{kind.title}: a slider move", times, "<= 2", "ms"),
                row(f"{kind.title}: 95 % of the moves within", [np.percentile(times, 95)], "<= 8", "ms"),
                row(f"{kind.title}: frames in a second of dragging", np.round(1000 / apart), ">= 60", "frames"),
                row(f"{kind.title}: of these, late by a quarter or more", [100 * np.mean(apart > 1.25 * 1000 / 60)], unit="%"),
                row(f"{kind.title}: added to its page, gzipped", [len(gzip.compress(text.encode())) / 1000], "<= 60", "kB"),
            ]
        browser.close()
    return rows


if __name__ == "__main__":
    print(json.dumps(moves()))
