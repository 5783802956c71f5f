"""What came in, from a folder or a zip: a notebook for each student and assignment, or why there is none.

Names and bytes are the students'. Nothing is unpacked, no link is followed, no file is read beyond
`MOST`, and nothing here raises for what a student did: it becomes a row with a reason.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
import zipfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from grading.masters import Cell

MOST = 10_000_000  # bytes of one notebook
LONGEST = 100  # letters of a student's name
NOT_STUDENTS = {"__MACOSX", ".ipynb_checkpoints"}  # what computers add, on the way

# How the platforms name what they export. Moodle, with folders and without:
#   Anna Berg_123_assignsubmission_file_/1-gradient-descent.ipynb
#   Anna Berg_123_assignsubmission_file_1-gradient-descent.ipynb
# The first match counts: what follows it is a file's name, and students choose these.
MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_file(?:_(?P<file>.*))?")
# Canvas: student, user, submission, file; handed in again, the file's name ends in -1, -2, ...
CANVAS = re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<file>.+)")


class Refused(Exception):
    """A submission that cannot be graded: says why."""


@dataclass(frozen=True)
class Found:
    """A file or folder that came in, not yet read; ``read()`` gives its bytes, or raises Refused."""

    path: str
    time: Any = 0
    read: Callable[[], bytes] | None = None  # None: a folder
    link: bool = False


@dataclass(frozen=True)
class Submission:
    """One notebook of one student, or what came instead: then ``refused`` says why it cannot be graded."""

    student: str
    id: str  # what the platform calls the student
    assignment: str = ""
    read: Callable[[], bytes] | None = None
    refused: str = ""
    note: str = ""


def collect(source: Path, assignments: Collection[str]) -> list[Submission]:
    """Everything in a folder or a zip, by student; OSError or BadZipFile if ``source`` itself cannot be read."""
    rows: list[Submission] = []
    nobodys: dict[str, Submission] = {}  # by folder
    notebooks: dict[tuple[str, str], Submission] = {}
    students: dict[str, tuple[str, list[str]]] = {}  # the id, and the files that were no notebooks
    for file in sorted(_in_folder(source) if source.is_dir() else _in_zip(source), key=lambda f: (f.time, f.path)):
        try:
            student, id, name = _owner(file)
        except Refused as refused:
            if file.link or file.read is None or file.path.endswith(".ipynb"):
                whose = (file.read and os.path.dirname(file.path)) or file.path.rstrip("/")
                nobodys.setdefault(whose, Submission(ascii(whose)[1:-1][:LONGEST], "", refused=str(refused)))
            continue
        others = students.setdefault(student, (id, []))[1]
        assignment = _assignment(name, assignments)
        if not name.endswith(".ipynb"):
            others += [name] if file.read else []
        elif assignment is None:
            rows.append(Submission(student, id, refused=f"no assignment is called {_shown(name)}"))
        else:
            note = "several came, and this is the newest" if (student, assignment) in notebooks else ""
            notebooks[student, assignment] = Submission(student, id, assignment, file.read, note=note)
    rows += [*notebooks.values(), *nobodys.values()]
    for student in students.keys() - {row.student for row in rows}:
        id, others = students[student]
        came = f"only {', '.join(map(_shown, others[:3]))}" if others else "nothing"
        rows.append(Submission(student, id, refused=f"no notebook was handed in: {came}"))
    return sorted(rows, key=lambda row: (row.student, row.assignment, row.refused))


def cells(data: bytes) -> list[Cell]:
    """The cells of a notebook of format 4, code and markdown; Refused if it is none. All else in it is ignored."""
    if not data.strip():
        raise Refused("the file is empty")
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused("it is no notebook: it cannot be read as JSON") from None
    found = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(found, list) or not all(isinstance(cell, dict) for cell in found):
        raise Refused("it is no notebook of format 4: it has no list of cells")
    return [
        Cell(_grade_id(cell), cell.get("cell_type"), _source(cell))
        for cell in found
        if cell.get("cell_type") in ("code", "markdown")
    ]


def _source(cell: dict) -> str:
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    if not all(isinstance(line, str) for line in lines):
        raise Refused("it is no notebook of format 4: a cell's source is no text")
    return "".join(lines)


def _grade_id(cell: dict) -> str:
    for key in ("metadata", "nbgrader", "grade_id"):
        cell = cell.get(key) if isinstance(cell, dict) else None
    return cell if isinstance(cell, str) else ""


def _owner(file: Found) -> tuple[str, str, str]:
    """Whose it is, as (student, id, name of the file); Refused if that cannot be said, or is no name to write to."""
    parts = file.path.rstrip("/").split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in file.path:
        raise Refused("its name leads out of the folder")
    if match := MOODLE.fullmatch(parts[0]):
        student, id = f"{match['name']}_{match['id']}", f"Participant {match['id']}"
        name = match["file"] or "/".join(parts[1:])
    elif len(parts) == 1 and file.read and (match := CANVAS.fullmatch(parts[0])):
        student, id, name = f"{match['name']}_{match['id']}", match["id"], match["file"]
    elif len(parts) == 1 and (file.read or file.link):
        raise Refused("it is a link, which is not followed" if file.link else "it lies in no student's folder")
    else:
        student, id, name = parts[0], parts[0], "/".join(parts[1:])
    if not student.isprintable() or student.startswith((".", " ")) or len(student.encode()) > LONGEST:
        raise Refused("the student's name is too long, or has letters that cannot be shown")
    return student, id, name


def _assignment(name: str, assignments: Collection[str]) -> str | None:
    """The assignment whose name is in the file's own: "Copy of 4-adam (1).ipynb" is 4-adam; the longest, if several."""
    stem = name.rsplit("/", 1)[-1]
    return max((known for known in assignments if known in stem), key=len, default=None)


def _shown(name: str) -> str:
    return ascii(name)[1:-1][:LONGEST] if not name.isprintable() else name[:LONGEST]


def _in_folder(root: Path) -> Iterator[Found]:
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in NOT_STUDENTS]
        for name in folders + files:
            file = os.path.join(folder, name)
            info, path = os.lstat(file), os.path.relpath(file, root)
            link = stat.S_ISLNK(info.st_mode)
            is_folder = stat.S_ISDIR(info.st_mode)
            yield Found(path, info.st_mtime, None if is_folder else partial(_read_file, file), link)


def _read_file(file: str) -> bytes:
    try:
        with open(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise Refused("it is no ordinary file")
            return _bounded(opened)
    except OSError as error:
        link = error.errno == errno.ELOOP
        raise Refused(
            "it is a link, which is not followed" if link else f"it cannot be read: {error.strerror}"
        ) from None


def _in_zip(file: Path) -> Iterator[Found]:
    archive = zipfile.ZipFile(file)
    for info in archive.infolist():
        if NOT_STUDENTS & set(info.filename.split("/")):
            continue
        link = stat.S_ISLNK(info.external_attr >> 16)
        yield Found(
            info.filename, info.date_time, None if info.is_dir() else partial(_read_member, archive, info, link), link
        )


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, link: bool) -> bytes:
    if link:
        raise Refused("it is a link, which is not followed")
    try:
        with archive.open(info) as opened:
            return _bounded(opened)
    except Refused:
        raise
    except Exception:  # each way of compressing has errors of its own
        raise Refused("it is damaged in the zip, or locked") from None


def _bounded(opened: BinaryIO) -> bytes:
    """All of a file, read no further than ``MOST`` whatever it says its size is."""
    data = opened.read(MOST + 1)
    if len(data) > MOST:
        raise Refused(f"it is larger than {MOST // 1_000_000} MB: clear the outputs and hand it in again")
    return data
