"""A lab as a widget: in a running JupyterLab, with a kernel behind it, both ways."""

import os
import subprocess
import sys

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from playwright.sync_api import expect

from tests.serving import free_port, wait_until_it_answers

CELLS = [
    "from optimlib.labs import GradientDescentLab\nheard = []\nlab = GradientDescentLab(kappa=50)\n"
    "lab.observe(lambda change: heard.append(change.new), 'lr')\nlab",
    "lab.lr = 0.3",
    "print('Python has', lab.lr, 'and heard', heard[-1], 'angle', lab.angle)",
]
WITHOUT_ANYWIDGET = [
    "import sys\nsys.modules['anywidget'] = None\nfrom optimlib.labs import GradientDescentLab\nGradientDescentLab(kappa=50)"
]
expect.set_options(timeout=90_000)  # the machine may be busy


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A JupyterLab of its own, with a notebook of each list of cells; where they open."""
    folder = tmp_path_factory.mktemp("jupyterlab")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for name, sources in [("lab", CELLS), ("without", WITHOUT_ANYWIDGET)]:
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / f"{name}.ipynb")
    port = free_port()
    own = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.ip=127.0.0.1",
        "--IdentityProvider.token=",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    with open(folder / "log", "w", encoding="utf-8") as log:
        server = subprocess.Popen(command, cwd=folder, env=os.environ | own, stdout=log, stderr=log)
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/api/status", server, folder / "log")
        yield f"http://127.0.0.1:{port}/lab/tree"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def page(chromium):
    page = chromium.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(90_000)
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    page.close()
    assert wrong == []


def run(page, number):
    page.locator(".jp-Notebook .jp-CodeCell").nth(number).locator(".jp-InputArea-editor").click()
    page.keyboard.press("Shift+Enter")


def test_slider_and_python_move_each_other(page, address):
    page.goto(f"{address}/lab.ipynb")
    page.get_by_text("(ipykernel) | Idle").wait_for()
    run(page, 0)
    slider = page.get_by_label("α, learning rate", exact=True)
    expect(slider).to_have_attribute("aria-valuetext", "0.4")
    assert page.get_by_label("κ, condition number", exact=True).get_attribute("aria-valuetext") == "50"
    drawn = page.locator('.optimlab path.line[data-name="gradient descent"]').first
    before = drawn.get_attribute("d")

    run(page, 1)  # Python moves the slider
    expect(slider).to_have_attribute("aria-valuetext", "0.3")
    assert drawn.get_attribute("d") != before

    slider.focus()  # the slider moves Python; JupyterLab must leave the arrow keys to it
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    moved = slider.get_attribute("aria-valuetext")
    assert float(moved) > 0.3
    page.wait_for_timeout(1000)  # the lab tells Python once the reader pauses
    run(page, 2)
    output = page.locator(".jp-CodeCell").nth(2).locator(".jp-OutputArea-output")
    expect(output).to_contain_text(f"Python has {moved} and heard {moved} angle 0")


def test_without_anywidget_the_lab_lives_and_says_so(page, address):
    page.goto(f"{address}/without.ipynb?reset")
    page.get_by_text("(ipykernel) | Idle").wait_for()
    run(page, 0)
    slider = page.get_by_label("α, learning rate", exact=True)
    expect(slider).to_have_attribute("aria-valuetext", "0.4")
    expect(page.get_by_text("Here the lab does not talk with Python")).to_be_visible()
    words = page.locator(".optimlab .words").inner_text()
    slider.focus()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "1")
    assert page.locator(".optimlab .words").inner_text() != words


@pytest.mark.slow
def test_a_kernel_hears_each_request_that_comes_while_it_answers_the_one_before():
    """As *Run All* sends them: not waiting for answers. Where a request is lost, a cell stays at [*] for ever."""
    manager, client = start_new_kernel()
    try:
        for _ in range(500):
            sent = client.execute("1")
            while True:
                message = client.get_iopub_msg(timeout=60)
                ours = message["parent_header"].get("msg_id") == sent
                if ours and message["content"].get("execution_state") == "idle":
                    break
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
