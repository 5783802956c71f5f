"""A course on a JupyterHub, from its release to the feedback that is read: two students, a grader, a browser."""

import csv
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from book.contents import copy_sources

ROOT = Path(__file__).resolve().parent.parent.parent
HUB = "http://127.0.0.1:8000"
NAME = "1-gradient-descent"
STUDENTS, GRADER = ("student-01", "student-02"), "grader"
COURSE = Path("/home", GRADER, "book", "assignments")
expect.set_options(timeout=90_000)  # the machine may be busy


def command(user, *words, cwd=None):
    """Run as a user, in a home of their own; give what it said."""
    environment = {"PATH": os.environ["PATH"], "HOME": f"/home/{user}", "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
    end = subprocess.run(
        words, user=user, group=user, extra_groups=[], cwd=cwd or f"/home/{user}", env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert end.returncode == 0, end.stdout
    return end.stdout


def in_course(*words):
    return command(GRADER, *words, cwd=COURSE)


@pytest.fixture(scope="module")
def hub():
    """Users, the course in its grader's home, and a Hub with the files that the page for lecturers names."""
    for user in (*STUDENTS, GRADER):
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
    with open("/srv/nbgrader/users.csv", "w", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [("user", "course", "folder"), *((name, "spring", "") for name in STUDENTS), (GRADER, "spring", COURSE)]
        )
    Path("/srv/hub").mkdir()
    settings = ROOT / "tests" / "hub" / "jupyterhub_config.py"
    with open("/srv/hub/log", "w", encoding="utf-8") as log:
        process = subprocess.Popen([sys.executable, "-m", "jupyterhub", "-f", settings], cwd="/srv/hub", stdout=log, stderr=log)
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{HUB}/hub/health").close()
                break
            except OSError:
                assert process.poll() is None, Path("/srv/hub/log").read_text(encoding="utf-8")
                time.sleep(0.5)
        yield HUB
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def at(hub, chromium):
    """Whoever is asked for, logged in, in a browser of their own, with their server running."""
    contexts = []

    def log_in(user):
        contexts.append(context := chromium.new_context(viewport={"width": 1280, "height": 900}))
        context.set_default_timeout(90_000)
        page = context.new_page()
        page.goto(f"{hub}/hub/login")
        page.get_by_label("Username").fill(user)
        page.get_by_label("Password").fill("hub")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{hub}/user/{user}/lab**")
        page.locator("#jp-MainLogo").wait_for()
        return page

    yield log_in
    for context in contexts:
        context.close()


def test_explore(at):
    page = at("student-01")
    page.wait_for_timeout(3000)
    page.screenshot(path="/work/wt/hub/_build/hub/a.png")
    print(Path("/srv/hub/log").read_text())
    assert 0
