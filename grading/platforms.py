"""How the learning platforms name what they export: whose a file is, by its path."""

from __future__ import annotations

import re
from typing import NamedTuple

from grading.files import Found, Refused

LONGEST = 100  # letters of a student's name

# Moodle, with folders and without:
#   Anna Berg_123_assignsubmission_file_/1-gradient-descent.ipynb
#   Anna Berg_123_assignsubmission_file_1-gradient-descent.ipynb
# The first match counts: what follows it is a file's name, and students choose these.
MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_file(?:_(?P<file>.*))?")
# Canvas: student, user, submission, file; handed in again, the file's name ends in -1, -2, ...
CANVAS = re.compile(r"(?P<name>[^_]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<file>.+)")


class Owned(NamedTuple):
    """Whose a file is, what the platform calls the student, and the name that the student gave the file."""

    student: str
    id: str
    name: str


def owner(file: Found) -> Owned:
    """Whose a file is; Refused if that cannot be said, or is no name to write to."""
    parts = file.path.rstrip("/").split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in file.path:
        raise Refused("its name leads out of the folder")
    owned = _moodle(parts) or _canvas(parts, file) or _own_folder(parts, file)
    if not owned.student.isprintable() or owned.student.startswith((".", " ")) or len(owned.student.encode()) > LONGEST:
        raise Refused("the student's name is too long, or has letters that cannot be shown")
    return owned


def _moodle(parts: list[str]) -> Owned | None:
    if match := MOODLE.fullmatch(parts[0]):
        return Owned(
            f"{match['name']}_{match['id']}", f"Participant {match['id']}", match["file"] or "/".join(parts[1:])
        )
    return None


def _canvas(parts: list[str], file: Found) -> Owned | None:
    if len(parts) == 1 and file.read and (match := CANVAS.fullmatch(parts[0])):
        return Owned(f"{match['name']}_{match['id']}", match["id"], match["file"])
    return None


def _own_folder(parts: list[str], file: Found) -> Owned:
    if len(parts) == 1 and (file.read or file.link):
        raise Refused("it is a link, which is not followed" if file.link else "it lies in no student's folder")
    return Owned(parts[0], parts[0], "/".join(parts[1:]))
