"""From gradient descent to Adam: each optimiser is its equation.

>>> from optimlib import adam, bowl, descend
>>> descend(adam, bowl().grad, start=(-5, -2), steps=100, lr=0.1)
<Path of 100 steps, never diverged>
"""

from optimlib import rules
from optimlib.descend import descend, smooth
from optimlib.path import Path
from optimlib.rules import *  # noqa: F403  (what is on the list)
from optimlib.surfaces import Surface, bowl, noisy, rosenbrock, saddle, steps_to_reach, turn

__version__ = "1.0.0"
__all__ = [
    *rules.__all__,
    "Path",
    "Surface",
    "bowl",
    "descend",
    "noisy",
    "rosenbrock",
    "saddle",
    "smooth",
    "steps_to_reach",
    "turn",
]
