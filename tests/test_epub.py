"""The book as an EPUB: whole, and as the standard wants it."""

import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from book import contents, epub

HTML, MATH = "{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/1998/Math/MathML}"


@pytest.fixture(scope="module")
def book(chromium, site, tmp_path_factory):
    """The EPUB, made for a site with an address."""
    file = tmp_path_factory.mktemp("epub") / "book.epub"
    epub.make(chromium, site, file, "https://example.org/book/")
    return file


@pytest.fixture(scope="module")
def pages(book):
    """Its pages as XML, by the names of the site's."""
    with zipfile.ZipFile(book) as packed:
        assert packed.namelist()[0] == "mimetype"
        return {name: ElementTree.fromstring(packed.read(f"{Path(name).name}.xhtml")) for name in contents.in_print()}


def test_epubcheck_has_nothing_to_say(book):
    if not (program := shutil.which("epubcheck")):
        pytest.skip("NO EPUBCHECK: it is not installed, so the EPUB was not checked")
    program = str(Path(program).resolve())  # Debian's is a jar, which not every machine runs as a program
    command = ["java", "-jar", program] if program.endswith(".jar") else [program]
    said = subprocess.run([*command, book], capture_output=True, text=True, encoding="utf-8")
    assert said.returncode == 0 and not re.search("^(ERROR|WARNING|FATAL)", said.stderr, re.MULTILINE), said.stderr


def test_every_equation_and_every_picture_of_the_site_is_in_it(site, pages):
    for name, page in pages.items():
        there = BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser").article
        for reply in there.select(".predict > details > :not(summary)"):
            reply.decompose()
        numbers = [tag.get_text() for tag in there.select(".katex-html .tag")]
        assert [one.text for one in page.iter(f"{HTML}span") if one.get("class") == "number"] == numbers
        assert len(list(page.iter(f"{MATH}math"))) == len(there.select("math")), name
        moving = there.select(".optimlab-here, .film")
        assert sum(one.get("class") == "lives" for one in page.iter(f"{HTML}p")) == len(moving), name
        drawn = there.select("figure svg, video, img")
        assert len([*page.iter("{http://www.w3.org/2000/svg}svg"), *page.iter(f"{HTML}img")]) == len(drawn), name
        code = ["".join(block.itertext()) for block in page.iter(f"{HTML}pre")]
        assert code == [block.get_text() for block in there.find_all("pre")], name


def test_nothing_in_it_moves_or_leads_to_the_disk_that_it_was_made_on(pages):
    for name, page in pages.items():
        kinds = {one.tag.rpartition("}")[2] for one in page.iter()}
        assert not kinds & {"script", "video", "button", "input", "select", "details"}, name
        targets = [one.get("href") or one.get("src") for one in page.iter() if one.tag in (f"{HTML}a", f"{HTML}img")]
        assert all(re.match(r"https?://|images/|[\w-]+\.xhtml|#", target) for target in targets if target), name
        assert "var(" not in ElementTree.tostring(page, encoding="unicode").replace("np.var(", ""), name


def test_no_page_is_wider_than_a_phone_or_a_reader_for_books(book, new_page, tmp_path):
    with zipfile.ZipFile(book) as packed:
        packed.extractall(tmp_path)
    page = new_page()
    wider = {}
    files = sorted(tmp_path.glob("*.xhtml"))
    for file in files:
        page.goto(file.as_uri())
        for width in (360, 600):  # a phone's, and that of a reader for books
            page.set_viewport_size({"width": width, "height": 800})
            if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
                wider[file.name, width] = needed
    assert len(files) == 1 + len(contents.in_print())
    assert wider == {}
