"""Python in the page, in a browser and by keys: change, run, error, endless loop, flood, undo."""

import os
import re

import pytest

from tests.test_browser import loaded

LONG = 240_000  # ms: on a busy machine Python takes its time to start


@pytest.fixture
def live(reader):
    """Open a chapter and press its button: live(chapter) gives the page and its troubles."""

    def open_page(chapter, **settings):
        page, start, troubles = reader("http", **settings)
        page.set_default_timeout(LONG)
        page.goto(f"{start}chapters/{chapter}.html")
        if not (button := page.get_by_role("button", name="Run and change the code")).count():
            missing = "NO PYTHON IN THE PAGE: the book was built without it"
            (pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip)(missing)
        button.click()
        page.get_by_text("Python is ready.").wait_for()
        return page, troubles

    return open_page


class Cell:
    """A cell of a page, by what its code has in it."""

    def __init__(self, page, code):
        self.page = page
        codes = page.locator("div.cell textarea").evaluate_all("all => all.map((area) => area.value)")
        self.number = next(i for i, text in enumerate(codes) if code in text)
        self.box = page.locator("div.cell:has(textarea)").nth(self.number)
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
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"

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
