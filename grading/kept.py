"""What a course keeps: the results, a file for each student and assignment in ``graded/``, so that a run can be stopped at any time.

Every file is written beside its place and renamed, so that there is all of it or none, whatever stops the run. What is
read is not trusted: a disk may have been full, or someone may have edited it.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

UNFINISHED = ".unfinished-"
LOCK, ROOM = ".lock", ".room"  # in graded/
NEEDED = {
    "student": str,
    "id": str,
    "assignment": str,
    "key": str,
    "reason": str,
    "note": str,
    "tasks": list,
    "sources": dict,
}


class Busy(Exception):
    """Another run is at work in this course."""


@contextmanager
def run_of(course: Path) -> Iterator[Path]:
    """The only run in a course, and a folder for what it makes on the way; Busy if there is another.

    What a killed run has left is cleared. The lock is the kernel's: it ends with the process that holds it.
    """
    graded = course / "graded"
    graded.mkdir(exist_ok=True)
    with open(graded / LOCK, "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy("Another `make grade` is at work in this course: wait until it has ended.") from None
        room = graded / ROOM
        shutil.rmtree(room, ignore_errors=True)
        for place in ("graded", "autograded", "feedback"):
            for left in (course / place).rglob(f"{UNFINISHED}*"):
                left.unlink(missing_ok=True)
        for left in course.glob(f"{UNFINISHED}*"):
            left.unlink(missing_ok=True)
        room.mkdir()
        try:
            yield room
        finally:
            shutil.rmtree(room, ignore_errors=True)


def keep(course: Path, result: dict) -> None:
    """Keep a result; its pictures, which it has in base64, beside it."""
    file = _file(course, result["student"], result["assignment"])
    shutil.rmtree(file.with_suffix(""), ignore_errors=True)
    for name, data in result.pop("pictures", {}).items():
        put(file.with_suffix("") / name, base64.b64decode(data))
    put(file, json.dumps(result, indent=1))


def picture(course: Path, result: dict, name: str) -> bytes:
    """One of a result's pictures; OSError if it is gone."""
    return (_file(course, result["student"], result["assignment"]).with_suffix("") / name).read_bytes()


def result(course: Path, student: str, assignment: str) -> dict | None:
    """What is kept of one submission; None if nothing is, or it is damaged."""
    return _read(_file(course, student, assignment))


def results(course: Path, say: Callable[[str], object]) -> list[dict]:
    """Everything that was ever kept; of what is damaged it is said that it is lost."""
    found = []
    for file in sorted((course / "graded").glob("*/*.json")):
        if one := _read(file):
            found.append(one)
        else:
            say(f"{file.relative_to(course)} is damaged and has no row: grade again what {file.parent.name} handed in.")
    return found


def put(file: Path, data: str | bytes) -> None:
    """Write a file: beside its place, onto the disk, and then by another name."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(prefix=UNFINISHED, dir=file.parent)
    try:
        with open(descriptor, "wb") as opened:
            opened.write(data.encode() if isinstance(data, str) else data)
            opened.flush()
            os.fsync(opened.fileno())
        os.chmod(beside, 0o644)
        os.replace(beside, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise


def _read(file: Path) -> dict | None:
    try:
        one = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    whole = isinstance(one, dict) and all(isinstance(one.get(name), kind) for name, kind in NEEDED.items())
    return one if whole and (one["student"], one["assignment"]) == (file.parent.name, file.stem) else None


def _file(course: Path, student: str, assignment: str) -> Path:
    return course / "graded" / student / f"{assignment}.json"
