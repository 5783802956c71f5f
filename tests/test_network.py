"""The network of chapter 7: its gradient by finite differences, its batches, and networks side by side as one by one."""

import numpy as np
import pytest

from optimlib import descend, digits, network, rules, steps

X, y, X_test, y_test = digits.load()


@pytest.fixture
def w():
    return np.random.default_rng(0).standard_normal(2410) / 4


def test_the_parameters_are_cut_as_they_were_laid():
    W1, b1, W2, b2 = network.cut(np.arange(2 * 2410.0).reshape(2, 2410))
    assert [x.shape for x in (W1, b1, W2, b2)] == [(2, 64, 32), (2, 1, 32), (2, 32, 10), (2, 1, 10)]
    assert (W1[0, 0, 0], b1[0, 0, 0], W2[0, 0, 0], b2[0, 0, 0], b2[0, 0, -1], W1[1, 0, 0]) == (
        0,
        2048,
        2080,
        2400,
        2409,
        2410,
    )


@pytest.mark.parametrize("parameter", [0, 1, 2, 3], ids=["W1", "b1", "W2", "b2"])
def test_gradient_by_differences(w, parameter):
    first = [0, *network.ENDS, 2410][parameter]
    last = [0, *network.ENDS, 2410][parameter + 1]
    ours = network.gradient(w, X[:40], y[:40])
    for place in np.linspace(first, last - 1, 20).astype(int):
        step = np.eye(1, 2410, place)[0] * 1e-5
        slope = (network.loss(w + step, X[:40], y[:40]) - network.loss(w - step, X[:40], y[:40])) / 2e-5
        assert ours[place] == pytest.approx(slope, abs=1e-8)


def test_a_network_by_hand():
    w = np.zeros(2410)
    assert network.loss(w, X, y) == pytest.approx(np.log(10), rel=1e-12)
    b2 = network.cut(network.gradient(w, X, y))[3][0]
    np.testing.assert_allclose(b2, 0.1 - np.bincount(y) / len(y), atol=1e-15)
    assert network.accuracy(w, X, y) == (y == 0).mean()  # all are as probable: the first


def test_many_are_as_each_alone(w):
    many = np.stack([w, -w, 2 * w]).reshape(3, 1, 2410)
    own = network.batches(1400, 50, 1, [4])[0]  # (1, 50): a batch for each seed
    np.testing.assert_allclose(
        network.loss(many, X[own], y[own])[2, 0], network.loss(2 * w, X[own[0]], y[own[0]]), rtol=1e-13
    )
    np.testing.assert_allclose(
        network.gradient(many, X[own], y[own])[1, 0], network.gradient(-w, X[own[0]], y[own[0]]), rtol=1e-12, atol=1e-15
    )
    np.testing.assert_allclose(network.loss(many[:, 0], X, y)[1], network.loss(-w, X, y), rtol=1e-13)


def test_scores_of_any_size_become_probabilities():
    np.testing.assert_allclose(
        network.softmax(np.array([[0.0, 0.0], [2000.0, 0.0], [1000.0, 1000.0]])), [[0.5, 0.5], [1, 0], [0.5, 0.5]]
    )


def test_the_accuracy_of_many_is_that_of_each(w):
    many = np.stack([w, -w]).reshape(2, 1, 2410)
    own = np.stack([X[:40], X[40:80]]).reshape(2, 1, 40, 64)
    shares = network.accuracy(many, own, y[:80].reshape(2, 1, 40))
    assert shares.tolist() == [[network.accuracy(w, X[:40], y[:40])], [network.accuracy(-w, X[40:80], y[40:80])]]


def test_weights_are_as_wide_as_one_over_the_root_of_what_comes_in():
    starts = np.stack([network.start(seed) for seed in range(200)])
    W1, b1, W2, b2 = network.cut(starts)
    assert [W1.std(), W2.std()] == pytest.approx([1 / 64**0.5, 1 / 32**0.5], rel=0.005)
    assert not b1.any() and not b2.any() and len(np.unique(starts[:, 0])) == 200


def test_training_hands_settings_on_and_is_watched():
    seen = []
    last = network.train(
        steps.momentum, [0.1], X, y, steps=3, seeds=[0], beta1=0.5, watch=lambda t, w: seen.append((t, w.copy()))
    )
    assert [t for t, _ in seen] == [1, 2, 3]
    np.testing.assert_array_equal(seen[-1][1], last)
    assert (last != network.train(steps.momentum, [0.1], X, y, steps=3, seeds=[0])).any()


def test_training_is_descent_on_the_batches():
    runs = network.train(steps.adam, [0.01, 0.1], X, y, steps=30, seeds=[3, 5], schedule=network.constant)
    assert runs.shape == (2, 2, 2410)
    seen = iter(network.batches(1400, 50, 30, [5])[:, 0])

    def gradient(w):
        batch = next(seen)
        return network.gradient(w, X[batch], y[batch])

    alone = descend(rules.adam, gradient, network.start(5), 30, lr=0.1).last
    np.testing.assert_allclose(runs[1, 1], alone, rtol=1e-7, atol=1e-9)


def test_the_rate_falls_to_nothing():
    rates = []

    def rule(w, dw, memory=(), *, lr):
        rates.append(float(lr[0, 0, 0]))
        return w - lr * dw, memory

    network.train(rule, [0.4], X, y, steps=4, seeds=[0])
    np.testing.assert_allclose(rates, [0.4, 0.3, 0.2, 0.1], rtol=1e-12)


def test_a_pass_sees_every_picture_once():
    seen = network.batches(1400, 50, 56, [0, 1])
    assert seen.shape == (56, 2, 50)
    for seed in (0, 1):
        for one_pass in (seen[:28, seed], seen[28:, seed]):
            np.testing.assert_array_equal(np.sort(one_pass.ravel()), np.arange(1400))
    assert (seen[:, 0] != seen[:, 1]).any() and (seen[:28, 0] != seen[28:, 0]).any()


def test_a_lost_run_has_infinite_loss():
    lost = np.full((1, 1, 2410), np.nan)
    assert network.final_loss(lost, X, y) == np.inf


def test_a_row_is_joined_as_it_was_cut(w):
    many = np.stack([w, -w])
    np.testing.assert_array_equal(network.join(*network.cut(many)), many)


def test_by_layer_steps_each_matrix_and_each_bias_by_its_own_rule(w):
    """Two steps of two networks at two rates: the same as each matrix alone, with its own rate and its own memory."""
    rng, rates = np.random.default_rng(1), np.array([0.1, 0.03]).reshape(2, 1, 1)
    gradients = rng.standard_normal((2, 2, 2, 2410))  # steps, rates, seeds
    rule, ends, memory = network.by_layer(steps.muon, steps.adam), np.tile(w, (2, 2, 1)), ()
    for dw in gradients:
        ends, *memory = rule(ends, dw, *memory, lr=rates)
    for parameter, alone in enumerate([steps.muon, steps.adam, steps.muon, steps.adam]):
        for i, j in np.ndindex(2, 2):
            part, kept = network.cut(w)[parameter], ()
            for dw in gradients[:, i, j]:
                part, *kept = alone(part, network.cut(dw)[parameter], *kept, lr=rates[i, 0, 0])
            np.testing.assert_allclose(network.cut(ends[i, j])[parameter], part, rtol=1e-9, atol=1e-12)


def test_the_best_rate_has_the_least_median_and_not_the_least_loss():
    losses = np.array([[1.0, 8.0, 9.0], [4.0, 5.0, 6.0]])
    assert network.best(losses).tolist() == [4, 5, 6]


def test_a_duel_is_won_or_lost_in_every_seed_or_not_at_all():
    assert network.duel(np.array([1.0, 2.0]), np.array([3.0, 5.0])) == "ahead in 2 of 2, by a factor above 2"
    assert network.duel(np.array([1.0, 2.0]), np.array([2.0, 4.0])) == "ahead in 2 of 2, by a factor below 2"
    assert network.duel(np.array([3.0, 5.0]), np.array([1.0, 2.0])) == "behind in 2 of 2, by a factor above 2"
    assert network.duel(np.array([2.0, 4.0]), np.array([1.0, 2.0])) == "behind in 2 of 2, by a factor below 2"
    for other in ([1.0, 99.0], [0.5, 99.0], [1.0, 0.5]):
        assert network.duel(np.array([1.0, 2.0]), np.array(other)) == "no clear difference"
