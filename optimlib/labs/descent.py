"""A lab whose rules run down a surface: most are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np

from optimlib import plots, rules
from optimlib.descend import descend
from optimlib.labs import decayed
from optimlib.labs.controls import Moment
from optimlib.labs.ground import Ground
from optimlib.labs.lab import Lab
from optimlib.path import Path
from optimlib.surfaces import Surface

STEPS = 300  # as many as the longest lab takes
NOISE = np.random.default_rng(1).standard_normal((STEPS, 2)).round(3)  # the same for every method and at every run


@dataclass(frozen=True)
class Method:
    """A rule in a lab: which control sets each keyword, and which switches it off, if one does."""

    rule: str
    label: str
    hyper: dict[str, str]
    shown: str | None


@dataclass(frozen=True)
class Target:
    """What a reader may try: that the lab's last rule arrives, within 1 %, in so few steps, where these controls are given.

    It counts from where the lab starts, unless ``anywhere`` is true.
    """

    within: int
    given: dict[str, float | str]
    anywhere: bool = False


class DescentLab(Lab):
    """A lab whose rules run down a surface.

    A keyword of a rule, ``lr`` of Adam, is set by the control ``lr_adam`` or else by ``lr``, and stays at its
    default where there is neither; ``show_adam`` switches Adam off. A control named ``surface`` chooses between
    the grounds, ``noise`` puts noise on the gradients, ``step`` is the moment that is looked at. ``method`` chooses the
    rule that the lab is about, which is shown in any case: the last one, where there is no choice.
    ``sweep`` names two controls: over these the lab has a map of how soon that rule arrives.
    """

    grounds: ClassVar[dict[str, Ground]]
    rules: ClassVar[tuple[Callable, ...]]
    steps: ClassVar[int]
    step: Moment
    sweep: ClassVar[tuple[str, str] | None] = None
    targets: ClassVar[tuple[Target, ...]] = ()  # each harder than the one before

    @classmethod
    def methods(cls) -> list[Method]:
        controls = cls.controls()

        def method(rule: Callable) -> Method:
            name = rule.__name__
            sets = {key: f"{key}_{name}" if f"{key}_{name}" in controls else key for key in rules.keywords(rule)}
            hyper = {key: control for key, control in sets.items() if control in controls}
            shown = f"show_{name}"
            label = decayed.LABELS.get(name) or rules.RULES[name].label
            return Method(name, label, hyper, shown if shown in controls else None)

        return [method(rule) for rule in cls.rules]

    @classmethod
    def about(cls):
        return super().about() | {
            "grounds": {name: asdict(ground) for name, ground in cls.grounds.items()},
            "methods": [asdict(method) for method in cls.methods()],
            "steps": cls.steps,
            "sweep": cls.sweep,
            "targets": [asdict(target) for target in cls.targets],
            "start": {name: control.default_value for name, control in cls.controls().items() if name in ("W", "b")},
            "noise": NOISE.tolist() if "noise" in cls.controls() else None,
        }

    def ground(self) -> tuple[Surface, tuple[float, float]]:
        """The surface and the start of the present setting."""
        values = self.values()
        name = values.get("surface", next(iter(self.grounds)))
        return self.grounds[name].at(values)

    def runs(self) -> dict[str, Path]:
        """The runs of the present setting, as far as they are shown."""
        values = self.values()
        (surface, start), shown = self.ground(), self.step
        runs = {}
        for method in self.methods():
            if method.shown and not values[method.shown] and method.label != values.get("method"):
                continue
            hyper = {key: values[control] for key, control in method.hyper.items()}
            gradient = _noisy(surface.grad) if values.get("noise") else surface.grad
            rule = decayed.RULES.get(method.rule) or rules.RULES[method.rule].guarded
            run = descend(rule, gradient, start, self.steps, **hyper)
            runs[method.label] = Path(run.positions[: shown + 1], run.diverged if run.diverged <= shown else 0)
        return runs

    def still(self):
        surface, start = self.ground()
        runs = self.runs() or {"start": Path(np.array([start]), 0)}  # where every method is switched off
        W, b = self.panels["map"].x, self.panels["map"].y
        return plots.paths(surface, runs, caption=self.caption(), W=(W.low, W.high), b=(b.low, b.high))


def _noisy(grad: Callable) -> Callable:
    noise = iter(NOISE)
    return lambda w: grad(w) + next(noise)
