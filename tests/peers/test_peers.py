"""optimlib against PyTorch, optax and Keras, through the conversions of chapters/conventions.ipynb.

The page is run, and its own functions are used: `torch_adam` and its like must be what the library does, and so must
the optimlib rule, converted as the page converts it. So table and test cannot part.

Gradients are streams, the same for both sides, and do not depend on where a walk is: on a loss, an unstable run would
multiply the last bit of one side at every step, and the comparison would say something of the loss. All walks start at
0, or a short step would hide in the last digits of a far place. Every place is compared, relative to the farthest that
this entry has been from 0 by then: a place near 0 is the difference of larger ones.
"""

import inspect
import json
import os
import re
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

os.environ["KERAS_BACKEND"] = "jax"  # the order of operations that Keras writes; on PyTorch it runs another

import jax
import keras
import numpy as np
import optax
import pytest
import torch

from optimlib import steps

jax.config.update("jax_enable_x64", True)
torch.set_default_dtype(torch.float64)  # what NAdam multiplies up has this type, whatever that of w is

STEPS = 100
SHAPES = [(), (1,), (5,), (3, 4), (3, 4, 5)]
EACH = 200  # settings of each shape: 1000 in all, for each row below and each type

NOTEBOOK = json.loads((Path(__file__).parents[2] / "chapters" / "conventions.ipynb").read_text(encoding="utf-8"))
TEXT = "".join("".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "markdown")
PAGE = {}
for cell in NOTEBOOK["cells"]:
    if cell["cell_type"] == "code":
        exec("".join(cell["source"]), PAGE)
# The page's functions call these. Without the checks of their input they are ten times as fast.
PAGE |= {rule: getattr(steps, rule) for rule in ("adam", "ewma", "heavy_ball", "momentum", "rmsprop")}
page = SimpleNamespace(**PAGE)


# Settings, over their whole range


def draw(rng, letter, dtype):
    if letter == "lr":
        value = 10 ** rng.uniform(-6, 1)
    elif letter.startswith("beta"):  # from 0 on, as often between 0.99 and 0.999 as between 0 and 0.9
        nearest_to_1 = 1 - 10 ** -rng.uniform(0, 4 if dtype is np.float32 else 6)
        value = rng.choice([0.0, 0.9, 0.99, 0.999, nearest_to_1], p=[0.05, 0.05, 0.05, 0.05, 0.8])
    else:  # eps, or where a sum of squares starts
        value = rng.choice([0.0, 10 ** rng.uniform(-16, 0)], p=[0.1, 0.9])
    return float(dtype(value))  # a number that both sides can hold


def settings(letters, dtype, each=EACH):
    """For each shape the settings, an array for each letter, and the gradients: (setting, step, *shape)."""
    rng = np.random.default_rng(0)
    for shape in SHAPES:
        hyper = {letter: np.array([draw(rng, letter, dtype) for _ in range(each)]) for letter in letters}
        if "decay" in hyper:  # a step that takes away more than all of w makes it grow, and any difference with it
            hyper["decay"] = (hyper["decay"] / np.maximum(1, hyper["lr"])).astype(dtype).astype(float)
        one_each = (each, 1) + (1,) * len(shape)
        gradients = rng.normal(rng.normal(size=one_each), 1, (each, STEPS, *shape))
        yield hyper, (gradients * 10 ** rng.uniform(-6, 3, one_each)).astype(dtype)


def spread(x, gradients):
    """A number for each setting, shaped so that it meets the gradients."""
    return x.reshape(-1, *[1] * (gradients.ndim - 1))


# Each way to walk along the gradients gives every place: (setting, step, *shape)


def one_by_one(hyper):
    values = zip(*hyper.values())
    return [dict(zip(hyper, map(float, one))) for one in values]


def by_rule(rule, **theirs):
    """A rule in our form; `theirs` says which name it has for a letter of ours."""

    def walk(hyper, gradients):
        places = np.empty_like(gradients)
        for one, stream, place in zip(one_by_one(hyper), gradients, places):
            named = {theirs.get(letter, letter): x for letter, x in one.items()}
            w, memory = np.zeros_like(stream[0]), ()
            for t, dw in enumerate(stream):
                w, *memory = rule(w, dw, *memory, **named)
                place[t] = w
        return places

    return walk


def by_torch(optimizer, options=lambda **hyper: hyper, memory=None):
    def walk(hyper, gradients):
        ws = [torch.nn.Parameter(torch.from_numpy(np.zeros_like(stream[0]))) for stream in gradients]
        everyone = optimizer([{"params": [w]} | options(**one) for w, one in zip(ws, one_by_one(hyper))])
        if memory:
            everyone.state.update({w: memory(w) for w in ws})
        places = np.empty_like(gradients)
        for t in range(STEPS):
            for w, stream in zip(ws, gradients):
                w.grad = torch.from_numpy(np.asarray(stream[t]))
            everyone.step()
            for w, place in zip(ws, places):
                place[t] = w.detach().numpy()
        return places

    return walk


def scanned(first, hyper, gradients):
    """All settings at once in JAX. `first` gives the memory and the step of one setting."""

    @jax.jit
    @jax.vmap
    def places(hyper, stream):
        memory, step = first(hyper)

        def next_place(walker, dw):
            walker = step(*walker, dw)
            return walker, walker[0]

        return jax.lax.scan(next_place, (0 * stream[0], memory), stream)[1]

    return np.asarray(places({letter: x.astype(gradients.dtype) for letter, x in hyper.items()}, gradients))


def by_optax(optimizer, memory=lambda state: state):
    def walk(hyper, gradients):
        def first(hyper):
            rule = optimizer(**hyper)

            def step(w, state, dw):
                update, state = rule.update(dw, state, w)
                return optax.apply_updates(w, update), state

            return memory(rule.init(0 * gradients[0, 0])), step

        return scanned(first, hyper, gradients)

    return walk


class Given:
    """A number that JAX fills in later. Keras asks whether momentum is 0, which JAX could not say then."""

    def __init__(self, x):
        self.x = x

    def __ne__(self, other):
        return True

    def __jax_array__(self):
        return self.x


def by_keras(optimizer, **theirs):
    def walk(hyper, gradients):
        keras.config.set_floatx(gradients.dtype.name)
        w = keras.Variable(gradients[0, 0])
        rule = optimizer()
        rule.build([w])

        def first(hyper):
            for letter, name in theirs.items():
                setattr(rule, name, Given(hyper[letter]) if name == "momentum" else hyper[letter])

            def step(w, memory, dw):
                [w], memory = rule.stateless_apply(memory, [dw], [w])
                return w, memory

            return [hyper["lr"] if x.name == "learning_rate" else x.value for x in rule.variables], step

        return scanned(first, hyper, gradients)

    return walk


def apart(theirs, ours):
    """The largest difference of each setting, in units of the last place of the farthest place so far."""
    assert theirs.shape == ours.shape and theirs.dtype == ours.dtype
    farthest = np.maximum.accumulate(np.abs(ours.astype(float)), axis=1)
    ulps = np.abs(theirs.astype(float) - ours) / (farthest * np.finfo(ours.dtype).eps)
    return ulps.reshape(len(ulps), -1).max(axis=1)


# Conversions: what the page has as a formula, and no function for


def averaged(w, dw, *memory, lr, beta1, rule=steps.momentum):  # (C.2)
    return rule(w, dw, *memory, lr=lr / (1 - beta1), beta1=beta1)


def adagrad_inside(w, dw, memory=(0.0,), *, lr, eps):  # (C.4), for the sum
    s = memory[0] + dw**2
    return steps.adagrad(w, dw, memory, lr=lr, eps=np.sqrt(s + eps) - np.sqrt(s))


def eps_root_as_eps(w, dw, memory=(0.0, 0.0, 0), *, lr, beta1, beta2, eps, eps_root):  # (C.4), for Adam
    s_hat = steps.debias(steps.ewma(memory[1], dw**2, beta2), beta2, memory[2] + 1)
    eps_t = eps + (np.sqrt(s_hat + eps_root) - np.sqrt(s_hat))
    return steps.adam(w, dw, memory, lr=lr, beta1=beta1, beta2=beta2, eps=eps_t)


# The uncorrected Adams, from the libraries' own: so late in a run that 1 - beta^t is 1, but with empty averages.


def torch_late(w):
    return {"step": torch.tensor(1e9), "exp_avg": torch.zeros_like(w), "exp_avg_sq": torch.zeros_like(w)}


def optax_late(state):
    return state[0]._replace(count=np.int32(1e9)), *state[1:]


# The rows. Each walk after the first must be the first's, to STEPS units in the last place: a unit for each step,
# since both sides round a few times in each, by half a unit. (In float64 that is 2.2e-14.) Where more is allowed,
# it is this many times more:


def polyak_places(dtype, beta1, **_):
    """Polyak's velocity is the difference of two places, with their rounding, and lasts for 1/(1 - beta) steps."""
    return np.minimum(STEPS, 1 / (1 - beta1))


def float32_correction(dtype, beta1, beta2, **_):
    """In float32 optax and Keras take beta^t in float32 too, and 1 - beta^t keeps few digits near 1. We take it in
    float64, as PyTorch does."""
    return 1 / (1 - np.maximum(beta1, beta2)) if dtype is np.float32 else np.ones_like(beta1)


def product_of_betas(dtype, beta1, beta2, **_):
    """PyTorch's NAdam multiplies its betas up, step by step, where we take beta^t: 1 - beta^t keeps fewer digits near 1."""
    return 1 / (1 - beta1) if dtype is np.float64 else np.ones_like(beta1)


def keras_order(dtype, beta1, beta2, **_):
    """Keras also computes v + (g^2 - v)(1 - beta2). A large v leaves its rounding when beta2 lets little of it stay;
    at beta2 = 0 without limit."""
    with np.errstate(divide="ignore"):
        return float32_correction(dtype, beta1, beta2) / beta2


def torch_adam_options(lr, beta1, beta2, eps):
    return {"lr": lr, "betas": (beta1, beta2), "eps": eps}


def torch_nesterov_options(lr, beta1):
    return {"lr": lr, "momentum": beta1, "nesterov": beta1 > 0}  # PyTorch allows no look-ahead along nothing


def torch_adamw_options(decay, **hyper):
    return torch_adam_options(**hyper) | {"weight_decay": decay}


def torch_amsgrad_options(**hyper):
    return torch_adam_options(**hyper) | {"amsgrad": True}


def torch_nadam_options(**hyper):
    return torch_adam_options(**hyper) | {"momentum_decay": 1e9}  # its beta1 warms up: here in no time


def typed_torch_adam(w, dw, *memory, lr, beta1, beta2, eps):
    return page.torch_adam(w, dw, *memory, lr=lr, betas=(beta1, beta2), eps=eps)


def typed_torch_damped(w, dw, *memory, lr, beta1):
    return page.torch_sgd(w, dw, *memory, lr=lr, momentum=beta1, dampening=beta1)


SGD = ("lr", "beta1")
ADAGRAD = ("lr", "eps")
RMSPROP = ("lr", "beta2", "eps")
ADAM = ("lr", "beta1", "beta2", "eps")
LION = ("lr", "beta1", "beta2")
KERAS_ADAM = {"beta1": "beta_1", "beta2": "beta_2", "eps": "epsilon"}

# name: letters, the library, what must be equal to it (first the page's typed form of it, where it has one)
ROWS = {
    "gradient descent, PyTorch": (("lr",), by_torch(torch.optim.SGD), by_rule(steps.gradient_descent)),
    "gradient descent, optax": (("lr",), by_optax(lambda lr: optax.sgd(lr)), by_rule(steps.gradient_descent)),
    "gradient descent, Keras": (("lr",), by_keras(keras.optimizers.SGD), by_rule(steps.gradient_descent)),
    "momentum, Polyak": (
        SGD,
        by_rule(page.polyak, lr="alpha", beta1="beta"),
        by_rule(averaged),
        by_rule(steps.heavy_ball),
    ),
    "momentum, PyTorch": (
        SGD,
        by_torch(torch.optim.SGD, lambda lr, beta1: {"lr": lr, "momentum": beta1}),
        by_rule(page.torch_sgd, beta1="momentum"),
        by_rule(averaged),
        by_rule(steps.heavy_ball),
    ),
    "momentum, PyTorch with dampening": (
        SGD,
        by_torch(torch.optim.SGD, lambda lr, beta1: {"lr": lr, "momentum": beta1, "dampening": beta1}),
        by_rule(typed_torch_damped),
        by_rule(page.started_at_gradient),
    ),
    "momentum, optax": (
        SGD,
        by_optax(lambda lr, beta1: optax.sgd(lr, beta1)),
        by_rule(page.optax_sgd, lr="learning_rate", beta1="momentum"),
        by_rule(averaged),
        by_rule(steps.heavy_ball),
    ),
    "momentum, Keras": (
        SGD,
        by_keras(lambda: keras.optimizers.SGD(momentum=0.5), beta1="momentum"),
        by_rule(page.keras_sgd, lr="learning_rate", beta1="momentum"),
        by_rule(averaged),
        by_rule(steps.heavy_ball),
    ),
    "Nesterov, PyTorch": (
        SGD,
        by_torch(torch.optim.SGD, torch_nesterov_options),
        by_rule(partial(averaged, rule=steps.nesterov)),
    ),
    "Adagrad, PyTorch": (ADAGRAD, by_torch(torch.optim.Adagrad), by_rule(steps.adagrad)),
    "Adagrad, optax": (ADAGRAD, by_optax(lambda lr, eps: optax.adagrad(lr, 0.0, eps)), by_rule(adagrad_inside)),
    "Adagrad, Keras": (
        ADAGRAD,
        by_keras(lambda: keras.optimizers.Adagrad(initial_accumulator_value=0.0), eps="epsilon"),
        by_rule(adagrad_inside),
    ),
    "RMSProp, PyTorch": (
        RMSPROP,
        by_torch(torch.optim.RMSprop, lambda lr, beta2, eps: {"lr": lr, "alpha": beta2, "eps": eps}),
        by_rule(page.torch_rmsprop, beta2="alpha"),
        by_rule(steps.rmsprop),
    ),
    "RMSProp, optax": (
        RMSPROP,
        by_optax(lambda lr, beta2, eps: optax.rmsprop(lr, beta2, eps)),
        by_rule(page.rmsprop_inside),
    ),
    "RMSProp, optax with eps_in_sqrt=False": (
        RMSPROP,
        by_optax(lambda lr, beta2, eps: optax.rmsprop(lr, beta2, eps, eps_in_sqrt=False)),
        by_rule(steps.rmsprop),
    ),
    "RMSProp, Keras": (
        RMSPROP,
        by_keras(keras.optimizers.RMSprop, beta2="rho", eps="epsilon"),
        by_rule(page.keras_rmsprop, lr="learning_rate", beta2="rho", eps="epsilon"),
        by_rule(page.rmsprop_inside),
    ),
    "Adam, PyTorch": (
        ADAM,
        by_torch(torch.optim.Adam, torch_adam_options),
        by_rule(typed_torch_adam),
        by_rule(steps.adam),
    ),
    "Adam, optax": (
        ADAM,
        by_optax(lambda lr, beta1, beta2, eps: optax.adam(lr, beta1, beta2, eps)),
        by_rule(page.optax_adam, lr="learning_rate", beta1="b1", beta2="b2"),
        by_rule(steps.adam),
    ),
    "Adam, optax with eps_root": (
        (*ADAM, "eps_root"),
        by_optax(lambda lr, beta1, beta2, eps, eps_root: optax.adam(lr, beta1, beta2, eps, eps_root)),
        by_rule(page.optax_adam, lr="learning_rate", beta1="b1", beta2="b2"),
        by_rule(eps_root_as_eps),
    ),
    "Adam, Keras": (
        ADAM,
        by_keras(keras.optimizers.Adam, **KERAS_ADAM),
        by_rule(page.keras_adam, lr="learning_rate", beta1="beta_1", beta2="beta_2", eps="epsilon"),
        by_rule(page.adam_hat, eps="eps_hat"),
    ),
    "AdamW, PyTorch": ((*ADAM, "decay"), by_torch(torch.optim.AdamW, torch_adamw_options), by_rule(steps.adamw)),
    "AMSGrad, PyTorch": (ADAM, by_torch(torch.optim.Adam, torch_amsgrad_options), by_rule(steps.amsgrad)),
    "NAdam, PyTorch": (ADAM, by_torch(torch.optim.NAdam, torch_nadam_options), by_rule(steps.nadam)),
    "NAdam, optax": (
        ADAM,
        by_optax(lambda lr, beta1, beta2, eps: optax.nadam(lr, beta1, beta2, eps)),
        by_rule(steps.nadam),
    ),
    "Lion, optax": (
        LION,
        by_optax(lambda lr, beta1, beta2: optax.lion(lr, beta1, beta2, weight_decay=0.0)),
        by_rule(steps.lion),
    ),
    "Adam uncorrected, PyTorch": (
        ADAM,
        by_torch(torch.optim.Adam, torch_adam_options, torch_late),
        by_rule(steps.adam_uncorrected),
    ),
    "Adam uncorrected, optax": (
        ADAM,
        by_optax(lambda lr, beta1, beta2, eps: optax.adam(lr, beta1, beta2, eps), optax_late),
        by_rule(steps.adam_uncorrected),
    ),
    "Adam uncorrected, eps inside, optax": (
        ADAM,
        by_optax(lambda lr, beta1, beta2, eps: optax.adam(lr, beta1, beta2, 0.0, eps), optax_late),
        by_rule(steps.adam_uncorrected_eps_inside),
    ),
}
MORE_ALLOWED = {
    "momentum, Polyak": polyak_places,
    "Adam, optax": float32_correction,
    "Adam, optax with eps_root": float32_correction,
    "NAdam, optax": float32_correction,
    "NAdam, PyTorch": product_of_betas,
    "Adam, Keras": keras_order,
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ROWS)
def test_the_library_its_typed_form_and_our_rule_are_one(name, dtype, record_property):
    letters, library, *others = ROWS[name]
    largest = largest_of_allowed = 0
    for hyper, gradients in settings(letters, dtype):
        theirs = library(hyper, gradients)
        more = MORE_ALLOWED[name](dtype, **hyper) if name in MORE_ALLOWED else 1
        for other in others:
            ulps = apart(theirs, other(hyper, gradients))
            largest, share = max(largest, ulps.max()), ulps / (STEPS * more)
            largest_of_allowed = max(largest_of_allowed, share.max())
            assert (share <= 1).all(), one_by_one(hyper)[share.argmax()]
    record_property("apart", f"{largest:.1f} ulps, {largest_of_allowed:.0%} of what is allowed")


# Where they truly differ, the difference itself


def few(*letters):
    """Some settings in float64, each letter a column that meets the places."""
    for hyper, gradients in settings(letters, np.float64, each=20):
        yield hyper, gradients, {letter: spread(x, gradients) for letter, x in hyper.items()}


def when(gradients):
    """The number of each step, shaped so that it meets the gradients."""
    return np.arange(1, STEPS + 1).reshape(-1, *[1] * (gradients.ndim - 2))


def is_close(places, expected, scale):
    assert (np.abs(places - expected) <= 1e-12 * scale).all()


def test_pytorch_starts_its_damped_velocity_at_the_gradient():
    _, damped, *_ = ROWS["momentum, PyTorch with dampening"]
    for hyper, gradients, x in few("lr", "beta1"):
        theirs, ours = damped(hyper, gradients), by_rule(steps.momentum)(hyper, gradients)
        # Its velocity has beta^t g_1 more than ours; w has the sum of that.
        more = np.cumsum(x["beta1"] ** when(gradients), axis=1) * gradients[:, :1]
        is_close(theirs - ours, -x["lr"] * more, np.maximum.accumulate(np.abs(theirs), axis=1))


def test_kerass_velocity_keeps_the_old_rate_after_a_cut():
    cut = 20

    class Cut(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return keras.ops.where(step < cut, 0.1, 0.01)

    def outside(w, dw, memory=(0.0, 0), *, beta1):
        v, t = memory
        w, (v,) = steps.heavy_ball(w, dw, (v,), lr=0.1 if t < cut else 0.01, beta1=beta1)
        return w, (v, t + 1)

    keras_sgd = by_keras(lambda: keras.optimizers.SGD(Cut(), momentum=0.5), beta1="momentum")
    for hyper, gradients, x in few("beta1"):
        theirs, ours = keras_sgd(hyper, gradients), by_rule(outside)(hyper, gradients)
        # From then on what is left of the velocity of the last step before the cut goes on at the old rate.
        t, beta1 = when(gradients), x["beta1"]
        v = (beta1 ** np.maximum(cut - t, 0) * gradients)[:, :cut].sum(axis=1, keepdims=True)
        left = np.cumsum(np.where(t > cut, beta1 ** np.maximum(t - cut, 0), 0), axis=1) * v
        is_close(theirs - ours, -(0.1 - 0.01) * left, np.maximum.accumulate(np.abs(theirs), axis=1))
        assert (left[:, -1] != 0)[hyper["beta1"] > 0].all()


FIRST_STEPS = {  # name of the row, letters: the first step, and ours with eps copied
    "RMSProp, Keras": lambda g, lr, beta2, eps: (
        g / np.sqrt((1 - beta2) * g**2 + eps),
        g / (np.sqrt(1 - beta2) * abs(g) + eps),
    ),
    "RMSProp, optax": lambda g, lr, beta2, eps: (
        g / np.sqrt((1 - beta2) * g**2 + eps),
        g / (np.sqrt(1 - beta2) * abs(g) + eps),
    ),
    "Adagrad, optax": lambda g, lr, eps: (g / np.sqrt(g**2 + eps), g / (abs(g) + eps)),
    "Adagrad, Keras": lambda g, lr, eps: (g / np.sqrt(g**2 + eps), g / (abs(g) + eps)),
    "Adam, Keras": lambda g, lr, beta1, beta2, eps: (g / (abs(g) + eps / np.sqrt(1 - beta2)), g / (abs(g) + eps)),
    "Adam, optax with eps_root": lambda g, lr, beta1, beta2, eps, eps_root: (
        g / (np.sqrt(g**2 + eps_root) + eps),
        g / (abs(g) + eps),
    ),
}


@pytest.mark.parametrize("name", FIRST_STEPS)
def test_eps_stands_elsewhere(name):
    letters, library, *_ = ROWS[name]
    different = 0
    for hyper, gradients, x in few(*letters):
        first = library(hyper, gradients)[:, 0]
        theirs, copied = FIRST_STEPS[name](gradients[:, 0], **{letter: value[:, 0] for letter, value in x.items()})
        # beta^1 by a general power may have lost its last bit, and 1 - beta is 1e-6 at the least.
        np.testing.assert_allclose(first, -x["lr"][:, 0] * theirs, rtol=1e-10)
        different += (np.abs(theirs / copied - 1) > 0.1).sum()
    assert different > 50  # of 1580 first steps


def test_adagrad_starts_at_a_tenth_in_optax_and_keras():
    def from_a_tenth(w, dw, memory=(0.1,), **hyper):
        return adagrad_inside(w, dw, memory, **hyper)

    for library in (
        by_optax(lambda lr, eps: optax.adagrad(lr, eps=eps)),
        by_keras(keras.optimizers.Adagrad, eps="epsilon"),
    ):
        for hyper, gradients, _ in few("lr", "eps"):
            theirs = library(hyper, gradients)
            assert (apart(theirs, by_rule(from_a_tenth)(hyper, gradients)) <= STEPS).all()
            assert (np.abs(theirs[:, 0]) < np.abs(by_rule(adagrad_inside)(hyper, gradients)[:, 0])).all()


def test_optax_can_start_s_elsewhere():
    def from_1(w, dw, memory=(1.0,), **hyper):
        return steps.rmsprop(w, dw, memory, **hyper)

    library = by_optax(lambda lr, beta2, eps: optax.rmsprop(lr, beta2, eps, initial_scale=1.0, eps_in_sqrt=False))
    for hyper, gradients, _ in few("lr", "beta2", "eps"):
        assert (apart(library(hyper, gradients), by_rule(from_1)(hyper, gradients)) <= STEPS).all()


def test_in_float32_keras_takes_its_correction_from_a_rounded_beta():
    g = np.ones((1, STEPS), np.float32)
    hyper = {"lr": np.array([1.0]), "beta1": np.array([0.9]), "beta2": np.array([0.999]), "eps": np.array([0.0])}
    keras.config.set_floatx("float32")
    w = keras.Variable(g[0, 0])
    rule = keras.optimizers.Adam(1.0, epsilon=0.0)
    rule.build([w])
    [w], _ = rule.stateless_apply([x.value for x in rule.variables], [g[0, 0]], [0 * g[0, 0]])
    correction = (1 - float(np.float32(0.999))) / (1 - 0.999), (1 - float(np.float32(0.9))) / (1 - 0.9)
    assert -float(w) == pytest.approx(np.sqrt(correction[0]) / correction[1], rel=1e-6)
    assert -float(w) < 1 - 50 * np.finfo(np.float32).eps
    assert by_rule(steps.adam)(hyper, g)[0, 0] == -1


def test_the_three_nesterovs_agree():
    nesterov = [
        by_torch(torch.optim.SGD, lambda lr, beta1: {"lr": lr, "momentum": beta1, "nesterov": beta1 > 0}),
        by_optax(lambda lr, beta1: optax.sgd(lr, beta1, nesterov=True)),
        by_keras(lambda: keras.optimizers.SGD(momentum=0.5, nesterov=True), beta1="momentum"),
    ]
    for hyper, gradients, _ in few("lr", "beta1"):
        first, *others = (library(hyper, gradients) for library in nesterov)
        for other in others:
            assert (apart(first, other) <= STEPS).all()


@pytest.mark.parametrize("shape", [(6, 6), (3, 8), (8, 3)], ids=str)
def test_muon_is_pytorchs_as_far_as_its_short_numbers_go(shape):
    """PyTorch orthogonalises in bfloat16, of 8 bits, and scales a tall matrix's step; weight decay off."""
    gradients = np.random.default_rng(0).standard_normal((20, *shape))
    w = torch.nn.Parameter(torch.zeros(shape, dtype=torch.float64))
    theirs = torch.optim.Muon([w], lr=0.1, momentum=0.9, weight_decay=0.0)
    ours, memory = np.zeros(shape), (0.0,)
    for dw in gradients:
        w.grad = torch.from_numpy(dw)
        before = w.detach().numpy().copy()
        theirs.step()
        new, memory = steps.muon(ours, dw, memory, lr=0.1 * np.sqrt(max(1, shape[0] / shape[1])), beta1=0.9)
        step, their_step = new - ours, w.detach().numpy() - before
        assert np.linalg.norm(step - their_step) < 0.05 * np.linalg.norm(step)
        ours = new


# The table itself


def test_the_page_names_the_versions_that_are_here():
    for name, here in [("PyTorch", "torch"), ("Keras", "keras"), ("optax", "optax")]:
        (named,) = re.search(rf"The libraries are .*{name} ([0-9.]*[0-9])", TEXT).groups()
        assert version(here).startswith(named)


@pytest.mark.parametrize(
    "who, rule",
    [
        ("PyTorch `SGD`", torch.optim.SGD),
        ("Keras `SGD`", keras.optimizers.SGD),
        ("optax `sgd`", optax.sgd),
        ("PyTorch `RMSprop`", torch.optim.RMSprop),
        ("Keras `RMSprop`", keras.optimizers.RMSprop),
        ("optax `rmsprop`", optax.rmsprop),
        ("PyTorch `Adam`", torch.optim.Adam),
        ("Keras `Adam`", keras.optimizers.Adam),
        ("optax `adam`", optax.adam),
    ],
)
def test_the_defaults_are_those_of_the_table(who, rule):
    (row,) = re.findall(rf"^\| {re.escape(who)} \| (`.*`) \|$", TEXT, re.MULTILINE)
    named = dict(one.split("=", 1) for one in re.findall(r"`([^`]*)`", row))
    parameters = inspect.signature(rule).parameters
    assert {name: repr(parameters[name].default) for name in named} == {
        name: repr(eval(value)) for name, value in named.items()
    }
