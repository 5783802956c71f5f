"""Try the package and the chapters with every Python that is here, and with the oldest NumPy and matplotlib allowed.

`make check-versions`; with `--ends`, as in continuous integration, only the newest Python, and the oldest with the
oldest libraries. Each has an environment of its own in _build/versions, made again when the lock changes; .venv
serves for its own Python. What is not here is said, and is no failure: which Pythons a machine has is its own matter.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from functools import partial
from pathlib import Path

from book import copies
from book.contents import ROOT

VERSIONS = ROOT / "_build" / "versions"
MINORS = range(11, 16)  # from 3.11, which pyproject.toml asks for, to the next one
# What computes, and what readers see. Pictures are left out: another matplotlib draws the same with other bytes.
TESTS = ["test_steps", "test_rules", "test_descend", "test_surfaces", "test_unroll", "test_digits", "test_claims"]


def pythons() -> dict[str, str]:
    """The Pythons that pyenv keeps, those on the path, and .venv's, by their version."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = {}
    for minor in MINORS:
        here = [*map(str, kept.glob(f"3.{minor}.*/bin/python")), shutil.which(f"python3.{minor}")]
        python = next((python for python in here if python and works(python)), None)
        found |= {f"3.{minor}": python} if python else {}
    return found | {f"3.{sys.version_info.minor}": sys.executable}


def works(python: str) -> bool:
    """pyenv puts a Python on the path also where it is switched off."""
    return subprocess.run([python, "-c", ""], capture_output=True).returncode == 0


def oldest() -> list[str]:
    """The lowest versions of NumPy and matplotlib that pyproject.toml admits."""
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    return [re.sub(r">=([\d.]+).*", r"==\1", name) for name in needed if name.startswith(("numpy", "matplotlib"))]


def environment(name: str, python: str, others: list[str] = ()) -> str:
    """The Python of an environment with the pinned set, ``others`` in the place of what it pins."""
    if python == sys.executable and not others:
        return python  # .venv is one
    folder, lock = VERSIONS / name, ROOT / "requirements.txt"
    inside, stamp = str(folder / "bin" / "python"), folder / "installed"
    wanted = "\n".join([lock.read_text(encoding="utf-8"), os.path.realpath(python), *others])
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return inside
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([python, "-m", "venv", folder], check=True)
    pip = [inside, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "--requirement", lock], check=True)
    if others:
        subprocess.run([*pip, *others], check=True)
    stamp.write_text(wanted, encoding="utf-8")
    return inside


def tried(name: str, python: str, others: list[str]) -> copies.Outcome:
    """What pytest says there, and whether all is well."""
    folder = "oldest" if others else name.removeprefix("Python ")
    inside, book = environment(folder, python, others), VERSIONS / f"{folder}-book"
    command = [inside, "-m", "pytest", *(f"tests/{test}.py" for test in TESTS), "chapters"]
    return copies.tried(book, command, {"PYTHONPATH": str(book)})  # and not from where .venv has it


def main(ends: bool) -> None:
    found = pythons()
    first, newest = found.get("3.11", sys.executable), found[max(found, key=lambda version: int(version[2:]))]
    wanted = {f"Python {version}": (python, []) for version, python in found.items() if not ends or python == newest}
    wanted[f"the oldest: {', '.join(oldest())}"] = (first, oldest())
    missing = [f"Python 3.{minor}" for minor in MINORS if f"3.{minor}" not in found]
    print("Not on this machine:", ", ".join(missing), flush=True)
    failed = copies.failed({name: partial(tried, name, *where) for name, where in wanted.items()})
    sys.exit(f"\nFailed with {'; '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main("--ends" in sys.argv)
