"""The rules as a caller meets them: what bad input is told, dictionaries, and that nothing passed in is changed."""

import copy
import inspect
import itertools
import operator
import pickle
import re
import types
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.lines import Line2D

import optimlib
from optimlib import descend, rules, steps
from tests.listed import every_keyword, every_rule, one, settings

nan, inf = float("nan"), float("inf")
ALLOWED = {name: allowed.words for name, allowed in rules.RANGES.items()}


def outside(name):
    """Values that the keyword must not have; the ranges themselves are written by hand in test_steps.py."""
    allowed = rules.RANGES[name]
    below = st.floats(max_value=np.nextafter(allowed.low, -inf) if allowed.low_too else allowed.low)
    above = st.floats(min_value=allowed.high) if allowed.high < inf else st.just(inf)
    return st.one_of(below, above, st.sampled_from([nan, inf, -inf, -1]))


NOT_NUMBERS = [
    "0.1",
    "",
    None,
    0.1j,
    True,
    np.bool_(True),
    {},
    object,
    ["0.1"],
    [0.1, None],
    [[0.1], [0.2, 0.3]],
    np.array(["0.1"]),
    np.array([0.1 + 0j]),
    np.array([True, True]),
]


def good_hyper(rule, **changed):
    return settings(rule, one) | changed


def exactly(*parts):
    """A pattern that asks for these texts, in this order."""
    return ".*".join(map(re.escape, parts))


# The list


def complaints(listing):
    """What is wrong with THE list, as the module ``listing`` has it."""
    written = [
        name for name, x in vars(steps).items() if "memory" in getattr(getattr(x, "__code__", None), "co_varnames", ())
    ]
    entries = {name: (entry.label, *listing.STYLES[entry.label]) for name, entry in listing.RULES.items()}
    for name, entry in listing.RULES.items():
        called = entry.label[0].upper() + entry.label[1:]
        if vars(listing).get(name) is not entry.guarded or entry.guarded.__wrapped__ is not vars(steps)[name]:
            yield f"{name} is another rule"
        if not entry.equation.__doc__.startswith(called) or name != called.lower().replace(",", "").replace(" ", "_"):
            yield f"{name} is called otherwise in its docstring: {entry.label}"
    if [*entries] != written:
        yield f"{written} stand in steps.py, {[*entries]} on the list"
    if [*listing.AVERAGES] != ["ewma", "debias"] or any(
        vars(listing).get(x) is not y for x, y in listing.AVERAGES.items()
    ):
        yield "an average is missing, or another"
    for this, other in itertools.combinations(entries.values(), 2):
        if any(map(operator.eq, this, other)):
            yield f"{this} and {other} look alike"
    for _, color, dash, marker in entries.values():
        Line2D([], [], color=color, linestyle=dash, marker=marker)  # raises what matplotlib does not know


def test_the_list_is_in_order():
    assert not [*complaints(rules)]


SOURCE = inspect.getsource(rules)
ENTRIES = re.findall(r"^\w+ = (?:listed|averaging)\([^)]*\)\n", SOURCE, re.MULTILINE)


def misspellings(entry):
    """The entry with each of its words and each of its strings one letter longer; and nothing."""
    yield ""
    for word in re.finditer(r'"([^"]*)"|\w+', entry):
        end = word.end() - (word[0][0] == '"')
        yield entry[:end] + "x" + entry[end:]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.split()[0])
def test_an_entry_left_out_or_misspelt_is_noticed(entry, monkeypatch):
    def noticed(written):
        monkeypatch.setattr("optimlib.styles.STYLES", {})
        listing = types.ModuleType(rules.__name__)
        try:
            exec(SOURCE.replace(entry, written), vars(listing))
            return [*complaints(listing)]
        except (NameError, AttributeError, TypeError, ValueError) as error:
            return [error]

    assert len(ENTRIES) == len(rules.AVERAGES) + len(rules.RULES) and not noticed(entry)
    assert all(map(noticed, misspellings(entry)))


def unranged(w, dw, memory=(), *, lr, warmth=0.1):
    return w - lr * dw, memory


def average(v, x, beta, warmth):
    return v


def test_a_keyword_without_a_range_cannot_be_listed():
    for put, function in [
        (lambda rule: rules.listed(rule, "unranged", "#000000", "-", "o"), unranged),
        (rules.averaging, average),
    ]:
        with pytest.raises(
            TypeError, match=f"{function.__name__} has a keyword without a range: say in RANGES what warmth may be"
        ):
            put(function)
    assert "unranged" not in rules.RULES and "average" not in rules.AVERAGES


@every_rule
def test_what_is_listed_is_exported_under_its_own_name(rule):
    name = rule.__name__
    assert getattr(optimlib, name) is getattr(rules, name) is rules.RULES[name].guarded is rule
    assert name in optimlib.__all__ and name in rules.__all__


def test_the_averages_are_all_else_that_steps_has():
    others = [
        name
        for name, x in vars(steps).items()
        if getattr(x, "__module__", "") == steps.__name__ and name not in rules.RULES
    ]
    assert others == ["sqrt", "maximum", "sign", *rules.AVERAGES, "orthogonal"]
    for name, average in rules.AVERAGES.items():
        assert getattr(optimlib, name) is getattr(rules, name) is average and name in optimlib.__all__
        assert rules.entry(average) is None


def test_only_what_is_ours_is_exported():
    assert {"Path", "descend", "source"} <= set(optimlib.__all__) and len(set(optimlib.__all__)) == len(
        optimlib.__all__
    )
    assert all(hasattr(optimlib, name) for name in optimlib.__all__)


@every_rule
def test_a_rule_comes_back_from_pickle_itself(rule):
    assert pickle.loads(pickle.dumps(rule)) is rule


@every_rule
def test_the_entry_of_a_rule_and_of_its_equation_is_one(rule):
    entry = rules.entry(rule)
    assert entry is rules.entry(rule.__wrapped__) is rules.RULES[rule.__name__]
    with pytest.raises(AttributeError):
        entry.entrywise = False


def test_a_rule_of_ones_own_has_no_entry_whatever_its_name():
    def adam(w, dw, memory=(), *, lr):
        return w - lr * dw, memory

    assert rules.entry(adam) is rules.entry(rules.source) is rules.entry(3) is None


def whitening(w, dw, memory=(), *, lr):
    """A toy that works on a matrix: it makes the gradient's rows orthonormal."""
    u, _, vt = np.linalg.svd(dw, full_matrices=False)
    return w - lr * u @ vt, memory


@pytest.fixture
def matrix_rule(monkeypatch):
    monkeypatch.setattr(rules, "RULES", rules.RULES.copy())
    return rules.listed(whitening, "whitening", "#000000", "-", "o", entrywise=False)


def test_a_rule_for_matrices_runs_on_matrices(matrix_rule):
    W = np.array([[3.0, 0.0], [0.0, -2.0]])
    np.testing.assert_allclose(matrix_rule(W, W, lr=0.5)[0], [[2.5, 0], [0, -1.5]], atol=1e-14)
    np.testing.assert_allclose(matrix_rule({"W": W}, {"W": W}, lr=0.5)[0]["W"], [[2.5, 0], [0, -1.5]], atol=1e-14)
    np.testing.assert_allclose(descend(matrix_rule, lambda w: w, W, 2, lr=0.5).last, [[2, 0], [0, -1]], atol=1e-14)


def test_a_rule_for_matrices_refuses_what_is_none(matrix_rule):
    W, b = np.eye(2), np.ones(2)
    for call in (
        lambda: matrix_rule(b, b, lr=0.5),
        lambda: matrix_rule({"W": W, "b": b}, {"W": W, "b": b}, lr=0.5),
        lambda: descend(matrix_rule, lambda w: w, b, 2, lr=0.5),
    ):
        with pytest.raises(
            ValueError, match=exactly("whitening works on a whole matrix: w must have two axes, got the shape (2,)")
        ):
            call()
    for call in (
        lambda: matrix_rule(W, W, lr=[0.5, 0.1]),
        lambda: descend(matrix_rule, lambda w: w, W, 2, lr=[0.5, 0.1]),
    ):
        with pytest.raises(
            ValueError, match="whitening works on a whole matrix, not entry by entry: it can run no grid"
        ):
            call()
    with pytest.raises(
        ValueError, match="whitening works on a whole matrix, not entry by entry: a dictionary cannot be laid flat"
    ):
        descend(matrix_rule, lambda w: w, {"W": W}, 2, lr=0.5)


def test_a_rule_for_matrices_is_not_translated(matrix_rule):
    assert whitening not in rules.equations() and steps.adam in rules.equations()


# Hyper-parameters


@given(data=st.data())
@every_keyword
def test_hyper_parameters_out_of_range(rule, name, data):
    value = data.draw(outside(name))
    with pytest.raises(ValueError, match=exactly(f"{name} must be {ALLOWED[name]}, got {value:g}") + "$"):
        rule(1.0, 2.0, **good_hyper(rule, **{name: value}))


@given(data=st.data())
@every_keyword
def test_one_bad_entry_of_a_grid_is_named(rule, name, data):
    value = data.draw(outside(name))
    grid = np.full(5, one(name))
    grid[data.draw(st.integers(0, 4))] = value
    expected = exactly(f"{name} must be {ALLOWED[name]}, got {value:g} among its 5 values")
    with pytest.raises(ValueError, match=expected):
        rule(1.0, 2.0, **good_hyper(rule, **{name: grid}))
    with pytest.raises(ValueError, match=expected):
        descend(rule, lambda w: w, 1.0, 3, **good_hyper(rule, **{name: grid}))


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=repr)
@every_keyword
def test_hyper_parameters_that_are_not_numbers(rule, name, value):
    with pytest.raises(TypeError, match=exactly(f"{name} must be {ALLOWED[name]}, got {value!r}") + "$"):
        rule(1.0, 2.0, **good_hyper(rule, **{name: value}))


@given(lr=st.floats(1e-300, 1e300), beta=st.floats(0, 1, exclude_max=True), eps=st.floats(0, 1e300))
@every_rule
def test_everything_in_range_is_welcome(rule, lr, beta, eps):
    good = settings(
        rule, lambda name: beta if rules.RANGES[name].high == 1 else eps if rules.RANGES[name].low_too else lr
    )
    rule(sympy.Symbol("w"), sympy.Symbol("g"), **good)
    rules.check_hyper(**good)


def decayed(w, dw, memory=(), *, decay=0.0, lr):
    return w - lr * (dw + decay * w), memory


def test_what_cannot_be_checked_hides_nothing_behind_it():
    with pytest.raises(ValueError, match=exactly("beta1 must be in [0, 1), got 2")):
        rules.adam(1.0, 2.0, lr=sympy.Symbol("alpha", positive=True), beta1=2.0)
    with pytest.raises(ValueError, match=exactly("lr must be a finite number above 0, got -1")):
        descend(decayed, lambda w: w, 1.0, 3, decay=0.5, lr=-1.0)


def test_a_rule_with_no_hyper_parameter_says_so():
    with pytest.raises(TypeError, match="has no hyper-parameter 'lr'; it has none$"):
        descend(lambda w, dw, memory=(): (w - dw, memory), lambda w: w, 1.0, 3, lr=0.1)


@pytest.mark.parametrize("lr", [1, np.int64(1), np.float32(1), np.array(1), [1], (1.0,), sympy.Integer(1)], ids=repr)
def test_every_kind_of_number_is_welcome(lr):
    w, dw = ([[3.0]], [[2.0]]) if isinstance(lr, list | tuple) else (3.0, 2.0)
    assert np.asarray(rules.gradient_descent(w, dw, lr=lr)[0], float).squeeze() == 1


@every_rule
def test_lists_are_grids(rule):
    listed = {name: [value, value / 2] for name, value in good_hyper(rule).items()}
    arrays = {name: np.array(value) for name, value in listed.items()}
    w, dw = np.array([[1.0], [3.0]]), np.array([[2.0], [-4.0]])
    new = rule(w, dw, **listed)[0]
    np.testing.assert_array_equal(new, rule(w, dw, **arrays)[0])
    np.testing.assert_array_equal(
        new, descend(rule, lambda w: np.stack([w[0] + 1, w[1] - 7]), (1.0, 3.0), 1, **listed).last
    )


@every_keyword
def test_a_value_for_each_entry_is_not_taken_for_a_grid(rule, name):
    """The same call meant another thing in `descend`, where it makes a grid."""
    hyper, whose = good_hyper(rule, **{name: np.full(2, one(name))}), rule.__name__
    told = "behind an axis of w itself at least, got settings of the shape (2,) and w of the shape {}: descend makes a grid, "
    for w in (np.ones(2), np.ones(1), 1.0):
        for call in (lambda w=w: rule(w, w, **hyper), lambda w=w: rule({"W": w}, {"W": w}, **hyper)):
            with pytest.raises(ValueError, match=exactly(whose, told.format(np.shape(w)), f"steps.{whose} takes")):
                call()
    assert rule(np.ones((3, 2)), np.ones((3, 2)), **hyper)[0].shape == (3, 2)
    with pytest.raises(ValueError, match="gradient must be finite"):
        descend(rule, lambda w: nan * w, 0.0, 3, **hyper)
    with pytest.raises(ValueError, match="behind an axis of w itself"):  # after a run, too, that was broken off
        rule(1.0, 1.0, **hyper)


@every_rule
def test_unknown_names_are_told_the_known_ones(rule):
    whose = rule.__name__
    for call in (lambda **hyper: rule(1.0, 2.0, **hyper), lambda **hyper: descend(rule, lambda w: w, 1.0, 3, **hyper)):
        with pytest.raises(
            TypeError,
            match=exactly(f"{whose} has no hyper-parameter 'alpha'; it has {', '.join(rules.keywords(rule))}") + "$",
        ):
            call(**good_hyper(rule, alpha=0.1))


@pytest.mark.parametrize("name", ["gradient_descent", "momentum", "heavy_ball"])
def test_a_missing_lr_is_named(name):
    rule = getattr(rules, name)
    for call in (lambda: rule(1.0, 2.0), lambda: descend(rule, lambda w: w, 1.0, 3)):
        with pytest.raises(TypeError, match=f"{name} needs the hyper-parameter 'lr': it has no default"):
            call()


@every_rule
def test_a_name_of_another_rule_is_refused(rule):
    rule(1.0, 2.0, **good_hyper(rule))
    for name in rules.RANGES.keys() - set(rules.keywords(rule)):
        with pytest.raises(TypeError, match=exactly("has no hyper-parameter", name)):
            rule(1.0, 2.0, **good_hyper(rule, **{name: one(name)}))


@every_keyword
def test_a_grid_that_does_not_fit_is_told_both_shapes(rule, name):
    with pytest.raises(ValueError, match=exactly(f"{name} must fit the shape of w, (2,), got (3,)")):
        rule(np.ones(2), np.ones(2), **good_hyper(rule, **{name: np.full(3, one(name))}))
    with pytest.raises(ValueError, match=exactly(f"{name} must fit the shape of w, (2,), got (3,)")):
        rule({"b": np.ones(2)}, {"b": np.ones(2)}, **good_hyper(rule, **{name: np.full(3, one(name))}))


# Parameters and gradients


@given(shape=st.sampled_from([(), (1,), (2,), (3, 4), (3, 1)]), other=st.sampled_from([(), (1,), (2,), (3, 4), (4, 3)]))
@every_rule
def test_shapes_must_be_equal_not_only_fit(rule, shape, other):
    w, dw = np.ones(shape), np.ones(other)
    if shape == other:
        assert rule(w, dw, **good_hyper(rule))[0].shape == shape
        return
    with pytest.raises(ValueError, match=exactly(f"dw must have the shape of w, {shape}, got {other}")):
        rule(w, dw, **good_hyper(rule))
    with pytest.raises(ValueError, match=exactly(f"dw must have the shape of w, {shape}, got {other}")):
        descend(rule, lambda w: dw, w, 3, **good_hyper(rule))


@pytest.mark.parametrize("kind", ["int64", "int8", "uint8", "bool"])
@every_rule
def test_integer_arrays_are_refused(rule, kind):
    whole, good = np.ones(2, kind), np.ones(2)
    for name, w, dw in [("w", whole, good), ("dw", good, whole)]:
        with pytest.raises(
            TypeError, match=exactly(f"{name} must hold floats, got an array of {kind}", "astype(float)")
        ):
            rule(w, dw, **good_hyper(rule))
    if kind == "bool":
        with pytest.raises(TypeError, match=exactly("start must hold floats", kind)):
            descend(rule, lambda w: w, whole, 3, **good_hyper(rule))
    else:  # descend copies its start anyway
        assert descend(rule, lambda w: w, whole, 3, **good_hyper(rule)).w.dtype == float
    with pytest.raises(TypeError, match=exactly("dw must hold floats", kind)):
        descend(rule, lambda w: whole, good, 3, **good_hyper(rule))


BAD_VALUES = [
    None,
    "1",
    True,
    np.bool_(True),
    1j,
    np.array([1j]),
    np.array([1, None]),
    [1.0, None],
    [None],
    object(),
    b"1",
]


@pytest.mark.parametrize("bad", BAD_VALUES, ids=lambda bad: type(bad).__name__)
@every_rule
def test_what_is_no_number_is_refused(rule, bad):
    for name, w, dw in [("w", bad, 1.0), ("dw", 1.0, bad)]:
        with pytest.raises(TypeError, match=exactly(f"{name} must be a number or an array of floats, got {bad!r}")):
            rule(w, dw, **good_hyper(rule))
    with pytest.raises(TypeError, match=exactly("start must be a number or an array of floats", repr(bad))):
        descend(rule, lambda w: w, bad, 3, **good_hyper(rule))
    with pytest.raises(TypeError, match=exactly("dw must be a number or an array of floats", repr(bad))):
        descend(rule, lambda w: bad, 1.0, 3, **good_hyper(rule))


@every_rule
def test_ragged_lists_are_refused(rule):
    ragged = [[1.0], [2.0, 3.0]]
    for name, w, dw in [("w", ragged, 1.0), ("dw", 1.0, ragged)]:
        with pytest.raises(ValueError, match=exactly(f"{name} must be", "rows of unequal length", str(ragged))):
            rule(w, dw, **good_hyper(rule))


@given(place=st.tuples(st.integers(0, 2), st.integers(0, 3)))
@every_rule
def test_a_gradient_with_nan_is_refused_and_its_place_named(rule, place):
    w, dw = np.ones((3, 4)), np.ones((3, 4))
    dw[place] = nan
    with pytest.raises(ValueError, match=exactly(f"dw must be a number everywhere, got nan at index {place}")):
        rule(w, dw, **good_hyper(rule))


@pytest.mark.parametrize("name", ["ewma", "debias"])
def test_the_averages_refuse_the_same(name):
    average = getattr(rules, name)
    third = {"ewma": {"x": 1.0}, "debias": {"t": 1}}[name]
    for beta in [-0.1, 1, 1.5, nan]:
        with pytest.raises(ValueError, match=exactly(f"beta must be in [0, 1), got {beta:g}")):
            average(v=1.0, beta=beta, **third)
    with pytest.raises(TypeError, match=exactly("beta must be in [0, 1), got '0.9'")):
        average(v=1.0, beta="0.9", **third)
    with pytest.raises(TypeError, match=exactly("v must hold floats, got an array of int64")):
        average(v=np.array([1, 2]), beta=0.9, **third)
    with pytest.raises(ValueError, match=exactly("beta must fit the shape of w, (2,), got (3,)")):
        average(v=np.ones(2), beta=np.full(3, 0.9), **third)


@given(t=st.one_of(st.integers(-1000, 0), st.sampled_from([nan, 0.5, -inf])))
def test_debias_counts_from_one(t):
    with pytest.raises(ValueError, match=exactly(f"t must be a step count of 1 or above, got {t:g}")):
        rules.debias(1.0, 0.9, t)


def test_debias_takes_many_times_at_once():
    np.testing.assert_allclose(rules.debias(np.ones(3), 0.5, np.array([1, 2, 3])), [2, 4 / 3, 8 / 7])
    with pytest.raises(ValueError, match=exactly("t must be", "got 0 among its 3 values")):
        rules.debias(np.ones(3), 0.5, np.array([1, 0, 3]))


# Memory


def zeros_of(rule):
    """As many zeros as the rule remembers."""
    return (0.0,) * len(rule(1.0, 2.0, **good_hyper(rule))[1])


@every_rule
def test_memory_must_be_what_the_rule_returned(rule):
    zeros, slots = zeros_of(rule), ", ".join(rules.memory_names(rule.__wrapped__))
    for wrong in [(*zeros, 0.0), zeros[1:] if zeros else 0.0, 0.0, "v", {"v": 0.0}]:
        with pytest.raises(
            ValueError, match=exactly(f"memory must be what the rule returned, ({slots}), got", repr(wrong))
        ):
            rule(1.0, 2.0, wrong, **good_hyper(rule))
    assert rule(1.0, 2.0, list(zeros), **good_hyper(rule)) == rule(1.0, 2.0, zeros, **good_hyper(rule))


IMPOSSIBLE = {"v": [nan], "s": [nan, -1.0, -inf], "s_max": [nan, -1.0, -inf], "t": [nan, -1, 1.5, inf]}


@every_rule
def test_each_value_of_a_memory_is_one_that_the_rule_could_leave(rule):
    zeros = zeros_of(rule)
    for place, slot in enumerate(rules.memory_names(rule.__wrapped__)):

        def put(value, place=place):
            return (*zeros[:place], value, *zeros[place + 1 :])

        for shape in [(3,), (3, 2), (1,), (2, 1)]:
            with pytest.raises(
                ValueError, match=exactly(f"{slot} in memory must have the shape of w, (2,), got {shape}")
            ):
                rule(np.ones(2), np.ones(2), put(np.ones(shape)), **good_hyper(rule))
        with pytest.raises(
            TypeError, match=exactly(f"{slot} in memory must be a number or an array of floats, got 'v'")
        ):
            rule(1.0, 2.0, put("v"), **good_hyper(rule))
        for value in IMPOSSIBLE.get(slot, [nan]):
            with pytest.raises(
                ValueError, match=exactly(f"{slot} in memory must be {rules.MEMORY[slot][0]}, got {value}")
            ):
                rule(1.0, 2.0, put(value), **good_hyper(rule))
            with pytest.raises(ValueError, match=exactly(f"{slot} in memory")):
                rule(np.ones(2), np.ones(2), put(np.array([1.0, value])), **good_hyper(rule))


def test_what_a_memory_may_be_is_said_in_words():
    nan, w = float("nan"), np.ones(2)
    with pytest.raises(ValueError, match=exactly("v in memory must be a number everywhere, got nan")):
        rules.momentum(w, w, (nan,), lr=0.1)
    with pytest.raises(ValueError, match=exactly("s in memory must be 0 or above everywhere, got -1.0")):
        rules.rmsprop(w, w, (-1.0,), lr=0.1)
    with pytest.raises(ValueError, match=exactly("s_max in memory must be 0 or above everywhere, got -1.0")):
        rules.amsgrad(w, w, (0.0, 0.0, -1.0, 1), lr=0.1)
    with pytest.raises(ValueError, match=exactly("t in memory must be a whole number of steps, 0 or above, got 1.5")):
        rules.adam(w, w, (0.0, 0.0, 1.5), lr=0.1)


def forgetful(w, dw, memory=(0.0,), *, lr):
    [warmth] = memory
    return w - lr * dw, (warmth,)


def test_a_memory_without_a_range_cannot_be_listed():
    with pytest.raises(
        TypeError, match="forgetful remembers something without a range: say in MEMORY what warmth may be"
    ):
        rules.listed(forgetful, "forgetful", "#000000", "-", "o")


# What a step cannot compute


SQUARING = [
    rule for rule in (listed.guarded for listed in rules.RULES.values()) if "s" in rules.memory_names(rule.__wrapped__)
]


@pytest.mark.parametrize("rule", SQUARING, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize(
    "dw", [1e200, np.array([1.0, 1e200]), np.float32(1e20), np.array([1e20], np.float32)], ids=repr
)
def test_a_gradient_too_large_to_be_squared_is_told(rule, dw):
    with pytest.raises(ValueError, match=exactly(f"{rule.__name__} cannot compute this step (overflow", "): dw is")):
        rule(np.zeros_like(dw), dw, **good_hyper(rule))
    with pytest.raises(ValueError, match=exactly(f"{rule.__name__} cannot compute this step")):
        rule({"W": np.zeros_like(dw)}, {"W": dw}, **good_hyper(rule))


@pytest.mark.parametrize("rule", SQUARING, ids=lambda rule: rule.__name__)
def test_nothing_over_nothing_is_told(rule):
    for zero in (0.0, np.zeros(2)):
        with pytest.raises(ValueError, match=exactly(f"{rule.__name__} cannot compute this step (")):
            rule(zero, zero, **good_hyper(rule, eps=0.0))


def test_whoever_switches_warnings_off_gets_the_infinity():
    with np.errstate(all="ignore"):
        assert rules.heavy_ball(np.array([1.0]), np.array([1e308]), lr=1e10)[0] == -inf


# Things that look like arrays


class Labelled(list):
    iloc = None


@every_rule
@pytest.mark.parametrize(
    "wrong, told",
    [
        (lambda: np.matrix([1.0, 2.0]), "a matrix, which multiplies in another way: pass np.asarray("),
        (lambda: np.ma.array([1.0, 2.0], mask=[0, 1]), "a masked one, whose mask would be lost: pass"),
        (lambda: Labelled([1.0, 2.0]), "a Labelled, whose labels would be lost: pass"),
    ],
    ids=["matrix", "masked", "labelled"],
)
@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_what_only_looks_like_an_array_is_refused(rule, wrong, told):
    wrong = wrong()
    for w, dw, name in [(wrong, np.ones(2), "w"), (np.ones(2), wrong, "dw")]:
        with pytest.raises(TypeError, match=exactly(f"{name} must be a plain array, got {told}")):
            rule(w, dw, **good_hyper(rule))
        with pytest.raises(TypeError, match=exactly(f"{name}['W'] must be a plain array")):
            rule({"W": w}, {"W": dw}, **good_hyper(rule))
    with pytest.raises(TypeError, match=exactly("start must be a plain array")):
        descend(rule, lambda w: w, wrong, 3, **good_hyper(rule))
    with pytest.raises(TypeError, match=exactly("dw must be a plain array")):
        descend(rule, lambda w: wrong, (1.0, 2.0), 3, **good_hyper(rule))


@every_rule
def test_left_out_memory_is_the_zero_start(rule):
    assert rule(1.0, 2.0, **good_hyper(rule)) == rule(1.0, 2.0, zeros_of(rule), **good_hyper(rule))
    assert rule(1.0, 2.0, None, **good_hyper(rule)) == rule(1.0, 2.0, zeros_of(rule), **good_hyper(rule))


# Dictionaries


def params(seed=0):
    rng = np.random.default_rng(seed)
    return {"W": rng.normal(size=(3, 4)), "b": rng.normal(size=4), "c": float(rng.normal())}


@every_rule
def test_dictionaries_equal_the_array_form_to_the_bit(rule):
    w, memory = params(), None
    alone = {name: (value, None) for name, value in w.items()}
    for step in range(4):
        dw = params(seed=step + 1)
        w, memory = rule(w, dw, memory, **good_hyper(rule))
        alone = {name: rule(old, dw[name], m, **good_hyper(rule)) for name, (old, m) in alone.items()}
        for name, (expected, expected_memory) in alone.items():
            np.testing.assert_array_equal(w[name], expected, strict=True)
            assert len(memory[name]) == len(expected_memory)
            for got, value in zip(memory[name], expected_memory):
                np.testing.assert_array_equal(got, value, strict=True)


@every_rule
def test_dictionaries_take_lists(rule):
    listed, _ = rule({"b": [1, 2]}, {"b": [3, 4]}, **good_hyper(rule))
    arrays, _ = rule({"b": np.array([1.0, 2.0])}, {"b": np.array([3.0, 4.0])}, **good_hyper(rule))
    np.testing.assert_array_equal(listed["b"], arrays["b"])


BAD_NAMES = [{"W": 1.0}, {"W": 1.0, "b": 1.0, "c": 1.0}, {"W": 1.0, "B": 1.0}, {}]


@pytest.mark.parametrize("bad", BAD_NAMES, ids=lambda bad: ",".join(bad) or "none")
@every_rule
def test_names_must_be_equal(rule, bad):
    w = {"W": 1.0, "b": 2.0}
    with pytest.raises(ValueError, match=exactly("dw must have the names of w, ['W', 'b'], got", str(sorted(bad)))):
        rule(w, bad, **good_hyper(rule))
    with pytest.raises(ValueError, match=exactly("dw must have the names of w, ['W', 'b'], got", str(sorted(bad)))):
        descend(rule, lambda w: bad, w, 3, **good_hyper(rule))
    memory = dict.fromkeys(bad, zeros_of(rule))
    with pytest.raises(ValueError, match=exactly("memory must have the names of w, ['W', 'b'], got", str(sorted(bad)))):
        rule(w, w, memory, **good_hyper(rule))


@every_rule
def test_a_dictionary_needs_dictionaries_beside_it(rule):
    w = {"W": 1.0}
    with pytest.raises(ValueError, match=exactly("dw must have the names of w, ['W']", "float")):
        rule(w, 1.0, **good_hyper(rule))
    with pytest.raises(ValueError, match=exactly("dw must have the names of w", "float", "['W']")):
        rule(1.0, w, **good_hyper(rule))
    with pytest.raises(ValueError, match=exactly("memory must have the names of w, ['W']", "tuple")):
        rule(w, w, (0.0, 0.0, 0.0, 0.0), **good_hyper(rule))


@every_rule
def test_in_a_dictionary_the_entry_at_fault_is_named(rule):
    w, dw = params(), params(seed=1)
    with pytest.raises(ValueError, match=exactly("dw['b'] must have the shape of w, (4,), got (5,)")):
        rule(w, dw | {"b": np.ones(5)}, **good_hyper(rule))
    with pytest.raises(ValueError, match=exactly("dw['b'] must be a number everywhere, got nan at index (2,)")):
        rule(w, dw | {"b": np.array([1, 2, nan, 3])}, **good_hyper(rule))
    with pytest.raises(TypeError, match=exactly("w['b'] must hold floats, got an array of int64")):
        rule(w | {"b": np.arange(4)}, dw, **good_hyper(rule))
    with pytest.raises(TypeError, match=exactly("dw['c'] must be a number", "None")):
        rule(w, dw | {"c": None}, **good_hyper(rule))
    zeros = zeros_of(rule)
    with pytest.raises(ValueError, match=exactly("memory['b'] must be what the rule returned, (")):
        rule(w, dw, dict.fromkeys(w, zeros) | {"b": (*zeros, 0.0)}, **good_hyper(rule))


@every_rule
def test_single_precision_stays_single(rule):
    w = np.array([1.0, -2.0], np.float32)
    for new, memory in [rule(w, w, **good_hyper(rule)), (x["w"] for x in rule({"w": w}, {"w": w}, **good_hyper(rule)))]:
        assert {x.dtype for x in arrays_in((new, memory))} == {np.dtype(np.float32)}


# Nothing passed in is changed


def read_only(x):
    """A copy that cannot be written into, dictionaries and tuples included."""
    if isinstance(x, dict):
        return {name: read_only(value) for name, value in x.items()}
    if isinstance(x, tuple):
        return tuple(map(read_only, x))
    if isinstance(x, np.ndarray):
        x = x.copy()
        x.flags.writeable = False
    return x


def arrays_in(x):
    if isinstance(x, dict | tuple | list):
        return [a for value in (x.values() if isinstance(x, dict) else x) for a in arrays_in(value)]
    return [x] if isinstance(x, np.ndarray) else []


def same(x, y):
    np.testing.assert_equal(x, y)
    return True


FORMS = {
    "array": lambda seed: np.random.default_rng(seed).normal(size=(2, 3)),
    "zero-d": lambda seed: np.array(float(seed + 1)),
    "dictionary": params,
    "list": lambda seed: [1.0 + seed, 2.0],
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@every_rule
def test_good_input_is_left_as_it_was(rule, form):
    hyper = read_only({name: np.array(value) for name, value in good_hyper(rule).items()})
    w, memory = read_only(form(0)), None
    for step in range(3):
        dw = read_only(form(step + 1))
        before = copy.deepcopy((w, dw, memory, hyper))
        new = rule(w, dw, memory, **hyper)
        assert same((w, dw, memory, hyper), before)
        # The new values are no windows on the old ones either.
        for array in arrays_in(new):
            assert not any(np.shares_memory(array, old) for old in arrays_in((w, dw, memory, hyper)))
        w, memory = (read_only(x) for x in new)


@every_rule
def test_bad_input_is_left_as_it_was(rule):
    with_nan = np.array([1.0, nan])
    for w, dw in [
        (np.ones(2), np.ones(3)),
        (np.ones(2), with_nan),
        (np.array([1, 2]), np.ones(2)),
        ({"W": np.ones(2)}, {"W": with_nan}),
        ({"W": np.ones(2)}, {"b": np.ones(2)}),
    ]:
        before = copy.deepcopy((w, dw))
        with pytest.raises((TypeError, ValueError)):
            rule(w, dw, **good_hyper(rule))
        assert same((w, dw), before)


@every_rule
def test_a_cell_run_twice_gives_the_same_twice(rule):
    w, dw = np.array([1.0, 2.0]), np.array([0.5, -3.0])
    w1, memory = rule(w, dw, **good_hyper(rule))
    assert same(rule(w1, dw, memory, **good_hyper(rule)), rule(w1, dw, memory, **good_hyper(rule)))


def test_the_lift_is_the_rule_name_by_name():
    lifted = rules.by_name(steps.adam)
    w, memory = lifted({"W": 1.0, "b": 2.0}, {"W": 0.5, "b": -3.0}, lr=0.1)
    assert (w["b"], memory["b"]) == steps.adam(2.0, -3.0, lr=0.1)
    w, memory = lifted(w, {"W": 0.5, "b": 1.0}, memory, lr=0.1)
    w1, memory1 = steps.adam(1.0, 0.5, lr=0.1)
    assert (w["W"], memory["W"]) == steps.adam(w1, 0.5, memory1, lr=0.1)


def test_symbols_pass_through():
    w, g, lr = sympy.symbols("w g alpha")
    assert rules.gradient_descent(w, g, lr=lr)[0] == w - lr * g
    assert (
        rules.gradient_descent(w, 2.0, lr=0.5)[0] == w - 1.0
        and rules.gradient_descent(2.0, g, lr=0.5)[0] == 2.0 - 0.5 * g
    )
    assert rules.ewma(w, g, lr) == lr * w + (1 - lr) * g
    new, _ = rules.momentum({"W": w}, {"W": g}, lr=0.1, beta1=0.5)
    assert new["W"] == w - 0.05 * g


def bare(w, dw, memory=(), *, lr: float):
    w = w - lr * dw
    return w, memory


def test_source_of_a_rule_of_ones_own_is_whole():
    assert rules.source(bare).splitlines() == [
        "def bare(w, dw, memory=(), *, lr):",
        "    w = w - lr * dw",
        "    return (w, memory)",
    ]


def test_source_of_ours_is_the_equation_alone():
    first, *rest = rules.source(rules.momentum).splitlines()
    assert first == "def momentum(w, dw, memory=(0.0,), *, lr, beta1=0.9):"
    assert "    v = ewma(v, dw, beta1)" in rest and len(rest) == 3


# A dictionary of nothing, names of several kinds, and what source shows


@every_rule
def test_a_dictionary_of_nothing_is_refused(rule):
    with pytest.raises(ValueError, match=exactly("w must have at least one entry, got {}")):
        rule({}, {}, **good_hyper(rule))


@every_rule
def test_names_need_not_be_of_one_kind(rule):
    w, dw = {"a": 1.0, 1: 2.0}, {"a": 2.0, 1: 3.0}
    assert rule(w, dw, **good_hyper(rule))[0] == {name: rule(w[name], dw[name], **good_hyper(rule))[0] for name in w}
    with pytest.raises(ValueError, match=exactly("dw must have the names of w, [1, 'a'], got [2, 'a']")):
        rule(w, {"a": 2.0, 2: 3.0}, **good_hyper(rule))


@every_rule
def test_source_of_a_name(rule):
    assert rules.source(rule.__name__) == rules.source(rule)


@pytest.mark.parametrize(
    "what", [lambda w: w, 3, "adan", print, np.sqrt, None], ids=["lambda", "3", "adan", "print", "sqrt", "None"]
)
def test_source_of_what_has_none(what):
    with pytest.raises(TypeError, match="source shows a function that is written with def, or the rule of a name, got"):
        rules.source(what)


def test_numbers_of_sympy_and_fractions_are_checked():
    adam = rules.adam
    for bad in (sympy.Integer(2), sympy.Rational(3, 2), Fraction(3, 2)):
        with pytest.raises(ValueError, match=r"beta1 must be in \[0, 1\), got (2|1.5)"):
            adam(1.0, 1.0, beta1=bad)
    assert adam(1.0, 1.0, lr=Fraction(1, 10)) == adam(1.0, 1.0, lr=0.1)
    assert adam(1.0, 1.0, beta1=sympy.Rational(1, 2))[1][0] == 0.5
    assert adam(1.0, 1.0, beta1=sympy.Symbol("b"))[1][0].free_symbols == {sympy.Symbol("b")}
