"""Write it yourself: a step of the reader's beside the book's, and what is wrong with it, in a sentence.

The slips below are the usual ones. Each is a rule of its own, so that a reader's step is known by what it does.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

import numpy as np

from optimlib import steps
from optimlib.steps import ewma, sqrt

GRADIENTS = (4.0, -1.0, 2.0, 2.0)
HYPER = {"lr": 0.5, "beta1": 0.7, "beta2": 0.8, "eps": 0.1, "decay": 0.3}  # no two alike, and an eps that shows
NOTHING_YET = "nothing has moved yet."


def review(mine: Callable, rule: Callable) -> str:
    """Four steps of ``mine`` beside those of ``rule``: that they agree, or the first that does not, and why.

    ``mine`` is written as a rule is: ``(w, dw, memory, *, lr, ...)`` to the new ``w`` and the new memory. What it
    raises is told too.
    """
    name, hyper = rule.__name__, _wanted(rule)
    try:
        head = inspect.signature(mine)
        head.bind(None, None, **hyper)  # w and dw, as in the first step
        head.bind(None, None, None, **hyper)  # and the memory, as in the others
    except TypeError as error:
        return f"Its head must be that of {name}, (w, dw, memory=..., *, {', '.join(hyper)}): {error}."
    right, memory = _walk(getattr(steps, name), hyper)
    try:
        got, kept = _walk(mine, hyper)
    except NotImplementedError:
        return f"Nothing here yet: {NOTHING_YET}"
    except NameError as error:
        numpys = f"; NumPy's is np.{error.name}" if hasattr(np, str(error.name)) else ""
        return f"It stops with NameError: {error}{numpys}"
    except Exception as error:
        return f"It stops with {type(error).__name__}: {error}"
    for t, (place, should) in enumerate(zip(got, right), start=1):
        if not _near(place, should):
            return f"Step {t}: w should be {should:.4f}, yours is {place:.4f}: {_why(name, rule, got)}"
    if len(kept) != len(memory) or not all(map(_near, kept, memory)):
        return "Every w is right, but the memory is not what the rule keeps: the new averages, uncorrected."
    return f"Right: {len(GRADIENTS)} steps, the same as those of {name}."


def _wanted(rule: Callable) -> dict:
    """The settings that a rule has."""
    equation = getattr(steps, rule.__name__)
    return {key: value for key, value in HYPER.items() if key in inspect.signature(equation).parameters}


def _walk(rule: Callable, hyper: dict) -> tuple[list[float], tuple]:
    """Where a rule stands after each gradient, and its last memory."""
    w, memory, places = 1.0, None, []
    for dw in GRADIENTS:
        result = rule(w, dw, **hyper) if memory is None else rule(w, dw, memory, **hyper)
        if not (isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], tuple | list)):
            raise TypeError(f"a rule returns the new w and the new memory, a tuple; this one returned {result!r}")
        w, memory = result
        places.append(float(w))
    return places, tuple(memory or ())


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-9 * (1 + abs(other))


def _why(name: str, rule: Callable, got: list[float]) -> str:
    if all(_near(place, 1.0) for place in got):
        return NOTHING_YET
    for slip, sentence in SLIPS.get(name, {}).items():
        if all(map(_near, got, _walk(slip, _wanted(rule))[0])):
            return sentence
    return "none of the usual slips. Compare with the equation, letter by letter."


# The usual slips, each as the rule that it makes. Only where w goes is compared: a memory that does not matter is left out.


def uphill(w, dw, memory=(), *, lr):
    return w + lr * dw, memory


def no_rate(w, dw, memory=(), *, lr):
    return w - dw, memory


def swapped(w, dw, memory=(0.0,), *, lr, beta1):
    v = ewma(memory[0], dw, 1 - beta1)
    return w - lr * v, (v,)


def along_the_gradient(w, dw, memory=(), *, lr, beta1):
    return w - lr * dw, memory


def along_the_old_velocity(w, dw, memory=(0.0,), *, lr, beta1):
    return w - lr * memory[0], (ewma(memory[0], dw, beta1),)


def forgetful(w, dw, memory=(), *, lr, beta1):
    return w - lr * ewma(0.0, dw, beta1), memory


def no_root(w, dw, memory=(0.0,), *, lr, beta2, eps):
    s = ewma(memory[0], dw**2, beta2)
    return w - lr * dw / (s + eps), (s,)


def eps_inside(w, dw, memory=(0.0,), *, lr, beta2, eps):
    s = ewma(memory[0], dw**2, beta2)
    return w - lr * dw / sqrt(s + eps), (s,)


def summed(w, dw, memory=(0.0,), *, lr, beta2, eps):
    return steps.adagrad(w, dw, memory, lr=lr, eps=eps)


def sizes_only(w, dw, memory=(0.0,), *, lr, beta2, eps):
    s = ewma(memory[0], dw**2, beta2)
    return w - lr * abs(dw) / (sqrt(s) + eps), (s,)


def gradient_on_top(w, dw, memory=(0.0,), *, lr, beta1, beta2, eps):
    return steps.rmsprop(w, dw, memory, lr=lr, beta2=beta2, eps=eps)


def one_beta(w, dw, memory=(0.0, 0.0), *, lr, beta1, beta2, eps):
    return steps.adam_uncorrected(w, dw, memory, lr=lr, beta1=beta1, beta2=beta1, eps=eps)


def square_of_the_average(w, dw, memory=(0.0, 0.0), *, lr, beta1, beta2, eps):
    v = ewma(memory[0], dw, beta1)
    s = ewma(memory[1], v**2, beta2)
    return w - lr * v / (sqrt(s) + eps), (v, s)


def _corrected(by, keep=False):
    """Adam with corrections of one's own: ``by`` gives what v and s are divided by."""

    def rule(w, dw, memory=(0.0, 0.0, 0), *, lr, beta1, beta2, eps):
        v, s, t = memory
        v, s, t = ewma(v, dw, beta1), ewma(s, dw**2, beta2), t + 1
        one, other = by(beta1, beta2, t)
        v_hat, s_hat = v / one, s / other
        return w - lr * v_hat / (sqrt(s_hat) + eps), (v_hat, s_hat, t) if keep else (v, s, t)

    return rule


def _sums(beta1, beta2, t):
    return 1 - beta1**t, 1 - beta2**t


def no_decay(w, dw, memory=(0.0, 0.0, 0), *, lr, beta1, beta2, eps, decay):
    return steps.adam(w, dw, memory, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


def decay_in_the_gradient(w, dw, memory=(0.0, 0.0, 0), *, lr, beta1, beta2, eps, decay):
    return steps.adam(w, dw + decay * w, memory, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


def decay_without_the_rate(w, dw, memory=(0.0, 0.0, 0), *, lr, beta1, beta2, eps, decay):
    return steps.adam((1 - decay) * w, dw, memory, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


def growth(w, dw, memory=(0.0, 0.0, 0), *, lr, beta1, beta2, eps, decay):
    return steps.adam((1 + lr * decay) * w, dw, memory, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


def decayed_afterwards(w, dw, memory=(0.0, 0.0, 0), *, lr, beta1, beta2, eps, decay):
    w, memory = steps.adam(w, dw, memory, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    return (1 - lr * decay) * w, memory


def only_decay(w, dw, memory=(), *, lr, beta1, beta2, eps, decay):
    return (1 - lr * decay) * w, memory


SLIPS: dict[str, dict[Callable, str]] = {
    "gradient_descent": {
        uphill: "it walks up the slope. Subtract, where you add.",
        no_rate: "the learning rate is missing: multiply the slope by lr.",
    },
    "momentum": {
        steps.heavy_ball: "the factor (1 - beta1) is missing. This is Polyak's heavy ball, a sum and not an average.",
        swapped: "beta1 and 1 - beta1 have changed places: beta1 belongs to the old velocity.",
        along_the_gradient: "w moves along the gradient; it should move along the velocity.",
        along_the_old_velocity: "w moves along the old velocity; mix in the new gradient first.",
        forgetful: "the velocity is always the first one: return the new one as memory, and use the old one.",
    },
    "rmsprop": {
        no_root: "it divides by S. Divide by its root.",
        eps_inside: "eps stands inside the root; it is added after it.",
        summed: "S is a sum here, Adagrad's. It should be an average, which forgets.",
        sizes_only: "the sign of the gradient is lost. It is squared in S only, not above the line.",
    },
    "adam_uncorrected": {
        steps.adam_uncorrected_eps_inside: "eps stands inside the root; it is added after it.",
        gradient_on_top: "the gradient itself is above the line: that is RMSProp. Put the average V there.",
        one_beta: "S forgets with beta1; it has a beta2 of its own.",
        square_of_the_average: "S averages the squares of V; it should average those of the gradient.",
    },
    "adam": {
        steps.adam_uncorrected: "nothing is corrected: divide V by 1 - beta1^t and S by 1 - beta2^t.",
        _corrected(_sums, keep=True): "the corrected averages go back into the memory. Keep V and S as they are.",
        _corrected(lambda beta1, beta2, t: (1 - beta1**t, 1)): "S is not corrected.",
        _corrected(lambda beta1, beta2, t: (1, 1 - beta2**t)): "V is not corrected.",
        _corrected(
            lambda beta1, beta2, t: (1 - beta1, 1 - beta2)
        ): "it corrects as if every step were the first: count t.",
        _corrected(lambda beta1, beta2, t: _sums(beta1, beta2, t + 1)): "t is one too large: the first step is t = 1.",
    },
    "adamw": {
        no_decay: "there is no decay yet: multiply w by 1 - lr * decay first.",
        decay_in_the_gradient: "the decay passes through both averages. Keep it out of dw.",
        decay_without_the_rate: "the decay is too strong: multiply w by 1 - lr * decay.",
        growth: "w grows: the decay has the wrong sign.",
        decayed_afterwards: "Adam's own step decays, too. Only the old w should.",
        only_decay: "w decays, and Adam's step is missing.",
    },
}
