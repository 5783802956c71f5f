"""A notebook as it was handed in: the student's cells, whatever else is in the file."""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import PIL.Image

from grading.files import Refused

MOST_CELLS = 2_000
MOST_BRACKETS = 500_000  # each may become an object, twenty times as large as what was read
LONGEST_SOURCE = 1_000_000  # letters of all cells
MOST_PICTURES = 200
MOST_PIXELS = 120_000_000  # of a picture that is shown: a browser takes four bytes for each
PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG"}  # that are shown; they hold no script
# Colab writes a picture into the text of its cell.
IN_TEXT = re.compile(r"data:(image/[a-z.+-]{1,20});base64,([A-Za-z0-9+/=]{20,})")
GRADE_ID = re.compile(rb'"grade_id"\s*:\s*"([\w.-]{1,100})"', re.ASCII)


@dataclass(frozen=True)
class Picture:
    """A picture in a cell of text; ``kind`` is empty if it is none that can be shown without harm."""

    name: str
    kind: str
    data: bytes


@dataclass(frozen=True)
class Written:
    """A cell of a student's notebook; ``type`` is the notebook's own word for it: code, markdown or raw."""

    id: str  # the grade_id; empty, or a lie, where the student made the cell
    type: str
    source: str
    pictures: tuple[Picture, ...] = ()


def cells(data: bytes) -> list[Written]:
    """The cells of a notebook of format 4, in order; Refused if it is none. All else in it is ignored."""
    if not data.strip():
        raise Refused("empty")
    if data.count(b"[") + data.count(b"{") > MOST_BRACKETS:
        raise Refused("many_parts")
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused("no_json") from None
    found = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(found, list) or not all(isinstance(cell, dict) for cell in found):
        raise Refused("no_cells")
    if len(found) > MOST_CELLS:
        raise Refused("many_cells", count=len(found), most=MOST_CELLS)
    if (pictures := sum(map(_pictures_in, found))) > MOST_PICTURES:
        raise Refused("many_pictures", count=pictures, most=MOST_PICTURES)
    read = [_written(cell) for cell in found if cell.get("cell_type") in ("code", "markdown", "raw")]
    if (letters := sum(len(cell.source) for cell in read)) > LONGEST_SOURCE:
        raise Refused("many_letters", count=letters, most=LONGEST_SOURCE)
    return read


def _pictures_in(cell: dict) -> int:
    """At most so many: each is looked at, and that takes time."""
    if cell.get("cell_type") == "code":
        return 0
    attachments = cell.get("attachments")
    kinds = attachments.values() if isinstance(attachments, dict) else ()
    return sum(len(each) for each in kinds if isinstance(each, dict)) + _source(cell).count(";base64,")


def _written(cell: dict) -> Written:
    id, type, source = _grade_id(cell), cell["cell_type"], _source(cell)
    if type == "code":
        return Written(id, type, source)
    pictures = [*_attached(cell)]

    def taken_out(found: re.Match) -> str:
        pictures.append(_picture(f"picture {len(pictures) + 1}", found[1], found[2]))
        return pictures[-1].name

    source = IN_TEXT.sub(taken_out, source)
    return Written(id, type, source, tuple(pictures))


def _attached(cell: dict) -> Iterator[Picture]:
    attachments = cell.get("attachments")
    for name, kinds in attachments.items() if isinstance(attachments, dict) else ():
        for kind, data in kinds.items() if isinstance(kinds, dict) else ():
            if isinstance(data, list) and all(isinstance(line, str) for line in data):
                data = "".join(data)
            yield _picture(name, kind, data if isinstance(data, str) else "")


def _picture(name: str, kind: str, encoded: str) -> Picture:
    """Of a picture only its head is read here: whoever marks has a browser for the rest."""
    try:
        data = base64.b64decode(encoded)
    except (binascii.Error, ValueError):
        data = b""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its size, which is looked at here
            with PIL.Image.open(io.BytesIO(data), formats=[PICTURES[kind]]) as image:
                harmless = image.width * image.height <= MOST_PIXELS
    except Exception:  # Pillow has many for a file that is no picture
        harmless = False
    return Picture(name, kind if harmless else "", data)


def _source(cell: dict) -> str:
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    if not all(isinstance(line, str) for line in lines):
        raise Refused("no_text")
    return "".join(lines)


def _grade_id(cell: dict) -> str:
    for key in ("metadata", "nbgrader", "grade_id"):
        cell = cell.get(key) if isinstance(cell, dict) else None
    return cell if isinstance(cell, str) else ""


def assignment(data: bytes, grade_ids: Mapping[str, Collection[str]]) -> str | None:
    """The assignment of which a notebook has the most grade_ids; None if there is none, or another has as many.

    They are looked for without reading all of the notebook, which may be cut short, or built to be read for long.
    """
    there = {id.decode() for id in GRADE_ID.findall(data)}
    counts = sorted(((len(there & set(ids)), name) for name, ids in grade_ids.items()), reverse=True)
    (most, name), *others = counts or [(0, "")]
    return name if most and all(count < most for count, _ in others) else None
