"""From gradient descent to Adam: each optimiser is its equation.

>>> from optimlib import adam, bowl, descend
>>> descend(adam, bowl().grad, start=(-5, -2), steps=100, lr=0.1)
<Path of 100 steps, never diverged>
"""

from optimlib.descend import descend, smooth
from optimlib.path import Path
from optimlib.rules import (
    adagrad,
    adam,
    adam_uncorrected,
    adam_uncorrected_eps_inside,
    debias,
    ewma,
    gradient_descent,
    heavy_ball,
    momentum,
    rmsprop,
    source,
)
from optimlib.surfaces import Surface, bowl, noisy, rosenbrock, saddle, steps_to_reach, turn

__version__ = "1.0.0"
__all__ = [
    "Path",
    "Surface",
    "adagrad",
    "adam",
    "adam_uncorrected",
    "adam_uncorrected_eps_inside",
    "bowl",
    "debias",
    "descend",
    "ewma",
    "gradient_descent",
    "heavy_ball",
    "momentum",
    "noisy",
    "rmsprop",
    "rosenbrock",
    "saddle",
    "smooth",
    "source",
    "steps_to_reach",
    "turn",
]
