"""The page for lecturers: its commands are run, in its order, and print what it says; the invented class gets what it says."""

import csv
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from needed import for_grading

with for_grading("THE PAGE FOR LECTURERS IS NOT TESTED", bubblewrap=True):
    import nbformat

    from grading import grade, masters, release

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "chapters" / "teaching.md").read_text(encoding="utf-8")
FIRST = PAGE[PAGE.index("## Five minutes") : PAGE.index("## Hand out")]


def commands():
    """Each command of the first five minutes, and the lines that it prints, as the page has them."""
    blocks = re.findall(r"^((?:    .*\n)+)", FIRST, re.MULTILINE)
    lines = [re.sub(r"^    ", "", line) for block in blocks for line in block.splitlines()]
    said = {}
    for line in lines:
        if line.startswith("$ "):
            command = said.setdefault(line[2:], [])
        else:
            command.append(line)
    return said


def run(command, root):
    """Run a command of make's, as the Makefile has it, in another folder and with this Python."""
    recipe = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", *command.split()[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    last = recipe.stdout.splitlines()[-1]
    assert last.startswith(".venv/bin/python -m grading")
    return subprocess.run(
        last.replace(".venv/bin/python", sys.executable, 1),
        shell=True,
        cwd=root,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def own_copy(root):
    """What grading needs of the repository, with one assignment."""
    for folder in ("grading", "optimlib"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    for pattern in ("assignments/nbgrader_config.py", "assignments/4-adam.md", "assignments/wrong/4-adam.py"):
        (root / pattern).parent.mkdir(exist_ok=True, parents=True)
        shutil.copy(ROOT / pattern, root / pattern)
    (root / "chapters").mkdir()
    for chapter in (ROOT / "chapters").glob("*.ipynb"):
        shutil.copy(chapter, root / "chapters")
    return root


@pytest.fixture(scope="session")
def collected(tmp_path_factory):
    """The first five minutes: the folder, what each command printed, and the rows after each."""
    root = own_copy(tmp_path_factory.mktemp("lecturer"))
    printed, rows, files = {}, {}, {}
    for command in commands():
        ended = run(command, root)
        assert ended.returncode == 0, (command, ended.stdout, ended.stderr)
        printed[command] = ended.stdout.splitlines()
        if "grade " in command:
            with open(root / "assignments" / "grades-long.csv", encoding="utf-8-sig", newline="") as file:
                rows |= {int(re.search(r"\d+", row["student"])[0]): row for row in csv.DictReader(file)}
        if "new-term" not in command:
            files = {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}
    return root, printed, rows, files


def matches(said, printed):
    """Whether lines are as the page has them: "..." is any number of lines, or any part of one."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "..." else ".*".join(re.escape(part) for part in line.split("...")) + r"\n"
        for line in said
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed))


@pytest.mark.parametrize("command", commands())
def test_a_command_prints_what_the_page_says(collected, command):
    said, printed = commands()[command], collected[1][command]
    if command.startswith("make grade"):  # a line a student, in the order in which they are done
        printed = [printed[0], *sorted(printed[1:-3], key=lambda line: line.split()[1]), *printed[-3:]]
        number = re.compile(r"^ ?\d+(?=/12 )")
        said, printed = ([number.sub("", line) for line in lines] for lines in (said, printed))
    assert matches(said, printed), "\n".join(printed)


def test_each_of_the_twenty_gets_what_the_page_says(collected):
    table = re.findall(r"^\| (\d\d) \| (.+) \| (\d) \| (.*?) ?\|$", FIRST, re.MULTILINE)
    said = {int(number): (points, flag) for number, _, points, flag in table}
    rows = collected[2]
    assert said == {number: (row["auto points"], row["flag"]) for number, row in rows.items()}
    assert [*said] == [*range(1, 21)]
    assert [number for number, row in rows.items() if row["late"]] == [17, 20]
    assert rows[19]["file"].endswith("4-adam-1.ipynb") and "newest" in rows[19]["reason"]
    assert "larger than 10 MB" in rows[16]["reason"] and "sorry.txt" in rows[9]["reason"]


def test_the_mistakes_of_the_class_have_their_names(collected):
    files = collected[3]
    for student, words in {
        "student-03": "beta and 1 - beta swapped",
        "student-05": "the first gradient left out",
        "student-06": "the sign lost",
        "student-14_414": "the factor 1 - beta forgotten",
        "student-15_415": "beta and 1 - beta swapped",
    }.items():
        assert words in files[f"assignments/feedback/{student}/4-adam/4-adam.html"].decode()


def test_a_student_reads_what_the_page_quotes(collected):
    page = collected[3]["assignments/feedback/student-04/4-adam/4-adam.html"].decode()
    (quoted,) = re.findall(r"^((?:> .*\n)+)", FIRST, re.MULTILINE)
    read = " ".join(BeautifulSoup(page, "html.parser").get_text(" ").split())
    assert " ".join(quoted.replace("> ", "").split()) in read


def test_the_class_is_made_of_nothing_else_and_always_the_same(collected, tmp_path):
    """What the hand-ins hold stands in the master, in wrong/, or in the notebook that is handed out."""
    root, _, _, files = collected
    again = run("make assignments", root)
    assert again.returncode == 0, again.stderr
    assert (root / "assignments/release/4-adam.zip").read_bytes() == files["assignments/release/4-adam.zip"]
    (root / "_build/sample-class/moodle.zip").unlink()
    run("make sample-class", root)
    for name in ("moodle", "canvas"):
        file = f"_build/sample-class/{name}.zip"
        assert (root / file).read_bytes() == files[file]


def test_nothing_is_said_to_be_put_back_that_nobody_changed(collected):
    """The first cell is not as it stands in the master, but as it was handed out."""
    assert b"put back" not in collected[3]["assignments/feedback/student-01/4-adam/4-adam.html"]


def test_an_old_term_is_whole(collected):
    root, _, _, files = collected
    (term,) = (root / "assignments" / "terms").iterdir()
    for name in ("grades.csv", "grades-long.csv", "gradebook.db", "feedback/student-04/4-adam/4-adam.html"):
        assert (term / name).read_bytes() == files[f"assignments/{name}"]


def test_where_only_the_notebook_travels(collected, tmp_path):
    """The wheel of the zip, installed as the first cell says, is enough for what is given and for the pictures."""
    (tmp_path / "4-adam.zip").write_bytes(collected[3]["assignments/release/4-adam.zip"])
    with zipfile.ZipFile(tmp_path / "4-adam.zip") as archive:
        archive.extractall(tmp_path)
    folder, alone = tmp_path / "4-adam", tmp_path / "alone"
    notebook = nbformat.read(folder / "4-adam.ipynb", as_version=4)
    (wheel,) = folder.glob("*.whl")
    first = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert f"# %pip install {wheel.name}\n" in first and wheel.name in (folder / "how-to-run.txt").read_text("utf-8")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", alone, wheel]
    subprocess.run(install, check=True)
    program = f"{first}\nimport optimlib, optimlib.digits, optimlib.plots\noptimlib.digits.load()\nprint(optimlib.__file__, *dir(optimlib))"
    ended = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(alone)!r})\n{program}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert ended.returncode == 0, ended.stderr
    file, *names = ended.stdout.split()
    assert Path(file).is_relative_to(alone) and "bowl" in names and "adam" not in names


# Masters of one's own


def test_masters_in_a_folder_of_their_own(tmp_path, monkeypatch):
    course, own = tmp_path / "assignments", tmp_path / "my-masters"
    course.mkdir()
    (own / "wrong").mkdir(parents=True)
    shutil.copy(ROOT / "assignments" / "4-adam.md", own / "exam.md")
    shutil.copy(ROOT / "assignments" / "4-adam.md", course)
    (own / "wrong" / "exam.py").write_text("# %% ewma: mine\ndef ewma(v, x, beta): return x\n", encoding="utf-8")
    (own / "README.md").write_text("How we keep our masters.", encoding="utf-8")
    masters.choose(str(own), course)
    assert [*masters.read_all(course)] == ["exam"] and "mine" in masters.read_all(course)["exam"].wrong
    masters.choose("", course)  # the next command needs not say it again
    assert [*masters.read_all(course)] == ["exam"]
    with pytest.raises(masters.Broken, match="nowhere: there is no such folder"):
        masters.choose(str(tmp_path / "nowhere"), course)
    masters.choose(str(course), course)
    assert [*masters.read_all(course)] == ["4-adam"]
    shutil.rmtree(own)
    (course / ".masters").write_text(str(own), encoding="utf-8")
    with pytest.raises(masters.Broken, match="MASTERS=folder says where they are"):
        masters.read_all(course)


def test_masters_elsewhere_are_handed_out_and_graded_by(tmp_path):
    course, own = tmp_path / "assignments", tmp_path / "my-masters"
    course.mkdir(), own.mkdir()
    shutil.copy(ROOT / "assignments" / "nbgrader_config.py", course)
    shutil.copy(ROOT / "assignments" / "5-bias-correction.md", own / "exam.md")
    masters.choose(str(own), course)
    (made,) = release.release(course)
    assert made == course / "release" / "exam.zip" and not (own / "release").exists()
    (tmp_path / "in" / "anna").mkdir(parents=True)
    shutil.copy(course / "source" / "exam" / "exam.ipynb", tmp_path / "in" / "anna")
    (row,) = grade.grade(course, tmp_path / "in", say=lambda _: None)
    assert (row["assignment"], row["auto points"], row["flag"]) == ("exam", "8", "needs marking")
    assert {file.name for file in own.iterdir()} == {"exam.md"}
