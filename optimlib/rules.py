"""The rules as a caller meets them: the equations of :mod:`optimlib.steps`, guarded and lifted.

``rules.adam`` is ``steps.adam`` that also refuses bad input and takes ``{W, b}`` dictionaries.
The equation itself stays reachable as ``adam.__wrapped__``, which is what a long run calls.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from optimlib import checks, steps


def by_name(rule: Callable) -> Callable:
    """Lift a rule to dictionaries: each name gets the rule, and a memory of its own.

    The arithmetic is the array form's, name by name, so the results are equal to the bit.
    """

    @functools.wraps(rule)
    def lifted(w: Mapping, dw: Mapping, memory: Mapping | None = None, **hyper: Any):
        news = {
            name: rule(w[name], dw[name], *(() if memory is None else (memory[name],)), **hyper)
            for name in w
        }
        return {name: new[0] for name, new in news.items()}, {name: new[1] for name, new in news.items()}

    return lifted


def guarded(rule: Callable) -> Callable:
    """The rule with its input checked first (:mod:`optimlib.checks`), dictionaries welcome."""
    zeros = inspect.signature(rule).parameters["memory"].default

    @functools.wraps(rule)
    def checked(w: Any, dw: Any, memory: Any = None, **hyper: Any):
        checks.check_known(rule, hyper)
        checks.check_hyper(**hyper)
        hyper = {name: np.asarray(x) if np.ndim(x) else x for name, x in hyper.items()}
        w, dw = checks.all_floats("w", w), checks.all_floats("dw", dw)
        checks.check_gradient(w, dw)
        memory = zeros if memory is None else memory
        if not isinstance(w, Mapping):
            checks.check_memory("memory", memory, zeros, w)
            checks.check_all_fit(hyper, w)
            return rule(w, dw, memory, **hyper)
        memory = dict.fromkeys(w, zeros) if memory is zeros else memory
        checks.check_names("memory", memory, w)
        for name in w:
            checks.check_memory(f"memory[{name!r}]", memory[name], zeros, w[name])
            checks.check_all_fit(hyper, w[name])
        return by_name(rule)(w, dw, memory, **hyper)

    return checked


def _guarded_mean(function: Callable) -> Callable:
    """``ewma`` or ``debias`` with beta, t and the shapes checked."""

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any):
        given = inspect.signature(function).bind(*args, **kwargs).arguments
        checks.check_hyper(**given)
        given = {n: x if n == "t" else checks.as_floats(n, x) for n, x in given.items()}
        checks.check_all_fit(given, given["v"])
        return function(**given)

    return checked


ewma = _guarded_mean(steps.ewma)
debias = _guarded_mean(steps.debias)
gradient_descent = guarded(steps.gradient_descent)
momentum = guarded(steps.momentum)
heavy_ball = guarded(steps.heavy_ball)
adagrad = guarded(steps.adagrad)
rmsprop = guarded(steps.rmsprop)
adam = guarded(steps.adam)
adam_uncorrected = guarded(steps.adam_uncorrected)
adam_uncorrected_eps_inside = guarded(steps.adam_uncorrected_eps_inside)


def source(rule: Callable) -> str:
    """The lines of a rule as they run, without docstring and type hints."""
    (function,) = ast.parse(inspect.getsource(inspect.unwrap(rule))).body
    if ast.get_docstring(function) is not None:
        function.body = function.body[1:]
    function.returns = None
    for argument in ast.walk(function.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return ast.unparse(function)
