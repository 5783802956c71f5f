"""What optimlib.checks and optimlib.rules say and leave alone, as far as test_rules.py and test_descend.py do not ask."""

import dataclasses

import numpy as np
import pytest
import sympy

from optimlib import descend, rules


def test_no_range_can_be_widened_by_chance():
    with pytest.raises(dataclasses.FrozenInstanceError):
        rules.RANGES["lr"].low = -1.0


def test_a_rule_may_be_anything_that_can_be_called():
    class Own:
        __hash__ = None

        def __call__(self, w, dw, memory=(), *, lr):
            return w - lr * dw, ()

    expected = descend(rules.gradient_descent, lambda w: 4 * w, (1.0, 2.0), 3, lr=0.1)
    np.testing.assert_allclose(descend(Own(), lambda w: 4 * w, (1.0, 2.0), 3, lr=0.1).w, expected.w, rtol=1e-13)


def test_an_error_of_the_gradient_s_own_is_left_as_it_is():
    def gradient(w):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="^mine$"):
        descend(rules.gradient_descent, gradient, 0.0, 3, lr=0.1)


def test_a_symbol_in_a_memory_may_be_anything_and_what_is_beside_it_may_not():
    s = sympy.Symbol("s")
    assert rules.rmsprop(1.0, 2.0, (s,), lr=0.1)[1][0].free_symbols == {s}
    with pytest.raises(ValueError, match="^t in memory must be a whole number of steps, 0 or above, got -1$"):
        rules.adam(1.0, 2.0, (0.0, s, -1), lr=0.1)


def test_a_square_too_small_to_be_a_number_is_nothing():
    with np.errstate(under="call", call=lambda *_: None):
        assert np.isfinite(rules.adam(np.zeros(2), np.full(2, 1e-200), lr=0.1)[0]).all()


def test_why_a_step_cannot_be_computed_is_said():
    for dw, why in [(1e200, "overflow"), (np.zeros(2), "invalid value encountered in divide")]:
        with pytest.raises(ValueError, match=rf"^rmsprop cannot compute this step \({why}.*\): dw is "):
            rules.rmsprop(dw, dw, lr=0.1, eps=0.0)


def test_single_precision_takes_a_rate_of_nothing_a_symbol_and_a_setting_of_one_s_own():
    one, a = np.float32(1.0), sympy.Symbol("a")
    assert rules.momentum(one, one, lr=0.5, beta1=0.0)[0] == 0.5
    assert rules.momentum(one, one, lr=a, beta1=0.0)[0].free_symbols == {a}

    def own(w, dw, memory=(), *, lr, warmth):
        return w - np.float32(lr / warmth) * dw, ()

    assert descend(own, lambda w: w, np.ones(2, np.float32), 2, lr=1.0, warmth=2.0).w[-1] == pytest.approx([0.25] * 2)


def test_single_precision_is_asked_for_in_a_dictionary_too():
    w = {"b": np.ones(2), "W": np.ones(2, np.float32)}
    with pytest.raises(
        ValueError, match="^eps must be a finite number, 0 or above, in single precision as well: 1e-60"
    ):
        rules.adam(w, w, lr=0.1, eps=1e-60)
