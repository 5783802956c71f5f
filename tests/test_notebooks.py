"""The chapters as they are stored: tidy, whole, and such that nbval sees every number in them.

nbval itself runs them (pytest --nbval, which pyproject.toml asks for). It is silent about a notebook
without stored outputs, so here is checked that there are some.
"""

import ast
import copy
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from book import contents, tidy
from optimlib import rules

ROOT = Path(__file__).resolve().parent.parent

NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))
every_notebook = pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
MAX_LINES = 10
HIDDEN = "hide-cell"  # the tag of a solution
OF_THIS_MACHINE = {
    "a folder": r"/home/|/root|/work|/tmp|/Users|\bUsers\b|[A-Z]:\\",
    "an address on the net": r"\b\d{1,3}(\.\d{1,3}){3}\b|\blocalhost\b|https?://",
    "an address in memory": r"\b0x[0-9a-f]{6,}",
    "the name of the host": rf"\b{re.escape(socket.gethostname())}\b",
}
TAGS = {HIDDEN, "raises-exception"}
UNSEEN_BY_NBVAL = r"#\s*(NBVAL_|PYTEST_VALIDATE_)"


def read(file):
    return nbformat.read(file, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def texts(cell):
    """Everything a cell has stored, as text."""
    for output in cell.outputs:
        yield from output.get("data", {}).values()
        yield output.get("text", "")


def gives_output(source):
    """Whether a cell prints, or ends with a value."""
    lines = [line for line in source.splitlines() if not line.startswith(("%", "!"))]
    body = ast.parse("\n".join(lines)).body
    outside_functions = [node for node in body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
    prints = any(
        isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("print", "display")
        for statement in outside_functions
        for node in ast.walk(statement)
    )
    return prints or bool(body) and isinstance(body[-1], ast.Expr)


def untidy(file):
    """What is wrong with a notebook as it is stored, in sentences."""
    notebook = read(file)
    wrong = []
    if notebook.metadata != tidy.METADATA:
        wrong.append(f"its metadata are {dict(notebook.metadata)}")
    for count, cell in enumerate(code_cells(notebook), start=1):
        said = f"code cell {count} "
        if cell.execution_count != count:
            wrong.append(said + f"was executed as number {cell.execution_count}")
        if set(cell.metadata) - {"tags"} or set(cell.metadata.get("tags", [])) - TAGS:
            wrong.append(said + f"has the metadata {dict(cell.metadata)}")
        if re.search(UNSEEN_BY_NBVAL, cell.source):
            wrong.append(said + "hides from nbval")
        if gives_output(cell.source) and not cell.outputs:
            wrong.append(said + "gives output, and has none stored")
        for output in cell.outputs:
            stored = set(output.get("data", {}))
            if output.output_type not in ("stream", "display_data", "execute_result"):
                wrong.append(said + f"has stored an {output.output_type}")
            if output.get("name") == "stderr":
                wrong.append(said + f"has stored a warning: {output.text}")
            if stored - {"text/plain", "text/latex"}:
                wrong.append(said + f"has stored {sorted(stored)}")
            if output.get("metadata") or output.get("execution_count", count) != count:
                wrong.append(said + "has metadata of its execution in an output")
        for text in texts(cell):
            wrong += [said + f"names {what}: {text}" for what, sign in OF_THIS_MACHINE.items() if re.search(sign, text)]
    return wrong


# What is there


def test_every_chapter_is_in_the_table_of_contents_and_the_reverse():
    pages = [file for kind in ("*.ipynb", "*.md") for file in (ROOT / "chapters").glob(kind)]
    names = [file.relative_to(ROOT).with_suffix("").as_posix() for file in pages]
    assert sorted(contents.in_print()) == sorted(names)
    assert len(NOTEBOOKS) >= 7


def test_the_readme_lists_the_chapters_in_the_words_of_the_first_page():
    readme, first = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "chapters/index.md"))
    listed = re.findall(r"^\d+\. \[.*$", first, re.M)
    assert re.findall(r"^\d+\. \[.*$", readme, re.M) == [line.replace("](", "](chapters/") for line in listed]
    numbered = [file.name for file in NOTEBOOKS if file.name[0].isdigit()]
    assert [re.search(r"\]\((.*?)\)", line)[1] for line in listed] == numbered


@every_notebook
def test_a_notebook_is_valid_and_tidy(file):
    nbformat.validate(read(file))
    assert untidy(file) == []


@every_notebook
def test_tidying_again_changes_nothing(file):
    notebook = read(file)
    before = copy.deepcopy(notebook)
    tidy.tidy(notebook)
    assert notebook == before
    assert nbformat.writes(notebook).rstrip("\n") == file.read_text(encoding="utf-8").rstrip("\n")


@every_notebook
def test_a_cell_is_a_sentence(file):
    sources = [cell.source for cell in code_cells(read(file))]
    assert [source for source in sources if len(source.splitlines()) > MAX_LINES] == []


@every_notebook
def test_a_line_of_code_fits_the_page(file):
    lines = [line for cell in code_cells(read(file)) for line in cell.source.splitlines()]
    assert [line for line in lines if len(line) > 90] == []


@every_notebook
def test_every_notebook_stores_numbers(file):
    assert any(re.search(r"\d", text) for cell in code_cells(read(file)) for text in texts(cell))


@pytest.mark.parametrize(
    "source, gives",
    [
        ("x = 1", False),
        ("x = 1\nx", True),
        ("print(1)", True),
        ("for i in y:\n    print(i)", True),
        ("", False),
        ("def f():\n    print(1)", False),
        ("import numpy", False),
        ("%matplotlib inline\nx = 1", False),
        ("display(x)", True),
    ],
)
def test_what_gives_output(source, gives):
    assert gives_output(source) == gives


# What the checks above would catch, each tried on a copy of a chapter


def spoil_count(notebook):
    code_cells(notebook)[1].execution_count = 7


def spoil_metadata(notebook):
    notebook.metadata["widgets"] = {}


def spoil_kernel(notebook):
    notebook.metadata.kernelspec.name = "my-venv"


def spoil_timing(notebook):
    code_cells(notebook)[0].metadata["execution"] = {"iopub.execute_input": "2020-01-01T00:00:00Z"}


def spoil_tag(notebook):
    code_cells(notebook)[0].metadata["tags"] = ["nbval-skip"]


def spoil_comment(notebook):
    code_cells(notebook)[0].source += "\n# NBVAL_IGNORE_OUTPUT"


def spoil_picture(notebook):
    first_picture(notebook).outputs[-1].data["image/png"] = "aGVsbG8="


def spoil_html(notebook):
    first_picture(notebook).outputs[-1].data["text/html"] = "<svg/>"


def spoil_with(text):
    def spoil(notebook):
        code_cells(notebook)[1].outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]

    spoil.__name__ = "spoil_with_" + re.sub(r"\W", "_", text)
    return spoil


def spoil_warning(notebook):
    code_cells(notebook)[1].outputs.append(nbformat.v4.new_output("stream", name="stderr", text="RuntimeWarning"))


def spoil_error(notebook):
    code_cells(notebook)[1].outputs.append(nbformat.v4.new_output("error", ename="E", evalue="", traceback=[]))


def without_outputs(notebook):
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None


SPOILS = [
    spoil_count,
    spoil_metadata,
    spoil_kernel,
    spoil_timing,
    spoil_tag,
    spoil_comment,
    spoil_picture,
    spoil_html,
    spoil_warning,
    spoil_error,
    without_outputs,
    *(
        spoil_with(text)
        for text in ("/home/me/x.py:3", "<f at 0x7f2a10b3c4d0>", "127.0.0.1", "C:\\Users\\me", "/tmp/ipykernel_1/2.py")
    ),
]


def first_picture(notebook):
    """The first cell that ends with a picture: its caption and description are stored."""
    return next(cell for cell in code_cells(notebook) if re.search(r"^plots\.", cell.source, re.M) and cell.outputs)


def up_to(notebook, cell):
    """The beginning of a notebook, up to a cell."""
    notebook.cells = notebook.cells[: notebook.cells.index(cell) + 1]
    return notebook


def copy_of(spoil, into):
    """The beginning of the first chapter, up to its first picture, spoilt."""
    notebook = read(NOTEBOOKS[0])
    up_to(notebook, first_picture(notebook))
    spoil(notebook)
    file = into / f"{spoil.__name__}.ipynb"
    nbformat.write(notebook, file)
    return file


def unspoilt(notebook):
    pass


def test_the_copy_itself_is_tidy(tmp_path):
    assert untidy(copy_of(unspoilt, tmp_path)) == []


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.__name__)
def test_what_is_untidy_is_seen(spoil, tmp_path):
    assert untidy(copy_of(spoil, tmp_path)) != []


# nbval


def run_pytest(*args, cwd):
    """What pytest says in a process of its own."""
    command = [sys.executable, "-m", "pytest", "--color=no", *args]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8").stdout


@pytest.fixture(scope="module")
def collected():
    """What plain `python -m pytest` would run after the tests, as ids."""
    return [line for line in run_pytest("--collect-only", "--ignore=tests", cwd=ROOT).splitlines() if "::" in line]


@every_notebook
def test_plain_pytest_runs_every_cell_of_every_notebook(collected, file):
    name = file.relative_to(ROOT).as_posix()
    cells = [line for line in collected if line.startswith(f"{name}::")]
    assert cells == [f"{name}::Cell {i}" for i in range(len(code_cells(read(file))))]


def test_plain_pytest_runs_the_tests_first(pytestconfig):
    assert pytestconfig.getini("testpaths") == ["tests", "chapters"]


def with_last_digit_changed(text):
    last = max(i for i, letter in enumerate(text) if letter.isdigit())
    return text[:last] + str((int(text[last]) + 1) % 10) + text[last + 1 :]


def change_a_printed_number(notebook):
    printed = (cell for cell in code_cells(notebook) if cell.outputs and "text" in cell.outputs[0])
    cell = next(cell for cell in printed if re.search(r"\d", cell.outputs[0].text))
    cell.outputs[0].text = with_last_digit_changed(cell.outputs[0].text)


def change_a_number_of_a_description(notebook):
    data = first_picture(notebook).outputs[-1].data
    data["text/plain"] = with_last_digit_changed(data["text/plain"])


def forget_one_output(notebook):
    first_picture(notebook).outputs = []


CHANGED = [change_a_printed_number, change_a_number_of_a_description, forget_one_output]


@pytest.fixture(scope="module")
def nbval_says(tmp_path_factory):
    """The words of nbval on copies of a chapter, with this project's settings and conftest.py beside them."""
    folder = tmp_path_factory.mktemp("copies")
    for file in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / file, folder)
    files = [copy_of(spoil, folder) for spoil in (unspoilt, without_outputs, *CHANGED)]
    said = run_pytest("--nbval", "-rA", *files, cwd=folder)

    def of(spoil):
        return re.findall(rf"^(PASSED|FAILED) {spoil.__name__}\.ipynb::Cell \d+", said, re.M), said

    return of


def test_nbval_passes_what_was_not_changed(nbval_says):
    # Among it a picture, whose SVG is not stored: the root conftest.py makes nbval skip it.
    cells, said = nbval_says(unspoilt)
    assert len(cells) > 2 and set(cells) == {"PASSED"}, said


@pytest.mark.parametrize("spoil", CHANGED, ids=lambda spoil: spoil.__name__)
def test_nbval_fails_when_one_stored_number_is_changed(nbval_says, spoil):
    cells, said = nbval_says(spoil)
    assert cells.count("FAILED") == 1 and set(cells) == {"PASSED", "FAILED"}, said
    assert "Cell outputs differ" in said


def test_nbval_is_silent_without_outputs_and_the_tidy_check_is_not(nbval_says, tmp_path):
    cells, said = nbval_says(without_outputs)
    assert len(cells) > 2 and set(cells) == {"PASSED"}, said
    wrong = untidy(copy_of(without_outputs, tmp_path))
    assert any("gives output, and has none stored" in sentence for sentence in wrong)
    assert any("was executed as number None" in sentence for sentence in wrong)


@pytest.mark.parametrize("name", rules.RANGES)
def test_every_keyword_is_on_the_page_of_symbols(name):
    rows = [
        line.split(" | ")
        for line in (ROOT / "chapters" / "symbols.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ]
    assert any(f"`{name}`" in row[1] for row in rows)
