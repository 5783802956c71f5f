"""Main-thread time of a move of every control of each lab (script, style and layout), the frames while a slider is dragged,
how long the map of settings takes, how many elements a lab has and what it adds to its page.

Runs on the site that `make book` has built: what a page does beside its lab, readers wait for, too.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil

import numpy as np
from playwright.async_api import Page, async_playwright

from benchmarks.measure import row
from benchmarks.site import SITE, served
from book import contents
from book.browser import FLAGS
from optimlib.labs import LABS

MOVES = 300  # of the slider that is dragged
EACH = 60  # of every control
MAPS = 7

# Every control in its turn, as a hand moves it: sliders along their way, boxes on and off, choices one by one. Reading a
# layout property makes the browser finish style and layout inside the measured time.
MEASURE = """async (moves) => {
    const plot = document.querySelector('.optimlab .plot'), told = {};
    const controls = document.querySelectorAll('.optimlab :is([type=range], [type=checkbox], select)');
    for (const control of controls) {
        const times = [], most = Number(control.max);
        for (let i = 0; i < moves; i++) {
            await new Promise(requestAnimationFrame);
            const start = performance.now();
            if (control.type === 'range') control.value = Math.round(most * (0.2 + ((i * 7) % 120) / 200));
            else if (control.type === 'checkbox') control.checked = !control.checked;
            else control.selectedIndex = i % control.options.length;
            control.dispatchEvent(new Event(control.type === 'range' ? 'input' : 'change', { bubbles: true }));
            plot.getBoundingClientRect(); document.body.offsetHeight;
            times.push(performance.now() - start);
        }
        [...document.querySelectorAll('.optimlab button')].find((one) => one.textContent === 'Reset').click();
        told[control.labels[0].textContent.trim()] = times;
    }
    return told;
}"""

# How long the workers take for the whole map, from the change of a setting that it depends on to the last paint. Those
# along its axes move a mark only: the first slider that makes it paint anew is the one.
MAP = """async (times) => {
    if (!document.querySelector('.optimlab canvas')) return null;
    const painted = () => new Promise((on) => {
        const put = CanvasRenderingContext2D.prototype.putImageData;
        const stop = (answer) => { CanvasRenderingContext2D.prototype.putImageData = put; on(answer); };
        CanvasRenderingContext2D.prototype.putImageData = function (image, ...place) {
            put.call(this, image, ...place);
            if (image.width >= 200) stop(true);
        };
        setTimeout(stop, 10000, false);
    });
    for (const slider of document.querySelectorAll('.optimlab [type=range]')) {
        const told = [];
        for (let i = 0; i < times; i++) {
            await new Promise((on) => setTimeout(on, 1500));
            const done = painted(), start = performance.now();
            slider.value = Math.round(slider.max * (0.4 + 0.05 * (i % 5)));
            slider.dispatchEvent(new Event('input', { bubbles: true }));
            if (!await done) break;
            told.push(performance.now() - start);
        }
        if (told.length == times) return told;
    }
    throw new Error('no slider makes the map paint anew');
}"""

FRAMES = """() => {
    window.frames = [];
    const next = (time) => { frames.push(time); requestAnimationFrame(next); };
    requestAnimationFrame(next);
}"""


async def drag(page: Page) -> np.ndarray:
    """When each frame began, in ms, while the mouse drags a thumb to and fro.

    A move is sent each 16 ms, as by a hand, whether the page keeps up or not.
    """
    slider = page.locator(".optimlab [type=range]:not(.up > *)").first
    await slider.scroll_into_view_if_needed()
    box = await slider.bounding_box()
    browser = await page.context.new_cdp_session(page)
    sent = []

    def mouse(kind: str, part: float) -> None:
        place = {"x": box["x"] + part * box["width"], "y": box["y"] + box["height"] / 2}
        event = {"type": kind, "button": "left", "buttons": 1, "clickCount": 1} | place
        sent.append(asyncio.create_task(browser.send("Input.dispatchMouseEvent", event)))

    mouse("mousePressed", 0.9)
    await page.evaluate(FRAMES)
    for i in range(MOVES):
        mouse("mouseMoved", 0.1 + 0.8 * abs(i / 60 % 2 - 1))
        await asyncio.sleep(0.016)
    times = await page.evaluate("frames")
    mouse("mouseReleased", 0.9)
    await asyncio.gather(*sent)
    return np.array(times)


def chapter_of(kind: type) -> str:
    """The page with this lab."""
    return next(file.stem for file in contents.notebooks() if f"{kind.__name__}(" in file.read_text(encoding="utf-8"))


async def moves() -> list[dict]:
    rows = []
    with served(SITE) as address:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            for kind in LABS:
                page = await browser.new_page(viewport={"width": 1280, "height": 900})
                await page.goto(f"{address}/chapters/{chapter_of(kind)}.html", wait_until="load")
                await page.wait_for_selector('.optimlab .plot .line:not([d=""])')
                elements = await page.evaluate("document.querySelectorAll('.optimlab, .optimlab *').length")
                times = await page.evaluate(MEASURE, EACH)
                slowest = max(times.values(), key=np.median)
                latest = max(np.percentile(of_one, 95) for of_one in times.values())
                maps = await page.evaluate(MAP, MAPS)
                frames = await drag(page)
                in_each_second = np.bincount(((frames - frames[0]) // 1000).astype(int))[:-1]  # the last is not whole
                late = 100 * np.mean(np.diff(frames) > 1.25 * 1000 / 60)
                await page.close()
                rows += [
                    row(f"{kind.title}: elements before the first touch", [elements], "<= 800", ""),
                    row(f"{kind.title}: a move of its slowest control", slowest, "<= 2", "ms"),
                    row(f"{kind.title}: 95 % of the moves of any control within", [latest], "<= 6", "ms"),
                    *([row(f"{kind.title}: its map, until it is painted", maps, "<= 100", "ms")] if maps else []),
                    row(f"{kind.title}: frames in a second of dragging", in_each_second, ">= 60", "frames"),
                    row(f"{kind.title}: of these, late by a quarter or more", [late], unit="%"),
                    row(
                        f"{kind.title}: added to its page, gzipped",
                        [len(gzip.compress(kind()._repr_html_().encode())) / 1000],
                        "<= 60",
                        "kB",
                    ),
                ]
            await browser.close()
    return rows


if __name__ == "__main__":
    print(json.dumps(asyncio.run(moves())))
