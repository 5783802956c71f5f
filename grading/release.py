"""From the masters to what students get: a notebook without solutions, an optimlib without optimisers, and how to run them.

python -m grading.release      what `make assignments` runs
"""

from __future__ import annotations

import copy
import json
import logging
import os
import shutil
import sys
import tempfile
import tomllib
import zipfile
from contextlib import suppress
from pathlib import Path

import nbformat
from flit_core.wheel import make_wheel_in
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

import optimlib
from grading import check, gradebook, kept, masters, sentences, tasks
from grading.masters import Broken
from grading.sandbox import Limits, Place, Unusable
from grading.sentences import Sentences
from optimlib.styles import STYLES

FILES = ("checks.py", "digits.py", "path.py", "plots.py", "styles.py", "surfaces.py", "data")
INIT = '''"""The part of optimlib that the assignments need: what is rolled down, and how it is drawn."""

from optimlib.path import Path
from optimlib.surfaces import Surface, bowl, noisy, rosenbrock, saddle, steps_to_reach, turn

__all__ = ["Path", "Surface", "bowl", "noisy", "rosenbrock", "saddle", "steps_to_reach", "turn"]
'''
NOTE = "how-to-run.txt"
EARLIER = "release/{}-earlier.json"
PROJECT = """
[build-system]
requires = ["flit_core"]
build-backend = "flit_core.buildapi"
[project]
name = "optimlib-for-assignments"
version = "{version}"
description = "The part of optimlib that the assignments need."
license = "{license}"
requires-python = "{python}"
dependencies = {needs}
[tool.flit.module]
name = "optimlib"
"""
WHEEL_TIME = "1735689600"  # a wheel holds times; this one makes its bytes the same at every making


def course_optimlib(into: Path) -> Path:
    """Write the course's version of the package into a folder; give the package's own."""
    package = into / "optimlib"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(INIT, encoding="utf-8")
    for name in FILES:
        file = Path(optimlib.__file__).parent / name
        (shutil.copytree if file.is_dir() else shutil.copy)(file, package / name)
    with open(package / "styles.py", "a", encoding="utf-8") as file:  # the rules put theirs there, and are not here
        file.write(f"STYLES |= {STYLES!r}\n")
    return package


def wheel(into: Path) -> Path:
    """The same as a wheel, for where only the notebook travels; it needs no more than numpy and matplotlib.

    It has a name of its own, so that it is never taken for the whole optimlib, and the same bytes at every making.
    """
    project = tomllib.loads((masters.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needs = [each for each in project["dependencies"] if each.startswith(("numpy", "matplotlib"))]
    os.environ.setdefault("SOURCE_DATE_EPOCH", WHEEL_TIME)
    with tempfile.TemporaryDirectory() as folder:
        course_optimlib(Path(folder))
        described = PROJECT.format(
            version=project["version"],
            license=project["license"],
            python=project["requires-python"],
            needs=json.dumps(needs),
        )
        (Path(folder) / "pyproject.toml").write_text(described, encoding="utf-8")
        return make_wheel_in(Path(folder) / "pyproject.toml", into).file


def with_rules(
    notebook: nbformat.NotebookNode, say: Sentences, limits: Limits, wheel: str = ""
) -> nbformat.NotebookNode:
    """A copy with the rules under the title; the first cell of code says how to get optimlib where it is missing."""
    notebook = copy.deepcopy(notebook)
    words = {"seconds": f"{limits.cell:g}", "minutes": f"{limits.submission / 60:g}"}
    rules = nbformat.v4.new_markdown_cell(say("rules.text", **words).strip())
    first = next((i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"), 0)
    notebook.cells[first].source = say("hand_out.setup", wheel=wheel) + notebook.cells[first].source
    notebook.cells.insert(first, rules)
    for i, cell in enumerate(notebook.cells):  # else they are drawn anew at every making
        cell.id = f"cell-{i}"
    return notebook


def zipped(folder: Path) -> Path:
    """A folder as a zip beside it, with the same bytes whenever it is made."""
    with zipfile.ZipFile(folder.with_suffix(".zip"), "w") as archive:
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            member = zipfile.ZipInfo(file.relative_to(folder.parent).as_posix())
            archive.writestr(member, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return folder.with_suffix(".zip")


def texts(course: Path, name: str) -> frozenset[str]:
    """All texts of an assignment that were ever handed out, as `tasks.plain` has them: after a correction, what students
    have of the release before it is nothing that they have written."""
    found: set[str] = set()
    with suppress(Exception):  # either may be damaged, or not there
        found |= {*json.loads((course / EARLIER.format(name)).read_bytes())}
    with suppress(Exception):
        found |= {tasks.plain(cell.source) for cell in gradebook.released(course, name).cells}
    return frozenset(found)


def release(course: Path = masters.COURSE, limits: Limits = Limits()) -> list[Path]:
    """Write ``release/`` and give its zips, after every master has run in the sandbox; Broken, and nothing written, if one fails."""
    known, say = masters.read_all(course), sentences.of(masters.folder(course))
    with tempfile.TemporaryDirectory() as folder, Place(course_optimlib(Path(folder))) as place:
        for master in known.values():
            check.expected(master, place, limits)
    config = gradebook.configuration(course)
    made = []
    for master in known.values():
        source = course / "source" / master.name
        shutil.rmtree(source, ignore_errors=True)
        course_optimlib(source)
        installed = wheel(source).name
        nbformat.write(with_rules(master.notebook, say, limits, installed), source / f"{master.name}.ipynb")
        note = say("hand_out.note", assignment=master.name, wheel=installed)
        (source / NOTE).write_text(note, encoding="utf-8")
        kept.put(course / EARLIER.format(master.name), json.dumps(sorted(texts(course, master.name))))
        config.CourseDirectory.assignment_id = master.name
        try:
            GenerateAssignment(CourseDirectory(config=config), config=config, force=True).start()
        except NbGraderException as error:  # it has logged why
            raise Broken(f"nbgrader could not make a release of {master.name}: {error}") from None
        made.append(zipped(course / "release" / master.name))
    return made


def main() -> None:
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        masters.choose(os.environ.get("MASTERS", ""))
        for made in release():
            print(made.relative_to(masters.ROOT))
        if (place := masters.folder()) != masters.COURSE:
            print(f"The masters are in {place}.")
    except (Broken, Unusable) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
