"""What a reader is told about a step that is not yet the book's."""

import inspect

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


# Each rule as a reader writes it down, and what goes wrong in the writing: this text for that, and what is told.
WRITTEN = {
    "gradient_descent": ["return w - lr * dw, memory"],
    "momentum": ["v = beta1 * memory[0] + (1 - beta1) * dw", "return w - lr * v, (v,)"],
    "rmsprop": ["s = beta2 * memory[0] + (1 - beta2) * dw**2", "return w - lr * dw / (s**0.5 + eps), (s,)"],
    "adam_uncorrected": [
        "v, s = memory",
        "v = beta1 * v + (1 - beta1) * dw",
        "s = beta2 * s + (1 - beta2) * dw**2",
        "return w - lr * v / (s**0.5 + eps), (v, s)",
    ],
    "adam": [
        "v, s, t = memory",
        "v, s, t = beta1 * v + (1 - beta1) * dw, beta2 * s + (1 - beta2) * dw**2, t + 1",
        "v_hat, s_hat = v / (1 - beta1**t), s / (1 - beta2**t)",
        "return w - lr * v_hat / (s_hat**0.5 + eps), (v, s, t)",
    ],
    "adamw": [
        "v, s, t = memory",
        "v, s, t = beta1 * v + (1 - beta1) * dw, beta2 * s + (1 - beta2) * dw**2, t + 1",
        "step = v / (1 - beta1**t) / ((s / (1 - beta2**t)) ** 0.5 + eps)",
        "return (1 - lr * decay) * w - lr * step, (v, s, t)",
    ],
}


def written(name, slip=()):
    """The function that a reader has written; ``slip`` says what stands there instead of what."""
    known = inspect.signature(getattr(steps, name)).parameters
    keywords = ", ".join(key for key in known if key in practice.HYPER)
    body = "\n    ".join(WRITTEN[name])
    for right, wrong in dict(slip).items():
        assert right in body
        body = body.replace(right, wrong)
    space = {}
    exec(f"def mine(w, dw, memory={known['memory'].default}, *, {keywords}):\n    {body}", space)
    return space["mine"]


@pytest.mark.parametrize("name", SLIPS)
def test_what_a_reader_writes_down_is_right(name):
    assert review(written(name), getattr(rules, name)) == f"Right: 4 steps, the same as those of {name}."


SLIPPED = [
    ("gradient_descent", {"w - lr": "w + lr"}, "it walks up the slope. Subtract, where you add."),
    ("gradient_descent", {"lr * dw": "dw"}, "the learning rate is missing: multiply the slope by lr."),
    ("momentum", {"(1 - beta1) * dw": "dw"}, "This is Polyak's heavy ball, a sum and not an average."),
    (
        "momentum",
        {"beta1 * memory[0] + (1 - beta1) * dw": "(1 - beta1) * memory[0] + beta1 * dw"},
        "beta1 and 1 - beta1 have changed places: beta1 belongs to the old velocity.",
    ),
    ("momentum", {"lr * v": "lr * dw"}, "w moves along the gradient; it should move along the velocity."),
    ("momentum", {"lr * v": "lr * memory[0]"}, "w moves along the old velocity; mix in the new gradient first."),
    ("momentum", {"(v,)": "(0.0,)"}, "is always the first one: return the new one as memory, and use the old one."),
    ("rmsprop", {"s**0.5": "s"}, "it divides by S. Divide by its root."),
    ("rmsprop", {"s**0.5 + eps": "(s + eps) ** 0.5"}, "eps stands inside the root; it is added after it."),
    (
        "rmsprop",
        {"beta2 * memory[0] + (1 - beta2) * dw**2": "memory[0] + dw**2"},
        "S is a sum here, Adagrad's. It should be an average, which forgets.",
    ),
    ("rmsprop", {"dw /": "abs(dw) /"}, "sign of the gradient is lost. It is squared in S only, not above the line."),
    ("adam_uncorrected", {"s**0.5 + eps": "(s + eps) ** 0.5"}, "eps stands inside the root; it is added after it."),
    ("adam_uncorrected", {"lr * v": "lr * dw"}, "above the line: that is RMSProp. Put the average V there."),
    ("adam_uncorrected", {"beta2": "beta1"}, "S forgets with beta1; it has a beta2 of its own."),
    ("adam_uncorrected", {"dw**2": "v**2"}, "S averages the squares of V; it should average those of the gradient."),
    (
        "adam",
        {"v / (1 - beta1**t), s / (1 - beta2**t)": "v, s"},
        "nothing is corrected: divide V by 1 - beta1^t and S by 1 - beta2^t.",
    ),
    ("adam", {"(v, s, t)": "(v_hat, s_hat, t)"}, "go back into the memory. Keep V and S as they are."),
    ("adam", {"s / (1 - beta2**t)": "s"}, "S is not corrected."),
    ("adam", {"v / (1 - beta1**t)": "v"}, "V is not corrected."),
    ("adam", {"**t": ""}, "it corrects as if every step were the first: count t."),
    ("adam", {"**t)": "**(t + 1))"}, "t is one too large: the first step is t = 1."),
    ("adamw", {"(1 - lr * decay) * w": "w"}, "there is no decay yet: multiply w by 1 - lr * decay first."),
    (
        "adamw",
        {"v, s, t = memory": "(v, s, t), dw = memory, dw + decay * w", "(1 - lr * decay) * w": "w"},
        "the decay passes through both averages. Keep it out of dw.",
    ),
    ("adamw", {"lr * decay": "decay"}, "the decay is too strong: multiply w by 1 - lr * decay."),
    ("adamw", {"1 - lr * decay": "1 + lr * decay"}, "w grows: the decay has the wrong sign."),
    ("adamw", {"* w - lr * step": "* (w - lr * step)"}, "Adam's own step decays, too. Only the old w should."),
    ("adamw", {" - lr * step": ""}, "w decays, and Adam's step is missing."),
]


@pytest.mark.parametrize("name, slip, told", SLIPPED)
def test_a_slip_in_what_a_reader_writes_is_told_by_its_name(name, slip, told):
    assert review(written(name, slip), getattr(rules, name)).endswith(told)


def test_every_slip_is_written_by_a_reader():
    """Or a slip that is new would be tested by itself alone."""
    for name, _, sentence in EACH_SLIP:
        assert [told for of, _, told in SLIPPED if of == name and sentence.endswith(told)], sentence


@pytest.mark.parametrize("name", SLIPS)
def test_a_step_that_stands_still_is_told_so(name):
    def mine(w, dw, memory=(0.0,), **hyper):
        return w, memory

    assert review(mine, getattr(rules, name)).endswith("yours is 1.0000: nothing has moved yet.")


def forgot_to_return(w, dw, memory=(), *, lr):
    w - lr * dw


def no_memory(w, dw, memory=(), *, lr):
    return w - lr * dw


def wrong_keyword(w, dw, memory=(), *, rate):
    return w - rate * dw, memory


def always_a_memory(w, dw, memory, *, lr):
    return w - lr * dw, memory


def never_a_memory(w, dw, *, lr):
    return w - lr * dw, ()


def more_to_set(w, dw, memory=(), *, lr, rate):
    return w - rate * dw, memory


def a_root_without_np(w, dw, memory=(), *, lr):
    return w - lr * dw / sqrt(dw**2), memory  # noqa: F821


def a_name_of_nobody(w, dw, memory=(), *, lr):
    return w - rate * dw, memory  # noqa: F821


def not_begun(w, dw, memory=(), *, lr):
    raise NotImplementedError


def another_way(w, dw, memory=(), *, lr):
    return w - 3 * lr * dw, memory


@pytest.mark.parametrize(
    "mine, told",
    [
        (forgot_to_return, "a rule returns the new w and the new memory, a tuple; this one returned None"),
        (no_memory, "a rule returns the new w and the new memory, a tuple; this one returned -1.0"),
        (
            wrong_keyword,
            "Its head must be that of gradient_descent, (w, dw, memory=..., *, lr): missing a required argument: 'rate'.",
        ),
        (always_a_memory, "(w, dw, memory=..., *, lr): missing a required argument: 'memory'."),
        (never_a_memory, "(w, dw, memory=..., *, lr): too many positional arguments."),
        (more_to_set, "(w, dw, memory=..., *, lr): missing a required argument: 'rate'."),
        (3, "(w, dw, memory=..., *, lr): 3 is not a callable object."),
        (a_root_without_np, "It stops with NameError: name 'sqrt' is not defined; NumPy's is np.sqrt"),
        (not_begun, "Nothing here yet"),
        (
            another_way,
            "Step 1: w should be -1.0000, yours is -5.0000: none of the usual slips. Compare with the equation, letter by letter.",
        ),
    ],
)
def test_what_else_can_be_wrong_is_told_in_a_sentence(mine, told):
    assert told in review(mine, rules.gradient_descent)


def test_a_name_that_numpy_has_not_either_is_told_as_python_tells_it():
    assert review(a_name_of_nobody, rules.gradient_descent) == "It stops with NameError: name 'rate' is not defined"


def test_the_head_that_a_rule_must_have_names_all_its_settings():
    told = review(wrong_keyword, rules.adamw)
    assert told.startswith("Its head must be that of adamw, (w, dw, memory=..., *, lr, beta1, beta2, eps, decay): ")


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


def test_a_rule_without_usual_slips_is_compared_all_the_same():
    assert "none of the usual slips" in review(steps.momentum, rules.heavy_ball)
