"""What bad input is told: one sentence that names the argument, its value and what is allowed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from types import FunctionType
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Range:
    """The finite numbers that a keyword may have, in words and as from ``low`` to below ``high``."""

    words: str
    low: float
    high: float = np.inf
    low_too: bool = True  # whether ``low`` itself is allowed

    def holds(self, x: Any) -> Any:
        """Whether ``x`` lies within, entry by entry; nan does not."""
        return ((x >= self.low) if self.low_too else (x > self.low)) & (x < self.high)


def is_symbol(x: Any) -> bool:
    """Whether ``x`` is a SymPy expression: it has no value yet, or is to be computed exactly."""
    return hasattr(x, "free_symbols")


def plain(x: Any) -> Any:
    """A setting as a number of Python's, which takes the precision of what it meets, or as an array; a symbol or a word stays one."""
    if isinstance(x, Fraction | np.generic):
        return float(x) if isinstance(x, Fraction | np.floating) else x.item()
    try:
        return np.asarray(x) if np.ndim(x) else x
    except ValueError:  # rows of unequal length
        return x


def as_floats(name: str, x: Any) -> Any:
    """``x`` as a float, a float array or a symbol; a list becomes an array, the rest a TypeError.

    Arrays of integers are refused: whoever writes a result back into one truncates it. So is what looks
    like an array and computes otherwise, or loses something when it becomes one.
    """
    if is_symbol(x):
        return x
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(
            f"{name} must be a plain array, got a masked one, whose mask would be lost: pass {name}.filled(...)"
        )
    if isinstance(x, np.matrix):
        raise TypeError(
            f"{name} must be a plain array, got a matrix, which multiplies in another way: pass np.asarray({name})"
        )
    if hasattr(x, "iloc"):  # pandas and its kin
        raise TypeError(
            f"{name} must be a plain array, got a {type(x).__name__}, whose labels would be lost: pass {name}.to_numpy()"
        )
    if isinstance(x, np.ndarray) and x.dtype.kind in "iub":
        raise TypeError(f"{name} must hold floats, got an array of {x.dtype}: pass {name}.astype(float)")
    if isinstance(x, np.ndarray | np.floating) and x.dtype.kind == "f":
        if x.dtype.type not in (np.float32, np.float64):
            raise TypeError(f"{name} must be in single or double precision, got {x.dtype}: pass {name}.astype(float)")
        return x
    try:
        numbers = np.asarray(x)
    except ValueError:
        raise ValueError(f"{name} must be a number or an array, got rows of unequal length: {x!r}") from None
    if numbers.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be a number or an array of floats, got {x!r}")
    return numbers.astype(float) if numbers.ndim else float(numbers)


def check_range(name: str, value: Any, allowed: Range) -> None:
    """Raise unless ``value`` and each of its entries lie in the range."""
    if is_symbol(value):
        if value.free_symbols or not value.is_real:
            return
        value = float(value)
    try:
        values = np.asarray(plain(value))
    except ValueError:  # rows of unequal length
        values = np.array(None)
    if values.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be {allowed.words}, got {value!r}")
    wrong = values[~allowed.holds(values)]
    if wrong.size:
        among = "" if values.ndim == 0 else f" among its {values.size} values"
        raise ValueError(f"{name} must be {allowed.words}, got {wrong.flat[0]:g}{among}")


def check_known(rule: Callable, given: Iterable[str]) -> None:
    """Raise if a hyper-parameter that was given is not one that the rule names."""
    parameters = _parameters(rule) if isinstance(rule, FunctionType) else _parameters.__wrapped__(rule)
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return
    whose = getattr(rule, "__name__", "this rule")
    known = [p for i, p in enumerate(parameters) if p.kind is p.KEYWORD_ONLY or i > 2]  # after w, dw, memory
    names = [p.name for p in known]
    for name in given:
        if name not in names:
            raise TypeError(f"{whose} has no hyper-parameter {name!r}; it has {', '.join(names) or 'none'}")
    for p in known:
        if p.default is p.empty and p.name not in given:
            raise TypeError(f"{whose} needs the hyper-parameter {p.name!r}: it has no default")


@lru_cache(64)
def _parameters(rule: Callable) -> list[inspect.Parameter]:
    return [*inspect.signature(rule).parameters.values()]


def common_shape(hyper: Mapping[str, Any]) -> tuple[int, ...]:
    """The shape that the hyper-parameters have together, () if all are single numbers."""
    try:
        return np.broadcast_shapes(*(np.shape(x) for x in hyper.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {np.shape(x)}" for name, x in hyper.items())
        raise ValueError(f"hyper-parameters must broadcast to one grid, got the shapes {shapes}") from None


def check_gradient(w: Any, dw: Any) -> None:
    """Raise unless ``dw`` is a gradient for ``w``: the same names or shape, and no nan.

    Where ``w`` itself is lost, out at infinity, its gradient may be nan.
    """
    if isinstance(w, Mapping) or isinstance(dw, Mapping):
        check_names("dw", dw, w)
        for name in w:
            _check_array(f"dw[{name!r}]", w[name], dw[name])
    else:
        _check_array("dw", w, dw)


def check_names(what: str, x: Any, w: Any) -> None:
    """Raise unless ``x`` is a dictionary with the names of ``w``."""
    if not (isinstance(w, Mapping) and isinstance(x, Mapping)) or w.keys() != x.keys():
        names, others = (
            sorted(y, key=str) if isinstance(y, Mapping) else f"no names: {type(y).__name__}" for y in (w, x)
        )
        raise ValueError(f"{what} must have the names of w, {names}, got {others}")


def _check_array(name: str, w: Any, dw: Any) -> None:
    if is_symbol(w) or is_symbol(dw):
        return
    dw = as_floats(name, dw)
    if np.shape(dw) != np.shape(w):
        raise ValueError(f"{name} must have the shape of w, {np.shape(w)}, got {np.shape(dw)}")
    if np.isnan(dw).any() and np.isfinite(w).all():
        raise ValueError(f"{name} must be a number everywhere, got nan at index {_first(np.isnan(dw))}")


def all_floats(name: str, x: Any) -> Any:
    """:func:`as_floats`, of every entry if ``x`` is a dictionary."""
    if isinstance(x, Mapping):
        return {key: as_floats(f"{name}[{key!r}]", value) for key, value in x.items()}
    return as_floats(name, x)


def check_all_fit(values: Mapping[str, Any], w: Any) -> None:
    """Raise unless each value broadcasts against ``w``."""
    for name, x in values.items():
        check_fits(name, x, w)


def check_matrices(rule: Callable, w: Any, hyper: Mapping[str, Any]) -> None:
    """Raise unless ``w`` is a matrix, or a dictionary of them, and each hyper-parameter a single number."""
    for shape in map(np.shape, w.values() if isinstance(w, Mapping) else [w]):
        if len(shape) != 2:
            raise ValueError(f"{rule.__name__} works on a whole matrix: w must have two axes, got the shape {shape}")
    if common_shape(hyper):
        raise whole_matrix(rule, "it can run no grid of settings")


def whole_matrix(rule: Callable, why: str) -> ValueError:
    """What is told where something could be run entry by entry only."""
    return ValueError(f"{rule.__name__} works on a whole matrix, not entry by entry: {why}")


RUNNING = ContextVar("whether descend has laid the settings out along the axes of its runs", default=False)


@contextmanager
def running() -> Iterator[None]:
    """While ``descend`` runs, the axes of a setting are those of the runs, in rules that are called within as well."""
    before = RUNNING.set(True)
    try:
        yield
    finally:
        RUNNING.reset(before)


def check_grid(rule: Callable, w: Any, hyper: Mapping[str, Any]) -> None:
    """Raise if a setting might as well be meant for each entry of ``w`` as for a run of its own."""
    grid = common_shape(hyper)
    if grid and len(grid) >= np.ndim(w) and not RUNNING.get():
        raise ValueError(
            f"{rule.__name__} takes settings with axes for a grid of runs, behind an axis of w itself at least, got settings of the "
            f"shape {grid} and w of the shape {np.shape(w)}: descend makes a grid, steps.{rule.__name__} takes a value for each entry"
        )


@contextmanager
def to_the_end(steps: int) -> Iterator[None]:
    """What ends too early is told: Python itself says of a loop only that it "raised StopIteration"."""
    try:
        yield
    except RuntimeError as error:
        if not isinstance(error.__cause__, StopIteration):
            raise
        raise ValueError(
            f"gradient must give a value in each of the {steps} steps, and what it reads from ended before"
        ) from error.__cause__


@contextmanager
def entry_by_entry(what: str) -> Iterator[None]:
    """What asks an array one question is told how to ask each entry: Python's own sentences leave that out."""
    try:
        yield
    except ValueError as error:
        if "truth value of an array" not in str(error):
            raise
        raise ValueError(
            f"{what} must ask each entry by itself: np.where(condition, one, other) in place of an if on an array"
        ) from error
    except TypeError as error:
        if "converted to Python scalar" not in str(error):
            raise
        raise TypeError(f"{what} must take arrays: np.sqrt and np.exp in place of math.sqrt and math.exp") from error


def check_finite(name: str, x: Any) -> None:
    """Raise if ``x`` has a nan or an infinity."""
    if not np.isfinite(x).all():
        raise ValueError(f"{name} must be finite everywhere, got {x}")


def as_start(name: str, start: Any) -> np.ndarray:
    """A start as an array of finite floats, which whole numbers become."""
    whole = isinstance(start, np.ndarray) and type(start) is np.ndarray and start.dtype.kind in "iu"
    start = np.asarray(as_floats(name, start.astype(float) if whole else start))
    check_finite(name, start)
    return start


def check_fits(name: str, x: Any, w: Any) -> None:
    """Raise unless ``x`` broadcasts against ``w``."""
    try:
        np.broadcast_shapes(np.shape(x), np.shape(w))
    except ValueError:
        raise ValueError(f"{name} must fit the shape of w, {np.shape(w)}, got {np.shape(x)}") from None


def check_memory(name: str, memory: Any, slots: Mapping[str, tuple[str, Callable]], w: Any) -> None:
    """Raise unless ``memory`` may be what the rule itself returned: a value for each of its slots, of the shape of ``w``.

    A slot is what the value may be, in words and as a test.
    """
    if not isinstance(memory, tuple | list) or len(memory) != len(slots):
        raise ValueError(f"{name} must be what the rule returned, ({', '.join(slots)}), got {memory!r}")
    for (slot, (allowed, holds)), value in zip(slots.items(), memory):
        called = f"{slot} in {name}"
        numbers = as_floats(called, value)
        if is_symbol(numbers) or is_symbol(w):
            continue
        if np.ndim(numbers) and np.shape(numbers) != np.shape(w):
            raise ValueError(f"{called} must have the shape of w, {np.shape(w)}, got {np.shape(numbers)}")
        if not np.all(holds(numbers)):
            raise ValueError(f"{called} must be {allowed}, got {value}")


def check_some(called: str, w: Any) -> None:
    """Raise if ``w`` is a dictionary of nothing."""
    if isinstance(w, Mapping) and not w:
        raise ValueError(f"{called} must have at least one entry, got {{}}")


@contextmanager
def within_precision(rule: Callable, dw: Any) -> Iterator[None]:
    """What a step cannot compute, an overflow or 0 / 0, is told instead of passed on as an infinity or nan.

    Not where NumPy's warnings are switched off: ``descend`` reports such a run as diverged.
    """
    told: Any = {kind: "ignore" if how == "ignore" else "raise" for kind, how in np.geterr().items() if kind != "under"}
    try:
        with np.errstate(**told):
            yield
    except ArithmeticError as error:
        why = "overflow" if isinstance(error, OverflowError) else str(error)
        raise ValueError(f"{rule.__name__} cannot compute this step ({why}): dw is {dw}") from None


def as_count(name: str, x: Any) -> int:
    """``x`` as a whole number, 0 or above; 20.0 is one."""
    if isinstance(x, float | np.floating) and x == np.floor(x) and np.isfinite(x):
        x = int(x)
    if isinstance(x, bool) or not isinstance(x, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {x!r}")
    if x < 0:
        raise ValueError(f"{name} must be 0 or above, got {x}")
    return int(x)


def _first(holds: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(holds)[0])
