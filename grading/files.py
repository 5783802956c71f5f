"""The files that came in, in a folder or a zip.

Names and bytes are the students'. Nothing is unpacked, no link is followed, and no file is read beyond `MOST`.
"""

from __future__ import annotations

import errno
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

MOST = 10_000_000  # bytes of one file
ADDED = {"__MACOSX", ".ipynb_checkpoints"}  # folders that computers add, on the way


class Refused(Exception):
    """What came in cannot be graded: says why."""


@dataclass(frozen=True)
class Found:
    """A file or folder that came in, not yet read; ``read()`` gives its bytes, or raises Refused."""

    path: str
    time: Any = 0
    read: Callable[[], bytes] | None = None  # None: a folder
    link: bool = False


def found(source: Path) -> list[Found]:
    """Everything in a folder or a zip, the oldest first; OSError or BadZipFile if ``source`` itself cannot be read."""
    return sorted(_in_folder(source) if source.is_dir() else _in_zip(source), key=lambda file: (file.time, file.path))


def _in_folder(root: Path) -> Iterator[Found]:
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in ADDED]
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
        if ADDED & set(info.filename.split("/")):
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
