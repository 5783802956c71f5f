"""descend, Path and smooth: against closed forms, an independent loop, and gradients that misbehave."""

import functools
import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimlib import Path, bowl, descend, noisy, rosenbrock, rules, smooth, steps
from optimlib.divergence import grows_on
from tests.listed import every_rule, settings, two

VALLEY = bowl()
START = (-5.0, -2.0)


def first_of(rule):
    """One setting for each hyper-parameter of the rule, fit for the valley."""
    return {name: values[0] for name, values in grid_of(rule).items()}


def grid_of(rule):
    """Two settings for each: together a grid of two."""
    return settings(rule, two)


def by_hand(rule, gradient, w, count, **hyper):
    """The loop of descend, written out: no grid, no checks."""
    path, memory = [w], ()
    for _ in range(count):
        w, *memory = rule(w, gradient(w), *memory, **hyper)
        path.append(w)
    return np.array(path)


# The path


@given(lr=st.floats(0.01, 0.49), start=st.tuples(st.floats(-10, 10), st.floats(-10, 10)))
def test_gradient_descent_on_a_bowl_is_a_power(lr, start):
    path = descend(rules.gradient_descent, VALLEY.grad, start, 30, lr=lr)
    t = np.arange(31)[:, None]
    np.testing.assert_allclose(path.w, (1 - lr * np.array([0.2, 4.0])) ** t * start, rtol=1e-11, atol=1e-12)
    assert path.diverged == 0


@every_rule
def test_a_path_is_the_loop_written_out(rule):
    hyper = first_of(rule)
    path = descend(rule, VALLEY.grad, START, 50, **hyper)
    expected = by_hand(rule.__wrapped__, VALLEY.grad, np.array(START), 50, **hyper)
    np.testing.assert_array_equal(path.w, expected)


@pytest.mark.parametrize(
    "start", [3.0, 3, np.float64(3), [3.0], np.ones((2, 3)), np.ones((2, 3, 1), np.float32)], ids=repr
)
def test_the_start_is_row_0_whatever_its_shape(start):
    path = descend(rules.adam, lambda w: 2 * w, start, 5)
    assert path.w.shape == (6, *np.shape(start))
    np.testing.assert_array_equal(path.w[0], start)
    assert path.w.dtype == (np.float32 if getattr(start, "dtype", None) == np.float32 else float)


def test_a_single_precision_run_stays_one():
    start = np.array(START, np.float32)
    path = descend(rules.momentum, lambda w: w * np.float32(0.5), start, 40, lr=0.1)
    assert path.w.dtype == np.float32
    expected = by_hand(steps.momentum, lambda w: w * np.float32(0.5), start, 40, lr=0.1)
    assert expected.dtype == np.float32
    np.testing.assert_array_equal(path.w, expected)


def test_no_steps_is_the_start_alone():
    def gradient(w):
        raise AssertionError("no step asks for no gradient")

    path = descend(rules.adam, gradient, START, 0)
    np.testing.assert_array_equal(path.w, [START])
    assert len(path) == 1 and path.diverged == 0
    grid = descend(rules.adam, gradient, START, 0, lr=[0.1, 0.2])
    assert grid.w.shape == (1, 2, 2) and (grid.diverged == 0).all()


@pytest.mark.parametrize("count", [2.5, "3", None, True, np.float64(3.5), [3], np.inf, np.nan], ids=repr)
def test_steps_must_be_whole(count):
    with pytest.raises(TypeError, match=re.escape(f"steps must be a whole number, got {count!r}")):
        descend(rules.adam, VALLEY.grad, START, count)


@pytest.mark.parametrize("count", [-1, np.int64(-5)])
def test_steps_must_not_be_negative(count):
    with pytest.raises(ValueError, match=f"steps must be 0 or above, got {count}"):
        descend(rules.adam, VALLEY.grad, START, count)


def test_steps_may_be_a_number_of_numpy():
    for count in (np.int64(7), 7.0, np.float32(7)):
        assert len(descend(rules.adam, VALLEY.grad, START, count)) == 8


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_the_start_must_be_finite(bad):
    with pytest.raises(ValueError, match=f"start must be finite everywhere, got .*{bad}"):
        descend(rules.adam, VALLEY.grad, (1.0, bad), 3)
    with pytest.raises(ValueError, match=re.escape("start['b'] must be finite everywhere")):
        descend(rules.adam, lambda w: w, {"W": 1.0, "b": bad}, 3)


def test_hyper_parameters_of_a_grid_must_fit_each_other():
    with pytest.raises(ValueError, match=r"one grid, got the shapes lr \(3,\), beta1 \(2,\)"):
        descend(rules.momentum, VALLEY.grad, START, 3, lr=[0.1, 0.2, 0.3], beta1=[0.1, 0.2])


# Grids


@every_rule
def test_a_grid_equals_its_runs_one_by_one(rule):
    # Each hyper-parameter on an axis of its own, so the memory, too, has the whole grid.
    values = grid_of(rule)
    axes = {
        name: np.reshape(value, [-1 if i == j else 1 for j in range(len(values))])
        for i, (name, value) in enumerate(values.items())
    }
    together = descend(rule, VALLEY.grad, START, 40, **axes)
    shape = (2,) * len(values)
    assert together.w.shape == (41, 2, *shape) and together.diverged.shape == shape
    for place in np.ndindex(shape):
        one = {name: values[name][i] for name, i in zip(values, place)}
        alone = descend(rule, VALLEY.grad, START, 40, **one)
        np.testing.assert_allclose(together.w[(..., *place)], alone.w, rtol=1e-13, atol=1e-13)
        assert together.diverged[place] == alone.diverged == 0


def test_a_grid_may_be_a_list_and_its_settings_differ():
    path = descend(rules.momentum, VALLEY.grad, START, 10, lr=[0.1, 0.2, 0.3])
    assert path.w.shape == (11, 2, 3) and len(np.unique(path.last[0])) == 3


def test_a_grid_of_single_precision():
    lr = np.array([0.1, 0.3])
    path = descend(rules.adam, lambda w: 2 * w, np.array([1.0, -2.0], np.float32), 20, lr=lr)
    assert path.w.dtype == np.float32
    for i, one in enumerate(lr):
        alone = descend(rules.adam, lambda w: 2 * w, np.array([1.0, -2.0]), 20, lr=float(one))
        np.testing.assert_allclose(path.w[..., i], alone.w, rtol=1e-5, atol=1e-6)


# Divergence


def lost_at(lr, count, start=START, eigenvalues=(0.2, 4.0)):
    """The first step at which a coordinate is out of bounds, in plain Python; 0 if none is."""
    far = 1e6 * (1 + max(map(abs, start)))
    w = list(start)
    for t in range(1, count + 1):
        w = [x - lr * eigenvalue * x for x, eigenvalue in zip(w, eigenvalues)]
        if any(not abs(x) <= far for x in w):
            return t if count > 1 else 0  # one step is no growth
    return 0


# The last but one grows by half a percent per step, and is lost only after the first look, at step 2048.
RATES = [0.4, 0.5, 0.55, 0.6, 1.0, 30.0, 1e200, 2.01 / 4, 2.005 / 4]


@pytest.mark.parametrize("lr", RATES)
@pytest.mark.parametrize("count", [1, 5, 100, 2047, 2048, 2049, 4000])
def test_a_single_run_is_cut_where_it_is_lost(lr, count):
    path = descend(rules.gradient_descent, VALLEY.grad, START, count, lr=lr)
    expected = lost_at(lr, count)
    assert path.diverged == expected
    assert len(path) == (expected or count + 1)
    assert np.isfinite(path.w).all() and (count == 1 or np.abs(path.w).max() <= 6e6)


def test_the_rates_include_runs_lost_early_late_and_never():
    lost = [lost_at(lr, 4000) for lr in RATES]
    assert 0 in lost and 1 in lost and max(lost) > 2048


@pytest.mark.parametrize("count", [5, 300, 4000])
def test_on_a_grid_the_lost_are_nan_and_the_others_untouched(count):
    together = descend(rules.gradient_descent, VALLEY.grad, START, count, lr=RATES)
    np.testing.assert_array_equal(together.diverged, [lost_at(lr, count) for lr in RATES])
    for i, lr in enumerate(RATES):
        alone = descend(rules.gradient_descent, VALLEY.grad, START, count, lr=lr)
        kept = together.w[: len(alone), :, i]
        np.testing.assert_array_equal(kept, alone.w)
        assert np.isnan(together.w[len(alone) :, :, i]).all()


def through(start, *places):
    """A run from the start to these places, one in each step; both numbers are where the first is."""
    to_come = iter(places)
    return descend(rules.gradient_descent, lambda w: w - next(to_come), start, len(places), lr=1.0)


@pytest.mark.parametrize("start, bound", [((0.0, 1e3), 1.001e9), ((0.5, 0.5), 1.5e6), ((0.0, 0.0), 1e6)], ids=str)
def test_the_bound_counts_from_the_farthest_coordinate(start, bound):
    outside = np.nextafter(bound, np.inf)
    for place, lost in [(bound, 2), (outside, 1), (-outside, 1)]:
        assert through(start, place, 1e30).diverged == lost


def test_a_run_is_lost_also_where_squares_overflow():
    path = descend(rules.gradient_descent, lambda w: -1e7 * w, 1e150, 2, lr=1.0)
    assert path.diverged == 1 and path.w.tolist() == [1e150]


@pytest.mark.parametrize(
    "rule, place, hyper",
    [
        (rules.gradient_descent, 5e6, {"lr": 0.5}),
        (rules.gradient_descent, 5e6, {"lr": [0.5, 1.9]}),
        (rules.momentum, -3e9, {"lr": 0.5}),
        (rules.heavy_ball, 1e200, {"lr": 0.1, "beta1": 0.5}),
        (rules.adam, 4e7, {"lr": 1e7}),
    ],
)
def test_a_minimum_may_be_far_out(rule, place, hyper):
    path = descend(rule, lambda w: w - place, (0.0, 1.0), 900, **hyper)
    assert not np.any(path.diverged) and len(path) == 901
    np.testing.assert_allclose(path.last, place, rtol=1e-6)


def test_a_steady_walk_is_not_lost_and_one_that_grows_is():
    slope = lambda w: np.full_like(w, -1e5)  # noqa: E731
    assert descend(rules.gradient_descent, slope, 0.0, 500, lr=1.0).last == 5e7
    assert not descend(rules.momentum, slope, 0.0, 500, lr=1.0, beta1=0.99).diverged
    growing = descend(rules.gradient_descent, lambda w: -w, [1.0, 0.0], 50, lr=1.0)  # doubles
    assert growing.diverged == 21  # 2^21 is the first beyond 2 million
    # Out, and there to and fro: long steps, but the longest is over.
    assert through((0.0, 0.0), 1e-3, 1e9, 9e8, 1e9, 9e8, 1e9, 9e8).diverged == 0
    # The last of steps that oscillate need not be the longest.
    assert through((0.0, 0.0), 1.0, 1e7, 1e8, -1e9, -1e9).diverged == 2


@pytest.mark.parametrize("shape", [(0,), (2, 0)], ids=str)
def test_a_start_with_no_entry_stays_where_it_is(shape):
    path = descend(rules.adam, lambda w: w, np.ones(shape), 3)
    assert path.w.shape == (4, *shape) and path.diverged == 0


@pytest.mark.slow
@pytest.mark.parametrize("size, looked", [(1, 4096), (2, 2048), (3, 1365), (4097, 45), (10_000, 45)])
def test_when_no_run_is_finite_the_rest_is_not_run(size, looked):
    asked = 0

    def gradient(w):
        nonlocal asked
        asked += 1
        return w

    path = descend(rules.gradient_descent, gradient, 1.0, 5000, lr=np.full(size, 1e7))  # 1e7^45 is infinite
    assert (path.diverged == 1).all() and asked == looked and len(path) == 5001


def test_a_run_that_is_lost_may_be_given_nan_where_it_is_infinite():
    # 1, then 1e200, then -inf, whose gradient is inf - inf.
    path = descend(rules.gradient_descent, lambda w: [w[0] - w[0] * 1e200], [1.0], 3, lr=1.0)
    assert path.diverged == 1 and path.w.tolist() == [[1.0]]


@pytest.mark.parametrize("rule", [rules.gradient_descent, rules.momentum, rules.heavy_ball], ids=lambda r: r.__name__)
@pytest.mark.parametrize("surface", [bowl(angle=0.7), rosenbrock()], ids=lambda s: s.name)
@pytest.mark.parametrize("lr", [100.0, [100.0, 1e-6], [1e-6, 100.0]], ids=str)
def test_running_on_beyond_the_largest_number_is_no_error(rule, surface, lr):
    # Far beyond its loss a run meets inf - inf = nan, also in the gradient.
    lost = np.asarray(lr) == 100.0
    path = descend(rule, surface.grad, (-1.0, 1.5), 3000, lr=lr)
    np.testing.assert_array_equal(np.asarray(path.diverged) > 0, lost)
    by_name = descend(
        rule, lambda w: dict(zip("Wb", surface.grad(np.array([w["W"], w["b"]])))), {"W": -1.0, "b": 1.5}, 3000, lr=lr
    )
    np.testing.assert_array_equal(by_name.diverged, path.diverged)
    np.testing.assert_array_equal(by_name.w["b"], path.w[:, 1])


# Gradients that misbehave


def stumbling(step, value=np.nan):
    """The gradient of the valley, with one wrong entry when it is asked for the given time."""
    asked = 0

    def gradient(w):
        nonlocal asked
        asked += 1
        dw = VALLEY.grad(w)
        if asked == step:
            dw[1] = value
        return dw

    return gradient


@pytest.mark.parametrize("step", [1, 2, 7, 60])
@every_rule
def test_a_gradient_that_becomes_nan_raises_and_names_the_step(rule, step):
    with pytest.raises(ValueError, match=f"gradient must be finite.* got nan in step {step}, from w = "):
        descend(rule, stumbling(step), START, 60, **first_of(rule))


def test_nan_is_told_with_the_whole_place_it_came_from():
    w = descend(rules.adam, VALLEY.grad, START, 3, lr=0.1).last
    with pytest.raises(ValueError, match=re.escape(f"got nan in step 4, from w = {w}") + "$"):
        descend(rules.adam, stumbling(4), START, 60, lr=0.1)


def test_nan_in_one_setting_of_a_grid_is_told_from_where():
    with pytest.raises(ValueError, match=r"got nan in step 2, from w = 2\.0"):
        descend(rules.gradient_descent, lambda w: np.where(w > 1, np.nan, -1.0), 0.0, 3, lr=[0.1, 2.0])
    # Both are lost in step 2, the first by leaping from 1 to ten million, the second by nan.
    with pytest.raises(ValueError, match=r"got nan in step 2, from w = 2\.0"):
        descend(rules.gradient_descent, lambda w: np.where(w == 2, np.nan, -(1e7**w)), 0.0, 2, lr=[1.0, 2.0])


def test_an_infinite_gradient_is_a_divergence():
    path = descend(rules.gradient_descent, stumbling(4, np.inf), START, 10, lr=0.1)
    assert path.diverged == 4 and len(path) == 4


def test_zero_by_zero_is_told_apart_from_a_bad_gradient():
    # At b = 0 the gradient is 0, and with eps = 0 the step is 0/0.
    with pytest.raises(ValueError, match="not 0 where eps is 0: got nan in step 1"):
        descend(rules.adam, VALLEY.grad, (-5.0, 0.0), 3, eps=0.0)


def test_the_start_is_left_as_it_was():
    start = np.array(START)
    start.flags.writeable = False
    path = descend(rules.momentum, VALLEY.grad, start, 5, lr=0.1)
    path.w[0] = 99  # the path is a copy
    np.testing.assert_array_equal(start, START)
    named = {"W": np.array(-5.0), "b": np.array(-2.0)}
    descend(rules.momentum, lambda w: w, named, 5, lr=0.1).w["W"][0] = 99
    assert named == {"W": -5.0, "b": -2.0}


@every_rule
def test_a_gradient_that_writes_into_its_argument_harms_no_one(rule):
    def careless(w):
        w *= np.array([0.2, 4.0]).reshape(2, *[1] * (w.ndim - 1))
        return w

    for hyper in (first_of(rule), grid_of(rule)):
        expected = descend(rule, lambda w: careless(w.copy()), START, 20, **hyper)
        np.testing.assert_array_equal(descend(rule, careless, START, 20, **hyper).w, expected.w)


def test_a_named_gradient_that_writes_into_its_argument_harms_no_one():
    def careless(w):
        w["W"] *= 0.2
        w["b"] *= 4.0
        return w

    path = descend(rules.momentum, careless, {"W": np.array(-5.0), "b": np.array(-2.0)}, 20, lr=0.1)
    expected = descend(rules.momentum, VALLEY.grad, START, 20, lr=0.1)
    np.testing.assert_array_equal(np.array([path.w["W"], path.w["b"]]).T, expected.w)


def remembers_its_gradient(w, dw, memory=(0.0,), *, lr):
    """A rule of one's own that keeps the gradient itself: the next step is to find it as it was."""
    return w - lr * (2 * dw - memory[0]), (dw,)


def test_a_gradient_that_returns_one_buffer_each_time_harms_no_one():
    buffer = np.empty(2)

    def thrifty(w):
        buffer[:] = VALLEY.grad(w)
        return buffer

    for rule in (remembers_its_gradient, rules.momentum, rules.gradient_descent):
        expected = descend(rule, VALLEY.grad, START, 20, lr=0.1)
        np.testing.assert_array_equal(descend(rule, thrifty, START, 20, lr=0.1).w, expected.w)


def test_gradients_may_be_lists_and_tuples():
    expected = descend(rules.adam, VALLEY.grad, START, 10)
    for kind in (list, tuple):
        path = descend(rules.adam, lambda w: kind([0.2 * w[0], 4.0 * w[1]]), START, 10)
        np.testing.assert_allclose(path.w, expected.w, rtol=1e-14)


def test_a_gradient_that_changes_its_shape_is_refused():
    with pytest.raises(ValueError, match=re.escape("dw must have the shape of w, (2,), got (1,)")):
        descend(rules.adam, lambda w: w if abs(w[0] + 5) < 1e-9 else w[:1], START, 3)


@pytest.mark.parametrize("hyper", [{}, {"lr": [0.1, 0.2, 10.0]}], ids=["single", "grid"])
@pytest.mark.parametrize("count", [0, 1, 50])
def test_a_gradient_is_asked_once_each_step(hyper, count):
    seen = []

    def gradient(w):
        seen.append(w)
        return w

    path = descend(rules.adam, gradient, START, count, **hyper)
    if hyper and count:
        np.testing.assert_array_equal(seen.pop(0), START)  # all runs stand there: one is asked for
        seen.insert(0, path.w[0])
    if hyper and count > 1:  # now they have parted: the first and the farthest are asked for alone, to compare with
        np.testing.assert_array_equal(seen.pop(1), path.w[1, :, 0])
        np.testing.assert_array_equal(seen.pop(2), path.w[1, :, 2])
    assert len(seen) == count
    for place, w in zip(path, seen):
        np.testing.assert_array_equal(w, place)


def test_a_random_gradient_is_repeated_by_its_seed():
    def run(seed):
        rng = np.random.default_rng(seed)
        return descend(rules.adam, lambda w: w + rng.normal(size=2), START, 30).w

    np.testing.assert_array_equal(run(1), run(1))
    assert (run(1)[-1] != run(2)[-1]).all()


# Gradients that do not know of grids

c, target = np.array([0.2, 4.0]), np.array([3.0, 1.0])
OWN = {
    "along the grid": lambda w: c * w,
    "with a place": lambda w: c * (w - target),
    "a matrix": lambda w: w @ np.array([[2.0, 1.0], [1.0, 2.0]]),
    "a mean of all": lambda w: w - w.mean(),
    "a norm of all": lambda w: w / np.linalg.norm(w),
    "a condition": lambda w: 2 * w if w[0] < 1 else w,
    "a list of numbers": lambda w: [0.2 * float(w[0]), 4 * float(w[1])],
    "into what it gets": lambda w: np.multiply(w, c, out=w),
    "that knows": lambda w: np.array([0.2 * w[0], 4 * w[1]]),
}


@pytest.mark.parametrize("gradient", OWN.values(), ids=OWN)
@pytest.mark.parametrize("shape", [(2,), (3,), (2, 2), (1,)], ids=str)
def test_a_gradient_of_ones_own_is_that_of_each_run(gradient, shape):
    lr = np.linspace(0.1, 0.4, np.prod(shape)).reshape(shape)
    together = descend(rules.momentum, gradient, START, 9, lr=lr)
    for place in np.ndindex(shape):
        alone = descend(rules.momentum, gradient, START, 9, lr=float(lr[place]))
        np.testing.assert_allclose(together.w[(..., *place)], alone.w, rtol=1e-12)


def test_a_gradient_by_name_may_not_know_of_grids_either():
    def gradient(w):
        return {"W": c * w["W"], "b": w["b"]}

    together = descend(rules.adam, gradient, {"W": [1.0, 2.0], "b": 3.0}, 9, lr=[0.1, 0.2])
    for i, lr in enumerate([0.1, 0.2]):
        alone = descend(rules.adam, gradient, {"W": [1.0, 2.0], "b": 3.0}, 9, lr=lr)
        np.testing.assert_allclose(together.w["W"][..., i], alone.w["W"], rtol=1e-12)


def test_a_stochastic_gradient_that_says_so_is_called_once_in_each_step():
    rng, shapes = np.random.default_rng(0), []

    def gradient(w):
        shapes.append(w.shape)
        return w + rng.standard_normal(w.shape)

    gradient.stochastic = True
    descend(rules.adam, gradient, START, 4, lr=[0.1, 0.2])
    assert shapes == [(2, 2)] * 4
    named, asked = noisy(lambda w: w, 0.1, np.random.default_rng(0)), []

    def by_name(w):
        asked.append(w["W"].shape)
        return named(w)

    by_name.stochastic = named.stochastic
    descend(rules.adam, by_name, {"W": 1.0}, 4, lr=[0.1, 0.2])
    assert asked == [(2,)] * 4


@pytest.mark.parametrize("shape", [lambda w: w.shape, lambda w: (2,)], ids=["knows of grids", "does not"])
def test_a_stochastic_gradient_that_does_not_say_so_is_refused(shape):
    rng = np.random.default_rng(0)
    with pytest.raises(
        ValueError,
        match=r"gradient must be a function of w.*gave two values at w = \[.*\]: if it draws numbers or reads batches, for all runs at once, say so by gradient.stochastic = True$",
    ):
        descend(rules.adam, lambda w: rng.normal(size=shape(w)), START, 4, lr=[0.1, 0.2])


def test_nan_at_one_place_is_the_same_twice():
    with pytest.raises(ValueError, match="gradient must be finite.* got nan in step 2"):
        descend(rules.momentum, lambda w: c * w if w[0] == -5 else np.nan * w, START, 4, lr=[0.1, 0.2])


def test_a_stream_of_batches_is_refused_or_keeps_its_place():
    batches = iter(np.arange(40.0))
    with pytest.raises(ValueError, match="gradient must be a function of w"):
        descend(rules.gradient_descent, lambda w: np.full_like(w, next(batches)), 0.0, 4, lr=[1.0, 2.0])

    def gradient(w):
        return np.full_like(w, next(batches))

    batches, gradient.stochastic = iter([1.0, 2.0, 3.0]), True
    path = descend(rules.gradient_descent, gradient, 0.0, 3, lr=[1.0, 2.0])
    np.testing.assert_array_equal(path.w[:, 0], [0, -1, -3, -6])
    assert next(batches, None) is None


def test_a_gradient_may_be_written_for_one_grid_alone():
    shapes = []

    def gradient(w):
        shapes.append(w.shape)
        return c[:, None] * w

    together = descend(rules.momentum, gradient, START, 4, lr=[0.1, 0.2, 0.3])
    np.testing.assert_array_equal(together.w, descend(rules.momentum, VALLEY, START, 4, lr=[0.1, 0.2, 0.3]).w)
    assert shapes == [(2,)] + [(2, 3)] * 4


@pytest.mark.parametrize("lr", [0.1, [0.1, 0.3]], ids=["single", "grid"])
def test_a_gradient_in_double_precision_is_rounded_before_it_is_used(lr):
    start, third = np.array(START, np.float32), np.array([1 / 3, 1 / 7])
    path = descend(rules.adam, lambda w: third * w, start, 9, lr=lr)
    assert path == descend(rules.adam, lambda w: (third * w).astype(np.float32), start, 9, lr=lr)


COUPLED = {
    "clipped by the largest of all": lambda w: w / np.maximum(1, np.abs(w).max()),
    "a square of the mean of all": lambda w: w - w.mean() ** 2,
    "a mean along the last axis": lambda w: w * w.mean(axis=-1, keepdims=True),
}


@pytest.mark.parametrize("gradient", COUPLED.values(), ids=COUPLED)
@pytest.mark.parametrize(
    "hyper", [{"lr": [0.1, 0.2, 0.3]}, {"beta1": [0.3, 0.6, 0.9]}, {"lr": [[0.1], [0.3]]}], ids=str
)
def test_runs_have_nothing_to_do_with_each_other(gradient, hyper):
    """While all runs stand at one place, these give for all what they give for one."""
    ((name, values),) = hyper.items()
    together = descend(rules.adam, gradient, START, 9, **hyper)
    for place in np.ndindex(np.shape(values)):
        alone = descend(rules.adam, gradient, START, 9, **{name: float(np.array(values)[place])})
        np.testing.assert_allclose(together.w[(..., *place)], alone.w, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-14, 1e14])
def test_runs_have_nothing_to_do_with_each_other_however_small_or_large_their_gradients(scale):
    def gradient(w):
        return scale * w / np.maximum(1, np.abs(w).max())

    lr = np.array([0.1, 0.2]) / scale
    together = descend(rules.momentum, gradient, START, 9, lr=lr)
    for i in range(2):
        alone = descend(rules.momentum, gradient, START, 9, lr=float(lr[i]))
        np.testing.assert_allclose(together.w[..., i], alone.w, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-14, 1, 1e14])
def test_a_gradient_that_is_rounded_otherwise_for_all_at_once_is_not_called_run_by_run(scale):
    shapes = []

    def gradient(w):
        shapes.append(w.shape)
        return scale * w * (1 if w.ndim == 1 else 1 + 4 * np.finfo(float).eps)

    descend(rules.momentum, gradient, START, 9, lr=np.array([0.1, 0.2, 0.3]) / scale)
    assert shapes == [(2,), (2,), (2, 3), (2,)] + [(2, 3)] * 7


def test_a_gradient_that_is_0_for_all_is_not_called_run_by_run():
    shapes = []

    def gradient(w):
        shapes.append(w.shape)
        return np.minimum(w, 0)

    path = descend(rules.gradient_descent, gradient, START, 4, lr=[2.0, 3.0])
    assert (path.w[1] > 0).all()
    assert shapes == [(2,), (2,), (2, 2), (2,), (2, 2), (2, 2)]


def test_a_gradient_that_fails_for_one_run_alone_fails_for_all():
    def gradient(w):
        if w.ndim == 1 and w[0] > -4:
            raise ZeroDivisionError
        return w

    with pytest.raises(ZeroDivisionError):
        descend(rules.gradient_descent, gradient, START, 4, lr=[0.1, 0.5])


@pytest.mark.parametrize("hyper", [{"lr": []}, {"lr": [0.1]}, {"lr": [0.1, 0.1]}], ids=str)
def test_grids_of_no_run_of_one_and_of_equal_ones(hyper):
    path = descend(rules.momentum, lambda w: c * w, START, 5, **hyper) if hyper["lr"] else None
    if path is None:
        assert descend(rules.momentum, VALLEY, START, 5, **hyper).w.shape == (6, 2, 0)
        return
    alone = descend(rules.momentum, VALLEY, START, 5, lr=0.1)
    for i in range(len(hyper["lr"])):
        np.testing.assert_array_equal(path.w[..., i], alone.w)


@pytest.mark.parametrize("rule", [rules.adam, remembers_its_gradient], ids=["ours", "own"])
def test_a_stream_that_ends_is_told(rule):
    stream = iter([1.0, 2.0])
    with pytest.raises(
        ValueError, match="^gradient must give a value in each of the 3 steps, and what it reads from ended"
    ):
        descend(rule, lambda w: next(stream), 0.0, 3, lr=0.1)


def test_an_error_of_the_gradient_is_told_as_it_is():
    with pytest.raises(ZeroDivisionError):
        descend(rules.adam, lambda w: 1 / 0, START, 4, lr=[0.1, 0.2])


# Precision


def test_only_single_and_double_precision_are_run():
    for kind in (np.float16, np.longdouble):
        if kind(1).dtype == np.float64:
            continue  # where long doubles are doubles
        for call in (
            lambda: descend(rules.adam, lambda w: w, np.ones(3, kind), 3),
            lambda: rules.adam(np.ones(3, kind), np.zeros(3, kind)),
        ):
            with pytest.raises(
                TypeError, match="must be in single or double precision, got (float16|longdouble|float128)"
            ):
                call()


@pytest.mark.parametrize(
    "hyper, said",
    [
        ({"eps": 1e-50}, "eps must be .*, in single precision as well: 1e-50 is 0 there"),
        ({"lr": 1e-50}, "lr must be .*: 1e-50 is 0 there"),
        ({"lr": [0.1, 1e39]}, r"lr must be .*: 1e\+39 is inf there"),
        ({"beta2": 1 - 1e-9}, "beta2 must be .*: 1 is 1 there"),
    ],
    ids=str,
)
def test_settings_must_fit_single_precision(hyper, said):
    w = np.array(START, np.float32)
    with pytest.raises(ValueError, match=said):
        descend(rules.adam, lambda w: w, w, 3, **hyper)
    with pytest.raises(ValueError, match=said):
        rules.adam(w, w, **hyper)
    assert not np.any(descend(rules.adam, lambda w: w, START, 3, **hyper).w.dtype != float)


@pytest.mark.parametrize("kind, size", [(np.float32, 1e20), (np.float64, 1e160)])
@pytest.mark.parametrize(
    "rule", [rules.adagrad, rules.rmsprop, rules.adam, rules.adamw], ids=lambda rule: rule.__name__
)
def test_a_gradient_too_large_to_be_squared_is_told(rule, kind, size):
    start = np.array(START, kind)
    limit = rf"small enough to be squared in {np.dtype(kind)}, up to (2e\+19|1e\+154)"

    def gradient(w):  # too large below 4.75, where a slow run does not come
        return np.where(w < 4.75, size, 1.0).astype(kind)

    first = descend(rule, np.ones_like, (5.0, 5.0), 9, lr=0.1).w
    step = 1 + int(np.argmax(first[:, 0] < 4.75))
    for hyper, count in (({"lr": 0.1}, 9), ({"lr": 0.1}, step), ({"lr": [1e-3, 0.1]}, 9)):
        with pytest.raises(ValueError, match=limit) as told:
            descend(rule, gradient, np.full(2, 5, kind), count, **hyper)
        assert f": got {np.full(2, size, kind)} in step {step}, from w = [4." in str(told.value)
        assert kind is np.float32 or f"from w = {first[step - 1]}" in str(told.value)
    with pytest.raises(ValueError, match=limit):
        descend(rule, lambda w: {"b": np.full_like(w["b"], size)}, {"b": start}, 5)
    assert descend(rules.gradient_descent, lambda w: np.full_like(w, size), start, 5, lr=1.0).diverged == 0


@pytest.mark.parametrize("lr", [0.1 / np.sqrt(2), np.float64(0.1), np.array([0.1, 0.2]), lambda t: 0.1 / np.sqrt(t)])
@pytest.mark.parametrize("rule", [rules.adam, lambda w, dw, memory=(), *, lr: (w - lr * dw, ())], ids=["ours", "own"])
def test_no_setting_makes_single_precision_double(rule, lr):
    seen = []

    def gradient(w):
        seen.append(w.dtype)
        return 0.5 * w.astype(float)

    path = descend(rule, gradient, np.array(START, np.float32), 3, lr=lr)
    assert path.w.dtype == np.float32 and {*seen} == {np.dtype(np.float32)}
    if rule is rules.adam and np.ndim(lr) == 0 and not callable(lr):
        w, (v, s, t) = rule(np.array(START, np.float32), np.array(START, np.float32), lr=lr)
        assert w.dtype == v.dtype == s.dtype == np.float32


def test_squares_that_only_add_up_to_infinity_are_told():
    slow = {"gradient": lambda w: np.full_like(w, 5e153), "start": START, "lr": 0.1}  # infinite in step 8
    end = re.escape(str(descend(rules.adagrad, steps=7, **slow).w[-1]))
    with pytest.raises(ValueError, match=rf"the sum of squares is infinite by step 9, at w = {end}$"):
        descend(rules.adagrad, steps=9, **slow)


def test_the_largest_gradient_that_can_be_squared_is_not_the_one_that_is_told():
    largest = np.sqrt(np.finfo(float).max)
    assert np.isfinite(largest**2)
    with pytest.raises(ValueError, match=r"got \[1\.e\+160 1\.e\+160\] in step 2"):
        descend(rules.adagrad, lambda w: np.where(w == START, largest, 1e160), START, 3, lr=0.1)


@pytest.mark.parametrize("longest, where, lost", [(1e6, 5, True), (1e6, 4, False), (9e5, 5, False), (1e6, 11, True)])
def test_a_run_that_is_far_out_is_lost_if_its_longest_step_is_long_and_late(longest, where, lost):
    lengths = np.ones(12)  # the later half begins with the sixth
    lengths[where] = longest
    assert grows_on(lengths, left=1) == grows_on(lengths, left=0) == lost


def test_a_run_that_was_not_finite_is_lost_though_it_comes_back():
    def comes_back(w, dw, taken=0):
        return np.full_like(w, np.inf if taken == 1 else 1.0), taken + 1

    assert descend(comes_back, lambda w: np.ones_like(w), np.ones(5000), 12).diverged == 2


def test_the_last_step_of_a_rule_of_ones_own_is_looked_at():
    def breaks_in_step_4(w, dw, taken=0):
        return w / (3.0 - taken), taken + 1

    assert descend(breaks_in_step_4, lambda w: w, START, 4).diverged == 4


# What callers try


def test_a_surface_is_its_gradient_and_a_rule_its_name():
    expected = descend(rules.adam, VALLEY.grad, START, 10, lr=0.1)
    assert descend("adam", VALLEY, START, 10.0, lr=Fraction(1, 10)) == expected
    assert descend(rules.adam, VALLEY, np.array([-5, -2]), 10, lr=0.1) == expected
    named = descend(
        rules.adam, lambda w: {"W": 0.2 * w["W"], "b": 4 * w["b"]}, {"W": np.array(-5), "b": -2}, 10, lr=0.1
    )
    np.testing.assert_allclose(named.positions, expected.w, rtol=1e-14)
    with pytest.raises(ValueError, match="^rule must be one of gradient_descent, .*, or a function, got 'adamm'$"):
        descend("adamm", VALLEY, START, 3)
    with pytest.raises(TypeError, match="^rule must be a function or the name of one, got 3$"):
        descend(3, VALLEY, START, 3)
    with pytest.raises(TypeError, match="^gradient must be a function of w, or a surface, got 3$"):
        descend("adam", 3, START, 3)
    with pytest.raises(TypeError, match=r"^a partial rule may hold keywords only: \(5.0,\) would stand for w"):
        descend(functools.partial(rules.adam, 5.0), VALLEY, START, 3)


@every_rule
@pytest.mark.parametrize("grid", [False, True], ids=["single", "grid"])
def test_a_setting_may_be_a_function_of_the_step(rule, grid):
    hyper = grid_of(rule) if grid else first_of(rule)
    asked = []

    def lr(t):
        asked.append(t)
        return hyper["lr"] / np.sqrt(t) if not grid else np.divide(hyper["lr"], t)

    path = descend(rule, VALLEY, START, 6, **hyper | {"lr": lr})
    assert asked[-6:] == [1, 2, 3, 4, 5, 6]
    place, memory = path.w[0], ()
    for t in range(1, 7):
        now = {name: np.asarray(x) if grid else x for name, x in (hyper | {"lr": lr(t)}).items()}
        place, *memory = rule.__wrapped__(place, VALLEY.grad(place), *memory, **now)
        np.testing.assert_array_equal(path.w[t], place)
    constant = {name: lambda t, x=x: x for name, x in hyper.items()}
    assert descend(rule, VALLEY, START, 6, **constant) == descend(rule, VALLEY, START, 6, **hyper)


def test_what_a_function_of_the_step_gives_is_looked_at():
    with pytest.raises(ValueError, match="lr must be a finite number above 0, got -1"):
        descend(rules.adam, VALLEY, START, 6, lr=lambda t: 3 - 2 * t if t > 1 else 1)
    with pytest.raises(ValueError, match=r"lr must keep the shape of step 1, \(\), got \(2,\) in step 2"):
        descend(rules.adam, VALLEY, START, 6, lr=lambda t: 0.1 if t < 2 else [0.1, 0.2])
    path = descend(decaying, VALLEY, START, 6, lr=lambda t: 0.1 * t)  # a rule of one's own divides it by t again
    np.testing.assert_allclose(path.w, descend(rules.gradient_descent, VALLEY, START, 6, lr=0.1).w, rtol=1e-13)


@pytest.mark.parametrize(
    "returned, error, said",
    [
        (lambda w: w, TypeError, r"must return the new w and its memory, \(w, memory\), got array"),
        (lambda w: (w, (), 0), TypeError, r"must return the new w and its memory"),
        (lambda w: (w[:1], ()), ValueError, r"must return a w of the shape \(2,\), got the shape \(1,\)"),
        (lambda w: (1.0, ()), ValueError, r"must return a w of the shape \(2,\), got the shape \(\)"),
        (lambda w: (w, 0.5), TypeError, r"must return its memory as a tuple, as it begins with \(\), got 0.5"),
    ],
)
def test_what_a_rule_of_ones_own_returns_is_looked_at(returned, error, said):
    def mine(w, dw, memory=(), *, lr):
        return returned(w)

    class Nameless:
        def __call__(self, w, dw, memory=(), *, lr):
            return returned(w)

    for rule, whose in ((mine, "mine"), (Nameless(), "this rule")):
        with pytest.raises(error, match=f"^{whose} {said}"):
            descend(rule, VALLEY, START, 3, lr=0.1)


def test_a_rule_that_cannot_be_handed_its_memory_is_told_where_it_takes_it():
    def mine(w, dw, *, lr):
        return w - lr * dw, ()

    def any_number(w, dw, *memory, lr):
        return w - lr * dw, ()

    with pytest.raises(TypeError, match=r"^mine must take its memory after w and dw, as in memory=\(0.0,\)$"):
        descend(mine, VALLEY, START, 3, lr=0.1)
    assert descend(any_number, VALLEY, START, 3, lr=0.1) == descend(rules.gradient_descent, VALLEY, START, 3, lr=0.1)


@pytest.mark.parametrize(
    "length, error, told",
    [
        (lambda dw: 1 if dw > 0 else -1, ValueError, r"^rule and gradient must ask each entry by itself: np.where\("),
        (lambda dw: math.sqrt(dw), TypeError, "^rule and gradient must take arrays: np.sqrt and np.exp in place of"),
    ],
)
def test_what_asks_an_array_one_question_is_told_how_to_ask_each_entry(length, error, told):
    def mine(w, dw, memory=(), *, lr):
        return w - lr * length(dw), memory

    with pytest.raises(error, match=told):
        descend(mine, VALLEY, START, 3, lr=0.1)
    with pytest.raises(error, match=told):
        descend(rules.gradient_descent, lambda w: w * length(w), START, 3, lr=0.1)
    with pytest.raises(error, match=told):  # in a grid as well, where one run could be asked
        descend(rules.gradient_descent, lambda w: w * length(w), START, 3, lr=np.array([0.1, 0.2]))
    assert descend(mine, lambda w: w, 4.0, 1, lr=0.5).last == 4 - 0.5 * length(4.0)  # one number may be asked
    with pytest.raises(error, match="other words" if error is ValueError else "must be real"):
        descend(rules.gradient_descent, failing(error), START, 3, lr=0.1)  # whatever else goes wrong is as it was


def test_a_schedule_is_asked_for_no_step_that_is_not_taken():
    asked = {1: 0.1}
    assert descend(rules.gradient_descent, lambda w: w, 1.0, 1, lr=lambda t: asked[t]).last == 0.9


def test_settings_of_a_rule_of_ones_own_are_of_the_precision_of_the_start():
    def mine(w, dw, memory=(), *, lr):
        return w - lr * dw, memory

    start, lr = np.array([1 / 3, 0.1], np.float32), np.geomspace(0.01, 0.3, 7)
    ours, own = (descend(rule, lambda w: w / 7, start, 50, lr=lr) for rule in (rules.gradient_descent, mine))
    assert own == ours


def test_a_run_that_was_infinite_once_is_lost_though_it_comes_back():
    def mine(w, dw, memory=(0,), *, place):
        (t,) = memory
        return np.where((t == 9) & (place > 1), np.inf, place), (t + 1,)

    runs = descend(mine, np.zeros_like, 1.0, 5000, place=np.array([1e9, 1.0]))  # long: it is looked at several times
    assert runs.diverged.tolist() == [1, 0]


def failing(error):
    def gradient(w):
        raise error("other words, must be real")

    return gradient


def test_a_rule_of_ones_own_says_what_it_begins_with():
    def mine(w, dw, past, *, lr):
        return w - lr * dw, past

    with pytest.raises(
        TypeError, match=r"^mine must say what its past is before the first step, as in past=\(0\.0,\)$"
    ):
        descend(mine, VALLEY, START, 3, lr=0.1)

    def counting(w, dw, count=0, *, lr):  # a number alone is a memory as well
        return w - lr * dw / (count + 1), count + 1

    assert descend(counting, VALLEY, START, 3, lr=0.1) == descend(decaying, VALLEY, START, 3, lr=0.1)


# Rules of one's own


def test_partial_rules():
    expected = descend(rules.adam, VALLEY.grad, START, 10, lr=0.1, beta1=0.5)
    some = functools.partial(rules.adam, lr=0.1)
    both = functools.partial(functools.partial(rules.adam, lr=7.0), lr=0.1, beta1=0.5)
    np.testing.assert_array_equal(descend(some, VALLEY.grad, START, 10, beta1=0.5).w, expected.w)
    np.testing.assert_array_equal(descend(both, VALLEY.grad, START, 10).w, expected.w)
    # What is given to descend counts more; what is wrong in a partial is refused too.
    np.testing.assert_array_equal(descend(some, VALLEY.grad, START, 10, lr=0.1, beta1=0.5).w, expected.w)
    np.testing.assert_array_equal(
        descend(functools.partial(rules.adam, lr=9.0), VALLEY.grad, START, 10, lr=0.1, beta1=0.5).w, expected.w
    )
    with pytest.raises(ValueError, match="lr must be a finite number above 0, got -1"):
        descend(functools.partial(rules.adam, lr=-1), VALLEY.grad, START, 10)
    grid = descend(functools.partial(rules.adam, lr=[0.1, 0.2]), VALLEY.grad, START, 10)
    assert grid.w.shape == (11, 2, 2)


def decaying(w, dw, memory=(0,), **hyper):
    """Gradient descent with lr/t."""
    t = memory[0] + 1
    return w - hyper["lr"] / t * dw, (t,)


def positional(w, dw, memory=(0,), lr=0.5):
    return decaying(w, dw, memory, lr=lr)


def nested(w, dw, memory=(0,), *, lr):
    """Calls a rule of ours, with all its checks."""
    t = memory[0] + 1
    return rules.gradient_descent(w, dw, lr=lr / t)[0], (t,)


class Callable:
    def __call__(self, w, dw, memory=(0,), *, lr):
        return decaying(w, dw, memory, lr=lr)


@pytest.mark.parametrize(
    "rule", [decaying, positional, nested, Callable()], ids=["**hyper", "positional", "nested", "object"]
)
def test_rules_of_ones_own(rule):
    path = descend(rule, lambda w: np.ones_like(w), 0.0, 4, lr=0.5)
    np.testing.assert_allclose(path.w, [0, -1 / 2, -3 / 4, -3 / 4 - 1 / 6, -3 / 4 - 1 / 6 - 1 / 8], rtol=1e-15)
    grid = descend(rule, lambda w: np.ones_like(w), 0.0, 4, lr=[0.5, 1.0])
    np.testing.assert_array_equal(grid.w[:, 0], path.w)
    np.testing.assert_array_equal(grid.w[:, 1], 2 * path.w)
    with pytest.raises(ValueError, match="lr must be a finite number above 0, got -1"):
        descend(rule, lambda w: w, 0.0, 4, lr=-1)


@pytest.mark.parametrize("rule", [nested, Callable()], ids=["nested", "object"])
def test_rules_of_ones_own_are_checked_by_their_signature(rule):
    whose = getattr(rule, "__name__", "this rule")
    with pytest.raises(TypeError, match=f"^{whose} has no hyper-parameter 'alpha'; it has lr$"):
        descend(rule, lambda w: w, 0.0, 4, alpha=0.5)
    with pytest.raises(TypeError, match=f"^{whose} has no hyper-parameter 'memory'"):
        descend(rule, lambda w: w, 0.0, 4, lr=0.5, memory=(1,))
    with pytest.raises(TypeError, match="needs the hyper-parameter 'lr'"):
        descend(rule, lambda w: w, 0.0, 4)


def test_a_rule_that_calls_ours_may_diverge():
    def restless(w, dw, memory=(), *, lr):
        return rules.gradient_descent(w, dw, lr=lr)

    for lr in (100.0, [100.0, 1e-6]):
        expected = descend(rules.gradient_descent, bowl(angle=0.7).grad, START, 3000, lr=lr)
        path = descend(restless, bowl(angle=0.7).grad, START, 3000, lr=lr)
        np.testing.assert_array_equal(path.w, expected.w)
        np.testing.assert_array_equal(path.diverged, expected.diverged)


def test_a_rule_around_ours_is_not_skipped():
    @functools.wraps(rules.gradient_descent)
    def clipped(w, dw, *memory, **hyper):
        return rules.gradient_descent(w, np.clip(dw, -1, 1), *memory, **hyper)

    path = descend(clipped, lambda w: 100 * w, 3.0, 2, lr=1.0)
    np.testing.assert_array_equal(path.w, [3, 2, 1])


# Dictionaries


def named_gradient(w):
    """Of |W|^2/2 + |b|^2 + W[0, 0] b[0] + c^2/2 + b[1] c, so that the entries have to do with each other."""
    dW, db, dc = np.array(w["W"]), 2 * w["b"], w["c"] + w["b"][1]
    dW[0, 0] += w["b"][0]
    db[0] = db[0] + w["W"][0, 0]
    db[1] = db[1] + w["c"]
    return {"c": dc, "b": db, "W": dW}  # the order of the names is free


def flat_gradient(w):
    """The same of W, b and c laid end to end."""
    dw = named_gradient({"W": w[:6].reshape(2, 3, *w.shape[1:]), "b": w[6:8], "c": w[8]})
    return np.concatenate([dw["W"].reshape(6, *w.shape[1:]), dw["b"], dw["c"][None]])


NAMED = {"W": np.arange(6.0).reshape(2, 3), "b": np.array([1.0, -2.0]), "c": 3.0}
FLAT = np.array([0, 1, 2, 3, 4, 5, 1, -2.0, 3.0])


@pytest.mark.parametrize("grid", [False, True], ids=["single", "grid"])
@every_rule
def test_dictionaries_equal_the_array_form_to_the_bit(rule, grid):
    hyper = grid_of(rule) if grid else first_of(rule)
    named = descend(rule, named_gradient, NAMED, 30, **hyper)
    flat = descend(rule, flat_gradient, FLAT, 30, **hyper)
    shape = (2,) if grid else ()
    assert named.w["W"].shape == (31, 2, 3, *shape) and named.w["b"].shape == (31, 2, *shape)
    np.testing.assert_array_equal(named.w["W"].reshape(31, 6, *shape), flat.w[:, :6])
    np.testing.assert_array_equal(named.w["b"], flat.w[:, 6:8])
    np.testing.assert_array_equal(named.w["c"], flat.w[:, 8])
    np.testing.assert_array_equal(named.diverged, flat.diverged)


@pytest.mark.parametrize(
    "gradient, said",
    [
        (lambda w: {"W": w["W"].T}, r"dw\['W'\] must have the shape of w, \(2, 3\), got \(3, 2\)"),
        (lambda w: {"V": w["W"]}, r"dw must have the names of w, \['W'\], got \['V'\]"),
    ],
)
def test_a_gradient_of_a_dictionary_has_its_names_and_shapes(gradient, said):
    with pytest.raises(ValueError, match=said):
        descend(rules.adam, gradient, {"W": np.ones((2, 3))}, 3)


@every_rule
def test_dictionaries_equal_the_lifted_rule_step_by_step(rule):
    hyper = first_of(rule)
    path = descend(rule, named_gradient, NAMED, 10, **hyper)
    w, memory = NAMED, None
    for t in range(1, 11):
        w, memory = rule(w, named_gradient(w), memory, **hyper)
        for name in NAMED:
            np.testing.assert_array_equal(path.w[name][t], w[name])


def test_named_runs_diverge_together():
    gradient = {"W": 0.2, "b": 4.0}
    path = descend(
        rules.gradient_descent,
        lambda w: {name: gradient[name] * x for name, x in w.items()},
        {"W": -5.0, "b": -2.0},
        300,
        lr=[0.1, 0.6],
    )
    np.testing.assert_array_equal(path.diverged, [0, lost_at(0.6, 300)])
    for name in gradient:
        assert np.isnan(path.w[name][path.diverged[1] :, 1]).all() and np.isfinite(path.w[name][:, 0]).all()


def test_a_named_gradient_that_becomes_nan_names_the_step():
    asked = 0

    def gradient(w):
        nonlocal asked
        asked += 1
        return {"W": w["W"], "b": np.nan * w["b"] if asked == 5 else w["b"]}

    with pytest.raises(ValueError, match="gradient must be finite.* got nan in step 5"):
        descend(rules.adam, gradient, {"W": 1.0, "b": 2.0}, 9)


def test_no_entry_is_nothing_to_run():
    with pytest.raises(ValueError, match=r"^start must have at least one entry, got \{\}$"):
        descend(rules.adam, lambda w: w, {}, 3)


def test_a_named_entry_that_is_no_number_is_named():
    with pytest.raises(TypeError, match=r"^start\['b'\] must be a number"):
        descend(rules.adam, lambda w: w, {"W": 1.0, "b": "two"}, 3)
    with pytest.raises(TypeError, match=r"^dw\['b'\] must be a number"):
        descend(rules.adam, lambda w: {"W": 1.0, "b": "two"}, {"W": 1.0, "b": 2.0}, 3)


def test_named_starts_and_gradients_may_be_lists():
    path = descend(rules.momentum, lambda w: {"b": [1, 2]}, {"b": [3, 4]}, 2, lr=1.0, beta1=0.0)
    np.testing.assert_array_equal(path.w["b"], [[3, 4], [2, 2], [1, 0]])


# Path


def test_path_of_a_single_run():
    path = descend(rules.gradient_descent, VALLEY.grad, START, 3, lr=0.25)
    np.testing.assert_allclose(path.w, [[-5, -2], [-4.75, 0], [-4.5125, 0], [-4.286875, 0]], rtol=1e-15)
    np.testing.assert_array_equal(path.last, path.w[3])
    np.testing.assert_array_equal(list(path), path.w)
    np.testing.assert_allclose(path.along(VALLEY.f), [10.5, 0.1 * 4.75**2, 0.1 * 4.5125**2, 0.1 * 4.286875**2])
    assert len(path) == 4 and repr(path) == "<Path of 3 steps, never diverged>"


def test_path_of_a_run_that_is_lost():
    path = descend(rules.gradient_descent, lambda w: w, 1.0, 50, lr=101.0)  # times -100 each step, bound 2e6
    assert path.diverged == 4 and repr(path) == "<Path of 3 steps, diverged at step 4>"
    assert path.last == -1e6 and isinstance(path.diverged, int)


def test_path_of_a_grid():
    path = descend(rules.gradient_descent, VALLEY.grad, START, 30, lr=[0.1, 0.6, 30.0])
    assert repr(path) == "<Path of 30 steps, 1 of 3 settings diverged>"
    np.testing.assert_array_equal(path.last, path.w[30])
    losses = path.along(VALLEY.f)
    assert losses.shape == (31, 3)
    np.testing.assert_allclose(losses[:, 0], 0.1 * path.w[:, 0, 0] ** 2 + 2 * path.w[:, 1, 0] ** 2)
    assert np.isnan(losses[:, 2]).sum() == 31 - path.diverged[2]


def test_path_of_a_dictionary():
    path = descend(rules.gradient_descent, lambda w: w, {"W": [2.0, 4.0], "b": 8.0}, 2, lr=0.5)
    assert len(path) == 3 and repr(path) == "<Path of 2 steps, never diverged>"
    assert path.last.keys() == {"W", "b"}
    np.testing.assert_array_equal(path.last["W"], [0.5, 1.0])
    np.testing.assert_array_equal(path.along(lambda w: w["W"].sum() + w["b"]), [14, 7, 3.5])
    assert [float(w["b"]) for w in path] == [8, 4, 2]


def test_path_cannot_be_exchanged():
    with pytest.raises(AttributeError):
        Path(np.zeros(3), 0).w = np.ones(3)


# smooth


@given(data=st.lists(st.floats(-100, 100), max_size=40), beta=st.floats(0, 0.999))
def test_smooth_is_the_weighted_sum(data, beta):
    weights = (1 - beta) * beta ** np.arange(len(data))  # of the newest first
    expected = np.convolve(data, weights)[: len(data)] if data else []
    np.testing.assert_allclose(smooth(data, beta), expected, rtol=1e-11, atol=1e-11)


def test_smooth_of_a_grid_is_each_beta_alone():
    data, beta = np.random.default_rng(0).normal(size=50), np.array([[0.0, 0.5, 0.9], [0.98, 0.99, 0.999]])
    together = smooth(data, beta)
    assert together.shape == (50, 2, 3)
    for place in np.ndindex(beta.shape):
        np.testing.assert_array_equal(together[(slice(None), *place)], smooth(data, float(beta[place])))
    np.testing.assert_array_equal(smooth(data, beta.tolist()), together)
    np.testing.assert_array_equal(together[:, 0, 0], data)


def test_smooth_by_hand_and_of_whole_numbers():
    np.testing.assert_array_equal(smooth([8, 4, 0], 0.5), [4, 4, 2])


@pytest.mark.parametrize("beta", [1.0, -0.1, np.nan, [0.5, 1.0]], ids=str)
def test_smooth_refuses_a_bad_beta(beta):
    with pytest.raises(ValueError, match=re.escape("beta must be in [0, 1)")):
        smooth([1.0], beta)


@pytest.mark.parametrize(
    "data, said",
    [(3.0, r"the shape \(\)"), ([[1.0, 2.0]], r"the shape \(1, 2\)"), ("ab", "'ab'"), ([1.0, None], "None")],
)
def test_smooth_refuses_bad_data(data, said):
    with pytest.raises((TypeError, ValueError), match=f"data must be .*{said}"):
        smooth(data, 0.5)


def test_smooth_leaves_its_data_alone():
    data = np.array([1.0, 2.0])
    data.flags.writeable = False
    smooth(data, 0.5)[0] = 9
    np.testing.assert_array_equal(data, [1, 2])


@pytest.mark.parametrize("hole", [np.nan, np.inf])
def test_smooth_refuses_data_with_a_hole(hole):
    with pytest.raises(ValueError, match="data must be finite everywhere"):
        smooth([1.0, hole, 2.0], 0.9)
