"""Notebooks are compared by what they store, and computed as the build does: on one processor each.

A picture gives text/plain, its description, and text/html, the SVG. Only the description is stored
(book/tidy.py), so nbval is told not to ask for the rest.
"""

import os

from nbval.plugin import IPyNbFile

# Before NumPy is there. Two processes with two threads each wait for each other: the network's chapter took five times
# the processor time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

NOT_STORED = ("text/html", "image/svg+xml")


def pytest_collectstart(collector):
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += NOT_STORED
