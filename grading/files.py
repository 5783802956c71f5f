"""The files that came in, in a folder or a zip.

Names and bytes are the students'. Nothing is unpacked, no link is followed, no file is read beyond `MOST`, and how many
and how deep they may lie is bounded. What is wrong with one file is told when it is read, so that it stops nobody else.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from grading.sentences import Said

MOST = 10_000_000  # bytes of one file
MOST_IN_FOLDER = 100_000  # files in one of the folders that came in, and all folders in it
MOST_IN_ZIP = 2_000  # files in a student's own zip
MOST_NOTEBOOKS = 100  # of these
DEEPEST = 12  # folders within each other
ADDED = {"__MACOSX", ".ipynb_checkpoints", ".git", ".DS_Store", "Thumbs.db", "desktop.ini"}  # by computers, on the way


class Refused(Said):
    """What came in cannot be read."""

    part = "refused"


@dataclass(frozen=True)
class Found:
    """A file or folder that came in, not yet read; ``read()`` gives its bytes, or raises Refused."""

    path: str  # as it was spelled
    parts: tuple[str, ...]  # of the path, in one spelling; a student's zip is a folder
    read: Callable[[], bytes] | None = None  # None: a folder
    time: datetime | None = None  # when it was last changed, as far as the folder or the zip knows
    link: bool = False

    @property
    def is_notebook(self) -> bool:
        return self.read is not None and self.parts[-1].lower().endswith(".ipynb")

    @property
    def leads_out(self) -> bool:
        return any(part in ("", ".", "..") for part in self.parts)


def found(source: Path) -> list[Found]:
    """Everything in a folder or a zip, by path; OSError or BadZipFile if ``source`` itself cannot be read."""
    files = _in_folder(source) if source.is_dir() else _in_zip(source)
    opened = (each for file in files for each in (_in_students_zip(file) if _is_zip(file) else [file]))
    return sorted(opened, key=lambda file: file.path)


def _found(path: str, read=None, time=None, link=False, inside: tuple[str, ...] = ()) -> Found | None:
    """None for what computers add. A zip made on Windows may have backslashes between its folders."""
    parts = tuple(unicodedata.normalize("NFC", part) for part in path.replace("\\", "/").rstrip("/").split("/"))
    if any(part in ADDED or part.startswith("._") for part in parts):
        return None
    return Found("/".join((*inside, path)), (*inside, *parts), read, time, link)


# In a folder


def _in_folder(root: Path) -> Iterator[Found]:
    count: Counter[tuple[str, ...]] = Counter()
    todo = [root]
    while todo:
        folder = todo.pop()
        path = folder.relative_to(root)
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    link, is_folder = entry.is_symlink(), entry.is_dir(follow_symlinks=False)
                    read = None if is_folder else partial(_read_file, entry.path)
                    time = datetime.fromtimestamp(entry.stat(follow_symlinks=False).st_mtime)
                    if each := _found(os.fspath(path / entry.name), read, time, link):
                        yield each
                        if is_folder and len(each.parts) < DEEPEST:
                            todo.append(Path(entry.path))
                    count[path.parts[:2]] += 1
                    if count[path.parts[:2]] > MOST_IN_FOLDER:
                        raise Refused("full_folder", most=MOST_IN_FOLDER)
        except (OSError, Refused) as error:
            if folder == root:
                raise
            yield _unreadable(path.parts, error)


def _unreadable(folder: tuple[str, ...], error: Exception) -> Found:
    """In the place of what lies in a folder or zip that cannot be listed: a notebook, so that it is missed."""
    why = error if isinstance(error, Refused) else Refused("folder", error=str(error))
    return Found("/".join(folder), (*folder, "(unreadable).ipynb"), partial(_refuse, why))


def _refuse(why: Refused) -> bytes:
    raise why


def _read_file(file: str) -> bytes:
    try:
        with open(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise Refused("no_file")
            return _bounded(opened)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Refused("link") from None
        raise Refused("unreadable", error=error.strerror) from None


# In a zip


def _in_zip(source: Path) -> Iterator[Found]:
    """What lies in a platform's zip."""
    archive = _opened(source)
    for info in archive.infolist():
        link = stat.S_ISLNK(info.external_attr >> 16)
        read = None if info.is_dir() else partial(_read_member, archive, info)
        if each := _found(_decoded(info), read, _time(info), link):
            yield each


def _is_zip(file: Found) -> bool:
    return file.read is not None and not file.link and file.parts[-1].lower().endswith(".zip")


def _in_students_zip(file: Found) -> Iterator[Found]:
    """What lies in a zip that a student handed in, as if the zip were a folder."""
    assert file.read is not None
    try:
        members = _opened(io.BytesIO(file.read())).infolist()
        if len(members) > MOST_IN_ZIP:
            raise Refused("full_zip", most=MOST_IN_ZIP)
        if sum(info.filename.lower().endswith(".ipynb") for info in members) > MOST_NOTEBOOKS:
            raise Refused("notebooks_in_zip", most=MOST_NOTEBOOKS)
    except zipfile.BadZipFile as error:
        yield _unreadable(file.parts, Refused("zip", error=str(error)))
    except Refused as refused:
        yield _unreadable(file.parts, refused)
    else:
        yield replace(file, read=None)  # a folder, whatever is in it: who handed in an empty one is there, too
        for info in members:
            if info.is_dir() or info.filename.count("/") > DEEPEST:
                continue
            read = partial(_read_in_zip, file.read, info)
            if each := _found(_decoded(info), read, file.time, inside=file.parts):
                yield each


def _opened(zip: Path | BinaryIO) -> zipfile.ZipFile:
    """BadZipFile with a reason, whatever is wrong with it."""
    try:
        return zipfile.ZipFile(zip)
    except (zipfile.BadZipFile, OSError):
        raise
    except UnicodeDecodeError:
        raise zipfile.BadZipFile("its names are in no encoding") from None
    except Exception as error:  # a version or a way of packing that Python does not know
        raise zipfile.BadZipFile(str(error)) from None


def _decoded(info: zipfile.ZipInfo) -> str:
    """A member's name: many programs write UTF-8 and do not say so, which zipfile then reads as an old code page."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _time(info: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*info.date_time)
    except ValueError:
        return None


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Refused("link")
    try:
        with archive.open(info) as opened:
            return _bounded(opened)
    except Refused:
        raise
    except Exception:  # each way of compressing has errors of its own
        raise Refused("damaged") from None


def _read_in_zip(read: Callable[[], bytes], info: zipfile.ZipInfo) -> bytes:
    return _read_member(_opened(io.BytesIO(read())), info)


def _bounded(opened: BinaryIO) -> bytes:
    """All of a file, read no further than ``MOST`` whatever it says its size is."""
    data = opened.read(MOST + 1)
    if len(data) > MOST:
        raise Refused("large", most=MOST // 1_000_000)
    return data
