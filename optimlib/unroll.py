r"""A rule run on symbols instead of numbers: its recursion writes itself out, as LaTeX.

``unroll(momentum, 3)`` runs the very function that descends, three times, on the symbols
:math:`V_{dw(0)}, dW_{(1)}, dW_{(2)}, dW_{(3)}`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy

alpha, beta1, beta2, epsilon = sympy.symbols("alpha beta_1 beta_2 epsilon", positive=True)
_rest = sympy.Symbol("(1-beta)")  # keeps each 1 - beta whole while products are multiplied out


@dataclass(frozen=True)
class Equation:
    """A displayed equation: its LaTeX, which a notebook or a page of the book draws."""

    latex: str

    def __repr__(self) -> str:
        return self.latex

    def _repr_latex_(self) -> str:
        return self.latex


def W(i: int) -> sympy.Symbol:
    """The parameter after step ``i``."""
    return sympy.Symbol(f"W_{{({i})}}")


def dW(i: int) -> sympy.Symbol:
    """The gradient of step ``i``."""
    return sympy.Symbol(f"dW_{{({i})}}")


def V(i: int) -> sympy.Symbol:
    """The moving average of gradients after step ``i``."""
    return sympy.Symbol(f"V_{{dw({i})}}")


def S(i: int) -> sympy.Symbol:
    """The moving average of squared gradients after step ``i``."""
    return sympy.Symbol(f"S_{{dw({i})}}")


def unroll(rule: Callable, memory: tuple, steps: int, **hyper: Any) -> list[tuple[sympy.Expr, tuple]]:
    """What ``rule`` returns after each of ``steps`` steps on the gradients dW(1), dW(2), ...

    ``memory`` is what it starts from, in symbols or in numbers. Each item is (w, memory), with
    everything before it substituted.
    """
    w, states = W(0), []
    for i in range(1, steps + 1):
        w, memory = rule(w, dW(i), memory, **hyper)
        states.append((w, memory))
    return states


def expanded(expr: sympy.Expr, beta: sympy.Symbol = beta1) -> sympy.Expr:
    r"""The products multiplied out, with each (1 - beta) kept whole."""
    return sympy.expand(expr.subs(1 - beta, _rest)).subs(_rest, 1 - beta)


def show(name: sympy.Expr, expr: sympy.Expr, number: str, beta: sympy.Symbol = beta1) -> Equation:
    """``name = expr`` as a displayed equation with its number, the oldest term first.

    Factors stand in the order of the document: the power of beta, (1 - beta), the rest.
    """
    return Equation(f"$$ {_latex(name, beta)} = {_latex(expr, beta)} \\tag{{{number}}} $$")


def _latex(expr: sympy.Expr, beta: sympy.Symbol) -> str:
    terms = sympy.Add.make_args(expr)
    if expr == 1 - beta or not expr.has(beta):
        return sympy.latex(expr, order="none")
    oldest_first = sorted(terms, key=lambda term: -_age(term, beta))
    return " + ".join(_term(term, beta) for term in oldest_first)


def _term(term: sympy.Expr, beta: sympy.Symbol) -> str:
    def place(factor):
        return 0 if factor.as_base_exp()[0] == beta else 1 if factor == 1 - beta else 2

    factors = sorted(sympy.Mul.make_args(term), key=place)
    return " ".join(f"({_latex(f, beta)})" if f.is_Add else sympy.latex(f) for f in factors)


def _age(term: sympy.Expr, beta: sympy.Symbol) -> int:
    """How often a term was multiplied by beta: the age of what it carries."""
    return sum(f.as_base_exp()[1] for f in sympy.Mul.make_args(term) if f.as_base_exp()[0] == beta)
