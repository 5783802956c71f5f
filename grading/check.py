"""The run of one submission: which cells, in which order; and its score, decided here, outside the sandbox."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterable
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


@dataclass(frozen=True)
class Step:
    """A cell of a submission, and what of it is to be run, as `Sandbox.ask` is told."""

    id: str
    source: str
    run: str


@dataclass
class Run:
    """What happened: replies to each check, and why cells and checks did not end well (places of sentences, see Lost)."""

    replies: dict[str, list[dict]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)  # by grade_id; cells without one tell nobody
    lost: dict[str, tuple[str, dict]] = field(default_factory=dict)
    # Of the student's own cells: the first lines of those that ended a sandbox, or were run in part; and those that are no Python.
    left_out: list[str] = field(default_factory=list)
    in_part: list[str] = field(default_factory=list)
    no_code: set[str] = field(default_factory=set)


def plan(master: Master, cells: Iterable[Written]) -> list[Step]:
    """What to run before the checks: the student's cells in the student's order, the given ones as given.

    A given cell that is missing comes back behind the one it followed. Checks and tries are left
    out, by their names in the master: what the student's copy says they are does not count. Of a given cell or
    a try that was changed, what it imports stays. Of the student's own cells come the definitions, and no experiments.
    """
    known = {cell.id: cell for cell in master.of("given")}
    given, solutions = set(known), {cell.id for cell in master.of("solution")}
    tries = {cell.id for cell in master.of("try")}
    left_out = {cell.id for cell in master.of("check", "question")}
    kept = [cell for cell in cells if cell.id not in left_out and (cell.source.strip() or cell.id in given)]
    there = {cell.id for cell in kept}
    behind: dict[str, list[Step]] = {}  # what is missing, by the cell that it follows; "" is the start
    last = ""
    for cell in master.of("given", "solution"):
        if cell.id in there:
            last = cell.id
        elif cell.id in given:
            behind.setdefault(last, []).append(Step(cell.id, cell.source, "given"))
    run = behind.pop("", [])
    for cell in kept:
        if cell.id in solutions:
            run.append(Step(cell.id, cell.source, "all"))
        elif cell.id not in given:
            run.append(Step(cell.id, cell.source, "imports" if cell.id in tries else "definitions"))
        elif again := known.pop(cell.id, None):  # once, and as it was given
            run.append(Step(cell.id, again.source, "given"))
            if cell.source != again.source:
                run.append(Step(cell.id, cell.source, "imports"))
        run += behind.pop(cell.id, ())
    return run


def run(master: Master, cells: Iterable[Written], place: Place, limits: Limits) -> Run:
    """Run a submission. A cell that ends its sandbox is left out of the next one, and so costs its own task only."""
    todo, checks, outcome, left = plan(master, cells), master.of("check"), Run(), limits.submission
    wanted = used_names(todo)
    told_before: set[Step] = set()  # in a sandbox that has ended
    while checks:
        now: Step | Cell = checks[0]
        with Sandbox(place, limits, left) as sandbox:
            sandbox.wait_until_ready()
            try:
                for now in todo:
                    done = sandbox.ask(now.source, now.run, wanted.get(now.run, ()))[-1]
                    error = done.get("error")
                    if now.run in ("all", "given"):
                        outcome.errors[now.id] = told(error) if error else ""
                    elif now.run == "definitions" and now not in told_before:
                        told_before.add(now)
                        if told(error).startswith(("SyntaxError", "IndentationError")):
                            outcome.no_code.add(now.source)
                        elif done.get("skipped"):
                            outcome.in_part.append(first_line(now.source))
                for now in list(checks):
                    outcome.replies[now.id] = sandbox.ask(now.source, now.run)
                    checks.remove(now)
            except Lost as lost:
                if now.run in ("definitions", "imports"):
                    outcome.left_out.append(first_line(now.source))
                else:
                    outcome.lost[now.id] = lost.why
                todo = [cell for cell in todo if cell is not now]
                checks = [check for check in checks if check is not now]
            left -= sandbox.used().all
        if left <= 0:
            outcome.lost.update((check.id, ("lost.not_run", {})) for check in checks)
            break
    return outcome


NAME = re.compile(r"[^\W\d]\w*")
INSIDE = re.compile(r"^(?:[ \t]+|def |class |@).*", re.MULTILINE)


def used_names(steps: Iterable[Step]) -> dict[str, set[str]]:
    """By what is run of a step which names are wanted: of definitions the names in the solutions, and within what the student's
    own cells define; of imports those outside of it, too. (Nothing of a student's is parsed here.)"""
    inside: set[str] = set()
    everywhere: set[str] = set()
    for step in steps:
        if step.run in ("all", "definitions"):
            everywhere.update(NAME.findall(step.source))
            lines = [step.source] if step.run == "all" else INSIDE.findall(step.source)
            inside.update(name for line in lines for name in NAME.findall(line))
    return {"definitions": inside, "imports": everywhere}


def told(error: Any) -> str:
    """An error in a student's own cell. Nothing secret has been in that sandbox when it is told."""
    kind, words = error if isinstance(error, list) and len(error) == 2 else ("", "")
    return f"{shown(kind, 60)}: {shown(words, 300)}".removesuffix(": ")


def kind_of(error: Any) -> str:
    """Of an error in a check the kind only, and only one of a few: the rest could spell out the check, and so could the choice."""
    name = error[0] if isinstance(error, list) and error and isinstance(error[0], str) else ""
    return name if name in TOLD else "an error"


def first_line(source: str) -> str:
    return shown(source.strip().partition("\n")[0], 60)


def shown(words: Any, most: int) -> str:
    """A student's words on one line, printable, of bounded length."""
    return "".join(c if c.isprintable() else " " for c in str(words)[:most]).strip()


@dataclass(frozen=True)
class Right:
    """The right answer to what is asked under one label, and how close it must be met."""

    value: Any
    rtol: float


@dataclass(frozen=True)
class Part:
    """A share of the points of a check, for all of its labels. A promise counts only where the values before it are right."""

    title: str
    points: float
    promise: bool
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Standard:
    """What a check must be answered, by label, and what its parts are worth."""

    answers: dict[str, Right]
    parts: tuple[Part, ...]

    def points(self, wrong: Container[str]) -> dict[str, float]:
        """The points of each part, by its title."""
        earned, standing = {}, False
        for part in self.parts:
            whole = not any(label in wrong for label in part.labels)
            if not part.promise:
                standing = whole
            earned[part.title] = part.points if whole and standing else 0.0
        return earned


def expected(master: Master, place: Place, limits: Limits) -> dict[str, Standard]:
    """What each check must answer, by the master's own solutions.

    Broken if a cell of the master fails, a check asks nothing, asks twice under one label, or gives away more than its points.
    """
    own = Sandbox(place, limits, math.inf)
    with own:
        own.wait_until_ready()
        standards: dict[str, Standard] = {}
        for cell in master.of("given", "solution", "try") + master.of("check"):
            where = f"{master.name}.md, cell {cell.id}"
            try:
                *replies, done = own.ask(cell.source, cell.run)
            except Lost as lost:
                raise Broken(f"{where}: {lost}") from None
            for reply in [*replies, done]:
                if reply.get("error"):
                    asked = f"{reply['label']}: " if "label" in reply else ""
                    raise Broken(f"{where}: {asked}{told(reply['error'])}")
            if cell.kind == "check":
                standards[cell.id] = standard(replies, cell.points, where)
    return standards


def standard(replies: list[dict], points: float, where: str) -> Standard:
    """What the master's own replies to a check ask of everyone."""
    labels = [reply["label"] for reply in replies]
    if not labels or len(set(labels)) < len(labels):
        raise Broken(f"{where}: it must ask, and never twice under one label; it asks {labels}")
    of_part: dict[tuple, list[str]] = {}
    for reply in replies:
        of_part.setdefault(tuple(reply["part"] or ("", None, False)), []).append(reply["label"])
    rest = points - sum(share or 0 for _, share, _ in of_part)
    parts = tuple(
        Part(title, rest if share is None else share, promise, tuple(labels))
        for (title, share, promise), labels in of_part.items()
    )
    if parts[0].promise or not all(part.points > 0 for part in parts) or sum(part.points for part in parts) != points:
        raise Broken(f"{where}: values come first, and its parts must share {points:g} points; they are {parts}")
    return Standard({reply["label"]: Right(reply["value"], reply["rtol"]) for reply in replies}, parts)


def wrong(replies: list[dict], answers: dict[str, Right]) -> dict[str, str]:
    """What was asked and not answered right, and how it failed, in the order of asking."""
    found: dict[str, str] = {}
    for label, right in answers.items():
        mine = [reply for reply in replies if reply.get("label") == label]
        if len(mine) != 1:
            found[label] = "no answer" if not mine else "more than one answer"
        elif "value" not in mine[0]:
            found[label] = kind_of(mine[0].get("error"))
        elif not same(mine[0]["value"], right.value, right.rtol):
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
