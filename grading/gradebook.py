"""nbgrader's gradebook: our scores go in, what was marked by hand comes out, and formgrader finds the notebooks.

What formgrader shows is built from the released notebook and the students' sources: no output, no HTML.
"""

from __future__ import annotations

import os
import re
import sysconfig
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

MISSING = "(This cell is missing from what was handed in.)"


def configuration(course: Path) -> Config:
    """nbgrader's settings of this course: the same file that formgrader reads."""
    # nbgrader calls `alembic` by its name when it makes a gradebook.
    os.environ["PATH"] = sysconfig.get_path("scripts") + os.pathsep + os.environ.get("PATH", os.defpath)
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


def update(course: Path, config: Config, results: Iterable[dict]) -> dict[tuple[str, str], Marks]:
    """Put results into the gradebook, each once, and give the marks of all of them."""
    directory = CourseDirectory(config=config)
    marks = {}
    with warnings.catch_warnings(), Gradebook(directory.db_url, directory.course_id) as book:
        warnings.simplefilter("ignore", SAWarning)  # nbgrader's own way with SQLAlchemy
        for result in results:
            student, assignment = result["student"], result["assignment"]
            file = course / "autograded" / student / assignment / f"{assignment}.ipynb"
            old = nbformat.read(file, as_version=4) if file.exists() else None
            if old is None or old.metadata.get("graded") != result["key"]:
                new = shown(course, result)
                _put(book, result, answers(old) if old else {}, answers(new))
                file.parent.mkdir(parents=True, exist_ok=True)
                nbformat.write(new, file)  # last: it says that the gradebook has them
            marks[student, assignment] = _marks(book, student, assignment)
    return marks


def released(course: Path, name: str) -> nbformat.NotebookNode:
    return nbformat.read(course / "release" / name / f"{name}.ipynb", as_version=4)


def shown(course: Path, result: dict) -> nbformat.NotebookNode:
    """The released notebook with what the student wrote in its places."""
    notebook = released(course, result["assignment"])
    notebook.metadata["graded"] = result["key"]
    for cell in notebook.cells:
        nbgrader = cell.metadata.get("nbgrader", {})
        if nbgrader.get("solution"):
            source = result["sources"].get(nbgrader["grade_id"], MISSING)
            cell.source = source if cell.cell_type == "code" else harmless(source)
    return notebook


def harmless(markdown: str) -> str:
    """Markdown without HTML and without pictures (which are fetched from where they lie when the page is opened)."""
    return re.sub(r"<(?=[a-zA-Z/!?])", "&lt;", markdown).replace("![", "[")


def answers(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """The written answers in a notebook, by grade_id."""
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in notebook.cells
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("grade")
    }


def _put(book: Gradebook, result: dict, before: dict[str, str], now: dict[str, str]) -> None:
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
    )
