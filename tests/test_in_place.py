"""The compiled loop: the bits of the equation, whatever the rule, the shape, the grid and the precision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimlib import rules, steps
from optimlib.translate.in_place import in_place
from tests.listed import at_random

RULES = [rule.equation for rule in rules.RULES.values() if rule.entrywise]
SHAPES = [(), (1,), (2,), (3, 2), (0,), (9,)]
RANDOM = settings(max_examples=10 * settings().max_examples)  # 1000, or 100 in `make quick`


class Grid(np.ndarray):
    """Settings of double precision, rounded where they meet other arrays, as Python's floats are."""

    def __array_ufunc__(self, ufunc, method, *operands):
        met = [x.dtype for x in operands if isinstance(x, np.ndarray | np.generic) and not isinstance(x, Grid)]
        plain = [np.asarray(x).astype(met[0] if met else float) if isinstance(x, Grid) else x for x in operands]
        return ufunc(*plain) if met else ufunc(*plain).view(Grid)


def plain(rule, start, gradients, hyper):
    """The loop of the equation as somebody would write it."""
    hyper = {name: x.view(Grid) if np.ndim(x) else x for name, x in hyper.items()}
    w, memory = start, ()
    path = [w]
    for curvature, push in gradients:
        w, *memory = rule(w, np.array(curvature * w + push), *memory, **hyper)
        path.append(w)
    return np.array(path)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@RANDOM
@given(st.integers(0, 2**32))
def test_the_compiled_loop_has_the_bits_of_the_plain_one(rule, seed):
    rng = np.random.default_rng(seed)
    dtype = rng.choice([np.float32, np.float64])
    shape, grid = SHAPES[rng.integers(len(SHAPES))], ((), (), (3,), (2, 3))[rng.integers(4)]
    hyper = {}
    for name in rules.keywords(rule):
        if name == "lr" or rng.random() < 0.7:
            of = tuple(1 if rng.random() < 0.3 else n for n in grid) if rng.random() < 0.7 else ()
            hyper[name] = at_random(name, rng, of) if of else float(at_random(name, rng, 1)[0])
    shape = (*shape, *np.broadcast_shapes(*map(np.shape, hyper.values())))
    count, look = rng.integers(0, 9), int(rng.integers(1, 5))
    sizes = 10 ** rng.uniform(-3, 3, count)
    gradients = [(dtype(rng.normal()), (size * rng.standard_normal(shape)).astype(dtype)) for size in sizes]
    path = np.empty((count + 1, *shape), dtype)
    path[0] = rng.normal(size=shape)
    kept = path[0].copy()

    to_come = iter(gradients)

    def careless(w):
        curvature, push = next(to_come)
        dw = np.array(curvature * w + push)
        w[...] = np.nan
        return dw

    def never(dw, w):
        raise AssertionError("this is an array like w")

    with np.errstate(all="ignore"):
        seen = list(in_place(rule).walk(path, look, careless, never, **hyper))
        expected = plain(rule, kept, gradients, hyper)
    assert [t for t, _ in seen] == [min(t, count) for t in range(look, count + look, look)]
    np.testing.assert_array_equal(path, expected)


def test_a_loop_is_made_once():
    assert in_place(steps.adam) is in_place(steps.adam)


def returning_twice(w, dw, memory=(0.0, 0.0, 1), *, lr):
    v, u, t = memory
    x = lr * dw
    return x, (x, w, t)


def remembering(w, dw, memory=(0.0, 0.0), *, lr=0.5):
    v, u = memory
    return w - lr * abs(u - -v) ** 3, (dw, v)


def growing(w, dw, memory=(1, 2.0), *, lr):
    t, v = memory
    t, v = t + 1, -t * v
    return w - lr * steps_of(t, v) * dw, (t, v)


def steps_of(t, v):
    return sqrt(t) + maximum(v, 0.5) ** 2


sqrt, maximum = np.sqrt, np.maximum


@pytest.mark.parametrize("rule", [returning_twice, remembering, growing])
def test_a_rule_may_be_written_in_any_of_the_grammar(rule):
    """What is given may be returned or remembered, a result returned twice, and numbers remembered stay numbers."""
    start, gradients = np.array([1.0, -2.0]), [(2.0, np.array([t, 0.3])) for t in range(5)]
    path = np.array([start] * 6)
    to_come = iter(gradients)
    buffer = np.empty(2)  # which the loop must not keep

    def thrifty(w):
        curvature, push = next(to_come)
        buffer[:] = curvature * w + push
        return buffer

    for _ in in_place(rule).walk(path, 2, thrifty, None, lr=0.1):
        pass
    np.testing.assert_array_equal(path, plain(rule, start, gradients, {"lr": 0.1}))
