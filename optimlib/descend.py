"""Run a rule along a gradient and keep the path."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from optimlib import checks, rules
from optimlib.divergence import Watch
from optimlib.flat import Flat
from optimlib.gradients import for_a_grid, function_of, like
from optimlib.path import Path
from optimlib.steps import ewma
from optimlib.translate.in_place import in_place

LOOK = 4096  # how many new numbers to collect before looking whether any run is still finite


def descend(rule: Callable | str, gradient: Any, start: Any, steps: int, **hyper: Any) -> Path:
    """Take ``steps`` steps of ``rule`` from ``start`` down ``gradient`` and return the :class:`Path`.

    ``rule`` is one of the list, its name, or one of your own: ``rule(w, dw, memory, **hyper)`` returns the new w and
    memory. ``start`` is a number, an array or a ``{name: array}`` dictionary, and ``gradient`` returns the same, or is a
    surface. All is computed in the precision of ``start``, single or double. Nothing passed in is changed.

    A hyper-parameter given as an array makes a grid: each of its entries is a run of its own, and the axes of the grid
    follow those of ``start``, in what the gradient gets as well. So it is in a rule called directly: there ``w`` must have
    axes of its own before those of the grid, or the call, which might mean a value for each entry of ``w``, is refused.
    A gradient that gives something else for a grid than for one run is called run by run; to see which it is, two runs
    are asked for alone where they first part. One that draws numbers or reads batches says so,
    ``gradient.stochastic = True``: it is called once in each step, for all runs. A hyper-parameter given as a function is
    asked for its value in each step: ``lr=lambda t: 0.1 / t``, with t from 1 on.

    The rules of the list that work entry by entry run as one loop in place (:mod:`optimlib.translate.in_place`).

    Raises TypeError or ValueError for input that cannot be run, and for a gradient that gives nan or is too large to be
    squared. A run that diverges is no error: ``Path.diverged`` says at which step.
    """
    rule, hyper = _unwrapped(rule, hyper)
    gradient, steps = function_of(gradient), checks.as_count("steps", steps)
    ours = rules.entry(rule)
    if isinstance(start, Mapping):
        if ours and not ours.entrywise:
            raise checks.whole_matrix(rule, "a dictionary cannot be laid flat for it")
        row = Flat(start)
        run = descend(rule, row.gradient(gradient), row.start, steps, **hyper)
        return Path(row.named(run.positions, axis=1), run.diverged)
    checks.check_known(rule, hyper)
    hyper = {name: _scheduled(name, x) if callable(x) else checks.plain(x) for name, x in hyper.items()}
    first = {name: x(1) if callable(x) else x for name, x in hyper.items()}
    rules.check_hyper(**first)
    grid = checks.common_shape(first)
    if ours and not ours.entrywise:
        checks.check_matrices(rule, start, first)

    path = _path(start, grid, steps)
    rules.check_precision(path.dtype, first)
    if grid:
        gradient = for_a_grid(gradient, grid)
    watch, look = Watch(path, grid), max(1, LOOK // max(1, path[0].size))
    memory: Sequence[np.ndarray] = ()
    with (
        np.errstate(all="ignore"),
        checks.running(),
        checks.to_the_end(steps),
        checks.entry_by_entry("rule and gradient"),
    ):  # what overflows is reported as divergence
        for seen, memory in _walk_of(rule, hyper)(path, look, gradient, lambda dw, w: like(w, dw), **hyper):  # noqa: B007
            if not watch.look(seen):
                break
        diverged = watch.lost()
    _refuse_nan(path, diverged)
    _refuse_overflow(path[: watch.seen + 1], memory, diverged, gradient)
    if not grid:
        return Path(path[: int(diverged) or None], int(diverged))
    time = np.arange(steps + 1).reshape(-1, *[1] * (path.ndim - 1))
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


def _unwrapped(rule: Any, hyper: dict[str, Any]) -> tuple[Callable, dict[str, Any]]:
    """A rule, or that of a name, and its keywords with those that a partial holds."""
    if isinstance(rule, str):
        if rule not in rules.RULES:
            raise ValueError(f"rule must be one of {', '.join(rules.RULES)}, or a function, got {rule!r}")
        rule = rules.RULES[rule].guarded
    if not callable(rule):
        raise TypeError(f"rule must be a function or the name of one, got {rule!r}")
    while isinstance(rule, partial):
        if rule.args:
            raise TypeError(f"a partial rule may hold keywords only: {rule.args} would stand for w, dw or memory")
        rule, hyper = rule.func, rule.keywords | hyper
    return rule, hyper


def _scheduled(name: str, given: Callable) -> Callable[[int], Any]:
    """A hyper-parameter as a function of the step, looked at in each."""
    shape = np.shape(given(1))

    def at(t: int) -> Any:
        value = checks.plain(given(t))
        rules.check_hyper(**{name: value})
        if np.shape(value) != shape:
            raise ValueError(f"{name} must keep the shape of step 1, {shape}, got {np.shape(value)} in step {t}")
        return value

    return at


def _path(start: Any, grid: tuple[int, ...], steps: int) -> np.ndarray:
    """Room for the path of every run, with the start in its first row."""
    one = checks.as_start("start", start)
    path = np.empty((steps + 1, *one.shape, *grid), one.dtype.type)
    path[0] = one.reshape(one.shape + (1,) * len(grid))
    return path


def _walk_of(rule: Callable, hyper: Mapping[str, Any]) -> Callable[..., Iterator]:
    ours = rules.entry(rule)
    if ours and ours.entrywise:
        return in_place(ours.equation, frozenset(name for name, x in hyper.items() if callable(x))).walk
    return partial(_walk, ours.equation if ours else rule)


def _walk(rule: Callable, path: np.ndarray, look: int, gradient: Callable, look_at: Callable, **hyper: Any) -> Iterator:
    """The plain loop, for a rule of any kind. It gets copies, which it may keep."""
    memory: list = []
    begins = _first_memory(rule)
    for step in range(1, len(path)):
        before = path[step - 1, ...]
        dw = look_at(gradient(before.copy()), before)
        settings = {name: x(step) if callable(x) else x for name, x in hyper.items()}
        settings = {n: x.astype(path.dtype) if isinstance(x, np.ndarray) else x for n, x in settings.items()}
        new = rule(before.copy(), dw.copy(), *memory, **settings)
        if step == 1:
            _check_step(rule, new, before, begins)
        path[step], *memory = new
        if step % look == 0 or step == len(path) - 1:
            yield step, ()


def _first_memory(rule: Callable) -> Any:
    """What a rule remembers before its first step; None if it takes no memory, which the first step tells."""
    for memory in [*inspect.signature(rule).parameters.values()][2:3]:
        if memory.default is memory.empty and memory.kind is memory.POSITIONAL_OR_KEYWORD:
            raise TypeError(f"{_name(rule)} must say what its {memory} is before the first step, as in {memory}=(0.0,)")
        return memory.default
    return None


def _name(rule: Callable) -> str:
    return getattr(rule, "__name__", "this rule")


def _check_step(rule: Callable, new: Any, w: np.ndarray, begins: Any) -> None:
    """Raise unless a rule of one's own returned a new w and a memory of the kind that it begins with."""
    whose = _name(rule)
    if not (isinstance(new, tuple) and len(new) == 2):
        raise TypeError(f"{whose} must return the new w and its memory, (w, memory), got {new!r}")
    if np.shape(new[0]) != w.shape:
        raise ValueError(f"{whose} must return a w of the shape {w.shape}, got the shape {np.shape(new[0])}")
    if isinstance(begins, tuple) and not isinstance(new[1], tuple):
        raise TypeError(f"{whose} must return its memory as a tuple, as it begins with {begins}, got {new[1]!r}")
    try:
        inspect.signature(rule).bind_partial(w, w, new[1])
    except TypeError:
        raise TypeError(f"{whose} must take its memory after w and dw, as in memory=(0.0,)") from None


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


def _refuse_overflow(path: np.ndarray, memory: Sequence[np.ndarray], diverged: np.ndarray, gradient: Callable) -> None:
    """A run whose memory is infinite, and which is not lost itself, stands still for ever: its gradient was too large."""
    own = tuple(range(path.ndim - 1 - diverged.ndim))
    stuck = np.zeros(diverged.shape, bool)
    for value in memory:
        stuck |= ~np.isfinite(value).all(axis=own) & (diverged == 0)
    if stuck.any():
        limit = np.sqrt(np.finfo(path.dtype).max)
        raise ValueError(
            f"gradient must be small enough to be squared in {path.dtype}, up to {limit:.0e}: "
            f"{_too_large(path, stuck, limit, gradient)}"
        )


def _too_large(path: np.ndarray, stuck: np.ndarray, limit: float, gradient: Callable) -> str:
    """Which gradient was. It was not kept, so it is asked for again, along the path."""
    for step, w in enumerate(path[:-1], start=1):
        dw = like(w, gradient(w.copy()))
        large = (np.abs(dw) > limit).any(axis=tuple(range(w.ndim - stuck.ndim))) & stuck
        if large.any():
            return f"got {dw[..., large][..., 0]} in step {step}, from w = {w[..., large][..., 0]}"
    return f"the sum of squares is infinite by step {len(path) - 1}, at w = {path[-1][..., stuck][..., 0]}"
