"""Chapter 6: all methods on one surface, each with its own learning rate."""

from optimlib.labs.controls import Choice, Flag, Moment, Number
from optimlib.labs.descent import STEPS, DescentLab
from optimlib.labs.ground import ROSENBROCK, SADDLE, valley
from optimlib.labs.panels import lanes_panel, loss_panel, map_panel
from optimlib.rules import adam, gradient_descent, momentum, rmsprop


class RaceLab(DescentLab):
    """Chapter 6: all methods on one surface, each with its own learning rate."""

    name = "race"
    title = "Lab: the race"
    grounds = {
        "bowl": valley(moved=True),
        "turned bowl": valley(angle=45, moved=True),
        "Rosenbrock": ROSENBROCK,
        "saddle": SADDLE,
    }

    surface = Choice(tuple(grounds), "surface")
    noise = Flag(False, "noise on the gradients")
    lr_gradient_descent = Number(0.476, "α of gradient descent", 0.0001, 2, scale="log")
    lr_momentum = Number(1, "α of momentum", 0.0001, 20, scale="log")
    lr_rmsprop = Number(0.1, "α of RMSProp", 0.0001, 2, scale="log")
    lr_adam = Number(0.3, "α of Adam", 0.0001, 2, scale="log")
    W = Number(0, "start moved by, W", -12, 12)
    b = Number(0, "start moved by, b", -8, 8)
    step = Moment(STEPS, 40)

    rules = code = (gradient_descent, momentum, rmsprop, adam)
    steps = STEPS
    panels = {
        "map": map_panel(b=4),
        "loss": loss_panel(steps),
        "lanes": lanes_panel(len(rules), lr_gradient_descent, lr_momentum, lr_rmsprop, lr_adam),
    }
