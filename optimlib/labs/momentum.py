"""Chapter 2: momentum beside gradient descent, its weights and its map of rates."""

from optimlib.labs.controls import Moment, Number
from optimlib.labs.descent import DescentLab, Target
from optimlib.labs.ground import valley
from optimlib.labs.panels import Axis, Panel, loss_panel, map_panel, sweep_panel
from optimlib.rules import ewma, gradient_descent, momentum


class MomentumLab(DescentLab):
    """Chapter 2: momentum beside gradient descent, its weights and its map of rates."""

    name = "momentum"
    title = "Lab: momentum beside gradient descent"

    steps = 100
    step = Moment(steps)
    lr = Number(0.4, "α, learning rate", 0.05, 20, scale="log")
    beta1 = Number(0.9, "β₁", 0, 0.98, scale="beta")
    kappa = Number(20, "κ, condition number", 1, 200, scale="log")
    W = Number(-5, "start, W", -6, 6)
    b = Number(-2, "start, b", -3.5, 3.5)

    rules = (gradient_descent, momentum)
    code = (ewma, momentum)
    targets = (Target(12, {"kappa": 20}), Target(30, {"kappa": 100}), Target(42, {"kappa": 200}))
    sweep = ("lr", "beta1")
    grounds = {"bowl": valley(kappa="kappa", start=("W", "b"))}
    panels = {
        "map": map_panel(),
        "loss": loss_panel(steps),
        "weights": Panel(Axis("age of the gradient in steps", -1, 30), Axis("weight", 0, 1), tall=0.5),
        "sweep": sweep_panel(lr, beta1),
    }
