"""Which edition of the book this is, and how it is cited: from CHANGELOG.md and CITATION.cff, never from the clock."""

import re
from typing import Any

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from book.contents import ROOT
from optimlib import __version__

HEADING = re.compile(r"^## (?P<version>[\d.]+), (?P<when>.+)$", re.MULTILINE)


def editions() -> dict[str, str]:
    """The versions in CHANGELOG.md, the newest first, each with its date, or the words that it has none."""
    return dict(HEADING.findall((ROOT / "CHANGELOG.md").read_text(encoding="utf-8")))


def edition() -> str:
    """The version of the book with its date; and the next one, where that is begun."""
    of = editions()
    coming = [version for version, when in of.items() if "not released" in when and version != __version__]
    said = f"{__version__} of {of[__version__]}" if __version__ not in coming else __version__
    return said + (f", on the way to {coming[0]}" if coming else "")


def citation() -> dict[str, Any]:
    """What CITATION.cff says."""
    return yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def bibtex(base_url: str = "") -> str:
    """The same for a list of references in LaTeX, with an address if the book has one."""
    cited = citation()
    fields = {
        "title": f"{{{cited['title']}}}",
        "author": " and ".join(f"{{{author['name']}}}" for author in cited["authors"]),
        "year": str(cited["date-released"])[:4],
        "edition": cited["version"],
    }
    fields |= {"url": base_url} if base_url else {}
    lines = [f"  {name:<7} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@book{{from-gradient-descent-to-adam-{cited['version']},", *lines, "}"])


class Cite(SphinxDirective):
    """``:::{cite-this-book}``: the entry in BibTeX, with the theme's button that copies it."""

    def run(self):
        entry = bibtex(self.config.html_baseurl)
        return [nodes.literal_block(entry, entry, language="bibtex")]


def say(app, pagename, templatename, context, doctree):
    """For the foot of each page (_templates/edition.html)."""
    context["edition"], context["licence"] = edition(), citation()["license"]


def setup(app):
    app.add_directive("cite-this-book", Cite)
    app.connect("html-page-context", say)
    return {"parallel_read_safe": True}
