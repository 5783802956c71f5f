"""The grades: grades-long.csv has a row for each student and assignment, grades.csv one for each student."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from grading.gradebook import Marks
from grading.settings import Settings

COLUMNS = (
    "student",
    "id",
    "assignment",
    "auto points",
    "hand-marked points",
    "penalty",
    "total",
    "out of",
    "late",
    "flag",
    "reason",
    "comment",
    "file",
)
NOTHING, NOT_GRADED, TO_MARK = "nothing handed in", "not graded", "needs marking"
TIMEOUT, ELSEWHERE = "timeout", "answer elsewhere"  # to be looked at; the points stand


def row(result: dict, marks: Marks, settings: Settings) -> dict[str, str]:
    """A row of grades-long.csv."""
    if result["reason"]:
        marks = Marks()
    reason = result["reason"] or marks.failed
    looks = {} if reason else _looks(result, marks)
    flags = [NOT_GRADED] if reason else [TO_MARK] * bool(marks.to_mark) + [*looks]
    late, share = settings.late(
        result["student"], result["assignment"], result.get("time", ""), bool(result.get("late"))
    )
    points = marks.auto + marks.hand
    values = (
        result["student"],
        result["id"],
        result["assignment"],
        f"{marks.auto:g}",
        f"{marks.hand:g}",
        f"{share * points:g}",
        f"{points - share * points:g}",
        f"{result['of']:g}",
        late,
        ", ".join(flags),
        reason or "; ".join(filter(None, (result["note"], *looks.values(), *_not_run(result)))),
        "; ".join(marks.comments.values()),
        result.get("file", ""),
    )
    return dict(zip(COLUMNS, map(harmless, values)))


def _looks(result: dict, marks: Marks) -> dict[str, str]:
    """What there is to look at in a result, by its flag, in words."""
    stopped = [task["solution"] for task in result["tasks"] if task.get("timeout")]
    others = [other for other in result.get("elsewhere", ()) if other["kind"] == "words"]
    words = sum(bool(other["text"]) for other in others)
    pictures = sum(len(other["pictures"]) for other in others)
    marked = not marks.to_mark and any(task["written"] for task in result["tasks"])
    looks = {TIMEOUT: f"stopped by the time limit: {', '.join(stopped)}"} if stopped else {}
    if others and not marked:
        looks[ELSEWHERE] = f"cells with words that are in no place for an answer: {words}; pictures: {pictures}"
    return looks


def _not_run(result: dict) -> Iterator[str]:
    """What of a submission counted in another way than it stands there."""
    if result.get("put_back"):
        yield f"put back as handed out: {', '.join(result['put_back'])}"
    if result.get("left_out"):
        yield f"own cells left out: {len(result['left_out'])}"
    if result.get("in_part"):
        yield f"own cells run in part: {len(result['in_part'])}"


def final(row: dict[str, str]) -> bool:
    """Whether the points of a row can be given to the student."""
    return not {NOTHING, NOT_GRADED, TO_MARK} & {*row["flag"].split(", ")}


def nothing(student: str, id: str, assignment: str, points: float) -> dict[str, str]:
    """The row of somebody of the roster who has handed in nothing."""
    values = (student, id, assignment, "0", "0", "0", "0", f"{points:g}", "", NOTHING, "", "", "")
    return dict(zip(COLUMNS, map(harmless, values)))


def wide(rows: Iterable[dict], points: dict[str, float], settings: Settings) -> list[dict[str, str]]:
    """A row for each student: the total of each assignment, of all, by weight in percent, and what is to be looked at."""
    by_student: dict[str, list[dict]] = defaultdict(list)
    for each in rows:
        by_student[each["student"]].append(each)
    names = [name for name in points if any(each["assignment"] == name for own in by_student.values() for each in own)]
    weights = {name: settings.weights.get(name, 1 if settings.weights else points[name]) for name in names}
    table = []
    for student, own in by_student.items():
        totals = {each["assignment"]: float(each["total"]) for each in own if each["assignment"] in weights}
        share = sum(weights[name] * total / points[name] for name, total in totals.items())
        share /= sum(weights.values()) or 1
        flags = [": ".join(filter(None, (each["assignment"], each["flag"]))) for each in own if each["flag"]]
        line = {"student": student, "id": own[0]["id"] if len({each["id"] for each in own}) == 1 else ""}
        line |= {name: f"{totals[name]:g}" if name in totals else "" for name in names}
        line |= {"points": f"{sum(totals.values()):g}", "percent": f"{100 * share:.2f}"}
        if settings.passed is not None:
            line["passed"] = "yes" if share >= settings.passed - 1e-12 else "no"
        table.append({**line, "flag": "; ".join(flags)})
    return table


def table(rows: list[dict[str, str]], columns: Iterable[str] = COLUMNS) -> str:
    """As a file: UTF-8 with a mark that says so, for spreadsheets that ask for it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0] if rows else list(columns), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return "\ufeff" + text.getvalue()


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula, at whichever sign it begins a cell."""
    text = " ".join(text.splitlines())
    return re.sub(r"(^|[,;\t|:\"'])(\s*)(?=[=+\-@＝＋－＠])", r"\1\2'", text)
