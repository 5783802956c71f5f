"""Why a task is not right, in one of a few sentences: a known mistake by its name, or what can be said without a secret.

One sentence for a task, from a fixed list, whatever a submission does: with the labels that failed, that is all that
ever comes out of a hidden check. What is compared here are values that the check has asked for anyway.
"""

from __future__ import annotations

import functools
import json
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading import check
from grading.check import NAME, Standard
from grading.masters import Broken, Master
from grading.sandbox import Limits, Lost, Place, Sandbox

CHAPTERS = Path(__file__).resolve().parent.parent / "chapters"
CLOSE = 1e-3  # three digits: the numbers are meant
BINDS = re.compile(r"^(?:(?:def|class)\s+\w+|\w[\w, ]*=(?!=))", re.MULTILINE)  # the lines of a cell that set a name

ARGUMENTS = re.compile(r"\bdef\b.*|\blambda\b.{,200}?:|\bfor\b.{,200}?\bin\b")


@dataclass(frozen=True)
class Mistake:
    """A typical wrong solution of a task, from ``wrong/<assignment>.py``; ``see`` is the label of an equation, or empty."""

    solution: str
    title: str
    see: str
    source: str


@dataclass(frozen=True)
class Known:
    """A mistake and what it answers to the check of its task."""

    mistake: Mistake
    replies: dict[str, dict]


def mistakes(text: str) -> list[Mistake]:
    """Those of a file ``wrong/<assignment>.py``. ``# See: eq-4-7`` under a title holds for the task until the next."""
    found: list[Mistake] = []
    _, *cells = re.split(r"^# %% ", text, flags=re.MULTILINE)
    for cell in cells:
        (solution, _, title), source = cell.partition("\n")[0].partition(": "), cell.partition("\n")[2]
        before = found[-1].see if found and found[-1].solution == solution else ""
        named = re.match(r"# See: (\S+)\n", source)
        found.append(Mistake(solution, title, named[1] if named else before, source))
    return found


def known(master: Master, place: Place, limits: Limits) -> dict[str, list[Known]]:
    """What each mistake answers, by the id of the task's solution. One that ends its sandbox is not told."""
    todo, found = mistakes(master.wrong), {}
    checks = {cell.id.removesuffix("-check"): cell.source for cell in master.of("check")}
    own = {cell.id: cell.source for cell in master.of("solution")}
    for each in todo:
        _require_sense(each, f"wrong/{master.name}.py", [id for id in checks if id in own])
    while todo:
        with Sandbox(place, limits, limits.cell * len(todo) * 2) as sandbox:
            sandbox.wait_until_ready()
            for cell in master.of("given", "solution"):
                sandbox.ask(cell.source, cell.run)
            try:
                while todo:
                    now = todo.pop(0)
                    sandbox.ask(now.source, "all")
                    *replies, _ = sandbox.ask(checks[now.solution], "check")
                    found.setdefault(now.solution, []).append(Known(now, {each["label"]: each for each in replies}))
                    sandbox.ask(own[now.solution], "all")
            except Lost:
                continue
    return found


def _require_sense(mistake: Mistake, file: str, tasks: list[str]) -> None:
    """Broken if a mistake is of no task, or tells of an equation that is none."""
    if mistake.solution not in tasks:
        raise Broken(f"{file}: {mistake.solution!r} is no task with a check; the tasks are {', '.join(tasks)}")
    try:
        if mistake.see:
            equation(mistake.see)
    except KeyError:
        raise Broken(f"{file}, {mistake.title}: no chapter has an equation with the label {mistake.see}") from None


@functools.cache
def equation(label: str) -> dict[str, str]:
    """Where an equation stands, {number, section, chapter, page}, by its label in the book; KeyError if there is none."""
    for file in sorted(CHAPTERS.glob("*.ipynb")):
        chapter = section = ""
        for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] != "markdown":
                continue
            lines = "".join(cell["source"]).splitlines()
            for i, line in enumerate(lines):
                if line.startswith("# "):
                    chapter = section = line[2:]
                elif line.startswith("#"):
                    section = line.lstrip("# ")
                elif line.strip() == f"({label})=":
                    number = re.search(r"\\tag\{(.+?)\}", "".join(lines[i:]))
                    page = f"chapters/{file.stem}.html#{label}"
                    return {"number": number[1] if number else "", "section": section, "chapter": chapter, "page": page}
    raise KeyError(f"no chapter has an equation with the label {label}")


def why(
    replies: list[dict], standard: Standard, wrong: dict[str, str], mistakes: Iterable[Known], source: str
) -> tuple[str, dict[str, str], str]:
    """Of a task that ran and is not right: the place of the sentence, what is put into it, and the label of an equation."""
    mine = {reply["label"]: reply for reply in replies if isinstance(reply.get("label"), str)}
    for known in mistakes:
        if mine.keys() == known.replies.keys() and all(
            alike(mine[label], known.replies[label], right.rtol) for label, right in standard.answers.items()
        ):
            return "mistake", {"mistake": known.mistake.title}, known.mistake.see
    pairs = [(mine[label].get("value"), standard.answers[label].value) for label in wrong if label in mine]
    values = [value for value, _ in pairs]
    if values and all(
        value is None and wrong[label] in ("a wrong value", "TypeError") for value, label in zip(values, wrong)
    ):
        if "a wrong value" in wrong.values():
            return ("printed" if re.search(r"\bprint\s*\(", source) else "nothing"), {}, ""
    if wrong and all(how == "a wrong value" for how in wrong.values()):
        if all(check.same(value, right, CLOSE) for value, right in pairs):
            return ("single" if all(single(number) for v in values for number in numbers(v)) else "rounded"), {}, ""
        if all(_same_numbers(value, right) for value, right in pairs):
            return "shape", {}, ""
    promises = [part for part in standard.parts if part.promise and any(label in wrong for label in part.labels)]
    if wrong.keys() <= {label for part in promises for label in part.labels}:
        return "promise", {"promises": "; ".join(part.title for part in promises)}, ""
    first = next(iter(wrong.values()))
    if first in check.TOLD:
        return "error", {"error": first}, ""
    return "wrong", {}, ""


def put_back(source: str, ran: Iterable[str], skipped: Iterable[str], in_part: Iterable[str]) -> list[str]:
    """The names that a solution needs and that are set only in cells which are put back or not run, or, in cells that are
    run in part, in a loop or another block."""
    own = "\n".join(line.strip() for line in source.splitlines())  # what its functions set, within them
    there, lost = (
        {name for each in cells for line in BINDS.findall(each) for name in NAME.findall(line)}
        for cells in ([*ran, own], [*skipped, *map(_blocks, in_part)])
    )
    arguments = {name for line in ARGUMENTS.findall(source) for name in NAME.findall(line)}
    return sorted(set(NAME.findall(source)) & lost - there - arguments - {"def", "class"})


def _blocks(cell: str) -> str:
    """The lines of a cell that stand in a block which is no function and no class, each for itself."""
    lines, within = [], False
    for line in cell.splitlines():
        if line[:1].strip():
            within = not line.startswith(("def ", "class ", "async ", "@"))
            line = re.sub(r"^for (.+?) in .*", r" \1 =", line)
        if within and line[:1] == " ":
            lines.append(line.strip())
    return "\n".join(lines)


def alike(mine: dict, theirs: dict, rtol: float) -> bool:
    """Whether two replies are the same answer, or the same kind of error."""
    if "value" in theirs:
        return "value" in mine and check.same(mine["value"], theirs["value"], rtol)
    return "value" not in mine and check.kind_of(mine.get("error")) == check.kind_of(theirs.get("error"))


def numbers(value: Any) -> list[float]:
    """The numbers of an answer, in their order."""
    if isinstance(value, list):
        return [number for part in value for number in numbers(part)]
    return [value] if check.is_number(value) else []


def single(number: float) -> bool:
    """Whether single precision holds it."""
    try:
        return struct.unpack("f", struct.pack("f", number))[0] == number
    except OverflowError:
        return False


def _same_numbers(value: Any, right: Any) -> bool:
    mine, theirs = numbers(value), numbers(right)
    return bool(theirs) and len(mine) == len(theirs) and all(check.same(*pair, 1e-6) for pair in zip(mine, theirs))
