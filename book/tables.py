"""Tables that are wider than a phone: there each row is a block, in which each cell says its own heading (_static/book.css).

Which tables these are is decided here, before a page is laid out. A script that measured them would move what is below.
"""

import re
from html import escape

from docutils import nodes

WIDE = 40  # letters, of the longest words of its columns together: more than a phone has room for


def setup(app):
    app.connect("doctree-resolved", mark)
    return {"parallel_read_safe": True}


def mark(app, doctree, page):
    if app.builder.format != "html":
        return
    for table in doctree.findall(nodes.table):
        rows = [row.children for row in table.findall(nodes.row)]
        if sum(max(map(longest, column)) for column in zip(*rows)) <= WIDE:
            continue
        table["classes"].append("wide")
        headings, *rest = rows
        for cells in rest:
            for heading, cell in [*zip(headings, cells)][1:]:
                if heading.astext() and cell.astext():
                    said = f'<span class="heading" aria-hidden="true">{escape(heading.astext())}: </span>'
                    cell[0].insert(0, nodes.raw("", said, format="html"))


def longest(cell: nodes.entry) -> int:
    """Letters of the longest word of a cell. An equation is one word, in which a command is a letter."""
    letters = {equation: re.sub(r"\\[a-zA-Z]+", "x", equation.astext()) for equation in cell.findall(nodes.math)}
    sums = [len(re.sub(r"[{}_^\\\s]", "", latex)) for latex in letters.values()]
    words = [word for text in cell.findall(nodes.Text) if text.parent not in letters for word in text.split()]
    return max([*sums, *map(len, words)], default=0)
