"""Chapter 1: one path of gradient descent."""

from optimlib.labs.controls import Moment, Number
from optimlib.labs.descent import DescentLab, Target
from optimlib.labs.ground import valley
from optimlib.labs.panels import loss_panel, map_panel, sweep_panel
from optimlib.rules import gradient_descent


class GradientDescentLab(DescentLab):
    """Chapter 1: one path of gradient descent."""

    name = "gradient_descent"
    title = "Lab: gradient descent in a valley"

    steps = 100
    step = Moment(steps)
    lr = Number(0.4, "α, learning rate", 0.01, 1, scale="log")
    kappa = Number(20, "κ, condition number", 1, 200, scale="log")
    angle = Number(0, "turned by, degrees", -90, 90, whole=True, unit="degrees")
    W = Number(-5, "start, W", -6, 6)
    b = Number(-2, "start, b", -3.5, 3.5)

    rules = code = (gradient_descent,)
    targets = (Target(50, {"kappa": 20}), Target(10, {"kappa": 200}, anywhere=True))
    sweep = ("lr", "kappa")
    grounds = {"bowl": valley(kappa="kappa", angle="angle", start=("W", "b"))}
    panels = {"map": map_panel(), "loss": loss_panel(steps), "sweep": sweep_panel(lr, kappa)}
