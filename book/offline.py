"""The book without a network: a zip that opens from disk, and the worker by which a browser keeps what a server gave.

The zip is packed before the pages are told of it, so that it holds no link to itself. The worker comes last: its edition is
the hash of the site, and a browser offers the newer one when that differs.
"""

import hashlib
import json
import re
from pathlib import Path
from urllib.parse import urldefrag, urljoin

from book.contents import ROOT, html_of
from book.downloads import NAME, pack
from book.live import FOLDER as LIVE

ZIP = f"{NAME}-site.zip"
WORKER = "worker.js"
# What the theme brings for those who change it, and its other languages.
NOT_READ = (".map", ".mo", ".po", ".buildinfo")
# What a page is made of, but for its films.
PARTS = re.compile(r'<(?:script|link|img|video)\b[^>]*? (?:src|href|poster)="([^"#?]+\.(?:js|css|svg|png))')


def pack_site(site: Path) -> None:
    """Pack what opens from disk, where a browser starts no Python."""
    files = {file.relative_to(site).as_posix(): file for file in sorted(site.rglob("*")) if file.is_file()}
    read = {
        name: file for name, file in files.items() if not name.endswith(NOT_READ) and not name.startswith(f"{LIVE}/")
    }
    pack(site / "downloads" / ZIP, {name: file.read_bytes() for name, file in read.items()})


def needed(site: Path) -> list[str]:
    """The pages, what they are made of, and the letters of equations."""
    found = {file.relative_to(site).as_posix() for file in (site / "_static" / "katex" / "fonts").glob("*.woff2")}
    for page in html_of(site):
        name = page.relative_to(site).as_posix()
        found |= {name} | {
            urljoin(name, urldefrag(part)[0]) for part in PARTS.findall(page.read_text(encoding="utf-8"))
        }
    return sorted(found)


def write_worker(site: Path) -> None:
    """Write the worker for the site as it is now."""
    edition = hashlib.sha256()
    for file in sorted(site.rglob("*")):
        if file.is_file() and file.name != WORKER:
            edition.update(file.relative_to(site).as_posix().encode() + b"\0" + file.read_bytes())
    known = {"EDITION": edition.hexdigest()[:16], "NEEDED": needed(site), "LEFT": ["downloads/", f"{LIVE}/"]}
    told = "".join(f"const {name} = {json.dumps(value, indent=1)};\n" for name, value in known.items())
    text = (ROOT / "book" / WORKER).read_text(encoding="utf-8")
    (site / WORKER).write_text(told + text, encoding="utf-8")
