"""Chapter 3: RMSProp beside gradient descent, and the learning rate of each coordinate."""

from optimlib.labs.controls import Moment, Number
from optimlib.labs.descent import DescentLab, Target
from optimlib.labs.ground import valley
from optimlib.labs.panels import Axis, Panel, loss_panel, map_panel, sweep_panel
from optimlib.rules import gradient_descent, rmsprop


class RMSPropLab(DescentLab):
    """Chapter 3: RMSProp beside gradient descent, and the learning rate of each coordinate."""

    name = "rmsprop"
    title = "Lab: a learning rate for each coordinate"

    steps = 100
    step = Moment(steps)
    lr = Number(0.4, "α, learning rate", 0.01, 2, scale="log")
    beta2 = Number(0.9, "β₂", 0, 0.9999, scale="beta")
    eps = Number(1e-8, "ε", 1e-10, 1, scale="log")
    angle = Number(0, "turned by, degrees", 0, 90, whole=True, unit="degrees")
    W = Number(0, "start moved by, W", -12, 12)
    b = Number(0, "start moved by, b", -7, 7)

    rules = (gradient_descent, rmsprop)
    code = (rmsprop,)
    targets = (Target(10, {"angle": 0}), Target(60, {"angle": 45}))
    sweep = ("lr", "beta2")
    grounds = {"bowl": valley(angle="angle", turns_start=True, moved=True)}
    panels = {
        "map": map_panel(),
        "loss": loss_panel(steps),
        "sweep": sweep_panel(lr, beta2),
        "rates": Panel(Axis("step", 0, steps), Axis("learning rate of each", 1e-3, 1e3, "log"), tall=0.45),
    }
