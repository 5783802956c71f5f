"""What came in, by student and assignment: a notebook for each, or why there is none.

Nothing here raises for what a student did: it becomes a row with a reason. What came as a whole is described, and if it
can be read in two ways, platforms.Unclear says how to choose.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from grading import files, notebooks, platforms
from grading.files import Found, Refused
from grading.platforms import LONGEST, Nobodys, Owned, Unclear
from grading.sentences import say

EXCHANGE = ("timestamp.txt", "submission_secret.txt")
GradeIds = Mapping[str, Collection[str]]  # of each assignment
Note = tuple[str, dict[str, str]]  # for the student: the place of a sentence, and what is put into it


@dataclass(frozen=True)
class Submission:
    """One notebook of one student, or what came instead: then ``refused`` says why it cannot be graded."""

    student: str
    id: str  # what the platform calls the student
    assignment: str = ""
    read: Callable[[], bytes] | None = None
    refused: str = ""
    notes: tuple[Note, ...] = ()
    file: str = ""  # which of the files that came in it is
    platform: str = ""
    label: str = ""  # what the platform called it
    time: datetime | None = None
    late: bool = False  # as the platform says
    exchange: dict[str, str] = field(default_factory=dict)  # what nbgrader's exchange put beside it, by its name

    @property
    def note(self) -> str:
        return "; ".join(say(place, **words) for place, words in self.notes)


@dataclass(frozen=True)
class Came:
    """All submissions, and what they are as a whole, in a sentence or two."""

    submissions: list[Submission]
    description: str


@dataclass(frozen=True)
class Work:
    """A notebook, read once to see of which assignment it is: by its cells, and only then by its name."""

    file: Found
    assignment: str | None
    notes: tuple[Note, ...] = ()


@dataclass
class Student:
    """What one student handed in, as it is gathered."""

    name: str
    id: str
    notebooks: list[tuple[Owned, Work]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)  # names of files that are no notebooks
    exchange: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))  # by folder

    def submissions(self) -> list[Submission]:
        by_assignment: dict[str, list[tuple[Owned, Work]]] = defaultdict(list)
        for owned, work in self.notebooks:
            by_assignment[work.assignment or ""].append((owned, work))
        unknown = [_shown(owned.name) for owned, _ in by_assignment.pop("", [])]
        if not by_assignment:
            return [Submission(self.name, self.id, refused=self._nothing(unknown))]
        also: tuple[Note, ...] = (("note.unknown", {"files": _listed(unknown)}),) if unknown else ()
        return [self._one_of(assignment, came, also) for assignment, came in by_assignment.items()]

    def _nothing(self, unknown: list[str]) -> str:
        if unknown:
            return f"no assignment has the cells or the name of {_listed(unknown)}"
        return f"no notebook was handed in: {f'only {_listed(map(_shown, self.others))}' if self.others else 'nothing'}"

    def _one_of(self, assignment: str, came: list[tuple[Owned, Work]], also: tuple[Note, ...]) -> Submission:
        """The notebook that counts: the only one, or the newest where a platform says which that is."""
        owned, work = max(came, key=lambda each: each[0].newer)
        notes = work.notes + also
        row = Submission(
            self.name,
            self.id,
            assignment,
            work.file.read,
            file=_shown(work.file.path),
            label=owned.label,
            time=owned.time,
            late=owned.late,
        )
        rivals = [each for each in came if each[0].newer == owned.newer or each[0].newer[:-1] != owned.newer[:-1]]
        if len(rivals) > 1 and len({_content(each.file) for _, each in rivals}) > 1:
            paths = _listed(_shown(each.file.path) for _, each in rivals)
            refused = (
                f"{len(rivals)} notebooks are of {assignment}: {paths}; in a csv of two columns, file and student, leave "
                "the student empty where a file is not to count: WHOSE=whose.csv"
            )
            return replace(row, read=None, refused=refused)
        if len(came) > len(rivals):
            notes += (("note.newest", {}),)
        exchange = self.exchange.get(_folder(work.file), {})
        time = _time(exchange.get("timestamp.txt", "")) or owned.time
        return replace(row, notes=notes, time=time, exchange=exchange)


def collect(source: Path, grade_ids: GradeIds, layout: str = "", whose: Mapping[str, str] | None = None) -> Came:
    """Everything in a folder or a zip, by student; OSError or BadZipFile if ``source`` itself cannot be read.

    ``layout`` is that of `LAYOUT=`; ``whose`` gives the student of single files, empty if a file is not to count.
    """
    found, whose = files.found(source), whose or {}
    _all_known(found, whose)
    ignored = {path for path, student in whose.items() if not student}
    found = [file for file in found if file.path not in ignored]
    works = {file: _work(file, grade_ids) for file in found if file.is_notebook}
    free = [work for work in works.values() if work.file.path not in whose]
    by_assignment = {
        name: [work.file for work in free if work.assignment == name and not work.file.leads_out] for name in grade_ids
    }
    laid_out = platforms.layout([file for file in found if file.path not in whose], by_assignment, layout)
    students, nobodys = _by_student(found, works, laid_out, whose)
    rows = [row for student in students for row in student.submissions()] + nobodys
    platform = laid_out.platform.name if laid_out.platform else ""
    rows = [replace(row, platform=platform) for row in rows]
    rows = sorted(rows, key=lambda row: (row.student, row.assignment, row.refused))
    return Came(rows, _description(laid_out.name, students, nobodys, rows))


def read_whose(file: Path) -> dict[str, str]:
    """The csv of `WHOSE=`: a file that came in, and its student; ValueError if it is none."""
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    if not rows or [name.strip().lower() for name in rows[0][:2]] != ["file", "student"]:
        raise ValueError(f"{file}: its first line must be file,student")
    return {row[0]: row[1].strip() if len(row) > 1 else "" for row in rows[1:] if row}


def _all_known(found: list[Found], whose: Mapping[str, str]) -> None:
    if strange := sorted(set(whose) - {file.path for file in found}):
        raise Unclear(f"Nothing is graded: no file that came in is {_shown(strange[0])}, which WHOSE= names.")


def _work(file: Found, grade_ids: GradeIds) -> Work:
    by_name = _by_name(file.parts[-1], grade_ids)
    try:
        by_cells = notebooks.assignment(file.read() if file.read else b"", grade_ids)
    except Refused:  # which is said when it is to be graded
        return Work(file, by_name or _by_name("/".join(file.parts), grade_ids))
    if by_cells is None:
        return Work(file, by_name, (("note.only_name", {}),))
    if by_name is None or by_name == by_cells:
        return Work(file, by_cells)
    return Work(file, by_cells, (("note.other_name", {"name": by_name}),))


def _by_name(name: str, assignments: Collection[str]) -> str | None:
    """The assignment whose name is in the file's: "Copy of 4_adam (1).ipynb" is 4-adam; the longest, if several."""
    plain = platforms.letters(name)
    return max((known for known in assignments if platforms.letters(known) in plain), key=len, default=None)


def _by_student(
    found: list[Found], works: dict[Found, Work], layout: platforms.Layout, whose: Mapping[str, str]
) -> tuple[list[Student], list[Submission]]:
    """The students with what they handed in; and what is nobody's, a row for each folder."""
    owned, nobodys = [], {}
    for file in found:
        try:
            owned.append(_told(file, whose[file.path]) if whose.get(file.path) else layout.owner(file))
        except Nobodys as refused:
            if file.link or file.is_notebook or (file.read is None and len(file.parts) == layout.depth + 1):
                folder = "/".join(file.parts[:-1] if file.read and len(file.parts) > 1 else file.parts)
                row = Submission(_shown(folder), "", refused=str(refused), file=_shown(file.path))
                nobodys.setdefault(folder, row)
    students: dict[str, Student] = {}
    for each, name in platforms.in_one_name(owned).items():
        student = students.setdefault(name, Student(name, each.id))
        if work := works.get(each.file):
            student.notebooks.append((each, work))
        elif each.file.read and each.file.parts[-1] in EXCHANGE:
            student.exchange[_folder(each.file)][each.file.parts[-1]] = _text(each.file)
        elif each.file.link:
            student.others.append(f"{each.name}, a link, which is not followed")
        elif each.file.read and each.name:  # Blackboard puts a file of its own beside the student's
            student.others.append(each.name)
    return [*students.values()], [*nobodys.values()]


def _told(file: Found, student: str) -> Owned:
    name = platforms.folder_name(student)
    return Owned(file, name, name, file.parts[-1])


def _folder(file: Found) -> str:
    return "/".join(file.parts[:-1])


def _text(file: Found) -> str:
    try:
        return (file.read() if file.read else b"")[:1000].decode().strip()
    except (Refused, UnicodeDecodeError):
        return ""


def _time(stamp: str) -> datetime | None:
    """A time as nbgrader's exchange writes it, in that of this machine."""
    try:
        return datetime.strptime(f"{stamp} +0000", "%Y-%m-%d %H:%M:%S.%f UTC %z").astimezone().replace(tzinfo=None)
    except ValueError:
        return None


def _content(file: Found) -> str:
    """The same for two files if they are."""
    try:
        return sha256(file.read() if file.read else b"").hexdigest()
    except Refused:
        return file.path


def _description(layout: str, students: list[Student], nobodys: list[Submission], rows: list[Submission]) -> str:
    """Such as "Moodle export: 287 students, 281 notebooks of 4-adam, 6 students without a notebook: ..."."""
    counts = Counter(row.assignment for row in rows if row.assignment)
    said = [f"{len(students)} student{'s' if len(students) != 1 else ''}"]
    said += [f"{count} notebook{'s' if count != 1 else ''} of {name}" for name, count in sorted(counts.items())]
    if without := [student.name for student in students if not any(work.assignment for _, work in student.notebooks)]:
        said.append(f"{len(without)} without: {_listed(without, 10)}")
    if twins := _of_one_name(students):
        said.append(
            f"of one name, and told apart by numbers that Moodle gives anew for each assignment: {_listed(twins, 10)} "
            "(WHOSE= may give them names)"
        )
    if nobodys:
        said.append(f"{len(nobodys)} of nobody: {_listed((row.student for row in nobodys), 10)}")
    return f"{layout}: {', '.join(said)}"


def _of_one_name(students: list[Student]) -> list[str]:
    """Those on Moodle who have one name with another."""
    return [
        each.name for each in students if each.id.startswith("Participant ") and each.name.endswith(f"_{each.id[12:]}")
    ]


def _listed(names, most: int = 3) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _shown(name: str) -> str:
    return ascii(name)[1:-1][: 3 * LONGEST] if not name.isprintable() else name[: 3 * LONGEST]
