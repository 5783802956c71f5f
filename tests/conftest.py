"""What several files of tests share: hypothesis without chance, and the site, built once."""

import fcntl
import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples at every run, and no clock, so no run fails now and then.
settings.register_profile("book", derandomize=True, deadline=None, database=None, print_blob=False)
settings.load_profile("book")

LONGEST = ("test_browser.py", "test_site.py")


def pytest_collection_modifyitems(items):
    """`make test` runs files side by side: the longest first, or one processor waits at the end."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the pages, built anew by running every chapter, away from _build/html."""
    from book import build as book

    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # the first process that comes builds it for all
        shared = shared.parent
    with open(shared / "building", "a+") as built:
        fcntl.flock(built, fcntl.LOCK_EX)
        built.seek(0)
        if not (place := built.read()):
            place = str(book.build(into=shared / "book"))
            built.write(place)
    return Path(place)
