"""What readers of a published book get, each in an environment that has nothing yet: the steps of the workflow that
Windows, macOS and Linux run, Binder's, and the cell that a notebook of a fork begins with on Colab."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from book.build import build_wheel
from book.contents import ROOT, copy_sources
from book.downloads import all_portable, write_zip

TESTS = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8"))
FEW = {"1-gradient-descent.ipynb", "4-adam.ipynb"}  # tests/test_site.py runs all


@pytest.fixture
def bare(tmp_path):
    """An environment with pip and nothing else, first on the path; run a command in it."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "bare"], check=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JUPYTER"))}
    own = {f"JUPYTER_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    own |= {"PATH": f"{tmp_path / 'bare' / 'bin'}:{os.environ['PATH']}", "OPENBLAS_NUM_THREADS": "1"}
    kept |= own | {"PIP_NO_COMPILE": "1"}  # Python compiles what it imports, when it does

    def run(command: str, folder: Path) -> None:
        subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder, env=kept, check=True)

    return run


def test_the_steps_of_the_workflow_run_what_readers_download(bare, tmp_path):
    place = tmp_path / "reader"
    texts = {name: text for name, text in all_portable().items() if name in FEW}
    write_zip(texts, build_wheel(place), ROOT / "figures")
    for step in TESTS["jobs"]["readers"]["steps"]:
        if "run" in step:
            bare(step["run"], place / step.get("working-directory", "."))
    assert {page.stem for page in place.rglob("*.html")} == {Path(name).stem for name in FEW}


def test_binder_opens_the_chapters_for_any_jupyter(bare, tmp_path):
    """As repo2docker does it: requirements.txt with pip, then postBuild, both in the folder of the book."""
    copy_sources(tmp_path / "home")
    bare("pip install --quiet --no-cache-dir -r binder/requirements.txt", tmp_path / "home")
    bare("binder/postBuild", tmp_path / "home")
    lab = tmp_path / "home" / "_build" / "lab"
    assert FEW <= {file.name for file in lab.iterdir()}
    shutil.rmtree(tmp_path / "home" / "optimlib")  # the installed one is what the notebook imports
    bare("jupyter nbconvert --execute --to html 1-gradient-descent.ipynb", lab)


def test_the_cell_for_colab_installs_a_fork(bare, tmp_path):
    """From a clone of this one in the place of GitHub's."""
    (cell,) = re.findall(r"^    %pip (.+)$", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)
    copy_sources(tmp_path / "fork")
    git = "git -c user.name=fork -c user.email=fork@example.org"
    bare(f"git init --quiet . && git add . && {git} commit --quiet --message fork", tmp_path / "fork")
    here = f"file://localhost{tmp_path}/fork"  # an older pip wants a host
    fork = cell.replace("https://github.com/OWNER/NAME", here)
    bare(f"PIP_NO_DEPS=1 pip {fork}", tmp_path)  # what it needs, the others have installed
    bare("python -c 'from importlib.metadata import version; version(\"optimlib\")'", tmp_path)
