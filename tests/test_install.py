"""What a reader sees when the installation cannot go on, and that it is done once, and again when needed.

All in a copy in a folder of its own, its name with a space in it; the network is never used.
"""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from book import contents

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of what the installation needs, and nothing of this machine's settings."""
    folder = tmp_path / "a book"
    (folder / "book").mkdir(parents=True)
    shutil.copy(REPOSITORY / "Makefile", folder)
    shutil.copy(REPOSITORY / "book" / "install.py", folder / "book")
    (folder / "requirements.txt").write_text("pip==1 \\\n    --hash=sha256:%s\n" % ("0" * 64), encoding="utf-8")
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    (folder / "assignments").mkdir()
    (folder / "tests" / "peers").mkdir(parents=True)
    (folder / "tests" / "peers" / "requirements.txt").write_text(
        "optax==1 \\\n    --hash=sha256:%s\n" % ("2" * 64), encoding="utf-8"
    )
    (folder / "assignments" / "requirements.txt").write_text(
        "nbgrader==1 \\\n    --hash=sha256:%s\n" % ("1" * 64), encoding="utf-8"
    )
    for name in list(os.environ):
        if name.upper().startswith(("PIP_", "MAKE", "MFLAGS", "PYTHON")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(folder)
    return folder


class Install:
    """book/install.py with its commands written down instead of run."""

    def __init__(self, folder):
        spec = importlib.util.spec_from_file_location("install", folder / "book" / "install.py")
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)
        self.real_run, self.module.run = self.module.run, self.run
        self.commands = []
        self.ends = {"venv": (0, ""), "pip": (0, "")}

    def run(self, *command):
        self.commands.append(command)
        if command[2] == "venv":
            venv = Path(command[3])
            (venv / "bin").mkdir(parents=True)  # fails if an earlier one was not emptied
            (venv / "lib" / "python{}.{}".format(*sys.version_info) / "site-packages").mkdir(parents=True)
            Path("../python").touch()
            (venv / "bin" / "python").symlink_to(Path("../python").resolve())
        return self.ends[command[2]]

    def __call__(self, *wanted):
        """Run it; give the number of commands it ran."""
        self.commands.clear()
        self.module.main(*wanted)
        return len(self.commands)

    def refusal(self):
        """Run it; give the one sentence with which it ends."""
        with pytest.raises(SystemExit) as end:
            self()
        sentence = str(end.value)  # a string, which Python prints, exiting with 1
        assert len(sentence.split()) > 5 and "\n" not in sentence.strip()
        return sentence


@pytest.fixture
def install(folder):
    return Install(folder)


def make(*arguments):
    return subprocess.run(["make", *arguments], capture_output=True, text=True, encoding="utf-8")


def test_it_is_done_once(install):
    assert install() == 3  # the venv, the lock's pip, the lock
    assert all("--require-hashes" in command for command in install.commands[1:])
    (behind,) = Path(".venv").glob("lib/*/site-packages/book.pth")
    home = behind.read_text(encoding="ascii").rstrip()
    assert not Path(home).is_absolute() and (behind.parent / home).samefile(".")
    assert install() == 0


def test_grading_is_added_once_and_readers_neither_get_nor_lose_it(install):
    assert install() == 3
    assert not any("assignments/requirements.txt" in command for command in install.commands)
    assert install("grading") == 1
    assert install.commands[0][-3:] == ("--require-hashes", "--requirement", "assignments/requirements.txt")
    assert install() == install("grading") == 0
    Path("assignments/requirements.txt").write_text("nbgrader==2", encoding="utf-8")
    assert install() == 0 and install("grading") == 1
    Path("requirements.txt").write_text("pip==2", encoding="utf-8")
    assert install() == 3 and install("grading") == 1


def test_grading_that_fails_or_is_interrupted_is_tried_again_and_the_book_stays(install, monkeypatch):
    assert install() == 3
    install.ends["pip"] = 1, "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES"
    with pytest.raises(SystemExit, match="could not install the book's tools"):
        install("grading")
    install.ends["pip"] = 0, ""
    with monkeypatch.context() as during:
        during.setattr(install.module, "run", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(SystemExit, match="Interrupted"):
            install("grading")
    assert install() == 0
    assert install("grading") == 1


def test_peers_have_an_environment_of_their_own_made_once(install):
    assert install("peers", "torch==1") == 3 + 3  # the venv, the lock, PyTorch
    book, peers = Path(".venv/bin/python"), Path("_build/peers/bin/python")
    assert [Path(command[0]) for command in install.commands[1:3]] == [book] * 2
    assert [Path(command[0]) for command in install.commands[4:]] == [peers] * 2
    assert install.commands[4][-3:] == ("--require-hashes", "--requirement", "tests/peers/requirements.txt")
    assert install.commands[5][-1] == "torch==1"
    (behind,) = Path("_build/peers").glob("lib/*/site-packages/book.pth")
    packages, home = (behind.parent / line for line in behind.read_text(encoding="ascii").splitlines())
    assert packages.samefile(next(Path(".venv").glob("lib/*/site-packages"))) and home.samefile(".")
    assert install() == install("peers", "torch==1") == 0
    Path("tests/peers/requirements.txt").write_text("optax==2", encoding="utf-8")
    assert install() == 0 and install("peers", "torch==1") == 3
    install.ends["pip"] = 1, "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES"
    Path("tests/peers/requirements.txt").write_text("optax==3", encoding="utf-8")
    with pytest.raises(SystemExit, match="could not install"):
        install("peers", "torch==1")
    install.ends["pip"] = 0, ""
    assert install() == 0 and install("peers", "torch==1") == 3


def test_the_locks_share_no_package_with_the_book():
    """So that grading and the peers change none of the book's pins."""
    book, grading, peers = (
        set(re.findall(r"^([a-z0-9-]+)==", (REPOSITORY / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.txt", "assignments/requirements.txt", "tests/peers/requirements.txt")
    )
    assert "numpy" in book and "nbgrader" in grading and "optax" in peers and not book & (grading | peers)


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml", "book/install.py"])
def test_a_changed_file_means_again_from_nothing(install, name):
    install()
    with open(name, "a", encoding="utf-8") as file:
        file.write("# changed\n")
    Path(".venv/leftover").touch()
    assert install() == 3
    assert not Path(".venv/leftover").exists()


def test_a_moved_folder_means_again(install, folder):
    install()
    moved = folder.rename(folder.parent / "moved")
    assert Install(moved)() == 3


def test_a_python_that_went_away_means_again(install):
    install()
    Path("../python").unlink()
    assert install() == 3


def test_another_python_means_again(install):
    """As when the system is upgraded, and python3 with it."""
    install()
    Path(".venv/bin/python").unlink()
    Path(".venv/bin/python").symlink_to(sys.executable)
    assert install() == 3


def test_the_lock_s_own_pip_comes_first(install):
    Path("requirements.txt").write_text(
        "one==1 \\\n    --hash=a\npip==2 \\\n    --hash=b \\\n    --hash=c\nsix==3\n", encoding="utf-8"
    )
    install()
    assert Path(".venv/pip.txt").read_text(encoding="utf-8") == "pip==2 \\\n    --hash=b \\\n    --hash=c"


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 13)])
def test_a_python_too_old(install, monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)
    sentence = install.refusal()
    assert "3.11" in sentence and f"found Python {version[0]}.{version[1]} " in sentence
    assert "make book PYTHON=" in sentence
    assert not Path(".venv").exists()


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 2), (4, 0, 0)])
def test_a_python_new_enough(install, monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)
    assert install() == 3


def test_an_old_python_can_read_it(folder):
    """Old Pythons must get as far as the sentence: those on this machine, if any, and by its grammar."""
    source = (folder / "book" / "install.py").read_text(encoding="ascii")
    for node in ast.walk(ast.parse(source)):
        assert not isinstance(node, (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Nonlocal)), node.lineno
        for new in ("annotation", "returns", "kwonlyargs", "cause"):
            assert not getattr(node, new, None), new
    for version in ("2.7", "3.6", "3.8", "3.10"):
        for python in Path.home().glob(f".pyenv/versions/{version}.*/bin/python"):
            end = subprocess.run([python, "book/install.py"], capture_output=True, text=True, encoding="utf-8")
            assert end.returncode == 1 and "found Python " + version in end.stderr
            assert end.stderr.count("\n") == 1


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_no_venv_module(install, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    assert f"apt install python{sys.version_info.major}.{sys.version_info.minor}-venv" in install.refusal()
    assert not Path(".venv").exists()


@pytest.mark.slow
def test_no_network(install, monkeypatch, capfd):
    """In earnest: pip finds nobody at the index's address."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")

    def run(*command):
        return install.real_run(sys.executable, *command[1:]) if command[2] == "pip" else install.run(*command)

    monkeypatch.setattr(install.module, "run", run)
    assert install.refusal().startswith("pip could not reach its package index: check the network connection")
    assert "ERROR: No matching distribution found for pip==1" in capfd.readouterr().err
    monkeypatch.setattr(install.module, "run", install.run)
    assert install() == 3  # what it left does not count, and is removed


@pytest.mark.parametrize(
    "tool, sentence",
    [
        ("pip", "pip could not install the book's tools: its own words are above."),
        ("venv", "Python's venv module could not make .venv: its own words are above."),
    ],
)
def test_something_else_fails(install, tool, sentence):
    install.ends[tool] = 1, "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES"
    assert install.refusal() == sentence
    install.ends[tool] = 0, ""
    assert install() == 3


def test_pip_s_words_stay_in_view(install, capfd):
    program = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    assert install.real_run(sys.executable, "-c", program) == (3, "err\n")
    assert capfd.readouterr() == ("out\n", "err\n")


def test_the_disk_is_full(install, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=100e6))
    assert install.refusal().startswith("The disk is full")


def test_no_permission_to_write(install, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied", ".venv")

    monkeypatch.setattr(os, "mkdir", refuse)
    assert "Permission denied: '.venv'" in install.refusal()


@pytest.mark.parametrize("step", range(3))
def test_interrupted_anywhere(install, monkeypatch, step):
    commands = iter(range(3))

    def interrupted(*command):
        if next(commands) == step:
            raise KeyboardInterrupt
        return install.run(*command)

    monkeypatch.setattr(install.module, "run", interrupted)
    assert install.refusal().startswith("\nInterrupted")
    monkeypatch.setattr(install.module, "run", install.run)
    assert install() == 3


def test_interrupted_while_emptying(install, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    install()
    Path("pyproject.toml").write_text("changed = 1", encoding="utf-8")
    with monkeypatch.context() as during:
        during.setattr(shutil, "rmtree", interrupt)
        assert install.refusal().startswith("\nInterrupted")
    Path("pyproject.toml").write_text("", encoding="utf-8")  # even if what was installed is what is wanted again
    assert install() == 3


def test_somebody_else_s_venv_stays(install):
    Path(".venv").mkdir()
    Path(".venv/mine").write_text("mine", encoding="utf-8")
    assert "not made by this Makefile" in install.refusal()
    assert make("clean").returncode == 0
    assert [path.name for path in Path(".venv").iterdir()] == ["mine"]


def test_no_python(folder):
    end = make("install", "PYTHON=no-such-python")
    assert end.returncode != 0
    assert end.stderr.splitlines()[0].startswith('There is no working "no-such-python" here: install Python 3.11')


def test_make_alone_lists_the_targets(folder):
    lines = make().stdout.splitlines()
    assert lines == make("help").stdout.splitlines()
    phony = next(
        line for line in Path("Makefile").read_text(encoding="utf-8").splitlines() if line.startswith(".PHONY: ")
    )
    assert [line.split()[1] for line in lines] == phony.split()[1:]


def test_clean_removes_what_was_made_and_nothing_else(install):
    install()
    mine = ["chapters/mine.ipynb", "chapters/.ipynb_checkpoints/mine-checkpoint.ipynb", "mine/.hypothesis/kept"]
    made = ["_build/html/index.html", "optimlib/__pycache__/steps.pyc", ".hypothesis/examples"]
    for name in mine + made:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    before = {path for path in Path().rglob("*") if path.is_file()}
    assert make("clean").returncode == 0
    after = {path for path in Path().rglob("*") if path.is_file()}
    gone = {path for path in before if path.parts[0] == ".venv" or "__pycache__" in path.parts} | set(map(Path, made))
    assert not Path(".venv").exists() and before - after == gone


def dependencies():
    """Every package that pyproject.toml asks for, extras and all."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = project["dependencies"] + sum(project["optional-dependencies"].values(), [])
    return sorted({re.match(r"[\w-]+", name)[0] for name in asked} - {"optimlib"})  # an extra may name the others


@pytest.mark.parametrize("name", dependencies())
def test_a_dependency_has_its_reason_and_its_use(name):
    listed = re.findall(
        r"^- (.*(?:\n  .*)*)", (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert any(f"`{name}`" in reasons for reasons in listed), f"CONTRIBUTING.md does not say what {name} is for"
    lists = {"pyproject.toml", "CONTRIBUTING.md", "tests/test_install.py"}
    used = re.compile(rf"\b({'|'.join({name, name.replace('-', '_'), IN_ITS_PLACE.get(name, name)})})\b")
    names = (file.as_posix() for file in contents.sources())
    texts = (
        name for name in names if name not in lists and name.endswith((".py", ".yml", ".ipynb", ".md", "Makefile"))
    )
    assert any(used.search((REPOSITORY / file).read_text(encoding="utf-8")) for file in texts), f"nothing uses {name}"


# What our files name in the place of the package: its module, or whatever needs it.
IN_ITS_PLACE = {
    "beautifulsoup4": "bs4",
    "filelock": "torch",
    "pillow": "PIL",
    "ipywidgets": "anywidget",
    "pydata-sphinx-theme": "sphinx_book_theme",
    "pytest-xdist": "numprocesses",
}


@pytest.mark.slow
def test_the_installed_set_is_consistent():
    """The locks are installed without asking for dependencies, so somebody else must check that none is missing."""
    check = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, encoding="utf-8")
    assert check.returncode == 0, check.stdout
