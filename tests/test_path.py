"""Path: what one holds, compares and gives back, for arrays, dictionaries and grids alike."""

import pickle
from collections.abc import Hashable

import numpy as np
import pytest

from optimlib import Path, adam, bowl, descend, gradient_descent

VALLEY = bowl()


def single(lr=0.1):
    return descend(adam, VALLEY.grad, (-5, -2), 10, lr=lr)


def named(lr=0.1):
    return descend(adam, lambda w: {"W": 0.2 * w["W"], "b": 4 * w["b"]}, {"W": -5.0, "b": -2.0}, 10, lr=lr)


KINDS = {
    "one run": single,
    "a dictionary": named,
    "a grid": lambda lr=0.1: single([lr, 0.2]),
    "named grid": lambda lr=0.1: named([lr, 0.2]),
}
kinds = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)


@kinds
def test_two_equal_runs_are_equal_and_two_others_are_not(make):
    assert make() == make() and make() == pickle.loads(pickle.dumps(make()))
    assert make() != make(lr=0.3) and make() != Path(make().w, np.ones_like(make().diverged))
    assert make() != 3 and all(make() != other() for other in KINDS.values() if other is not make)


def test_a_run_that_is_lost_equals_itself():
    lost = descend(gradient_descent, VALLEY.grad, (-5, -2), 10, lr=[0.1, 1e9])
    assert np.isnan(lost.w).any() and lost == Path(lost.w.copy(), lost.diverged.copy())


@kinds
def test_a_path_is_no_key_of_a_dictionary(make):
    assert not isinstance(make(), Hashable)  # it holds arrays


@kinds
def test_a_path_is_a_sequence_of_positions(make):
    path = make()
    parts = path.w if isinstance(path.w, dict) else {"w": path.w}
    for t in (0, 3, -1, slice(2, 5)):
        got = path[t] if isinstance(path.w, dict) else {"w": path[t]}
        assert got.keys() == parts.keys() and all(np.array_equal(got[name], parts[name][t]) for name in parts)
    assert len([*path]) == len(path) == 11
    with pytest.raises(IndexError):
        path[11]


@pytest.mark.parametrize("one, other", [(single, named), (KINDS["a grid"], KINDS["named grid"])])
def test_numbers_by_name_stand_side_by_side(one, other):
    np.testing.assert_array_equal(other().positions, one().positions)


def test_only_numbers_stand_side_by_side():
    path = descend(adam, lambda w: w, {"W": np.ones((2, 3)), "b": 1.0}, 2)
    with pytest.raises(ValueError, match=r"this one has the shapes \{'W': \(2, 3\), 'b': \(\)\}"):
        path.positions
