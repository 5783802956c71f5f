"""Make a notebook of the book one that any Jupyter shows as it should.

The chapters are written in MyST, so that the book can link and cite. Plain Jupyter would print that
markup as it stands, and has no optimlib: here links and citations become their text, and two cells
at the top install the package.
"""

import re
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from pybtex.database import parse_file
from pybtex.richtext import Text

INSTALL = """\
> This is a chapter of *From Gradient Descent to Adam*, as a notebook for any Jupyter with Python 3.11 or later.
> It imports the book's package, `optimlib`. If you do not have it, download `{wheel}` from the folder
> `downloads` of the site this notebook came from, put it beside the notebook, and run the next cell once.
> If you have it, skip that cell."""


def portable(notebook: NotebookNode, authors: dict[str, tuple[str, str]], wheel: str) -> NotebookNode:
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = plain(cell.source, authors)
    # Fixed ids, so that two builds give the same bytes.
    notebook.cells[:0] = [
        new_markdown_cell(INSTALL.format(wheel=wheel), id="about-optimlib"),
        new_code_cell(f"%pip install ./{wheel}", id="install-optimlib"),
    ]
    return notebook


def plain(text: str, authors: dict[str, tuple[str, str]]) -> str:
    """MyST as plain Markdown: no targets, citations and links within the book as their text."""

    def cited(match: re.Match) -> str:
        sources = [authors[key.strip()] for key in match["keys"].split(",")]
        if match["kind"] == "t":
            return ", ".join(f"{who} ({year})" for who, year in sources)
        return "(" + "; ".join(f"{who}, {year}" for who, year in sources) + ")"

    text = re.sub(r"^\([\w-]+\)=\n+", "", text, flags=re.MULTILINE)
    text = re.sub(r"\{cite:(?P<kind>[tp])\}`(?P<keys>[^`]+)`", cited, text)
    # A link to a target or to a lab's setting, or to another page or file of the book: none is there where this goes.
    text = re.sub(r"\[([^\]]*)\]\((?:#[^)\s]+|[\w./-]+\.(?:md|ipynb)(?:#[\w.-]+)?)\)", r"\1", text)
    return re.sub(r'<a href="\.\./[^"]*">(.*?)</a>', r"\1", text, flags=re.DOTALL)


def citations(bibliography: Path) -> dict[str, tuple[str, str]]:
    """The authors and the year by which the text names each source."""

    def names(people) -> str:
        last = [str(Text.from_latex(" ".join(person.prelast_names + person.last_names))) for person in people]
        return " and ".join(last) if len(last) < 3 else f"{last[0]} et al."

    entries = parse_file(str(bibliography)).entries
    return {key: (names(entry.persons["author"]), entry.fields["year"]) for key, entry in entries.items()}
