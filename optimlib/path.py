"""A run of a rule, as :func:`optimlib.descend` returns it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, repr=False, eq=False)
class Path:
    """Where a run went.

    ``w`` holds the positions, the start first: shape ``(steps + 1, *start.shape, *grid)``, or a
    dictionary of such arrays. ``diverged`` is the step at which the run was lost, 0 if it never was; on a grid
    it is an array, one number for each setting. A single run is cut before that step; on a grid the lost settings
    are nan from there on.

    A run is lost at its first step to beyond ``1e6 * (1 + max |start|)`` or to what is not finite, if it does not
    settle out there: it ends in what is not finite, or its longest step is among the later half of those since, and
    at least 1e6 times as long as its first.
    """

    w: np.ndarray | dict[str, np.ndarray]
    diverged: int | np.ndarray

    @property
    def last(self) -> np.ndarray | dict[str, np.ndarray]:
        """The last position."""
        return self._at(-1)

    @property
    def positions(self) -> np.ndarray:
        """``w`` as one array: if it is a dictionary of numbers, they stand side by side, in their order."""
        if not isinstance(self.w, dict):
            return self.w
        shapes = {name: part.shape[1 : part.ndim - np.ndim(self.diverged)] for name, part in self.w.items()}
        if any(shapes.values()):
            raise ValueError(
                f"only a path of single numbers has its positions in one array; this one has the shapes {shapes}"
            )
        return np.stack([*self.w.values()], axis=1)

    def along(self, f: Callable) -> np.ndarray:
        """The value of ``f`` at every position, the start first."""
        return np.array([f(w) for w in self])

    def _at(self, t: int | slice) -> np.ndarray | dict[str, np.ndarray]:
        return {name: w[t] for name, w in self.w.items()} if isinstance(self.w, dict) else self.w[t]

    def __getitem__(self, t: int | slice) -> np.ndarray | dict[str, np.ndarray]:
        """The position after step ``t``, or those of a slice."""
        return self._at(t)

    def __eq__(self, other: object) -> bool:
        """Whether both went the same way, to the bit, and were lost at the same step."""
        if not isinstance(other, Path):
            return NotImplemented
        mine, others = ({"diverged": path.diverged} | _named(path.w) for path in (self, other))
        return mine.keys() == others.keys() and all(
            np.array_equal(mine[name], others[name], equal_nan=True) for name in mine
        )

    __hash__ = None  # type: ignore[assignment]  # it holds arrays

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


def _named(w: np.ndarray | dict[str, np.ndarray]) -> dict:
    return {("w", name): part for name, part in w.items()} if isinstance(w, dict) else {"w": w}
