"""When a run is lost: it is not finite, or it is far out and its steps go on growing."""

from __future__ import annotations

import numpy as np

TOO_FAR = (
    1e6  # how many times farther out than its start a run is that may be lost, and how many times longer its steps
)


class Watch:
    """Looks at the steps of one run, or of a grid of them, as they are made, and says in the end which were lost when.

    Far out alone is no loss: a minimum may lie there. A run is lost at the first step that takes it beyond
    ``TOO_FAR * (1 + max |start|)``, if it is not finite in the end, or if its longest step is among the later half of
    those from there on and ``TOO_FAR`` times as long as its first.
    """

    def __init__(self, path: np.ndarray, grid: tuple[int, ...]) -> None:
        self.path = path
        self.own = tuple(range(1, path.ndim - len(grid)))  # the axes of one run, behind that of time
        far = TOO_FAR * (1 + float(np.abs(path[0]).max(initial=0)))
        self.far = min(far, float(np.finfo(path.dtype).max))
        self.seen = 0  # steps
        self.left = np.zeros(grid, int)  # the step at which a run was far out for the first time, 0 before
        self.finite = np.ones(grid, bool)

    def look(self, seen: int) -> bool:
        """Look at the steps that are new now that there are ``seen``; say whether any run is finite still."""
        first, self.seen = self.seen + 1, seen
        new = self.path[first : seen + 1]
        if -self.far <= new.min(initial=0) and new.max(initial=0) <= self.far:  # nan is neither
            return True
        beyond = np.asarray(~(np.abs(new) <= self.far).all(axis=self.own))
        fresh = beyond.any(axis=0) & (self.left == 0)
        self.left[fresh] = first + beyond[:, fresh].argmax(axis=0)
        self.finite &= np.isfinite(new).all(axis=(0, *self.own))
        return bool(self.finite.any())

    def lost(self) -> np.ndarray:
        """The step at which each run was lost, 0 if it was not."""
        lost = np.where(self.finite, 0, self.left)
        for place in map(tuple, np.argwhere(self.finite & (self.left > 0))):
            run = self.path[(..., *place)].reshape(len(self.path), -1)
            if grows_on(np.abs(np.diff(run, axis=0)).max(axis=1), int(self.left[place])):
                lost[place] = self.left[place]
        return lost


def grows_on(lengths: np.ndarray, left: int) -> bool:
    """Whether steps of these lengths grow to the end, the run being far out from the step ``left`` on."""
    middle = (left + len(lengths)) // 2  # the steps before it, counted from 1, and those from it on
    longest = lengths[middle - 1 :].max()
    return bool(longest >= lengths.max() and longest >= TOO_FAR * lengths[0])
