"""What grading needs, and not every machine has: its tests are skipped without it, and said to be, or fail where they must not be."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def for_grading(untested: str, bubblewrap: bool = False) -> Iterator[None]:
    """The imports of a module of tests. ``untested`` is what it says where they cannot be made."""
    required = bool(os.environ.get("REQUIRE_GRADING"))
    try:
        yield
    except ImportError as missing:
        if required:
            raise
        pytest.skip(f"{untested}: {missing.name} is missing, `make assignments` installs it", allow_module_level=True)
    if bubblewrap and not shutil.which("bwrap") and not required:
        pytest.skip(f"{untested}: bubblewrap is missing (`apt install bubblewrap`)", allow_module_level=True)
