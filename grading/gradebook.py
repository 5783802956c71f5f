"""nbgrader's gradebook: our scores go in, what was marked by hand comes out, and formgrader finds the notebooks.

What formgrader shows is built from the released notebook and the students' sources: no output, no HTML.
"""

from __future__ import annotations

import base64
import hashlib
import html
import os
import re
import sqlite3
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from grading import kept
from grading.masters import Broken, Master

COMMANDS = Path(__file__).resolve().parent / "commands"
DATABASE, COPY = "gradebook.db", "graded/.gradebook.db"
# Words of MathJax that do more than show a formula.
MADE_OF_MORE_THAN_FORMULAS = "(?:href|url|require|style|class|cssId|data|mmlToken|bbox|includegraphics|html[a-zA-Z]*)"
SCHEME = "**For the marker: a model answer, and what earns points**\n\n{}\n\n**What was handed in**"
MISSING = "(This cell is missing from what was handed in.)"
HANDED_IN = "handed_in"  # in the metadata of a cell that shows what a student wrote elsewhere
ELSEWHERE = "**Handed in here, in a cell that is not for it**\n\n{}"


def configuration(course: Path) -> Config:
    """nbgrader's settings of this course: the same file that formgrader reads."""
    # nbgrader calls `alembic` by its name when it makes a gradebook: ours runs with this Python. Alembic reads the
    # course's path in the encoding of the locale.
    os.environ["PATH"] = f"{COMMANDS}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    os.environ["GRADING_PYTHON"] = sys.executable
    os.environ["LC_ALL"] = "C.UTF-8"
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    config.CourseDirectory.root = str(course)
    return config


@dataclass(frozen=True)
class Marks:
    """The points of one submission as the gradebook has them, after whatever was changed by hand."""

    auto: float = 0
    hand: float = 0
    to_mark: int = 0
    comments: dict[str, str] = field(default_factory=dict)
    points: dict[str, float] = field(default_factory=dict)  # of each written answer that is marked, by its grade_id
    failed: str = ""  # why the gradebook does not have it


def update(
    course: Path, config: Config, results: Iterable[dict], known: Mapping[str, Master], say: Callable
) -> dict[tuple[str, str], Marks]:
    """Put results into the gradebook, each once, and give the marks of all of them."""
    again = restored(course, say)
    directory = CourseDirectory(config=config)
    marks = {}
    with warnings.catch_warnings(), Gradebook(directory.db_url, directory.course_id) as book:
        warnings.simplefilter("ignore", SAWarning)  # nbgrader's own way with SQLAlchemy
        for result in results:
            student, assignment = result["student"], result["assignment"]
            try:
                _put(course, book, result, known[assignment], again, say)
                marks[student, assignment] = _marks(book, student, assignment)
            except Exception as error:  # one that cannot be put there stops no other
                book.db.rollback()
                marks[student, assignment] = Marks(failed=f"the gradebook cannot take it ({type(error).__name__})")
    kept.put(course / COPY, (course / DATABASE).read_bytes())
    return marks


def restored(course: Path, say: Callable) -> bool:
    """Whether the gradebook had to be put back as the last run left it, because it is missing or damaged."""
    database, copy = course / DATABASE, course / COPY
    if _whole(database):
        return False
    if not _whole(copy):
        raise Broken(f"{DATABASE} is missing or damaged: run `make assignments`, then `make grade` again")
    if database.exists():
        os.replace(database, aside := database.with_name(f"{DATABASE}.damaged-{datetime.now():%Y-%m-%d-%H%M%S}"))
        say(f"{DATABASE} was damaged; it is now {aside.name}.")
    kept.put(database, copy.read_bytes())
    say(
        f"{DATABASE} is again as the last `make grade` left it; marks that were given since then are to be given again."
    )
    return True


def _whole(database: Path) -> bool:
    if not database.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("SELECT count(*) FROM assignment").fetchone()
            return connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        return False


def released(course: Path, name: str) -> nbformat.NotebookNode:
    return nbformat.read(course / "release" / name / f"{name}.ipynb", as_version=4)


def shown(course: Path, result: dict, master: Master) -> nbformat.NotebookNode:
    """The released notebook with what the student wrote in its places, and before each answer how to mark it. What the
    student wrote elsewhere follows the cell that it followed."""
    notebook = released(course, result["assignment"])
    notebook.metadata["graded"] = result["key"]
    schemes = {question.id: question.source for question in master.of("question")}
    others: dict[str, list[nbformat.NotebookNode]] = defaultdict(list)
    for other in result.get("elsewhere", ()):
        others[other["after"]] += _elsewhere(course, result, other)
    cells = others.pop("", [])
    for cell in notebook.cells:
        nbgrader = cell.metadata.get("nbgrader", {})
        id = nbgrader.get("grade_id", "")
        if nbgrader.get("solution"):
            source = result["sources"].get(id, MISSING)
            cell.source = source if cell.cell_type == "code" else harmless(source)
        if id in schemes:
            scheme = re.sub(r"^### (BEGIN|END) SOLUTION$", "", schemes[id], flags=re.MULTILINE).strip()
            cells.append(nbformat.v4.new_markdown_cell(SCHEME.format(scheme)))
        cells += [cell, *others.pop(id, [])]
    notebook.cells = cells
    return notebook


def _elsewhere(course: Path, result: dict, other: dict) -> list[nbformat.NotebookNode]:
    """What stood in a cell of the student's own: words as plain text, code as it is, a picture as the output of a cell."""
    cells = []
    if other["text"]:
        if other["kind"] == "code":
            cells.append(nbformat.v4.new_code_cell(other["text"]))
        else:
            cells.append(nbformat.v4.new_markdown_cell(ELSEWHERE.format(harmless(other["text"]))))
    for picture in other["pictures"]:
        cell = nbformat.v4.new_code_cell(f"# A picture, handed in here: {picture['name']}, {picture['bytes']} bytes")
        try:
            data = kept.picture(course, result, picture["file"]) if picture["file"] else b""
        except OSError:
            data = b""
        if data:
            kind = f"image/{Path(picture['file']).suffix[1:]}"
            cell.outputs = [nbformat.v4.new_output("display_data", {kind: base64.b64encode(data).decode()})]
        else:
            cell.source += "\n# It is of a kind that is not shown, or damaged: open what was handed in."
        cells.append(cell)
    if other["kind"] == "words":
        for cell in cells:  # a mark that was given without it is to be looked at again
            cell.metadata[HANDED_IN] = hashlib.sha256(repr([cell.source, cell.get("outputs")]).encode()).hexdigest()
    return cells


def harmless(answer: str) -> str:
    """A written answer as plain text in which formulas still show: what a student wrote is never Markdown or HTML here.

    Each sign is a reference to its character, in which no Markdown is seen; a browser, and so MathJax, gets the sign
    back. A formula that could make a link or load something is broken by an empty element, and shows as it was typed.
    """
    lines = []
    for line in answer.splitlines():
        signs = re.sub(r"[^\w\s]|_", lambda sign: f"&#{ord(sign[0])};", line, flags=re.ASCII)
        signs = re.sub(rf"&#92;(?={MADE_OF_MORE_THAN_FORMULAS}(?![a-zA-Z]))", "&#92;<b></b>", signs)
        lines.append(re.sub(r"^\s+", lambda spaces: "&nbsp;" * len(spaces[0]), signs).rstrip())
    return "  \n".join(lines)


def _typed(shown: str) -> str:
    """What the student typed, of an answer as `harmless` or the first edition shows it: so that marks of then still stand."""
    text = html.unescape(shown.replace("<b></b>", "")).replace("\xa0", " ").replace("![", "[")
    return "\n".join(line.rstrip() for line in text.splitlines())


def answers(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """The written answers in a notebook, by grade_id; to each belongs what stands elsewhere."""
    elsewhere = "".join(cell.metadata.get(HANDED_IN, "") for cell in notebook.cells)
    return {
        cell.metadata.nbgrader.grade_id: _typed(cell.source) + elsewhere
        for cell in notebook.cells
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("grade")
    }


def sources(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """The cells of a notebook, by grade_id."""
    return {
        cell.metadata.nbgrader.grade_id: cell.source for cell in notebook.cells if cell.metadata.get("nbgrader", {})
    }


def _put(course: Path, book: Gradebook, result: dict, master: Master, again: bool, say: Callable) -> None:
    """Put one result into the gradebook, unless it is there; its notebook comes last, and says so."""
    student, assignment = result["student"], result["assignment"]
    file = course / "autograded" / student / assignment / f"{assignment}.ipynb"
    old = _read(file)
    if old is None and file.exists():
        say(f"{file.relative_to(course)} was damaged, and is made again.")
    if old is None or old.metadata.get("graded") != result["key"] or again or not _has(book, student, assignment):
        new = shown(course, result, master)
        _score(book, result, answers(old) if old else {}, answers(new))
        kept.put(file, nbformat.writes(new))


def _read(file: Path) -> nbformat.NotebookNode | None:
    """None if it is not there, or damaged."""
    try:
        notebook = nbformat.read(file, as_version=4)
        answers(notebook)
        return notebook
    except Exception:  # nbformat's own errors, of half a file's JSON or of half its cells
        return None


def _has(book: Gradebook, student: str, assignment: str) -> bool:
    try:
        return bool(book.find_submission_notebook(assignment, assignment, student))
    except MissingEntry:
        return False


def _score(book: Gradebook, result: dict, before: dict[str, str], now: dict[str, str]) -> None:
    book.update_or_create_student(result["student"])
    submission = book.update_or_create_submission(result["assignment"], result["student"])
    tasks = {task["id"]: task for task in result["tasks"]}
    for grade in submission.notebooks[0].grades:
        task = tasks[grade.name]
        grade.auto_score = task["points"]
        if task["to_mark"]:  # a mark stands as long as the answer that it was given for
            grade.needs_manual_grade = grade.manual_score is None or before.get(grade.name) != now[grade.name]
        else:
            grade.needs_manual_grade = False
    book.db.commit()


def _marks(book: Gradebook, student: str, assignment: str) -> Marks:
    try:
        submission = book.find_submission_notebook(assignment, assignment, student)
    except MissingEntry:
        return Marks()
    written = [grade for grade in submission.grades if grade.cell.cell_type == "markdown"]
    return Marks(
        sum(grade.score for grade in submission.grades if grade not in written),
        sum(grade.score for grade in written),
        sum(grade.needs_manual_grade for grade in written),
        {comment.name: comment.comment for comment in submission.comments if comment.comment},
        {
            grade.name: grade.score
            for grade in written
            if grade.manual_score is not None and not grade.needs_manual_grade
        },
    )
