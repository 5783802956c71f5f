"""How each task of a submission went: what a check earned and why not more, what is to be marked by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grading import check, diagnoses
from grading.check import Run, Standard
from grading.diagnoses import Known
from grading.masters import Cell, Master
from grading.notebooks import Written

KEPT = 100_000  # letters of a cell that are kept for whoever marks it
NEEDED = 10  # names at most, in one sentence


@dataclass(frozen=True)
class Handed:
    """What the submissions of an assignment are held against: the right answers, the known mistakes, the release."""

    master: Master
    standards: dict[str, Standard]
    mistakes: dict[str, list[Known]]
    released: dict[str, str]  # the cells as they were handed out, by grade_id


def judged(handed: Handed, cells: list[Written], run: Run) -> list[dict]:
    """The tasks of a submission that was run."""
    sources = sources_of(cells)
    return [
        _written(cell, sources.get(cell.id, ""), handed)
        if cell.kind == "question"
        else _checked(cell, sources, cells, run, handed)
        for cell in handed.master.of("check", "question")
    ]


def sources_of(cells: Iterable[Written]) -> dict[str, str]:
    """What was written, by grade_id; of two cells the first."""
    return {
        cell.id: cell.source[:KEPT].encode(errors="replace").decode()
        for cell in reversed([*cells])
        if cell.id and cell.type != "raw"
    }


def put_back(handed: Handed, cells: Iterable[Written]) -> list[str]:
    """The given cells that were changed, and are run as they were handed out."""
    given = {cell.id: handed.released[cell.id].strip() for cell in handed.master.of("given")}
    return sorted({cell.id for cell in cells if cell.id in given and cell.source.strip() != given[cell.id]})


def _task(cell: Cell) -> dict:
    solution = cell.id.removesuffix("-check")
    return {"id": cell.id, "solution": solution, "title": cell.title, "of": cell.points, "points": 0}


def _written(cell: Cell, answer: str, handed: Handed) -> dict:
    there = answer.split() not in ([], handed.released[cell.id].split())
    return {**_task(cell), "written": True, "to_mark": there}


def _checked(cell: Cell, sources: dict[str, str], cells: list[Written], run: Run, handed: Handed) -> dict:
    standard, task = handed.standards[cell.id], _task(cell)
    replies, lost = run.replies.get(cell.id, []), run.lost.get(cell.id)
    wrong = check.wrong(replies, standard.answers)
    earned = standard.points({*standard.answers} if lost else wrong)
    source = sources.get(task["solution"], "")
    why, words, see = "", {}, ""
    if lost or wrong:
        why, words, see = _why(task["solution"], source, cells, replies, wrong, lost, run, handed)
    return {
        **task,
        "points": sum(earned.values()),
        "written": False,
        "to_mark": False,
        "wrong": wrong,
        "parts": [
            {"title": part.title, "points": earned[part.title], "of": part.points}
            for part in standard.parts
            if part.title
        ],
        "why": why,
        "words": words,
        "see": diagnoses.equation(see) if see else None,
        "timeout": _timed_out(lost) or _timed_out(run.lost.get(task["solution"])),
    }


def _why(solution, source, cells, replies, wrong, lost, run, handed) -> tuple[str, dict, str]:
    """The first sentence that fits, see `diagnoses`."""
    stopped, error = run.lost.get(solution), run.errors.get(solution, "")
    if not source.strip() or source.split() == handed.released[solution].split():
        defined = any(how != "NotImplementedError" and how != "NameError" for how in wrong.values())
        if not defined and not lost:  # nor in a cell of the student's own
            return "not_begun", {}, ""
    if error.startswith("NameError") or "NameError" in wrong.values():
        skipped = {cell.id for cell in handed.master.of("given", "try")}
        ran = [cell.source for cell in cells if cell.id not in skipped]
        ran += [cell.source for cell in handed.master.of("given")]
        if names := diagnoses.put_back(source, ran, [cell.source for cell in cells if cell.id in skipped]):
            return "put_back", {"names": ", ".join(names[:NEEDED])}, ""
    if stopped:
        return "stopped", {"error": stopped}, ""
    if error:
        return "stopped", {"error": error}, ""
    if lost:
        return "lost", {"lost": lost}, ""
    return diagnoses.why(
        replies, handed.standards[f"{solution}-check"], wrong, handed.mistakes.get(solution, []), source
    )


def _timed_out(lost: tuple[str, dict] | None) -> bool:
    return bool(lost) and lost[0] in ("lost.computed", "lost.waited", "lost.out_of_time", "lost.not_run")
