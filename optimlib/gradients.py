"""Gradients as :func:`optimlib.descend` asks for them: arrays like ``w``, for one run or for a grid of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from optimlib import checks

# Shares that count as the same gradient, and as one place still, in terms of a precision's eps.
ROUNDING, PARTED = (lambda eps: 1e3 * eps), np.cbrt


def function_of(gradient: Any) -> Callable:
    """A gradient, or that of a surface."""
    gradient = getattr(gradient, "grad", gradient)
    if not callable(gradient):
        raise TypeError(f"gradient must be a function of w, or a surface, got {gradient!r}")
    return gradient


def is_stochastic(gradient: Callable) -> bool:
    """Whether a gradient says that it gives other numbers each time, as :func:`optimlib.noisy` does."""
    return getattr(gradient, "stochastic", False)


def like(w: np.ndarray, dw: Any) -> np.ndarray:
    """A gradient as an array of the shape and precision of ``w``."""
    dw = checks.as_floats("dw", dw)
    if np.shape(dw) != w.shape:
        raise ValueError(f"dw must have the shape of w, {w.shape}, got {np.shape(dw)}")
    return np.asarray(dw, w.dtype)


def for_a_grid(gradient: Callable, grid: tuple[int, ...]) -> Callable:
    """The gradient for all runs at once where it gives what it gives for one run alone, else called run by run.

    While all runs stand at one place, it is asked for one of them. Where they have parted, it is asked for all, and for two
    of them alone: only there does it show whether the runs have to do with each other. One that cannot be asked for
    one run is written for this grid. One that gives two values at one place is no function of ``w`` and is refused: its
    calls cannot be spared, and run by run each run would get other numbers. One that says so itself is called once in
    each step, for all runs.
    """
    asked: Callable | None = gradient if is_stochastic(gradient) or 0 in grid else None

    def run_by_run(w: np.ndarray) -> np.ndarray:
        dw = np.empty_like(w)
        for place in np.ndindex(grid):
            run = w[(..., *place)]
            dw[(..., *place)] = like(run, gradient(np.array(run)))
        return dw

    def tried(w: np.ndarray) -> np.ndarray:
        nonlocal asked
        origin: tuple[Any, ...] = (..., *[0] * len(grid))
        first = w[origin]
        alone = _attempt(gradient, first)
        if alone is None:  # written for this grid; or wrong for both, which is told
            asked = gradient
            return like(w, gradient(w.copy()))
        if np.array_equal(w, _spread(first, w), equal_nan=True):
            return np.array(_spread(alone, w))
        dw, far = _attempt(gradient, w), (..., *_farthest(w, first, grid))
        same = dw is not None and _near(dw[origin], alone, ROUNDING)
        if not (same and _near(dw[far], _attempt(gradient, w[far]), ROUNDING)):
            _refuse_stochastic(gradient, first, alone)
            asked = run_by_run
            return run_by_run(w)
        if not _near(w, _spread(first, w), PARTED):
            asked = gradient
        return dw

    return lambda w: asked(w) if asked else tried(w)


def _attempt(gradient: Callable, w: np.ndarray) -> Any:
    """What the gradient gives at ``w``, None if it does not give what is like it."""
    try:
        return np.array(like(w, gradient(w.copy())))
    except Exception:  # a gradient of one's own may raise anything
        return None


def _refuse_stochastic(gradient: Callable, w: np.ndarray, dw: np.ndarray) -> None:
    again = _attempt(gradient, w)
    if again is None or not np.array_equal(dw, again, equal_nan=True):
        raise ValueError(
            f"gradient must be a function of w, for a grid of settings, and gave two values at w = {w}: if it draws numbers or "
            "reads batches, for all runs at once, say so by gradient.stochastic = True"
        )


def _spread(one: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The same for each run of the grid ``w``."""
    return np.broadcast_to(one.reshape(*one.shape, *[1] * (w.ndim - one.ndim)), w.shape)


def _farthest(w: np.ndarray, first: np.ndarray, grid: tuple[int, ...]) -> tuple[Any, ...]:
    """Which run is farthest from the first."""
    away = np.abs(w - _spread(first, w)).max(axis=tuple(range(first.ndim)))
    return np.unravel_index(away.argmax(), grid)


def _near(x: np.ndarray, y: Any, tolerance: Callable) -> bool:
    """Whether the numbers differ by no more than this share of the largest of them."""
    if y is None:
        return False
    most = tolerance(np.finfo(x.dtype).eps) * np.abs(y).max(initial=0)
    return bool((np.abs(x - y) <= most).all())
