"""The pictures of a lab: what their axes are called and how far they reach."""

from __future__ import annotations

from dataclasses import dataclass

from optimlib.labs.controls import Number


@dataclass(frozen=True)
class Axis:
    label: str
    low: float
    high: float
    scale: str = "linear"  # or "log", or "beta", as those of a slider; or "lanes", which are counted


@dataclass(frozen=True)
class Panel:
    x: Axis
    y: Axis
    tall: float = 0.62  # the height over the width


def sweep_panel(x: Number, y: Number) -> Panel:
    """The plane of two settings, which are set by pointing."""
    return Panel(_along(x), _along(y), tall=0.66)


def lanes_panel(lanes: int, *rates: Number) -> Panel:
    """A lane for each of some methods, over its learning rate: from the least that a control allows to the most."""
    low, high = min(rate.low for rate in rates), max(rate.high for rate in rates)
    return Panel(Axis("α", low, high, "log"), Axis("method", 0, lanes, "lanes"), tall=0.66)


def _along(control: Number) -> Axis:
    """An axis on which values lie as along the slider of a control."""
    return Axis(control.label.split(", ")[0], control.low, control.high, control.told["scale"])


def map_panel(b: float = 3.5) -> Panel:
    """The plane of W and b."""
    return Panel(Axis("W", -6, 6), Axis("b", -b, b))


def loss_panel(steps: int) -> Panel:
    return Panel(Axis("step", 0, steps), Axis("loss above the least", 1e-8, 1e3, "log"))
