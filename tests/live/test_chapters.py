"""Every code cell of every chapter under the Python of a page, in node: what it prints is what is stored, to the letter."""

import json
import os
import subprocess
from pathlib import Path

import nbformat
import pytest

from book import contents, live
from book.equations import node_program
from book.live import pyodide

RUN = Path(__file__).with_name("run.mjs")


@pytest.fixture(scope="session")
def python(tmp_path_factory):
    """The folder of what a page fetches."""
    if not (wheels := pyodide.wheels()):
        missing = "NO PYTHON IN THE PAGE: its files could not be fetched, so no chapter was run there"
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip)(missing)
    return live.write(tmp_path_factory.mktemp("python") / "live", wheels)


def said(outputs):
    """What outputs say in plain text: pieces of one stream together, and pictures by their description."""
    lines = []
    for output in outputs:
        kind = output.get("name", output["output_type"])
        if kind == "error":
            text = "".join(output["traceback"])
        else:
            text = output["text"] if "text" in output else output["data"]["text/plain"]
        if lines and lines[-1][0] == kind and "text" in output:
            lines[-1][1] += text
        else:
            lines.append([kind, text])
    return lines


def run(python, file):
    node = subprocess.run(
        [node_program(), RUN, python, file], capture_output=True, text=True, encoding="utf-8", check=True
    )
    return json.loads(node.stdout)


@pytest.mark.parametrize("file", contents.in_turn(), ids=lambda file: file.stem)
def test_a_chapter_prints_in_the_page_what_is_stored(python, file):
    cells = [cell for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code"]
    wrong = [
        f"cell {number}:\n{cell.source}\n\nstored: {said(cell.outputs)}\n\nin the page: {said(outputs)}"
        for number, (cell, outputs) in enumerate(zip(cells, run(python, file), strict=True), start=1)
        if said(cell.outputs) != said(outputs)
    ]
    assert not wrong, "\n\n".join(wrong)
