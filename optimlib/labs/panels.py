"""The pictures of a lab: what their axes are called and how far they reach."""

from __future__ import annotations

from dataclasses import dataclass

from optimlib.labs.controls import Number


@dataclass(frozen=True)
class Axis:
    label: str
    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class Panel:
    x: Axis
    y: Axis
    tall: float = 0.62  # the height over the width


def along(control: Number, *, log: bool = False) -> Axis:
    """The axis on which a control is set by pointing: its slider lies along it."""
    return Axis(control.label.split(", ")[0], control.low, control.high, log)


def map_panel(b: float = 3.5) -> Panel:
    """The plane of W and b."""
    return Panel(Axis("W", -6, 6), Axis("b", -b, b))


def loss_panel(steps: int) -> Panel:
    return Panel(Axis("step", 0, steps), Axis("loss above the least", 1e-8, 1e3, log=True))
