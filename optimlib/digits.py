"""Handwritten digits and the smallest model that reads them: softmax regression.

The parameters are the document's ``{W, b}``: ``W`` of shape (64, 10), ``b`` of shape (10,). Behind these axes may stand those of a
grid: many models side by side, which see the same pictures.
Data: E. Alpaydin & C. Kaynak (1998), UCI Machine Learning Repository, CC BY 4.0.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from importlib.resources import files

import numpy as np

TRAIN = 1400  # of the 1797 digits; the rest is for testing


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The digits as (X_train, y_train, X_test, y_test).

    ``X`` has a row of 64 pixels from 0 to 1 for each picture, ``y`` the digits 0 to 9. The file
    is in the order of its writers, so it is shuffled once, with a fixed seed, before the cut.
    """
    text = gzip.decompress((files("optimlib") / "data" / "digits.csv.gz").read_bytes()).decode()
    rows = np.loadtxt(text.splitlines(), delimiter=",")
    rows = np.random.default_rng(0).permutation(rows)
    X, y = rows[:, :64] / 16, rows[:, 64].astype(int)
    return X[:TRAIN], y[:TRAIN], X[TRAIN:], y[TRAIN:]


def probabilities(params: dict[str, np.ndarray], X: np.ndarray) -> np.ndarray:
    """Softmax of the ten scores ``X W + b``: a row of probabilities for each picture."""
    scores = np.tensordot(X, params["W"], 1) + params["b"]
    e = np.exp(scores - scores.max(axis=1, keepdims=True))  # the shift cancels and keeps exp finite
    return e / e.sum(axis=1, keepdims=True)


def loss(params: dict[str, np.ndarray], X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Mean cross-entropy, in nats: minus the log of the probability given to the true digit."""
    p = probabilities(params, X)[np.arange(len(y)), y]
    return -np.log(np.maximum(p, np.finfo(float).tiny)).mean(axis=0)


def gradient(params: dict[str, np.ndarray], X: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    """The gradient of :func:`loss` in ``{W, b}``."""
    error = probabilities(params, X)
    error[np.arange(len(y)), y] -= 1
    return {"W": np.tensordot(X.T, error, 1) / len(y), "b": error.mean(axis=0)}


def accuracy(params: dict[str, np.ndarray], X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The share of pictures whose most probable digit is the true one."""
    return (probabilities(params, X).argmax(axis=1).T == y).mean(axis=-1).T  # .T: the pictures last, as in y


def in_batches(X: np.ndarray, y: np.ndarray, size: int, rng: np.random.Generator) -> Callable:
    """A gradient that sees, at each call, the next ``size`` pictures of a shuffled pass."""
    order: list[int] = []

    def next_gradient(params):
        nonlocal order
        if len(order) < size:
            order = list(rng.permutation(len(y)))
        batch, order = order[:size], order[size:]
        return gradient(params, X[batch], y[batch])

    next_gradient.stochastic = True  # type: ignore[attr-defined]  # so that it is asked once in each step, for all runs
    return next_gradient
