"""The book as a reader meets it: built once, read page by page, then opened in a browser."""

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlparse

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import build as book  # noqa: E402
import tree  # noqa: E402
from icons import keep_used_icons  # noqa: E402
from weight import sent  # noqa: E402

PAGES = [f"{name}.html" for name in tree.pages()]
NOTEBOOKS = [file.relative_to(ROOT).as_posix() for file in tree.notebooks()]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the pages, built anew by running every chapter, away from _build/html."""
    return book.build(into=tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="session")
def pages(site):
    """Every page of the site, by its address; _static has templates of the theme, which nobody opens."""
    names = {page.relative_to(site).as_posix() for page in site.rglob("*.html")}
    return {
        name: BeautifulSoup((site / name).read_text(), "html.parser")
        for name in sorted(names)
        if not name.startswith("_static/")
    }


def article(page):
    return page.find("article")


# What is there


def test_another_build_is_the_same_to_the_byte(site, tmp_path):
    """In another folder and time zone, with another locale and another order of sets: nothing may differ."""
    elsewhere = tmp_path / "another folder"
    tree.copy_tracked(elsewhere)
    shutil.copytree(ROOT / "_build" / "vendor", elsewhere / "_build" / "vendor")
    other = {"PYTHONPATH": str(elsewhere), "PYTHONHASHSEED": "4", "TZ": "Asia/Seoul", "LC_ALL": "C"}
    subprocess.run([sys.executable, "tools/build.py"], cwd=elsewhere, env=os.environ | other, capture_output=True, check=True)
    again = elsewhere / "_build" / "html"
    names = {file.relative_to(folder).as_posix() for folder in (site, again) for file in folder.rglob("*") if file.is_file()}
    different = [name for name in sorted(names) if not same_bytes(site / name, again / name)]
    assert different == []


def same_bytes(one, other):
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


def test_every_chapter_has_a_page(pages):
    assert set(PAGES) <= set(pages)
    assert pages["index.html"].meta["content"].endswith(f"url={PAGES[0]}")


@pytest.mark.parametrize("name", PAGES)
def test_headings_go_down_one_level_at_a_time(pages, name):
    levels = [int(heading.name[1]) for heading in article(pages[name]).find_all(re.compile("^h[1-6]$"))]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(below <= above + 1 for above, below in zip(levels, levels[1:]))


def test_pictures_and_films_have_a_text(pages):
    for name, page in pages.items():
        for picture in page.find_all(["img", "video"]) + page.select("svg[role=img]"):
            assert picture.get("alt") or picture.get("aria-label"), f"{name}: {str(picture)[:200]}"


# Nothing comes from elsewhere, and nothing is missing


def loaded(page):
    """What a page loads by itself, as addresses."""
    for tag in page.find_all(True):
        for attribute in ("src", "srcset", "poster", "data"):
            if tag.has_attr(attribute):
                yield tag[attribute]
        if tag.name in ("link", "image", "use", "feImage"):
            yield tag.get("href") or tag.get("xlink:href") or ""
        yield from css_addresses(tag.get("style", ""))
    for style in page.find_all("style"):
        yield from css_addresses(style.get_text())


def css_addresses(css):
    quoted = r"""\s*["']?([^"')]+)["']?\s*"""
    return re.findall(rf"url\({quoted}\)", css) + re.findall(r"""@import\s+["']([^"']+)""", css)


def elsewhere(address):
    return bool(re.match(r"\s*(?!data:)(?:[a-z][a-z0-9+.-]*:|//)", address, re.IGNORECASE))


def test_pages_load_nothing_from_another_host(pages):
    assert {name: away for name, page in pages.items() if (away := [*filter(elsewhere, loaded(page))])} == {}


def test_styles_load_only_what_is_in_the_site(site):
    wrong = []
    for style in site.rglob("*.css"):
        for address in css_addresses(style.read_text()):
            target = style.parent / unquote(re.split("[?#]", address)[0])
            if elsewhere(address) or not (address.startswith(("data:", "#")) or target.is_file()):
                wrong.append(f"{style.relative_to(site)}: {address}")
    assert wrong == []


def test_links_lead_somewhere(site, pages):
    ids = {name: {tag["id"] for tag in page.find_all(id=True)} for name, page in pages.items()}
    broken = []
    for name, page in pages.items():
        links = [link["href"] for link in page.find_all("a", href=True)]
        for address in links + [*loaded(page)]:
            if elsewhere(address) or address.startswith("data:") or not address:
                continue
            path, fragment = urldefrag(address)
            target = (site / name).parent / unquote(urlparse(path).path) if path else site / name
            target = Path(os.path.normpath(target))
            if not target.is_file():
                broken.append(f"{name}: {address}")
            elif fragment and target.suffix == ".html" and fragment not in ids[target.relative_to(site).as_posix()]:
                broken.append(f"{name}: {address}")
    assert broken == []


def test_ids_are_unique_on_a_page(pages):
    for name, page in pages.items():
        ids = [tag["id"] for tag in page.find_all(id=True)]
        assert sorted(ids) == sorted(set(ids)), f"{name}: {sorted({i for i in ids if ids.count(i) > 1})}"


# Equations


def equations(pages):
    """Every displayed equation with its page."""
    for name in PAGES:
        for equation in article(pages[name]).select(".katex-display"):
            yield name, equation


def tag(equation):
    return "".join(number.get_text() for number in equation.select(".katex-html > .tag"))


def test_every_displayed_equation_has_one_number_of_its_own(pages):
    seen = {}
    for name, equation in equations(pages):
        source = equation.find("annotation").get_text()
        numbers = [number.get_text() for number in equation.select(".tag, .eqn-num, .eqno")]
        assert len(numbers) == 1, f"{name}: numbers {numbers} at {source}"
        assert numbers[0] not in seen, f"{numbers[0]} is in {seen[numbers[0]]} and in {name}: {source}"
        seen[numbers[0]] = name
    assert seen
    # Sphinx is to draw no number beside ours.
    assert not any(page.select(".eqno") for page in pages.values())


def test_references_name_the_number_they_lead_to(pages):
    numbers = {
        (name, target["id"]): tag(target.select_one(".katex-display"))
        for name in PAGES
        for target in article(pages[name]).select("div.math[id]")
    }
    followed = 0
    for name in PAGES:
        for link in article(pages[name]).find_all("a", href=True):
            path, fragment = urldefrag(link["href"])
            at = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
            if (at, fragment) in numbers and (text := re.search(r"\([^)]+\)", link.get_text())):
                followed += 1
                assert text[0] == numbers[at, fragment], f"{name}: {link}"
    assert followed


# What a reader takes home


def test_the_wheel_is_the_package_and_the_same_each_time(site, tmp_path):
    (wheel,) = (site / "downloads").glob("optimlib-*-py3-none-any.whl")
    modules = {module.relative_to(ROOT).as_posix() for module in (ROOT / "optimlib").rglob("*.py")}
    assert modules and modules <= set(zipfile.ZipFile(wheel).namelist())
    assert book.build_wheel(tmp_path).read_bytes() == wheel.read_bytes()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_downloads_are_plain_notebooks(site, pages, name):
    button = pages[name.replace(".ipynb", ".html")].select_one("a.btn-download-source-button")
    assert button["href"] == f"../_sources/{name}"
    notebook = nbformat.read(site / "_sources" / name, as_version=4)
    nbformat.validate(notebook)
    (wheel,) = (site / "downloads").iterdir()
    assert wheel.name in notebook.cells[0].source and wheel.name in notebook.cells[1].source
    myst = re.compile(
        r"""^\([\w-]+\)=|\{[\w:-]+\}`|^\s*(?::::|```+\{)|\]\(#|\]\([^)\s]*\.(?:md|ipynb)|href=["']\.""", re.MULTILINE
    )
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not myst.search(cell.source), cell.source


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_downloads_run_anywhere(site, tmp_path, monkeypatch, name):
    """In an empty folder, with optimlib from the site's wheel; its install cell is for the reader's machine."""
    (wheel,) = (site / "downloads").iterdir()
    monkeypatch.setenv("PYTHONPATH", str(wheel))
    notebook = nbformat.read(site / "_sources" / name, as_version=4)
    assert notebook.cells.pop(1).source.startswith("%pip install")
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": tmp_path}}).execute()


def test_a_cell_that_fails_fails_the_build(site, tmp_path):
    for name in ("_ext", "_static", "tools", "optimlib", "_build/vendor"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("_config.yml", "pyproject.toml", "README.md", "LICENSE", "references.bib"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: page\n")
    cells = [nbformat.v4.new_markdown_cell("# A page"), nbformat.v4.new_code_cell("1 / 0")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "page.ipynb")
    run = subprocess.run([sys.executable, "tools/build.py"], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 1
    assert "ZeroDivisionError" in run.stderr and "page.ipynb" in run.stderr
    assert run.stderr.rstrip().splitlines()[-1].startswith("The book was not built")


# In a browser


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None
    if not (chromium and sync_playwright):
        missing = "NO BROWSER TESTS: they need playwright (pip install playwright) and chromium"
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip)(missing)
    quiet = [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=quiet)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def addresses(site):
    """Where the site begins: on a server, and on disk."""

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {"http": f"http://127.0.0.1:{server.server_port}/", "file": f"{site.as_uri()}/"}
    server.shutdown()


@pytest.fixture
def reader(browser, addresses):
    """Open pages as one kind of reader: reader(scheme, width=..., ...) gives the page, its start and its troubles."""
    contexts = []

    def open_page(scheme, width=1280, **settings):
        contexts.append(browser.new_context(viewport={"width": width, "height": 800}, **settings))
        page, start, troubles = contexts[-1].new_page(), addresses[scheme], []
        page.on("console", lambda said: said.type == "error" and troubles.append(f"{page.url}: {said.text}"))
        page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
        page.on(
            "request",
            lambda asked: asked.url.startswith((start, "data:", "blob:"))
            or troubles.append(f"{page.url}: asks for {asked.url}"),
        )
        return page, start, troubles

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_pages_open_without_trouble(reader, scheme, theme, width):
    page, start, troubles = reader(scheme, width, color_scheme=theme)
    for name in PAGES:
        page.goto(start + name, wait_until="load")
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        for solution in page.query_selector_all("article details:not([open]) > summary"):
            solution.click()
        scrolled = page.evaluate("(scrollTo({ left: 9999, behavior: 'instant' }), scrollX)")
        troubles += [f"{name}: the page scrolls sideways by {scrolled}"] if scrolled else []
        troubles += [f"{name}: the number overlaps {equation}" for equation in page.evaluate(OVERLAPS)]
        troubles += [f"{name}: a picture's text cannot be read: {text}" for text in page.evaluate(FAINT)]
    assert troubles == []


def test_icons_are_drawn(reader):
    """tools/icons.py keeps those in use; the script puts a circle with a question mark for one that it lacks."""
    page, start, troubles = reader("file")
    for name in [*PAGES, "search.html"]:
        page.goto(start + name)
        page.wait_for_selector("html.fontawesome-i2svg-complete", state="attached")
        assert page.locator("svg.svg-inline--fa").count() > 5
        wrong = page.locator("svg.svg-inline--fa:not(:has(> path[d])), :not(svg)[class*='fa-']:not(html)")
        troubles += [f"{name}: {icon.get_attribute('class')}" for icon in wrong.all()]
    assert troubles == []


def test_an_icon_that_the_theme_lacks_fails_the_build(tmp_path):
    (tmp_path / "_static" / "scripts").mkdir(parents=True)
    (tmp_path / "_static" / "scripts" / "fontawesome.js").write_text('x={bars:[1,1,[],"f0c9","M0"],sun:[1,1,[],"f185","M0"]}')
    (tmp_path / "page.html").write_text('<i class="fa-solid fa-bars"></i><i class="fa-solid fa-unicorn fa-lg"></i>')
    with pytest.raises(SystemExit, match='no icon for "fa-solid fa-unicorn fa-lg"'):
        keep_used_icons(tmp_path)


def test_a_page_weighs_less_than_400_kb_without_its_films(reader, site):
    weights = {}
    for name in PAGES:
        page, start, _ = reader("http")  # each time a new one, who has nothing yet
        loaded = set()
        page.on("response", lambda response, loaded=loaded: loaded.add(unquote(urlparse(response.url).path).lstrip("/")))
        page.goto(start + name, wait_until="load")
        page.wait_for_function("document.fonts.status == 'loaded'")
        weights[name] = sum(sent(site / file) for file in loaded if not file.endswith(".mp4")) / 1000
    assert {name: weight for name, weight in weights.items() if not 100 < weight < 400} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_accessible(reader, theme):
    page, start, troubles = reader("http", color_scheme=theme, reduced_motion="reduce")
    for name in [*PAGES, "search.html"]:
        page.goto(start + name)
        if page.locator(".optimlab-mount").count():
            page.wait_for_selector(".optimlab .plot[aria-label]")
        # no preload: axe would look for what a style sheet imports beside the page
        for found in Axe().run(page, options={"preload": False}).response["violations"]:
            troubles += [f"{name}: {found['id']}: {node['html'][:120]}" for node in found["nodes"]]
    assert troubles == []


def test_a_dark_page_is_printed_on_white(reader):
    page, start, troubles = reader("file", color_scheme="dark")
    page.goto(start + PAGES[1])
    page.evaluate("window.printed = []; addEventListener('afterprint', () => printed.push(getComputedStyle(document.body).color))")
    page.evaluate("addEventListener('beforeprint', () => printed.push(getComputedStyle(document.body).color))")
    on_screen = page.evaluate("getComputedStyle(document.body).color")
    page.pdf()
    printed, after = page.evaluate("printed")
    red, green, blue = map(int, re.findall(r"\d+", printed))
    assert max(red, green, blue) < 80 and after == on_screen
    assert troubles == []


# The equations whose number touches them.
OVERLAPS = """() => [...document.querySelectorAll(".katex-html:has(> .tag)")].filter((equation) => {
    const number = equation.querySelector(":scope > .tag > *:last-child").getBoundingClientRect();
    const middle = (number.top + number.bottom) / 2; // on a phone an equation has lines, and its number is in the last
    return [...equation.querySelectorAll(":scope > .base")].map((part) => part.getBoundingClientRect())
        .some(({ right, top, bottom }) => right > number.left && top < middle && middle < bottom);
}).map((equation) => equation.textContent)"""

# The texts in pictures that are about as light, or as dark, as the page behind them.
FAINT = """() => {
    const lightness = (color) => Math.max(...color.match(/[0-9.]+/g).slice(0, 3).map(Number)) / 255;
    const page = lightness(getComputedStyle(document.body).backgroundColor);
    return [...document.querySelectorAll("figure svg text")]
        .filter((text) => Math.abs(lightness(getComputedStyle(text).fill) - page) < 0.4)
        .map((text) => text.textContent);
}"""


# The labs, each on its chapter's page: a setting other than the opening one, as a link carries it
LABS = {
    "1-gradient-descent": "lr=0.1&kappa=50&angle=30&W=4&b=-3",
    "2-momentum": "lr=1&beta1=0.5&kappa=50",
    "3-rmsprop": "lr=0.2&beta2=0.99&eps=0.01&angle=30",
    "4-adam": "lr=0.5&beta1=0.8&beta2=0.99&eps=0.01&kappa=50"
    "&show_gradient_descent=off&show_momentum=on&show_rmsprop=off&show_adam=on",
    "5-bias-correction": "beta=0.9&correction=off&beta1=0.8&beta2=0.99",
    "6-same-ground": "surface=saddle&noise=on&lr_gradient_descent=0.1&lr_momentum=0.2&lr_rmsprop=0.3&lr_adam=0.4&step=30",
}


def open_lab(reader, scheme, chapter, link="", **settings):
    page, start, troubles = reader(scheme, **settings)
    page.goto(f"{start}chapters/{chapter}.html{link}")
    page.wait_for_selector(".optimlab .plot[aria-label]")
    return page, troubles


def shown(page):
    """The words and pictures of the lab."""
    return page.locator(".optimlab :is(.words, .plot)").evaluate_all("parts => parts.map((part) => part.innerHTML)")


def setting(page):
    """What the fields show, as in a link."""
    return page.locator(".optimlab :is([type=number], [type=checkbox], select)").evaluate_all(
        "fields => fields.map((field) => field.type === 'checkbox' ? (field.checked ? 'on' : 'off') : field.value)"
    )


def part_of_the_way(slider):
    return slider.evaluate("slider => slider.value / slider.max")


def drag_of(slider):
    """Where the thumb of a slider is, where it can be dragged, their height, and the part of the way it then is at."""
    slider.scroll_into_view_if_needed()
    box, thumb = slider.bounding_box(), 16  # pixels across
    part = part_of_the_way(slider)
    to = 0.75 if part < 0.5 else 0.25
    x, to_x = (box["x"] + thumb / 2 + (box["width"] - thumb) * where for where in (part, to))
    return x, to_x, box["y"] + box["height"] / 2, to


@pytest.mark.parametrize("chapter", LABS)
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_labs_answer_to_links_the_mouse_and_keys(reader, scheme, chapter):
    page, troubles = open_lab(reader, scheme, chapter, f"#lab?{LABS[chapter]}")
    assert setting(page) == re.findall("=([^&]+)", LABS[chapter])
    sent = shown(page)
    page.get_by_role("button", name="Reset").click()
    opening = shown(page)
    assert all(now != linked for now, linked in zip(opening, sent))

    slider = page.locator(".optimlab [type=range]").first
    x, to_x, y, to = drag_of(slider)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, y, steps=5)
    dragged, typed = shown(page), slider.locator("~ [type=number]").input_value()
    page.mouse.up()
    assert part_of_the_way(slider) == pytest.approx(to, abs=0.03)
    assert dragged[0] != opening[0] and dragged[1:] != opening[1:]
    for plot in page.locator(".plot.draggable").all():
        before = shown(page)
        plot.click()
        assert shown(page) != before
        page.get_by_role("button", name="Reset").click()

    # keys alone: into the lab, from field to field, out at Reset
    page.locator(".optimlab .title").click()
    page.keyboard.press("Tab")
    fields = 0
    while (kind := page.evaluate("document.activeElement.type")) != "button":
        before = shown(page)
        page.keyboard.press({"range": "End", "number": "ArrowDown", "checkbox": "Space", "select-one": "ArrowDown"}[kind])
        page.keyboard.press("Tab")
        assert shown(page) != before, f"field {fields}, {kind}"
        fields += 1
    assert fields == page.locator(".optimlab :is(input, select)").count()
    while page.evaluate("document.activeElement.textContent") != "Reset":  # the race can be played first
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert shown(page) == opening

    # what the mouse drew is what belongs to the number
    box = slider.locator("~ [type=number]")
    box.fill(typed)
    box.press("Enter")
    assert shown(page) == dragged
    assert troubles == []


@pytest.mark.parametrize("chapter", LABS)
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_labs_answer_to_a_finger(reader, scheme, chapter):
    page, troubles = open_lab(reader, scheme, chapter, width=360, has_touch=True, is_mobile=True)
    opening, finger = shown(page), page.context.new_cdp_session(page)
    slider = page.locator(".optimlab [type=range]").first
    x, to_x, y, to = drag_of(slider)
    for i in range(6):
        point = [{"x": x + (to_x - x) * i / 5, "y": y}]
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove" if i else "touchStart", "touchPoints": point})
    soon(page, lambda: part_of_the_way(slider) == pytest.approx(to, abs=0.03))
    dragged = shown(page)  # the finger still touches
    assert dragged[0] != opening[0] and dragged[1:] != opening[1:]
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    for part in page.locator(".optimlab :is(.plot.draggable, [type=checkbox])").all():
        before = shown(page)
        part.tap()
        soon(page, lambda: shown(page) != before)
    page.get_by_role("button", name="Reset").tap()
    soon(page, lambda: shown(page) == opening)
    assert troubles == []


def soon(page, true):
    """A touch is a click only once the browser has seen that it is nothing else."""
    for _ in range(100):
        if true():
            return
        page.wait_for_timeout(20)
    assert true()


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_search_finds_a_word(reader, scheme):
    page, start, troubles = reader(scheme)
    page.goto(f"{start}search.html?q=momentum")
    page.wait_for_selector("#search-results li a")
    page.wait_for_function("document.querySelector('.search-summary').textContent.includes('found')")
    found = [link.get_attribute("href") for link in page.query_selector_all("#search-results li a")]
    assert any(address.startswith("chapters/2-momentum.html") for address in found)
    assert troubles == []


@pytest.mark.parametrize("motion, plays", [("no-preference", True), ("reduce", False)])
def test_films_play_in_view_unless_motion_is_unwanted(reader, pages, motion, plays):
    name = next(name for name in PAGES if pages[name].select(".film video"))
    page, start, troubles = reader("file", reduced_motion=motion)
    page.goto(start + name)
    film = page.locator(".film video").first
    assert film.evaluate("film => film.paused")
    film.scroll_into_view_if_needed()
    if plays:
        page.wait_for_function("document.querySelector('.film video').currentTime > 0")
    else:
        page.wait_for_timeout(1000)
        assert film.evaluate("film => film.paused")
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    page.wait_for_function("document.querySelector('.film video').paused")
    assert troubles == []
