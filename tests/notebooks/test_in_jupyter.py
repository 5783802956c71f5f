"""The zip that readers download, in Jupyter of an environment that has nothing of the repository.

A browser opens each chapter in JupyterLab as a reader does: runs all, moves a lab, saves, comes back without a kernel,
follows a link. Notebook 7 has two chapters. Then chapter 4 where widgets are old or missing, and in marimo.
"""

import contextlib
import os
import re
import subprocess
import zipfile

import nbformat
import pytest
from playwright.sync_api import expect

from book.build import build_wheel
from book.contents import ROOT, notebooks
from book.downloads import NAME, all_portable, write_zip
from tests.serving import free_port, wait_until_it_answers

PLACE = ROOT / "_build" / "notebooks"
PYTHON = PLACE / "bin" / "python"
CHAPTERS = [file.name for file in notebooks()]
WITH_LAB = [file.name for file in notebooks() if "Lab(" in file.read_text(encoding="utf-8")]
# Of Notebook 7.6 itself, before any cell runs; its settings' schema was mended upstream (jupyter/notebook#8007).
OF_NOTEBOOK_7 = "Cannot read properties of undefined (reading 'schema')"
RAW = re.compile(r"\{cite|\{ref\}|\(eq-|%%|:::|\]\(#")
PATIENCE = 120_000  # milliseconds: the machine may be busy
WHAT_IT_SAYS = "all => all.map((at) => [at.title, at.dataset.status, at.textContent].join(' '))"
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """The folder of the unpacked zip, and the environment of a reader who has Jupyter and no optimlib."""
    place = tmp_path_factory.mktemp("reader")
    write_zip(all_portable(), build_wheel(place / "downloads"), ROOT / "figures")
    with zipfile.ZipFile(place / "downloads" / f"{NAME}.zip") as packed:
        packed.extractall(place)
    subprocess.run([PYTHON, "-m", "pip", "uninstall", "--quiet", "--yes", "optimlib"], check=True)
    own = {f"JUPYTER_{name}_DIR": str(place / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    for setting, value in {
        "notebook-extension/tracker": '{"windowingMode": "none"}',  # all cells on the page, not only those in sight
        "docmanager-extension/plugin": '{"autosave": false}',  # or it would save, in time, what Ctrl+S does not
        "apputils-extension/notification": '{"fetchNews": "false"}',
    }.items():
        written = place / "settings" / "@jupyterlab" / f"{setting}.jupyterlab-settings"
        written.parent.mkdir(parents=True)
        written.write_text(value, encoding="utf-8")
    own |= {
        "JUPYTERLAB_SETTINGS_DIR": str(place / "settings"),
        "HOME": str(place),
        "PIP_NO_INDEX": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JUPYTER"))}
    return place / NAME, kept | own


@contextlib.contextmanager
def served(reader, kind):
    """JupyterLab or Notebook 7 in the reader's folder; gives its address."""
    folder, environment = reader
    port = free_port()
    options = ["--no-browser", "--allow-root", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    options += ["--ServerApp.ip=127.0.0.1", "--IdentityProvider.token=", "--LabApp.news_url=None"]
    options += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    # Between the server's choice of a port and the kernel's use of it another process may take it; no one takes a file.
    options += ["--KernelManager.transport=ipc"]
    with open(folder.parent / f"{kind}.log", "w", encoding="utf-8") as log:
        command = [PYTHON, "-m", kind, *options]
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/api/status", server, folder.parent / f"{kind}.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def jupyterlab(reader):
    with served(reader, "jupyterlab") as address:
        yield address


@pytest.fixture
def page(chromium):
    with contextlib.closing(chromium.new_page(viewport={"width": 1600, "height": 1000})) as page:
        page.set_default_timeout(PATIENCE)
        wrong = []
        page.on("pageerror", lambda error: wrong.append(error.message))
        yield page
        assert {*wrong} <= {OF_NOTEBOOK_7}


def open_notebook(page, address):
    """Wait for its kernel: what is run before that is lost."""
    # JupyterLab says it in words; Notebook 7 fades the words out.
    ready = page.get_by_text("(ipykernel) | Idle").or_(page.locator(".jp-NotebookKernelStatus-fade")).first
    page.goto(address)
    ready.wait_for(state="attached")


def run_all(page):
    choose(page, "Edit", "Clear Outputs of All Cells")  # with them go the numbers that the cells came with
    choose(page, "Run", "Run All Cells")
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt")
    told = []
    for _ in range(PATIENCE // 500):
        page.wait_for_timeout(500)
        told = prompts.all_inner_texts()
        if any(re.search(r"\d", text) for text in told) and not any("*" in text for text in told):
            return
    kernel = page.locator(".jp-Notebook-ExecutionIndicator, .jp-KernelStatus, .jp-NotebookKernelStatus")
    raise AssertionError(f"The cells stand at {told}, the kernel at {kernel.evaluate_all(WHAT_IT_SAYS)}")


def choose(page, menu, item):
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.get_by_role("menuitem", name=item, exact=True).click()


def save(page, file):
    before = file.stat().st_mtime_ns
    page.keyboard.press("Control+s")
    for _ in range(PATIENCE // 100):
        page.wait_for_timeout(100)
        if file.stat().st_mtime_ns != before:
            with contextlib.suppress(nbformat.reader.NotJSONError):  # half of it is written
                return nbformat.read(file, as_version=4)
    raise AssertionError(f"{file.name} was not saved")


def wrong_in(notebook):
    """The errors that a saved notebook shows and that its cells do not announce."""
    return [
        output.get("evalue") or output.get("text")
        for cell in notebook.cells
        if cell.cell_type == "code" and "raises-exception" not in cell.metadata.get("tags", [])
        for output in cell.outputs
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


def check_page(page, notebook):
    """No markup is raw, solutions are folded up, pictures keep their width, films play."""
    shown = page.locator(".jp-Notebook .jp-MarkdownOutput").all_inner_texts()
    assert shown and not [text for text in shown if RAW.search(text)]
    solutions = [cell for cell in notebook.cells if "hide-cell" in cell.metadata.get("tags", [])]
    folded = page.locator(".jp-CodeCell:has(.jp-InputArea .jp-Placeholder, .jp-Cell-inputWrapper .jp-Placeholder)")
    assert folded.count() == len(solutions)
    widths = page.locator("figure.picture > svg").evaluate_all("all => all.map((at) => at.clientWidth)")
    assert max(widths, default=0) <= 720
    for video in page.locator("video").all():
        video.scroll_into_view_if_needed()
        video.evaluate("at => at.play()")
        page.wait_for_timeout(500)
        assert video.evaluate("at => at.currentTime > 0 && at.videoWidth == 560")
        poster = "at => new Promise((done) => { const image = new Image(); image.onload = () => done(image.width);"
        assert video.evaluate(poster + " image.onerror = () => done(0); image.src = at.poster; })") == 560


def test_the_reader_has_nothing_of_the_repository(reader):
    ask = "import optimlib"
    run = subprocess.run(
        [PYTHON, "-c", ask], cwd=reader[0], env=reader[1], capture_output=True, text=True, encoding="utf-8"
    )
    assert "No module named 'optimlib'" in run.stderr


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_runs_in_jupyterlab(jupyterlab, page, reader, name):
    file, before = reader[0] / name, {at.name for at in reader[0].iterdir()}
    open_notebook(page, f"{jupyterlab}/lab/tree/{name}?reset")
    run_all(page)
    saved = save(page, file)
    assert wrong_in(saved) == []
    check_page(page, saved)
    assert {at.name for at in reader[0].iterdir()} - {".ipynb_checkpoints"} == before - {".ipynb_checkpoints"}
    kept = [output for cell in saved.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not any("mount(" in output.get("data", {}).get("text/html", "") for output in kept)
    choose(page, "Kernel", "Shut Down Kernel")


def test_a_lab_moves_is_moved_is_saved_and_stays_without_a_kernel(jupyterlab, page, reader):
    name = "1-gradient-descent.ipynb"
    open_notebook(page, f"{jupyterlab}/lab/tree/{name}?reset")
    run_all(page)
    slider = page.locator(".optimlab input[type=range]").first
    lab = page.locator(".optimlab")
    expect(lab).to_have_count(1)
    expect(page.locator(".optimlab-saved")).to_be_hidden()
    box = lab.locator("input[type=number]").nth(1)
    words = lab.locator(".words").inner_text()
    box.fill("0.33")
    box.press("Enter")
    expect(lab.locator(".words")).not_to_have_text(words)
    assert slider.is_visible()
    save(page, reader[0] / name)  # the keyboard is still in the box
    page.reload()
    choose(page, "Kernel", "Shut Down Kernel")
    page.reload()
    page.wait_for_timeout(5000)
    expect(page.locator(".optimlab-saved figure.picture").first).to_be_visible()
    assert not page.get_by_text("model not found").is_visible()


def test_links_lead_to_the_other_chapters(jupyterlab, page):
    page.goto(f"{jupyterlab}/lab/tree/2-momentum.ipynb?reset")
    page.locator(".jp-MarkdownOutput a", has_text="chapter 1").first.click()
    expect(page.locator(".lm-TabBar-tab.lm-mod-current", has_text="1-gradient-descent.ipynb")).to_be_visible()
    links = page.locator(".jp-MarkdownOutput a[href*='.ipynb']").evaluate_all("all => all.map((at) => at.href)")
    assert links and {link.split("?")[0].rsplit("/")[-1] for link in links} <= {*CHAPTERS}


def test_two_chapters_run_in_notebook_7(reader, page):
    with served(reader, "notebook") as address:
        for name in ("4-adam.ipynb", "5-bias-correction.ipynb"):
            open_notebook(page, f"{address}/notebooks/{name}")
            run_all(page)
            saved = save(page, reader[0] / name)
            assert wrong_in(saved) == []
            check_page(page, saved)
            if name in WITH_LAB:
                expect(page.locator(".optimlab").first).to_be_visible()


# What Google Colab has, as far as a lab asks for it.
OLD = """import sys
sys.modules["anywidget"] = None
import ipywidgets
ipywidgets.__version__ = "7.7.1"
"""


def test_with_old_widgets_a_chapter_runs_and_shows_its_lab_living(reader):
    notebook = nbformat.read(reader[0] / "4-adam.ipynb", as_version=4)
    notebook.cells.insert(2, nbformat.v4.new_code_cell(OLD))
    nbformat.write(notebook, reader[0] / "old.ipynb")
    command = [PYTHON, "-m", "nbconvert", "--execute", "--to", "notebook", "--inplace", "old.ipynb"]
    run = subprocess.run(command, cwd=reader[0], env=reader[1], capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0, run.stderr
    ran = nbformat.read(reader[0] / "old.ipynb", as_version=4)
    assert wrong_in(ran) == [] and "mount(" in nbformat.writes(ran)


def test_marimo_converts_and_runs_a_chapter(reader):
    for command in (["convert", "4-adam.ipynb", "-o", "adam.py"], ["export", "html", "adam.py", "-o", "adam.html"]):
        run = subprocess.run(
            [PYTHON, "-m", "marimo", *command],
            cwd=reader[0],
            env=reader[1],
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert run.returncode == 0, run.stdout + run.stderr
    page = (reader[0] / "adam.html").read_text(encoding="utf-8")
    assert "Traceback" not in page and "optimlab" in page
