"""Python in the page, in a browser and by keys: change, run, error, endless loop, flood, undo; what is kept and saved."""

import os
import re

import nbformat
import pytest

from book import contents
from book.downloads import SOLUTION
from tests.test_browser import loaded

LONG = 240_000  # ms: on a busy machine Python takes its time to start


@pytest.fixture
def still(reader):
    """Open a chapter that has the button: still(chapter) gives the page and its troubles."""

    def open_page(chapter, **settings):
        page, start, troubles = reader("http", **settings)
        page.set_default_timeout(LONG)
        page.goto(f"{start}chapters/{chapter}.html")
        if not page.locator(".live-bar").count():
            missing = "NO PYTHON IN THE PAGE: the book was built without it"
            (pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip)(missing)
        return page, troubles

    return open_page


@pytest.fixture
def live(still):
    """Open a chapter and press its button: live(chapter) gives the page and its troubles."""

    def open_page(chapter, **settings):
        page, troubles = still(chapter, **settings)
        start_python(page)
        return page, troubles

    return open_page


def press(page):
    page.get_by_role("button", name="Run and change the code").click()


def start_python(page):
    press(page)
    page.get_by_text("Python is ready.").wait_for()


class Cell:
    """A cell of a page, by what its code has in it."""

    def __init__(self, page, code):
        self.page = page
        codes = page.locator("div.cell textarea").evaluate_all("all => all.map((area) => area.value)")
        self.number = next(i for i, text in enumerate(codes) if code in text)
        self.box = page.locator("div.cell:has(.cell_input)").nth(self.number)
        self.code, self.state = self.box.locator("textarea"), self.box.locator(".live-state")

    def put(self, code):
        self.code.focus()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Shift+Enter")

    def ended(self, how=r"^[\d.]+ s$|an error"):
        self.box.filter(has=self.page.locator(".live-state", has_text=re.compile(how))).wait_for()
        return self.box.locator(".cell_output").inner_text().strip()


@pytest.mark.slow
def test_nothing_of_it_is_fetched_before_the_button_and_nothing_at_all_on_pages_without_code(reader):
    page, start, troubles = reader("http")
    for name, wanted in {"symbols": set(), "1-gradient-descent": {"_static/live.js"}}.items():
        page.goto(f"{start}chapters/{name}.html")
        assert {file for file in loaded(page) if "/live" in file} <= wanted, name
    assert troubles == []


@pytest.mark.slow
def test_from_disk_a_sentence_says_how_to_serve_the_folder(reader):
    page, start, troubles = reader("file")
    page.goto(f"{start}chapters/1-gradient-descent.html")
    said = page.locator(".live-bar")
    assert not said.count() or "python -m http.server" in said.inner_text()
    assert not page.get_by_role("button", name="Run and change").count() and troubles == []


@pytest.mark.slow
def test_code_is_changed_and_run_by_keys(live):
    page, troubles = live("1-gradient-descent")
    cell = Cell(page, "largest difference")
    stored = cell.box.locator(".cell_output").inner_text().strip()
    cell.code.focus()
    page.keyboard.press("Shift+Enter")
    assert cell.ended() == stored, "those above it ran first, and Python prints what the book has"

    # A block is typed as in an editor: Enter indents, Escape and Tab leave.
    page.keyboard.press("Control+A")
    page.keyboard.type("for k in range(3):\nprint(lam * k)")
    assert cell.code.input_value() == "for k in range(3):\n    print(lam * k)"
    assert cell.box.locator("pre .k").all_inner_texts()[:2] == ["for", "in"], "coloured while it is typed"
    page.keyboard.press("Shift+Enter")
    assert cell.ended().split() == ["0.0", "2.0", "4.0"]
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Run"

    cell.put("def f(x):\n    return np.ones(2) @ np.ones(x)\n\nf(3)")
    error = cell.ended("an error")
    assert "ValueError: matmul" in error and 'File "<cell' in error and "line 2, in f" in error
    assert "site-packages" not in error and "eval_code" not in error, "the reader's frames only"

    cell.put("while True:\n    print('flood')")
    cell.box.get_by_text("The rest is not shown.").wait_for()
    assert page.evaluate("1 + 1") == 2, "the page answers meanwhile"
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Python is ready.").wait_for()
    assert cell.state.inner_text() == "stopped"

    cell.box.get_by_role("button", name="Undo my changes").click()
    assert cell.box.locator(".cell_output").inner_text().strip() == stored
    assert not cell.box.get_by_role("button", name="Undo my changes").count()
    picture = Cell(page, "Twenty steps, one parabola")
    label = picture.box.locator("svg[role=img]").get_attribute("aria-label")
    picture.code.focus()
    page.keyboard.press("Shift+Enter")
    picture.ended()
    assert picture.box.locator("svg[role=img]").get_attribute("aria-label") == label
    assert troubles == []


@pytest.mark.slow
def test_what_is_undone_while_it_runs_puts_nothing_more_out(live):
    page, troubles = live("1-gradient-descent")
    cell = Cell(page, "largest difference")
    stored = cell.box.locator(".cell_output").inner_text().strip()
    undo = cell.box.get_by_role("button", name="Undo my changes")
    cell.put("import time\nfor k in range(40):\n    print('undone', k, flush=True)\n    time.sleep(0.1)")
    cell.box.locator(".cell_output", has_text="undone 1").wait_for()
    undo.click()
    page.locator(".live-bar").get_by_text("undone while it ran.").wait_for()
    assert cell.box.locator(".cell_output").inner_text().strip() == stored and cell.state.inner_text() == ""
    page.keyboard.press("Shift+Enter")
    assert cell.ended() == stored

    cell.put("while True:\n    pass")
    cell.state.get_by_text("running").wait_for()
    undo.click()
    bar(page, "Stop").click()
    page.get_by_text("Python is ready.").wait_for()
    assert cell.state.inner_text() == "" and troubles == []


NO_MEMORY = "WebAssembly.Memory = function () { throw new RangeError('could not allocate memory'); };"


@pytest.mark.slow
def test_where_python_does_not_start_a_sentence_says_why_the_outputs_stay_and_run_tries_again(still):
    page, _ = still("1-gradient-descent")
    stored = page.evaluate(PUT_OUT)
    page.route("**/live/worker.js", lambda route: route.abort())
    press(page)
    page.get_by_text("Python does not run here: its files could not be fetched.").wait_for()
    page.unroute("**/live/worker.js")
    page.route("**/live/worker.js", with_little_memory)
    cell = Cell(page, "largest difference")
    cell.box.get_by_role("button", name="Run cell").click()
    page.get_by_text("Python does not run here: this device has too little memory for it.").wait_for()
    assert page.evaluate(PUT_OUT) == stored and cell.state.inner_text() == "" and bar(page, "Stop").is_disabled()
    page.unroute("**/live/worker.js")
    cell.box.get_by_role("button", name="Run cell").click()
    cell.ended()
    assert page.evaluate(PUT_OUT) == stored


def with_little_memory(route):
    answer = route.fetch()
    route.fulfill(response=answer, body=NO_MEMORY + answer.text())


@pytest.mark.slow
def test_in_the_sandbox_the_empty_cell_has_all_at_hand_and_shows_what_pyplot_draws(live):
    page, troubles = live("sandbox")
    cell = Cell(page, "# Yours")
    cell.put("print(descend(adam, bowl(), (-5, -2), steps=3))\nplt.plot([1, 2]);")
    assert cell.ended() == "<Path of 3 steps, never diverged>"
    assert cell.box.locator(".cell_output svg[role=img]").count() == 1 and troubles == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
def test_an_assignment_is_tried_on_its_page_in_any_order(live, width):
    page, troubles = live("../assignments/1-gradient-descent", width=width)
    check = Cell(page, "assert np.isclose(largest_lr")
    check.code.focus()
    page.keyboard.press("Shift+Enter")
    assert "NotImplementedError" in check.ended("an error")
    first = Cell(page, "places = path(")
    assert first.state.inner_text() == "", "nothing needs the check of another task"

    answer = Cell(page, "def largest_lr")
    answer.put("def largest_lr(H):\n    return 1 / np.linalg.eigvalsh(H).max()")
    answer.ended()
    check.code.focus()
    page.keyboard.press("Shift+Enter")
    assert "AssertionError: the curvatures 0.2 and 4 allow less than 0.5" in check.ended("an error")
    answer.put("def largest_lr(H):\n    return 2 / np.linalg.eigvalsh(H).max()")
    answer.ended()
    check.code.focus()
    page.keyboard.press("Shift+Enter")
    assert check.ended(r"^passed, [\d.]+ s$") == ""
    assert not bar(page, "Download").count(), "the notebook to hand in is that of the zip"

    bar(page, "Run all").click()
    assert "NotImplementedError" in first.ended("an error")
    assert "NotImplementedError" in Cell(page, "best_lr(by_formula").ended("an error"), "it goes on where a check fails"
    assert check.state.inner_text().endswith(" s") and troubles == []


MINE = "print('mine', sum(range(5)))"


def bar(page, name):
    return page.locator(".live-bar").get_by_role("button", name=name)


@pytest.mark.slow
def test_what_a_reader_changed_is_back_when_python_comes_again(live):
    page, troubles = live("1-gradient-descent")
    assert not bar(page, "Forget").count() and not bar(page, "Download").count(), "nothing is changed yet"
    cell = Cell(page, "largest difference")
    stored, written = cell.box.locator(".cell_output").inner_text().strip(), cell.code.input_value()
    cell.put(MINE)
    cell.ended()
    page.reload()
    assert (
        page.locator("textarea").count() == 0 and cell.box.locator("pre").first.inner_text().strip() == written.strip()
    )
    start_python(page)
    said = page.locator(".live-bar [role=status]").inner_text()
    assert said == f"Python is ready. Your changes are back: cell {cell.number + 1}."
    cell = Cell(page, MINE)
    assert "live-changed" in cell.box.get_attribute("class")
    assert cell.box.locator("pre .n").first.inner_text() == "print", "coloured, too"
    cell.code.focus()
    page.keyboard.press("Shift+Enter")
    assert cell.ended() == "mine 10"

    bar(page, "Forget my changes").focus()
    page.keyboard.press("Enter")
    assert cell.code.input_value() == written and cell.box.locator(".cell_output").inner_text().strip() == stored
    assert page.evaluate("document.activeElement.textContent") == "Run all", "the focus is not lost with the button"
    assert not bar(page, "Forget").count() and "changed" not in page.evaluate("Object.keys(localStorage).join()")
    page.reload()
    start_python(page)
    assert (
        page.locator(".live-bar [role=status]").inner_text()
        == "Python is ready. Change the code of any cell, and run it."
    )
    assert not page.locator(".live-changed").count() and troubles == []


@pytest.mark.slow
def test_code_comes_back_into_the_cell_that_says_the_same_and_a_browser_may_refuse_to_keep_any(live):
    page, troubles = live("1-gradient-descent")
    kept = "changed " + page.evaluate("location.pathname")
    (first, second) = page.locator("textarea").evaluate_all("all => all.slice(0, 2).map((area) => area.value)")
    mine = {second: MINE, "a cell of an older edition": "print('older')"}
    page.evaluate("([name, mine]) => localStorage.setItem(name, JSON.stringify(mine))", [kept, mine])
    page.reload()
    start_python(page)
    codes = page.locator("textarea").evaluate_all("all => all.map((area) => area.value)")
    assert codes[:2] == [first, MINE] and "print('older')" not in codes

    for broken in ["not JSON", "null", "[1]"]:
        page.evaluate("([name, broken]) => localStorage.setItem(name, broken)", [kept, broken])
        page.reload()
        start_python(page)
        assert not page.locator(".live-changed").count()

    page.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }; }")
    cell = Cell(page, "largest difference")
    cell.code.focus()
    page.keyboard.insert_text("1 + 1\n")
    page.get_by_text("Your browser keeps no changes: they go with this page.").wait_for()
    cell.put(MINE)
    assert cell.ended() == "mine 10" and troubles == []


@pytest.mark.slow
def test_the_notebook_that_is_saved_is_the_readers_own(live, tmp_path):
    page, troubles = live("1-gradient-descent")
    cells = [
        cell
        for cell in nbformat.read(contents.ROOT / "chapters/1-gradient-descent.ipynb", 4).cells
        if cell.cell_type == "code"
    ]
    plain = next(cell for cell in cells if "largest difference" in cell.source)
    solution = next(cell for cell in cells if "hide-cell" in cell.metadata.get("tags", []))
    page.evaluate("document.querySelectorAll('article details').forEach((fold) => { fold.open = true; })")
    for number, cell in enumerate([solution, plain]):
        Cell(page, cell.source).put(f"{MINE}  # {number}")
    with page.expect_download() as saved:
        bar(page, "Download my notebook").focus()
        page.keyboard.press("Enter")
    assert saved.value.suggested_filename == "1-gradient-descent.ipynb"
    saved.value.save_as(tmp_path / "mine.ipynb")
    mine = nbformat.read(tmp_path / "mine.ipynb", 4)
    nbformat.validate(mine)
    start = page.locator("a.btn-download-source-button").get_attribute("href")
    book = nbformat.reads(page.evaluate("(address) => fetch(address).then((answer) => answer.text())", start), 4)
    changed = [(old, new) for old, new in zip(book.cells, mine.cells, strict=True) if old != new]
    assert [old.source.removeprefix(SOLUTION) for old, _ in changed] == [solution.source, plain.source], (
        "in the order of the page"
    )
    assert [new.source for _, new in changed] == [f"{MINE}  # 0", f"{MINE}  # 1"]
    assert all(new.outputs == [] and "jupyter" not in new.metadata for _, new in changed)
    assert troubles == []


@pytest.mark.slow
def test_before_it_loads_much_it_asks_again_or_says_that_there_is_no_room(reader):
    page, start, troubles = reader("http", 360)
    page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'connection', { get: () => ({ saveData: true }) })"
    )
    page.goto(f"{start}chapters/1-gradient-descent.html")
    page.get_by_role("button", name="Run and change").click()
    page.get_by_role("button", name=re.compile(r"^Your browser saves data. Fetch \d+ MB")).wait_for()
    assert not [file for file in loaded(page) if "/live/" in file]
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'deviceMemory', { get: () => 0.5 })")
    page.reload()
    assert "too little for Python" in page.locator(".live-bar").inner_text()
    assert not page.locator(".live-bar button").count() and troubles == []


@pytest.mark.slow
def test_on_a_phone_nothing_of_the_bar_is_cut_and_it_covers_no_focus(live):
    page, troubles = live("1-gradient-descent", width=360)
    assert page.evaluate("scrollTo({ left: 9999, behavior: 'instant' }), scrollX") == 0
    cell = Cell(page, "largest difference")
    cell.put(MINE)
    cell.ended()
    head = page.locator(".bd-header-article").bounding_box()
    assert page.evaluate("scrollY") > 500 and head["y"] == 0
    for part in page.locator(".live-bar > *").all():
        box = part.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["y"] >= head["height"]
        assert part.evaluate("(one) => one.scrollWidth <= one.clientWidth + 2")
    for key in ["Escape", "Tab", "Shift+Tab", "Escape", "Shift+Tab"]:
        page.keyboard.press(key)
        hidden = "document.activeElement.getBoundingClientRect().top < document.querySelector('.live-bar').getBoundingClientRect().bottom"
        assert not page.evaluate(hidden), key
    assert troubles == []


# What a cell puts out, as a reader reads it: its words, and of pictures what they are called.
PUT_OUT = """() => [...document.querySelectorAll('div.cell:has(.cell_input)')].map((cell) => [
    ...[...cell.querySelectorAll('.cell_output pre')].map((one) => one.innerText.trim()),
    ...[...cell.querySelectorAll('.cell_output svg[role=img]:not(.optimlab svg)')].map((one) => one.getAttribute('aria-label')),
])"""


@pytest.mark.slow
def test_run_all_puts_out_what_the_book_has(live):
    page, troubles = live("1-gradient-descent")
    stored = page.evaluate(PUT_OUT)
    page.get_by_role("button", name="Run all").click()
    last = page.locator("div.cell:has(textarea)").last.locator(".live-state")
    last.filter(has_text=re.compile(r"^[\d.]+ s$")).wait_for(state="attached")  # it is folded up
    assert page.evaluate(PUT_OUT) == stored and sum(map(len, stored)) > 15
    assert troubles == []


@pytest.mark.slow
def test_equations_are_drawn_and_a_lab_and_the_code_move_each_other(live):
    page, troubles = live("3-rmsprop")
    algebra = Cell(page, "unroll(rmsprop")
    equations = algebra.box.locator(".cell_output .katex").count()
    algebra.code.focus()
    page.keyboard.press("Shift+Enter")
    algebra.ended()
    assert algebra.box.locator(".cell_output .katex").count() == equations > 0

    lab = Cell(page, "RMSPropLab()")
    lab.put("from optimlib.labs import RMSPropLab\nlab = RMSPropLab()\ndisplay(lab)\nlab.lr = 0.3")
    lab.ended()
    rate = page.get_by_label("α, learning rate").and_(page.locator("[type=number], [type=text]")).first
    assert rate.input_value() == "0.3"
    rate.fill("0.7")
    rate.press("Enter")
    first = Cell(page, "import")
    first.put("print(lab.lr)")
    assert first.ended() == "0.7"
    assert troubles == []


RETURN, SHIFT, CONTROL, ESCAPE, TAB = "\ue006", "\ue008", "\ue009", "\ue00c", "\ue004"


class InFirefox:
    """The second code cell of a chapter in Firefox, and the bar above; all by keys."""

    def __init__(self, firefox, address):
        self.firefox = firefox
        firefox.open(address, 1280, 800)
        self.press_in_bar("Run and change the code")
        self.wait_until_ready()
        self.tell = firefox.tell
        self.tell("(window.cell = document.querySelectorAll('div.cell:has(textarea)')[1], 0)")

    def press_in_bar(self, name):
        buttons = "[...document.querySelectorAll('.live-bar button')]"
        self.firefox.tell(f"{buttons}.find((one) => one.textContent.startsWith('{name}')).focus()")
        self.firefox.press(RETURN)

    def wait_until_ready(self):
        self.firefox.wait_for("document.querySelector('.live-bar').innerText.includes('Python is ready')")

    def code(self):
        return self.tell("cell.querySelector('textarea').value")

    def put_out(self):
        return self.tell("cell.querySelector('.cell_output')?.innerText.trim() ?? ''")

    def run(self, code):
        self.tell("cell.querySelector('textarea').focus()")
        self.firefox.press(CONTROL, "a")
        self.firefox.type(code)
        self.firefox.press(SHIFT, RETURN)

    def ended(self, how):
        self.firefox.wait_for(f"/{how}/.test(cell.querySelector('.live-state').textContent)")
        return self.put_out()


@pytest.mark.slow
@pytest.mark.parametrize("chapter", ["1-gradient-descent", "2-momentum", "4-adam"])
def test_firefox_runs_code_by_keys(firefox, addresses, chapter):
    address = f"{addresses['http']}chapters/{chapter}.html"
    firefox.troubles.clear()
    page = InFirefox(firefox, address)
    written, stored = page.code(), page.put_out()
    page.run("print(6 * 7)")
    assert page.ended(" s$") == "42"
    page.run("1 / 0")
    assert "ZeroDivisionError: division by zero" in page.ended("an error")
    page.run("while True: print('flood')")
    firefox.wait_for("cell.innerText.includes('The rest is not shown.')")
    page.press_in_bar("Stop")
    page.wait_until_ready()
    assert page.ended("stopped").startswith("flood")
    page.tell("cell.querySelector('textarea').focus()")
    for key in (ESCAPE, TAB):
        firefox.press(key)
    assert page.tell("document.activeElement.textContent") == "Run"
    firefox.press(TAB)
    firefox.press(RETURN)
    assert (page.code(), page.put_out()) == (written, stored), "the changes are undone"

    page.run("print('kept')")
    page.ended(" s$")
    page = InFirefox(firefox, address)
    assert page.code() == "print('kept')"
    page.press_in_bar("Forget my changes")
    assert page.code() == written and firefox.troubles == []
