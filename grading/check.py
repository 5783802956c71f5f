"""The run of one submission: which cells, in which order; and its score, decided here, outside the sandbox."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from grading.masters import Broken, Cell, Master
from grading.notebooks import Written
from grading.sandbox import Limits, Lost, Place, Sandbox

ROUNDING = 1e-12  # two numbers closer than this are equal whatever they are: 0 and what is left of 1 - 1
# The errors that students really meet. Each name more is a letter more in which a hidden check could be told.
TOLD = frozenset(
    {
        "AttributeError",
        "IndexError",
        "KeyError",
        "NameError",
        "NotImplementedError",
        "RecursionError",
        "TypeError",
        "UnboundLocalError",
        "ValueError",
        "ZeroDivisionError",
    }
)
OUT_OF_TIME = "it was not run: the time for the whole notebook was used up"


@dataclass
class Run:
    """What happened: replies to each check, and why cells and checks did not end well."""

    replies: dict[str, list[dict]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)  # by grade_id; cells without one tell nobody
    lost: dict[str, str] = field(default_factory=dict)


def plan(master: Master, cells: Iterable[Written]) -> list[Cell | Written]:
    """The cells to run before the checks: the student's in the student's order, the given ones as given.

    A given cell that is missing comes back behind the one it followed. Checks and tries are left
    out, by their names in the master: what the student's copy says they are does not count.
    """
    known = {cell.id: cell for cell in master.of("given")}
    given = set(known)
    left_out = {cell.id for cell in master.of("try", "check", "question")}
    kept = [cell for cell in cells if cell.id not in left_out and (cell.source.strip() or cell.id in given)]
    there = {cell.id for cell in kept}
    behind: dict[str, list[Cell]] = {}  # what is missing, by the cell that it follows; "" is the start
    last = ""
    for cell in master.of("given", "solution"):
        if cell.id in there:
            last = cell.id
        elif cell.id in given:
            behind.setdefault(last, []).append(cell)
    run = behind.pop("", [])
    for cell in kept:
        if cell.id not in given:
            run.append(cell)
        elif again := known.pop(cell.id, None):  # once, and as it was given
            run.append(again)
        run += behind.pop(cell.id, ())
    return run


def run(master: Master, cells: Iterable[Written], place: Place, limits: Limits) -> Run:
    """Run a submission. A cell that ends its sandbox is left out of the next one, and so costs its own task only."""
    todo, checks, outcome, left = plan(master, cells), master.of("check"), Run(), limits.submission
    while checks:
        now = checks[0]
        with Sandbox(place, limits, left) as sandbox:
            sandbox.wait_until_ready()
            try:
                for now in todo:
                    error = sandbox.ask(now.source, check=False)[-1].get("error")
                    outcome.errors[now.id] = told(error) if error else ""
                for now in list(checks):
                    outcome.replies[now.id] = sandbox.ask(now.source, check=True)
                    checks.remove(now)
            except Lost as lost:
                outcome.lost[now.id] = str(lost)
                todo = [cell for cell in todo if cell is not now]
                checks = [check for check in checks if check is not now]
            left -= sandbox.used().all
        if left <= 0:
            outcome.lost.update((check.id, OUT_OF_TIME) for check in checks)
            break
    return outcome


def told(error: Any) -> str:
    """An error in a student's own cell. Nothing secret has been in that sandbox when it is told."""
    kind, words = error if isinstance(error, list) and len(error) == 2 else ("", "")
    return f"{shown(kind, 60)}: {shown(words, 300)}".removesuffix(": ")


def kind_of(error: Any) -> str:
    """Of an error in a check the kind only, and only one of a few: the rest could spell out the check, and so could the choice."""
    name = error[0] if isinstance(error, list) and error and isinstance(error[0], str) else ""
    return name if name in TOLD else "an error"


def shown(words: Any, most: int) -> str:
    """A student's words on one line, printable, of bounded length."""
    return "".join(c if c.isprintable() else " " for c in str(words)[:most]).strip()


def expected(master: Master, place: Place, limits: Limits) -> dict[str, dict[str, tuple[Any, float]]]:
    """What each check must answer, {check: {label: (value, rtol)}}, by the master's own solutions.

    Broken if a cell of the master fails, a check asks nothing, or asks twice under one label.
    """
    own = Sandbox(place, limits, math.inf)
    with own:
        own.wait_until_ready()
        answers: dict[str, dict[str, tuple[Any, float]]] = {}
        for cell in master.of("given", "solution", "try") + master.of("check"):
            where = f"{master.name}.md, cell {cell.id}"
            try:
                *replies, done = own.ask(cell.source, check=cell.kind == "check")
            except Lost as lost:
                raise Broken(f"{where}: {lost}") from None
            for reply in [*replies, done]:
                if reply.get("error"):
                    asked = f"{reply['label']}: " if "label" in reply else ""
                    raise Broken(f"{where}: {asked}{told(reply['error'])}")
            labels = [reply["label"] for reply in replies]
            if cell.kind == "check":
                if not labels or len(set(labels)) < len(labels):
                    raise Broken(f"{where}: it must ask, and never twice under one label; it asks {labels}")
                answers[cell.id] = {reply["label"]: (reply["value"], reply["rtol"]) for reply in replies}
    return answers


def wrong(replies: list[dict], answers: dict[str, tuple[Any, float]]) -> dict[str, str]:
    """What was asked and not answered right, and how it failed, in the order of asking."""
    found: dict[str, str] = {}
    for label, (value, rtol) in answers.items():
        mine = [reply for reply in replies if reply.get("label") == label]
        if len(mine) != 1:
            found[label] = "no answer" if not mine else "more than one answer"
        elif "value" not in mine[0]:
            found[label] = kind_of(mine[0].get("error"))
        elif not same(mine[0]["value"], value, rtol):
            found[label] = "a wrong value"
    return found


def same(value: Any, wanted: Any, rtol: float) -> bool:
    """Whether an answer is the one wanted: the same form, numbers to within rtol, everything else equal."""
    if isinstance(wanted, dict):
        return (
            isinstance(value, dict)
            and value.keys() == wanted.keys()
            and all(same(value[key], wanted[key], rtol) for key in wanted)
        )
    if isinstance(wanted, list):
        return (
            isinstance(value, list)
            and len(value) == len(wanted)
            and all(same(*pair, rtol) for pair in zip(value, wanted))
        )
    if not is_number(wanted):
        return type(value) is type(wanted) and value == wanted
    if not is_number(value):
        return False
    try:
        value, wanted = float(value), float(wanted)
    except OverflowError:  # a whole number beyond every float
        return value == wanted
    return math.isclose(value, wanted, rel_tol=rtol, abs_tol=ROUNDING) or (value != value and wanted != wanted)


def is_number(x: Any) -> bool:
    return isinstance(x, int | float) and not isinstance(x, bool)
