"""Where the book may stand: what it takes for its own files, with git and without, and how they are checked out."""

import errno
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

from book import build, contents

ROOT = contents.ROOT
ATTRIBUTES = (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()
needs_git = pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="NO GIT: this is an unpacked archive, and a checkout was not tried"
)


def git(*arguments):
    return subprocess.run(
        ["git", "-C", ROOT, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
        check=True,
    ).stdout


@needs_git
def test_what_git_tracks_is_ours_and_what_it_ignores_is_not():
    ours = {file.as_posix() for file in contents.sources()}
    missing = {name for name in git("ls-files", "-z").split("\0") if (ROOT / name).is_file()} - ours
    assert not missing
    assert not ours & {*git("ls-files", "-z", "--others", "--ignored", "--exclude-standard").split("\0")}


def test_a_copy_has_our_files_and_nothing_that_was_made(tmp_path):
    contents.copy_sources(tmp_path)
    copied = {file.relative_to(tmp_path) for file in tmp_path.rglob("*") if file.is_file()}
    assert copied == {*contents.sources()} and all(
        (tmp_path / file).read_bytes() == (ROOT / file).read_bytes() for file in copied
    )
    assert not {".git", ".venv", "_build", "__pycache__"} & {part for file in copied for part in file.parts}


def test_what_is_binary_is_marked_and_the_rest_has_no_carriage_return():
    assert ATTRIBUTES[1] == "* text=auto eol=lf"
    marked = {line.split()[0].removeprefix("*") for line in ATTRIBUTES if line.endswith(" binary")}
    for file in contents.sources():
        content = (ROOT / file).read_bytes()
        assert (file.suffix in marked) == (b"\0" in content), file
        assert file.suffix in marked or b"\r" not in content, file


@needs_git
@pytest.mark.slow
def test_a_checkout_for_windows_has_the_same_bytes(tmp_path):
    git("clone", "--quiet", "--config=core.autocrlf=true", "--config=core.eol=crlf", ".", str(tmp_path / "there"))
    for name in filter(None, git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")):
        stored = subprocess.run(["git", "-C", ROOT, "show", f"HEAD:{name}"], capture_output=True, check=True).stdout
        assert (tmp_path / "there" / name).read_bytes() == stored, name


@pytest.mark.slow
def test_optimlib_is_imported_with_nothing_of_jupyter_and_no_encoder():
    """What only films, notebooks and labs need is imported where it is needed."""
    names = [
        ".".join(file.with_suffix("").parts)
        for file in contents.sources()
        if file.parts[0] == "optimlib" and file.suffix == ".py"
    ]
    modules = [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]
    program = f"""import importlib, sys
for name in ["anywidget", "imageio_ffmpeg", "IPython", "ipywidgets"]:
    sys.modules[name] = None
for name in {modules}:
    importlib.import_module(name)"""
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0 and "optimlib.labs.adam" in modules, run.stderr


@pytest.mark.parametrize("wrong", [OSError(errno.ENOSPC, "No space left on device"), SystemExit("chapter 1")])
def test_a_build_that_meets_a_full_disk_says_so_and_any_other_says_what_it_met(monkeypatch, wrong):
    def fail(*_):
        raise wrong

    monkeypatch.setattr(sys, "argv", ["book.build"])
    monkeypatch.setattr(build, "build", fail)
    with pytest.raises(type(wrong)) as seen:
        build.main()
    assert seen.value is wrong
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(SystemExit, match="The disk is full: the book was not built"):
        build.main()


def test_where_no_kernel_can_answer_one_sentence_says_so():
    """In a network of its own with nothing in it, not even this machine's own address."""
    alone = ["unshare", "--map-root-user", "--net"]
    if not shutil.which("unshare") or subprocess.run([*alone, "true"], capture_output=True).returncode:
        pytest.skip("NO NAMESPACES: a machine without its own address was not tried")
    ask = [*alone, sys.executable, "-m", "book.build"]
    run = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr.startswith("No notebook can run here") and run.stderr.count("\n") == 1, run.stderr
