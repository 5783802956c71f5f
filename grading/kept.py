"""The results of a course: a file for each student and assignment, in ``graded/``, so that a run can be stopped at any time."""

from __future__ import annotations

import json
import os
from pathlib import Path


def keep(course: Path, result: dict) -> None:
    """Keep a result."""
    put(_file(course, result["student"], result["assignment"]), json.dumps(result, indent=1))


def result(course: Path, student: str, assignment: str) -> dict | None:
    """What is kept of one submission."""
    file = _file(course, student, assignment)
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def results(course: Path) -> list[dict]:
    """Everything that was ever kept."""
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted((course / "graded").glob("*/*.json"))]


def put(file: Path, text: str) -> None:
    """Write a file beside its place and rename it, so that there is all of it or none."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(file.name + ".part")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, file)


def _file(course: Path, student: str, assignment: str) -> Path:
    return course / "graded" / student / f"{assignment}.json"
