"""What pages unpack, as each build makes it."""

import shutil

from book import npm
from book.live import archives, pyodide


def test_another_build_elsewhere_makes_the_same_bytes(python, tmp_path, monkeypatch):
    wheels, elsewhere = pyodide.wheels(), tmp_path / "책 '\" # % %20"
    shutil.copytree(pyodide.PYODIDE.folder, elsewhere / pyodide.PYODIDE.folder.name)
    monkeypatch.setattr(npm, "VENDOR", elsewhere)
    made = {file.name: file.read_bytes() for file in archives.compiled(wheels).iterdir()}
    assert len(made) == 3 and all((python / name).read_bytes() == content for name, content in made.items())
