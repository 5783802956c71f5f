"""The update rules: one step each, written as the equation is written.

A rule takes the parameters ``w``, their gradient ``dw`` and the memory that the step before
left behind; it returns the new ``w`` and the new memory. Old values in, new values out:
nothing is changed in place. Every line is plain arithmetic, so the same line runs on a float,
on arrays of any shape, on whole grids of hyper-parameters and on SymPy symbols.

The letters are the document's: ``v`` for the moving average of gradients, ``s`` for that of
squared gradients, ``t`` for the number of the step, counted from 1.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import sympy

Value: TypeAlias = "float | np.ndarray | sympy.Expr"
Step: TypeAlias = "tuple[Value, tuple[Value, ...]]"


def sqrt(x: Value) -> Value:
    """Square root of a number, an array or a SymPy expression."""
    if isinstance(x, (np.ndarray, np.generic, float, int)):
        return np.sqrt(x)
    return x ** Fraction(1, 2)


def maximum(x: Value, y: Value) -> Value:
    """The larger of two numbers, arrays or SymPy expressions."""
    if any(hasattr(value, "free_symbols") for value in (x, y)):
        import sympy

        return sympy.Max(x, y)
    return np.maximum(x, y)


def sign(x: Value) -> Value:
    """The sign of a number, an array or a SymPy expression: -1, 0 or 1."""
    if hasattr(x, "free_symbols"):
        import sympy

        return sympy.sign(x)
    return np.sign(x)


def ewma(v: Value, x: Value, beta: Value) -> Value:
    r"""One step of an exponentially weighted moving average.

    .. math:: v_t = \beta v_{t-1} + (1 - \beta) x_t

    ``v`` and ``x`` have one shape; 0 <= ``beta`` < 1.
    """
    return beta * v + (1 - beta) * x


def debias(v: Value, beta: Value, t: int) -> Value:
    r"""The average ``v`` after ``t`` steps from zero, divided by the sum of its weights.

    .. math:: \hat v_t = v_t / (1 - \beta^t)

    The result is a new value: fed back into :func:`ewma` it would be corrected twice.
    ``t`` counts from 1 (Kingma & Ba 2015, section 3).
    """
    return v / (1 - beta**t)


def gradient_descent(w: Value, dw: Value, memory: tuple = (), *, lr: Value) -> Step:
    r"""Gradient descent (Cauchy 1847).

    .. math:: w_t = w_{t-1} - \alpha\, dw_t
    """
    return w - lr * dw, memory


def momentum(w: Value, dw: Value, memory: tuple = (0.0,), *, lr: Value, beta1: Value = 0.9) -> Step:
    r"""Momentum: gradient descent along the moving average of the gradients (the document's (1)-(4)).

    .. math:: v_t = \beta_1 v_{t-1} + (1 - \beta_1)\, dw_t, \qquad w_t = w_{t-1} - \alpha v_t
    """
    [v] = memory
    v = ewma(v, dw, beta1)
    return w - lr * v, (v,)


def heavy_ball(w: Value, dw: Value, memory: tuple = (0.0,), *, lr: Value, beta1: Value = 0.9) -> Step:
    r"""Heavy ball (Polyak 1964), as most libraries have momentum: a sum, not an average.

    .. math:: v_t = \beta_1 v_{t-1} + dw_t, \qquad w_t = w_{t-1} - \alpha v_t

    The same path as :func:`momentum` run with ``lr / (1 - beta1)``.
    """
    [v] = memory
    v = beta1 * v + dw
    return w - lr * v, (v,)


def nesterov(w: Value, dw: Value, memory: tuple = (0.0,), *, lr: Value, beta1: Value = 0.9) -> Step:
    r"""Nesterov: momentum that looks one step ahead (Nesterov 1983; Sutskever et al. 2013).

    .. math:: v_t = \beta_1 v_{t-1} + (1 - \beta_1)\, dw_t, \qquad
              w_t = w_{t-1} - \alpha\, (\beta_1 v_t + (1 - \beta_1)\, dw_t)

    ``w`` is the place ahead, where the gradient is taken. An average like :func:`momentum`, so that both go as far with
    one ``lr``; the sum of most libraries (PyTorch's ``nesterov=True``) is the same path, run with ``lr / (1 - beta1)``.
    """
    [v] = memory
    v = ewma(v, dw, beta1)
    return w - lr * ewma(v, dw, beta1), (v,)


def adagrad(w: Value, dw: Value, memory: tuple = (0.0,), *, lr: Value = 0.01, eps: Value = 1e-8) -> Step:
    r"""Adagrad (Duchi et al. 2011): squared gradients are summed and never forgotten.

    .. math:: s_t = s_{t-1} + dw_t^2, \qquad w_t = w_{t-1} - \alpha\, dw_t / (\sqrt{s_t} + \epsilon)
    """
    [s] = memory
    s = s + dw**2
    return w - lr * dw / (sqrt(s) + eps), (s,)


def rmsprop(
    w: Value, dw: Value, memory: tuple = (0.0,), *, lr: Value = 0.001, beta2: Value = 0.9, eps: Value = 1e-8
) -> Step:
    r"""RMSProp (Tieleman & Hinton 2012, lecture 6.5; the document's (15)-(18)).

    .. math:: s_t = \beta_2 s_{t-1} + (1 - \beta_2)\, dw_t^2, \qquad
              w_t = w_{t-1} - \alpha\, dw_t / (\sqrt{s_t} + \epsilon)
    """
    [s] = memory
    s = ewma(s, dw**2, beta2)
    return w - lr * dw / (sqrt(s) + eps), (s,)


def adam(
    w: Value,
    dw: Value,
    memory: tuple = (0.0, 0.0, 0),
    *,
    lr: Value = 0.001,
    beta1: Value = 0.9,
    beta2: Value = 0.999,
    eps: Value = 1e-8,
) -> Step:
    r"""Adam (Kingma & Ba 2015, algorithm 1): both averages, both corrected, eps outside the root.

    .. math:: w_t = w_{t-1} - \alpha\, \hat v_t / (\sqrt{\hat s_t} + \epsilon)
    """
    v, s, t = memory
    t = t + 1
    v = ewma(v, dw, beta1)
    s = ewma(s, dw**2, beta2)
    v_hat = debias(v, beta1, t)
    s_hat = debias(s, beta2, t)
    return w - lr * v_hat / (sqrt(s_hat) + eps), (v, s, t)


def adamw(
    w: Value,
    dw: Value,
    memory: tuple = (0.0, 0.0, 0),
    *,
    lr: Value = 0.001,
    beta1: Value = 0.9,
    beta2: Value = 0.999,
    eps: Value = 1e-8,
    decay: Value = 0.01,
) -> Step:
    r"""AdamW (Loshchilov & Hutter 2019, algorithm 2): Adam beside a decay that does not pass through its averages.

    .. math:: w_t = (1 - \alpha \delta)\, w_{t-1} - \alpha\, \hat v_t / (\sqrt{\hat s_t} + \epsilon)

    A step decays by ``lr * decay``, as in PyTorch; in the paper the decay goes with the schedule of alpha, not with alpha.
    """
    return adam(w * (1 - lr * decay), dw, memory, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


def amsgrad(
    w: Value,
    dw: Value,
    memory: tuple = (0.0, 0.0, 0.0, 0),
    *,
    lr: Value = 0.001,
    beta1: Value = 0.9,
    beta2: Value = 0.999,
    eps: Value = 1e-8,
) -> Step:
    r"""AMSGrad (Reddi et al. 2018, algorithm 2): Adam with the largest average of squares so far, so its divisor never shrinks.

    .. math:: s^{\mathrm{max}}_t = \max(s^{\mathrm{max}}_{t-1}, s_t), \qquad
              w_t = w_{t-1} - \alpha\, \hat v_t / \bigl(\sqrt{s^{\mathrm{max}}_t / (1 - \beta_2^t)} + \epsilon\bigr)

    Corrected after the maximum is taken, as in PyTorch; the paper corrects nothing.
    """
    v, s, s_max, t = memory
    t = t + 1
    v = ewma(v, dw, beta1)
    s = ewma(s, dw**2, beta2)
    s_max = maximum(s_max, s)
    return w - lr * debias(v, beta1, t) / (sqrt(debias(s_max, beta2, t)) + eps), (v, s, s_max, t)


def nadam(
    w: Value,
    dw: Value,
    memory: tuple = (0.0, 0.0, 0),
    *,
    lr: Value = 0.002,
    beta1: Value = 0.9,
    beta2: Value = 0.999,
    eps: Value = 1e-8,
) -> Step:
    r"""NAdam (Dozat 2016): Adam that looks one step ahead, as :func:`nesterov` does.

    .. math:: w_t = w_{t-1} - \frac{\alpha}{\sqrt{\hat s_t} + \epsilon}
              \left(\frac{\beta_1 v_t}{1 - \beta_1^{t+1}} + \frac{(1 - \beta_1)\, dw_t}{1 - \beta_1^t}\right)

    ``beta1`` is constant, as in optax; in PyTorch it warms up.
    """
    v, s, t = memory
    t = t + 1
    v = ewma(v, dw, beta1)
    s = ewma(s, dw**2, beta2)
    ahead = beta1 * debias(v, beta1, t + 1) + (1 - beta1) * debias(dw, beta1, t)
    return w - lr * ahead / (sqrt(debias(s, beta2, t)) + eps), (v, s, t)


def lion(
    w: Value, dw: Value, memory: tuple = (0.0,), *, lr: Value = 1e-4, beta1: Value = 0.9, beta2: Value = 0.99
) -> Step:
    r"""Lion (Chen et al. 2023, algorithm 2, without its decay): every entry steps by alpha, only the sign is computed.

    .. math:: w_t = w_{t-1} - \alpha\, \mathrm{sign}(\beta_1 v_{t-1} + (1 - \beta_1)\, dw_t), \qquad
              v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, dw_t
    """
    [v] = memory
    return w - lr * sign(ewma(v, dw, beta1)), (ewma(v, dw, beta2),)


def orthogonal(G: Any, eps: Value = 1e-7) -> np.ndarray:
    r"""A matrix with the singular directions of ``G``, and singular values near 1: from 0.68 to 1.14, but for tiny ones.

    Five times :math:`X \leftarrow aX + bXX^TX + cX(X^TX)^2`, from ``G`` over its norm (Jordan et al. 2024). Axes before the last
    two are matrices of their own.
    """
    X = G / maximum(np.linalg.norm(G, axis=(-2, -1), keepdims=True), eps)
    for _ in range(5):
        A = X.swapaxes(-1, -2) @ X
        X = 3.4445 * X + X @ (-4.7750 * A + 2.0315 * A @ A)
    return X


def muon(
    w: np.ndarray, dw: np.ndarray, memory: tuple = (0.0,), *, lr: Value = 0.02, beta1: Value = 0.95, eps: Value = 1e-7
) -> Step:
    r"""Muon (Jordan et al. 2024): Nesterov's step with all its singular values brought near 1. For matrices only.

    .. math:: v_t = \beta_1 v_{t-1} + (1 - \beta_1)\, dw_t, \qquad
              w_t = w_{t-1} - \alpha\, \mathrm{orthogonal}(\beta_1 v_t + (1 - \beta_1)\, dw_t)

    ``eps`` is the least norm that is divided by. PyTorch's step is this one times ``sqrt(max(1, rows / columns))``.
    """
    [v] = memory
    v = ewma(v, dw, beta1)
    return w - lr * orthogonal(np.asarray(ewma(v, dw, beta1)), eps), (v,)


def adam_uncorrected(
    w: Value,
    dw: Value,
    memory: tuple = (0.0, 0.0),
    *,
    lr: Value = 0.001,
    beta1: Value = 0.9,
    beta2: Value = 0.999,
    eps: Value = 1e-8,
) -> Step:
    r"""Adam, uncorrected: without its bias correction, eps outside the root. For comparison only.

    .. math:: w_t = w_{t-1} - \alpha\, v_t / (\sqrt{s_t} + \epsilon)
    """
    v, s = memory
    v = ewma(v, dw, beta1)
    s = ewma(s, dw**2, beta2)
    return w - lr * v / (sqrt(s) + eps), (v, s)


def adam_uncorrected_eps_inside(
    w: Value,
    dw: Value,
    memory: tuple = (0.0, 0.0),
    *,
    lr: Value = 0.001,
    beta1: Value = 0.9,
    beta2: Value = 0.999,
    eps: Value = 1e-8,
) -> Step:
    r"""Adam, uncorrected, eps inside: as the document prints it. For comparison only.

    .. math:: w_t = w_{t-1} - \alpha\, v_t / \sqrt{s_t + \epsilon}
    """
    v, s = memory
    v = ewma(v, dw, beta1)
    s = ewma(s, dw**2, beta2)
    return w - lr * v / sqrt(s + eps), (v, s)
