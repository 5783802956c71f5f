"""Chapter 5: Figures N and M with beta in the reader's hand, and Adam's first steps."""

import numpy as np

from optimlib import plots
from optimlib.descend import descend, smooth
from optimlib.figures import noisy_cosine
from optimlib.labs.controls import Flag, Number
from optimlib.labs.lab import Lab, Pictures
from optimlib.labs.panels import Axis, Panel, sweep_panel
from optimlib.rules import adam, adam_uncorrected, debias, ewma

DATA = noisy_cosine(np.random.default_rng(0)).round(6)
BEFORE, AFTER = "before correction", "after correction"


class AveragesLab(Lab):
    """Chapter 5: Figures N and M with beta in the reader's hand, and Adam's first steps."""

    name = "averages"
    title = "Lab: averages before and after correction"

    beta = Number(0.98, "β of the average", 0, 0.999, scale="beta")
    correction = Flag(True, "bias correction")
    beta1 = Number(0.9, "β₁ of Adam", 0, 0.99, scale="beta")
    beta2 = Number(0.999, "β₂ of Adam", 0, 0.9999, scale="beta")

    code = (ewma, debias)
    steps = 50  # of Adam, along a gradient that is always 1
    panels = {
        "film": Panel(Axis("time", 0, len(DATA)), Axis("value", -5, 4)),
        "sweep": sweep_panel(beta2, beta1),
        "steps": Panel(Axis("step of Adam, constant gradient", 0, steps), Axis("step length in α", 0, 8)),
    }

    @classmethod
    def about(cls):
        return super().about() | {"data": DATA.tolist(), "steps": cls.steps}

    def averages(self) -> dict[str, np.ndarray]:
        """The average of the data at each time, before and after correction."""
        before = smooth(DATA, self.beta)
        return self._corrected(before, debias(before, self.beta, np.arange(1, len(DATA) + 1)))

    def lengths(self) -> dict[str, np.ndarray]:
        """How far Adam goes in each step, in learning rates, before and after correction."""
        hyper = {"lr": 1.0, "beta1": self.beta1, "beta2": self.beta2}
        runs = [descend(rule, np.ones_like, 0.0, self.steps, **hyper) for rule in (adam_uncorrected, adam)]
        return self._corrected(*(-np.diff(run.positions) for run in runs))

    def _corrected(self, before, after) -> dict[str, np.ndarray]:
        return {BEFORE: before, AFTER: after} if self.correction else {BEFORE: before}

    def still(self):
        lengths = {label: line.round(9) for label, line in self.lengths().items()}  # their last bits are noise
        film = plots.curves(self.averages(), points=DATA, caption=self.caption(), x="time", y="value", first=1)
        steps = plots.curves(lengths, y="step length in α, constant gradient", first=1)
        return Pictures((film, steps))
