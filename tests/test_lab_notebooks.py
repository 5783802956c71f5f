"""A lab in notebooks: what a front end is given, live or not, with and without the widget libraries."""

import contextlib
import json
import os
import subprocess
import sys

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

from optimlib import labs

WIDGET = "application/vnd.jupyter.widget-view+json"


# The widget


def test_lab_and_widget_move_each_other():
    lab = labs.RaceLab()
    heard = []
    lab.observe(lambda change: heard.append((change.name, change.new)))
    lab.lr_adam = 0.5
    assert lab.widget.values == lab.values()
    lab.surface = "saddle"
    assert lab.widget.values == lab.values() and lab.widget.about == lab.about()
    told = []
    lab.widget.observe(lambda change: told.append(change.new), "values")
    from_browser = lab.values() | {"step": 7, "noise": True}
    heard.clear()
    lab.widget.values = from_browser
    assert lab.values() == from_browser and sorted(heard) == [("noise", True), ("step", 7)]
    assert told == [from_browser], "a setting half heard was told to the browser"


@pytest.fixture(scope="module")
def kernel():
    manager, client = start_new_kernel()

    def run(code, **how):
        """What a cell puts out: the data of each output, the channels opened, the words."""
        sent, data, opened, words = client.execute(code, **how), [], 0, ""
        while True:
            message = client.get_iopub_msg(timeout=60)
            kind, content = message["msg_type"], message["content"]
            if message["parent_header"].get("msg_id") != sent:
                continue
            if kind in ("execute_result", "display_data"):
                data.append(content["data"])
            opened += kind == "comm_open"
            words += content["text"] if kind == "stream" else "\n".join(content["traceback"]) if kind == "error" else ""
            if kind == "status" and content["execution_state"] == "idle":
                return data, opened, words

    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.slow
def test_a_widget_is_given_to_a_reader_and_the_page_to_a_run_for_later(kernel):
    assert kernel("from optimlib.labs import MomentumLab\nlab = MomentumLab()") == ([], 0, "")
    [data], opened, words = kernel("lab", allow_stdin=False)
    assert [*data] == ["text/plain", "text/html"] and opened == 0 and words == ""
    assert '<figure class="picture">' in data["text/html"] and "does not talk with Python" not in data["text/html"]
    [still, data], opened, words = kernel("lab", allow_stdin=True)
    assert WIDGET in data and "text/html" not in data and opened > 0 and words == ""
    assert data["text/plain"] == still["text/plain"] == repr(labs.MomentumLab())
    # What a saved notebook keeps: the picture, and not the script.
    assert '<figure class="picture">' in still["text/html"] and "mount(" not in still["text/html"]
    assert kernel("lab", allow_stdin=True)[1] == 0, "shown again, it is the same widget"


@pytest.mark.slow
def test_a_wrong_setting_is_one_sentence(kernel):
    kernel("from optimlib.labs import MomentumLab\nlab = MomentumLab()")
    assert kernel("lab.kappa = 'steep'")[2].startswith("SettingError: kappa must be a number from ")
    *_, words = kernel("lab.kapa = 3")
    assert words.startswith("SettingError: MomentumLab has no control 'kapa' (did you mean kappa?); it has ")
    assert "\n" not in words


WITHOUT = """
import json, sys
for name in {blocked}:
    sys.modules[name] = None
from optimlib import labs
from optimlib.labs import widget
if {attended}:
    widget.attended = lambda: True
if {old}:
    import ipywidgets
    ipywidgets.__version__ = "7.8.5"
bundles = [kind()._repr_mimebundle_() for kind in labs.LABS]
lab = labs.AdamLab(lr=0.3)
lab.kappa = 50
print(json.dumps([bundles, "anywidget" in sys.modules, "IPython" in sys.modules, repr(lab)]))
"""


def without(blocked=(), attended=True, old=False):
    program = WITHOUT.format(blocked=list(blocked), attended=attended, old=old)
    utf8 = os.environ | {"PYTHONUTF8": "1"}
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=utf8)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.slow
@pytest.mark.parametrize(
    "blocked, old, why",
    [
        (["anywidget"], False, "there is no anywidget."),
        (["ipywidgets"], False, "there is no ipywidgets."),
        (["anywidget", "ipywidgets"], False, "there is no anywidget."),
        ([], True, "ipywidgets is 7.8.5."),
    ],
)
def test_where_no_widget_can_be_the_lab_is_shown_and_one_sentence(blocked, old, why):
    bundles, *_, words = without(blocked, old=old)
    for bundle in bundles:
        assert WIDGET not in bundle
        assert '<figure class="picture">' in bundle["text/html"] and "mount(" in bundle["text/html"]
        said = f"that needs ipywidgets 8 or above and anywidget, and {why}"
        assert bundle["text/html"].count(f"<p>Here the lab does not talk with Python: {said}</p>") == 1
    assert words.startswith("AdamLab(step=200, lr=0.3, beta1=0.9") and "kappa=50.0" in words


@pytest.mark.slow
def test_labs_need_no_jupyter_and_no_ffmpeg():
    blocked = ["anywidget", "ipywidgets", "IPython", "imageio_ffmpeg", "jupyter_client", "comm"]
    bundles, *_ = without(blocked, attended=False)
    assert all([*bundle] == ["text/plain", "text/html"] for bundle in bundles)


@pytest.mark.slow
def test_widgets_are_imported_only_where_one_is_shown():
    _, anywidget, ipython, _ = without(attended=False)
    assert not anywidget


@pytest.mark.slow
def test_files_are_read_whatever_the_machine_s_encoding():
    ours = "import warnings; warnings.filterwarnings('error', category=EncodingWarning, module='optimlib')\n"
    program = ours + "from optimlib import labs\nfor kind in labs.LABS: kind()._repr_mimebundle_(); kind().widget"
    command = [sys.executable, "-X", "warn_default_encoding", "-W", "ignore::EncodingWarning", "-c", program]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0, run.stderr


# A notebook run for later, as a page


@pytest.mark.slow
def test_nbconvert_shows_the_lab_alive(tmp_path, chromium):
    cells = [nbformat.v4.new_code_cell("from optimlib.labs import MomentumLab\nMomentumLab(kappa=50)")]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), tmp_path / "lab.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", "lab.ipynb"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0, run.stderr
    with contextlib.closing(chromium.new_page()) as page:
        page.route("http*://**", lambda route: route.abort())  # nbconvert's page asks for libraries from afar
        page.goto((tmp_path / "lab.html").as_uri(), wait_until="domcontentloaded")
        page.wait_for_selector(".optimlab .plot path.line[d]", state="attached")
        assert page.locator(".jp-OutputArea-output").first.bounding_box()["height"] > 500
        slider = page.get_by_label("κ, condition number", exact=True)
        assert slider.get_attribute("aria-valuetext") == "50"
        words = page.locator(".words").inner_text()
        slider.focus()
        page.keyboard.press("End")
        assert page.locator(".words").inner_text() != words
