"""The book on paper: what a browser prints of a page, on A4 and on Letter."""

import html
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from book import contents, menu, pdf

ROOT = Path(__file__).resolve().parent.parent

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


# The book as one PDF


def test_the_columns_of_a_wide_table_hold_more_than_a_word(new_page, site):
    page = new_page(viewport={"width": 665, "height": 940})  # what is within the margins of a sheet
    page.emulate_media(media="print")
    page.goto((site / "chapters" / "how-we-know.html").as_uri())
    heads = page.locator(".bd-article table:has(th:nth-child(6)) thead")
    heights = heads.evaluate_all("all => all.map((one) => one.getBoundingClientRect().height)")
    assert len(heights) > 2 and max(heights) < 150


@pytest.fixture(scope="module")
def book(chromium, site, tmp_path_factory):
    """The PDF, printed for a site with an address."""
    file = tmp_path_factory.mktemp("pdf") / "book.pdf"
    pdf.make(chromium, site, file, "https://example.org/book/")
    return file


def said(*command):
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout


def test_nothing_of_the_pdf_is_cut(book, words, site):
    printed = words(book)
    width, height = SHEETS["A4"]
    outside = [
        (number, word)
        for number, word, left, top, right, bottom in printed
        if left < MARGIN or right > width - MARGIN or top < 20 or bottom > height - 20
    ]
    assert outside == []
    pages = [
        BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        for name in contents.in_print()
    ]
    numbers = {tag.get_text() for page in pages for tag in page.select(".katex-html > .tag")}
    assert len(numbers) > 60 and numbers <= {word for _, word, *_ in printed}


def test_the_contents_name_the_page_of_each_section(book):
    reader = PdfReader(book)
    texts = [" ".join(page.split()) for page in said("pdftotext", "-layout", book, "-").split("\f")]
    lines = re.findall(r"^ *(\S.*?) {2,}(\d+)$", said("pdftotext", "-layout", "-l", "6", book, "-"), re.MULTILINE)
    assert len(lines) > 100
    wrong = [(words, number) for words, number in lines if words.isascii() and words not in texts[int(number) - 1]]
    assert wrong in ([], [("About this book", lines[0][1])])  # whose title is the book's
    chapters = [mark.title for mark in reader.outline if not isinstance(mark, list)]
    assert chapters[0] == "Contents" and len(chapters) == 1 + len(contents.in_print())
    for mark in reader.outline[2:]:
        if not isinstance(mark, list):
            assert (mark.title, str(reader.get_destination_page_number(mark) + 1)) in lines


def test_the_pdf_is_tagged_and_has_its_fonts_and_its_links(book):
    assert re.search(r"^Tagged: +yes$", said("pdfinfo", book), re.MULTILINE)
    fonts = said("pdffonts", book).splitlines()[2:]
    assert fonts and all(re.search(r" yes yes yes +\d+ +\d+$", font) and "Type 3" not in font for font in fonts)
    films = sum(mark.endswith("poster.png") for mark in os.listdir(ROOT / "figures"))
    assert len(said("pdfimages", "-list", book).splitlines()[2:]) == films  # all else is drawn as lines
    assert (
        len(re.findall(r"^Adam, \d+ steps$", said("pdftotext", "-raw", book, "-"), re.MULTILINE)) == 1
    )  # a line around it is no second
    reader = PdfReader(book)
    links = [link.get_object() for page in reader.pages for link in page.get("/Annots", [])]
    inside = {link["/Dest"] for link in links if "/Dest" in link}
    outside = {link["/A"]["/URI"] for link in links if "/A" in link}
    assert len(inside) > 200 and {str(name) for name in inside} <= set(reader.named_destinations)
    assert all(address.startswith(("http://", "https://")) for address in outside)
    assert "https://example.org/book/chapters/2-momentum.html#try-it" in said("pdftotext", "-raw", book, "-").replace(
        "\n", ""
    )


def test_the_pdf_keeps_the_colors_of_the_pages(site):
    part = pdf.Part(site, "chapters/1-gradient-descent.html", "")
    fills = {ground["fill"] for ground in part.article.select("pattern > rect")}
    assert fills and all(re.fullmatch("#[0-9a-f]{6}", fill) for fill in fills)
    assert "--c-momentum:" in pdf.whole([part], {}, "")


def test_the_menu_of_downloads_offers_the_pdf_once(site, tmp_path):
    for folder in ("chapters", "assignments"):
        shutil.copytree(site / folder, tmp_path / folder)
    shutil.copy(site / "index.html", tmp_path)
    for _ in range(2):  # also when it is printed again
        menu.offer(tmp_path, pdf.NAME, "the whole book, .pdf", "fas fa-file-pdf")
    for name in contents.pages():
        _, offered = (tmp_path / f"{name}.html").read_text(encoding="utf-8").split(menu.MENU)
        assert offered.partition("</ul>")[0].count(f'<a href="../downloads/{pdf.NAME}"') == 1 == offered.count(pdf.NAME)
