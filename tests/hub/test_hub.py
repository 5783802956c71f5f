"""A course on a JupyterHub, from its release to the feedback that is read: two students, a grader, a browser."""

import csv
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import nbformat
import psutil
import pytest

from book.contents import copy_sources
from tests.serving import wait_until_it_answers

ROOT = Path(__file__).resolve().parent.parent.parent
SETTINGS = ROOT / "tests" / "hub" / "jupyterhub_config.py"
HUB, PASSWORD = "http://127.0.0.1:8000", "one for all, on the loopback"
NAME, OUT_OF = "1-gradient-descent", 10
FIRST, SECOND, GRADER = "student-01", "student-02", "grader"
COURSE = Path("/home", GRADER, "book", "assignments")
PATIENCE = 180_000  # milliseconds: the machine may be busy


@pytest.fixture(scope="module")
def hub():
    """Users, the course in its grader's home, and a Hub, with the files that the page for lecturers names."""
    for user in (FIRST, SECOND, GRADER):
        subprocess.run(["useradd", "--create-home", "--shell", "/bin/bash", user], check=True)
        Path("/home", user).chmod(0o700)
    copy_sources(COURSE.parent)
    (COURSE.parent / ".venv").symlink_to(ROOT / ".venv")
    for master in COURSE.glob("*.md"):
        if master.stem != NAME:  # one is enough
            master.unlink()
    subprocess.run(["chown", "--recursive", f"{GRADER}:{GRADER}", COURSE.parent], check=True)
    Path("/etc/jupyter").mkdir(exist_ok=True)
    shutil.copy(COURSE / "hub" / "nbgrader_config.py", "/etc/jupyter")
    Path("/srv/nbgrader/exchange").mkdir(parents=True)
    Path("/srv/nbgrader/exchange").chmod(0o777)
    lines = ["user,course,folder", f"{FIRST},spring,", f"{SECOND},spring,", f"{GRADER},spring,{COURSE}"]
    Path("/srv/nbgrader/users.csv").write_text("\n".join(lines), encoding="utf-8")
    (place := Path("/srv/hub")).mkdir()
    with open(place / "log", "w", encoding="utf-8") as log:
        command = [sys.executable, "-m", "jupyterhub", "-f", SETTINGS]
        process = subprocess.Popen(command, cwd=place, stdout=log, stderr=log)
    try:
        wait_until_it_answers(f"{HUB}/hub/health", process, place / "log")
        yield
    finally:
        process.terminate()
        process.wait()
        print((place / "log").read_text(encoding="utf-8"))  # shown when a test fails


@pytest.fixture
def log_in(hub, chromium):
    """Log in as whoever is asked for, in a browser of their own; their server is still starting."""
    contexts = []

    def at(user):
        contexts.append(context := chromium.new_context(viewport={"width": 1280, "height": 900}))
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{HUB}/hub/login")
        page.get_by_label("Username").fill(user)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(re.compile(f"/{user}"))
        return page

    yield at
    for context in contexts:
        context.close()


def test_the_page_for_lecturers_names_what_is_tested():
    page = (ROOT / "chapters" / "teaching.md").read_text(encoding="utf-8")
    assert f"nbgrader=={version('nbgrader')} " in page and f"JupyterHub {version('jupyterhub').split('.')[0]} " in page


# In a shell


def as_user(user, *words, cwd=None):
    environment = {"PATH": os.environ["PATH"], "HOME": f"/home/{user}", "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
    return subprocess.run(
        words,
        user=user,
        group=user,
        extra_groups=[],
        cwd=cwd or f"/home/{user}",
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def in_course(*words):
    end = as_user(GRADER, *words, cwd=COURSE)
    assert end.returncode == 0, end.stdout
    return end.stdout


def make(target, *more):
    return in_course("make", "-C", "..", "--assume-old=install", "--assume-old=grading", target, *more)


def nbgrader(*words):
    return in_course("../.venv/bin/python", "-m", "nbgrader", *words)


def points():
    with open(COURSE / "grades-long.csv", encoding="utf-8-sig", newline="") as file:
        return {row["student"]: (row["auto points"], row["total"], row["flag"]) for row in csv.DictReader(file)}


# In the browser


def solutions(kind):
    """By grade_id, the first of the solutions with which the assignment is tested."""
    text = (ROOT / "assignments" / kind / f"{NAME}.py").read_text(encoding="utf-8")
    found = re.findall(r"^# %% ([a-z-]+):.*\n((?:(?!# %%).*\n)*)", text, re.MULTILINE)
    return {name: source.strip() for name, source in reversed(found)}


def assignments(page, user):
    """JupyterLab's list of assignments."""
    page.goto(f"{HUB}/user/{user}/lab?reset")
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_role("menuitem", name="Assignment List").click()
    return page.locator("#nbgrader-assignment-list")


def fetch(page, user):
    here = assignments(page, user)
    here.locator("#released_assignments_list").get_by_role("button", name="Fetch").click()
    here.locator("#fetched_assignments_list").get_by_text(NAME).first.wait_for()


def grade_ids(file):
    cells = nbformat.read(file, as_version=4).cells
    return {cell.metadata.get("nbgrader", {}).get("grade_id", i): cell.source for i, cell in enumerate(cells)}


def work(page, user, answers):
    """Type answers into the cells of the notebook, and save it."""
    file = Path("/home", user, NAME, f"{NAME}.ipynb")
    ids = [*grade_ids(file)]
    page.goto(f"{HUB}/user/{user}/lab/tree/{NAME}/{NAME}.ipynb")
    page.get_by_text("(ipykernel) | Idle").wait_for()
    for name, answer in answers.items():
        cell = page.locator(".jp-Notebook .jp-Cell").nth(ids.index(name))
        cell.dblclick()
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(answer)
    with page.expect_response(lambda answer: answer.request.method == "PUT" and f"{NAME}.ipynb" in answer.url):
        page.keyboard.press("Control+s")
    saved = grade_ids(file)
    assert {name: saved[name] for name in answers} == answers


def submit(page, user):
    here = assignments(page, user)
    here.locator("#fetched_assignments_list").get_by_role("button", name="Submit").click()
    here.locator("#submitted_assignments_list").get_by_text(NAME).first.wait_for()


def mark(page, marks):
    """Give points and a comment in formgrader, in a tab of its own, to the answer in which each text stands."""
    for number in range(1, len(marks) + 1):
        page.goto(f"{HUB}/user/{GRADER}/formgrader")
        page.get_by_role("link", name="Manual Grading").click()
        page.get_by_role("link", name=NAME).click()
        page.get_by_role("link", name=NAME).last.click()
        page.get_by_role("link", name=f"Submission #{number}").click()
        page.locator("#why-best").wait_for()
        page.locator(".text_cell_render .MathJax").first.wait_for()  # from the grader's own server: there is no other
        (text,) = [text for text in marks if page.get_by_text(text).count()]
        for field, kind, value in zip(("#why-best", "#why-best-comment"), ("grade", "comment"), marks[text]):
            with page.expect_response(
                lambda answer, kind=kind: f"/api/{kind}/" in answer.url and answer.request.method == "PUT"
            ):
                page.locator(field).fill(value)
                page.locator(field).blur()


def fetch_feedback(page, user):
    """Fetch it, open it, and give what it says."""
    here = assignments(page, user).locator("#submitted_assignments_list")
    with page.expect_response("**/assignments/fetch_feedback*"):
        here.get_by_role("button", name="Fetch Feedback").click()
    (file,) = Path("/home", user, NAME, "feedback").rglob("*.html")
    page.goto(f"{HUB}/user/{user}/files/{file.relative_to(Path('/home', user))}")
    return page.locator("main").inner_text()


def test_a_course_from_its_release_to_its_feedback(log_in):
    first, second, grader = map(log_in, (FIRST, SECOND, GRADER))  # their servers start while the course is handed out
    make("assignments")
    nbgrader("release_assignment", NAME)
    wrong = {"path": solutions("wrong")["path"], "why-best": "It is just the best one."}
    for page, user, answers in (
        (first, FIRST, solutions("right") | {"why-best": "Both factors shrink alike, as $1 - \\alpha\\lambda$ says."}),
        (second, SECOND, wrong),
    ):
        fetch(page, user)
        work(page, user, answers)
        submit(page, user)
    nbgrader("collect", NAME)
    assert "2 notebooks of 1-gradient-descent" in make("grade", "SUBMISSIONS=assignments/submitted")
    assert points()[FIRST] == ("8", "8", "needs marking")
    auto, _, flag = points()[SECOND]
    assert 0 <= float(auto) < 2 and flag == "needs marking"

    mark(grader, {"Both factors": ("1.5", "Say which two."), "just the best": ("0", "Why?")})
    make("grade", "SUBMISSIONS=assignments/submitted")
    assert points() == {FIRST: ("8", "9.5", ""), SECOND: (auto, auto, "")}
    nbgrader("release_feedback", NAME)

    told = fetch_feedback(first, FIRST)
    assert f"9.5 of {OUT_OF} points" in told and "1.5 of 2" in told and "Say which two." in told
    told = fetch_feedback(second, SECOND)
    assert f"{auto} of {OUT_OF} points" in told and "Why?" in told and "Say which two." not in told

    assert second.goto(f"{HUB}/user/{FIRST}/files/{NAME}/{NAME}.ipynb").status in (403, 404)
    for closed in (COURSE, Path("/home", FIRST), Path("/srv/nbgrader/exchange/spring/inbound")):
        assert "Permission denied" in as_user(SECOND, "ls", str(closed)).stdout
    listening = {each.laddr.ip for each in psutil.net_connections("inet") if each.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}
