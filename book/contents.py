"""The repository as a tree of files: which pages the book has, and which files are its own."""

import os
import shutil
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENTS = "assignments/"  # how the names of those pages begin


def pages() -> list[str]:
    """The names of the book's pages, in its order: chapters/index, ..."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [contents["root"]] + [chapter["file"] for part in contents.get("parts", []) for chapter in part["chapters"]]


def in_print() -> list[str]:
    """Those that are for reading, and so in the PDF and the EPUB; an assignment is for trying out."""
    return [name for name in pages() if not name.startswith(ASSIGNMENTS)]


def notebooks() -> list[Path]:
    """The pages that are notebooks."""
    return [file for name in pages() if (file := ROOT / f"{name}.ipynb").exists()]


def html_of(site: Path) -> list[Path]:
    """All pages that readers may open: in _static are only templates of the theme."""
    return [file for file in sorted(site.rglob("*.html")) if site / "_static" not in file.parents]


def in_turn() -> list[Path]:
    """The notebooks in the order in which they are run: the long ones first, or one processor waits at the end."""
    return notebooks()[::-1]


def sources() -> list[Path]:
    """All files, from ROOT on, but those that .gitignore names: an unpacked archive has no git to ask."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    patterns = [".git"] + [line.rstrip("/") for line in lines if line and not line.startswith("#")]

    def ours(file: Path) -> bool:
        return not any(file.match(pattern) for pattern in patterns)

    found = []
    for name, folders, files in os.walk(ROOT):
        here = Path(name).relative_to(ROOT)
        folders[:] = [folder for folder in folders if ours(here / folder)]
        found += [here / file for file in files if ours(here / file)]
    return sorted(found)


def copy_sources(into: Path) -> None:
    """Copy them as they are now."""
    for file in sources():
        (into / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, into / file)
