"""The shaken run finds a number that hangs on the last bits, and no other."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parent.parent
STABLE = {
    "print(f'{np.exp(1.0):.3f}')": "2.718\n",
    "np.geomspace(1.0, 8.0, 4).round(2)": "array([1., 2., 4., 8.])",
    "print(3.0**2, 0.1 + 0.2, np.sqrt(2.0))": "9.0 0.30000000000000004 1.4142135623730951\n",  # fixed by IEEE 754
}
FRAGILE = {  # each by another of the things that processors disagree on
    "print(np.exp(1.0))": "2.718281828459045\n",
    "w = 0.4\nfor _ in range(200):\n    w = 3.9 * w**1.0 * (1 - w)\nprint(f'{w:.3f}')": "0.731\n",  # chaos
    "0.1**0.3": "0.5011872336272722",
    "print(float(np.array([0.1, 0.2]) @ np.array([0.3, 0.7])))": "0.17\n",
}


def notebook(folder, cells):
    written = [nbformat.v4.new_code_cell("import numpy as np")]
    for source, text in cells.items():
        shown = (
            nbformat.v4.new_output("stream", text=text)
            if "print" in source
            else nbformat.v4.new_output("execute_result", {"text/plain": text})
        )
        written.append(nbformat.v4.new_code_cell(source, outputs=[shown]))
    nbformat.write(nbformat.v4.new_notebook(cells=written), folder / "page.ipynb")
    return folder / "page.ipynb"


def shake(file, *options):
    command = [sys.executable, "-m", "tests.processors.shaken", *options, str(file)]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_a_number_that_stands_passes(tmp_path):
    run = shake(notebook(tmp_path, STABLE))
    assert run.returncode == 0 and "page.ipynb, shaken 3 times by 1e-14: 0 fragile lines" in run.stdout, (
        run.stdout + run.stderr
    )


def test_each_fragile_number_is_named(tmp_path):
    run = shake(notebook(tmp_path, FRAGILE))
    assert run.returncode == 1
    for place in range(1, 1 + len(FRAGILE)):
        assert f"page.ipynb, cell {place}, line 1 hangs on the last bits" in run.stdout, place


def test_unshaken_the_chapters_run_as_this_processor_computes(tmp_path):
    """So `make check-arm` runs them: what prints fifteen digits prints them again, and a wrong one is named."""
    exact = {"print(3.0**0.5)": "1.7320508075688772\n", "print(np.array([3.0, 4.0]) @ np.ones(2))": "7.0\n"}
    assert shake(notebook(tmp_path, exact), "--by", "0").returncode == 0
    assert shake(notebook(tmp_path, exact)).returncode == 1
    exact["print(3.0**0.5)"] = "1.7320508075688771\n"
    assert "cell 1, line 1" in shake(notebook(tmp_path, exact), "--by", "0").stdout


def test_a_cell_that_fails_is_no_pass(tmp_path):
    assert "ZeroDivisionError" in shake(notebook(tmp_path, {"print(1 / 0)": ""})).stderr


def test_what_an_arm_machine_needs_and_is_not_here_is_named(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "tests.processors.arm"],
        cwd=ROOT,
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert run.returncode == 1 and run.stdout == "" and run.stderr.count("\n") == 1
    assert run.stderr.startswith("There is no qemu-aarch64-static here") and "apt install" in run.stderr
