"""Grade what came in: in parallel, to be stopped and started again at any time; ends with grades.csv and feedback.

python -m grading FOLDER-OR-ZIP      what `make grade` runs
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import os
import platform
import sys
import tempfile
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from grading import (
    check,
    diagnoses,
    feedback,
    gradebook,
    grades,
    handback,
    kept,
    masters,
    notebooks,
    sentences,
    settings,
    statistics,
    submissions,
    tasks,
    worksheets,
)
from grading.files import Refused
from grading.kept import Busy
from grading.masters import Broken, Master
from grading.platforms import Unclear
from grading.release import course_optimlib, texts
from grading.sandbox import Limits, Place, Sandbox, Unusable, require
from grading.settings import Settings
from grading.submissions import Submission
from grading.tasks import Handed
from grading.worksheets import Person

FORM = 2  # of results: raise it when what a page needs has changed
UNDER_WAY = 64  # submissions that are sent out and not back
ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Intake:
    """What a lecturer may say of what came in: `LAYOUT=`, `WHOSE=`, and a `ROSTER=` of who might have handed in."""

    layout: str = ""
    whose: dict[str, str] = field(default_factory=dict)
    roster: Path | None = None


def grade(
    course: Path,
    source: Path,
    limits: Limits = Limits(),
    executor: Executor | None = None,
    say: Callable = print,
    intake: Intake = Intake(),
) -> list[dict]:
    """Grade a folder or a zip into ``course``; give the rows of grades-long.csv.

    ``executor`` may be any of `concurrent.futures`, also one whose workers are on other machines: each has a sandbox of
    its own. Without one, this machine grades as many submissions at a time as it has processors.
    """
    require()
    known = masters.read_all(course)
    decided = settings.read(course, known)
    roster = worksheets.people(worksheets.read(intake.roster)) if intake.roster else []
    came = submissions.collect(source, _grade_ids(known), intake.layout, intake.whose)
    say(came.description)
    with kept.run_of(course) as room:
        _require_names_of_now(course)
        _require_handed_out(course, {each.assignment for each in came.submissions if each.assignment})
        unkept = _graded(course, came.submissions, known, limits, executor, room, say)
        return write(course, unkept, known, decided, roster, say)


def _graded(
    course: Path,
    came: list[Submission],
    known: dict[str, Master],
    limits: Limits,
    executor: Executor | None,
    room: Path,
    say: Callable,
) -> list[dict]:
    """Grade and keep what has changed; give the results of what cannot be kept, for there is no notebook."""
    tell = _progress(say, len(came))
    unkept = [result_of(each, None, reason=each.refused) for each in came if each.read is None]
    for result in unkept:
        tell(result)
    optimlib = course_optimlib(room)
    edition = _digest_of_grader(optimlib, limits)
    todo = _still_to_do(course, came, known, edition, tell)
    if todo:
        with Place(optimlib, room) as place:
            names = {job.submission.assignment for job in todo}
            handed = _handed(course, [known[name] for name in sorted(names)], place, limits)
            for result in _in_parallel(todo, handed, place, limits, edition, executor):
                kept.keep(course, result)
                tell(result)
    return unkept


# Which submissions are to be graded


def _grade_ids(known: dict[str, Master]) -> dict[str, set[str]]:
    return {name: {cell.id for cell in master.cells} for name, master in known.items()}


@dataclass(frozen=True)
class Job:
    """A submission to be graded; ``key`` changes with whatever its result depends on."""

    submission: Submission
    key: str


def _require_handed_out(course: Path, assignments: Iterable[str]) -> None:
    for name in sorted(assignments):
        if not (course / "release" / name).is_dir():
            raise Broken(f"{name} has not been handed out from here: run `make assignments` first")


def _require_names_of_now(course: Path) -> None:
    """The first edition put Moodle's numbers behind names: half a class would have two rows each. (Canvas's stand there still.)"""
    for result in kept.results(course, lambda _: None):
        moodle, number = result["id"].startswith("Participant "), result["id"].removeprefix("Participant ")
        if "form" not in result and moodle and result["student"].endswith(f"_{number}"):
            raise Broken(
                f"graded/ has {result['student']} from the first edition of this book, which put numbers behind names: finish "
                "this term with that edition, or run `make new-term`, which puts all of it into a folder, and grade again"
            )


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
            key = _digest(each.read(), repr(master.cells).encode(), master.wrong.encode(), grader.encode())
        except Refused as reason:
            kept.keep(course, result := result_of(each, master, reason=str(reason), why=reason.why))
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


def _handed(course: Path, known: list[Master], place: Place, limits: Limits) -> dict[str, Handed]:
    """What the submissions of each assignment are held against, by its name."""
    return {
        master.name: Handed(
            master,
            check.expected(master, place, limits),
            diagnoses.known(master, place, limits),
            gradebook.sources(gradebook.released(course, master.name)),
            texts(course, master.name),
        )
        for master in known
    }


def _in_parallel(
    todo: list[Job], handed: dict[str, Handed], place: Place, limits: Limits, edition: str, executor: Executor | None
) -> Iterator[dict]:
    """The results, as they come. Of what has not begun, no more is under way than a few for each who may be waiting."""
    own = ThreadPoolExecutor(len(os.sched_getaffinity(0))) if executor is None else None

    def submit(job: Job) -> Future:
        held_against = handed[job.submission.assignment]
        if own:
            return own.submit(graded, job, held_against, place, limits)
        try:
            return executor.submit(_graded_elsewhere, _packed(job), held_against, limits, edition)
        except Refused as reason:  # what could be read a moment ago
            (future := Future()).set_result(
                result_of(job.submission, held_against.master, reason=str(reason), why=reason.why)
            )
            return future

    waiting, running = iter(todo), {}
    try:
        while running := running | {submit(job): job for job in islice(waiting, UNDER_WAY - len(running))}:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield _result(future, running.pop(future), handed)
    finally:  # if stopped: what has not begun does not
        for future in running:
            future.cancel()
        if own:
            own.shutdown(wait=False)


def _result(future: Future, job: Job, handed: dict[str, Handed]) -> dict:
    """The result of one submission; if its worker was lost, that is its reason, and it is tried again next time."""
    try:
        return future.result()
    except Unusable:
        raise
    except Exception as error:
        return _failed(job, handed[job.submission.assignment].master, error)


def _failed(job: Job, master: Master, error: Exception) -> dict:
    reason = f"the grader failed ({type(error).__name__}: {check.shown(error, 300)})"
    return result_of(job.submission, master, reason=reason, why=("refused.by_the_grader", {}))


def graded(job: Job, handed: Handed, place: Place, limits: Limits) -> dict:
    """The result of one submission, whatever it does; a failure of ours is its reason, and is tried again next time."""
    each, master = job.submission, handed.master
    try:
        cells = notebooks.cells(each.read())
        run = check.run(master, [cell for cell in cells if cell.type == "code"], place, limits)
        others, pictures = tasks.with_pictures_apart(tasks.elsewhere(handed, cells, run))
        return result_of(
            each,
            master,
            key=job.key,
            tasks=tasks.judged(handed, cells, run),
            sources=tasks.sources_of(handed, cells),
            elsewhere=others,
            pictures=pictures,
            put_back=tasks.put_back(handed, cells),
            left_out=run.left_out,
            in_part=run.in_part,
        )
    except Refused as reason:
        return result_of(each, master, reason=str(reason), why=reason.why, key=job.key)
    except Exception as error:
        return _failed(job, master, error)


# On other machines, or in other processes


def _packed(job: Job) -> Job:
    """A job that can be sent: with what was handed in, and not how to read it here."""
    return replace(job, submission=replace(job.submission, read=functools.partial(bytes, job.submission.read())))


def _graded_elsewhere(job: Job, handed: Handed, limits: Limits, edition: str) -> dict:
    with ONE_AT_A_TIME:
        place = _place_here(limits, edition)
    return graded(job, handed, place, limits)


@functools.cache
def _place_here(limits: Limits, edition: str) -> Place:
    """What the sandboxes of this process share; Unusable if it has none, or would grade otherwise than who asks."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            optimlib = course_optimlib(Path(folder))
            if _digest_of_grader(optimlib, limits) != edition:
                raise Unusable(
                    "The book there is of another edition than here: grading must be the same on all machines."
                )
            place = Place(optimlib)
        with Sandbox(place, limits, limits.submission) as sandbox:
            sandbox.wait_until_ready()
        return place
    except Unusable as error:
        raise Unusable(f"{platform.node()}: {error}") from None


@contextmanager
def cluster(scheduler: str) -> Iterator[Executor]:
    """The executor of a dask cluster, such as tcp://127.0.0.1:8786; Unusable if nobody there takes work."""
    from distributed import Client  # takes a second

    try:
        client = Client(scheduler, timeout=20, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Unusable(f"No scheduler answers at {scheduler}, which must be as tcp://127.0.0.1:8786: {error}") from None
    with client:
        if not client.nthreads():
            raise Unusable(f"The scheduler at {scheduler} has no workers: start one on each machine that is to grade.")
        yield client.get_executor(pure=False)


def result_of(each: Submission, master: Master | None, reason="", key="", tasks=(), sources=None, **more) -> dict:
    """A result as it is kept; one with a reason could not be graded."""
    return {
        "student": each.student,
        "id": each.id,
        "assignment": each.assignment,
        "key": key,
        "reason": reason,
        "note": each.note,
        "notes": each.notes,
        "file": each.file,
        "platform": each.platform,
        "label": each.label,
        "time": each.time.isoformat() if each.time else "",
        "late": each.late,
        "exchange": each.exchange,
        "of": master.points if master else 0,
        "tasks": [*tasks],
        "sources": sources or {},
        "elsewhere": [],
        "put_back": [],
        "left_out": [],
        "in_part": [],
        "form": FORM,
        **more,
    }


# Telling


def write(
    course: Path, unkept: list[dict], known: dict[str, Master], decided: Settings, roster: list[Person], say: Callable
) -> list[dict]:
    """The gradebook, the feedback and the grades, of everything that was ever kept and what could not be."""
    results, points = kept.results(course, say), {name: master.points for name, master in known.items()}
    graded = [result for result in results if not result["reason"]]
    marks = gradebook.update(course, gradebook.configuration(course), graded, known, say)
    rows = []
    for result in sorted(results + unkept, key=lambda result: (result["student"], result["assignment"])):
        mark = marks.get((result["student"], result["assignment"]), gradebook.Marks())
        if result.get("form") == FORM and result not in unkept:  # the page of another edition stays as it is
            mark = _with_feedback(course, result, mark)
        rows.append(grades.row(result, mark, decided))
    rows += _of_those_who_did_not(rows, points, roster, say)
    kept.put(course / "grades-long.csv", grades.table(rows))
    kept.put(course / "grades.csv", grades.table(grades.wide(rows, points, decided), ["student"]))
    of_now = [result for result in results if result.get("form") == FORM]
    kept.put(course / "statistics.html", statistics.page(of_now, known, sentences.of(masters.folder(course))))
    handback.zips(course, results)
    return rows


def _of_those_who_did_not(
    rows: list[dict], points: dict[str, float], roster: list[Person], say: Callable
) -> list[dict]:
    """A row for each on the roster and each assignment that others have handed in."""
    if not roster:
        return []
    found, doubts = worksheets.match(rows, roster)
    for doubt in doubts:
        say(f"on the roster: {doubt}")
    there = {(found[key].at, row["assignment"]) for row in rows if (key := (row["student"], row["id"])) in found}
    names = {person.at: student for (student, _), person in found.items()}
    assignments = [name for name in points if any(row["assignment"] == name for row in rows)]
    return [
        grades.nothing(names.get(person.at, person.name), person.id, name, points[name])
        for person in roster
        for name in assignments
        if (person.at, name) not in there
    ]


def _with_feedback(course: Path, result: dict, mark: gradebook.Marks) -> gradebook.Marks:
    """Write the page of one student, who alone is told if that fails."""
    try:
        handback.put(course, result, feedback.page(result, mark, sentences.of(masters.folder(course))))
        return mark
    except OSError:
        raise
    except Exception as error:
        return replace(mark, failed=f"the feedback cannot be written ({type(error).__name__})")


def _progress(say: Callable, count: int) -> Callable[[dict], None]:
    """What says a line for each result."""
    told = 0

    def tell(result: dict) -> None:
        nonlocal told
        told += 1
        said = [
            f"{told:>{len(str(count))}}/{count}",
            result["student"],
            result["assignment"],
            _summary(result),
            result["file"],
        ]
        say("  ".join(said))

    return tell


def _summary(result: dict) -> str:
    if result["reason"]:
        return f"not graded: {result['reason']}"
    checks = [task for task in result["tasks"] if not task["written"]]
    to_mark = sum(task["to_mark"] for task in result["tasks"])
    points = f"{sum(task['points'] for task in checks):g} of {sum(task['of'] for task in checks):g}"
    return points + (f", {to_mark} to mark" if to_mark else "")


def _tell_filled(filled: worksheets.Filled) -> None:
    print(f"{filled.count} grades are in {filled.file}.")
    for each in filled.without:
        print(f"  without: {each}")


USAGE = "Say where the submissions are, a folder or a zip: make grade SUBMISSIONS=..."


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="make grade", add_help=False)
    parser.add_argument("submissions", nargs="?", type=Path)
    parser.add_argument("--layout", default="")
    parser.add_argument("--whose", type=Path)
    parser.add_argument("--roster", type=Path)
    parser.add_argument("--grades", type=Path)
    parser.add_argument("--scheduler")
    said = parser.parse_args(arguments)
    if not said.submissions or not said.submissions.exists():
        sys.exit(USAGE)
    try:
        whose = submissions.read_whose(said.whose) if said.whose else {}
        intake = Intake(said.layout, whose, said.roster or said.grades)
        with cluster(said.scheduler) if said.scheduler else nullcontext() as executor:
            rows = grade(masters.COURSE, said.submissions, executor=executor, intake=intake)
        if said.grades:
            _tell_filled(worksheets.fill(said.grades, rows))
    except (Broken, Unusable, Unclear, Busy, ValueError) as error:
        sys.exit(str(error))
    except (OSError, zipfile.BadZipFile) as error:
        sys.exit(f"The submissions or the grades could not be read or written: {error}.")
    flags = Counter(flag for row in rows for flag in row["flag"].split(", "))
    print(
        f"{len(rows)} rows in assignments/grades-long.csv, a row for each student in grades.csv\n"
        f"{flags[grades.TO_MARK]} to be marked by hand, {flags[grades.NOT_GRADED]} not graded; a page for each in assignments/feedback"
    )
    print("what failed for how many, without names: assignments/statistics.html")
