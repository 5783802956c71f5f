"""The controls of a lab: each is a trait that says what it may be and how the page shows it."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
import traitlets


class SettingError(traitlets.TraitError):
    """A setting that a lab cannot have."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the sentence says all, where the way through the traits says nothing."""
        return [f"{type(self).__name__}: {self}"]


class Control(traitlets.TraitType):
    """A trait with a control on the page. A subclass says what it allows, in words and as a test."""

    kind: str
    allowed: str
    default_value: Any

    def __init__(self, default: Any, label: str, **told: Any) -> None:
        super().__init__(default)
        self.label = label
        self.told = {"kind": self.kind, "label": label, **told}  # to the browser

    def allows(self, value: Any) -> bool:
        raise NotImplementedError

    def validate(self, lab: Any, value: Any) -> Any:
        if not self.allows(value):
            raise SettingError(f"{self.name} must be {self.allowed}, got {value!r}")
        return type(self.default_value)(value)

    def in_words(self, value: Any) -> str:
        """The value as a caption tells it; nothing if there is nothing to tell."""
        raise NotImplementedError


class Number(Control):
    """A slider and a box: a number from ``low`` to ``high``.

    ``scale`` is how values lie along the slider: "linear", "log", or "beta", which is finer towards 1.
    """

    kind = "number"

    def __init__(
        self,
        default: float,
        label: str,
        low: float,
        high: float,
        *,
        scale: str = "linear",
        whole: bool = False,
        unit: str = "",
    ) -> None:
        default, low, high = (int(x) if whole else float(x) for x in (default, low, high))
        super().__init__(default, label, low=low, high=high, scale=scale, whole=whole, unit=unit)
        self.low, self.high, self.whole, self.unit = low, high, whole, unit
        self.allowed = f"a {'whole ' if whole else ''}number from {low:g} to {high:g}"

    def allows(self, value):
        number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        return number and bool(self.low <= value <= self.high) and (not self.whole or value == int(value))

    def in_words(self, value):
        name, _, rest = self.label.partition(", ")  # "α, learning rate", "turned by, degrees", "start, W"
        if name == "start moved by":
            return f"{name} {value:g} in {rest}" if value else ""
        if self.unit:
            return f"{name} {value:g} {self.unit}"
        return f"{name} {rest} = {value:g}" if name == "start" else f"{name} = {value:g}"


class Moment(Number):
    """The step that is looked at, the same in all pictures: the page has buttons that play it."""

    kind = "moment"

    def __init__(self, steps: int, default: int | None = None) -> None:
        super().__init__(steps if default is None else default, "step", 0, steps, whole=True)

    def in_words(self, value):
        return f"after {value} step{'' if value == 1 else 's'}" if value < self.high else ""


class Flag(Control):
    """A box to tick."""

    kind = "flag"
    allowed = "True or False"

    def allows(self, value):
        return isinstance(value, bool | np.bool_)

    def in_words(self, value):
        return self.label if value else ""


class Choice(Control):
    """One of several words, at first the first."""

    kind = "choice"

    def __init__(self, choices: tuple[str, ...], label: str) -> None:
        super().__init__(choices[0], label, choices=choices)
        self.choices = choices
        self.allowed = f"one of {', '.join(map(repr, choices))}"

    def allows(self, value):
        return isinstance(value, str) and value in self.choices

    def in_words(self, value):
        return value
