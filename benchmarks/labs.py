"""Main-thread time of one slider move in each lab (script, style and layout), in headless Chromium.

python benchmarks/labs.py            each lab on a page of its own
python benchmarks/labs.py --json F   the same, written to F
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from optimlib import labs

MOVES = 300
LABS = [labs.GradientDescentLab, labs.MomentumLab, labs.RMSPropLab, labs.AdamLab, labs.AveragesLab, labs.RaceLab]
BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync"]

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


def measure() -> dict[str, dict[str, float]]:
    table = {}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=BROWSER)
        for kind in LABS:
            lab = kind()
            file = Path(folder, f"{lab.lab}.html")
            file.write_text(f"<!doctype html><meta charset=utf-8>{lab._page()}")
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(file.as_uri())
            page.wait_for_selector(".optimlab .plot .line")
            times = sorted(page.evaluate(MEASURE, MOVES))
            table[lab.lab] = {"median_ms": times[MOVES // 2], "p95_ms": times[int(MOVES * 0.95)]}
            page.close()
        browser.close()
    return table


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    table = measure()
    print(f"{'lab':18} median ms   95 % ms   ({MOVES} moves of the first slider)")
    for name, row in table.items():
        print(f"{name:18} {row['median_ms']:9.2f} {row['p95_ms']:9.2f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(table, indent=1))
