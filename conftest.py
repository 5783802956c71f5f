"""Notebooks are compared by what they store.

A picture gives text/plain, its description, and text/html, the SVG. Only the description is stored
(book/tidy.py), so nbval is told not to ask for the rest.
"""

from nbval.plugin import IPyNbFile

NOT_STORED = ("text/html", "image/svg+xml")


def pytest_collectstart(collector):
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += NOT_STORED
