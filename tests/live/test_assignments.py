"""The assignments under the Python of a page, in node: each check fails as they are, and passes with every right answer.

As on the page, a check is run without those above it.
"""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from book import assignments, contents
from tests.live.test_chapters import run_all

NAMES = [name for name in contents.pages() if name.startswith(contents.ASSIGNMENTS)]
CELL = re.compile(r"^```\{code-cell\} ipython3\n(?::tags: [^\n]*\n)?(.*?)^```$", re.MULTILINE | re.DOTALL)
ID = re.compile(r":nbgrader: \{grade: false, grade_id: ([\w-]+)")
CHECK = "-try"  # how the ids of checks end


def text(name, kind=".md"):
    return (contents.ROOT / f"{name}{kind}").read_text(encoding="utf-8")


def cells_of(name):
    """The code of a page by the ids of its cells."""
    return dict(zip(ID.findall(text(name)), CELL.findall(assignments.without_answers(text(name))), strict=True))


def right_answers(name):
    """The title of each right answer, the id of its cell and its code: the master's own, and those in right/."""
    for id, code in re.findall(r"grade_id: ([\w-]+)[^\n]*solution: true[^\n]*\n(.*?)^```$", text(name), re.M | re.S):
        yield f"{id}: the master's", id, re.sub(r" *### (?:BEGIN|END) SOLUTION\n", "", code)
    folder, _, file = name.rpartition("/")
    _, *parts = re.split("^# %% ", text(f"{folder}/right/{file}", ".py"), flags=re.M)
    for title, code in (part.split("\n", 1) for part in parts):
        yield title, title.partition(":")[0], code


@pytest.fixture(scope="module")
def put_out(python, tmp_path_factory):
    """What came of cells, notebook by notebook: put_out([{id: code}, ...]) gives for each {id: error or ""}."""

    def of(notebooks):
        folder, files = tmp_path_factory.mktemp("cells"), []
        for number, cells in enumerate(notebooks):
            files.append(folder / f"{number}.ipynb")
            nbformat.write(new_notebook(cells=[new_code_cell(code) for code in cells.values()]), files[-1])
        return [
            dict(zip(cells, map(errors, told), strict=True))
            for cells, told in zip(notebooks, run_all(python, files), strict=True)
        ]

    return of


def errors(outputs):
    return "".join(output["ename"] for output in outputs if output["output_type"] == "error")


def without_checks(cells, but=""):
    return {id: code for id, code in cells.items() if not id.endswith(CHECK) or id == but}


def test_as_it_is_handed_out_every_check_fails_and_nothing_else(put_out):
    pages = [cells_of(name) for name in NAMES]
    for name, ends in zip(NAMES, put_out(pages), strict=True):
        assert ends == {id: "NotImplementedError" * id.endswith(CHECK) for id in ends}, name


def test_every_right_answer_passes_its_check(put_out):
    tried, notebooks = [], []
    for name in NAMES:
        answers = [*right_answers(name)]
        own = {id: code for title, id, code in answers if title.endswith("the master's")}
        for title, id, code in answers:
            check = id + CHECK
            tried.append(f"{name}, {title}")
            notebooks.append(without_checks(cells_of(name) | own | {id: code}, check))
            assert check in notebooks[-1], "each task has a check of its own"
    wrong = [title for title, ends in zip(tried, put_out(notebooks), strict=True) if any(ends.values())]
    assert wrong == [] and len(tried) > 60
