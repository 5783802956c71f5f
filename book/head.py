"""What the head of a page tells those who do not read it here: its title once, what it is about, and a picture for a link
that is passed on. An address of the book stands in it only if the build was given one."""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from matplotlib.figure import Figure
from sympy.printing.pretty.pretty_symbology import pretty_symbol, pretty_use_unicode

from book import front
from optimlib import bowl, descend, plots, rules
from optimlib.styles import STYLES

PICTURE = "_static/social.png"
SIZE = (1200, 630)  # pixels, as those who show links want it
ALT = "Four methods on their ways down a long valley, from one start to its lowest point."
LONGEST = 200  # letters of a description: what is longer is cut where it is shown
SEARCH = "Find sections, equations and figures by words, letters or LaTeX."
CITED = re.compile(r" \[[^]]*\]")  # whom a sentence cites
IDEA = "The idea. "
LATEX = re.compile(r"\\([A-Za-z]+(?:_\w)?)")  # a letter, as \beta_1
pretty_use_unicode(True)  # so that SymPy writes it as β₁


def setup(app):
    app.connect("html-page-context", tell)
    app.connect("build-finished", draw)
    return {"parallel_read_safe": True}


def about(doctree: nodes.document | None) -> str:
    """What a page says of itself in whole sentences: its idea, if it names one, or how it begins."""
    if doctree is None:
        return SEARCH
    paragraphs = [CITED.sub("", node.astext().replace("\n", " ")) for node in doctree.findall(nodes.paragraph)]
    paragraphs = [text for text in paragraphs if len(text) > 40]
    text = next((text.removeprefix(IDEA) for text in paragraphs if text.startswith(IDEA)), next(iter(paragraphs), ""))
    said, *more = re.split(r"(?<=[.?!])\s+", LATEX.sub(lambda letter: pretty_symbol(letter[1]), text))
    for sentence in more:
        if len(said) + 1 + len(sentence) > LONGEST:
            break
        said += f" {sentence}"
    return said


def tell(app, pagename, templatename, context, doctree):
    book, base = app.config.html_title or app.config.project, app.config.html_baseurl
    if pagename == app.config.root_doc:
        context["docstitle"] = ""  # which is its title already
        context["pageurl"] = base
    said = about(doctree)
    title = re.sub("<[^>]*>", "", context.get("title", "")) if doctree else "Search"
    told = {
        "og:type": "website" if pagename == app.config.root_doc else "article",
        "og:site_name": book,
        "og:title": title,
        "og:description": said,
        "og:image": base + PICTURE if base else context["content_root"] + PICTURE,
        "og:image:alt": ALT,
    }
    told |= {"og:url": context["pageurl"]} if base else {}
    lines = [f'<meta name="description" content="{escape(said)}">']
    lines += [f'<meta property="{name}" content="{escape(value)}">' for name, value in told.items()]
    lines += ['<meta name="twitter:card" content="summary_large_image">']
    context["metatags"] += "\n".join(lines)


def draw(app, failed):
    """The race of the first page, drawn for this size by the rules that run there."""
    if failed or app.builder.format != "html":
        return
    ground = front.about()["grounds"]["bowl"]
    valley, (width, height) = bowl(front.CURVATURES), SIZE
    figure = Figure(figsize=(width / 100, height / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, 0.82))
    axes.set_axis_off()
    plots.draw_surface(axes, valley, (-7.5, 3.5), (-2.5, 2.3))
    for rule in front.RUNNERS:
        listed = rules.RULES[rule]
        path = descend(listed.guarded, valley.grad, ground["start"], ground["steps"], lr=ground["rates"][rule])
        color, dash, marker = STYLES[listed.label]
        axes.plot(*path.positions.T, color=color, linestyle=dash, marker=marker, markersize=5, linewidth=2.5)
    figure.text(0.05, 0.87, app.config.project, fontsize=38, fontweight="bold")
    figure.savefig(Path(app.outdir) / PICTURE, metadata={"Software": None})
