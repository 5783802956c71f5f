"""The update rules against numbers worked by hand, identities, closed forms and SymPy."""

import functools
import math

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from optimlib import rules, steps
from tests.listed import EQUATIONS, every_equation, one, settings, two


def hyper_of(rule):
    return settings(rule, one)


def walk(rule, w, gradients, **hyper):
    """Every position and every memory on given gradients."""
    positions, memories, memory = [], [], ()
    for dw in gradients:
        w, *memory = rule(w, dw, *memory, **hyper)
        positions.append(w)
        memories.append(*memory)
    return positions, memories


inf = math.inf

# Numbers worked by hand. The gradients are chosen so that every root is a whole number or a simple
# fraction; each entry of the lists is one step, written out.

BY_HAND = [
    (steps.gradient_descent, {"lr": 1 / 4}, [2, -1, 0], [1 - 2 / 4, 1 / 2 + 1 / 4, 3 / 4], [(), (), ()]),
    (
        steps.momentum,
        {"lr": 1 / 2, "beta1": 3 / 4},
        [4, -8, 0],
        [1 - 1 / 2, 1 / 2 + 5 / 8, 9 / 8 + 15 / 32],
        [(4 / 4,), (3 / 4 - 8 / 4,), (-15 / 16,)],
    ),
    (
        steps.heavy_ball,
        {"lr": 1 / 2, "beta1": 3 / 4},
        [4, -8, 0],
        [1 - 4 / 2, -1 + 5 / 2, 3 / 2 + 15 / 8],
        [(4,), (3 - 8,), (-15 / 4,)],
    ),
    (  # v = 4/4, 3/4 - 8/4, -15/16; the average of v and the gradient = 3/4 + 4/4, -15/16 - 8/4, -45/64
        steps.nesterov,
        {"lr": 1 / 2, "beta1": 3 / 4},
        [4, -8, 0],
        [1 - 7 / 8, 1 / 8 + 47 / 32, 51 / 32 + 45 / 128],
        [(1,), (-5 / 4,), (-15 / 16,)],
    ),
    (  # s = 9, 9 + 16 = 25, 25 + 144 = 169
        steps.adagrad,
        {"lr": 1 / 2, "eps": 1},
        [3, 4, 12],
        [1 - 3 / 8, 1 - 3 / 8 - 4 / 12, 1 - 3 / 8 - 4 / 12 - 12 / 28],
        [(9,), (25,), (169,)],
    ),
    (  # s = 16/4, 3 + 4/4, 3 + 1/16 = (7/4)^2
        steps.rmsprop,
        {"lr": 1 / 2, "beta2": 3 / 4, "eps": 2},
        [4, 2, -1 / 2],
        [1 - 4 / 8, 1 / 2 - 2 / 8, 1 / 4 + (1 / 4) / (15 / 4)],
        [(4,), (4,), (49 / 16,)],
    ),
    (  # corrected: v = 2/(1/2), 6/(3/4), -1/(7/8); s = 4/(1/4) = 4^2, 28/(7/16) = 8^2, 37/(37/64) = 8^2
        steps.adam,
        {"lr": 1 / 2, "beta1": 1 / 2, "beta2": 3 / 4, "eps": 1},
        [4, 10, -8],
        [1 - 4 / 10, 1 - 4 / 10 - 8 / 18, 1 - 4 / 10 - 8 / 18 + (8 / 7) / 18],
        [(2, 4, 1), (1 + 5, 3 + 25, 2), (3 - 4, 21 + 16, 3)],
    ),
    (  # the steps are Adam's above; before each, w is cut to 1 - 1/8 of itself
        steps.adamw,
        {"lr": 1 / 2, "beta1": 1 / 2, "beta2": 3 / 4, "eps": 1, "decay": 1 / 4},
        [4, 10, -8],
        [
            7 / 8 - 4 / 10,
            (7 / 8) * (7 / 8 - 4 / 10) - 8 / 18,
            (7 / 8) * ((7 / 8) * (7 / 8 - 4 / 10) - 8 / 18) + (8 / 7) / 18,
        ],
        [(2, 4, 1), (1 + 5, 3 + 25, 2), (3 - 4, 21 + 16, 3)],
    ),
    (  # v as in Adam's case above; s = 4, 28, 21 + 1, its largest 4, 28, 28, corrected 4^2, 8^2, 28/(37/64)
        steps.amsgrad,
        {"lr": 1 / 2, "beta1": 1 / 2, "beta2": 3 / 4, "eps": 1},
        [4, 10, -2],
        [1 - 4 / 10, 1 - 4 / 10 - 8 / 18, 1 - 4 / 10 - 8 / 18 - (8 / 7) / (1 + 8 * math.sqrt(28 / 37))],
        [(2, 4, 4, 1), (1 + 5, 3 + 25, 28, 2), (3 - 1, 21 + 1, 28, 3)],
    ),
    (  # ahead = (1/2) 2/(3/4) + (1/2) 4/(1/2), (1/2) 6/(7/8) + (1/2) 10/(3/4), (1/2)(-1)/(15/16) + (1/2)(-8)/(7/8)
        steps.nadam,
        {"lr": 1 / 2, "beta1": 1 / 2, "beta2": 3 / 4, "eps": 1},
        [4, 10, -8],
        [
            1 - (16 / 3) / 10,
            1 - (16 / 3) / 10 - (24 / 7 + 20 / 3) / 18,
            1 - (16 / 3) / 10 - (24 / 7 + 20 / 3) / 18 + (8 / 15 + 32 / 7) / 18,
        ],
        [(2, 4, 1), (1 + 5, 3 + 25, 2), (3 - 4, 21 + 16, 3)],
    ),
    (  # the average inside the sign = 4/4, 3/2 - 8/4, -3 + 8/4: the third step is not against its gradient
        steps.lion,
        {"lr": 1 / 2, "beta1": 3 / 4, "beta2": 1 / 2},
        [4, -8, 8],
        [1 - 1 / 2, 1 / 2 + 1 / 2, 1 + 1 / 2],
        [(2,), (1 - 4,), (-3 / 2 + 4,)],
    ),
    (  # s = 4 = 2^2, 3 + 1 = 2^2, 3 + 1/16 = (7/4)^2
        steps.adam_uncorrected,
        {"lr": 1 / 2, "beta1": 1 / 2, "beta2": 3 / 4, "eps": 1},
        [4, 2, -1 / 2],
        [1 - 2 / 6, 1 - 2 / 6 - 2 / 6, 1 - 2 / 6 - 2 / 6 - (3 / 8) / (11 / 4)],
        [(2, 4), (1 + 1, 3 + 1), (1 - 1 / 4, 49 / 16)],
    ),
    (  # s + 5 = 9 = 3^2, 9 = 3^2, 20 + 1/4 = (9/2)^2
        steps.adam_uncorrected_eps_inside,
        {"lr": 1 / 2, "beta1": 1 / 2, "beta2": 3 / 4, "eps": 5},
        [4, 2, -7],
        [1 - 2 / 6, 1 - 2 / 6 - 2 / 6, 1 - 2 / 6 - 2 / 6 + (5 / 4) / (9 / 2)],
        [(2, 4), (1 + 1, 3 + 1), (1 - 7 / 2, 3 + 49 / 4)],
    ),
]


@pytest.mark.parametrize(
    "rule, hyper, gradients, positions, memories", BY_HAND, ids=[case[0].__name__ for case in BY_HAND]
)
@pytest.mark.parametrize(
    "form", [float, np.float64, np.array, lambda x: np.full((2, 3), x)], ids=["float", "float64", "array", "2x3"]
)
def test_three_steps_by_hand(rule, hyper, gradients, positions, memories, form):
    got, memory = walk(rule, form(1.0), [form(float(dw)) for dw in gradients], **hyper)
    for t in range(3):
        np.testing.assert_allclose(got[t], positions[t], rtol=1e-14)
        assert len(memory[t]) == len(memories[t])
        for value, expected in zip(memory[t], memories[t]):
            np.testing.assert_allclose(value, expected, rtol=1e-14)


def test_every_rule_is_worked_by_hand():
    written = [function for function in vars(steps).values() if "memory" in getattr(function, "__annotations__", {})]
    assert written == [rule.equation for rule in rules.RULES.values()]  # on the list, in the order of steps.py
    assert [case[0] for case in BY_HAND] == EQUATIONS  # a rule for matrices has its own test, below
    for rule, hyper, *_ in BY_HAND:
        assert list(hyper) == rules.keywords(rule)


@every_equation
def test_a_docstring_begins_with_the_name_in_pictures(rule):
    label = rules.entry(rule).label
    assert rule.__doc__.startswith(label[0].upper() + label[1:])
    assert label[0].isupper() or label in ("gradient descent", "momentum", "heavy ball")
    assert rule.__name__ == label.lower().replace(",", "").replace(" ", "_")


def test_ewma_and_debias_by_hand():
    assert steps.ewma(8.0, 4.0, 0.75) == 6 + 1
    assert steps.debias(6.0, 0.5, 2) == 6 / (3 / 4)


# As in the papers and the lecture; the two uncorrected forms are to be compared with Adam, so they have its own.
ADAM = {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
DEFAULTS = {
    "momentum": {"beta1": 0.9},
    "heavy_ball": {"beta1": 0.9},
    "nesterov": {"beta1": 0.9},
    "adagrad": {"lr": 0.01, "eps": 1e-8},
    "rmsprop": {"lr": 0.001, "beta2": 0.9, "eps": 1e-8},
    "adam": ADAM,
    "adamw": ADAM | {"decay": 0.01},
    "amsgrad": ADAM,
    "nadam": ADAM | {"lr": 0.002},
    "lion": {"lr": 1e-4, "beta1": 0.9, "beta2": 0.99},
    "adam_uncorrected": ADAM,
    "adam_uncorrected_eps_inside": ADAM,
}


@every_equation
def test_defaults(rule):
    written = DEFAULTS[rule.__name__] if rule.__kwdefaults__ else {}
    assert list(written) == list(rule.__kwdefaults__ or {})
    needed = {} if "lr" in written else {"lr": 0.1}
    gradients = [2e-8, -3e-8, 1e-3]  # small, so that eps is seen
    assert walk(rule, 1e-6, gradients, **needed) == walk(rule, 1e-6, gradients, **needed, **written)


# What each keyword may be: in words, some values inside, some outside, to the last float.
BELOW_1 = ("in [0, 1)", [0, 0.5, 1 - 2**-53], [-5e-324, 1, inf])
FROM_0 = ("a finite number, 0 or above", [0, 1e-8, 1.7e308], [-5e-324, inf])
EDGES = {
    "lr": ("a finite number above 0", [5e-324, 1, 1.7e308], [0, -0.1, inf]),
    "beta": BELOW_1,
    "beta1": BELOW_1,
    "beta2": BELOW_1,
    "eps": FROM_0,
    "decay": FROM_0,
    "t": ("a step count of 1 or above", [1, 2, 10**9], [0, 0.5, -1, inf]),
}


@pytest.mark.parametrize("name", EDGES)
def test_ranges_by_hand(name):
    words, inside, outside = EDGES[name]
    assert rules.RANGES[name].words == words
    assert all(rules.RANGES[name].holds(x) for x in inside)
    assert not any(rules.RANGES[name].holds(x) for x in [*outside, math.nan, -inf])


def test_every_range_is_that_of_a_keyword():
    used = [rules.keywords(function) for function in (*EQUATIONS, *rules.AVERAGES.values())]
    assert set(rules.RANGES) == set(EDGES) == {name for names in used for name in names}


# Identities

numbers = st.floats(-100, 100).filter(lambda x: abs(x) > 1e-3)
gradient_lists = st.lists(numbers, min_size=1, max_size=8)
betas = st.floats(0, 0.99)


@given(gradients=gradient_lists, rule=st.sampled_from([steps.momentum, steps.heavy_ball, steps.nesterov]))
def test_without_memory_momentum_is_gradient_descent(gradients, rule):
    plain, _ = walk(steps.gradient_descent, 1.0, gradients, lr=0.1)
    assert walk(rule, 1.0, gradients, lr=0.1, beta1=0.0)[0] == plain


@given(gradients=gradient_lists, beta1=betas)
def test_the_average_with_lr_over_one_minus_beta_is_the_heavy_ball(gradients, beta1):
    average, _ = walk(steps.momentum, 1.0, gradients, lr=0.1 / (1 - beta1), beta1=beta1)
    ball, _ = walk(steps.heavy_ball, 1.0, gradients, lr=0.1, beta1=beta1)
    # Relative to how far the walk can have gone: where it returns to 0, a relative error means nothing.
    np.testing.assert_allclose(average, ball, rtol=0, atol=1e-13 * (1 + sum(map(abs, gradients)) / (1 - beta1)))


@given(lr=st.floats(0.01, 1), curvature=st.floats(0.1, 2), beta1=betas)
def test_nesterov_is_the_gradient_taken_where_the_velocity_leads(lr, curvature, beta1):
    """As Nesterov writes it: from w the gradient is taken at w - lr * beta1 * v; our w is that place ahead."""
    w, v, ahead, memory = 3.0, 0.0, 3.0, (0.0,)
    for _ in range(20):
        v = beta1 * v + (1 - beta1) * curvature * (w - lr * beta1 * v)
        w = w - lr * v
        ahead, memory = steps.nesterov(ahead, curvature * ahead, memory, lr=lr, beta1=beta1)
        assert ahead == pytest.approx(w - lr * beta1 * v, rel=1e-11, abs=1e-11)


@given(gradients=gradient_lists)
def test_adam_without_memory_and_eps_steps_by_the_sign(gradients):
    positions, _ = walk(steps.adam, 0.0, gradients, lr=0.25, beta1=0.0, beta2=0.0, eps=0.0)
    np.testing.assert_allclose(positions, -0.25 * np.cumsum(np.sign(gradients)), rtol=1e-14, atol=1e-14)


@given(dw=numbers, lr=st.floats(1e-3, 10), beta1=betas, beta2=betas)
def test_the_first_step_of_adam_is_lr_whatever_the_gradient(dw, lr, beta1, beta2):
    w, _ = steps.adam(0.0, dw, lr=lr, beta1=beta1, beta2=beta2, eps=0.0)
    assert w == pytest.approx(-lr * math.copysign(1, dw), rel=1e-13)


@given(gradients=gradient_lists, scale=st.floats(1e-3, 1e3))
@pytest.mark.parametrize(
    "rule", [rule for rule in EQUATIONS if "eps" in rules.keywords(rule)], ids=lambda rule: rule.__name__
)
def test_without_eps_the_scale_of_the_gradient_cancels(rule, gradients, scale):
    hyper = hyper_of(rule) | {"eps": 0.0}
    once, _ = walk(rule, 1.0, gradients, **hyper)
    scaled, _ = walk(rule, 1.0, [scale * dw for dw in gradients], **hyper)
    np.testing.assert_allclose(scaled, once, rtol=1e-12, atol=1e-12)


@given(gradients=gradient_lists)
def test_without_decay_adamw_is_adam(gradients):
    hyper = hyper_of(steps.adam)
    assert walk(steps.adamw, 1.0, gradients, **hyper, decay=0.0) == walk(steps.adam, 1.0, gradients, **hyper)


@given(gradients=gradient_lists)
def test_while_the_average_of_squares_grows_amsgrad_is_adam(gradients):
    growing = sorted(gradients, key=abs)
    hyper = hyper_of(steps.adam)
    assert walk(steps.amsgrad, 1.0, growing, **hyper)[0] == walk(steps.adam, 1.0, growing, **hyper)[0]


def test_amsgrad_remembers_a_gradient_that_adam_forgets():
    gradients = [100.0] + [1.0] * 50
    hyper = {"lr": 1.0, "beta1": 0.0, "beta2": 0.5, "eps": 0.0}
    adam, amsgrad = (walk(rule, 0.0, gradients, **hyper)[0] for rule in (steps.adam, steps.amsgrad))
    assert adam[-1] - adam[-2] == pytest.approx(-1, rel=1e-6)
    # largest average of squares: 100^2 / 2, from the first step
    assert amsgrad[-1] - amsgrad[-2] == pytest.approx(-1 / math.sqrt(100**2 / 2), rel=1e-9)


@given(gradients=gradient_lists)
def test_without_memory_nadam_is_adam(gradients):
    hyper = hyper_of(steps.adam) | {"beta1": 0.0}
    assert walk(steps.nadam, 1.0, gradients, **hyper) == walk(steps.adam, 1.0, gradients, **hyper)


@given(gradients=gradient_lists)
def test_every_step_of_lion_is_lr(gradients):
    positions, _ = walk(steps.lion, 0.0, gradients, **hyper_of(steps.lion) | {"lr": 0.25})
    moved = np.abs(np.diff([0.0, *positions]))
    assert set(moved) <= {0.0, 0.25} and moved[0] == 0.25


# Muon, a rule for matrices


@pytest.fixture(params=[(6, 6), (3, 8), (8, 3), (1, 4)], ids=str)
def matrix(request):
    return np.random.default_rng(0).standard_normal(request.param)


def five_times(sizes):
    """The polynomial of Muon on singular values."""
    for _ in range(5):
        sizes = 3.4445 * sizes - 4.7750 * sizes**3 + 2.0315 * sizes**5
    return sizes


def test_muon_on_a_diagonal_by_hand():
    """A diagonal matrix stays one: the polynomial runs on each singular value, here 3/5 and 4/5 of the norm 5."""
    lr, beta1 = 0.5, 0.75
    positions, memories = walk(
        steps.muon, np.eye(2), [np.diag([3.0, 4.0]), np.zeros((2, 2))], lr=lr, beta1=beta1, eps=0
    )
    sizes = five_times(np.array([3 / 5, 4 / 5]))
    np.testing.assert_allclose(positions[0], np.eye(2) - lr * np.diag(sizes), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(positions[1], np.eye(2) - 2 * lr * np.diag(sizes), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(memories[0][0], np.diag([3, 4]) / 4, rtol=1e-15)
    np.testing.assert_allclose(memories[1][0], 0.75 * np.diag([3, 4]) / 4, rtol=1e-15)


def test_eps_of_muon_is_the_least_norm_that_is_divided_by():
    step = -steps.muon(np.zeros((2, 2)), np.diag([3.0, 4.0]), lr=1.0, beta1=0.0, eps=10.0)[0]
    np.testing.assert_allclose(step, np.diag(five_times(np.array([3 / 10, 4 / 10]))), rtol=1e-13, atol=1e-15)


def test_the_step_of_muon_has_the_directions_of_the_gradient_and_sizes_near_1(matrix):
    step = -steps.muon(0 * matrix, matrix, lr=1.0)[0]
    (u, sizes, vt), (left, _, right) = (np.linalg.svd(x, full_matrices=False) for x in (step, matrix))
    assert ((0.6 < sizes) & (sizes < 1.2)).all()
    stretched = left.T @ step @ right.T  # diagonal, if the directions are the same
    np.testing.assert_allclose(stretched, np.diag(np.diag(stretched)), atol=1e-12)
    assert (np.diag(stretched) > 0).all()


def test_muon_looks_ahead_as_nesterov_does(matrix):
    """On a second gradient its direction is that of Nesterov's step."""
    gradients = [matrix, -0.2 * matrix[::-1]]
    ahead, _ = walk(steps.nesterov, 0 * matrix, gradients, lr=1.0, beta1=0.95)
    got, _ = walk(steps.muon, 0 * matrix, gradients, lr=1.0, beta1=0.95)
    np.testing.assert_allclose(got[0] - got[1], steps.orthogonal(ahead[0] - ahead[1]), rtol=1e-9, atol=1e-12)


def test_a_stack_of_matrices_is_made_orthogonal_one_by_one(matrix):
    stack = np.stack([matrix, 5 * matrix[::-1]])[None]
    np.testing.assert_allclose(steps.orthogonal(stack)[0, 1], steps.orthogonal(matrix[::-1]), rtol=1e-12, atol=1e-14)


def test_muon_turns_and_scales_with_its_gradient(matrix):
    turn, _ = np.linalg.qr(np.random.default_rng(1).standard_normal((len(matrix), len(matrix))))
    step = steps.muon(0 * matrix, matrix, lr=1.0)[0]
    np.testing.assert_allclose(steps.muon(0 * matrix, turn @ matrix, lr=1.0)[0], turn @ step, atol=1e-12)
    np.testing.assert_allclose(steps.muon(0 * matrix, 1000 * matrix, lr=1.0)[0], step, rtol=1e-10, atol=1e-14)
    assert (steps.muon(matrix, 0 * matrix, lr=1.0)[0] == matrix).all()  # eps: no gradient, no step


def test_muon_defaults_and_its_guarded_form(matrix):
    assert steps.muon.__kwdefaults__ == {"lr": 0.02, "beta1": 0.95, "eps": 1e-7}
    np.testing.assert_array_equal(rules.muon(matrix, matrix)[0], steps.muon(matrix, matrix)[0])
    assert rules.muon.__wrapped__ is steps.muon and not rules.entry(rules.muon).entrywise


def test_with_eps_the_scale_matters():
    small, _ = steps.adam(0.0, 1e-8, lr=1.0)
    assert small == pytest.approx(-1 / 2, rel=1e-6)


@given(constant=numbers, beta=betas, steps_taken=st.integers(1, 60))
def test_a_debiased_constant_is_the_constant(constant, beta, steps_taken):
    v = 0.0
    for _ in range(steps_taken):
        v = steps.ewma(v, constant, beta)
    # 1 - beta^t is 1e-2 at the least, so two digits can go.
    assert steps.debias(v, beta, steps_taken) == pytest.approx(constant, rel=1e-12)


@given(w=numbers, dw=numbers)
@every_equation
def test_every_rule_starts_against_the_gradient(rule, w, dw):
    (new, _), (at_rest, _) = (rule(w, slope, **hyper_of(rule)) for slope in (dw, 0.0))
    assert np.sign(new - at_rest) == -np.sign(dw)


@given(gradients=gradient_lists)
@pytest.mark.parametrize("rule", [steps.adagrad, steps.rmsprop], ids=lambda rule: rule.__name__)
def test_scaling_each_entry_keeps_the_sign_at_every_step(rule, gradients):
    positions, _ = walk(rule, 0.0, gradients, **hyper_of(rule))
    assert (np.sign(np.diff([0.0, *positions])) == -np.sign(gradients)).all()


# Closed forms


@given(lr=st.floats(0.01, 0.9), curvature=st.floats(0.1, 2), t=st.integers(0, 30))
def test_gradient_descent_on_a_parabola_is_a_power(lr, curvature, t):
    w = 3.0
    for _ in range(t):
        w, _ = steps.gradient_descent(w, curvature * w, lr=lr)
    # A factor near 0 has few digits of its own: 1 - lr*curvature is rounded at 1e-16.
    assert w == pytest.approx(3.0 * (1 - lr * curvature) ** t, rel=1e-11, abs=1e-15)


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("k", [1, 2, 10])
def test_weights_of_the_average(beta, k):
    # The weight of entry i is what the average of a single 1 at i gives.
    weights = []
    for i in range(1, k + 1):
        v = 0.0
        for j in range(1, k + 1):
            v = steps.ewma(v, float(i == j), beta)
        weights.append(v)
    np.testing.assert_allclose(weights, [(1 - beta) * beta ** (k - i) for i in range(1, k + 1)], rtol=1e-14)
    assert sum(weights) == pytest.approx(1 - beta**k, rel=1e-14)


@pytest.mark.parametrize("beta, t", [(0.9, 44), (0.98, 228), (0.99, 459), (0.999, 4603)])
def test_the_correction_is_below_a_hundredth_from_t_on(beta, t):
    def uncorrected_falls_short(t):
        return 1 - 1 / steps.debias(1.0, beta, t)

    assert uncorrected_falls_short(t) < 0.01 <= uncorrected_falls_short(t - 1)


def test_a_corrected_average_fed_back_explodes():
    v = 0.0
    seen = []
    for t in range(1, 11):
        v = steps.debias(steps.ewma(v, 1.0, 0.9), 0.9, t)
        seen.append(v)
    np.testing.assert_allclose([*seen[:3], seen[-1]], [1, 5.263, 17.85, 1103], rtol=1e-3)


@pytest.mark.parametrize("beta2, times_lr", [(0.9, 3.162), (0.99, 10.0), (0.999, 31.62)])
def test_the_first_step_of_rmsprop(beta2, times_lr):
    w, _ = steps.rmsprop(0.0, 7.0, lr=1.0, beta2=beta2, eps=0.0)
    assert -w == pytest.approx(1 / math.sqrt(1 - beta2), rel=1e-12)
    assert -w == pytest.approx(times_lr, rel=1e-3)


def test_rmsprop_ends_in_a_cycle_of_half_lr():
    w, memory = 1.0, (0.0,)
    for _ in range(2000):
        w, memory = steps.rmsprop(w, w, memory, lr=0.1, beta2=0.9)
    after, _ = steps.rmsprop(w, w, memory, lr=0.1, beta2=0.9)
    assert abs(w) == pytest.approx(0.05, rel=1e-6) and after == pytest.approx(-w, rel=1e-6)


# What the document's Adam leaves out


def step_lengths(rule, dw, count, **hyper):
    positions, _ = walk(rule, 0.0, [dw] * count, lr=1.0, **hyper)
    return -np.diff([0.0, *positions])


@pytest.mark.parametrize("dw, ratio", [(1e-4, 1.41), (1e-6, 99.0), (1e-8, 5000.0)])
def test_eps_inside_the_root_is_a_floor(dw, ratio):
    # After 20000 steps on a constant gradient both averages are settled.
    outside, inside = (
        step_lengths(rule, dw, 20000, eps=1e-8)[-1]
        for rule in (steps.adam_uncorrected, steps.adam_uncorrected_eps_inside)
    )
    assert outside / inside == pytest.approx(ratio, rel=5e-3)
    assert outside / inside == pytest.approx(math.sqrt(dw**2 + 1e-8) / (dw + 1e-8), rel=1e-6)


@pytest.mark.parametrize(
    "beta2, first, peak, at, hundredth", [(0.99, 1.0, 2.13, 13, None), (0.999, 3.16, 6.57, 12, 3.24)]
)
def test_uncorrected_steps_are_too_large(beta2, first, peak, at, hundredth):
    hyper = {"beta1": 0.9, "beta2": beta2, "eps": 0.0}
    ratio = step_lengths(steps.adam_uncorrected, 5.0, 100, **hyper) / step_lengths(steps.adam, 5.0, 100, **hyper)
    t = np.arange(1, 101)
    np.testing.assert_allclose(ratio, (1 - 0.9**t) / np.sqrt(1 - beta2**t), rtol=1e-9)
    assert ratio[0] == pytest.approx(first, abs=5e-3)
    assert ratio.argmax() + 1 == at and ratio.max() == pytest.approx(peak, abs=5e-3)
    assert hundredth is None or ratio[-1] == pytest.approx(hundredth, abs=5e-3)


# One line for floats, arrays, grids and symbols

shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=5).filter(
    lambda shape: all(n <= most for n, most in zip(shape, (3, 4, 5)))
)


@st.composite
def walks(draw, dtype):
    """A start and three gradients of one shape, () to (3, 4, 5)."""
    shape = draw(shapes)
    small = st.floats(-8, 8, width=16)  # every value exact in float32 too
    return [draw(hnp.arrays(dtype, shape, elements=small)) for _ in range(4)]


@given(data=st.data(), dtype=st.sampled_from([np.float32, np.float64]))
@every_equation
def test_arrays_keep_shape_and_type_and_agree_with_floats(rule, data, dtype):
    w, *gradients = data.draw(walks(dtype))
    positions, memories = walk(rule, w, gradients, **hyper_of(rule))
    for value in [*positions, *(x for memory in memories for x in memory if not isinstance(x, int))]:
        assert value.shape == w.shape and value.dtype == dtype
    for place in np.ndindex(w.shape):
        alone, _ = walk(rule, float(w[place]), [float(dw[place]) for dw in gradients], **hyper_of(rule))
        tolerance = 1e-12 if dtype == np.float64 else 1e-4
        np.testing.assert_allclose([p[place] for p in positions], alone, rtol=tolerance, atol=tolerance)


def test_a_zero_dimensional_array_gives_what_its_float_gives():
    for rule in EQUATIONS:
        from_float, _ = walk(rule, 1.5, [0.25, -3.0], **hyper_of(rule))
        from_array, _ = walk(rule, np.array(1.5), [np.array(0.25), np.array(-3.0)], **hyper_of(rule))
        assert [float(w) for w in from_array] == from_float and np.shape(from_array[-1]) == ()


@every_equation
def test_a_grid_equals_its_runs_one_by_one(rule):
    hyper = settings(rule, two)
    for axis, (name, values) in enumerate(hyper.items()):  # each on an axis of its own
        hyper[name] = np.reshape(values, [-1 if axis == i else 1 for i in range(len(hyper))])
    gradients = [4.0, -1.5, 0.3, 0.3]
    together, _ = walk(rule, np.array(1.0), [np.array(dw) for dw in gradients], **hyper)
    values = np.broadcast_arrays(*hyper.values())
    assert together[-1].shape == values[0].shape and together[-1].size > 1
    for place in np.ndindex(values[0].shape):
        alone, _ = walk(
            rule,
            np.array(1.0),
            [np.array(dw) for dw in gradients],
            **{name: x[place] for name, x in zip(hyper, values)},
        )
        # NumPy's power of an array and of a number may differ in the last bit (AVX-512).
        # (And a setting that has done nothing yet has not made its axis.)
        spread = [np.broadcast_to(w, values[0].shape) for w in together]
        np.testing.assert_allclose([w[place] for w in spread], alone, rtol=1e-13, atol=1e-13)


@every_equation
def test_symbols_give_the_same_as_numbers(rule):
    w, dw = sympy.Symbol("w"), sympy.symbols("g1:4", real=True)
    letters = {name: sympy.Symbol(name, positive=True) for name in hyper_of(rule)}
    symbolic, memories = walk(rule, w, dw, **letters)
    values = {w: 2.0} | dict(zip(dw, (0.5, -3.0, 1.25))) | {letters[n]: x for n, x in hyper_of(rule).items()}
    numeric, numeric_memories = walk(rule, 2.0, [0.5, -3.0, 1.25], **hyper_of(rule))
    assert symbolic[-1].free_symbols == {w, *dw, *letters.values()}
    for expr, number in zip(symbolic, numeric):
        assert float(expr.subs(values)) == pytest.approx(number, rel=1e-12)
        assert sympy.lambdify(list(values), expr, "math")(*values.values()) == pytest.approx(number, rel=1e-12)
    for expr, number in zip(memories[-1], numeric_memories[-1]):
        assert float(sympy.sympify(expr).subs(values)) == pytest.approx(number, rel=1e-12)


def test_sqrt_of_each_kind():
    assert steps.sqrt(9) == steps.sqrt(9.0) == steps.sqrt(np.float64(9)) == 3
    np.testing.assert_array_equal(steps.sqrt(np.array([4.0, 9.0], np.float32)), np.array([2, 3], np.float32))
    assert steps.sqrt(sympy.Symbol("x")) == sympy.sqrt(sympy.Symbol("x"))


def test_maximum_and_sign_of_each_kind():
    x, y = sympy.symbols("x y", real=True)
    assert steps.maximum(2, 3.0) == steps.maximum(3.0, 2) == steps.maximum(np.float64(3), -4) == 3
    np.testing.assert_array_equal(steps.maximum(0.0, np.array([-1.0, 2.0], np.float32)), np.array([0, 2], np.float32))
    assert steps.maximum(x, y) == steps.maximum(y, x) == sympy.Max(x, y) and steps.maximum(x, 0) == sympy.Max(0, x)
    assert [steps.sign(value) for value in (-2, 0.0, np.float64(3))] == [-1, 0, 1]
    np.testing.assert_array_equal(steps.sign(np.array([-4.0, 9.0])), [-1, 1])
    assert steps.sign(x) == sympy.sign(x)


@every_equation
def test_partial_carries_hyper_parameters(rule):
    given_now, _ = rule(1.0, 2.0, **hyper_of(rule))
    assert functools.partial(rule, **hyper_of(rule))(1.0, 2.0)[0] == given_now


@every_equation
def test_the_guarded_rule_is_the_same_arithmetic(rule):
    guarded = getattr(rules, rule.__name__)
    assert guarded.__wrapped__ is rule and guarded.__doc__ == rule.__doc__
    gradients = [np.array([0.5, -2.0]), np.array([3.0, 1e-3])]
    bare, guarded = (walk(r, np.array([1.0, -1.0]), gradients, **hyper_of(rule)) for r in (rule, guarded))
    np.testing.assert_array_equal(bare[0], guarded[0])


@every_equation
def test_source_shows_the_lines_that_run(rule):
    text = rules.source(getattr(rules, rule.__name__))
    assert '"""' not in text and text == rules.source(rule)
    # The lines, run on their own, are the rule.
    room = vars(steps).copy()
    exec("from __future__ import annotations\n" + text, room)
    assert room[rule.__name__] is not rule
    assert walk(room[rule.__name__], 1.0, [2.0, -3.0], **hyper_of(rule)) == walk(
        rule, 1.0, [2.0, -3.0], **hyper_of(rule)
    )


@every_equation
def test_hyper_parameters_go_by_name_only(rule):
    with pytest.raises(TypeError, match="positional argument"):
        rule(1.0, 2.0, (0.0,), 0.1)
    w, _ = rule(w=1.0, dw=2.0, **hyper_of(rule))  # and the others may
    assert w < 1
