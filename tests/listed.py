"""Every rule of THE list with settings for its keywords, made from their ranges: a new rule needs no line here."""

import pytest

from optimlib import rules

# Those that work entry by entry, on numbers as on arrays. A rule for matrices has tests of its own.
GUARDED = [rule.guarded for rule in rules.RULES.values() if rule.entrywise]
EQUATIONS = [rule.equation for rule in rules.RULES.values() if rule.entrywise]
every_rule = pytest.mark.parametrize("rule", GUARDED, ids=lambda rule: rule.__name__)
every_equation = pytest.mark.parametrize("rule", EQUATIONS, ids=lambda rule: rule.__name__)
every_keyword = pytest.mark.parametrize(
    "rule, name",
    [(rule, name) for rule in GUARDED for name in rules.keywords(rule)],
    ids=lambda x: getattr(x, "__name__", x),
)


def _by_kind(name, below_1, from_0, above_0):
    """A range is one of three kinds: a share, a size that may be 0, a size that may not."""
    allowed = rules.RANGES[name]
    return below_1 if allowed.high == 1 else from_0 if allowed.low_too else above_0


def one(name):
    """A good value, no default; no beta is the complement of itself or of another."""
    return {"beta1": 0.8, "beta2": 0.7}.get(name) or _by_kind(name, 0.6, 0.01, 0.3)


def two(name):
    """Two good values, for a grid."""
    return _by_kind(name, [0.2, 0.9], [1e-8, 0.1], [0.05, 0.3])


def at_random(name, rng, n):
    """``n`` random values over the whole useful range."""
    return _by_kind(name, 1 - 10 ** rng.uniform(-3, 0, n), 10 ** rng.uniform(-10, 0, n), 10 ** rng.uniform(-4, 1, n))


def settings(rule, value):
    """A setting of each keyword of ``rule``: ``settings(adam, one)``."""
    return {name: value(name) for name in rules.keywords(rule)}
