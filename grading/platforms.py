"""Whose a file is, by the way in which a learning platform names what it exports.

The structure is read, not assumed: folders around everything are passed over, a platform is known when its way of
naming fits nearly everywhere, and where two readings are possible the lecturer is asked.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from grading.files import Found

LONGEST = 100  # letters of a student's name
MOST_BYTES = 200  # of its folder's name; a file system allows 255
DEEPEST = 5  # folders around all students


class Nobodys(Exception):
    """A file of which it cannot be said whose it is: says why, to the lecturer."""


class Unclear(Exception):
    """What came in can be read in two ways: says how to choose."""


@dataclass(frozen=True)
class Owned:
    """A file, whose it is, and what its name says besides."""

    file: Found
    student: str  # a name that a folder can have
    id: str  # what the platform calls the student
    name: str  # what the student called the file
    label: str = ""  # what the platform called it, or the folder that it lies in: feedback goes back there
    time: datetime | None = None  # when it was handed in
    late: bool = False  # as the platform says
    newer: tuple = ()  # the greater, the newer


@dataclass(frozen=True)
class Platform:
    """A way of naming: ``pattern`` is that of the part of a path which says whose it is."""

    name: str
    pattern: re.Pattern
    time: str = ""  # how a time is written; the newest counts
    inside: re.Pattern | None = None  # of the files in the folder
    twice: re.Pattern | None = None  # found once more in what it fits, it may be a student who made it up


def _named(pattern: str) -> re.Pattern:
    return re.compile(pattern, re.DOTALL)


PLATFORMS = (
    # Anna Berg_123_assignsubmission_file/4-adam.ipynb, before 4.1 with a _ behind it, and flat. There is no _ in a name.
    Platform(
        "Moodle",
        _named(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?"),
        twice=_named(r"(?=_\d+_assignsubmission_)"),
    ),
    # 4-adam_aberg_attempt_2026-11-26-10-30-00_solution.ipynb, and a .txt beside it
    Platform(
        "Blackboard",
        _named(r"(?P<course>.+)_(?P<id>[^_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>.*)|\.txt)"),
        "%Y-%m-%d-%H-%M-%S",
        twice=_named(r"(?=_attempt_\d{4}(?:-\d\d){5})"),
    ),
    # berganna_LATE_4567_89012_4-adam-1.ipynb, anon_x7Kd2_89012_4-adam.ipynb
    Platform(
        "Canvas",
        _named(
            r"(?:anon_(?:LATE_)?(?P<anon>[A-Za-z0-9]{5})|(?P<name>.+?)_(?P<late>LATE_)?(?P<id>\d+))_(?P<part>\d+)_(?P<file>.+)"
        ),
        twice=_named(r"(?=_\d+_\d+_)"),
    ),
    # 12345-678 - Anna Berg - Nov 26, 2026 1030 AM/4-adam.ipynb
    Platform(
        "Brightspace",
        _named(
            r"(?P<id>\d+)-\d+ - (?P<name>.+?) - (?P<time>[A-Z][a-z]{2} \d{1,2}, \d{4} \d{3,4} [AP]M)(?: - (?P<file>.+))?"
        ),
        "%b %d, %Y %I%M %p",
    ),
    # Berg_Anna_aberg_1234/20261126103000_4-adam.ipynb
    Platform(
        "ILIAS",
        _named(r"(?P<name>.+)_(?P<login>[^_]+)_(?P<id>\d+)"),
        "%Y%m%d%H%M%S",
        inside=_named(r"(?P<time>\d{14})_(?P<file>.+)"),
    ),
)
BY_NAME = {platform.name.lower(): platform for platform in PLATFORMS}
FOLDERS = "a folder for each student"


@dataclass(frozen=True)
class Layout:
    """How an export is laid out: which part of a path says whose it is, and by whose way of naming."""

    name: str
    depth: int
    platform: Platform | None = None
    prefix: str = ""  # of every folder's name

    def owner(self, file: Found) -> Owned:
        """Whose a file is; Nobodys if that cannot be said, or is no name to write to."""
        if file.leads_out:
            raise Nobodys("its name leads out of the folder")
        if len(file.parts) <= self.depth:
            raise Nobodys("it lies in no student's folder")
        return (self._on_platform if self.platform else self._in_folder)(file, file.parts[self.depth])

    def _in_folder(self, file: Found, folder: str) -> Owned:
        zipped = folder.lower().endswith(".zip")
        if len(file.parts) == self.depth + 1 and (file.read or file.link):
            raise Nobodys("it is a link, which is not followed" if file.link else "it lies in no student's folder")
        student = folder_name((folder[:-4] if zipped else folder).removeprefix(self.prefix))
        return Owned(file, student, student, "/".join(file.parts[self.depth + 1 :]), folder)

    def _on_platform(self, file: Found, part: str) -> Owned:
        assert self.platform is not None
        match = self.platform.pattern.fullmatch(part)
        if match is None:
            raise Nobodys(f"its name is none that {self.platform.name} gives")
        if self.platform.twice and len(self.platform.twice.findall(part)) > 1:
            raise Nobodys("its name can be read in two ways, and whose it is cannot be said")
        said = match.groupdict()
        rest = file.parts[self.depth + 1 :]
        if self.platform.inside and rest and (inside := self.platform.inside.fullmatch(rest[0])):
            said |= inside.groupdict()
            rest = (said.pop("file"), *rest[1:])
        name = "/".join(filter(None, (said.get("file"), *rest)))
        time = _time(said.get("time"), self.platform.time) or (file.time if self.platform.name == "Moodle" else None)
        newer: tuple = (time,) if self.platform.time and time else ()
        if self.platform.name == "Canvas":
            newer = _resubmission(name)
        return Owned(file, *self._student(said), name, part, time, bool(said.get("late")), newer)

    def _student(self, said: dict[str, str]) -> tuple[str, str]:
        """The student's name and number, of which Moodle's is another in each assignment: there, the name is the name."""
        assert self.platform is not None
        id = said.get("login") or said.get("anon") or said["id"]
        if self.prefix:
            id = said["id"] = f"{said['course']}_{id}".removeprefix(self.prefix)
        if self.platform.name == "Moodle":
            return folder_name(said["name"]), f"Participant {id}"
        name = "anon" if said.get("anon") else said.get("name")
        return folder_name(f"{name}_{said.get('anon') or said['id']}" if name else id), id


def _time(written: str | None, pattern: str) -> datetime | None:
    try:
        return datetime.strptime(written, pattern) if written else None
    except ValueError:
        return None


def _resubmission(name: str) -> tuple:
    """Canvas names a file that was handed in again 4-adam-1.ipynb, 4-adam-2.ipynb."""
    stem, number = re.fullmatch(r"(.*?)(?:-(\d{1,3}))?(?:\.[^.]*)?", name, re.DOTALL).groups()  # type: ignore[union-attr]
    return (stem, int(number or 0))


def folder_name(name: str) -> str:
    """A student's name as that of a folder: one kind of space, nothing that cannot be shown, not too long."""
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    shown = name.replace("\u200c", "").replace("\u200d", "")  # between letters of Persian and Hindi
    if not shown or not shown.isprintable() or shown.startswith(".") or len(name) > LONGEST:
        raise Nobodys("the student's name is too long, or has letters that cannot be shown")
    if len(name.encode()) > MOST_BYTES:
        digest = sha256(name.encode()).hexdigest()[:8]
        name = f"{name.encode()[: MOST_BYTES - 9].decode(errors='ignore')}-{digest}"
    return name


# Which layout it is


def layout(files: list[Found], works: Mapping[str, list[Found]], chosen: str = "") -> Layout:
    """The layout of an export, in which ``works`` are the notebooks of each assignment; Unclear if there are two."""
    if chosen:
        return _chosen(files, works, chosen)
    files = [file for file in files if not file.leads_out]
    return _platforms(files) or _folders(files, works)


def _chosen(files: list[Found], works: Mapping[str, list[Found]], chosen: str) -> Layout:
    steps = [step.strip("{} ").lower() for step in chosen.strip("/").split("/")]
    if steps.count("student") == 1:
        return Layout(FOLDERS, steps.index("student"))
    if platform := BY_NAME.get(chosen.lower()):
        fits = [depth for depth in range(DEEPEST) if _share(files, depth, platform)]
        return _export(files, max(fits, key=lambda depth: _share(files, depth, platform), default=0), platform)
    raise Unclear(
        f"LAYOUT={chosen} is none that is known: say {', '.join(BY_NAME)}, or where the student stands in a path, as in "
        "LAYOUT=folder/student/file"
    )


def _platforms(files: list[Found]) -> Layout | None:
    for depth in range(DEEPEST):
        for platform in PLATFORMS:
            if _share(files, depth, platform) > 0.5:
                return _export(files, depth, platform)
    return None


def _export(files: list[Found], depth: int, platform: Platform) -> Layout:
    """Its prefix is what stands before every student's name, where a platform puts the assignment there: a _ may be in either."""
    matches = [platform.pattern.fullmatch(file.parts[depth]) for file in files if len(file.parts) > depth]
    names = {f"{match['course']}_{match['id']}" for match in matches if match and "course" in match.groupdict()}
    prefix = os.path.commonprefix(sorted(names)) if len(names) > 1 else ""
    return Layout(f"{platform.name} export", depth, platform, prefix[: prefix.rfind("_") + 1])


def _share(files: list[Found], depth: int, platform: Platform) -> float:
    """In how many of the folders at this depth nearly all is named as a platform does: of all folders that are there.

    By folders, as what lies in one of them may be a single student's doing.
    """
    folders: dict[tuple[str, ...], dict[str, bool]] = defaultdict(dict)
    for file in files:
        if len(file.parts) > depth:
            names, name = folders[file.parts[:depth]], file.parts[depth]
            fits = names.get(name, True) and _fits(platform, file, depth)
            names[name] = fits
    fit = [sum(names.values()) > 0.5 * len(names) for names in folders.values()]
    return sum(fit) / len(fit) if fit else 0


def _fits(platform: Platform, file: Found, depth: int) -> bool:
    if not platform.pattern.fullmatch(file.parts[depth]):
        return False
    inside = file.parts[depth + 1 :]
    return (
        not platform.inside or (not inside and not file.read) or bool(inside and platform.inside.fullmatch(inside[0]))
    )


def _folders(files: list[Found], works: Mapping[str, list[Found]]) -> Layout:
    """A folder for each student, in how many others: where nearly all notebooks have one, and no two of one assignment."""
    depths = [depth for depth in range(DEEPEST) if _possible(depth, works)]
    if not any(works.values()):
        return Layout(FOLDERS, _around(files))
    parents = {file.parts[:-1] for each in works.values() for file in each}
    if not depths:
        around, *more = {parent[:-1] for parent in parents}
        if more or (len(parents) == 1 and around):
            raise Unclear(_ASK.format(which="which folder is a student's cannot be told from how the notebooks lie"))
        return Layout(FOLDERS, len(around))
    first = depths[0]
    names = {file.parts[first] for each in works.values() for file in each if len(file.parts) > first + 1}
    below = [depth for depth in depths[1:] if _students(depth, works) != _students(first, works)]
    if len(names) == 1 and below and not _named_for_assignments(below[0], works):
        (name,) = names
        raise Unclear(
            _ASK.format(which=f"the folder {name!r} may be a student's, or one around the students of a class")
        )
    return _without_prefix(first, works)


_ASK = (
    "Nothing is graded: {which}. Say where the student stands in the path of a notebook, as in LAYOUT=student/file or "
    "LAYOUT=folder/student/file, or give a csv of two columns, file and student: WHOSE=whose.csv."
)


def _possible(depth: int, works: Mapping[str, list[Found]]) -> bool:
    """Whether folders at this depth can be the students': few hold two notebooks of one assignment, or are named for one.

    By folders, however many notebooks lie in one: that may be a single student's doing.
    """
    folders, odd = set(), set()
    for assignment, files in works.items():
        seen: set[str] = set()
        for file in files:
            deep = len(file.parts) > depth + 1
            folder = file.parts[depth] if deep else "/".join(file.parts[:-1])
            if not deep or folder in seen or _like(folder, assignment):
                odd.add(folder)
            folders.add(folder)
            seen.add(folder)
    return len(odd) < 0.5 * len(folders)


def _students(depth: int, works: Mapping[str, list[Found]]) -> set[str]:
    return {file.parts[depth] for files in works.values() for file in files if len(file.parts) > depth + 1}


def _named_for_assignments(depth: int, works: Mapping[str, list[Found]]) -> bool:
    return all(any(_like(name, assignment) for assignment in works) for name in _students(depth, works))


def _like(name: str, assignment: str) -> bool:
    return letters(name) == letters(assignment)


def letters(name: str) -> str:
    """What of a name does not depend on who wrote it: 4_adam and 4 Adam are 4-adam."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


def _around(files: list[Found]) -> int:
    """How many folders lie around all others, where no notebook says more."""
    common = len(os.path.commonprefix([file.parts for file in files])) if files else 0
    folders = max((len(file.parts) for file in files if file.read is None), default=0)
    return max(0, min(DEEPEST, common, folders - 1))


def _without_prefix(depth: int, works: Mapping[str, list[Found]]) -> Layout:
    """GitHub Classroom names a repository for the assignment and the student: 4-adam-anna."""
    names = sorted(_students(depth, works))
    prefix = os.path.commonprefix(names)
    prefix = prefix[: prefix.rfind("-") + 1]
    if prefix and any(_like(prefix, assignment) for assignment in works) and all(name > prefix for name in names):
        return Layout("GitHub Classroom's repositories", depth, prefix=prefix)
    return Layout(FOLDERS, depth)


def in_one_name(owned: Iterable[Owned]) -> dict[Owned, str]:
    """The student of each file, where two who have one name are told apart by the number that the platform gives."""
    owned = list(owned)
    ids: dict[str, set[str]] = defaultdict(set)
    for each in owned:
        ids[each.student].add(each.id)
    return {
        each: each.student if len(ids[each.student]) == 1 else f"{each.student}_{each.id.rsplit(' ', 1)[-1]}"
        for each in owned
    }
