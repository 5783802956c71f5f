"""Chapter 7: after each of some words guess the next; how well each word is learned, over how often it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cache

import numpy as np

from optimlib import plots, rules
from optimlib.descend import descend
from optimlib.labs.controls import Choice, Moment, Number
from optimlib.labs.descent import Method, Target
from optimlib.labs.lab import Lab, Pictures
from optimlib.labs.panels import Axis, Panel
from optimlib.network import softmax
from optimlib.rules import adam, gradient_descent, momentum, rmsprop

WORDS, FOLLOWERS = 32, 8
RANKS = 1000 ** (np.arange(WORDS) / (WORDS - 1))  # from the most common word of a language to its thousandth
_zipf = 1 / np.arange(1, FOLLOWERS + 1)
NEXT = np.array([np.random.default_rng([0, i]).permutation(_zipf / _zipf.sum()) for i in range(WORDS)])
BATCHES = {"all words": 0, "256 words": 256, "32 words": 32}
METHODS = {rules.RULES[rule.__name__].label: rule for rule in (adam, momentum, rmsprop, gradient_descent)}
LEARNED = 0.01  # a word of whose first loss this part is left counts as learned
SEED, FACTOR, PRIME = 1, 48271, 2**31 - 1  # a generator so plain that the browser has the same


class WordsLab(Lab):
    """Chapter 7: after each of some words guess the next; how well each word is learned, over how often it comes.

    Row i of a matrix holds the scores of what may come after word i. ``method`` learns it beside ``other``.
    """

    name = "words"
    title = "Lab: rare words"

    steps = 100
    step = Moment(steps, 40)
    method = Choice(("Adam", "momentum", "RMSProp", "gradient descent"), "method")
    lr = Number(0.2, "α, its learning rate", 0.01, 4000, scale="log")
    other = Choice(("momentum", "gradient descent", "RMSProp", "Adam"), "beside it")
    lr_other = Number(512, "α of the other", 0.01, 4000, scale="log")
    exponent = Number(1, "a, frequencies as 1/kᵃ", 0, 1.25)
    batch = Choice(tuple(BATCHES), "each step sees")

    code = (momentum, adam)
    targets = (
        Target(32, {"method": "Adam", "exponent": 1}),
        Target(8, {"method": "RMSProp", "exponent": 1}),
        Target(5, {"method": "gradient descent", "exponent": 0}),
    )
    panels = {
        "words": Panel(
            Axis("how often a word comes", 1e-5, 1, "log"), Axis("excess loss of each word", 1e-8, 10, "log")
        ),
        "loss": Panel(Axis("step", 0, steps), Axis("excess loss of the word learned worst", 1e-8, 10, "log")),
        "table": Panel(
            Axis("what comes next", 0, FOLLOWERS), Axis("word, common to rare; strong is wrong", 0, WORDS), tall=0.5
        ),
    }

    @classmethod
    def about(cls):
        methods = [Method(rule.__name__, label, {"lr": "lr"}, None) for label, rule in METHODS.items()]
        return super().about() | {
            "steps": cls.steps,
            "methods": [asdict(method) for method in methods],
            "targets": [asdict(target) for target in cls.targets],
            "ranks": RANKS.tolist(),
            "next": NEXT.tolist(),
            "batches": BATCHES,
            "learned": LEARNED,
            "random": {"seed": SEED, "factor": FACTOR, "prime": PRIME},
        }

    def share(self) -> np.ndarray:
        """How often each word comes, the most common first."""
        share = RANKS**-self.exponent
        return share / share.sum()

    def runs(self) -> dict[str, np.ndarray]:
        """The loss of each word, above the least, after each step: for the other method, and for the chosen one."""
        other = {} if self.other == self.method else {self.other: self._learned(self.other, self.lr_other)}
        return other | {self.method: self._learned(self.method, self.lr)}

    def _learned(self, method: str, lr: float) -> np.ndarray:
        W = descend(METHODS[method], self._gradient(), np.zeros_like(NEXT), self.steps, lr=lr).positions
        below = W - W.max(axis=-1, keepdims=True)  # so that exp stays finite
        log_p = below - np.log(np.exp(below).sum(axis=-1, keepdims=True))
        return (NEXT * (np.log(NEXT) - log_p)).sum(axis=-1)

    def _gradient(self) -> Callable[[np.ndarray], np.ndarray]:
        share, size = self.share()[:, None], BATCHES[self.batch]
        if not size:
            return lambda W: share * (softmax(W) - NEXT)
        batches = _batches(share[:, 0], size, self.steps)

        def gradient(W: np.ndarray) -> np.ndarray:
            seen = next(batches)
            return (seen.sum(axis=1, keepdims=True) * softmax(W) - seen) / size

        return gradient

    def still(self):
        share, floor = self.share(), self.panels["words"].y.low
        seen = {label: np.maximum(losses[: self.step + 1], floor) for label, losses in self.runs().items()}
        words = {label: (share, losses[-1]) for label, losses in seen.items()}
        worst = {label: losses.max(axis=1) for label, losses in seen.items()}
        about, time = self.panels["words"], self.panels["loss"]
        return Pictures(
            (
                plots.curves(words, log="xy", x=about.x.label, y=about.y.label, caption=self.caption()),
                plots.curves(worst, log="y", y=time.y.label),
            )
        )


def _batches(share: np.ndarray, size: int, steps: int) -> Iterator[np.ndarray]:
    """How often each word was followed by each, in the batch of each step."""
    draws = _uniform(2 * size * steps).reshape(steps, size, 2)
    words = np.minimum((np.cumsum(share) <= draws[..., :1]).sum(axis=-1), WORDS - 1)
    followers = np.minimum((np.cumsum(NEXT, axis=1)[words] <= draws[..., 1:]).sum(axis=-1), FOLLOWERS - 1)
    for pairs in zip(words, followers):
        seen = np.zeros_like(NEXT)
        np.add.at(seen, pairs, 1)
        yield seen


@cache
def _uniform(count: int) -> np.ndarray:
    """Numbers between 0 and 1 at random, the same here and in the browser (Park, Miller & Stockmeyer 1993)."""
    x, found = SEED, np.empty(count)
    for k in range(count):
        x = FACTOR * x % PRIME
        found[k] = x / PRIME
    return found
