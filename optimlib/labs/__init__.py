"""Labs: controls that answer at once, on the plain page with no kernel and in a live notebook.

A lab is described once, here: its controls, the ground and the rules that it runs, the ranges of its pictures.
The browser is told, and runs JavaScript that :mod:`optimlib.translate` makes from the step functions and
surfaces, so page, notebook and Python compute the same. In a live notebook ``lab.lr = 0.3`` moves the slider,
``lab.observe(...)`` hears the reader.
"""

from optimlib.labs.adam import AdamLab
from optimlib.labs.averages import AveragesLab
from optimlib.labs.decay import DecayLab
from optimlib.labs.gradient_descent import GradientDescentLab
from optimlib.labs.lab import Lab
from optimlib.labs.momentum import MomentumLab
from optimlib.labs.race import RaceLab
from optimlib.labs.rmsprop import RMSPropLab
from optimlib.labs.words import WordsLab

LABS = (
    GradientDescentLab,
    MomentumLab,
    RMSPropLab,
    AdamLab,
    AveragesLab,
    RaceLab,
    WordsLab,
    DecayLab,
)  # chapter by chapter

__all__ = ["LABS", "Lab", *(lab.__name__ for lab in LABS)]
