"""The closed forms that the chapters state, each over a grid, against runs of the rules.

The number behind a test is that of its equation. Where a formula and a run are the same few operations, they must agree
to 1e-12 (EXACT): some thousand roundings of 1e-16 each. Every other tolerance has its reason beside it.
"""

import numpy as np
import pytest

from optimlib import bowl, debias, descend, digits, momentum, network, rules, smooth, steps, turn
from optimlib.rates import momentum_rate

EXACT = 1e-12
BETAS = np.array([0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.98, 0.99, 0.999])
MEMORIES = BETAS[1:]  # where a formula has ln(beta), or a run has to forget its start
COUNT = np.arange(1, 201)


def column(x):
    return np.reshape(x, (-1, 1))


def along(rule, gradients, **hyper):
    """The moves of a rule, over a grid of hyper-parameters, on given gradients."""
    stream = iter(gradients)

    def gradient(w):
        return np.full_like(w, next(stream))

    gradient.stochastic = True  # not of w: on a grid, too, it is asked once in each step
    return np.diff(descend(rule, gradient, 0.0, len(gradients), **hyper).w, axis=0)


def impulse(count):
    """A 1 and then zeros: what an average makes of it are its weights, the newest first."""
    return np.eye(1, count)[0]


# Chapter 1: on the parabola with curvature lam, only alpha * lam counts

LAMS = np.geomspace(1e-2, 1e2, 9)


@pytest.mark.parametrize("lam", LAMS)
def test_1_2_gradient_descent_is_a_power(lam):
    products = np.linspace(0.05, 1.95, 39)
    w = descend(rules.gradient_descent, lambda w: lam * w, 3.0, 40, lr=products / lam).w
    # Near alpha * lam = 1 the factor is a difference, rounded at 1e-16 of 1.
    np.testing.assert_allclose(w, (1 - products) ** column(np.arange(41)) * 3.0, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("lam", LAMS)
def test_1_3_gradient_descent_converges_below_2_and_flips_above_1(lam):
    products = np.array([0.01, 0.5, 0.99, 1.01, 1.5, 1.99, 2.01, 2.5, 3.0])
    run = descend(rules.gradient_descent, lambda w: lam * w, 1.0, 3000, lr=products / lam)
    np.testing.assert_array_equal(run.diverged > 0, products > 2)
    assert (np.abs(run.last[products < 2]) < 1e-12).all()  # the slowest factor is 0.99, and 0.99^3000 = 8e-14
    np.testing.assert_array_equal(run.w[1] * run.w[0] < 0, products > 1)


@pytest.mark.parametrize("lam", LAMS)
@pytest.mark.parametrize("kappa", [1.5, 4.0, 20.0, 100.0, 1000.0])
def test_1_5_the_best_rate_of_gradient_descent(kappa, lam):
    def rate(lr):
        w = descend(rules.gradient_descent, lambda w: curvatures * w, np.ones(2), 200, lr=lr).w
        return (np.abs(w[200]) / np.abs(w[100])).max(axis=0) ** (1 / 100)  # of the slower direction

    curvatures = lam * np.array([[1.0], [kappa]])
    best = 2 / (lam + kappa * lam)
    others = rate(best * np.array([0.5, 0.9, 0.99, 1.01, 1.1, 1.5]) ** (1 / kappa))  # spread within the stable range
    assert rate([best]) == pytest.approx((kappa - 1) / (kappa + 1), rel=EXACT)
    assert (others > (kappa - 1) / (kappa + 1)).all()


@pytest.mark.parametrize("angle", [0.0, 0.3, np.pi / 6, 2.0])
def test_1_6_the_loss_is_a_sum_with_one_part_for_each_direction(angle):
    surface, start = bowl((0.2, 4.0), angle=angle), turn((-5, -2), angle)
    loss = descend(rules.gradient_descent, surface.grad, start, 40, lr=0.4).along(surface.f)
    parts = [lam / 2 * (1 - 0.4 * lam) ** (2 * np.arange(41)) * c**2 for lam, c in ((0.2, -5), (4.0, -2))]
    np.testing.assert_allclose(loss, np.sum(parts, axis=0), rtol=1e-11)


# Chapter 2: the average

PAST = 40_000  # steps until 0.999^t is below 1e-17


@pytest.mark.parametrize("beta", BETAS)
def test_2_1_weights_and_their_sum(beta):
    weights = smooth(impulse(200), beta)
    np.testing.assert_allclose(weights, (1 - beta) * beta ** (COUNT - 1), rtol=EXACT)
    np.testing.assert_allclose(np.cumsum(weights), 1 - beta**COUNT, rtol=EXACT)
    np.testing.assert_allclose(smooth(np.ones(200), beta), 1 - beta**COUNT, rtol=EXACT)


@pytest.mark.parametrize("beta", BETAS)
def test_the_window_is_the_mean_age(beta):
    weights = smooth(impulse(PAST), beta)
    assert weights @ np.arange(1, PAST + 1) == pytest.approx(1 / (1 - beta), rel=1e-11)  # PAST roundings


@pytest.mark.parametrize("half_life", [1, 2, 5, 7, 69, 150])
def test_the_half_life(half_life):
    beta = 0.5 ** (1 / half_life)
    assert np.log(0.5) / np.log(beta) == pytest.approx(half_life, rel=EXACT)
    weights = smooth(impulse(200), beta)
    np.testing.assert_allclose(weights[half_life:] / weights[:-half_life], 0.5, rtol=EXACT)


@pytest.mark.parametrize("beta", BETAS)
def test_2_2_what_is_left_of_a_flip(beta):
    left = smooth((-1.0) ** np.arange(PAST), beta)[-1000:]
    np.testing.assert_allclose(np.abs(left), (1 - beta) / (1 + beta), rtol=EXACT)
    assert (np.sign(left) == (-1.0) ** np.arange(1000)).all()


@pytest.mark.parametrize("beta", BETAS)
def test_the_velocity_never_exceeds_the_largest_gradient(beta):
    gradients = np.random.default_rng(0).normal(size=2000)
    largest = np.maximum.accumulate(np.abs(gradients))
    assert (np.abs(smooth(gradients, beta)) <= largest * (1 + EXACT)).all()


def test_the_velocity_of_the_heavy_ball_builds_up_to_1_over_1_minus_beta():
    memory = (0.0,)
    for _ in range(PAST):
        _, memory = steps.heavy_ball(0.0, 1.0, memory, lr=1.0, beta1=BETAS)
    np.testing.assert_allclose(memory[0], 1 / (1 - BETAS), rtol=1e-11)  # PAST roundings


@pytest.mark.slow
@pytest.mark.parametrize("beta", BETAS[:-1])
def test_2_9_variance_of_the_velocity_under_noise(beta):
    v = smooth(np.random.default_rng(0).normal(size=200_000), beta)[2000:]
    expected = (1 - beta) / (1 + beta)
    # The squares of v remember each other for (1 + beta^2)/(1 - beta^2) steps; four standard errors.
    error = np.sqrt(2 * (1 + beta**2) / (1 - beta**2) / len(v))
    assert (v**2).mean() == pytest.approx(expected, rel=4 * error)


@pytest.mark.parametrize("beta", BETAS)
def test_2_9_and_5_6_variance_from_the_weights(beta):
    squares = np.cumsum(smooth(impulse(PAST), beta) ** 2)  # variances of independent terms add up
    assert squares[-1] == pytest.approx((1 - beta) / (1 + beta), rel=EXACT)
    corrected = squares[:200] / (1 - beta**COUNT) ** 2
    formula = (1 - beta) / (1 + beta) * (1 + beta**COUNT) / (1 - beta**COUNT)
    np.testing.assert_allclose(corrected, formula, rtol=EXACT)


@pytest.mark.parametrize("beta", BETAS[:-1])
def test_5_6_variance_of_the_corrected_average_measured(beta):
    data, v = np.random.default_rng(0).normal(size=(50, 20_000)), 0.0
    for t, row in enumerate(data, start=1):
        v = steps.ewma(v, row, beta)
        formula = (1 - beta) / (1 + beta) * (1 + beta**t) / (1 - beta**t)
        # Of a variance measured on n numbers the standard error is sqrt(2/n) = 1 %; four of them.
        assert debias(v, beta, t).var() == pytest.approx(formula, rel=0.04)


# Chapter 2: stability and rates of momentum, with products for alpha * lam


def grown(products, beta1, count=4000):
    """How momentum grows per step, and how often w changes its sign, down w^2/2.

    The size of (v, w) is taken out at every step, which changes nothing else (the rule is linear), so that nothing
    overflows or vanishes. The growth is that of the second half.
    """
    products, beta1 = np.broadcast_arrays(products, beta1)
    v, w = np.zeros(products.shape), np.ones(products.shape)
    logs, flips = 0.0, 0
    for t in range(count):
        new, (v,) = steps.momentum(w, w, (v,), lr=products, beta1=beta1)
        flips = flips + (new * w < 0)
        size = np.hypot(v, new)
        v, w = v / size, new / size
        logs = logs + np.log(size) * (t >= count // 2)
    return np.exp(logs / (count - count // 2)), flips


def border(beta):
    return (1 - np.sqrt(beta)) / (1 + np.sqrt(beta))


def edge(beta):
    return 2 * (1 + beta) / (1 - beta)


@pytest.mark.parametrize("beta", BETAS)
def test_2_4_the_rate_of_momentum(beta):
    products = np.geomspace(1e-2, 0.99, 60) * edge(beta)
    M = np.array([[[beta, 1 - beta], [-p * beta, 1 - p * (1 - beta)]] for p in products])
    formula = momentum_rate(products, beta, 1.0)
    np.testing.assert_allclose(
        formula, np.abs(np.linalg.eigvals(M)).max(axis=1), rtol=1e-7
    )  # a double root halves digits
    # A pair of complex roots swings; over 2000 steps a swing to 100 times its size weighs ln(100)/2000.
    np.testing.assert_allclose(grown(products, beta)[0], formula, rtol=2.5e-3)


@pytest.mark.parametrize("beta", BETAS)
def test_2_5_momentum_converges_up_to_its_edge(beta):
    # One per mille to either side; the rate is then as far from 1, or farther.
    rates, _ = grown(edge(beta) * np.array([1e-3, 0.4, 0.999, 1.001, 1.5]), beta)
    np.testing.assert_array_equal(rates < 1, [True, True, True, False, False])
    run = descend(rules.momentum, lambda w: w, 1.0, 8000, lr=edge(beta) * np.array([0.999, 1.001]), beta1=beta)
    np.testing.assert_array_equal(run.diverged > 0, [False, True])


@pytest.mark.parametrize("beta", MEMORIES[:-1])  # near the border a swing takes 60 000 steps at 0.999
def test_2_6_critical_damping(beta):
    assert border(beta) == pytest.approx((1 - np.sqrt(beta)) ** 2 / (1 - beta), rel=EXACT)
    products = border(beta) * np.array([0.3, 0.9, 0.99, 1.01, 1.1, 3.0])
    _, flips = grown(products, beta, count=8000)
    np.testing.assert_array_equal(flips > 0, products > border(beta))  # swings, or creeps


@pytest.mark.parametrize("beta", MEMORIES)
def test_what_oscillates_shrinks_by_the_root_of_beta_whatever_alpha(beta):
    # Up to the second double root, the same fraction upside down; outside of both it is slower.
    between = np.exp(np.linspace(np.log(border(beta)), -np.log(border(beta)), 30))
    np.testing.assert_allclose(grown(between[1:-1], beta)[0], np.sqrt(beta), rtol=2.5e-3)
    outside = np.array([0.5 * border(beta), (1 / border(beta) + edge(beta)) / 2])
    assert (momentum_rate(outside, beta, 1.0) > np.sqrt(beta)).all()
    np.testing.assert_allclose(grown(outside, beta)[0], momentum_rate(outside, beta, 1.0), rtol=2.5e-3)


def slowest(lr, beta1, flat, steep):
    return np.maximum(*(grown(lr * lam, beta1)[0] for lam in (flat, steep)))


@pytest.mark.slow
@pytest.mark.parametrize("flat", [0.01, 0.2, 3.0])
@pytest.mark.parametrize("kappa", [2.0, 16.0, 20.0, 100.0, 400.0])
def test_2_7_the_best_pair(kappa, flat):
    steep, root = kappa * flat, (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)
    lr, beta = (2 / (np.sqrt(flat) + np.sqrt(steep))) ** 2 / (1 - root**2), root**2
    # Both ends are double roots, where a run shrinks like t * root^t: ln(2)/2000 more over the second half.
    assert slowest(lr, beta, flat, steep) == pytest.approx(root, rel=5e-4)
    lrs, betas = lr * np.geomspace(0.1, 10, 21), np.linspace(0.01, 0.99, 34)
    others = slowest(lrs, column(betas), flat, steep)
    assert others.min() > root * (1 - 1e-3)
    # And the best of the grid is a neighbour of the pair: two of its widths away at most.
    i, j = np.unravel_index(others.argmin(), others.shape)
    assert abs(betas[i] - beta) < 0.06 and abs(np.log(lrs[j] / lr)) < 0.46


@pytest.mark.parametrize("kappa", [100, 1000, 10_000, 100_000])
def test_at_the_best_pair_the_steep_direction_first_goes_far_out(kappa):
    root = (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)
    w = descend(rules.momentum, lambda w: kappa * w, 1.0, 2000, lr=1 / np.sqrt(kappa), beta1=root**2).w
    assert np.abs(w).max() == pytest.approx(np.sqrt(kappa) / np.e, rel=1 / np.sqrt(kappa))
    t = np.arange(2001)  # (2.12)
    np.testing.assert_allclose(np.abs(w), (1 + (1 + root) * t) * root**t, rtol=0, atol=1e-6 * np.abs(w).max())


def test_the_best_pair_of_quadratics_can_cycle_elsewhere_and_looking_ahead_does_not():
    def slope(w):  # Lessard et al. 2016, with curvatures 25, 1 and 25
        return np.where(w < 1, 25 * w, np.where(w < 2, w + 24, 25 * w - 24))

    w = descend(rules.momentum, slope, 3.3, 300, lr=1 / 5, beta1=(4 / 6) ** 2).w
    np.testing.assert_allclose(w[-3:], w[-6:-3], rtol=1e-9)
    assert np.abs(w[-3:]).min() > 0.5
    assert abs(descend(rules.nesterov, slope, 3.3, 300, lr=3 / 25, beta1=2 / 3).last) < EXACT


@pytest.mark.parametrize("beta", BETAS)
def test_2_11_nesterov_is_momentum_that_looks_ahead(beta):
    lr, w = 0.05, descend(rules.nesterov, np.sin, 1.0, 200, lr=0.05, beta1=beta).w
    place, v = 1.0, 0.0
    for t in range(200):
        ahead = place - lr * beta * v
        assert ahead == pytest.approx(w[t], rel=0, abs=EXACT)
        v = steps.ewma(v, np.sin(ahead), beta)
        place -= lr * v


@pytest.mark.parametrize("beta", MEMORIES)
def test_d_5_momentum_pays_above_this_condition_number(beta):
    kappa = 1 / border(beta)
    for k, pays in [(0.9 * kappa, False), (1.1 * kappa, True)]:
        # Its best rate at this beta: the root of beta, with both ends between the double roots.
        lr = 1 / np.sqrt(k)  # flat end lr, steep end 1/lr
        rate = slowest(lr, beta, 1.0, k)
        assert rate == pytest.approx(np.sqrt(beta), rel=2.5e-3)
        assert (np.sqrt(beta) < (k - 1) / (k + 1)) == pays
    assert (kappa - 1) / (kappa + 1) == pytest.approx(np.sqrt(beta), rel=EXACT)


@pytest.mark.parametrize("lam", LAMS)
def test_2_8_the_average_with_lr_over_1_minus_beta_is_the_sum(lam):
    lr = column(np.geomspace(1e-3, 1, 7)) / lam
    ball = descend(rules.heavy_ball, lambda w: lam * w, 1.0, 300, lr=lr, beta1=BETAS).w
    ours = descend(rules.momentum, lambda w: lam * w, 1.0, 300, lr=lr / (1 - BETAS), beta1=BETAS).w
    np.testing.assert_allclose(ours, ball, rtol=0, atol=EXACT)  # of a start of 1


# Chapter 3


GRADIENTS = [-1e3, -3.0, 1e-4, 1.0, 7.0]


@pytest.mark.parametrize("gradient", GRADIENTS)
@pytest.mark.parametrize("eps", [0.0, 1e-8, 0.1])
def test_3_4_the_first_step_of_rmsprop(gradient, eps):
    lr = column(np.geomspace(1e-4, 10, 6))
    step = along(rules.rmsprop, [gradient], lr=lr, beta2=BETAS, eps=eps)[0]
    size = np.sqrt(1 - BETAS) * abs(gradient)
    np.testing.assert_allclose(step, -lr * gradient / (size + eps), rtol=EXACT)
    if eps == 0:
        np.testing.assert_allclose(np.abs(step), lr / np.sqrt(1 - BETAS), rtol=EXACT)


@pytest.mark.parametrize("gradient", GRADIENTS)
def test_adagrad_slows_down_with_the_root_of_t(gradient):
    lr = np.geomspace(1e-4, 10, 6)
    moves = along(rules.adagrad, [gradient] * 200, lr=lr, eps=0.0)
    # A move is read off a place up to 30 times as far out.
    np.testing.assert_allclose(np.abs(moves), lr / np.sqrt(column(COUNT)), rtol=1e-11)


@pytest.mark.parametrize("start", [-3.0, 0.7, 1.0])
@pytest.mark.parametrize("lam", [0.05, 0.5, 3.0, 50.0])
@pytest.mark.parametrize("eps", [1e-8, 1e-4])
def test_the_limit_cycle_of_rmsprop(start, lam, eps):
    # Near the cycle what is left of the start shrinks by the root of beta2 a step: 0.995^6000 = 9e-14.
    lr, beta2 = column([0.03, 0.1, 0.4]), np.array([0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 0.99])
    run = descend(rules.rmsprop, lambda w: lam * w, start, 6000, lr=lr, beta2=beta2, eps=eps)
    half = np.broadcast_to(lr / 2 - eps / lam, (3, 8))  # half of lr, but for eps: there |dw| + eps = lr * lam / 2
    np.testing.assert_allclose(np.abs(run.w[-2:]), [half, half], rtol=1e-9)
    assert (run.w[-1] * run.w[-2] < 0).all()


def test_with_a_long_memory_rmsprop_may_come_to_rest():
    # While S forgets, w can fall to the smallest floats, about 5e-324, which no step moves, before steps grow too long.
    w = descend(rules.rmsprop, lambda w: 3.0 * w, 1.0, 30_000, lr=[0.03, 0.4], beta2=0.999).w
    assert (np.abs(w[-1]) < 1e-320).all()


def test_without_memory_rmsprop_cycles_wherever_its_start_puts_it():
    w = descend(rules.rmsprop, lambda w: 3.0 * w, 0.73, 400, lr=0.1, beta2=0.0, eps=0.0).w
    np.testing.assert_allclose(np.sort(w[-2:]), [-0.07, 0.03], rtol=1e-11)


SCALED = {  # how eps has to go with gradients times c
    rules.adagrad: 1,
    rules.rmsprop: 1,
    rules.adam: 1,
    rules.adam_uncorrected: 1,
    rules.adam_uncorrected_eps_inside: 2,
}


@pytest.mark.parametrize("rule", SCALED, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("eps", [0.0, 1e-8, 0.1])
def test_the_scale_of_the_loss_cancels_but_for_eps(rule, eps):
    gradients = np.random.default_rng(0).normal(size=200)
    once = along(rule, gradients, lr=np.array([0.01, 1.0]), eps=eps)
    for c in (1e-3, 0.3, 7.0, 1000.0):
        scaled = along(rule, c * gradients, lr=np.array([0.01, 1.0]), eps=eps * c ** SCALED[rule])
        np.testing.assert_allclose(scaled, once, rtol=1e-10, atol=EXACT)
        if eps == 0.1:
            copied = along(rule, c * gradients, lr=np.array([0.01, 1.0]), eps=eps)
            assert np.abs(copied - once).max() > 1e-3  # eps is then another share of the gradient


@pytest.mark.parametrize("rule", [rules.rmsprop, rules.adam], ids=lambda rule: rule.__name__)
def test_the_curvature_of_an_axis_cancels(rule):
    def run(lam):
        return descend(rule, lambda w: lam * w, 1.0, 30, lr=np.geomspace(1e-3, 0.1, 5), eps=0.0).w

    for lam in LAMS:
        np.testing.assert_allclose(run(lam), run(1.0), rtol=0, atol=EXACT)


# Chapter 4


@pytest.mark.parametrize("eps", [1e-12, 1e-8, 1e-3])
def test_where_eps_stands_is_where_its_floor_is(eps):
    def settled(rule):
        w = descend(rule, lambda w: sizes, np.zeros(len(sizes)), 4000, lr=1.0, beta2=0.99, eps=eps).w
        return w[-2] - w[-1]

    sizes = np.r_[eps, np.sqrt(eps), np.geomspace(1e-10, 1e2, 25)]
    outside, inside = sizes / (sizes + eps), sizes / np.sqrt(sizes**2 + eps)
    # A step is read off a place up to 4000 of them away.
    np.testing.assert_allclose(settled(rules.adam_uncorrected), outside, rtol=1e-10)
    np.testing.assert_allclose(settled(rules.adam), outside, rtol=1e-10)
    np.testing.assert_allclose(settled(rules.adam_uncorrected_eps_inside), inside, rtol=1e-10)


@pytest.mark.parametrize("sigma", [0.0, 0.3, 1.0, 3.0, 10.0])
def test_4_9_the_mean_step_is_signal_over_signal_and_noise(sigma):
    rng = np.random.default_rng(0)
    w = descend(rules.adam_uncorrected, lambda w: 1 + sigma * rng.standard_normal(400), np.zeros(400), 6000, lr=1.0).w
    moves = -np.diff(w, axis=0)[-2000:]
    # S itself scatters by a few per cent, with its memory of a thousand steps.
    assert moves.mean() == pytest.approx(1 / np.sqrt(1 + sigma**2), rel=0.02)
    if sigma == 10:  # nearly all noise
        assert np.abs(moves).mean() == pytest.approx(np.sqrt(2 / np.pi * 0.1 / 1.9), rel=0.15)


@pytest.mark.parametrize("beta1, beta2", [(0.9, 0.999), (0.9, 0.99), (0.5, 0.9), (0.0, 0.5), (0.95, 0.95)])
def test_4_10_the_longest_step_is_reached_and_never_passed(beta1, beta2):
    bound = (1 - beta1) / np.sqrt((1 - beta2) * (1 - beta1**2 / beta2))
    growing = (beta1 / beta2) ** np.arange(3000)[::-1]
    hyper = {"lr": 1.0, "beta1": beta1, "beta2": beta2, "eps": 1e-30}
    # A step is read off a place many of them away.
    assert np.abs(along(rules.adam_uncorrected, growing, **hyper))[-1] == pytest.approx(bound, rel=1e-8)
    rng = np.random.default_rng(0)
    for stream in (rng.standard_normal(3000), rng.standard_cauchy(3000), np.r_[np.zeros(3000), np.ones(100)]):
        assert np.abs(along(rules.adam_uncorrected, stream, **hyper)).max() < bound * (1 + 1e-8)


def test_the_paper_s_own_bound_of_a_step_does_not_hold():
    woken = along(rules.adam, np.r_[np.zeros(10_000), np.ones(20)], lr=1.0)
    assert np.abs(woken).max() > 2 * (1 - 0.9) / np.sqrt(1 - 0.999)


# Chapter 5


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("mu", [-5.0, 0.01, 2.0])
def test_5_3_and_5_4_the_mean_and_its_correction(beta, mu):
    v = smooth(np.full(200, mu), beta)  # the mean of v is v of the mean: ewma is linear
    np.testing.assert_allclose(v, mu * (1 - beta**COUNT), rtol=EXACT)
    np.testing.assert_allclose(debias(v, beta, COUNT), mu, rtol=EXACT)


@pytest.mark.parametrize("beta", BETAS)
def test_5_4_is_the_weighted_average(beta):
    data = np.random.default_rng(0).normal(size=200)
    corrected = debias(smooth(data, beta), beta, COUNT)
    for t in (1, 2, 7, 50, 200):
        average = np.average(data[:t], weights=beta ** np.arange(t - 1.0, -1, -1))
        assert corrected[t - 1] == pytest.approx(average, rel=1e-11, abs=EXACT)


@pytest.mark.parametrize("beta", [*MEMORIES[1:], 0.8, 0.97, 0.995, 0.9995])
def test_5_5_steps_until_the_correction_is_below_a_hundredth(beta):
    formula = np.log(0.01) / np.log(beta)
    t = np.arange(1, int(formula) + 10)
    v = smooth(np.ones(len(t)), beta)
    gap = 1 - v / debias(v, beta, t)
    assert t[gap < 0.01][0] == int(formula) + 1
    # "About 4.6 windows": -1/ln(beta) is the window less a half, or a little more.
    assert -1 <= formula / np.log(100) - 1 / (1 - beta) <= -0.4


@pytest.mark.parametrize("gradient", GRADIENTS)
@pytest.mark.parametrize("eps", [0.0, 1e-8, 0.1])
@pytest.mark.parametrize("lr", [1e-4, 0.1, 10.0])
def test_5_10_the_first_step_of_adam(gradient, eps, lr):
    step = along(rules.adam, [gradient], lr=lr, beta1=column(BETAS), beta2=BETAS, eps=eps)[0]
    expected = -lr * gradient / (abs(gradient) + eps)
    np.testing.assert_allclose(step, np.full((len(BETAS), len(BETAS)), expected), rtol=EXACT)


@pytest.mark.parametrize("gradient", GRADIENTS)
def test_5_11_how_much_too_long_uncorrected_steps_are(gradient):
    hyper = {"lr": 1.0, "beta1": column(BETAS), "beta2": BETAS, "eps": 0.0}
    without, corrected = (along(rule, [gradient] * 200, **hyper) for rule in (rules.adam_uncorrected, rules.adam))
    formula = [(1 - column(BETAS) ** t) / np.sqrt(1 - BETAS**t) for t in COUNT]
    # A step is read off a place up to 200 * 31 of them away.
    np.testing.assert_allclose(without / corrected, formula, rtol=1e-10)
    # And as long after an age of zeros, when every average is empty again (chapter 4, exercise 3).
    woken = along(rules.adam_uncorrected, [0.0] * 50 + [gradient] * 200, **hyper | {"eps": 1e-300})[50:]
    np.testing.assert_allclose(woken, without, rtol=1e-10)


@pytest.mark.parametrize("beta1", BETAS)
def test_the_first_step_hides_a_missing_correction_at_these_pairs(beta1):
    beta2 = 1 - (1 - beta1) ** 2
    first = along(rules.adam_uncorrected, [2.0], lr=1.0, beta1=beta1, beta2=beta2, eps=0.0)
    assert -first[0] == pytest.approx(1.0, rel=1e-9)  # 1 - beta2 has lost six digits at beta1 = 0.999


@pytest.mark.parametrize("beta", BETAS)
def test_started_at_its_first_value_an_average_keeps_too_much_of_it(beta):
    v = 1.0  # the weight of x1 is what is left of a 1
    for t in range(1, 51):
        v = steps.ewma(v, float(t == 1), beta)
        assert v == pytest.approx(beta**t + (1 - beta) * beta ** (t - 1), rel=EXACT)
    corrected = debias(smooth(impulse(50), beta), beta, 50)[-1]
    assert corrected == pytest.approx((1 - beta) * beta**49 / (1 - beta**50), rel=EXACT)


@pytest.mark.parametrize("eps", [1e-8, 0.1])
@pytest.mark.parametrize("beta1, beta2", [(0.0, 0.5), (0.5, 0.9), (0.9, 0.999), (0.99, 0.95)])
def test_adam_with_its_corrections_in_the_rate_has_eps_times_the_root(beta1, beta2, eps):
    w, memory, v, s, folded = 0.0, (0.0, 0.0, 0), 0.0, 0.0, 0.0
    for t, g in enumerate(np.random.default_rng(0).normal(size=200), start=1):
        w, memory = steps.adam(w, g, memory, lr=0.01, beta1=beta1, beta2=beta2, eps=eps)
        v, s, root = steps.ewma(v, g, beta1), steps.ewma(s, g**2, beta2), np.sqrt(1 - beta2**t)
        folded -= 0.01 * root / (1 - beta1**t) * v / (np.sqrt(s) + eps * root)
        assert folded == pytest.approx(w, rel=0, abs=EXACT)


def test_the_spread_in_which_momentum_settles_is_2_10():
    """Over alpha * lambda and beta1: the variance of 4000 parameters under noise, after they have settled."""
    for lr in (0.05, 0.5, 1.0, 1.5):
        for beta1 in (0.0, 0.5, 0.9):
            noise = np.random.default_rng(7)
            w = descend(
                momentum,
                lambda w, noise=noise: w + noise.standard_normal(4000),
                np.zeros(4000),
                400,
                lr=lr,
                beta1=beta1,
            ).w
            formula = lr * (1 + beta1) / (2 * (1 + beta1) - lr * (1 - beta1))
            assert abs(w[-1].var() / formula - 1) < 5 * np.sqrt(2 / 4000)  # five standard errors


# Chapter 7


@pytest.mark.parametrize("seed", range(3))
def test_7_3_how_often_a_word_turns_up_is_a_factor_of_its_row(seed):
    rng = np.random.default_rng(seed)
    W, share, follows = rng.standard_normal((4, 5)), rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(5), size=4)

    def loss(W):
        return -share @ (follows * (W - np.log(np.exp(W).sum(axis=1, keepdims=True)))).sum(axis=1)

    slopes = share[:, None] * (network.softmax(W) - follows)
    for place in np.ndindex(W.shape):
        push = np.zeros(W.shape)
        push[place] = 1e-5
        assert slopes[place] == pytest.approx((loss(W + push) - loss(W - push)) / 2e-5, abs=1e-9)


# Chapter 8: the rules from sums with explicit weights, which share no line with steps.py

PAIRS = [(0.0, 0.5), (0.5, 0.9), (0.9, 0.999), (0.95, 0.9)]


def average(data, beta, corrected=True):
    """The average of all rows so far, by its weights; their sum divides it where it is corrected."""
    t = np.arange(len(data))
    weights = np.where(t[:, None] >= t, (1 - beta) * beta ** np.maximum(t[:, None] - t, 0.0), 0.0)
    total = weights.sum(axis=1, keepdims=True) if corrected else 1.0
    return weights @ data / total


def places(rule, gradients, w, **hyper):
    """Where a rule of steps.py stands after each of some gradients that do not hang on the place."""
    memory, seen = (), []
    for dw in gradients:
        w, *memory = rule(w, dw, *memory, **hyper)
        seen.append(w)
    return np.array(seen)


@pytest.mark.parametrize("beta1, beta2", PAIRS)
@pytest.mark.parametrize("decay", [0.0, 0.01, 1.0])
def test_8_2_the_decay_of_adamw_is_beside_the_step(beta1, beta2, decay):
    gradients, lr, eps = np.random.default_rng(1).standard_normal((60, 7)), 0.1, 1e-3
    step = average(gradients, beta1) / (np.sqrt(average(gradients**2, beta2)) + eps)
    got = places(steps.adamw, gradients, np.full(7, 3.0), lr=lr, beta1=beta1, beta2=beta2, eps=eps, decay=decay)
    ago = np.arange(60)[:, None] - np.arange(60)
    kept = np.where(
        ago >= 0, (1 - lr * decay) ** np.maximum(ago, 0), 0.0
    )  # each step, once taken, decays with the rest
    np.testing.assert_allclose(
        got, 3.0 * (1 - lr * decay) ** column(np.arange(1, 61)) - lr * kept @ step, rtol=0, atol=1e-11
    )


def l2(w, dw, memory=(), *, decay, **hyper):
    w, *memory = steps.adam(w, dw + decay * w, *memory, **hyper)
    return w, tuple(memory)


@pytest.mark.parametrize("beta1, beta2", PAIRS)
def test_l2_inside_adam_cancels_where_nothing_else_is_felt(beta1, beta2):
    hyper = {"lr": 0.001, "beta1": beta1, "beta2": beta2, "eps": 0.0}
    strong, weak = (places(l2, [0.0] * 100, 1.0, decay=decay, **hyper) for decay in (1.0, 1e-4))
    np.testing.assert_allclose(strong, weak, rtol=EXACT)
    assert strong[0] == pytest.approx(1 - 0.001, rel=EXACT)  # a whole step of the rate
    decayed = places(steps.adamw, [0.0] * 100, 1.0, decay=1.0, **hyper | {"eps": 1e-8})
    np.testing.assert_allclose(decayed, 0.999 ** np.arange(1, 101), rtol=EXACT)


@pytest.mark.parametrize("sigma", [1.0, 10.0])
def test_l2_inside_adam_is_divided_by_the_noise(sigma):
    noise = sigma * np.random.default_rng(2).standard_normal((1000, 2000))
    w = places(l2, noise, np.ones(2000), lr=0.001, decay=0.1)[-1]
    # The mean of the steps is alpha * decay * w / sigma; over 2000 weights the noise in the mean is below 0.002.
    assert w.mean() == pytest.approx(np.exp(-0.001 * 0.1 / sigma * 1000), abs=0.01)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("beta2", [0.5, 0.9, 0.999])
def test_8_3_amsgrad_divides_by_the_largest_average(seed, beta2):
    rng = np.random.default_rng(seed)
    gradients = rng.standard_normal((280, 1)) * np.exp(rng.standard_normal((280, 1)) - column(np.arange(280)) / 50)
    sums = 1 - beta2 ** column(np.arange(1, 281))
    largest = np.maximum.accumulate(average(gradients**2, beta2, corrected=False), axis=0) / sums
    moves = -average(gradients, 0.9) / (np.sqrt(largest) + 1e-8)
    got = places(steps.amsgrad, gradients, np.zeros(1), lr=1.0, beta2=beta2)
    np.testing.assert_allclose(got, np.cumsum(moves, axis=0), rtol=0, atol=1e-10)
    # The text: after 280 steps a step is at most 1 - sqrt(0.999^280) shorter than Adam's, an eighth.
    shorter = np.sqrt(average(gradients**2, beta2) / largest)
    assert (shorter <= 1 + EXACT).all() and (shorter >= beta2 ** (280 / 2)).all()
    assert 1 - 0.999 ** (280 / 2) < 0.135 and 1 / 0.999**280 < 1.33


@pytest.mark.parametrize("beta1, beta2", PAIRS)
def test_8_4_nadam_counts_the_fresh_gradient_once_more(beta1, beta2):
    gradients, t = np.random.default_rng(3).standard_normal((60, 4)), column(np.arange(1, 61))
    v = average(gradients, beta1, corrected=False)
    ahead = beta1 * v / (1 - beta1 ** (t + 1)) + (1 - beta1) * gradients / (1 - beta1**t)
    moves = -0.1 * ahead / (np.sqrt(average(gradients**2, beta2)) + 1e-3)
    got = places(steps.nadam, gradients, np.zeros(4), lr=0.1, beta1=beta1, beta2=beta2, eps=1e-3)
    np.testing.assert_allclose(got, np.cumsum(moves, axis=0), rtol=0, atol=1e-11)


@pytest.mark.parametrize("beta1, beta2", [*PAIRS, (0.9, 0.99)])
def test_8_5_lion_mixes_the_newest_gradient_into_a_long_memory_and_steps_by_alpha(beta1, beta2):
    gradients = np.random.default_rng(4).standard_normal((200, 9))
    before = np.vstack([np.zeros(9), average(gradients, beta2, corrected=False)[:-1]])
    got = places(steps.lion, gradients, np.zeros(9), lr=0.5, beta1=beta1, beta2=beta2)
    moves = np.diff(got, axis=0, prepend=0.0)
    np.testing.assert_array_equal(moves, -0.5 * np.sign(beta1 * before + (1 - beta1) * gradients))


SHAPES = [(64, 32), (32, 10), (5, 5), (3, 40)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(3))
def test_8_7_muon_leaves_the_directions_and_sends_each_singular_value_through_the_polynomial(shape, seed):
    rng = np.random.default_rng(seed)
    U, sigma, Vt = np.linalg.svd(rng.standard_normal(shape), full_matrices=False)
    sigma = sigma * np.geomspace(1.0, 1e-3, len(sigma))
    G = U * sigma @ Vt
    after = sigma / np.linalg.norm(sigma)
    for _ in range(5):
        after = 3.4445 * after - 4.7750 * after**3 + 2.0315 * after**5
    np.testing.assert_allclose(steps.orthogonal(G), U * after @ Vt, rtol=0, atol=1e-10)
    whole = sigma / np.linalg.norm(sigma) > 0.01
    assert (after[whole] > 0.68).all() and (after[whole] < 1.14).all()
    Q = np.linalg.qr(rng.standard_normal((shape[0], shape[0])))[0]
    np.testing.assert_allclose(steps.orthogonal(Q @ G), Q @ steps.orthogonal(G), rtol=0, atol=1e-10)
    assert np.abs(np.sign(Q @ G) - Q @ np.sign(G)).max() > 0.1  # the sign has no such gift


@pytest.mark.parametrize("seed", range(3))
def test_larger_weights_alone_lower_the_loss_of_what_is_read_right(seed):
    X, y, *_ = digits.load()
    w = network.train(steps.adam, [0.1], X, y, steps=60, seeds=[seed])[0, 0]
    right = network.forward(w, X)[1].argmax(axis=-1) == y
    W1, b1, W2, b2 = network.cut(w)
    larger = network.join(W1, b1, 2 * W2, 2 * b2)
    assert network.accuracy(larger, X, y) == network.accuracy(w, X, y)
    assert network.loss(larger, X[right], y[right]) < network.loss(w, X[right], y[right])
    assert network.loss(larger, X[~right], y[~right]) > network.loss(w, X[~right], y[~right])
