"""Python in the page: a reader runs and changes the code of a chapter in the browser, with nothing installed.

``pyodide.py`` gets Python, ``archives.py`` packs what the chapters import, and ``js/`` is what runs in the browser; there
``cells.py`` runs the cells, and ``drawing.py`` shows what pyplot draws. All lies in ``_static/live``, and nothing of it is
fetched before the page's button is pressed, which ``button.js`` hears.
"""

import json
import re
import shutil
from pathlib import Path

from docutils import nodes

from book.downloads import SOLUTION
from book.equations import KATEX
from book.live import archives, pyodide
from optimlib.labs import page
from optimlib.labs.modules import modules

FOLDER = "_static/live"  # of the site
HOME = Path(__file__).resolve().parent
ALGEBRA = re.compile(r"\b(sympy|unroll)\b")  # what code names that needs it

BUTTON = """
<div class="live-bar d-print-none mb-3" style="font-family: var(--ui)" data-solution="{1}">
<button type="button" class="btn btn-outline-primary" disabled data-megabytes="{0}"
style="font-family: inherit; --bs-btn-color: var(--pst-color-link); --bs-btn-border-color: currentcolor"
>Run and change the code on this page ({0} MB, once)</button></div>
"""  # in a colour of the page: Bootstrap's own blue is too dark for a dark one
UNSCRIPTED = "<noscript><style>.live-bar { display: none; }</style></noscript>"


def setup(app):
    app.connect("builder-inited", provide)
    app.connect("html-page-context", offer)
    return {"parallel_read_safe": True}


def provide(app):
    """Put Python beside the pages, if it is to be had."""
    app.live = None
    if wheels := pyodide.wheels():
        static = Path(app.outdir).with_name("live")
        app.live = write(static / "live", wheels)
        shutil.copy(HOME / "button.js", static / "live.js")
        app.config.html_static_path.append(str(static))


def write(folder: Path, wheels: list[bytes]) -> Path:
    """Write all that a page may ask for, and return the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "labs").mkdir(parents=True)
    for file in (*HOME.glob("js/*.js"), HOME / "live.css"):
        shutil.copy(file, folder)
    for name, text in modules().items():
        (folder / "labs" / f"{name}.js").write_text(text, encoding="utf-8")
    (folder / "labs" / "labs.css").write_text(page.style(), encoding="utf-8")
    shutil.copy(KATEX.provided() / "katex.min.js", folder)
    for name in pyodide.FILES:
        shutil.copy(pyodide.PYODIDE.provided() / name, folder)
    lock = folder / "pyodide-lock.json"
    about = json.loads(lock.read_text(encoding="utf-8"))["info"]
    lock.write_text(json.dumps({"info": about, "packages": {}}), encoding="utf-8")  # it asks for no package by itself
    archives.write(folder, wheels)
    return folder


def megabytes(folder: Path, algebra: bool) -> int:
    """What a page fetches at most when the button is pressed and all its cells are run."""
    unasked = () if algebra else (folder / "algebra.zip", folder / "katex.min.js")
    return round(sum(file.stat().st_size for file in folder.rglob("*.*") if file not in unasked) / 1e6)


def offer(app, pagename, templatename, context, doctree):
    """The button, on the pages with code."""
    if not (app.live and doctree):
        return
    codes = [node.astext() for node in doctree.findall(nodes.container) if "cell_input" in node["classes"]]
    if codes:
        size = megabytes(app.live, any(map(ALGEBRA.search, codes)))
        app.add_js_file("live.js", loading_method="defer")
        # It stands in the page as it comes, so that nothing moves later; without scripts it is not there.
        context["body"] = context["body"].replace("</h1>", "</h1>" + BUTTON.format(size, SOLUTION.strip()), 1)
        context["metatags"] = context.get("metatags", "") + UNSCRIPTED
