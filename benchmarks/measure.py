"""Two things timed side by side in one run, so that a slow or a busy machine slows both alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

import numpy as np


def seconds(run: Callable[[], Any]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def side_by_side(ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int = 15) -> tuple[np.ndarray, np.ndarray]:
    """The seconds of both, taken in turns; the first round, in which things are loaded, does not count."""
    gc.collect()
    pairs = np.array([(seconds(ours), seconds(theirs)) for _ in range(rounds + 1)])[1:]
    return pairs[:, 0], pairs[:, 1]


def ratio(name: str, top: Callable, bottom: Callable, goal: str, rounds: int = 15) -> dict:
    """A row of the table: seconds of ``top`` over those of ``bottom``, as median and quartiles of the rounds."""
    over, under = side_by_side(top, bottom, rounds)
    return row(name, over / under, goal)


def row(name: str, values: Any, goal: str = "", unit: str = "times") -> dict:
    """A row of the table from all that was measured. ``goal`` is "<= 1.15", ">= 5" or "" for none."""
    low, median, high = map(float, np.percentile(values, (25, 50, 75)))
    met = {"<=": median <= float(goal[3:]), ">=": median >= float(goal[3:])}[goal[:2]] if goal else None
    return {"name": name, "median": median, "quartiles": [low, high], "unit": unit, "goal": goal, "met": met}
