"""Print the whole book as one PDF: `python -m book.pdf` puts the pages of the site behind a cover and its contents.

Chromium prints one page that is all of them, twice: where a section has come to lie is known only after the first time,
and the contents name that page. Running heads are margin boxes of CSS; bookmarks and tags are Chromium's own.
"""

import os
import re
import shutil
import tempfile
import tomllib
from html import escape
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import yaml
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser
from pypdf import PdfReader

from book import one_file
from book.contents import ROOT, in_print

NAME = "from-gradient-descent-to-adam.pdf"

STYLE = """
@page { size: A4; margin: 22mm 17mm 20mm; font: 9pt sans-serif; color: #555;
  @top-left { content: "TITLE"; } @bottom-center { content: counter(page); } }
@page cover { @top-left { content: none; } @bottom-center { content: none; } }
.bd-main .bd-content article.bd-article h1:first-of-type { display: block; margin-top: 0; font-size: 2rem;
  padding-top: 3mm; /* or it is drawn on the sheet before, too, and its bookmark says it twice */ }
.cover { page: cover; padding-top: 60mm; text-align: center; break-after: page; }
.cover img { width: 40mm; }
.cover .title { margin: 8mm 0; font-size: 2.4rem; line-height: 1.2; }
.contents { page: contents; }
.contents ol { padding: 0; list-style: none; }
.contents ol ol { margin: 0 0 0.25rem 1.5rem; font-size: 0.9em; line-height: 1.2; }
.contents li > a { display: flex; gap: 0.5rem; color: inherit; text-decoration: none; break-inside: avoid; }
.contents > ol > li > a { margin-top: 0.4rem; font-weight: 600; break-after: avoid; }
.contents a > :nth-child(2) { flex: 1; border-bottom: 1px dotted #999; translate: 0 -0.3em; }
.contents a > :last-child { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
"""


def make(browser: Browser, site: Path, file: Path, base_url: str = "") -> None:
    """Print the book of this site into a file. Its films and labs name their address if the site has one."""
    parts = [Part(site, f"{name}.html", base_url) for name in in_print()]
    sheet = browser.new_page(java_script_enabled=False)
    sheet.set_default_timeout(120_000)  # the machine may be busy
    with tempfile.TemporaryDirectory() as folder:
        page, printed = Path(folder, "book.html"), Path(folder, "book.pdf")
        places, before = {}, None
        while places != before:  # the second time, unless the numbers made the contents longer
            before, last = places, bool(places)
            page.write_text(whole(parts, places, base_url), encoding="utf-8")
            sheet.goto(page.as_uri())
            sheet.pdf(path=printed, prefer_css_page_size=True, outline=last, tagged=last)
            places = pages_of_names(printed)
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(printed, file)
    sheet.close()


def pages_of_names(file: Path) -> dict[str, int]:
    """Where what links lead to has come to lie."""
    reader = PdfReader(file)
    named = reader.named_destinations.items()
    return {name.removeprefix("/"): reader.get_destination_page_number(place) + 1 for name, place in named}


class Part:
    """One page of the site as a part of the book: every name in it begins with the page's own."""

    def __init__(self, site: Path, page: str, base_url: str) -> None:
        self.site, self.page, self.base_url, self.name = site, page, base_url, Path(page).stem
        soup = BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser")
        self.styles = [self.file(link["href"]) for link in soup.select("link[rel=stylesheet]")]
        self.colors = [str(style) for style in soup.select("head > style")]  # the colours of methods, among others
        self.article = soup.find("article")
        for unwanted in self.article.select("script, .headerlink, video source"):
            unwanted.decompose()
        for moving in self.article.select(".optimlab-here, .film"):
            self.still(soup, moving)
        for summary in self.article.find_all("summary", string="Show solution"):
            summary.string = "Solution"
        for tag in self.article.find_all(True):
            self.name_anew(tag)
        self.article["style"] = f"page: {self.name}" if self.name[0].isalpha() else f"page: chapter-{self.name}"
        self.article["id"] = self.name
        self.title = "About this book" if page == f"{in_print()[0]}.html" else self.article.h1.get_text()
        self.sections = [
            (heading.parent["id"], heading.decode_contents()) for heading in self.article.select("section[id] > h2")
        ]

    def file(self, address: str) -> str:
        """Where a picture or a style sheet lies, for a page that lies elsewhere."""
        path = unquote(re.split("[?#]", address)[0])
        return ((self.site / self.page).parent / path).resolve().as_uri()

    def still(self, soup: BeautifulSoup, moving: Tag) -> None:
        """What moves says where it does; of a film there is the poster."""
        film, section = moving.find("video"), moving.find_parent("section", id=True)
        kind = "One moment of a film" if film else "One setting of a lab"
        place = f"{self.base_url}{self.page}" + (f"#{section['id']}" if section else "")
        moving["data-lives"] = f"{kind}. It moves on the page {place}"
        if film:
            film.replace_with(soup.new_tag("img", src=film["poster"], alt=film["aria-label"], **{"class": "still"}))

    def name_anew(self, tag: Tag) -> None:
        if tag.name == "a" and "href" in tag.attrs:
            self.lead(tag)
        elif tag.get("src"):
            tag["src"] = self.file(tag["src"])
        for key, value in tag.attrs.items():
            if key in ("id", "aria-labelledby", "for"):
                tag[key] = f"{self.name}--{value}"
            elif isinstance(value, str) and tag.name != "a":  # what a picture refers to in itself
                named = r"^(#)" if key.endswith("href") else r"(url\(#)"  # a fill of "#d9590b" is a color
                tag[key] = re.sub(named, rf"\g<1>{self.name}--", value)

    def lead(self, link: Tag) -> None:
        """A link to another page of the book leads to its part; one to a file of the site needs the site's address."""
        address = link["href"]
        if re.match(r"[a-z]+:", address):
            return
        path, fragment = urldefrag(address)
        page = os.path.normpath(os.path.join(os.path.dirname(self.page), path)) if path else self.page
        if fragment.startswith("lab?"):
            link.unwrap()
        elif page.removesuffix(".html") in in_print():
            link["href"] = f"#{Path(page).stem}" + (f"--{fragment}" if fragment else "")
        elif self.base_url:
            link["href"] = urljoin(self.base_url, page)
        else:
            link.unwrap()


def whole(parts: list[Part], places: dict[str, int], base_url: str) -> str:
    """All of the book as one page of HTML. The contents name the pages of `places`, or hold their room."""
    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    title = settings["title"]

    def line(name: str, words: str) -> str:
        return f'<a href="#{name}"><span>{words}</span><span></span><span>{places.get(name, "000")}</span></a>'

    contents, heads = [], []
    for part in parts:
        inner = "".join(f"<li>{line(*section)}</li>" for section in part.sections)
        contents.append(f"<li>{line(part.name, escape(part.title))}<ol>{inner}</ol></li>")
        head = part.title.replace("\\", "").replace('"', "”")
        heads.append(f'@{part.article["style"].replace(":", "")} {{ @top-right {{ content: "{head}"; }} }}')
    styles = "".join(f'<link rel="stylesheet" href="{style}">' for style in parts[0].styles)
    styles += "".join(dict.fromkeys(style for part in parts for style in part.colors))
    return f"""<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>{title}</title>{styles}
<style>{STYLE.replace("TITLE", title)}{"".join(heads)}</style></head><body>
<section class="cover"><img src="{(ROOT / settings["logo"]).as_uri()}" alt=""><p class="title">{title}</p>
<p>{project["description"].partition(": ")[2]}</p><p>Edition {project["version"]}. {escape(base_url)}</p>
<p>{project["license"]} licence</p></section>
<main class="bd-main"><div class="bd-content">
<section class="contents"><h1>Contents</h1><ol>{"".join(contents)}</ol></section>
{"".join(str(part.article) for part in parts)}</div></main></body></html>"""


if __name__ == "__main__":
    one_file.main(make, NAME, "PDF", "fas fa-file-pdf")
