"""Parameters by name as one row of numbers, laid end to end: rules that work entry by entry run on it as on any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from optimlib import checks
from optimlib.gradients import is_stochastic


class Flat:
    """What becomes of a dictionary: ``start`` is the row of its entries, in their order."""

    def __init__(self, start: Mapping[str, Any]) -> None:
        checks.check_some("start", start)
        parts = {name: checks.as_start(f"start[{name!r}]", w) for name, w in start.items()}
        self.shapes = {name: w.shape for name, w in parts.items()}
        self.ends = np.cumsum([w.size for w in parts.values()])[:-1]
        self.start = self.flat(parts)

    def flat(self, named: Mapping[str, Any], grid: tuple[int, ...] = ()) -> np.ndarray:
        """The entries end to end, each with the axes of the grid behind its own."""
        return np.concatenate([np.reshape(named[name], (-1, *grid)) for name in self.shapes])

    def named(self, flat: np.ndarray, axis: int) -> dict[str, np.ndarray]:
        """The entries by name and in their shapes, which lie along an axis of ``flat``."""
        before, after = flat.shape[:axis], flat.shape[axis + 1 :]
        parts = np.split(flat, self.ends, axis)
        return {name: part.reshape((*before, *self.shapes[name], *after)) for name, part in zip(self.shapes, parts)}

    def gradient(self, of_names: Callable) -> Callable:
        """A gradient of dictionaries as one of rows. What it gives first is checked name by name."""
        looked = False

        def gradient(w: np.ndarray) -> np.ndarray:
            nonlocal looked
            named = self.named(w, axis=0)
            dw = checks.all_floats("dw", of_names(named))
            if not looked:
                checks.check_gradient(named, dw)
                looked = True
            return self.flat(dw, w.shape[1:])

        gradient.stochastic = is_stochastic(of_names)  # type: ignore[attr-defined]
        return gradient
