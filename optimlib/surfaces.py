"""What we roll down: loss surfaces over two parameters, each with its gradient written by hand.

The two coordinates are called ``W`` and ``b``, as in the document. A surface takes positions
whose first axis holds (W, b); whatever follows (many points, a grid of runs) is carried along.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Surface:
    """A loss ``f``, its gradient ``grad`` and the place of its minimum (None if it has none).

    Both take ``w`` of shape ``(2, ...)``; ``f`` returns shape ``(...)``, ``grad`` that of ``w``.
    """

    name: str
    f: Callable[[np.ndarray], np.ndarray]
    grad: Callable[[np.ndarray], np.ndarray]
    minimum: tuple[float, float] | None


def bowl_f(W, b, lambda1, lambda2, cos, sin):
    r"""A quadratic bowl turned by an angle: :math:`(\lambda_1 p^2 + \lambda_2 q^2) / 2`."""
    p = cos * W + sin * b
    q = cos * b - sin * W
    return (lambda1 * p**2 + lambda2 * q**2) / 2


def bowl_grad(W, b, lambda1, lambda2, cos, sin):
    p = cos * W + sin * b
    q = cos * b - sin * W
    return lambda1 * cos * p - lambda2 * sin * q, lambda1 * sin * p + lambda2 * cos * q


def rosenbrock_f(W, b):
    r"""Rosenbrock's curved valley (1960): :math:`(1 - W)^2 + 100 (b - W^2)^2`."""
    return (1 - W) ** 2 + 100 * (b - W**2) ** 2


def rosenbrock_grad(W, b):
    return -2 * (1 - W) - 400 * W * (b - W**2), 200 * (b - W**2)


def saddle_f(W, b):
    r"""Up along W, down along b, caught far out: :math:`W^2 / 2 - b^2 / 2 + b^4 / 16`, least at b = 2 and -2."""
    return W**2 / 2 - b**2 / 2 + b**4 / 16


def saddle_grad(W, b):
    return W, -b + b**3 / 4


def bowl(
    eigenvalues: tuple[float, float] = (0.2, 4.0), angle: float = 0.0, center: tuple[float, float] = (0.0, 0.0)
) -> Surface:
    """A quadratic bowl; its condition number is the larger eigenvalue over the smaller.

    ``angle`` turns it against the axes, in radians; ``center`` is the place of the minimum.
    Raises ValueError unless both eigenvalues are above 0 and all is finite.
    """
    if not (_finite(eigenvalues, (2,)) and min(eigenvalues) > 0):
        raise ValueError(f"eigenvalues must be two finite numbers above 0, got {eigenvalues}")
    if not _finite(angle, ()):
        raise ValueError(f"angle must be a finite number, in radians, got {angle!r}")
    if not _finite(center, (2,)):
        raise ValueError(f"center must be two finite numbers, W and b, got {center!r}")
    shape = (*map(float, eigenvalues), float(np.cos(angle)), float(np.sin(angle)))
    lambda1, lambda2 = shape[:2]
    return _surface(f"bowl {lambda1:g}, {lambda2:g}", bowl_f, bowl_grad, center, shape, center)


def rosenbrock() -> Surface:
    """Rosenbrock's valley: easy to find, slow to follow; the minimum is at (1, 1)."""
    return _surface("Rosenbrock", rosenbrock_f, rosenbrock_grad, (1.0, 1.0))


def saddle() -> Surface:
    """A saddle at (0, 0) between two minima, at (0, 2) and (0, -2); ``minimum`` names the first."""
    return _surface("saddle", saddle_f, saddle_grad, (0.0, 2.0))


def _finite(x, shape) -> bool:
    """Whether ``x`` has this shape and holds finite numbers only."""
    try:
        numbers = np.asarray(x)
    except ValueError:  # rows of unequal length
        return False
    return numbers.shape == shape and numbers.dtype.kind in "iuf" and bool(np.isfinite(numbers).all())


def _surface(name, f, grad, minimum, shape=(), center=(0.0, 0.0)) -> Surface:
    W0, b0 = center

    def value(w):
        return f(w[0] - W0, w[1] - b0, *shape)

    def gradient(w):
        return np.array(grad(w[0] - W0, w[1] - b0, *shape))

    return Surface(name, value, gradient, minimum)


def turn(point: tuple[float, float], angle: float) -> np.ndarray:
    """A point turned about the origin, in radians, as ``bowl(angle=...)`` turns the valley."""
    cos, sin = np.cos(angle), np.sin(angle)
    W, b = point
    return np.array([cos * W - sin * b, sin * W + cos * b])  # no `@`: processors round it differently


def noisy(grad: Callable | Surface, sigma: float, rng: np.random.Generator) -> Callable:
    """The gradient as a mini-batch would see it: normal noise of deviation ``sigma`` on each entry.

    ``grad`` may also be a :class:`Surface`, and may give a dictionary.
    """
    grad = getattr(grad, "grad", grad)
    if not callable(grad):
        raise TypeError(f"grad must be a gradient, a function of w, got {grad!r}")
    if not (_finite(sigma, ()) and sigma >= 0):
        raise ValueError(f"sigma must be a finite number, 0 or above, got {sigma!r}")
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a generator, as np.random.default_rng(0) makes one, got {rng!r}")

    def with_noise(dw):
        if isinstance(dw, Mapping):
            return {name: with_noise(part) for name, part in dw.items()}
        noise = sigma * rng.standard_normal(np.shape(dw))
        return dw + (noise.astype(dw.dtype) if hasattr(dw, "dtype") else noise)

    def gradient(w):
        return with_noise(grad(w))

    gradient.stochastic = True  # type: ignore[attr-defined]  # so that it is asked once in each step, for all runs
    return gradient


def steps_to_reach(path, surface: Surface, within: float) -> np.ndarray:
    """The step from which on each run stays within a distance of the minimum; nan if it never does.

    ``path`` is what :func:`optimlib.descend` returned, on a grid or not, over two numbers.
    """
    if surface.minimum is None:
        raise ValueError(f"the surface {surface.name} names no minimum to reach")
    if not (_finite(within, ()) and within >= 0):
        raise ValueError(f"within must be a finite distance, 0 or above, got {within!r}")
    w = path.positions
    if w.shape[1 : w.ndim - np.ndim(path.diverged)] != (2,):
        raise ValueError(f"path must be over two numbers, W and b, got positions of the shape {w.shape[1:]}")
    away = w - np.reshape(surface.minimum, (1, 2) + (1,) * (w.ndim - 2))
    outside = ~(np.sqrt((away**2).sum(axis=1)) <= within)
    last_outside = len(outside) - 1 - outside[::-1].argmax(axis=0)
    reached = np.where(outside.any(axis=0), last_outside + 1.0, 0.0)
    return np.where((reached < len(outside)) & (np.asarray(path.diverged) == 0), reached, np.nan)
