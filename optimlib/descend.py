"""Run a rule along a gradient and keep the path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from optimlib import checks, rules
from optimlib.divergence import Watch
from optimlib.path import Path
from optimlib.steps import ewma
from optimlib.translate.in_place import in_place

LOOK = 4096  # how many new numbers to collect before looking whether any run is still finite


def descend(rule: Callable, gradient: Callable, start: Any, steps: int, **hyper: Any) -> Path:
    """Take ``steps`` steps of ``rule`` from ``start`` down ``gradient`` and return the :class:`Path`.

    ``start`` is a number, an array or a ``{name: array}`` dictionary, and ``gradient`` returns
    the same. A hyper-parameter given as an array makes a grid: each of its entries is a run of
    its own, and the axes of the grid follow those of ``start``. Nothing passed in is changed.
    The rules of the list that work entry by entry run as one loop in place (:mod:`optimlib.translate.in_place`).

    Raises TypeError or ValueError for input that cannot be run, and for a gradient that gives
    nan. A run that diverges is no error: ``Path.diverged`` says at which step.
    """
    if isinstance(start, Mapping):
        return _descend_by_name(rule, gradient, start, steps, hyper)
    if isinstance(rule, partial):
        hyper = rule.keywords | hyper
        rule = rule.func
    checks.check_steps(steps)
    checks.check_known(rule, hyper)
    rules.check_hyper(**hyper)
    grid = checks.common_shape(hyper)
    ours = rules.entry(rule)
    if ours and not ours.entrywise:
        checks.check_matrices(rule, start, hyper)

    start = checks.as_floats("start", start)
    checks.check_finite("start", start)
    w = _spread(start, grid)
    path = np.empty((steps + 1, *w.shape), w.dtype)
    path[0] = w
    watch, look = Watch(path, grid), max(1, LOOK // max(1, w.size))
    with np.errstate(all="ignore"):  # what overflows is reported as divergence
        for seen in _walk_of(rule)(path, look, gradient, _look_at, **_plain(hyper)):
            if not watch.look(seen):
                break
        diverged = watch.lost()
    _refuse_nan(path, diverged)
    if not grid:
        return Path(path[: int(diverged) or None], int(diverged))
    time = np.arange(steps + 1).reshape(-1, *[1] * (w.ndim))
    np.copyto(path, np.nan, where=(diverged > 0) & (time >= diverged))
    return Path(path, diverged)


def smooth(data: Any, beta: Any) -> np.ndarray:
    """The moving average :func:`optimlib.ewma` after each entry of ``data``, from zero.

    ``beta`` may be an array: each of its entries is an average of its own, and the result has
    the shape ``(len(data), *beta.shape)``.
    """
    rules.check_hyper(beta=beta)
    data = np.asarray(checks.as_floats("data", data))
    if data.ndim != 1:
        raise ValueError(f"data must be one row of numbers, got the shape {data.shape}")
    checks.check_finite("data", data)
    beta = np.asarray(beta)
    v: Any = np.zeros(beta.shape)
    averages = np.empty((len(data), *beta.shape))
    for t, x in enumerate(data):
        averages[t] = v = ewma(v, x, beta)
    return averages


def _descend_by_name(rule, gradient, start, steps, hyper) -> Path:
    """The same with the entries of the dictionaries laid end to end: the rules work entry by entry."""
    ours = rules.entry(rule)
    if ours and not ours.entrywise:
        raise ValueError(
            f"{rule.__name__} works on a whole matrix, not entry by entry: a dictionary cannot be laid flat for it"
        )
    if not start:
        raise ValueError("start must have at least one entry, got {}")
    start = {name: np.asarray(w) for name, w in checks.all_floats("start", start).items()}
    for name, w in start.items():
        checks.check_finite(f"start[{name!r}]", w)
    shapes = {name: w.shape for name, w in start.items()}
    ends = np.cumsum([w.size for w in start.values()])[:-1]

    def named(flat, axis):
        parts = np.split(flat, ends, axis)
        before, after = flat.shape[:axis], flat.shape[axis + 1 :]
        return {name: part.reshape((*before, *shapes[name], *after)) for name, part in zip(shapes, parts)}

    def flat(arrays, grid=()):
        return np.concatenate([np.reshape(arrays[name], (-1, *grid)) for name in shapes])

    first = True

    def flat_gradient(w):
        nonlocal first
        w_named = named(w, axis=0)
        dw = checks.all_floats("dw", gradient(w_named))
        if first:
            checks.check_gradient(w_named, dw)
            first = False
        return flat(dw, w.shape[1:])

    path = descend(rule, flat_gradient, flat(start), steps, **hyper)
    return Path(named(path.w, axis=1), path.diverged)


def _plain(hyper: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers of NumPy as Python's, which take the precision of what they meet, and lists as arrays."""
    return {
        name: np.asarray(x) if np.ndim(x) else x.item() if isinstance(x, np.generic) else x for name, x in hyper.items()
    }


def _look_at(dw: Any, w: np.ndarray) -> np.ndarray:
    """A gradient as an array like ``w``."""
    dw = np.asarray(checks.as_floats("dw", dw), w.dtype)
    checks.check_gradient(w, dw)
    return dw


def _walk_of(rule: Callable) -> Callable[..., Iterator[int]]:
    ours = rules.entry(rule)
    if ours and ours.entrywise:
        return in_place(ours.equation).walk
    return partial(_walk, ours.equation if ours else rule)


def _walk(rule: Callable, path: np.ndarray, look: int, gradient: Callable, look_at: Callable, **hyper: Any) -> Iterator:
    """The plain loop, for a rule of any kind. It gets copies, which it may keep."""
    memory = ()
    for step in range(1, len(path)):
        before = path[step - 1, ...]
        dw = look_at(gradient(before.copy()), before)
        path[step], *memory = rule(before.copy(), dw.copy(), *memory, **hyper)
        if step % look == 0 or step == len(path) - 1:
            yield step


def _spread(w, grid) -> np.ndarray:
    """A copy of the start for every setting of the grid."""
    return np.array(np.broadcast_to(np.reshape(w, np.shape(w) + (1,) * len(grid)), np.shape(w) + grid))


def _refuse_nan(path, diverged) -> None:
    """A run lost in one step from a sound place to nan was given nan, and is no divergence."""
    for k in np.unique(diverged[diverged > 0]):
        wrong = (diverged == k) & np.isnan(path[k]).any(axis=tuple(range(path.ndim - 1 - diverged.ndim)))
        if wrong.any():
            w = path[k - 1][..., wrong][..., 0]
            raise ValueError(
                "gradient must be finite wherever it is asked, and not 0 where eps is 0: "
                f"got nan in step {k}, from w = {w}"
            )
