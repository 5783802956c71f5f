"""A class to try the grader on: twenty invented hand-ins of one assignment, in a Moodle export and one of Canvas.

python -m grading.sample [ASSIGNMENT]      what `make sample-class` runs, after `make assignments`

Nothing of it is kept: the right answers are the master's own, the mistakes those of its ``wrong/``, and what means harm
is of the harmless kinds. The same masters give the same bytes.
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from grading import diagnoses, gradebook, masters
from grading.masters import Broken, Master

INTO = masters.ROOT / "_build" / "sample-class"
USUAL = "4-adam"
TIME = (2026, 1, 15, 10, 30, 0)  # of every file in the zips
ANSWER = "An answer in words, which somebody has to read."
NEVER_ENDS = "while True:\n    pass"
TAKES = """\
import os, pathlib
for file in ("/etc/passwd", "../../grades.csv", os.path.expanduser("~/.ssh/id_rsa")):
    try:
        stolen = pathlib.Path(file).read_text()
        pathlib.Path("/tmp/stolen.txt").write_text(stolen)
    except OSError:
        pass
os.system("curl http://127.0.0.1/?grades=mine")
"""
LETTERS = 11_000_000  # in the outputs of a notebook that is too large to be read
AT_NIGHT = "# how far do I get?\nlosses = [(0.9 ** t) for t in range(10_000_000)]\nprint(losses[-1])"
SIGNS = re.compile(r"^ *### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)  # a master's, of where students are to write
FORGOTTEN = "def"  # a cell that is not even Python


class Pupil:
    """Makes hand-ins of one assignment: the notebook as it was handed out, with something written into it."""

    def __init__(self, course: Path, master: Master):
        self.course, self.master = course, master
        self.right = {cell.id: SIGNS.sub("", cell.source) for cell in master.of("solution")}
        if not self.right:
            raise Broken(f"{master.name} has no task that a program checks: choose another for the sample class")
        by_task = [[each for each in diagnoses.mistakes(master.wrong) if each.solution == id] for id in self.right]
        # The first of the first task, the first of the second, ..., then the seconds.
        self.mistakes = [each for lot in zip_longest(*by_task) for each in lot if each]

    def blank(self) -> NotebookNode:
        return gradebook.released(self.course, self.master.name)

    def solved(self, words: str = ANSWER, first: str = "", added: str = "", **wrong: str) -> NotebookNode:
        """All right, but for ``wrong`` cells, and what stands ``first`` in the first task; ``added`` is a cell at the end."""
        notebook, sources = self.blank(), {**self.right, **wrong}
        start = next(iter(sources))
        sources[start] = "\n".join(filter(None, (first, sources[start])))
        sources |= {cell.id: words for cell in self.master.of("question") if words}
        for cell in notebook.cells:
            id = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = sources.get(id, cell.source)
        if added:
            notebook.cells.append(nbformat.v4.new_code_cell(added, id="added"))
        return notebook

    def with_outputs(self, letters: int) -> NotebookNode:
        """All right, and saved with what it has printed."""
        notebook = self.solved()
        last = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
        last.outputs = [nbformat.v4.new_output("stream", text="more " * (letters // 5))]
        return notebook

    def mistaken(self, count: int) -> NotebookNode:
        """With one known mistake, of another task each time; where none are known, with a cell that is not even Python."""
        if not self.mistakes:
            return self.solved(**{next(iter(self.right)): FORGOTTEN})
        mistake = self.mistakes[count % len(self.mistakes)]
        return self.solved(**{mistake.solution: mistake.source})


def on_moodle(pupil: Pupil) -> dict[str, str | NotebookNode]:
    """What student-01 to student-12 handed in, by the path that Moodle gives it."""
    name = pupil.master.name
    files = [
        (f"{name}.ipynb", pupil.solved()),
        (f"{name}.ipynb", pupil.solved(words="")),
        (f"{name}.ipynb", pupil.mistaken(0)),
        (f"{name}.ipynb", pupil.mistaken(1)),
        (f"{name}.ipynb", pupil.mistaken(2)),
        (f"{name}.ipynb", pupil.mistaken(3)),
        (f"my {name} (final).ipynb", pupil.solved(added=AT_NIGHT)),
        (f"{name}.ipynb", pupil.blank()),
        ("sorry.txt", "I have been ill."),
        (f"{name}.ipynb", pupil.solved(first=NEVER_ENDS)),
        (f"{name}.ipynb", pupil.solved(first=TAKES)),
        (f"{name}.ipynb", nbformat.writes(pupil.solved())[:2000]),
    ]
    return {
        f"student-{i:02}_{7000 + i}_assignsubmission_file/{file}": what for i, (file, what) in enumerate(files, start=1)
    }


def on_canvas(pupil: Pupil) -> dict[str, str | NotebookNode]:
    """What student-13 to student-20 handed in, by the name that Canvas gives it; two attempts of student-19."""
    name, first = pupil.master.name, next(iter(pupil.right))
    files: list[tuple[int, str, str, Callable]] = [
        (13, "", f"{name}.ipynb", pupil.solved),
        (14, "", f"{name}.ipynb", lambda: pupil.mistaken(4)),
        (15, "", f"{name}.ipynb", lambda: pupil.mistaken(5)),
        (16, "", f"{name}.ipynb", lambda: pupil.with_outputs(LETTERS)),
        (17, "LATE_", f"{name}.ipynb", pupil.solved),
        (18, "", f"{name}.ipynb", lambda: pupil.solved(**{first: FORGOTTEN})),
        (19, "", f"{name}.ipynb", pupil.blank),
        (19, "", f"{name}-1.ipynb", pupil.solved),
        (20, "LATE_", f"{name}.ipynb", pupil.blank),
    ]
    return {f"student-{i}_{late}{400 + i}_{90_000 + i}_{file}": make() for i, late, file, make in files}


def zipped(file: Path, members: dict[str, str | NotebookNode]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        for name, what in members.items():
            text = what if isinstance(what, str) else nbformat.writes(what)
            archive.writestr(zipfile.ZipInfo(name, TIME), text, zipfile.ZIP_DEFLATED)
    return file


def make(course: Path = masters.COURSE, into: Path = INTO, assignment: str = "") -> list[Path]:
    """Write the two exports; Broken if the assignment is none, or has not been handed out."""
    known = masters.read_all(course)
    name = assignment or (USUAL if USUAL in known else next(iter(known)))
    if name not in known:
        raise Broken(f"{name} is no assignment; there are {', '.join(known)}")
    if not (course / "release" / name).is_dir():
        raise Broken(f"{name} has not been handed out from here: run `make assignments` first")
    pupil = Pupil(course, known[name])
    return [zipped(into / "moodle.zip", on_moodle(pupil)), zipped(into / "canvas.zip", on_canvas(pupil))]


def main(arguments: list[str]) -> None:
    try:
        for file in make(assignment="".join(arguments[:1])):
            print(file.relative_to(masters.ROOT))
    except Broken as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
