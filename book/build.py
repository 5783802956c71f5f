"""Build the book: `python -m book.build` makes the site in _build/html.

In order: build the wheel of optimlib, run every chapter (side by side, as many as there are processors),
let Jupyter Book make the pages, put the figures that the chapters drew beside them, make the notebooks
that readers download portable, and drop the icons that no page has.
"""

import argparse
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import yaml
from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor

from book.icons import keep_used_icons
from book.downloads import citations, portable
from book.tidy import joined
from book.contents import ROOT, notebooks

# A wheel holds times; a fixed one makes its bytes the same at every build.
WHEEL_TIME = "1735689600"


def build(into: Path = ROOT) -> Path:
    """Build the book and return the folder of its pages, into/_build/html."""
    site = into / "_build" / "html"
    shutil.rmtree(site, ignore_errors=True)
    print("Building the wheel of optimlib", flush=True)
    wheel = build_wheel(site / "downloads")
    execution = yaml.safe_load((ROOT / "_config.yml").read_text())["execute"]
    if execution["execute_notebooks"] != "off":  # benchmarks/site.py turns it off, to see what it costs
        print("Running the chapters, side by side", flush=True)
        run_chapters(into / "_build" / ".jupyter_cache", execution["timeout"])
    print("Building the pages", flush=True)
    run_jupyter_book(into)
    shutil.copytree(ROOT / "figures", site / "figures")  # only now: the chapters have just drawn them
    replace_downloads(site, wheel.name)
    keep_used_icons(site)
    return site


def build_wheel(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", ROOT, "--no-deps", "--no-build-isolation",
         "--wheel-dir", folder, "--quiet", "--disable-pip-version-check"],
        check=True, env=os.environ | {"SOURCE_DATE_EPOCH": WHEEL_TIME},
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def run_chapters(outputs: Path, timeout: int) -> None:
    """Run the chapters anew and keep their outputs where Jupyter Book looks for them.

    One that fails is left out here: Jupyter Book runs it once more, and says what is wrong.
    """
    shutil.rmtree(outputs, ignore_errors=True)
    cache = get_cache(outputs)
    for chapter in reversed(notebooks()):  # the long ones first, or one processor waits at the end
        cache.add_nb_to_project(str(chapter))
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the processors are taken
    load_executor("local-parallel", cache, logger=logging.getLogger("chapters")).run_and_cache(timeout=timeout)
    for file in outputs.glob("executed/*/base.ipynb"):
        notebook = nbformat.read(file, as_version=4)
        notebook.metadata.pop("widgets", None)  # the labs' state, with new names each time, for scripts that no page has
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = joined(cell.outputs)
        nbformat.write(notebook, file)


def run_jupyter_book(into: Path) -> None:
    """Make the pages; any warning, and any cell that fails, fails the build."""
    # By module: the script in .venv/bin breaks when the folder is moved.
    jupyter_book = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    book = subprocess.run(
        jupyter_book + ["build", ROOT, "--path-output", into, "--all", "-W", "-n", "--keep-going"], cwd=ROOT
    )
    if book.returncode:
        sys.exit("\nThe book was not built: the warnings above say which chapter and why.")


def replace_downloads(site: Path, wheel: str) -> None:
    """Give the download button of each page a notebook that plain Jupyter reads."""
    authors = citations(ROOT / "references.bib")
    for page in (site / "_sources").rglob("*.ipynb"):
        notebook = nbformat.read(page, as_version=4)
        nbformat.write(portable(notebook, authors, wheel), page)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Run every chapter and build the book's site.")
    parser.add_argument("--into", type=Path, default=ROOT, help="the site goes to INTO/_build/html (here)")
    site = os.path.relpath(build(parser.parse_args().into))
    print(f"""
The book is built. Open {Path(site, "index.html")} in a browser, or serve it:
    python -m http.server --bind 127.0.0.1 --directory {site}""")
