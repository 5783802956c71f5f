"""Chapter 4: Adam beside the three others, each of which can be switched off."""

from optimlib.labs.controls import Flag, Moment, Number
from optimlib.labs.descent import DescentLab, Target
from optimlib.labs.ground import valley
from optimlib.labs.panels import loss_panel, map_panel, sweep_panel
from optimlib.rules import adam, gradient_descent, momentum, rmsprop


class AdamLab(DescentLab):
    """Chapter 4: Adam beside the three others, each of which can be switched off."""

    name = "adam"
    title = "Lab: Adam beside the others"

    steps = 200
    step = Moment(steps)
    lr = Number(0.2, "α, learning rate", 0.01, 2, scale="log")
    beta1 = Number(0.9, "β₁", 0, 0.99, scale="beta")
    beta2 = Number(0.9, "β₂", 0, 0.9999, scale="beta")
    eps = Number(1e-8, "ε", 1e-10, 1, scale="log")
    kappa = Number(20, "κ, condition number", 1, 200, scale="log")
    W = Number(-5, "start, W", -6, 6)
    b = Number(-2, "start, b", -3.5, 3.5)
    show_gradient_descent = Flag(True, "gradient descent")
    show_momentum = Flag(True, "momentum")
    show_rmsprop = Flag(True, "RMSProp")
    show_adam = Flag(True, "Adam")

    rules = (gradient_descent, momentum, rmsprop, adam)
    code = (adam,)
    targets = (Target(80, {"kappa": 20}), Target(20, {"kappa": 20}))
    sweep = ("lr", "beta2")
    grounds = {"bowl": valley(kappa="kappa", start=("W", "b"))}
    panels = {"map": map_panel(), "loss": loss_panel(steps), "sweep": sweep_panel(lr, beta2)}
