"""How each task of a submission went: what a check earned and why not more, what is to be marked by hand."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from grading import check, diagnoses
from grading.check import Run, Standard
from grading.diagnoses import Known
from grading.masters import Cell, Master
from grading.notebooks import Picture, Written

KEPT = 100_000  # letters of a cell that are kept for whoever marks it
CUT = "\n\n(More was written: open what was handed in.)"
MOST_SHOWN = 20  # pictures of a submission; more are named
NEEDED = 10  # names at most, in one sentence


@dataclass(frozen=True)
class Handed:
    """What the submissions of an assignment are held against: the right answers, the known mistakes, the release."""

    master: Master
    standards: dict[str, Standard]
    mistakes: dict[str, list[Known]]
    released: dict[str, str]  # the cells as they were handed out, by grade_id
    texts: frozenset[str]  # all of them that ever were, the prose too, as `plain` has them


def judged(handed: Handed, cells: list[Written], run: Run) -> list[dict]:
    """The tasks of a submission that was run."""
    sources, others = sources_of(handed, cells), elsewhere(handed, cells, run)
    return [
        _written(cell, sources.get(cell.id, ""), handed, others)
        if cell.kind == "question"
        else _checked(cell, sources, cells, run, handed)
        for cell in handed.master.of("check", "question")
    ]


def sources_of(handed: Handed, cells: Iterable[Written]) -> dict[str, str]:
    """What was written into the places for it, by grade_id: code into a cell of code, an answer into one of any kind. What
    stands in several cells of one grade_id is joined, without what was handed out."""
    kinds = {cell.id: cell.kind for cell in handed.master.of("solution", "question")}
    found: dict[str, list[str]] = {}
    for cell in cells:
        if cell.id in kinds and (cell.type == "code" or kinds[cell.id] == "question"):
            found.setdefault(cell.id, []).append(cell.source)
    return {
        id: storable("\n\n".join([s for s in dict.fromkeys(own) if plain(s) not in handed.texts] or own[:1]))
        for id, own in found.items()
    }


def elsewhere(handed: Handed, cells: Iterable[Written], run: Run) -> list[dict]:
    """What stands in other cells than those for answers, in the order of the notebook, for whoever marks: words, code of the
    student's own, and pictures wherever they are. ``after`` is the grade_id that it follows. All words have a bounded length."""
    answers = {cell.id for cell in handed.master.of("question")}
    places = {cell.id for cell in handed.master.cells}
    after, found, left = "", [], KEPT
    for cell in cells:
        after = cell.id if cell.id in places else after
        own = cell.id not in (answers if cell.type != "code" else places)
        text = cell.source if own and cell.source.strip() and plain(cell.source) not in handed.texts else ""
        if text or cell.pictures:
            kind = "code" if cell.type == "code" and cell.source not in run.no_code else "words"
            shown = storable(text, left) + (CUT if len(text) > left > 0 else "")
            left = max(0, left - len(text))
            if shown or cell.pictures:
                found.append({"after": after, "kind": kind, "text": shown, "pictures": [*cell.pictures]})
    return found


def is_answer(other: dict) -> bool:
    return other["kind"] == "words"


def with_pictures_apart(others: list[dict]) -> tuple[list[dict], dict[str, str]]:
    """What stands elsewhere, as it is kept; and the pictures that are shown, by the name of a file, in base64."""
    files: dict[str, str] = {}

    def kept(picture: Picture) -> dict:
        file = ""
        if picture.kind and len(files) < MOST_SHOWN:
            ending = picture.kind.removeprefix("image/")
            file = f"{hashlib.sha256(picture.data).hexdigest()[:16]}.{ending}"
            files[file] = base64.b64encode(picture.data).decode()
        return {"name": check.shown(picture.name, 100), "bytes": len(picture.data), "file": file}

    return [{**other, "pictures": [kept(each) for each in other["pictures"]]} for other in others], files


def plain(text: str) -> str:
    """A text but for its spaces."""
    return " ".join(text.split())


def storable(text: str, most: int = KEPT) -> str:
    """A text of bounded length that has an encoding, whatever a student has put into it."""
    return text[:most].encode(errors="replace").decode()


def put_back(handed: Handed, cells: Iterable[Written]) -> list[str]:
    """The given cells that were changed, and are run as they were handed out."""
    given = {cell.id: handed.released[cell.id].strip() for cell in handed.master.of("given")}
    return sorted({cell.id for cell in cells if cell.id in given and cell.source.strip() != given[cell.id]})


def _task(cell: Cell) -> dict:
    solution = cell.id.removesuffix("-check")
    return {"id": cell.id, "solution": solution, "title": cell.title, "of": cell.points, "points": 0}


def _written(cell: Cell, answer: str, handed: Handed, others: list[dict]) -> dict:
    """An answer that is not in its place may be in another; a picture in the place of another question is none to this."""
    there = plain(answer) not in {"", *handed.texts}
    elsewhere = any(is_answer(other) and (other["text"] or other["after"] == cell.id) for other in others)
    return {**_task(cell), "written": True, "to_mark": there or elsewhere}


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
    if plain(source) in {"", *handed.texts}:
        defined = any(how != "NotImplementedError" and how != "NameError" for how in wrong.values())
        if not defined and not lost:  # nor in a cell of the student's own
            return "not_begun", {}, ""
    if error.startswith("NameError") or "NameError" in wrong.values():
        code = [cell for cell in cells if cell.type == "code"]
        skipped, places = (
            {cell.id for cell in each} for each in (handed.master.of("given", "try"), handed.master.cells)
        )
        ran = [cell.source for cell in code if cell.id not in skipped]
        ran += [cell.source for cell in handed.master.of("given")]
        not_run = [cell.source for cell in code if cell.id in skipped]
        own = [cell.source for cell in code if cell.id not in places]
        if names := diagnoses.put_back(source, ran, not_run, own):
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
