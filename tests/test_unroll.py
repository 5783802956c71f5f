"""Equations (5) to (14) of the document, against what the rules give when they run on symbols."""

import pytest
import sympy
from sympy import Symbol

from optimlib import steps
from optimlib.unroll import S, V, W, alpha, beta1, beta2, dW, epsilon, expanded, show, unroll

# Typed as the document prints them.
b = Symbol("beta_1", positive=True)
V0, V1, V2 = (Symbol(f"V_{{dw({i})}}") for i in range(3))
dW1, dW2, dW3 = (Symbol(f"dW_{{({i})}}") for i in (1, 2, 3))
DOCUMENT = {
    5: b * V0 + (1 - b) * dW1,
    6: b * V1 + (1 - b) * dW2,
    7: b * (b * V0 + (1 - b) * dW1) + (1 - b) * dW2,
    8: b**2 * V0 + b * (1 - b) * dW1 + (1 - b) * dW2,
    9: b * V2 + (1 - b) * dW3,
    10: b * (b**2 * V0 + b * (1 - b) * dW1 + (1 - b) * dW2) + (1 - b) * dW3,
    11: b**3 * V0 + b**2 * (1 - b) * dW1 + b * (1 - b) * dW2 + (1 - b) * dW3,
}


def momentum_from(V_before, count):
    """V after each of ``count`` steps, as unroll gives it."""
    return [v for _, (v,) in unroll(steps.momentum, (V_before,), count, lr=alpha, beta1=beta1)]


def test_the_letters_are_the_document_s():
    assert (V(0), V(1), V(2), dW(1), dW(2), dW(3), beta1) == (V0, V1, V2, dW1, dW2, dW3, b)
    assert S(3) == Symbol("S_{dw(3)}") and W(0) == Symbol("W_{(0)}")
    others = [Symbol(name, positive=True) for name in ("alpha", "beta_2", "epsilon")]
    assert [alpha, beta2, epsilon] == others


def test_one_step_is_the_recursion():
    assert momentum_from(V(0), 1) == [DOCUMENT[5]]
    # (6) and (9) are one step on from V(1) and V(2), with the gradient of that step.
    for number, i in [(6, 2), (9, 3)]:
        _, (v,) = steps.momentum(W(0), dW(i), (V(i - 1),), lr=alpha, beta1=beta1)
        assert v == DOCUMENT[number]


def test_written_in_each_other():
    assert momentum_from(V(0), 2)[1] == DOCUMENT[7]
    assert beta1 * DOCUMENT[8] + (1 - beta1) * dW(3) == DOCUMENT[10]


@pytest.mark.parametrize("count, number", [(2, 8), (3, 11)])
def test_written_out(count, number):
    # Equal as written, not only in value: each 1 - beta is kept whole.
    assert expanded(momentum_from(V(0), count)[-1]) == DOCUMENT[number]


def general(k, x):
    """(13): what is left of V(0), and the sum over x(1) ... x(k)."""
    return b**k * V(0) + sum(b ** (k - i) * (1 - b) * x(i) for i in range(1, k + 1))


@pytest.mark.parametrize("k", range(1, 9))
def test_in_general_it_is_a_sum_over_gradients(k):
    v = momentum_from(V(0), k)[-1]
    assert expanded(v) == general(k, dW)
    assert sympy.expand(v - general(k, dW)) == 0
    # (14): with V(0) = 0 the sum alone is left.
    assert sympy.expand(momentum_from(0, k)[-1] - (general(k, dW) - b**k * V(0))) == 0
    # As the document prints it, a sum over V, it is another thing: with every V written out, too.
    assert sympy.expand(v - general(k, V)) != 0
    written_out = {V(i): momentum_from(V(0), k)[i - 1] for i in range(1, k + 1)}
    assert sympy.expand(v - general(k, V).subs(written_out)) != 0


@pytest.mark.parametrize("k", range(1, 9))
def test_the_weights_add_up_to_one_minus_a_power(k):
    ones = {dW(i): 1 for i in range(1, k + 1)}
    assert sympy.expand(momentum_from(0, k)[-1].subs(ones) - (1 - b**k)) == 0


def test_the_parameters_go_along():
    states = unroll(steps.momentum, (V(0),), 3, lr=alpha, beta1=beta1)
    assert len(states) == 3
    before = W(0)
    for w, (v,) in states:
        assert sympy.expand(w - (before - alpha * v)) == 0
        before = w


def test_every_averaging_rule_unrolls_the_same():
    adam = unroll(steps.adam, (V(0), S(0), 0), 3, lr=alpha, beta1=beta1, beta2=beta2, eps=epsilon)
    rmsprop = unroll(steps.rmsprop, (S(0),), 3, lr=alpha, beta2=beta2, eps=epsilon)
    assert expanded(adam[-1][1][0]) == DOCUMENT[11]
    squares = beta2**3 * S(0) + sum(beta2 ** (3 - i) * (1 - beta2) * dW(i) ** 2 for i in (1, 2, 3))
    assert expanded(rmsprop[-1][1][0], beta2) == expanded(adam[-1][1][1], beta2) == squares
    assert adam[-1][1][2] == 3


def test_the_memory_passed_in_is_left_alone():
    memory = (V(0),)
    unroll(steps.momentum, memory, 3, lr=alpha, beta1=beta1)
    assert memory == (V(0),)


# LaTeX


def latex(name, expr, number, *beta):
    shown = show(name, expr, number, *beta)
    drawn = shown._repr_latex_()
    assert repr(shown) == drawn and drawn.startswith("$$ ") and drawn.endswith(" $$")
    return drawn.removeprefix("$$ ").removesuffix(" $$")


SHOWN = {  # the order of the document, letter by letter
    5: r"V_{dw(1)} = \beta_{1} V_{dw(0)} + (1 - \beta_{1}) dW_{(1)} \tag{5}",
    7: r"V_{dw(2)} = \beta_{1} (\beta_{1} V_{dw(0)} + (1 - \beta_{1}) dW_{(1)}) + (1 - \beta_{1}) dW_{(2)} \tag{7}",
    8: r"V_{dw(2)} = \beta_{1}^{2} V_{dw(0)} + \beta_{1} (1 - \beta_{1}) dW_{(1)} + (1 - \beta_{1}) dW_{(2)} \tag{8}",
    9: r"V_{dw(3)} = \beta_{1} V_{dw(2)} + (1 - \beta_{1}) dW_{(3)} \tag{9}",
    10: r"V_{dw(3)} = \beta_{1} (\beta_{1}^{2} V_{dw(0)} + \beta_{1} (1 - \beta_{1}) dW_{(1)} + (1 - \beta_{1}) dW_{(2)})"
    r" + (1 - \beta_{1}) dW_{(3)} \tag{10}",
    11: r"V_{dw(3)} = \beta_{1}^{3} V_{dw(0)} + \beta_{1}^{2} (1 - \beta_{1}) dW_{(1)} + \beta_{1} (1 - \beta_{1}) dW_{(2)}"
    r" + (1 - \beta_{1}) dW_{(3)} \tag{11}",
}


@pytest.mark.parametrize("number", SHOWN)
def test_shown_in_the_order_of_the_document(number):
    name = Symbol(SHOWN[number].split(" = ")[0])
    assert latex(name, DOCUMENT[number], str(number)) == SHOWN[number]


def test_what_unroll_gives_is_shown_in_the_order_of_the_document():
    assert latex(V(3), expanded(momentum_from(V(0), 3)[-1]), "11") == SHOWN[11]


def test_the_number_is_a_tag_whatever_it_is():
    assert latex(V(1), DOCUMENT[5], "2.5'").endswith(r" \tag{2.5'}")


def test_what_has_no_beta_is_shown_in_its_own_order():
    # By itself SymPy would put the step before the parameter: -V alpha + W.
    assert latex(W(1), W(0) - alpha * V(1), "2") == r"W_{(1)} = W_{(0)} - V_{dw(1)} \alpha \tag{2}"


def test_shown_with_the_other_beta():
    shown = latex(S(2), beta2**2 * S(0) + (1 - beta2) * dW(2) ** 2, "1", beta2)
    assert shown == r"S_{dw(2)} = \beta_{2}^{2} S_{dw(0)} + (1 - \beta_{2}) dW_{(2)}^{2} \tag{1}"
