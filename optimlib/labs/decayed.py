"""Rules with a weight decay, as libraries have it: what the lab of chapter 8 runs, and no other place needs.

They are equations as those of :mod:`optimlib.steps` are, and are translated with them.
"""

from __future__ import annotations

from optimlib.steps import Step, Value, adam, amsgrad, lion


def adam_l2(
    w: Value,
    dw: Value,
    memory: tuple = (0.0, 0.0, 0),
    *,
    lr: Value = 0.001,
    beta1: Value = 0.9,
    beta2: Value = 0.999,
    eps: Value = 1e-8,
    decay: Value = 0.01,
) -> Step:
    r"""Adam with L2 regularisation: the decay is a part of the gradient, and passes through both averages."""
    return adam(w, dw + decay * w, memory, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


def amsgrad_l2(
    w: Value,
    dw: Value,
    memory: tuple = (0.0, 0.0, 0.0, 0),
    *,
    lr: Value = 0.001,
    beta1: Value = 0.9,
    beta2: Value = 0.999,
    eps: Value = 1e-8,
    decay: Value = 0.01,
) -> Step:
    r"""AMSGrad with L2 regularisation."""
    return amsgrad(w, dw + decay * w, memory, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


def lion_decayed(
    w: Value,
    dw: Value,
    memory: tuple = (0.0,),
    *,
    lr: Value = 1e-4,
    beta1: Value = 0.9,
    beta2: Value = 0.99,
    decay: Value = 0.01,
) -> Step:
    r"""Lion with the decay of its authors, beside the step as AdamW's is (Chen et al. 2023, algorithm 2)."""
    return lion(w * (1 - lr * decay), dw, memory, lr=lr, beta1=beta1, beta2=beta2)


def l2_minimum(place: Value, lam: Value, decay: Value) -> Value:
    r"""Where a loss of curvature ``lam``, least at ``place``, and :math:`\delta w^2 / 2` are least together."""
    return lam * place / (lam + decay)


RULES = {"adam_l2": adam_l2, "amsgrad_l2": amsgrad_l2, "lion_decayed": lion_decayed}
LABELS = {"adam_l2": "L2 in Adam", "amsgrad_l2": "L2 in AMSGrad", "lion_decayed": "Lion"}
