"""Labs: controls that answer at once, on the plain page with no kernel and in a live notebook.

The browser runs JavaScript that :mod:`optimlib.translate` makes from the step functions and
surfaces, so page, notebook and Python compute the same. In a live notebook a lab is a Jupyter
widget: ``lab.lr = 0.3`` moves the slider, ``lab.observe(...)`` hears the reader.
"""

from __future__ import annotations

import html
import json
from functools import cache
from importlib.resources import files

import anywidget
import numpy as np
import traitlets

from optimlib import plots, rates, rules, surfaces
from optimlib.descend import TOO_FAR, descend, smooth
from optimlib.figures import noisy_cosine
from optimlib.translate.javascript import to_javascript

TRANSLATED = [
    *rules.equations(),
    surfaces.bowl_f,
    surfaces.bowl_grad,
    surfaces.rosenbrock_f,
    surfaces.rosenbrock_grad,
    surfaces.saddle_f,
    surfaces.saddle_grad,
    rates.momentum_rate,
]
DATA = noisy_cosine(np.random.default_rng(0))


@cache
def script() -> str:
    """The labs as one piece of JavaScript, which declares ``mount``."""
    own = [(files("optimlib.labs") / name).read_text() for name in ("draw.js", "labs.js", "front.js")]
    constants = f"const TOO_FAR = {TOO_FAR};\nconst DATA = {json.dumps([round(x, 6) for x in DATA])};\n"
    return "\n".join([constants, to_javascript(TRANSLATED), *own])


@cache
def style() -> str:
    """The style sheet, with the book's one palette."""
    dashes = {"-": "none", "--": "60 30", "-.": "70 30 20 30", "": "none"}  # in tenths of a pixel, as all in a plot
    lines = []
    names = plots.STYLES | dict(zip(["W", "b"], plots.OTHERS[3:]))
    for name, (color, dash, _) in names.items():
        dash = dashes.get(dash) if isinstance(dash, str) else " ".join(str(20 * d) for d in dash[1])
        of = name.replace(" ", "-")
        lines.append(f".optimlab .line.{of} {{ stroke: {color}; stroke-dasharray: {dash}; }}")
        lines.append(f".optimlab :is(.dots, .runner, .bars).{of} {{ stroke: {color}; }}")
    return (files("optimlib.labs") / "labs.css").read_text() + "\n".join(lines) + "\n"


def number(default, label, low, high, *, scale="linear", whole=False, unit=""):
    """A trait with a slider: its value lies from ``low`` to ``high``."""
    kind = traitlets.Int if whole else traitlets.Float
    control = {"kind": "number", "label": label, "low": low, "high": high, "scale": scale, "whole": whole, "unit": unit}
    return kind(default, min=low, max=high).tag(sync=True, control=control)


def flag(default, label):
    """A trait that is on or off."""
    return traitlets.Bool(default).tag(sync=True, control={"kind": "flag", "label": label})


def choice(choices, label):
    """A trait that is one of several words, at first the first."""
    return traitlets.Enum(choices, choices[0]).tag(sync=True, control={"kind": "choice", "label": label, "choices": choices})


class Lab(anywidget.AnyWidget):
    """What the six labs share. A subclass names its title and rules, and has a trait for each control."""

    title = ""
    rules = ()

    lab = traitlets.Unicode().tag(sync=True)
    about = traitlets.Dict().tag(sync=True)

    def __init__(self, **values):
        super().__init__(**values)
        self.about = {"title": self.title, "controls": self.controls(), "code": "\n\n".join(map(rules.source, self.rules))}

    @classmethod
    def controls(cls) -> list[dict]:
        """Name, label and range of each control, in the order in which they are written down."""
        traits = cls.class_traits(control=lambda control: control is not None)
        order = [name for base in reversed(cls.__mro__) for name in vars(base)]
        return [{"name": name} | traits[name].metadata["control"] for name in sorted(traits, key=order.index)]

    def still(self) -> plots.Picture:
        """The picture of the present setting, for print and for pages without scripts."""
        raise NotImplementedError

    def __repr__(self) -> str:
        values = ", ".join(f"{c['name']}={getattr(self, c['name'])!r}" for c in self.controls())
        return f"{type(self).__name__}({values})"

    def _repr_mimebundle_(self, **kwargs):
        live = super()._repr_mimebundle_(**kwargs) or ({}, {})
        data, metadata = live if isinstance(live, tuple) else (live, {})
        return data | {"text/plain": repr(self), "text/html": self._page()}, metadata

    def _page(self) -> str:
        """The lab on a page: the still picture, and the script that puts the lab in its place."""
        names = [control["name"] for control in self.controls()]
        values = {name: getattr(self, name) for name in ["lab", "about", *names]}
        setting = json.dumps(values).replace("<", "\\u003c")
        return (
            f'<div class="optimlab-here" data-lab="{html.escape(self.lab)}"><style>{style()}</style>'
            f'<div class="optimlab-mount">{self.still()._repr_html_()}</div></div>\n'
            f'<script type="module">{script()}\n'
            f"const here = document.querySelector('.optimlab-here[data-lab=\"{self.lab}\"] .optimlab-mount');\n"
            f"mount({{ model: standalone({setting}), el: here, live: false }});\n</script>"
        )


class GradientDescentLab(Lab):
    """Chapter 1: one path of gradient descent."""

    title = "Lab: gradient descent in a valley"
    rules = (rules.gradient_descent,)
    lab = traitlets.Unicode("gradient_descent").tag(sync=True)

    lr = number(0.4, "α, learning rate", 0.01, 1.0, scale="log")
    kappa = number(20.0, "κ, condition number", 1, 200, scale="log")
    angle = number(0, "turned by, degrees", -90, 90, whole=True, unit="degrees")
    W = number(-5.0, "start, W", -6, 6)
    b = number(-2.0, "start, b", -3.5, 3.5)

    def still(self):
        valley = _valley(self.kappa, self.angle)
        run = descend(rules.gradient_descent, valley.grad, (self.W, self.b), 100, lr=self.lr)
        return plots.paths(valley, {"gradient descent": run}, caption=f"Gradient descent, α = {self.lr:g}.", b=(-3.5, 3.5))


class MomentumLab(Lab):
    """Chapter 2: momentum beside gradient descent, its weights and its map of rates."""

    title = "Lab: momentum beside gradient descent"
    rules = (rules.ewma, rules.momentum)
    lab = traitlets.Unicode("momentum").tag(sync=True)

    lr = number(0.4, "α, learning rate", 0.05, 20, scale="log")
    beta1 = number(0.9, "β₁", 0.0, 0.98, scale="beta")
    kappa = number(20.0, "κ, condition number", 1, 200, scale="log")

    def still(self):
        valley = _valley(self.kappa, 0)
        runs = {
            "gradient descent": descend(rules.gradient_descent, valley.grad, (-5, -2), 100, lr=self.lr),
            "momentum": descend(rules.momentum, valley.grad, (-5, -2), 100, lr=self.lr, beta1=self.beta1),
        }
        return plots.paths(valley, runs, caption=f"α = {self.lr:g}, β₁ = {self.beta1:g}.", b=(-3.5, 3.5))


class RMSPropLab(Lab):
    """Chapter 3: RMSProp beside gradient descent, and the learning rate of each coordinate."""

    title = "Lab: a learning rate for each coordinate"
    rules = (rules.rmsprop,)
    lab = traitlets.Unicode("rmsprop").tag(sync=True)

    lr = number(0.4, "α, learning rate", 0.01, 2.0, scale="log")
    beta2 = number(0.9, "β₂", 0.0, 0.9999, scale="beta")
    eps = number(1e-8, "ε", 1e-10, 1.0, scale="log")
    angle = number(0, "turned by, degrees", 0, 90, whole=True, unit="degrees")

    def still(self):
        valley = _valley(20, self.angle)
        start = surfaces.turn((-5, -2), np.radians(self.angle))
        runs = {
            "gradient descent": descend(rules.gradient_descent, valley.grad, start, 100, lr=self.lr),
            "RMSProp": descend(rules.rmsprop, valley.grad, start, 100, lr=self.lr, beta2=self.beta2, eps=self.eps),
        }
        return plots.paths(valley, runs, caption=f"α = {self.lr:g}, β₂ = {self.beta2:g}.", b=(-3.5, 3.5))


class AdamLab(Lab):
    """Chapter 4: Adam beside the three others, each of which can be switched off."""

    title = "Lab: Adam beside the others"
    rules = (rules.adam,)
    lab = traitlets.Unicode("adam").tag(sync=True)

    lr = number(0.2, "α, learning rate", 0.01, 2.0, scale="log")
    beta1 = number(0.9, "β₁", 0.0, 0.99, scale="beta")
    beta2 = number(0.9, "β₂", 0.0, 0.9999, scale="beta")
    eps = number(1e-8, "ε", 1e-10, 1.0, scale="log")
    kappa = number(20.0, "κ, condition number", 1, 200, scale="log")
    show_gradient_descent = flag(True, "gradient descent")
    show_momentum = flag(True, "momentum")
    show_rmsprop = flag(True, "RMSProp")
    show_adam = flag(True, "Adam")

    def still(self):
        valley = _valley(self.kappa, 0)
        both = {"beta1": self.beta1, "beta2": self.beta2, "eps": self.eps}
        runs = {
            "gradient descent": descend(rules.gradient_descent, valley.grad, (-5, -2), 200, lr=self.lr),
            "momentum": descend(rules.momentum, valley.grad, (-5, -2), 200, lr=self.lr, beta1=self.beta1),
            "RMSProp": descend(rules.rmsprop, valley.grad, (-5, -2), 200, lr=self.lr, beta2=self.beta2, eps=self.eps),
            "Adam": descend(rules.adam, valley.grad, (-5, -2), 200, lr=self.lr, **both),
        }
        return plots.paths(valley, runs, caption=f"α = {self.lr:g}, β₁ = {self.beta1:g}, β₂ = {self.beta2:g}.", b=(-3.5, 3.5))


class AveragesLab(Lab):
    """Chapter 5: Figures N and M with beta in the reader's hand, and Adam's first steps."""

    title = "Lab: averages before and after correction"
    rules = (rules.ewma, rules.debias)
    lab = traitlets.Unicode("averages").tag(sync=True)

    beta = number(0.98, "β of the average", 0.0, 0.999, scale="beta")
    correction = flag(True, "bias correction")
    beta1 = number(0.9, "β₁ of Adam", 0.0, 0.99, scale="beta")
    beta2 = number(0.999, "β₂ of Adam", 0.0, 0.9999, scale="beta")

    def still(self):
        before = smooth(DATA, self.beta)
        lines = {"before correction": before}
        if self.correction:
            lines["after correction"] = rules.debias(before, self.beta, np.arange(1, len(DATA) + 1))
        return plots.curves(lines, points=DATA, x="time", y="value", caption=f"The average with β = {self.beta:g}.")


class RaceLab(Lab):
    """Chapter 6: all methods on one surface, each with its own learning rate."""

    title = "Lab: the race"
    rules = (rules.gradient_descent, rules.momentum, rules.rmsprop, rules.adam)
    lab = traitlets.Unicode("race").tag(sync=True)

    surface = choice(["bowl", "turned bowl", "Rosenbrock", "saddle"], "surface")
    noise = flag(False, "noise on the gradients")
    lr_gradient_descent = number(0.476, "α of gradient descent", 0.0001, 2.0, scale="log")
    lr_momentum = number(1.0, "α of momentum", 0.0001, 20.0, scale="log")
    lr_rmsprop = number(0.1, "α of RMSProp", 0.0001, 2.0, scale="log")
    lr_adam = number(0.3, "α of Adam", 0.0001, 2.0, scale="log")
    step = number(40, "steps so far", 0, 300, whole=True)

    def still(self):
        valley = _valley(20, 0)
        rates = {name: getattr(self, f"lr_{name}") for name in ("gradient_descent", "momentum", "rmsprop", "adam")}
        runs = {
            label: descend(getattr(rules, name), valley.grad, (-5, -2), self.step, lr=rates[name])
            for label, name in [("gradient descent", "gradient_descent"), ("momentum", "momentum"), ("RMSProp", "rmsprop"), ("Adam", "adam")]
        }
        return plots.paths(valley, runs, caption=f"After {self.step} steps.", b=(-4, 4))


def _valley(kappa: float, degrees: float) -> surfaces.Surface:
    return surfaces.bowl((4 / kappa, 4.0), np.radians(degrees))


for _lab in (GradientDescentLab, MomentumLab, RMSPropLab, AdamLab, AveragesLab, RaceLab):
    _lab._esm = script() + "\nexport default { render: ({ model, el }) => mount({ model, el, live: true }) };\n"
    _lab._css = style()
