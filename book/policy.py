"""The policy of the pages, written into their heads: what they load is theirs, and no script stands in a page itself.

What the theme, the labs and the race write into a page is moved into files, each once. So is what the theme has a button
do. The files are plain scripts, run in the order of the page: a browser loads modules from a server only, not from disk.
"""

import hashlib
import json
import os
import re
from html import unescape
from pathlib import Path

from book.contents import html_of

# Who may do what. Styles may stand in a page: those of equations and pictures do.
POLICY = {
    "default-src": ["'self'"],
    "script-src": ["'self'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'", "data:"],
    "worker-src": ["'self'", "blob:"],  # a map of settings is computed by workers that the page makes itself
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
}
META = '<meta http-equiv="Content-Security-Policy" content="{}">'.format(
    "; ".join(" ".join([what, *whose]) for what, whose in POLICY.items())
)
FOLDER = Path("_static", "scripts", "moved")
SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL)
BUTTON = re.compile(r'(?P<button><button\b[^>]*?) onclick="(?P<code>[^"]*)"')

HEARD = 'addEventListener("click", ({{ target }}) => {{ if (target.closest?.("[data-click]")?.dataset.click === {name}) {code}; }});\n'


def apply(site: Path) -> None:
    """Move the scripts of all pages into files, and write the policy into their heads."""
    (site / FOLDER).mkdir(parents=True)
    for page in html_of(site):
        text = under_policy(page.read_text(encoding="utf-8"), site, page.parent)
        page.write_text(text, encoding="utf-8")


def under_policy(text: str, site: Path, folder: Path) -> str:
    """A page that lies in this folder, without scripts of its own."""

    def moved(code: str, how: str = "") -> str:
        file = site / FOLDER / f"{hashlib.sha256(code.encode()).hexdigest()[:16]}.js"
        file.write_text(code, encoding="utf-8")
        return f'<script{how} src="{Path(os.path.relpath(file, folder)).as_posix()}"></script>'

    def script(found: re.Match) -> str:
        if re.search(
            r'\bsrc=|\btype="(?!module|text/javascript)', found["attributes"]
        ):  # a file, or no script but data
            return found[0]
        if 'type="module"' not in found["attributes"]:
            return moved(found["code"].strip() + "\n")
        # What a module is besides: strict, by itself, and run when the page is there.
        return moved(f'"use strict";\n(() => {{\n{found["code"].strip()}\n}})();\n', " defer")

    clicked = set()

    def button(found: re.Match) -> str:
        clicked.add(unescape(found["code"]))
        return f'{found["button"]} data-click="{found["code"]}"'

    text = BUTTON.sub(button, SCRIPT.sub(script, text))
    heard = "".join(HEARD.format(name=json.dumps(code), code=code) for code in sorted(clicked))
    head = META + (moved(heard) if heard else "")
    return re.sub(r'<meta charset="utf-8" ?/?>', lambda charset: charset[0] + head, text, count=1)
