"""Chapter 8: a decay beside the step and a decay inside the gradient, in a valley that is not least at 0."""

from optimlib.labs.controls import Choice, Flag, Moment, Number
from optimlib.labs.decayed import adam_l2, amsgrad_l2, lion_decayed
from optimlib.labs.descent import DescentLab, Target
from optimlib.labs.ground import valley
from optimlib.labs.panels import loss_panel, map_panel, sweep_panel
from optimlib.rules import adamw


class DecayLab(DescentLab):
    """Chapter 8: a decay beside the step and a decay inside the gradient, in a valley that is not least at 0."""

    name = "decay"
    title = "Lab: weight decay, beside the step and inside the gradient"

    steps = 200
    step = Moment(steps)
    lr = Number(0.2, "α, learning rate", 0.01, 4, scale="log")
    decay = Number(0.1, "δ, decay", 0.0001, 1, scale="log")
    kappa = Number(20, "κ, condition number", 1, 10000, scale="log")
    W = Number(5, "start, W", -6, 6)
    b = Number(-2, "start, b", -3.5, 3.5)
    method = Choice(("AdamW", "L2 in Adam", "L2 in AMSGrad", "Lion"), "map and numbers of")
    noise = Flag(False, "noise on the gradients")
    show_amsgrad_l2 = Flag(False, "L2 in AMSGrad, too")
    show_lion_decayed = Flag(False, "Lion, too")

    rules = (lion_decayed, amsgrad_l2, adam_l2, adamw)
    code = (adam_l2, adamw, lion_decayed)
    targets = (
        Target(100, {"method": "AdamW", "decay": 0.01}),
        Target(130, {"method": "AdamW", "decay": 0.03}),
        Target(100, {"method": "L2 in Adam", "decay": 0.03}),
    )
    sweep = ("lr", "decay")
    grounds = {"bowl": valley(kappa="kappa", start=("W", "b"), minimum=(-3.0, 2.0))}
    panels = {"map": map_panel(), "loss": loss_panel(steps), "sweep": sweep_panel(lr, decay)}
