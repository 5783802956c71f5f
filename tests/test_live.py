"""Where the Python of a page comes from, and what is trusted."""

import io
import shutil
import zipfile

import pytest

from book import npm
from book.live import archives, pyodide


@pytest.fixture
def vendor(tmp_path, monkeypatch):
    """A folder in which nothing has been fetched but Pyodide itself; of the wheels, one small one is asked for."""
    if not (kept := pyodide.PYODIDE.folder).exists():
        pytest.skip("NO PYTHON IN THE PAGE: no build has fetched Pyodide yet")
    shutil.copytree(kept, tmp_path / kept.name)
    monkeypatch.setattr(npm, "VENDOR", tmp_path)
    monkeypatch.setattr(pyodide, "locked", lambda: {"wheel.whl": WHOLE})
    return tmp_path


WHOLE = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"  # of b"content"


def place(*answers):
    """A place that answers so, and says that it does."""

    def answer(names):
        """from a place"""
        for content in answers:
            if isinstance(content, Exception):
                raise content
            yield "wheel.whl", content

    return answer


def test_a_flipped_bit_stops_the_build_with_a_sentence(vendor, monkeypatch):
    monkeypatch.setattr(pyodide, "PLACES", [place(bytes([b"content"[0] ^ 1]) + b"ontent")])
    with pytest.raises(SystemExit) as told:
        pyodide.wheels()
    assert str(told.value) == "wheel.whl from a place is not the file that Pyodide 0.27.7 names: its SHA-256 differs."
    assert not list(vendor.rglob("*.whl"))


def test_what_is_kept_is_checked_at_every_build(vendor, monkeypatch):
    monkeypatch.setattr(pyodide, "PLACES", [place(b"content")])
    assert pyodide.wheels() == [b"content"]
    (kept,) = vendor.rglob("wheel.whl")
    kept.write_bytes(b"Content")
    with pytest.raises(SystemExit, match="its SHA-256 differs"):
        pyodide.wheels()


def test_the_next_place_is_asked_when_one_does_not_answer_and_none_when_all_is_kept(vendor, monkeypatch, capsys):
    refused = pyodide.NotHere("a place: no answer")
    monkeypatch.setattr(pyodide, "PLACES", [place(refused)])
    assert pyodide.wheels() is None
    assert "The pages come without Python, which could not be fetched:\n  a place: no answer" in capsys.readouterr().out
    monkeypatch.setattr(pyodide, "PLACES", [place(refused), place(b"content")])
    assert pyodide.wheels() == [b"content"]
    monkeypatch.setattr(pyodide, "PLACES", [])
    assert pyodide.wheels() == [b"content"]


def test_an_archive_has_what_is_needed_and_no_time_of_its_own():
    contents = [("a.py", b"1"), ("tests/b.py", b"2"), ("c/tests/d.py", b"3"), ("numpy/e.pyi", b"4")]
    with zipfile.ZipFile(io.BytesIO(archives.packed(contents))) as packed:
        assert [(entry.filename, entry.date_time) for entry in packed.infolist()] == [("a.py", archives.DATE)]
