"""The repository as a tree of files: which pages the book has, and a copy of all that is committed."""

import shutil
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent


def pages() -> list[str]:
    """The names of the book's pages, in its order: chapters/index, ..."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [contents["root"]] + [chapter["file"] for part in contents.get("parts", []) for chapter in part["chapters"]]


def notebooks() -> list[Path]:
    """The pages that are notebooks."""
    return [file for name in pages() if (file := ROOT / f"{name}.ipynb").exists()]


def in_turn() -> list[Path]:
    """The notebooks in the order in which they are run: the long ones first, or one processor waits at the end."""
    return notebooks()[::-1]


def copy_tracked(into: Path) -> None:
    """Copy what git tracks, as it is now."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True, encoding="utf-8"
    ).stdout
    for name in filter(None, tracked.split("\0")):
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, into / name)
