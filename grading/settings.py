"""What a lecturer may decide of a course, in ``course.toml`` beside the masters; nothing of it is needed.

pass = 0.5                      # share of all points
[late]
per_day = 0.1                   # share of its points that a late hand-in loses, for each day begun
most = 0.5
[weights]
4-adam = 2
[due]
4-adam = 2026-11-30T23:59:00
[extensions."Anna Berg"]
4-adam = 2026-12-03T23:59:00
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from grading.masters import Broken

NAME = "course.toml"


@dataclass(frozen=True)
class Settings:
    """As in course.toml; times are those of this machine."""

    passed: float | None = None
    per_day: float = 0
    most: float = 1
    weights: dict[str, float] = field(default_factory=dict)
    due: dict[str, datetime] = field(default_factory=dict)
    extensions: dict[str, dict[str, datetime]] = field(default_factory=dict)

    def late(self, student: str, assignment: str, time: str, flagged: bool) -> tuple[str, float]:
        """How late a hand-in was, in words, and the share of its points that this costs."""
        due = self.extensions.get(student, {}).get(assignment) or self.due.get(assignment)
        if not due or not time:
            return ("late" if flagged and assignment not in self.extensions.get(student, {}) else ""), 0.0
        by = datetime.fromisoformat(time) - due
        if by <= timedelta():
            return "", 0.0
        days = math.ceil(by / timedelta(days=1))
        hours, minutes = divmod(int(by.total_seconds()) // 60, 60)
        words = f"{days} days" if days > 1 else f"{hours} h {minutes} min"
        return f"late by {words}", min(self.most, self.per_day * days)


def read(course: Path, assignments: Collection[str]) -> Settings:
    """The settings of a course; Broken if something in them is none, or of no assignment."""
    try:
        said = tomllib.loads((course / NAME).read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Settings()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Broken(f"{NAME} cannot be read: {error}") from None
    _only(said, ("pass", "late", "weights", "due", "extensions"), "settings are")
    late = _table(said, "late")
    _only(late, ("per_day", "most"), "settings of late are")
    extensions = {}
    for student in _table(said, "extensions"):
        extensions[student] = _times(_table(said["extensions"], student), assignments)
    weights = _table(said, "weights")
    _only(weights, assignments, "assignments are")
    return Settings(
        _number(said["pass"], "pass", 1) if "pass" in said else None,
        _number(late.get("per_day", 0), "late.per_day", 1),
        _number(late.get("most", 1), "late.most", 1),
        {name: _number(weight, f"weights.{name}", math.inf) for name, weight in weights.items()},
        _times(_table(said, "due"), assignments),
        extensions,
    )


def _table(said: dict, name: str) -> dict:
    if not isinstance(table := said.get(name, {}), dict):
        raise Broken(f"{NAME}: {name} is {table!r}; it must be a table, [{name}]")
    return table


def _only(said: dict, names: Collection[str], what: str) -> None:
    if strange := sorted(set(said) - set(names)):
        raise Broken(f"{NAME}: {strange[0]} is not known here; the {what} {', '.join(names)}")


def _number(value, name: str, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise Broken(f"{NAME}: {name} is {value!r}; it must be a number from 0 to {most:g}")
    return float(value)


def _times(table: dict, assignments: Collection[str]) -> dict[str, datetime]:
    _only(table, assignments, "assignments are")
    return {name: _time(value, name) for name, value in table.items()}


def _time(value, name: str) -> datetime:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, 23, 59, 59)
    if not isinstance(value, datetime):
        raise Broken(f"{NAME}: the time for {name} is {value!r}; it must be as 2026-11-30T23:59:00")
    return value.astimezone().replace(tzinfo=None) if value.tzinfo else value
