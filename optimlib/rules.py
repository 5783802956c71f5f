"""THE list of rules, each as a caller meets it: the equation of :mod:`optimlib.steps`, guarded and lifted.

``rules.adam`` is ``steps.adam`` that also refuses bad input and takes ``{W, b}`` dictionaries.
The equation itself stays reachable as ``adam.__wrapped__``, which is what a long run calls.

A rule is written once, in ``steps.py``, and listed once, below. What the package exports, what becomes
JavaScript, the colours of the pictures and every test that goes over all rules come from this list.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimlib import checks, steps
from optimlib.checks import Range
from optimlib.styles import STYLES, style

BELOW_1 = Range("in [0, 1)", 0, 1)
FROM_0 = Range("a finite number, 0 or above", 0)
# What each keyword may be, in whatever rule: one that is not here cannot be listed.
RANGES = {
    "lr": Range("a finite number above 0", 0, low_too=False),
    "beta": BELOW_1,
    "beta1": BELOW_1,
    "beta2": BELOW_1,
    "eps": FROM_0,
    "decay": FROM_0,
    "t": Range("a step count of 1 or above", 1),
}
# What each value of a memory may be. An infinity may: a run that diverges leaves one.
MEMORY = {
    "v": ("a number everywhere", lambda x: ~np.isnan(x)),
    "s": ("0 or above everywhere", lambda x: x >= 0),
    "s_max": ("0 or above everywhere", lambda x: x >= 0),
    "t": ("a whole number of steps, 0 or above", lambda x: (x >= 0) & (x == np.floor(x)) & np.isfinite(x)),
}


@dataclass(frozen=True)
class Listed:
    """An entry of the list: how a rule is called and drawn, and whether it works entry by entry."""

    equation: Callable
    guarded: Callable
    label: str
    entrywise: bool  # False: it needs the whole matrix


QUANTITIES = ("w", "dw", "memory", "v", "x")  # what rules and averages run on; all else is a keyword

RULES: dict[str, Listed] = {}  # by the name of the function
AVERAGES: dict[str, Callable] = {}  # what rules are made of, equations too


def keywords(function: Callable) -> list[str]:
    """The hyper-parameters of a rule or an average: all that are not quantities it runs on."""
    return [name for name in inspect.signature(function).parameters if name not in QUANTITIES]


def check_hyper(**hyper: Any) -> None:
    """Raise unless each keyword that has a range lies in it."""
    for name, value in hyper.items():
        if name in RANGES:
            checks.check_range(name, value, RANGES[name])


def check_precision(dtype: np.dtype, hyper: Mapping[str, Any]) -> None:
    """Raise unless each keyword stays in its range, and none becomes 0, when it is rounded to single precision."""
    for name, value in hyper.items() if dtype == np.float32 else ():
        if name in RANGES and not checks.is_symbol(value):
            exact = np.asarray(value)
            with np.errstate(all="ignore"):
                rounded = exact.astype(np.float32)
            wrong = ~RANGES[name].holds(rounded) | ((rounded == 0) & (exact != 0))
            if wrong.any():
                raise ValueError(
                    f"{name} must be {RANGES[name].words}, in single precision as well: "
                    f"{exact[wrong].flat[0]:g} is {rounded[wrong].flat[0]:g} there"
                )


def listed(equation: Callable, label: str, color: str, dash: str, marker: str, *, entrywise: bool = True) -> Callable:
    """Put a rule on the list and return it guarded."""
    _check_ranges(equation)
    rule = guarded(equation, entrywise)
    STYLES[label] = style(color, dash, marker)
    RULES[equation.__name__] = Listed(equation, rule, label, entrywise)
    return rule


def averaging(equation: Callable) -> Callable:
    """Put an average on the list and return it guarded."""
    _check_ranges(equation)
    AVERAGES[equation.__name__] = _guarded_mean(equation)
    return AVERAGES[equation.__name__]


def entry(rule: Any) -> Listed | None:
    """Where a rule, guarded or bare, stands on the list; None for a rule of one's own."""
    found = RULES.get(getattr(rule, "__name__", ""))
    return found if found and rule in (found.equation, found.guarded) else None


def equations() -> list[Callable]:
    """The bare equations of all averages and rules that work entry by entry, each after those it calls."""
    return [*map(inspect.unwrap, AVERAGES.values()), *(rule.equation for rule in RULES.values() if rule.entrywise)]


def _check_ranges(equation: Callable) -> None:
    for name in keywords(equation):
        if name not in RANGES:
            raise TypeError(f"{equation.__name__} has a keyword without a range: say in RANGES what {name} may be")
    for name in memory_names(equation):
        if name not in MEMORY:
            raise TypeError(
                f"{equation.__name__} remembers something without a range: say in MEMORY what {name} may be"
            )


@functools.cache
def memory_names(equation: Callable) -> tuple[str, ...]:
    """What an equation calls the values of its memory: ``v, s, t = memory``, or what the rule does to which it hands it on."""
    for line in ast.walk(ast.parse(inspect.getsource(equation))):
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Name) and line.value.id == "memory":
            return tuple(name.id for name in ast.walk(line.targets[0]) if isinstance(name, ast.Name))
        if isinstance(line, ast.Call) and any(
            isinstance(given, ast.Name) and given.id == "memory" for given in line.args
        ):
            return memory_names(getattr(steps, ast.unparse(line.func)))
    return ()


def by_name(rule: Callable) -> Callable:
    """Lift a rule to dictionaries: each name gets the rule, and a memory of its own.

    The arithmetic is the array form's, name by name, so the results are equal to the bit.
    """

    @functools.wraps(rule)
    def lifted(w: Mapping, dw: Mapping, memory: Mapping | None = None, **hyper: Any):
        news = {name: rule(w[name], dw[name], *(() if memory is None else (memory[name],)), **hyper) for name in w}
        return {name: new[0] for name, new in news.items()}, {name: new[1] for name, new in news.items()}

    return lifted


def guarded(rule: Callable, entrywise: bool) -> Callable:
    """The rule with its input checked first (:mod:`optimlib.checks`), dictionaries welcome."""
    zeros = inspect.signature(rule).parameters["memory"].default
    slots = {name: MEMORY[name] for name in memory_names(rule)}

    @_in_this_module(rule)
    def checked(w: Any, dw: Any, memory: Any = None, **hyper: Any):
        checks.check_known(rule, hyper)
        check_hyper(**hyper)
        hyper = {name: checks.plain(x) for name, x in hyper.items()}
        w, dw = checks.all_floats("w", w), checks.all_floats("dw", dw)
        checks.check_some("w", w)
        checks.check_gradient(w, dw)
        if not entrywise:
            checks.check_matrices(rule, w, hyper)
        for part in w.values() if isinstance(w, Mapping) else [w]:
            check_precision(getattr(part, "dtype", np.dtype(float)), hyper)
        memory = zeros if memory is None else memory
        if not isinstance(w, Mapping):
            checks.check_memory("memory", memory, slots, w)
            checks.check_all_fit(hyper, w)
            checks.check_grid(rule, w, hyper)
            with checks.within_precision(rule, dw):
                return rule(w, dw, tuple(memory), **hyper)
        memory = dict.fromkeys(w, zeros) if memory is zeros else memory
        checks.check_names("memory", memory, w)
        for name in w:
            checks.check_memory(f"memory[{name!r}]", memory[name], slots, w[name])
            checks.check_all_fit(hyper, w[name])
            checks.check_grid(rule, w[name], hyper)
        with checks.within_precision(rule, dw):
            return by_name(rule)(w, dw, memory, **hyper)

    return checked


def _guarded_mean(function: Callable) -> Callable:
    """An average with its keywords and the shapes checked."""

    @_in_this_module(function)
    def checked(*args: Any, **kwargs: Any):
        given = inspect.signature(function).bind(*args, **kwargs).arguments
        check_hyper(**given)
        given = {n: x if n == "t" else checks.as_floats(n, x) for n, x in given.items()}
        checks.check_all_fit(given, given["v"])
        return function(**given)

    return checked


def _in_this_module(function: Callable) -> Callable:
    """Name a wrapper as the function that it wraps, but found here: pickle looks where it says."""

    def named(wrapper: Callable) -> Callable:
        functools.update_wrapper(wrapper, function).__module__ = __name__
        return wrapper

    return named


ewma = averaging(steps.ewma)
debias = averaging(steps.debias)

gradient_descent = listed(steps.gradient_descent, "gradient descent", "#1c86d1", "-", "o")
momentum = listed(steps.momentum, "momentum", "#d9590b", "--", "s")
heavy_ball = listed(steps.heavy_ball, "heavy ball", "#a5712b", "6 2", "D")
nesterov = listed(steps.nesterov, "Nesterov", "#8a8a00", "9 2", "<")
adagrad = listed(steps.adagrad, "Adagrad", "#7d7f86", "1 1", "v")
rmsprop = listed(steps.rmsprop, "RMSProp", "#12916a", "-.", "^")
adam = listed(steps.adam, "Adam", "#b84bc4", "5 1 1 1 1 1", "P")
adamw = listed(steps.adamw, "AdamW", "#d6336c", "5 1 1 1", "X")
amsgrad = listed(steps.amsgrad, "AMSGrad", "#4d7f17", "8 1 2 1", "*")
nadam = listed(steps.nadam, "NAdam", "#6675d6", "4 2", ">")
lion = listed(steps.lion, "Lion", "#b0742d", "3 1", "d")
muon = listed(steps.muon, "Muon", "#c8453b", "7 1 1 1 1 1", "H", entrywise=False)
adam_uncorrected = listed(steps.adam_uncorrected, "Adam, uncorrected", "#8b6fd6", "2 2", "p")
adam_uncorrected_eps_inside = listed(
    steps.adam_uncorrected_eps_inside, "Adam, uncorrected, eps inside", "#0f8f9c", "3 1 1 1 1 1 1 1", "h"
)


__all__ = ["source", *AVERAGES, *RULES]


def source(rule: Callable | str) -> str:
    """The lines of a rule, or of the rule of that name, as they run, without docstring and type hints."""
    shown: Any = RULES[rule].equation if isinstance(rule, str) and rule in RULES else rule
    function: Any
    try:
        (function,) = ast.parse(inspect.getsource(inspect.unwrap(shown))).body
    except (OSError, TypeError, SyntaxError, ValueError, AttributeError):  # nowhere written, or no function at all
        function = None
    if not isinstance(function, ast.FunctionDef) or function.name != inspect.unwrap(shown).__name__:
        raise TypeError(f"source shows a function that is written with def, or the rule of a name, got {rule!r}")
    if ast.get_docstring(function) is not None:
        function.body = function.body[1:]
    function.returns = None
    for argument in ast.walk(function.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return ast.unparse(function)
