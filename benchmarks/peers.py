"""optimlib beside bare NumPy, PyTorch and optax. Runs in the environment of `make check-peers`.

One path of two parameters, a sweep of 128 x 128 settings, and how cost grows with steps, parameters and settings.
"""

from __future__ import annotations

import json
import os
import tracemalloc
from functools import partial

# One thread each: set before the libraries are loaded.
os.environ |= {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

from benchmarks.measure import ratio, row, seconds
from optimlib import adam, bowl, descend, rules

jax.config.update("jax_enable_x64", True)
torch.set_num_threads(1)
STEPS, START, LR = 1000, (-5.0, -2.0), 0.01
CURVATURES = np.array([0.2, 4.0])
valley = bowl(eigenvalues=(0.2, 4.0))


# The same loops as somebody would write them who needs one method only, with no check and no choice.


def bare_gradient_descent(gradient, w):
    path = [w]
    for _ in range(STEPS):
        w = w - LR * gradient(w)
        path.append(w)
    return np.array(path)


def bare_momentum(gradient, w, beta1=0.9):
    v, path = np.zeros(2), [w]
    for _ in range(STEPS):
        v = beta1 * v + (1 - beta1) * gradient(w)
        w = w - LR * v
        path.append(w)
    return np.array(path)


def bare_heavy_ball(gradient, w, beta1=0.9):
    v, path = np.zeros(2), [w]
    for _ in range(STEPS):
        v = beta1 * v + gradient(w)
        w = w - LR * v
        path.append(w)
    return np.array(path)


def bare_nesterov(gradient, w, beta1=0.9):
    v, path = np.zeros(2), [w]
    for _ in range(STEPS):
        dw = gradient(w)
        v = beta1 * v + (1 - beta1) * dw
        w = w - LR * (beta1 * v + (1 - beta1) * dw)
        path.append(w)
    return np.array(path)


def bare_adagrad(gradient, w, eps=1e-8):
    s, path = np.zeros(2), [w]
    for _ in range(STEPS):
        dw = gradient(w)
        s = s + dw**2
        w = w - LR * dw / (np.sqrt(s) + eps)
        path.append(w)
    return np.array(path)


def bare_rmsprop(gradient, w, beta2=0.9, eps=1e-8):
    s, path = np.zeros(2), [w]
    for _ in range(STEPS):
        dw = gradient(w)
        s = beta2 * s + (1 - beta2) * dw**2
        w = w - LR * dw / (np.sqrt(s) + eps)
        path.append(w)
    return np.array(path)


def bare_adam(gradient, w, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, path = np.zeros(2), np.zeros(2), [w]
    for t in range(1, STEPS + 1):
        dw = gradient(w)
        v = beta1 * v + (1 - beta1) * dw
        s = beta2 * s + (1 - beta2) * dw**2
        w = w - LR * (v / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + eps)
        path.append(w)
    return np.array(path)


def bare_adamw(gradient, w, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    v, s, path = np.zeros(2), np.zeros(2), [w]
    for t in range(1, STEPS + 1):
        dw = gradient(w)
        v = beta1 * v + (1 - beta1) * dw
        s = beta2 * s + (1 - beta2) * dw**2
        w = w * (1 - LR * decay) - LR * (v / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + eps)
        path.append(w)
    return np.array(path)


def bare_amsgrad(gradient, w, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, s_max, path = np.zeros(2), np.zeros(2), np.zeros(2), [w]
    for t in range(1, STEPS + 1):
        dw = gradient(w)
        v = beta1 * v + (1 - beta1) * dw
        s = beta2 * s + (1 - beta2) * dw**2
        s_max = np.maximum(s_max, s)
        w = w - LR * (v / (1 - beta1**t)) / (np.sqrt(s_max / (1 - beta2**t)) + eps)
        path.append(w)
    return np.array(path)


def bare_nadam(gradient, w, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, path = np.zeros(2), np.zeros(2), [w]
    for t in range(1, STEPS + 1):
        dw = gradient(w)
        v = beta1 * v + (1 - beta1) * dw
        s = beta2 * s + (1 - beta2) * dw**2
        ahead = beta1 * v / (1 - beta1 ** (t + 1)) + (1 - beta1) * dw / (1 - beta1**t)
        w = w - LR * ahead / (np.sqrt(s / (1 - beta2**t)) + eps)
        path.append(w)
    return np.array(path)


def bare_lion(gradient, w, beta1=0.9, beta2=0.99):
    v, path = np.zeros(2), [w]
    for _ in range(STEPS):
        dw = gradient(w)
        w = w - LR * np.sign(beta1 * v + (1 - beta1) * dw)
        v = beta2 * v + (1 - beta2) * dw
        path.append(w)
    return np.array(path)


def bare_adam_uncorrected(gradient, w, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, path = np.zeros(2), np.zeros(2), [w]
    for _ in range(STEPS):
        dw = gradient(w)
        v = beta1 * v + (1 - beta1) * dw
        s = beta2 * s + (1 - beta2) * dw**2
        w = w - LR * v / (np.sqrt(s) + eps)
        path.append(w)
    return np.array(path)


def bare_adam_uncorrected_eps_inside(gradient, w, beta1=0.9, beta2=0.999, eps=1e-8):
    v, s, path = np.zeros(2), np.zeros(2), [w]
    for _ in range(STEPS):
        dw = gradient(w)
        v = beta1 * v + (1 - beta1) * dw
        s = beta2 * s + (1 - beta2) * dw**2
        w = w - LR * v / np.sqrt(s + eps)
        path.append(w)
    return np.array(path)


def by_torch(make):
    """A run of a PyTorch optimiser; the gradient is ours too, so that only the optimiser is compared."""
    w = torch.tensor(START, dtype=torch.float64)
    optimiser, curvatures, path = make([w]), torch.tensor(CURVATURES), [w.clone()]
    for _ in range(STEPS):
        w.grad = curvatures * w
        optimiser.step()
        path.append(w.clone())
    return torch.stack(path).numpy()


def by_optax(transformation):
    """A run of optax step by step, as its documentation writes a loop."""
    w, curvatures = jnp.array(START), jnp.array(CURVATURES)
    state, path = transformation.init(w), [w]
    for _ in range(STEPS):
        updates, state = transformation.update(curvatures * w, state, w)
        w = optax.apply_updates(w, updates)
        path.append(w)
    return np.array(path)


def compiled(transformation):
    """A function that makes the whole run with one compiled scan."""
    curvatures = jnp.array(CURVATURES)

    def step(carry, _):
        w, state = carry
        updates, state = transformation.update(curvatures * w, state, w)
        w = optax.apply_updates(w, updates)
        return (w, state), w

    scan = jax.jit(lambda w: jax.lax.scan(step, (w, transformation.init(w)), None, length=STEPS)[1])
    return lambda: scan(jnp.array(START)).block_until_ready()


# By the name of a rule: how PyTorch and optax make it, where they have it.
TORCH = {
    "gradient_descent": torch.optim.SGD,
    "heavy_ball": lambda w, lr: torch.optim.SGD(w, lr=lr, momentum=0.9),
    "adagrad": torch.optim.Adagrad,
    "rmsprop": lambda w, lr: torch.optim.RMSprop(w, lr=lr, alpha=0.9),
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}
OPTAX = {
    "gradient_descent": optax.sgd(LR),
    "heavy_ball": optax.sgd(LR, momentum=0.9),
    "rmsprop": optax.rmsprop(LR),
    "adam": optax.adam(LR),
    "adamw": optax.adamw(LR, weight_decay=0.01),
}


def one_path() -> list[dict]:
    rows = []
    for name in (name for name in rules.RULES if f"bare_{name}" in globals()):
        bare = globals()[f"bare_{name}"]

        def ours(name=name):
            return descend(rules.RULES[name].guarded, valley.grad, START, STEPS, lr=LR).w

        def bare_run(bare=bare):
            return bare(valley.grad, np.array(START))

        assert np.allclose(ours(), bare_run(), rtol=1e-9, atol=1e-12)
        rows.append(ratio(f"{name}: descend / bare NumPy loop", ours, bare_run, "<= 1"))
        if name in TORCH:

            def torch_run(make=TORCH[name]):
                return by_torch(lambda w: make(w, lr=LR))

            assert np.allclose(ours(), torch_run(), rtol=1e-6, atol=1e-9)
            rows.append(ratio(f"{name}: PyTorch / descend", torch_run, ours, ">= 5", rounds=7))
        if name in OPTAX:

            def optax_run(transformation=OPTAX[name]):
                return by_optax(transformation)

            rows.append(ratio(f"{name}: optax step by step / descend", optax_run, ours, "", rounds=3))
            rows.append(ratio(f"{name}: descend / optax compiled with scan", ours, compiled(OPTAX[name]), "", rounds=7))
    return rows


def sweep() -> list[dict]:
    """128 x 128 settings, 200 steps: one call of ours, one vmap of a compiled scan of optax's."""
    lr, beta = np.geomspace(1e-3, 1, 128)[:, None], np.linspace(0, 0.99, 128)

    def gradient(w):
        return CURVATURES[:, None, None] * w

    def ours(rule="adam", share="beta1"):
        return descend(rules.RULES[rule].guarded, gradient, START, 200, **{"lr": lr, share: beta}).w

    rows = []
    for rule, share, make, goal in (
        ("adam", "beta1", lambda lr, beta: optax.adam(lr, b1=beta), ">= 1.3"),
        ("rmsprop", "beta2", lambda lr, beta: optax.rmsprop(lr, decay=beta, eps_in_sqrt=False), ">= 1.5"),
    ):
        theirs = swept(make, jnp.array(lr[:, 0]), jnp.array(beta))
        assert np.allclose(
            ours(rule, share)[1:], np.moveaxis(np.asarray(theirs()), (2, 3), (0, 1)), rtol=1e-6, atol=1e-7
        )
        name = f"{rule}: sweep of 128 x 128 settings: optax with vmap, scan and jit / descend"
        rows.append(ratio(name, theirs, partial(ours, rule, share), goal, rounds=7))
    tracemalloc.start()
    path = ours()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    state = 3 * path[0].nbytes  # w, v and s
    rows.append(row("sweep: memory at its peak / result and state", [peak / (path.nbytes + state)], "<= 1.3"))
    return rows


def swept(make, lr, beta):
    """A function that runs a rule of optax's for all pairs, with one vmap of a compiled scan."""

    def run(lr, beta):
        transformation = make(lr, beta)
        w = jnp.array(START)

        def step(carry, _):
            w, state = carry
            updates, state = transformation.update(jnp.array(CURVATURES) * w, state, w)
            w = optax.apply_updates(w, updates)
            return (w, state), w

        return jax.lax.scan(step, (w, transformation.init(w)), None, length=200)[1]

    grid = jax.jit(jax.vmap(jax.vmap(run, (None, 0)), (0, None)))
    return lambda: grid(lr, beta).block_until_ready()


def growth() -> list[dict]:
    """How the time grows with steps, parameters and settings: the slope on a log-log plot, over three decades."""

    def slope(sizes, run):
        times = [min(seconds(lambda: run(n)) for _ in range(3)) for n in sizes]
        return np.polyfit(np.log(sizes), np.log(times), 1)[0]

    decades = (100, 1000, 10_000, 100_000)
    large = (10_000, 100_000, 1_000_000, 10_000_000)
    return [
        row(
            "slope of time over steps, 100 to 100 000",
            [slope(decades, lambda n: descend(adam, valley.grad, START, n))],
            unit="",
        ),
        row(
            "slope over parameters, 10 000 to 10 million (10 steps)",
            [slope(large, lambda n: descend(adam, lambda w: w, np.ones(n), 10))],
            unit="",
        ),
        row(
            "slope over settings, 10 000 to 10 million (10 steps)",
            [slope(large, lambda n: descend(adam, lambda w: w, 1.0, 10, lr=np.full(n, 0.01)))],
            unit="",
        ),
    ]


if __name__ == "__main__":
    print(json.dumps(one_path() + sweep() + growth()))
