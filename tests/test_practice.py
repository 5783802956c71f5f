"""What a reader is told about a step that is not yet the book's."""

import numpy as np
import pytest

from optimlib import practice, rules, steps
from optimlib.practice import SLIPS, review

EACH_SLIP = [(name, slip, sentence) for name, slips in SLIPS.items() for slip, sentence in slips.items()]


@pytest.mark.parametrize("name", SLIPS)
def test_the_rule_itself_is_right(name):
    assert review(getattr(steps, name), getattr(rules, name)) == f"Right: 4 steps, the same as those of {name}."


@pytest.mark.parametrize("name, slip, sentence", EACH_SLIP)
def test_each_slip_is_known_by_what_it_does_and_by_that_alone(name, slip, sentence):
    told = review(slip, getattr(rules, name))
    assert told.startswith("Step ") and told.endswith(sentence)
    assert [s for s in SLIPS[name].values() if told.endswith(s)] == [sentence]


@pytest.mark.parametrize("name", SLIPS)
def test_a_step_that_stands_still_is_told_so(name):
    def mine(w, dw, memory=(0.0,), **hyper):
        return w, memory

    assert practice.NOTHING_YET in review(mine, getattr(rules, name))


def forgot_to_return(w, dw, memory=(), *, lr):
    w - lr * dw


def no_memory(w, dw, memory=(), *, lr):
    return w - lr * dw


def wrong_keyword(w, dw, memory=(), *, rate):
    return w - rate * dw, memory


def not_begun(w, dw, memory=(), *, lr):
    raise NotImplementedError


def another_way(w, dw, memory=(), *, lr):
    return w - 3 * lr * dw, memory


@pytest.mark.parametrize(
    "mine, told",
    [
        (forgot_to_return, "a rule returns the new w and the new memory, a tuple; this one returned None"),
        (no_memory, "a rule returns the new w and the new memory, a tuple; this one returned -1.0"),
        (wrong_keyword, "It stops with TypeError: wrong_keyword() got an unexpected keyword argument 'lr'"),
        (not_begun, "Nothing here yet"),
        (another_way, "Step 1: w should be -1.0000, yours is -5.0000: none of the usual slips."),
    ],
)
def test_what_else_can_be_wrong_is_told_in_a_sentence(mine, told):
    assert told in review(mine, rules.gradient_descent)


def test_a_memory_that_is_not_the_rules_is_seen_though_every_place_is_right():
    def mine(w, dw, memory=(0.0, 0.0, 0), **hyper):
        w, (v, s, t) = steps.adam(w, dw, (*memory[:2], memory[2]), **hyper)
        return w, (v, s, np.int64(t)) if t < 4 else (v / 2, s, t)

    assert review(mine, rules.adam).startswith("Every w is right, but the memory is not")


@pytest.mark.parametrize(
    "inside, beside, told",
    [(0.3, 0.0, "Keep it out of dw"), (0.0, 0.3, "too strong"), (0.0, 0.15, "Right"), (0.0, 0.0, "no decay yet")],
)
def test_a_decay_is_known_by_where_a_reader_put_it(inside, beside, told):
    def mine(w, dw, memory=(0.0, 0.0, 0), *, lr, beta1, beta2, eps, decay):
        (v, s, t), dw = memory, dw + inside * w
        v, s, t = beta1 * v + (1 - beta1) * dw, beta2 * s + (1 - beta2) * dw**2, t + 1
        step = v / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps)
        return w - beside * w - lr * step, (v, s, t)

    assert told in review(mine, rules.adamw)
