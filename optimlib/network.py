"""A network with one hidden layer that reads the digits, and many of them trained side by side.

64 pixels, 32 hidden units, 10 digits. All 2410 parameters lie in one row ``w``; axes before the last are networks of their
own, so ``w`` of shape (rates, seeds, 2410) is a whole sweep, and every rule of :mod:`optimlib.steps` runs on it as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

ENDS = np.cumsum([64 * 32, 32, 32 * 10])  # where the next parameter begins
SEEDS = range(9)


def cut(w: np.ndarray) -> tuple[np.ndarray, ...]:
    """W1 (64, 32), b1 (1, 32), W2 (32, 10) and b2 (1, 10) of each row ``w``."""
    parts = zip(np.split(w, ENDS, axis=-1), [(64, 32), (1, 32), (32, 10), (1, 10)])
    W1, b1, W2, b2 = (part.reshape(*w.shape[:-1], *shape) for part, shape in parts)
    return W1, b1, W2, b2


def join(*parts: np.ndarray) -> np.ndarray:
    """The row of parameters that :func:`cut` takes apart."""
    return np.concatenate([part.reshape(*part.shape[:-2], -1) for part in parts], axis=-1)


def softmax(z: np.ndarray) -> np.ndarray:
    """Scores as probabilities, along the last axis."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))  # the shift cancels and keeps exp finite
    return e / e.sum(axis=-1, keepdims=True)


def forward(w: np.ndarray, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The hidden layer ``h`` and the probabilities ``p`` for each picture, a row of ``X``."""
    W1, b1, W2, b2 = cut(w)
    h = np.tanh(X @ W1 + b1)
    p = softmax(h @ W2 + b2)
    return h, p


def loss(w: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Mean cross-entropy in nats, a number for each network."""
    _, p = forward(w, X)
    true = (p * np.eye(10)[y]).sum(axis=-1)
    return -np.log(np.maximum(true, np.finfo(float).tiny)).mean(axis=-1)


def gradient(w: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The gradient of :func:`loss`, a row like ``w``."""
    h, p = forward(w, X)
    dz = (p - np.eye(10)[y]) / y.shape[-1]
    return backward(w, X, h, dz)


def backward(w: np.ndarray, X: np.ndarray, h: np.ndarray, dz: np.ndarray) -> np.ndarray:
    """The gradient of a loss whose slopes in the scores are ``dz``: the chain rule, from the last layer to the first."""
    W2 = cut(w)[2]
    dW2, db2 = h.swapaxes(-1, -2) @ dz, dz.sum(axis=-2, keepdims=True)
    dh = (dz @ W2.swapaxes(-1, -2)) * (1 - h**2)
    dW1, db1 = X.swapaxes(-1, -2) @ dh, dh.sum(axis=-2, keepdims=True)
    return join(dW1, db1, dW2, db2)


def accuracy(w: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The share of pictures whose most probable digit is the true one."""
    return (forward(w, X)[1].argmax(axis=-1) == y).mean(axis=-1)


def start(seed: int) -> np.ndarray:
    """A row of parameters: weights at random, of deviation 1 / sqrt(how many come in), biases 0."""
    rng = np.random.default_rng(seed)
    W1, W2 = rng.normal(size=2048) / np.sqrt(64), rng.normal(size=320) / np.sqrt(32)
    return np.concatenate([W1, np.zeros(32), W2, np.zeros(10)])


def batches(count: int, size: int, steps: int, seeds: Sequence[int] = SEEDS) -> np.ndarray:
    """Which of ``count`` pictures each seed sees in each step, (steps, seeds, size): shuffled passes, one after another."""
    whole = count // size * size  # what is left over waits for the next pass
    orders = [np.random.default_rng([seed, 1]) for seed in seeds]
    rows = [[rng.permutation(count)[:whole] for _ in range(-(-steps * size // whole))] for rng in orders]
    return np.reshape([np.concatenate(row)[: steps * size] for row in rows], (len(seeds), steps, size)).swapaxes(0, 1)


def falling(part: float) -> float:
    """The schedule of every comparison here: the rate falls in a straight line, to 0 at the end."""
    return 1 - part


def constant(part: float) -> float:
    """No schedule."""
    return 1.0


def train(
    rule: Callable,
    lr: Any,
    X: np.ndarray,
    y: np.ndarray,
    *,
    steps: int = 280,
    size: int = 50,
    schedule: Callable = falling,
    seeds: Sequence[int] = SEEDS,
    watch: Callable | None = None,
    **hyper: Any,
) -> np.ndarray:
    """Train a network for each rate ``lr`` and each seed: the last parameters, (rates, seeds, 2410).

    ``rule`` is an equation of :mod:`optimlib.steps`; ``schedule`` takes the part of the run that is over, 0 to 1, and gives what
    ``lr`` is multiplied by. ``watch(t, w)`` is called after each step.
    """
    rates = np.reshape(lr, (-1, 1, 1))
    w = np.tile([start(seed) for seed in seeds], (len(rates), 1, 1))
    memory: tuple = ()
    with np.errstate(all="ignore"):  # a run that is lost ends at infinity or nan
        for t, seen in enumerate(batches(len(X), size, steps, seeds), start=1):
            dw = gradient(w, X[seen], y[seen])
            w, *memory = rule(w, dw, *memory, lr=rates * schedule((t - 1) / steps), **hyper)
            if watch:
                watch(t, w)
    return w


def final_loss(w: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The loss of each network, and infinity for one that was lost on the way."""
    with np.errstate(all="ignore"):
        return np.nan_to_num([loss(row, X, y) for row in w], nan=np.inf, posinf=np.inf)


def by_layer(matrices: Callable, biases: Callable) -> Callable:
    """A rule for rows ``w``, made of two with one rate: the first steps W1 and W2, the second b1 and b2."""

    def rule(w: np.ndarray, dw: np.ndarray, memory: tuple = ((), (), (), ()), *, lr: Any) -> tuple:
        rules = matrices, biases, matrices, biases
        parts = zip(rules, cut(w), cut(dw), memory)
        news = [rule(part, slope, *kept, lr=lr[..., None]) for rule, part, slope, kept in parts]
        return join(*(part for part, _ in news)), tuple((kept,) for _, kept in news)

    return rule


def best(losses: np.ndarray) -> np.ndarray:
    """Of the losses (rates, seeds) those at the rate with the least median."""
    return losses[np.median(losses, axis=1).argmin()]


def duel(one: np.ndarray, other: np.ndarray) -> str:
    """Whether ``one`` has lower losses than ``other``, or higher ones, seed by seed: in words, and only if it is beyond doubt."""
    ahead, behind = (one < other).all(), (one > other).all()
    if not (ahead or behind):
        return "no clear difference"
    factor = np.median(other) / np.median(one) if ahead else np.median(one) / np.median(other)
    where, size = "ahead" if ahead else "behind", "above 2" if factor > 2 else "below 2"
    return f"{where} in {len(one)} of {len(one)}, by a factor {size}"
