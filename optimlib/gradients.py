"""Gradients as :func:`optimlib.descend` asks for them: tried on the first step, and always arrays like ``w``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from optimlib import checks


def function_of(gradient: Any) -> Callable:
    """A gradient, or that of a surface."""
    gradient = getattr(gradient, "grad", gradient)
    if not callable(gradient):
        raise TypeError(f"gradient must be a function of w, or a surface, got {gradient!r}")
    return gradient


def like(w: np.ndarray, dw: Any) -> np.ndarray:
    """A gradient as an array of the shape and precision of ``w``."""
    dw = checks.as_floats("dw", dw)
    if np.shape(dw) != w.shape:
        raise ValueError(f"dw must have the shape of w, {w.shape}, got {np.shape(dw)}")
    return np.asarray(dw, w.dtype)


def for_a_grid(gradient: Callable, start: np.ndarray, grid: tuple[int, ...]) -> Callable:
    """The gradient for all runs at once, as long as it gives in the first step what it gives for one run alone.

    One that does not know of grids, whose axes follow those of ``w``, is called run by run. One that gives other numbers
    each time (it is asked for two more of them then), as with mini-batches, is judged by its shape only, and so is one that is written for grids alone.
    """

    asked: Callable | None = gradient if getattr(gradient, "by_chance", False) else None  # from `noisy`

    def run_by_run(w: np.ndarray) -> np.ndarray:
        dw = np.empty_like(w)
        for place in np.ndindex(grid):
            run = w[(..., *place)]
            dw[(..., *place)] = like(run, gradient(np.array(run)))
        return dw

    def tried(w: np.ndarray) -> np.ndarray:
        nonlocal asked
        asked = gradient
        dw = _attempt(gradient, w)
        alone = _attempt(gradient, start)
        if alone is None:  # written for this grid; or wrong for both, which is told
            return like(w, gradient(w.copy())) if dw is None else dw
        if dw is None or not _equal(dw, alone) and np.array_equal(alone, _attempt(gradient, start), equal_nan=True):
            asked = run_by_run
            return run_by_run(w)
        return dw

    return lambda w: asked(w) if asked else tried(w)


def _attempt(gradient: Callable, w: np.ndarray) -> Any:
    """What the gradient gives at ``w``, None if it does not give what is like it."""
    try:
        return np.array(like(w, gradient(w.copy())))
    except Exception:  # a gradient of one's own may raise anything
        return None


def _equal(dw: np.ndarray, one: np.ndarray) -> bool:
    """Whether the gradient of every run is that one, but for rounding."""
    near = np.sqrt(np.finfo(one.dtype).eps)
    spread = one.reshape(*one.shape, *[1] * (dw.ndim - one.ndim))
    return bool(np.isclose(dw, spread, near, near * np.abs(one).max(initial=0), equal_nan=True).all())
