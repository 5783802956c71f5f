"""What the search of the site knows: the words of every section, and where equations and figures with a number stand.

MiniSearch ranks (book/search.js). Sphinx's own search finds pages, not sections, no letter by its name, and from disk no words
around what it found; its files are taken away.
"""

import json
import re
import shutil
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from book.contents import ASSIGNMENTS, ROOT, pages
from book.npm import Package

# What is no sentence: code with what it printed, pictures but for their captions, equations on lines of their own, and the
# second writing of those within a line.
UNSEARCHED = ".cell :not(figure, figure *, :has(figure)), .live-bar, script, style, svg, video, .headerlink, .heading, .katex-mathml, div.math"
DETAILS = "section section > :not(h2)"  # of an assignment: a task is found by its name
SPHINX = ("searchindex.js", "_static/searchtools.js", "_static/language_data.js")


def keep(name: str, content: bytes) -> tuple[str, bytes] | None:
    """Of the package its program, without the comments, which are three quarters of it, and its licence."""
    if name == "dist/umd/index.js":
        program = re.sub(r"^\s*/\*\*.*?\*/\n|^\s*//[^\n]*\n", "", content.decode(), flags=re.DOTALL | re.MULTILINE)
        return "minisearch.js", program.encode()
    return (name, content) if name == "LICENSE.txt" else None


MINISEARCH = Package(
    "minisearch",
    "7.2.0",
    "dqT2XBYUOZOiC5t2HRnwADjhNS2cecp9u+TJRiJ1Qp/f5qjkeT5APcGPjHw+bz89Ms8Jp+cG4AlE+QZ/QnDglg==",
    "searches the site",
    keep,
)


def index(site: Path) -> None:
    """Write what the search knows into the site, and what it runs."""
    folder = site / "_static" / "search"
    shutil.copytree(MINISEARCH.provided(), folder)
    shutil.copy(ROOT / "book" / "search.js", folder)
    known = {"pages": [], "sections": [], "equations": {}, "figures": {}}
    for number, name in enumerate(pages()):
        soup = BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        article = soup.find("article")
        for equation in article.select("div.math[id]"):
            section = equation.find_parent("section", id=True)["id"]
            for tag in equation.select(".katex-html > .tag"):
                known["equations"][tag.get_text().strip("()")] = [number, equation["id"], section]
        for caption in article.find_all("figcaption", string=re.compile(r"^Figure \w+\.")):
            section = caption.find_parent("section", id=True)["id"]
            known["figures"][caption.get_text().split()[1].strip(".")] = [number, section, section]
        for unwanted in article.select(f"{UNSEARCHED}, {DETAILS}" if name.startswith(ASSIGNMENTS) else UNSEARCHED):
            unwanted.decompose()
        known["pages"].append([f"{name}.html", article.h1.get_text()])
        # From the last to the first: what is in a section has been taken out of those around it.
        sections = [words_of(section, number) for section in reversed(article.select("section[id]"))]
        known["sections"] += reversed(sections)
    text = json.dumps(known, ensure_ascii=False, separators=(",", ":"))
    (folder / "sections.js").write_text(f"const KNOWN = {text};\n", encoding="utf-8")
    for name in SPHINX:
        (site / name).unlink(missing_ok=True)


def words_of(section: Tag, page: int) -> list:
    """The page, the name, the heading and the words of a section, which it leaves its page without."""
    heading = section.find(re.compile("^h[1-6]$")).extract().get_text()
    for block in section.find_all(["p", "li", "td", "th", "div", "summary"]):
        block.append(" ")
    words = " ".join(section.extract().get_text().replace("\u200b", "").split())
    return [page, section["id"], heading, words]
