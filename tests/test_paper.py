"""The book on paper: what a browser prints of a page, on A4 and on Letter."""

import html
import re
import shutil
import subprocess

import pytest

SHEETS = {"A4": (595, 842), "Letter": (612, 792)}
MARGIN = 40  # points that stay white at each side
CHAPTERS = ["2-momentum", "5-bias-correction", "conventions"]  # a lab and notes in the margin; films; wide tables


@pytest.fixture(scope="module")
def words():
    """The words of a PDF, each with its page and its box."""
    if not shutil.which("pdftotext"):
        pytest.skip("NO POPPLER: pdftotext is not installed, so no PDF was read")

    def of(file):
        said = subprocess.run(["pdftotext", "-bbox", file, "-"], capture_output=True, check=True, encoding="utf-8")
        box = re.compile(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>')
        return [
            (number, html.unescape(word), *map(float, sides))
            for number, page in enumerate(said.stdout.split("<page ")[1:], 1)
            for *sides, word in box.findall(page)
        ]

    return of


# What holds more than it shows: on paper nobody can scroll to the rest.
CUT = """() => [...document.querySelectorAll(".bd-article *")]
    .filter((one) => one.checkVisibility() && getComputedStyle(one).overflowX !== "visible"
        && !one.closest(".katex, svg, .optimlab") && one.clientWidth && one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_printed_page_is_whole(new_page, site, words, tmp_path, chapter, sheet):
    page = new_page(viewport={"width": 1280, "height": 800}, color_scheme="dark")
    page.goto((site / "chapters" / f"{chapter}.html").as_uri())
    page.pdf(path=tmp_path / "page.pdf", format=sheet)
    printed = words(tmp_path / "page.pdf")
    width, height = SHEETS[sheet]
    outside = [
        (number, word)
        for number, word, left, top, right, bottom in printed
        if left < MARGIN or top < MARGIN or right > width - MARGIN or bottom > height - MARGIN
    ]
    assert outside == []
    raw = subprocess.run(["pdftotext", "-raw", tmp_path / "page.pdf", "-"], capture_output=True, encoding="utf-8")
    text = re.sub(r"\s", "", raw.stdout)
    numbers = page.locator(".katex-html > .tag").evaluate_all("tags => tags.map((tag) => tag.textContent)")
    assert set(numbers) <= {word for _, word, *_ in printed}
    # Every line of code and every solution, open or not.
    for line in page.locator("div.cell_input pre, details.hide pre").all_text_contents():
        assert re.sub(r"\s", "", line)[-20:] in text
    for moving in page.locator(".optimlab-here, .film").all():
        said = moving.get_attribute("data-lives")
        address, section = said.split()[-1].split("#")
        assert address == f"chapters/{chapter}.html" and page.locator(f"section#{section}").count() == 1
        assert re.sub(r"\s", "", said) in text
    assert page.locator(".film .still").count() == page.locator(".film").count()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": int((width - 96) / 0.75), "height": 1000})
    assert page.evaluate(CUT) == []
