"""Where the runs of a lab go: a surface and a start on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimlib import surfaces

STEEPEST = 4.0  # the larger curvature of every valley here


@dataclass(frozen=True)
class Ground:
    """A surface and a start. A word in place of a number is the name of the control that gives it.

    A bowl has the curvatures ``steepest`` and ``steepest / kappa``, is least at the first of its ``minima``, is turned by
    ``angle``, in degrees, and may turn the start with it. Where ``moved`` is true, the controls W and b say how far the
    reader has moved the start.
    """

    surface: str  # "bowl", "rosenbrock" or "saddle"
    start: tuple[float | str, float | str]
    minima: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    kappa: float | str | None = None  # of a bowl
    angle: float | str = 0.0
    steepest: float = STEEPEST
    turns_start: bool = False
    moved: bool = False

    def at(self, values: Mapping[str, Any]) -> tuple[surfaces.Surface, tuple[float, float]]:
        """The surface and the start where the controls have these values."""

        def given(x: Any) -> Any:
            return values[x] if isinstance(x, str) else x

        angle, start = np.radians(given(self.angle)), tuple(map(given, self.start))
        if self.turns_start:
            start = tuple(map(float, surfaces.turn(start, angle)))
        if self.moved:
            start = (start[0] + values["W"], start[1] + values["b"])
        if self.kappa is None:
            return getattr(surfaces, self.surface)(), start
        return surfaces.bowl((self.steepest / given(self.kappa), self.steepest), angle, self.minima[0]), start


def valley(
    kappa: float | str = 20.0,
    angle: float | str = 0.0,
    start: tuple = (-5.0, -2.0),
    *,
    turns_start: bool = False,
    moved: bool = False,
    minimum: tuple[float, float] = (0.0, 0.0),
) -> Ground:
    """A bowl, as most chapters have it."""
    return Ground("bowl", start, (minimum,), kappa=kappa, angle=angle, turns_start=turns_start, moved=moved)


ROSENBROCK = Ground("rosenbrock", (-1.0, 1.0), minima=((1.0, 1.0),), moved=True)
SADDLE = Ground("saddle", (-4.0, 0.01), minima=((0.0, 2.0), (0.0, -2.0)), moved=True)
