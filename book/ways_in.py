"""Where readers and search engines come in: index.html, the page for an address that leads nowhere, and sitemap.xml."""

import re
from html import escape
from pathlib import Path
from urllib.parse import urljoin, urlparse

from book.contents import pages
from optimlib.styles import STYLES, css

# What in a page is an address that begins at its folder.
RELATIVE = re.compile(r'(?P<before> (?:href|src|poster|content)=")(?P<address>\.\./[^"]*|[\w-]+\.html[^"]*)')
NOWHERE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>No such page — {book}</title>
<style>{colors}
body {{ max-width: 34rem; margin: 20vh auto 0; padding: 0 1rem; background: var(--page); color: var(--ink); font: 1.1rem/1.6 serif; }}
a {{ color: var(--link); }}</style>
</head>
<body>
<main>
<h1>No such page</h1>
<p>Nothing of <i>{book}</i> is at this address. It may be misspelt, or the page may have another name now.</p>
<p>{onward}</p>
</main>
</body>
</html>
"""


def write(site: Path, book: str, base_url: str) -> None:
    first = pages()[0]
    front = (site / f"{first}.html").read_text(encoding="utf-8")
    (site / "index.html").write_text(at_the_top(front, Path(first).parent.as_posix()), encoding="utf-8")
    # A server shows this page at any depth, so its links cannot be relative. Where no address is given, all that is
    # known is where the server begins.
    onward = '<a href="/">To where this site begins</a>'
    if base_url:
        path = urlparse(base_url).path
        onward = f'<a href="{path}">To the first page</a>, or <a href="{path}search.html">search the book</a>'
        listed = [base_url, *(urljoin(base_url, f"{name}.html") for name in pages()[1:])]
        (site / "sitemap.xml").write_text(sitemap(listed), encoding="utf-8")
    page = NOWHERE.format(book=book, colors=css("html", STYLES), onward=f"{onward}.")
    (site / "404.html").write_text(page, encoding="utf-8")


def at_the_top(page: str, folder: str) -> str:
    """A page of this folder as it is when it lies in the top one."""

    def address(found: re.Match) -> str:
        inside = found["address"].startswith("../")
        return found["before"] + (found["address"].removeprefix("../") if inside else f"{folder}/{found['address']}")

    return RELATIVE.sub(address, page).replace('data-content_root="../"', 'data-content_root="./"', 1)


def sitemap(addresses: list[str]) -> str:
    lines = "".join(f"<url><loc>{escape(address)}</loc></url>\n" for address in addresses)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{lines}</urlset>\n'
    )
