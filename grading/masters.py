"""The masters: one text file an assignment, with solutions, hidden checks and points, and what each cell is."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat

ROOT = Path(__file__).resolve().parent.parent
COURSE = ROOT / "assignments"
NOTE = ".masters"  # in a course: where its masters lie, if not in the course itself


class Broken(Exception):
    """A master that cannot be handed out: names the file, the cell and what is wrong."""


@dataclass(frozen=True)
class Cell:
    """A cell of a master, of code, or a question: ``kind`` is given, solution, try, check, question or free (no grade_id)."""

    id: str
    kind: str
    source: str
    points: float = 0
    title: str = ""  # the heading under which it stands

    @property
    def run(self) -> str:
        """What of it is run, as `Sandbox.ask` is told."""
        return self.kind if self.kind in ("given", "check") else "all"


@dataclass(frozen=True)
class Master:
    """An assignment; ``cells`` leaves out the prose, ``notebook`` has it all."""

    name: str
    wrong: str  # its typical wrong solutions; there may be none
    notebook: nbformat.NotebookNode
    cells: tuple[Cell, ...]

    def of(self, *kinds: str) -> list[Cell]:
        return [cell for cell in self.cells if cell.kind in kinds]

    @property
    def points(self) -> float:
        return sum(cell.points for cell in self.cells)


def read(file: Path) -> Master:
    """A master from its file; Broken if a grade_id is missing or there twice, or a check has no points."""
    notebook = jupytext.reads(file.read_text(encoding="utf-8"), fmt="md:myst")
    cells, title = [], ""
    for each in notebook.cells:
        if each.cell_type == "markdown" and (headings := re.findall(r"^##? (.+)$", each.source, re.MULTILINE)):
            title = headings[-1]
        if cell := _cell(each, title):
            cells.append(cell)
    for id, times in Counter(cell.id for cell in cells).items():
        if times > 1 and id:
            raise Broken(f"{file.name}, cell {id}: {times} cells have this grade_id; each needs its own")
    for cell in cells:
        if cell.kind == "free":
            raise Broken(f"{file.name}: this code cell has no nbgrader grade_id: {cell.source[:60]!r}")
        if cell.kind in ("check", "question") and not cell.points > 0:
            raise Broken(f"{file.name}, cell {cell.id}: it is graded and has no points")
    wrong = file.parent / "wrong" / f"{file.stem}.py"
    wrong_text = wrong.read_text(encoding="utf-8") if wrong.exists() else ""
    return Master(file.stem, wrong_text, notebook, tuple(cells))


def folder(course: Path = COURSE) -> Path:
    """Where the masters of a course lie: in the course, unless a note says otherwise."""
    note = course / NOTE
    return Path(note.read_text(encoding="utf-8")) if note.exists() else course


def choose(chosen: str, course: Path = COURSE) -> None:
    """Note where the masters of a course lie, for good: `MASTERS=folder`, from where make was called. Empty: as it was."""
    if not chosen:
        return
    place = (ROOT / Path(chosen).expanduser()).resolve()
    if not place.is_dir():
        raise Broken(f"MASTERS={chosen}: there is no such folder")
    if place == course:
        (course / NOTE).unlink(missing_ok=True)
    else:
        (course / NOTE).write_text(str(place), encoding="utf-8")


def read_all(course: Path = COURSE) -> dict[str, Master]:
    """Every master of a course by its name, in order: a file *.md, but for a README; Broken if there is none."""
    place = folder(course)
    masters = {file.stem: read(file) for file in sorted(place.glob("*.md")) if file.stem != "README"}
    if not masters:
        raise Broken(f"no master (a file *.md) lies in {place}; MASTERS=folder says where they are")
    return masters


def _cell(cell: nbformat.NotebookNode, title: str) -> Cell | None:
    nbgrader = cell.metadata.get("nbgrader", {})
    id, points = nbgrader.get("grade_id", ""), nbgrader.get("points", 0)
    if cell.cell_type == "markdown":
        return Cell(id, "question", cell.source, points, title) if nbgrader.get("grade") else None
    if cell.cell_type != "code":
        return None
    if nbgrader.get("grade"):
        return Cell(id, "check", cell.source, points, title)
    if nbgrader.get("solution"):
        return Cell(id, "solution", cell.source)
    if not id:
        return Cell(id, "free", cell.source)
    return Cell(id, "try" if id.endswith("-try") else "given", cell.source)
