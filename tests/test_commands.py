"""Every command that README.md and CONTRIBUTING.md name is run: by .ci/run, or here.

But for `make bench`, which is run by hand.
"""

import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
import urllib.request
from pathlib import Path

import pytest

from book import contents
from tests.serving import free_port

ROOT = Path(__file__).resolve().parent.parent
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md")}
RUN_BY_CI = set(re.findall(r"^make ([a-z-]+)", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE))
# clean is run in test_install.py; quick is a part of test, and of check-places.
RUN_HERE = {"clean", "figures", "lab", "lock", "quick"}
# bench takes ten minutes of a machine that does nothing else, and judges nothing; release-checks is what CI runs, with all mutants,
# Arm and all versions; what format would change, make lint complains of.
RUN_BY_HAND = {"bench", "check-arm", "check-masters", "format", "release-checks"}


def code(text):
    """What a text shows as code: its blocks, and what stands between backquotes."""
    return re.findall(r"^((?:    .*\n)+)", text, re.MULTILINE) + re.findall(r"`([^`\n]+)`", text)


def test_every_target_that_is_named_is_run():
    named = {
        target for text in TEXTS.values() for part in code(text) for target in re.findall(r"\bmake ([a-z-]+)", part)
    }
    assert {"book", "test"} <= named
    assert named <= RUN_BY_CI | RUN_HERE | RUN_BY_HAND


def test_before_a_release_everything_is_run_that_continuous_integration_runs():
    (checks,) = re.findall(r"for check in ([a-z -]+);", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert RUN_BY_CI <= set(checks.split())


def test_every_other_command_that_is_named_is_run():
    python = {
        command
        for text in TEXTS.values()
        for part in code(text)
        for command in re.findall(r"\bpython (?:-m )?(book\S+)", part)
    }
    assert python == {"book.tidy"}  # in test_notebooks.py


def test_the_example_of_the_readme_runs():
    (example,) = re.findall(r"^```python\n(.*?)^```", TEXTS["README.md"], re.MULTILINE | re.DOTALL)
    names = {}
    exec(example, names)
    assert names["path"].w.shape == (101, 2) and names["path"].diverged == 0


@pytest.fixture
def copy(tmp_path):
    """The repository in a folder of its own, with our .venv."""
    contents.copy_sources(tmp_path)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    return tmp_path


def test_the_first_change_works_as_the_page_says(copy):
    """Each block of code goes before Adam, where its step says; then the tests that the page names pass."""
    blocks = re.findall(r"^( {7}.*\n(?: {7}.*\n|\n(?= {7}))*)", TEXTS["CONTRIBUTING.md"], re.MULTILINE)
    equation, entry, case, default = map(textwrap.dedent, blocks)
    for name, adam, block in [
        ("optimlib/steps.py", r"^def adam\(", equation + "\n\n"),
        ("optimlib/rules.py", r"^adam = ", entry),
        ("tests/test_steps.py", r"^    \(.*\n +steps\.adam,", textwrap.indent(case, "    ")),
        ("tests/test_steps.py", r'^    "adam": ', textwrap.indent(default, "    ")),
    ]:
        file = copy / name
        written, found = re.subn(f"(?m)({adam})", lambda at: block + at[0], file.read_text(encoding="utf-8"))
        assert found == 1, (name, adam)
        file.write_text(written, encoding="utf-8")
    tests = [f"tests/test_{part}.py" for part in ("steps", "rules", "plots")]
    chosen = "rmsprop_with_momentum or by_hand or in_order or differ"
    command = [sys.executable, "-m", "pytest", "--quiet", "--hypothesis-profile=quick", *tests, "-k", chosen]
    own = os.environ | {"PYTHONPATH": str(copy)}
    done = subprocess.run(command, cwd=copy, env=own, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


# What `make install` would do in the copy is tested in test_install.py; here the commands themselves are run.
def make(copy, target, **others):
    return subprocess.Popen(
        ["make", "--assume-old=install", target],
        cwd=copy,
        env=os.environ | others,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def test_make_figures_draws_what_is_committed(copy):
    drawn = sorted(file.name for file in (copy / "figures").iterdir())
    shutil.rmtree(copy / "figures")
    process = make(copy, "figures", PYTHONPATH=str(copy))
    said, _ = process.communicate()
    assert process.returncode == 0 and "Figure M" in said
    assert sorted(file.name for file in (copy / "figures").iterdir()) == drawn
    assert all((copy / "figures" / name).read_bytes() == (ROOT / "figures" / name).read_bytes() for name in drawn)


def test_make_lab_serves_the_chapters(copy):
    port = free_port()
    own = {f"JUPYTER_{name}_DIR": str(copy / "_build" / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    settings = {"JUPYTER_PORT": str(port), "JUPYTER_TOKEN": "book", "BROWSER": "true"}
    (copy / "_build" / "config").mkdir(parents=True)  # CI is root, which Jupyter wants to be told is meant
    (copy / "_build" / "config" / "jupyter_server_config.json").write_text(
        '{"ServerApp": {"allow_root": true}}', encoding="utf-8"
    )
    process = make(copy, "lab", **own, **settings)
    try:
        for _ in range(240):
            try:
                address = f"http://127.0.0.1:{port}/api/contents/2-momentum.ipynb?content=0&token=book"
                with urllib.request.urlopen(address) as answer:
                    assert answer.status == 200
                break
            except OSError:
                assert process.poll() is None, process.stdout.read()
                time.sleep(0.5)
        else:
            pytest.fail("JupyterLab did not begin to serve")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 15)
        process.wait()


def test_make_lock_finds_the_locks_up_to_date(copy):
    process = make(copy, "lock")
    said, _ = process.communicate()
    if "Connection" in said or "connect" in said or "resolve" in said.lower() and "dns" in said.lower():
        pytest.skip("NO NETWORK: make lock was not tried")
    assert process.returncode == 0, said
    for name in re.findall(r"-o (\S*requirements\.txt)", (ROOT / "Makefile").read_text(encoding="utf-8")):
        assert (copy / name).read_text(encoding="utf-8") == (ROOT / name).read_text(encoding="utf-8"), name
