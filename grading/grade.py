"""Grade what came in: in parallel, to be stopped and started again at any time; ends with grades.csv and feedback.

python -m grading.grade FOLDER-OR-ZIP      what `make grade` runs
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from grading import check, feedback, gradebook, masters, submissions
from grading.masters import Broken, Cell, Master
from grading.release import course_optimlib
from grading.sandbox import Limits, Place, Unusable, require
from grading.submissions import Refused, Submission

COLUMNS = ("student", "id", "assignment", "auto points", "hand-marked points", "total", "out of", "flag", "reason")
KEPT = 100_000  # letters of a cell that are kept for whoever marks it


def grade(
    course: Path, source: Path, limits: Limits = Limits(), workers: int | None = None, say: Callable = print
) -> list[dict]:
    """Grade a folder or a zip into ``course``; give the rows of grades.csv."""
    require()
    known, config = masters.read_all(course), gradebook.configuration(course)
    came = submissions.collect(source, known)
    for name in sorted({each.assignment for each in came if each.assignment}):
        if not (course / "release" / name).is_dir():
            raise Broken(f"{name} has not been handed out from here: run `make assignments` first")

    unkept, todo, told = [], [], 0

    def tell(result: dict) -> None:
        nonlocal told
        told += 1
        say(
            f"{told:>{len(str(len(came)))}}/{len(came)}  {result['student']}  {result['assignment']}  {summary(result)}"
        )

    with tempfile.TemporaryDirectory() as folder:
        optimlib = course_optimlib(Path(folder))
        program = digest(*(file.read_bytes() for file in [*Path(__file__).parent.glob("*.py"), *optimlib.glob("*.py")]))
        for each in came:
            if each.read is None:  # nothing to be read, so nothing to be kept
                unkept.append(result_of(each, None, reason=each.refused))
                tell(unkept[-1])
                continue
            try:
                key = digest(
                    each.read(), *(text.encode() for text in (known[each.assignment].text, program, repr(limits)))
                )
            except Refused as reason:
                keep(course, result_of(each, known[each.assignment], reason=str(reason)))
                tell(kept(course, each))
                continue
            if (before := kept(course, each)) and before["key"] == key:
                tell(before)
            else:
                todo.append((each, key))
        if todo:
            with Place(optimlib) as place:
                names = sorted({each.assignment for each, _ in todo})
                standards = {
                    name: Standard(
                        known[name],
                        check.expected(known[name], place, limits),
                        gradebook.answers(gradebook.released(course, name)),
                    )
                    for name in names
                }
                pool = ThreadPoolExecutor(workers or len(os.sched_getaffinity(0)))
                try:
                    jobs = [
                        pool.submit(graded, each, key, standards[each.assignment], place, limits) for each, key in todo
                    ]
                    for job in as_completed(jobs):
                        keep(course, job.result())
                        tell(job.result())
                finally:  # if stopped: what has not begun does not
                    pool.shutdown(wait=False, cancel_futures=True)
    return write(course, config, unkept)


@dataclass(frozen=True)
class Standard:
    """What the submissions of an assignment are held against: the right answers, and the questions as handed out."""

    master: Master
    answers: dict
    questions: dict[str, str]


def graded(each: Submission, key: str, standard: Standard, place: Place, limits: Limits) -> dict:
    """The result of one submission, whatever it does; a failure of ours is its reason, and is tried again next time."""
    master = standard.master
    try:
        cells = submissions.cells(each.read())
        run = check.run(master, [cell for cell in cells if cell.kind == "code"], place, limits)
    except Refused as reason:
        return result_of(each, master, reason=str(reason), key=key)
    except Exception as error:
        reason = f"the grader failed ({type(error).__name__}: {check.shown(error, 300)})"
        return result_of(each, master, reason=reason)
    sources = {cell.id: cell.source[:KEPT].encode(errors="replace").decode() for cell in reversed(cells)}
    tasks = [task(cell, run, standard, sources) for cell in master.of("check", "question")]
    kept = {cell.id: sources[cell.id] for cell in master.of("solution", "question") if cell.id in sources}
    return result_of(each, master, key=key, tasks=tasks, sources=kept)


def task(cell: Cell, run: check.Run, standard: Standard, sources: dict[str, str]) -> dict:
    """How one task went: a check is decided here; a written answer is to be marked, if there is one."""
    solution = cell.id.removesuffix("-check")
    found = {"id": cell.id, "solution": solution, "title": cell.title, "of": cell.points, "points": 0}
    if cell.kind == "question":
        answer = sources.get(cell.id, "").split()
        return {**found, "written": True, "to_mark": answer not in ([], standard.questions[cell.id].split())}
    wrong, lost = check.wrong(run.replies.get(cell.id, []), standard.answers[cell.id]), run.lost.get(cell.id, "")
    stopped = run.lost.get(solution, "") or run.errors.get(solution, "")
    points = 0 if wrong or lost else cell.points
    return {
        **found,
        "points": points,
        "written": False,
        "to_mark": False,
        "wrong": wrong,
        "lost": lost,
        "stopped": stopped,
    }


def result_of(each: Submission, master: Master | None, reason="", key="", tasks=(), sources=None) -> dict:
    """A result as it is kept; one with a reason could not be graded."""
    return {
        "student": each.student,
        "id": each.id,
        "assignment": each.assignment,
        "key": key,
        "reason": reason,
        "note": each.note,
        "of": master.points if master else 0,
        "tasks": [*tasks],
        "sources": sources or {},
    }


def keep(course: Path, result: dict) -> None:
    """Keep a result: written beside its place and renamed, so that there is all of it or none."""
    put(course / "graded" / result["student"] / f"{result['assignment']}.json", json.dumps(result, indent=1))


def kept(course: Path, submission: Submission) -> dict | None:
    file = course / "graded" / submission.student / f"{submission.assignment}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def put(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(file.name + ".part")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, file)


def write(course: Path, config, unkept: list[dict]) -> list[dict]:
    """The gradebook, the feedback and grades.csv, of everything that was ever kept and what could not be."""
    results = [json.loads(file.read_text(encoding="utf-8")) for file in sorted((course / "graded").glob("*/*.json"))]
    marks = gradebook.update(course, config, [result for result in results if not result["reason"]])
    rows = []
    for result in sorted(results + unkept, key=lambda result: (result["student"], result["assignment"])):
        mark = marks.get((result["student"], result["assignment"]), gradebook.Marks())
        if result["reason"]:
            mark = gradebook.Marks()
        if result not in unkept:
            page = feedback.page(result, mark)
            put(course / "feedback" / result["student"] / f"{result['assignment']}.html", page)
        rows.append(row(result, mark))
    put(course / "grades.csv", table(rows))
    return rows


def table(rows: list[dict]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def summary(result: dict) -> str:
    if result["reason"]:
        return f"not graded: {result['reason']}"
    checks = [task for task in result["tasks"] if not task["written"]]
    to_mark = sum(task["to_mark"] for task in result["tasks"])
    points = f"{sum(task['points'] for task in checks):g} of {sum(task['of'] for task in checks):g}"
    return points + (f", {to_mark} to mark" if to_mark else "")


def row(result: dict, marks: gradebook.Marks) -> dict:
    """A row of grades.csv."""
    flag = "not graded" if result["reason"] else "needs marking" if marks.to_mark else ""
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
        result["reason"] or result["note"],
    )
    return dict(zip(COLUMNS, map(cell_of_csv, values)))


def cell_of_csv(text: str) -> str:
    """A text as a spreadsheet takes it: a student's name is no formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or not Path(arguments[0]).exists():
        sys.exit("Say where the submissions are, a folder or a zip: make grade SUBMISSIONS=...")
    try:
        rows = grade(masters.COURSE, Path(arguments[0]))
    except (Broken, Unusable) as error:
        sys.exit(str(error))
    except (OSError, zipfile.BadZipFile) as error:
        sys.exit(f"The submissions or the grades could not be read or written: {error}.")
    except KeyboardInterrupt:
        print("\nStopped. What is graded stays graded: the same command goes on from here.", file=sys.stderr)
        sys.stderr.flush()
        os._exit(130)  # at once: the sandboxes end with this process
    count = {flag: sum(row["flag"] == flag for row in rows) for flag in ("needs marking", "not graded")}
    print(
        f"{len(rows)} rows in assignments/grades.csv, {count['needs marking']} to be marked by hand, "
        f"{count['not graded']} not graded; a page for each in assignments/feedback"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
