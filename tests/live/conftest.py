"""The Python of a page, as the site has it."""

import os

import pytest

from book import live
from book.live import pyodide


@pytest.fixture(scope="session")
def python(tmp_path_factory):
    """The folder of what a page fetches."""
    if not (wheels := pyodide.wheels()):
        missing = "NO PYTHON IN THE PAGE: its files could not be fetched, so no chapter was run there"
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip)(missing)
    return live.write(tmp_path_factory.mktemp("python") / "live", wheels)
