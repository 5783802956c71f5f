"""Hypothesis without chance: the same examples at every run, and no clock, so no run fails now and then."""

from hypothesis import settings

settings.register_profile("book", derandomize=True, deadline=None, database=None, print_blob=False)
settings.load_profile("book")
