"""grades.csv: a row for each student and assignment."""

from __future__ import annotations

import csv
import io

from grading.gradebook import Marks

COLUMNS = ("student", "id", "assignment", "auto points", "hand-marked points", "total", "out of", "flag", "reason")


def row(result: dict, marks: Marks) -> dict:
    """A row of grades.csv."""
    if result["reason"]:
        marks = Marks()
    reason = result["reason"] or marks.failed
    flag = "not graded" if reason else "needs marking" if marks.to_mark else ""
    total = marks.auto + marks.hand
    values = (
        result["student"],
        result["id"],
        result["assignment"],
        f"{marks.auto:g}",
        f"{marks.hand:g}",
        f"{total:g}",
        f"{result['of']:g}",
        flag,
        reason or result["note"],
    )
    return dict(zip(COLUMNS, map(_cell, values)))


def table(rows: list[dict]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _cell(text: str) -> str:
    """A text as a spreadsheet takes it: a student's name is no formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
