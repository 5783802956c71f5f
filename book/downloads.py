"""Make a notebook of the book one that any Jupyter shows as it should, and put all of them into one zip.

The chapters are written in MyST, so that the book can link and cite, and their solutions wear a tag that only the book
understands. Plain Jupyter would print that markup as it stands, leave the solutions open, and has no optimlib. Here
citations become their text, links lead to the other notebooks, solutions are folded up below a cell for the reader's
own answer, and two cells at the top install the package where it is missing.
"""

import re
import zipfile
from copy import deepcopy
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from pybtex.database import parse_file
from pybtex.richtext import Text

from book.contents import ROOT, notebooks
from optimlib import __version__

NAME = "from-gradient-descent-to-adam"
WHEEL = f"optimlib-{__version__}-py3-none-any.whl"
ABOUT = f"""\
> This is a chapter of *From Gradient Descent to Adam*, as a notebook for any Jupyter with Python 3.11 or later.
> It imports the book's package, `optimlib`. Where that is missing, the next cell installs it from `{WHEEL}`,
> which `{NAME}.zip` holds with all the chapters; both are in the folder `downloads` of the book's site."""
INSTALL = f"""\
try:
    import optimlib
except ImportError:
    import subprocess, sys
    wheel = "./{WHEEL}[chapters]"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", wheel], check=True)
"""
ANSWER = "# Your answer. The solution is folded up below: a click on its bar opens it."
SOLUTION = "# Solution\n"  # of what is folded up, Jupyter shows the first line, which may give the answer away
README = f"""\
# From Gradient Descent to Adam

The chapters as notebooks, with the package that they import. You need Python 3.11 or later. In this folder:

    python -m venv adam
    adam/bin/python -m pip install jupyterlab "./{WHEEL}[chapters]"
    adam/bin/python -m jupyterlab 1-gradient-descent.ipynb

(On Windows: `adam\\Scripts\\python`.) `sandbox.ipynb` is an empty cell with all at hand,
`write-your-own.ipynb` is for rules and valleys of your own.
In `figures` are the book's four figures, in `data` the digits of chapter 7 and where they come from.
"""
DATE = (2025, 1, 1, 0, 0, 0)  # a fixed one makes the bytes of a zip the same at every build


def portable(notebook: NotebookNode, authors: dict[str, tuple[str, str]]) -> NotebookNode:
    """The notebook for any Jupyter. New cells have fixed ids, so that two builds give the same bytes."""
    made = deepcopy(notebook)
    cells, made.cells = (
        made.cells,
        [new_markdown_cell(ABOUT, id="about-optimlib"), new_code_cell(INSTALL.strip(), id="install-optimlib")],
    )
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = plain(cell.source, authors)
        if "hide-cell" in cell.metadata.get("tags", []):
            cell.source = SOLUTION + cell.source
            cell.metadata.jupyter = {"source_hidden": True, "outputs_hidden": True}
            made.cells.append(new_code_cell(ANSWER, id=f"{cell.id}-answer"))
        made.cells.append(cell)
    return made


def plain(text: str, authors: dict[str, tuple[str, str]]) -> str:
    """MyST as plain Markdown: no targets, citations as their text, links only to the other notebooks."""

    def cited(match: re.Match) -> str:
        sources = [authors[key.strip()] for key in match["keys"].split(",")]
        if match["kind"] == "t":
            return ", ".join(f"{who} ({year})" for who, year in sources)
        return "(" + "; ".join(f"{who}, {year}" for who, year in sources) + ")"

    text = re.sub(r"^\([\w-]+\)=\n+", "", text, flags=re.MULTILINE)
    text = re.sub(r"\{cite:(?P<kind>[tp])\}`(?P<keys>[^`]+)`", cited, text)
    # A link to a target, to a lab's setting, or to a page that is no notebook: none is there where this goes.
    text = re.sub(r"\[([^\]]*)\]\((?:#[^)\s]+|[\w./-]+\.md(?:#[\w.-]+)?)\)", r"\1", text)
    # Jupyter names places within a notebook in its own way: a link leads to the notebook's beginning.
    text = re.sub(r"(\]\([\w./-]+\.ipynb)#[\w.-]+\)", r"\1)", text)
    return re.sub(r'<a href="\.\./[^"]*">(.*?)</a>', r"\1", text, flags=re.DOTALL)


def citations() -> dict[str, tuple[str, str]]:
    """The authors and the year by which the text names each source."""

    def names(people) -> str:
        last = [str(Text.from_latex(" ".join(person.prelast_names + person.last_names))) for person in people]
        return " and ".join(last) if len(last) < 3 else f"{last[0]} et al."

    entries = parse_file(str(ROOT / "references.bib")).entries
    return {key: (names(entry.persons["author"]), entry.fields["year"]) for key, entry in entries.items()}


def all_portable() -> dict[str, str]:
    """The text of each notebook of the book, by the name of its file."""
    authors = citations()
    files = [(file.name, nbformat.read(file, as_version=4)) for file in notebooks()]
    return {name: nbformat.writes(portable(notebook, authors)) + "\n" for name, notebook in files}


def write_zip(texts: dict[str, str], wheel: Path, figures: Path) -> None:
    """Beside the wheel, one zip with all that a reader needs."""
    data = ROOT / "optimlib" / "data"
    contents = {name: text.encode() for name, text in texts.items()}
    contents |= {"README.md": README.encode(), wheel.name: wheel.read_bytes()}
    for folder in (data, figures):
        contents |= {f"{folder.name}/{file.name}": file.read_bytes() for file in sorted(folder.iterdir())}
    pack(wheel.parent / f"{NAME}.zip", contents)


def pack(file: Path, contents: dict[str, bytes]) -> None:
    """A zip of one folder with these files, the same bytes each time."""
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(f"{NAME}/{name}", DATE)
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, content, zipfile.ZIP_DEFLATED)
