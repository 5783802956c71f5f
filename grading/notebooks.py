"""A notebook as it was handed in: the student's cells, whatever else is in the file."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from grading.files import Refused

MOST_CELLS = 2_000
MOST_BRACKETS = 500_000  # each may become an object, twenty times as large as what was read
LONGEST_SOURCE = 1_000_000  # letters of all cells
GRADE_ID = re.compile(rb'"grade_id"\s*:\s*"([\w.-]{1,100})"', re.ASCII)


@dataclass(frozen=True)
class Written:
    """A cell of a student's notebook; ``type`` is the notebook's own word for it: code, markdown or raw."""

    id: str  # the grade_id; empty, or a lie, where the student made the cell
    type: str
    source: str


def cells(data: bytes) -> list[Written]:
    """The cells of a notebook of format 4, in order; Refused if it is none. All else in it is ignored."""
    if not data.strip():
        raise Refused("the file is empty")
    if data.count(b"[") + data.count(b"{") > MOST_BRACKETS:
        raise Refused("it has too many parts for a notebook: clear the outputs and hand it in again")
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused("it is no notebook: it cannot be read as JSON") from None
    found = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(found, list) or not all(isinstance(cell, dict) for cell in found):
        raise Refused("it is no notebook of format 4: it has no list of cells")
    if len(found) > MOST_CELLS:
        raise Refused(f"it has {len(found)} cells, and {MOST_CELLS} are the most that are read")
    read = [
        Written(_grade_id(cell), cell["cell_type"], _source(cell))
        for cell in found
        if cell.get("cell_type") in ("code", "markdown", "raw")
    ]
    if (letters := sum(len(cell.source) for cell in read)) > LONGEST_SOURCE:
        raise Refused(f"its cells have {letters} letters, and {LONGEST_SOURCE} are the most that are read")
    return read


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


def assignment(data: bytes, grade_ids: Mapping[str, Collection[str]]) -> str | None:
    """The assignment of which a notebook has the most grade_ids; None if there is none, or another has as many.

    They are looked for without reading all of the notebook, which may be cut short, or built to be read for long.
    """
    there = {id.decode() for id in GRADE_ID.findall(data)}
    counts = sorted(((len(there & set(ids)), name) for name, ids in grade_ids.items()), reverse=True)
    (most, name), *others = counts or [(0, "")]
    return name if most and all(count < most for count, _ in others) else None
