"""The digits as the UCI repository has them, and the model against central differences."""

import gzip
import math
from importlib.resources import files

import numpy as np
import pytest

from optimlib import adam, descend, digits

DATA = files("optimlib") / "data"
X_TRAIN, Y_TRAIN, X_TEST, Y_TEST = digits.load()
X, Y = np.concatenate([X_TRAIN, X_TEST]), np.concatenate([Y_TRAIN, Y_TEST])
ZERO = {"W": np.zeros((64, 10)), "b": np.zeros(10)}


def some_params(seed=0, size=0.5):
    rng = np.random.default_rng(seed)
    return {"W": rng.normal(scale=size, size=(64, 10)), "b": rng.normal(scale=size, size=10)}


# The data


def test_there_are_1797_digits_of_64_pixels():
    assert X.shape == (1797, 64) and Y.shape == (1797,)
    assert len(X_TRAIN) == len(Y_TRAIN) == digits.TRAIN == 1400


def test_pixels_are_sixteenths_from_0_to_1():
    assert X.min() == 0 and X.max() == 1
    np.testing.assert_array_equal(X * 16, np.round(X * 16))


def test_each_digit_is_there_as_often_as_in_the_repository():
    assert np.bincount(Y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert Y.dtype.kind == "i"


def test_rows_and_digits_belong_together():
    # The first row of the file is a 0, and its pixels are known from every tutorial that shows it.
    first = [
        0,
        0,
        5,
        13,
        9,
        1,
        0,
        0,
        0,
        0,
        13,
        15,
        10,
        15,
        5,
        0,
        0,
        3,
        15,
        2,
        0,
        11,
        8,
        0,
        0,
        4,
        12,
        0,
        0,
        8,
        8,
        0,
        0,
        5,
        8,
        0,
        0,
        9,
        8,
        0,
        0,
        4,
        11,
        0,
        1,
        12,
        7,
        0,
        0,
        2,
        14,
        5,
        10,
        12,
        0,
        0,
        0,
        0,
        6,
        13,
        10,
        0,
        0,
        0,
    ]
    (place,) = np.flatnonzero((X * 16 == first).all(axis=1))
    assert Y[place] == 0
    # A model that has learnt the training set reads the test set: the labels went along with the rows.
    centers = np.array([X_TRAIN[Y_TRAIN == digit].mean(axis=0) for digit in range(10)])
    nearest = ((X_TEST[:, None] - centers) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == Y_TEST).mean() > 0.85


def test_the_shuffle_is_fixed_and_leaves_each_digit_in_both_parts():
    for once, again in zip(digits.load(), (X_TRAIN, Y_TRAIN, X_TEST, Y_TEST)):
        np.testing.assert_array_equal(once, again)
    assert np.bincount(Y_TEST).min() > 20 and (np.diff(Y_TEST) != 1).mean() > 0.8
    # The chapters' numbers rest on this order: the file's own rows, in that of seed 0.
    lines = gzip.decompress((DATA / "digits.csv.gz").read_bytes()).decode().split()
    order = np.random.default_rng(0).permutation(1797)
    np.testing.assert_array_equal(Y, [int(lines[i].rpartition(",")[2]) for i in order])


def test_the_file_has_no_time_in_it():
    packed = (DATA / "digits.csv.gz").read_bytes()
    assert packed[:3] == b"\x1f\x8b\x08"  # gzip, deflate
    assert packed[4:8] == bytes(4)  # mtime 0
    assert packed[3] & 0b1000 == 0  # no file name either
    rows = gzip.decompress(packed).decode().splitlines()
    assert len(rows) == 1797 and all(row.count(",") == 64 for row in rows)


def test_the_source_and_the_licence_are_beside_the_data():
    text = (DATA / "SOURCE.md").read_text(encoding="utf-8")
    assert "CC BY 4.0" in text and "Alpaydin" in text and "UCI" in text


# The model


def test_probabilities_are_a_softmax_and_add_up_to_one():
    params = some_params()
    p = digits.probabilities(params, X[:50])
    assert p.shape == (50, 10) and (p > 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)
    scores = X[:50] @ params["W"] + params["b"]
    np.testing.assert_allclose(np.log(p[:, 1:] / p[:, :1]), scores[:, 1:] - scores[:, :1], rtol=1e-9, atol=1e-12)


def test_huge_scores_stay_finite():
    params = {"W": np.zeros((64, 10)), "b": 1e4 * np.arange(10.0)}
    np.testing.assert_allclose(digits.probabilities(params, X[:2]), np.eye(10)[[9, 9]])
    assert np.isfinite(digits.loss(params, X, Y))


def test_without_parameters_every_digit_is_as_probable():
    assert digits.loss(ZERO, X, Y) == pytest.approx(math.log(10), rel=1e-12)
    np.testing.assert_allclose(digits.probabilities(ZERO, X), 0.1)
    assert digits.accuracy(ZERO, X, Y) == pytest.approx(178 / 1797)  # the first of ten equals is 0


def test_the_loss_by_hand():
    # Two pictures, both certain to be odds of 3:1 between digits 0 and 1, the others as good as excluded.
    params = {"W": np.zeros((64, 10)), "b": np.array([math.log(3), 0] + [-800.0] * 8)}
    assert digits.loss(params, X[:2], np.array([0, 1])) == pytest.approx(-(math.log(3 / 4) + math.log(1 / 4)) / 2)


def test_pictures_far_apart_in_score_do_not_touch_each_other():
    # Scores of 1000 for the one, -1000 for the other: each row is shifted by its own largest.
    params = {"W": np.full((64, 10), 1000.0), "b": np.zeros(10)}
    pictures = np.eye(1, 64) * np.array([[1.0], [-1.0]])
    np.testing.assert_array_equal(digits.probabilities(params, pictures), np.full((2, 10), 0.1))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_gradient_by_central_differences(seed):
    params, h = some_params(seed), 1e-5
    rng = np.random.default_rng(seed)
    some = rng.choice(1797, 40, replace=False)
    gradient = digits.gradient(params, X[some], Y[some])
    assert {name: g.shape for name, g in gradient.items()} == {"W": (64, 10), "b": (10,)}
    for name, value in params.items():
        for _ in range(25):
            place = tuple(rng.integers(n) for n in value.shape)
            up, down = ({**params, name: value.copy()} for _ in range(2))
            up[name][place] += h
            down[name][place] -= h
            slope = (digits.loss(up, X[some], Y[some]) - digits.loss(down, X[some], Y[some])) / (2 * h)
            assert gradient[name][place] == pytest.approx(slope, rel=1e-6, abs=1e-9)


def test_the_gradient_leaves_its_arguments_alone():
    params = some_params()
    for array in (*params.values(), X_TRAIN, Y_TRAIN):
        array.flags.writeable = False
    digits.gradient(params, X_TRAIN, Y_TRAIN)


def test_a_grid_of_models_is_each_of_them():
    models = [some_params(seed) for seed in range(6)]
    grid = {name: np.stack([model[name] for model in models], axis=-1) for name in ("W", "b")}
    grid = {name: part.reshape(*part.shape[:-1], 2, 3) for name, part in grid.items()}
    gradient = digits.gradient(grid, X[:50], Y[:50])
    for i, model in enumerate(models):
        place = (..., i // 3, i % 3)
        for many, one in [
            (digits.loss(grid, X[:50], Y[:50])[place], digits.loss(model, X[:50], Y[:50])),
            (digits.accuracy(grid, X[:50], Y[:50])[place], digits.accuracy(model, X[:50], Y[:50])),
            *((gradient[name][place], dw) for name, dw in digits.gradient(model, X[:50], Y[:50]).items()),
        ]:
            np.testing.assert_allclose(many, one, rtol=1e-9, atol=1e-13)


def test_accuracy_counts():
    params = {"W": np.zeros((64, 10)), "b": np.eye(10)[3]}  # says 3, always
    assert digits.accuracy(params, X, Y) == pytest.approx(183 / 1797)


def test_the_model_learns():
    path = descend(adam, lambda p: digits.gradient(p, X_TRAIN, Y_TRAIN), ZERO, 100, lr=0.1)
    assert digits.accuracy(path.last, X_TEST, Y_TEST) > 0.94
    assert digits.loss(path.last, X_TRAIN, Y_TRAIN) < 0.1


# Batches


def batches(monkeypatch, count, size, calls, seed=0):
    """The pictures, as row numbers, that each call of a batch gradient sees."""
    seen = []
    monkeypatch.setattr(digits, "gradient", lambda params, X, y: seen.append((X[:, 0], y)))
    numbered = np.arange(count, dtype=float)[:, None] @ np.ones((1, 64))
    gradient = digits.in_batches(numbered, np.arange(count), size, np.random.default_rng(seed))
    for _ in range(calls):
        gradient(ZERO)
    assert all((rows == labels).all() for rows, labels in seen)  # each picture with its own label
    return [labels.tolist() for _, labels in seen]


def test_a_pass_shows_every_picture_once(monkeypatch):
    seen = batches(monkeypatch, count=60, size=15, calls=8)
    assert [len(batch) for batch in seen] == [15] * 8
    first, second = sum(seen[:4], []), sum(seen[4:], [])
    assert sorted(first) == sorted(second) == list(range(60))
    assert first != second and first != sorted(first)  # shuffled, and anew for each pass


def test_what_is_left_of_a_pass_is_not_mixed_with_the_next(monkeypatch):
    seen = batches(monkeypatch, count=10, size=4, calls=4)
    for one_pass in (seen[:2], seen[2:]):
        assert len(set(sum(one_pass, []))) == 8


def test_batches_are_repeated_by_their_seed(monkeypatch):
    assert batches(monkeypatch, 60, 15, 6) == batches(monkeypatch, 60, 15, 6)
    assert batches(monkeypatch, 60, 15, 6) != batches(monkeypatch, 60, 15, 6, seed=1)


def test_the_batches_of_a_pass_average_to_the_whole():
    params = some_params()
    gradient = digits.in_batches(X_TRAIN, Y_TRAIN, 100, np.random.default_rng(0))
    seen = [gradient(params) for _ in range(14)]
    whole = digits.gradient(params, X_TRAIN, Y_TRAIN)
    for name in whole:
        np.testing.assert_allclose(np.mean([dw[name] for dw in seen], axis=0), whole[name], rtol=1e-10, atol=1e-14)


def test_the_runs_of_a_grid_see_the_same_batches():
    def run(lr):
        gradient = digits.in_batches(X_TRAIN, Y_TRAIN, 100, np.random.default_rng(0))
        return descend(adam, gradient, ZERO, 20, lr=lr).last

    both = run(np.array([0.1, 0.4]))
    for i, lr in enumerate([0.1, 0.4]):
        for name, alone in run(lr).items():
            np.testing.assert_allclose(both[name][..., i], alone, rtol=1e-6, atol=1e-9)
