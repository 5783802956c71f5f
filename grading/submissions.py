"""What came in, by student and assignment: a notebook for each, or why there is none.

Nothing here raises for what a student did: it becomes a row with a reason.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from grading import files, platforms
from grading.files import Found, Refused
from grading.platforms import LONGEST


@dataclass(frozen=True)
class Submission:
    """One notebook of one student, or what came instead: then ``refused`` says why it cannot be graded."""

    student: str
    id: str  # what the platform calls the student
    assignment: str = ""
    read: Callable[[], bytes] | None = None
    refused: str = ""
    note: str = ""


@dataclass
class Student:
    """What one student handed in, as it is gathered."""

    name: str
    id: str
    notebooks: dict[str, Submission] = field(default_factory=dict)  # by assignment
    unknown: list[Submission] = field(default_factory=list)
    others: list[str] = field(default_factory=list)  # names of files that are no notebooks

    def hand_in(self, file: Found, name: str, assignments: Collection[str]) -> None:
        """Take a file: the newest notebook of each assignment counts, and files come with the oldest first."""
        if not name.endswith(".ipynb"):
            self.others += [name] if file.read else []
        elif (assignment := _assignment(name, assignments)) is None:
            refused = f"no assignment is called {_shown(name)}"
            self.unknown.append(Submission(self.name, self.id, refused=refused))
        else:
            note = "several came, and this is the newest" if assignment in self.notebooks else ""
            self.notebooks[assignment] = Submission(self.name, self.id, assignment, file.read, note=note)

    def submissions(self) -> list[Submission]:
        if found := self.unknown + [*self.notebooks.values()]:
            return found
        came = f"only {', '.join(map(_shown, self.others[:3]))}" if self.others else "nothing"
        return [Submission(self.name, self.id, refused=f"no notebook was handed in: {came}")]


def collect(source: Path, assignments: Collection[str]) -> list[Submission]:
    """Everything in a folder or a zip, by student; OSError or BadZipFile if ``source`` itself cannot be read."""
    students, nobodys = by_student(files.found(source), assignments)
    rows = [row for student in students for row in student.submissions()] + nobodys
    return sorted(rows, key=lambda row: (row.student, row.assignment, row.refused))


def by_student(found: Iterable[Found], assignments: Collection[str]) -> tuple[list[Student], list[Submission]]:
    """The students with what they handed in; and what is nobody's, a row for each folder."""
    students: dict[str, Student] = {}
    nobodys: dict[str, Submission] = {}
    for file in found:
        try:
            owned = platforms.owner(file)
        except Refused as refused:
            if file.link or file.read is None or file.path.endswith(".ipynb"):
                whose = (file.read and os.path.dirname(file.path)) or file.path.rstrip("/")
                nobodys.setdefault(whose, Submission(ascii(whose)[1:-1][:LONGEST], "", refused=str(refused)))
            continue
        student = students.setdefault(owned.student, Student(owned.student, owned.id))
        student.hand_in(file, owned.name, assignments)
    return [*students.values()], [*nobodys.values()]


def _assignment(name: str, assignments: Collection[str]) -> str | None:
    """The assignment whose name is in the file's own: "Copy of 4-adam (1).ipynb" is 4-adam; the longest, if several."""
    stem = name.rsplit("/", 1)[-1]
    return max((known for known in assignments if known in stem), key=len, default=None)


def _shown(name: str) -> str:
    return ascii(name)[1:-1][:LONGEST] if not name.isprintable() else name[:LONGEST]
