"""A run of a rule, as :func:`optimlib.descend` returns it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, repr=False)
class Path:
    """Where a run went.

    ``w`` holds the positions, the start first: shape ``(steps + 1, *start.shape, *grid)``, or a
    dictionary of such arrays. ``diverged`` is the first step at which the run was lost (a value
    not finite, or a million times farther out than the start), 0 if it never was; on a grid it
    is an array, one number for each setting. A single run is cut before that step; on a grid
    the lost settings are nan from there on.
    """

    w: np.ndarray | dict[str, np.ndarray]
    diverged: int | np.ndarray

    @property
    def last(self) -> np.ndarray | dict[str, np.ndarray]:
        """The last position."""
        return self._at(-1)

    def along(self, f: Callable) -> np.ndarray:
        """The value of ``f`` at every position, the start first."""
        return np.array([f(w) for w in self])

    def _at(self, t: int) -> np.ndarray | dict[str, np.ndarray]:
        return {name: w[t] for name, w in self.w.items()} if isinstance(self.w, dict) else self.w[t]

    def __len__(self) -> int:
        return len(next(iter(self.w.values()))) if isinstance(self.w, dict) else len(self.w)

    def __iter__(self) -> Iterator:
        return (self._at(t) for t in range(len(self)))

    def __repr__(self) -> str:
        lost = np.count_nonzero(self.diverged)
        fate = f"diverged at step {self.diverged}" if lost else "never diverged"
        if np.ndim(self.diverged):
            fate = f"{lost} of {np.size(self.diverged)} settings diverged"
        return f"<Path of {len(self) - 1} steps, {fate}>"
