"""Every code cell of every chapter under the Python of a page, in node: what it prints is what is stored, to the letter.

And what is otherwise there than in Jupyter: films and the figures of pyplot.
"""

import base64
import io
import json
import subprocess
from pathlib import Path

import nbformat
import numpy as np
import PIL.Image
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from book import contents
from book.equations import node_program
from optimlib import figures

RUN = Path(__file__).with_name("run.mjs")


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
    (outputs,) = run_all(python, [file])
    return outputs


def run_all(python, files):
    """What the cells of each notebook put out; each begins anew."""
    node = subprocess.run(
        [node_program(), RUN, python, *files], capture_output=True, text=True, encoding="utf-8", check=True
    )
    return [json.loads(line) for line in node.stdout.splitlines()]


# What the chapter has imported as source, but for what changes with the book.
COMPILED_HERE = r"""
import re, sys
origins = [str(module.__spec__.origin) for module in [*sys.modules.values()] if getattr(module, "__spec__", None)]
[origin for origin in origins if re.search(r"(?<!/cells)(?<!/drawing)\.py$", origin) and "/optimlib/" not in origin]
"""


@pytest.mark.parametrize("file", contents.in_turn(), ids=lambda file: file.stem)
def test_a_chapter_prints_in_the_page_what_is_stored_and_waits_for_no_compiler(python, file, tmp_path):
    chapter = nbformat.read(file, as_version=4)
    cells = [cell for cell in chapter.cells if cell.cell_type == "code"]
    asking = tmp_path / "asking.ipynb"
    nbformat.write(new_notebook(cells=[*cells, new_code_cell(COMPILED_HERE)]), asking)
    *shown, compiled_here = run(python, asking)
    wrong = [
        f"cell {number}:\n{cell.source}\n\nstored: {said(cell.outputs)}\n\nin the page: {said(outputs)}"
        for number, (cell, outputs) in enumerate(zip(cells, shown, strict=True), start=1)
        if said(cell.outputs) != said(outputs)
    ]
    assert not wrong, "\n\n".join(wrong)
    assert said(compiled_here) == [["execute_result", "[]"]], "archives.IMPORTED leaves them out"


@pytest.fixture
def put_out(python, tmp_path):
    """What cells put out there: put_out(code, ...)."""

    def of(*codes):
        file = tmp_path / "cells.ipynb"
        nbformat.write(new_notebook(cells=[new_code_cell(code) for code in codes]), file)
        return run(python, file)

    return of


STILL = """import numpy as np
from optimlib import figures
figures.{}(figures.noisy_cosine(np.random.default_rng({})))"""


@pytest.mark.parametrize("name", ["figure_n", "figure_m"])
def test_of_a_film_there_is_the_still_of_the_readers_own_data(put_out, name, monkeypatch):
    """No ffmpeg is there. The picture is nearly that of another processor and matplotlib."""
    monkeypatch.setattr(figures, "IN_A_BROWSER", True)
    monkeypatch.setattr(figures, "FOLDER", None)
    (shown,), (other,) = put_out(STILL.format(name, 5), STILL.format(name, 6))
    page = shown["data"]["text/html"]
    assert "This is the moment at \u03b2 = 0.99, from your own data" in page and "<video" not in page
    own, others = (seen(output["data"]["text/html"]) for output in (shown, other))
    drawn = getattr(figures, name)(figures.noisy_cosine(np.random.default_rng(5)))
    assert shown["data"]["text/plain"] == repr(drawn)
    expected = seen(drawn._repr_html_())
    assert 4 * np.abs(own - expected).mean() < np.abs(others - expected).mean()


def seen(page):
    """The pixels of the picture that stands in a page."""
    content = base64.b64decode(page.split("data:image/png;base64,")[1].split('"')[0])
    return np.asarray(PIL.Image.open(io.BytesIO(content)).convert("L"), dtype=float)


def test_what_pyplot_has_drawn_is_shown_once_at_the_end_of_a_cell_and_by_show(put_out):
    begun, both, after, failed, again = put_out(
        "import matplotlib.pyplot as plt\nprint('before')\nplt.plot([1, 2]);",
        "plt.figure(1), plt.title('one')\nplt.figure(2), plt.title('two')\nplt.show()\nprint('after')",
        "plt.get_fignums()",
        "plt.plot([1, 2])\n1 / 0",
        "len(plt.gca().lines)",
    )
    assert [kind for kind, _ in said(begun)] == ["stdout", "display_data"]
    assert [kind for kind, _ in said(both)] == ["display_data", "display_data", "stdout"]
    assert all('role="img"' in output["data"]["text/html"] for output in [*begun, *both] if "data" in output)
    assert said(after) == [["execute_result", "[]"]]
    assert [kind for kind, _ in said(failed)] == ["error"]
    assert said(again)[0] == ["execute_result", "0"], "what failed has left no lines"


def test_an_error_shows_the_lines_that_led_to_it_and_a_function_can_be_read_again(put_out):
    half = "def half(x):\n    return 1 / x\n"
    _, failed, read = put_out(half, "half(2)\nhalf(0)", "import inspect\nprint(inspect.getsource(half))")
    ((kind, text),) = said(failed)
    assert kind == "error" and "line 2, in <module>\n    half(0)\n" in text
    assert "line 2, in half\n    return 1 / x\n" in text
    assert said(read) == [["stdout", f"{half}\n"]]
