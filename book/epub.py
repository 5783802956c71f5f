"""Make the whole book one EPUB, for readers of books: `python -m book.epub` puts the pages of the site into it.

Equations are MathML, labs and films are stills, what is folded up lies open. Chromium reads the pages, and writes
them as the XML that an EPUB wants (book/epub.js). Sphinx has a builder of its own; but it writes what a page has in HTML
as it stands, which is no XML, and does not say which chapters have MathML and SVG, as epubcheck asks.
"""

import tomllib
import uuid
import zipfile
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlparse

import yaml
from playwright.sync_api import Browser

from book import one_file
from book.contents import ROOT, in_print
from book.downloads import DATE

NAME = "from-gradient-descent-to-adam.epub"
SCRIPT = ROOT / "book" / "epub.js"
STYLE = """
body { line-height: 1.45; overflow-wrap: anywhere; }
h1, h2, h3, h4 { line-height: 1.2; page-break-after: avoid; }
pre { overflow-x: auto; font-size: 0.75em; line-height: 1.35; white-space: pre-wrap; }
code { font-size: 0.9em; }
div.highlight, div.fold, aside.margin { margin: 0.6em 0; padding-left: 0.6em; border-left: 2px solid #bbb; }
div.predict { margin: 1em 0; padding-left: 0.6em; border-left: 3px solid #1159c2; }
p.guess { margin-left: 1em; }
p.head { font-weight: bold; }
figure { margin: 1em 0; text-align: center; page-break-inside: avoid; }
figcaption, p.lives, aside.margin { font-size: 0.85em; }
img, svg { max-width: 100%; }
table { border-collapse: collapse; font-size: 0.8em; }
th, td { padding: 0.15em 0.4em; border-bottom: 1px solid #ccc; text-align: left; vertical-align: top; }
.number { display: block; text-align: right; }
div.math { overflow-x: auto; } /* an equation that is wider than the page scrolls by itself, and the page does not */
math[display="block"] { margin: 0.6em 0; }
span.touching { white-space: nowrap; }
span.long { display: inline-flex; max-width: 94%; padding-bottom: 0.25em; overflow: auto hidden; } /* so does one in a sentence; behind it stands a full stop */
table .heading { display: none; }
@media (max-width: 30em) { /* each row of a wide table is a block, in which each cell has its heading */
  table.wide, table.wide tbody, table.wide tr, table.wide th, table.wide td { display: block; border: 0; }
  table.wide tr { padding: 0.4em 0; border-bottom: 1px solid #ccc; }
  table.wide thead { display: none; }
  table.wide p { margin: 0.2em 0; }
  table.wide .heading { display: inline; }
}
"""
PAGE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><title>{title}</title><link rel="stylesheet" type="text/css" href="style.css"/></head>
<body>{body}</body></html>
"""
CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>
"""
PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:uuid:{identifier}</dc:identifier><dc:title>{title}</dc:title><dc:language>en</dc:language>
<dc:creator>{author}</dc:creator><dc:description>{description}</dc:description><dc:rights>{licence}</dc:rights>
<meta property="dcterms:modified">{date}</meta></metadata>
<manifest>{manifest}</manifest><spine>{spine}</spine></package>
"""
KINDS = {".png": "image/png", ".svg": "image/svg+xml", ".css": "text/css", ".xhtml": "application/xhtml+xml"}


def make(browser: Browser, site: Path, file: Path, base_url: str = "") -> None:
    """Put the book of this site into a file. Its labs and files have an address if the site has one."""
    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    parts = {"style.css": (STYLE.encode(), "")}
    entries = []
    for name in in_print():
        page = of_a_page(browser, site, name, base_url, parts)
        entries.append((Path(name).name, page["title"], page["sections"]))
    contents = "".join(
        f'<li><a href="{name}.xhtml">{escape(title)}</a><ol>'
        + "".join(f'<li><a href="{name}.xhtml#{place}">{escape(words)}</a></li>' for place, words in sections)
        + "</ol></li>"
        for name, title, sections in entries
    ).replace("<ol></ol>", "")
    navigation = f'<nav epub:type="toc"><h1>Contents</h1><ol>{contents}</ol></nav>'
    parts["nav.xhtml"] = (PAGE.format(title="Contents", body=navigation).encode(), "nav")
    manifest = "".join(
        f'<item id="i{number}" href="{name}" media-type="{KINDS[Path(name).suffix]}"'
        + (f' properties="{properties}"/>' if properties else "/>")
        for number, (name, (_, properties)) in enumerate(parts.items())
    )
    order = ["nav.xhtml", *(f"{name}.xhtml" for name, *_ in entries)]
    package = PACKAGE.format(
        identifier=uuid.uuid5(uuid.NAMESPACE_URL, f"{settings['title']} {project['version']}"),
        title=escape(settings["title"]),
        author=escape(settings["author"]),
        description=escape(project["description"]),
        licence=escape(project["license"]),
        date="{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*DATE),
        manifest=manifest,
        spine="".join(f'<itemref idref="i{list(parts).index(name)}"/>' for name in order),
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr(zipfile.ZipInfo("mimetype", DATE), "application/epub+zip")  # first, and not compressed
        written = {"META-INF/container.xml": CONTAINER.encode(), "content.opf": package.encode()}
        for name, content in (written | {name: content for name, (content, _) in parts.items()}).items():
            packed.writestr(zipfile.ZipInfo(name, DATE), content, zipfile.ZIP_DEFLATED)


def of_a_page(browser: Browser, site: Path, name: str, base_url: str, parts: dict[str, tuple[bytes, str]]) -> dict:
    """Add to the parts of the EPUB a page of the site and its pictures; return what the contents say of it."""
    sheet = browser.new_page(java_script_enabled=False)
    sheet.set_default_timeout(120_000)  # the machine may be busy
    sheet.emulate_media(media="print", color_scheme="light")
    sheet.goto((site / f"{name}.html").as_uri())
    told = {"pages": {Path(page).name: page for page in in_print()}, "site": f"{site.as_uri()}/", "address": base_url}
    page = sheet.evaluate(SCRIPT.read_text(encoding="utf-8"), told)
    sheet.close()
    properties = " ".join(kind for kind in ("mathml", "svg") if page[kind])
    body = PAGE.format(title=escape(page["title"]), body=page["body"])
    parts[f"{Path(name).name}.xhtml"] = (body.encode(), properties)
    for image in page["images"]:
        picture = Path(unquote(urlparse(image).path))
        parts[f"images/{picture.name}"] = (picture.read_bytes(), "")
    return page


if __name__ == "__main__":
    one_file.main(make, NAME, "EPUB", "fas fa-book")
