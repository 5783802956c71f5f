"""From the masters to what students get: a notebook without solutions, and an optimlib without optimisers.

python -m grading.release      what `make assignments` runs
"""

from __future__ import annotations

import copy
import logging
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

import optimlib
from grading import check, gradebook, masters, sentences
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


def with_rules(notebook: nbformat.NotebookNode, say: Sentences, limits: Limits) -> nbformat.NotebookNode:
    """A copy with the rules under the title."""
    notebook = copy.deepcopy(notebook)
    words = {"seconds": f"{limits.cell:g}", "minutes": f"{limits.submission / 60:g}"}
    rules = nbformat.v4.new_markdown_cell(say("rules.text", **words).strip(), id="rules")
    first = next((i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"), 0)
    notebook.cells.insert(first, rules)
    return notebook


def release(course: Path = masters.COURSE, limits: Limits = Limits()) -> list[Path]:
    """Write ``release/``, after every master has run in the sandbox; Broken, and nothing written, if one fails."""
    known = masters.read_all(course)
    with tempfile.TemporaryDirectory() as folder, Place(course_optimlib(Path(folder))) as place:
        for master in known.values():
            check.expected(master, place, limits)
    config = gradebook.configuration(course)
    made = []
    for master in known.values():
        source = course / "source" / master.name
        shutil.rmtree(source, ignore_errors=True)
        course_optimlib(source)
        nbformat.write(with_rules(master.notebook, sentences.of(course), limits), source / f"{master.name}.ipynb")
        config.CourseDirectory.assignment_id = master.name
        try:
            GenerateAssignment(CourseDirectory(config=config), config=config, force=True).start()
        except NbGraderException as error:  # it has logged why
            raise Broken(f"nbgrader could not make a release of {master.name}: {error}") from None
        made.append(course / "release" / master.name)
    return made


def main() -> None:
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        for folder in release():
            print(folder.relative_to(Path.cwd()))
    except (Broken, Unusable) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
