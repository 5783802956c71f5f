"""Grade what came in: in parallel, to be stopped and started again at any time; ends with grades.csv and feedback.

python -m grading.grade FOLDER-OR-ZIP      what `make grade` runs
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from grading import check, feedback, gradebook, grades, kept, masters, notebooks, submissions
from grading.files import Refused
from grading.masters import Broken, Cell, Master
from grading.release import course_optimlib
from grading.sandbox import Limits, Place, Unusable, require
from grading.submissions import Submission

KEPT = 100_000  # letters of a cell that are kept for whoever marks it


def grade(
    course: Path, source: Path, limits: Limits = Limits(), workers: int | None = None, say: Callable = print
) -> list[dict]:
    """Grade a folder or a zip into ``course``; give the rows of grades.csv."""
    require()
    known, config = masters.read_all(course), gradebook.configuration(course)
    came = submissions.collect(source, known)
    _require_handed_out(course, {each.assignment for each in came if each.assignment})
    tell = _progress(say, len(came))
    unkept = [result_of(each, None, reason=each.refused) for each in came if each.read is None]
    for result in unkept:
        tell(result)
    with tempfile.TemporaryDirectory() as folder:
        optimlib = course_optimlib(Path(folder))
        todo = _still_to_do(course, came, known, _digest_of_grader(optimlib, limits), tell)
        if todo:
            with Place(optimlib) as place:
                standards = _standards(
                    course, [known[name] for name in {job.submission.assignment for job in todo}], place, limits
                )
                for result in _in_parallel(todo, standards, place, limits, workers):
                    kept.keep(course, result)
                    tell(result)
    return write(course, config, unkept)


# Which submissions are to be graded


@dataclass(frozen=True)
class Job:
    """A submission to be graded; ``key`` changes with whatever its result depends on."""

    submission: Submission
    key: str


def _require_handed_out(course: Path, assignments: Iterable[str]) -> None:
    for name in sorted(assignments):
        if not (course / "release" / name).is_dir():
            raise Broken(f"{name} has not been handed out from here: run `make assignments` first")


def _still_to_do(
    course: Path, came: list[Submission], known: dict[str, Master], grader: str, tell: Callable
) -> list[Job]:
    """What has changed since it was graded, if it was; what has not, or cannot be read, is told at once."""
    todo = []
    for each in came:
        if each.read is None:
            continue
        master = known[each.assignment]
        try:
            key = _digest(each.read(), master.text.encode(), grader.encode())
        except Refused as reason:
            kept.keep(course, result := result_of(each, master, reason=str(reason)))
            tell(result)
            continue
        if (before := kept.result(course, each.student, each.assignment)) and before["key"] == key:
            tell(before)
        else:
            todo.append(Job(each, key))
    return todo


def _digest_of_grader(optimlib: Path, limits: Limits) -> str:
    """Of everything that a result depends on, but for the submission and its master."""
    program = [*sorted(Path(__file__).parent.glob("*.py")), *sorted(optimlib.glob("*.py"))]
    return _digest(*(file.read_bytes() for file in program), repr(limits).encode())


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


# Grading


@dataclass(frozen=True)
class Standard:
    """What the submissions of an assignment are held against: the right answers, and the questions as handed out."""

    master: Master
    answers: dict
    questions: dict[str, str]


def _standards(course: Path, known: list[Master], place: Place, limits: Limits) -> dict[str, Standard]:
    """The standard of each assignment, by its name."""
    return {
        master.name: Standard(
            master, check.expected(master, place, limits), gradebook.answers(gradebook.released(course, master.name))
        )
        for master in known
    }


def _in_parallel(
    todo: list[Job], standards: dict[str, Standard], place: Place, limits: Limits, workers: int | None
) -> Iterator[dict]:
    """The results, as they come."""
    pool = ThreadPoolExecutor(workers or len(os.sched_getaffinity(0)))
    try:
        jobs = [pool.submit(graded, job, standards[job.submission.assignment], place, limits) for job in todo]
        for job in as_completed(jobs):
            yield job.result()
    finally:  # if stopped: what has not begun does not
        pool.shutdown(wait=False, cancel_futures=True)


def graded(job: Job, standard: Standard, place: Place, limits: Limits) -> dict:
    """The result of one submission, whatever it does; a failure of ours is its reason, and is tried again next time."""
    each, master = job.submission, standard.master
    try:
        cells = notebooks.cells(each.read())
        run = check.run(master, [cell for cell in cells if cell.type == "code"], place, limits)
    except Refused as reason:
        return result_of(each, master, reason=str(reason), key=job.key)
    except Exception as error:
        reason = f"the grader failed ({type(error).__name__}: {check.shown(error, 300)})"
        return result_of(each, master, reason=reason)
    sources = {
        cell.id: cell.source[:KEPT].encode(errors="replace").decode() for cell in reversed(cells) if cell.type != "raw"
    }
    tasks = [task(cell, run, standard, sources) for cell in master.of("check", "question")]
    written = {cell.id: sources[cell.id] for cell in master.of("solution", "question") if cell.id in sources}
    return result_of(each, master, key=job.key, tasks=tasks, sources=written)


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


# Telling


def write(course: Path, config, unkept: list[dict]) -> list[dict]:
    """The gradebook, the feedback and grades.csv, of everything that was ever kept and what could not be."""
    results = kept.results(course)
    marks = gradebook.update(course, config, [result for result in results if not result["reason"]])
    rows = []
    for result in sorted(results + unkept, key=lambda result: (result["student"], result["assignment"])):
        mark = marks.get((result["student"], result["assignment"]), gradebook.Marks())
        if result["reason"]:
            mark = gradebook.Marks()
        if result not in unkept:
            page = feedback.page(result, mark)
            kept.put(course / "feedback" / result["student"] / f"{result['assignment']}.html", page)
        rows.append(grades.row(result, mark))
    kept.put(course / "grades.csv", grades.table(rows))
    return rows


def _progress(say: Callable, count: int) -> Callable[[dict], None]:
    """What says a line for each result."""
    told = 0

    def tell(result: dict) -> None:
        nonlocal told
        told += 1
        say(f"{told:>{len(str(count))}}/{count}  {result['student']}  {result['assignment']}  {_summary(result)}")

    return tell


def _summary(result: dict) -> str:
    if result["reason"]:
        return f"not graded: {result['reason']}"
    checks = [task for task in result["tasks"] if not task["written"]]
    to_mark = sum(task["to_mark"] for task in result["tasks"])
    points = f"{sum(task['points'] for task in checks):g} of {sum(task['of'] for task in checks):g}"
    return points + (f", {to_mark} to mark" if to_mark else "")


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
