"""The site as it is on disk: every page read, every download run, and built once more to see that it is the same."""

import contextlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlparse

import nbformat
import numpy as np
import psutil
import pytest
from bs4 import BeautifulSoup

from book import assignments, contents, downloads, front
from book import build as book
from book.icons import keep_used_icons
from optimlib import descend, rules, surfaces

ROOT = Path(__file__).resolve().parent.parent

PAGES = [f"{name}.html" for name in contents.pages()]
NOTEBOOKS = [file.relative_to(ROOT).as_posix() for file in contents.notebooks()]


@pytest.fixture(scope="module")
def pages(site):
    """Every page of the site, by its address; _static has templates of the theme, which nobody opens."""
    names = {page.relative_to(site).as_posix() for page in site.rglob("*.html")}
    return {
        name: BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")
        for name in sorted(names)
        if not name.startswith("_static/")
    }


def article(page):
    return page.find("article")


# What is there


OTHER = {"PYTHONHASHSEED": "4", "TZ": "Asia/Seoul", "LC_ALL": "C"}


@pytest.fixture(scope="module")
def run_elsewhere(site, tmp_path_factory):
    """The folder of the downloads, each run in a kernel of its own, and what that said: in an empty folder, with optimlib
    from the site's wheel, another time zone, locale and order of sets."""
    folder = tmp_path_factory.mktemp("downloads")
    (wheel,) = (site / "downloads").glob("*.whl")
    for name in NOTEBOOKS:
        notebook = nbformat.read(site / "_sources" / name, as_version=4)
        check = f"import optimlib\nassert {wheel.name!r} in optimlib.__file__"
        notebook.cells.append(nbformat.v4.new_code_cell(check, id="check"))
        nbformat.write(notebook, folder / Path(name).name)
    run_them = "import pathlib, sys, nbformat\nfrom book import kernels\nfiles = [*pathlib.Path().glob('*.ipynb')]\n"
    run_them += "keep = lambda file, notebook: nbformat.write(notebook, file)\n"
    run_them += "sys.exit('\\n\\n'.join(kernels.run(files, 300, keep, fork=False)) or 0)"
    run = subprocess.run(
        [sys.executable, "-c", run_them],
        cwd=folder,
        env=os.environ | OTHER | {"PYTHONPATH": f"{wheel}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return folder, run


def test_downloads_run_anywhere(run_elsewhere):
    _, run = run_elsewhere
    assert run.returncode == 0, run.stderr


# Builds with what the chapters gave as downloads, in the place of running them again.
BUILD_OF_DOWNLOADS = """
import base64
import pathlib
import re
import nbformat
from book import build, kernels

FIGURES = {file.read_bytes(): file.name for file in build.ROOT.joinpath("figures").iterdir()}

def in_figures(inside):
    name = FIGURES.get(base64.b64decode(inside[1]))
    return f"../figures/{name}" if name else inside[0]

def have_run(files, timeout, done, fork):
    for file in files:
        text = pathlib.Path(RAN, file.name).read_text(encoding="utf-8")
        text = re.sub("data:[a-z0-9/]+;base64,([A-Za-z0-9+/=]+)", in_figures, text)
        notebook, own = nbformat.reads(text, as_version=4), {cell.id for cell in nbformat.read(file, as_version=4).cells}
        notebook.cells = [cell for cell in notebook.cells if cell.id in own]  # without what a chapter has not
        for cell in notebook.cells:
            cell.source = cell.source.removeprefix("# Solution\\n")
            cell.metadata.pop("jupyter", None)  # which folds it up
        for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), 1):
            cell.execution_count = count
            for output in cell.outputs:
                output.update({"execution_count": count} if "execution_count" in output else {})
        done(file, notebook)
    return []

kernels.run = have_run
build.main()
"""


def test_another_build_is_the_same_to_the_byte(site, run_elsewhere, tmp_path):
    """In another folder and time zone, with another locale, another order of sets and kernels that are not forked: nothing
    may differ. What a download shows, too, is what its page shows."""
    elsewhere, (ran, _) = tmp_path / "another folder", run_elsewhere
    contents.copy_sources(elsewhere)
    shutil.copytree(ROOT / "_build" / "vendor", elsewhere / "_build" / "vendor")
    assert not (ran / "figures").exists(), "nothing is written into a reader's folder"
    subprocess.run(
        [sys.executable, "-c", BUILD_OF_DOWNLOADS.replace("RAN", repr(str(ran)))],
        cwd=elsewhere,
        env=os.environ | OTHER | {"PYTHONPATH": str(elsewhere)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    again = elsewhere / "_build" / "html"
    names = {
        file.relative_to(folder).as_posix() for folder in (site, again) for file in folder.rglob("*") if file.is_file()
    }
    different = [name for name in sorted(names) if not same_bytes(site / name, again / name)]
    assert different == []


def same_bytes(one, other):
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


def test_every_chapter_has_a_page(pages):
    assert set(PAGES) <= set(pages)
    # What is typed as the address of the site is the first page itself, not a way there.
    assert article(pages["index.html"]).get_text() == article(pages[PAGES[0]]).get_text()


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
        for address in css_addresses(style.read_text(encoding="utf-8")):
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
            if elsewhere(address) or address.startswith("data:") or not address or (name, address) == ("404.html", "/"):
                continue
            path, fragment = urldefrag(address)
            target = (site / name).parent / unquote(urlparse(path).path) if path else site / name
            target = Path(os.path.normpath(target))
            if fragment.startswith(
                "lab?"
            ):  # it sets the lab of its own page (test_lab_settings.py asks whether it can)
                found = not path and pages[name].find("link", href=re.compile("beside.css"))
                broken += [] if found else [f"{name}: {address}"]
            elif not target.is_file():
                broken.append(f"{name}: {address}")
            elif fragment and target.suffix == ".html" and fragment not in ids[target.relative_to(site).as_posix()]:
                broken.append(f"{name}: {address}")
    assert broken == []


def test_the_old_address_of_the_errata_leads_on(site, pages):
    moved, errata = pages["chapters/7-errata.html"], pages["chapters/errata.html"]
    assert moved.find("link", rel="canonical")["href"] == moved.find("a")["href"] == "errata.html"
    script = (site / "chapters" / moved.find("script")["src"]).read_text(encoding="utf-8")
    assert '.replace("#eq-7-", "#eq-d-")' in script
    assert all(errata.find(id=f"eq-d-{number}") for number in (1, 2, 3, 4, 5))


def test_ids_are_unique_on_a_page(pages):
    for name, page in pages.items():
        ids = [tag["id"] for tag in page.find_all(id=True)]
        assert sorted(ids) == sorted(set(ids)), f"{name}: {sorted({i for i in ids if ids.count(i) > 1})}"


# The front page


def test_a_race_opens_the_book_and_each_chapter_has_a_card_with_a_picture(pages):
    page = article(pages[PAGES[0]])
    ground, still = page.select(".race .valley > svg")
    assert len(ground.select(".bands path")) >= 10 and len(still.select(".line")) == len(still.select(".mark")) == 4
    assert still["aria-label"].endswith(front.stills()["ends"])
    chapters = [name for name in PAGES if re.match(r"chapters/\d", name)]
    cards = page.select(".cards li")
    assert [card.a["href"] for card in cards] == [Path(name).name for name in chapters]
    assert all(card.find("svg", attrs={"data-card": Path(card.a["href"]).stem}).select(".line, rect") for card in cards)
    assert not any("NaN" in str(picture) for picture in page.select("svg"))


def test_the_race_ends_as_descend_says():
    """What the browser's functions say of the four runs at their best rates, beside Python."""
    told, ends = front.about(), front.stills()["ends"]
    bowl = surfaces.bowl(front.CURVATURES)
    start, steps = (told["grounds"]["bowl"][name] for name in ("start", "steps"))
    for runner in told["methods"]:
        rate = told["grounds"]["bowl"]["rates"][runner["rule"]]
        run = descend(rules.RULES[runner["rule"]].guarded, bowl, start, steps, lr=rate)
        arrived = surfaces.steps_to_reach(run, bowl, within=front.NEAR * float(np.hypot(*start)))
        assert f"{runner['label']}: {arrived:.0f} steps" in ends


def test_a_good_rate_between_two_bad_ones_is_not_the_best(monkeypatch):
    bowl, at = surfaces.bowl(front.CURVATURES), {"steps": 100, "view": ((-6, 3), (-2.7, 2.7))}
    best = front.best_rate("gradient_descent", bowl, (-5.0, -2.0), **at)
    alone = [0.5001, best, 0.6, 0.01, 0.011, 0.012]  # beyond 0.5, gradient descent is lost; below 0.02 it crawls
    monkeypatch.setattr(front, "RATES", np.array(alone))
    assert front.best_rate("gradient_descent", bowl, (-5.0, -2.0), **at) == 0.011


def test_colors_are_typed_in_one_table_only():
    own = [ROOT / "optimlib/labs/labs.css", *ROOT.glob("_static/*.*s"), *ROOT.glob("optimlib/labs/js/*.js")]
    own += [*ROOT.glob("book/js/*.js"), *ROOT.glob("book/css/*.css"), *ROOT.glob("book/live/*.css")]
    assert len(own) > 30
    assert {file.name: typed for file in own if (typed := re.findall("#[0-9a-f]{6}", file.read_text("utf-8")))} == {}


# Equations


def equations(pages):
    """Every displayed equation with its page; those of the assignments have no number, for nothing refers to them."""
    for name in (f"{page}.html" for page in contents.in_print()):
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


# How many parts MathML wants in these, whatever is drawn for eyes.
PARTS = dict.fromkeys(["msub", "msup", "mfrac", "munder", "mover", "mroot"], 2)
PARTS |= dict.fromkeys(["msubsup", "munderover"], 3)


def test_what_screen_readers_and_the_epub_get_of_an_equation_is_whole(pages):
    """A bare ``s^{\\max}`` becomes two elements where one belongs, and Firefox shows an error in the place of it."""
    wrong, seen = [], 0
    for name, page in pages.items():
        for part in page.select(", ".join(PARTS)):
            seen += 1
            if len(part.find_all(recursive=False)) != PARTS[part.name]:
                wrong.append(f"{name}: {part} in {part.find_parent('math').find('annotation').get_text()}")
    assert seen and not wrong, "\n".join(wrong)


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


def test_equations_figures_labs_and_exercises_have_a_link_of_their_own(pages):
    places = 0
    for name in PAGES:
        links = {link["href"] for link in article(pages[name]).select("a.headerlink")}
        found = article(pages[name]).select("div.math[id], .optimlab-here, figure:not(.optimlab-here *)")
        found += article(pages[name]).select("section[id=exercises] > p > strong:first-child")
        assert [str(place)[:80] for place in found if f"#{place.get('id')}" not in links] == [], name
        places += len(found)
    assert places > 150


# The assignments

# Others' files, which are many: Python for the pages with its packages, fonts, pictures, films.
OTHERS = re.compile(r"(base|algebra|python_stdlib)\.zip|/pyodide\.|\.(woff2|png|mp4)$")


def secrets():
    """What masters have and students do not get: pieces of words and code that nothing public has."""
    public = "".join(
        (ROOT / file).read_text(encoding="utf-8", errors="replace")
        for file in contents.sources()
        if file.suffix in (".py", ".ipynb", ".md", ".js") and file.parts[0] in ("optimlib", "chapters", "book")
    )
    public += unquoted(public)
    hidden = re.compile(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", re.DOTALL)
    for master in sorted((ROOT / "assignments").glob("*.md")):
        text = master.read_text(encoding="utf-8")
        handed_out = assignments.without_answers(text)
        for part in hidden.findall(text):
            for piece in re.split(r"[$`*\n]+", part):
                if len(piece.strip()) > 20 and piece.strip() not in public + handed_out:
                    yield piece.strip()


def texts_in(folder):
    """Every text in a folder, also in its archives, by where it stands."""
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        yield from texts_of(file.relative_to(folder).as_posix(), file.read_bytes())


def texts_of(name, content):
    if OTHERS.search(name):
        return
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for inner in packed.namelist():
                yield from texts_of(f"{name}: {inner}", packed.read(inner))
    else:
        text = content.decode("utf-8", errors="replace")
        yield name, BeautifulSoup(text, "html.parser").get_text() if name.endswith(".html") else text
        if name.endswith((".ipynb", ".js", ".json")):
            yield name, unquoted(text)


def unquoted(text):
    """What stands in strings of JSON as it was before."""
    return text.replace('\\"', '"').replace("\\\\", "\\")


def test_nothing_that_is_kept_from_students_is_in_the_site(site):
    kept_back = {*secrets()}
    assert len(kept_back) > 400
    told = [f"{name}: {secret}" for name, text in texts_in(site) for secret in kept_back if secret in text]
    assert told == []


def test_an_assignment_is_a_page_with_its_tasks_and_no_file_to_take_home(site, pages):
    names = [name for name in PAGES if name.startswith(contents.ASSIGNMENTS)]
    assert names == [f"assignments/{master.stem}.html" for master in sorted((ROOT / "assignments").glob("*.md"))]
    for name in names:
        page = article(pages[name])
        stubs = [cell for cell in page.select("div.cell") if "raise NotImplementedError()" in cell.get_text()]
        checks = page.select("div.cell.tag_check")
        assert len(stubs) >= 3 and len(checks) == len(stubs), name
        assert "Three rules for every function" in page.get_text() and "nobody grades it" in page.get_text()
        assert not page.select(".cell_output") and not pages[name].select(".btn-download-source-button")
    assert not (site / "_sources" / "assignments").exists()


@pytest.mark.parametrize(
    "changed, said",
    [
        ("### END SOLUTION", "# END SOLUTION"),
        ("```{code-cell} ipython3\n:nbgrader: {grade: true", "```{code-cell} ipython3\n:about: {grade: true"),
        ("+++ {", "+++  {"),
        ("### BEGIN SOLUTION", "# BEGIN SOLUTION"),
    ],
)
def test_a_master_that_would_tell_a_solution_stops_the_build(changed, said):
    master = (ROOT / "assignments" / "1-gradient-descent.md").read_text(encoding="utf-8")
    assert changed in master
    with pytest.raises(ValueError, match="an assignment would show"):
        assignments.without_answers(master.replace(changed, said, 1))


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
    (wheel,) = (site / "downloads").glob("*.whl")
    packed = site / "downloads" / f"{downloads.NAME}.zip"
    inside = zipfile.ZipFile(packed)
    beside = {Path(entry).name for entry in inside.namelist()}
    assert wheel.name in notebook.cells[0].source and wheel.name in notebook.cells[1].source
    assert notebook.cells[1].source.startswith("try:\n    import optimlib\nexcept ImportError:\n")
    assert inside.read(f"{packed.stem}/{Path(name).name}") == (site / "_sources" / name).read_bytes()
    myst = re.compile(
        r"""^\([\w-]+\)=|\{[\w:-]+\}`|^\s*(?::::|```+\{)|\]\(#|\]\([^)\s]*\.md|\.ipynb#|href=["']\.""", re.MULTILINE
    )
    for before, cell in zip(notebook.cells, notebook.cells[1:]):
        if "hide-cell" in cell.metadata.get("tags", []):
            assert cell.metadata.jupyter == {"source_hidden": True, "outputs_hidden": True}
            assert cell.source.startswith("# Solution\n") and before.source.startswith("# Your answer")
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not myst.search(cell.source), cell.source
            assert {*re.findall(r"\]\(([^)\s]+\.ipynb)", cell.source)} <= beside


# What a build says, and leaves behind, when it does not come to its end


@pytest.fixture
def small_book(tmp_path):
    """A book of one page, with these cells; gives its folder."""

    def write(*sources):
        for name in ("_static", "_templates", "book", "optimlib", "figures", "_build/vendor"):
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in (
            "_config.yml",
            "pyproject.toml",
            "README.md",
            "CHANGELOG.md",
            "CITATION.cff",
            "LICENSE",
            "Makefile",
            "references.bib",
        ):
            shutil.copy(ROOT / name, tmp_path)
        (tmp_path / ".venv").symlink_to(ROOT / ".venv")
        (tmp_path / "_moved").mkdir()
        (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: page\n", encoding="utf-8")
        cells = [nbformat.v4.new_markdown_cell("# A page"), *map(nbformat.v4.new_code_cell, sources)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "page.ipynb")
        return tmp_path

    return write


def run_build(folder, *options):
    return subprocess.run(
        [sys.executable, "-m", "book.build", *options], cwd=folder, capture_output=True, text=True, encoding="utf-8"
    )


@pytest.mark.parametrize("kernels", [[], ["--new-kernels"]], ids=["forked", "new"])
def test_a_cell_that_fails_fails_the_build(small_book, kernels):
    run = run_build(small_book("x = 1", "x / 0", "x"), *kernels)
    assert run.returncode == 1
    assert "page.ipynb, code cell 2:" in run.stderr and "ZeroDivisionError" in run.stderr
    assert run.stderr.rstrip().splitlines()[-1].startswith("The book was not built")


def test_a_book_that_is_told_its_address_names_it(small_book):
    folder = small_book("1")
    assert run_build(folder, "--base-url", "https://example.org/adam").returncode == 0
    base, site = "https://example.org/adam/", folder / "_build" / "html"
    for name in ("index", "page"):
        page = BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        assert [link["href"] for link in page.select("link[rel=canonical]")] == [base]
        told = {meta["property"]: meta["content"] for meta in page.select("meta[property]")}
        assert (told["og:url"], told["og:image"]) == (base, f"{base}_static/social.png")
    assert (site / "sitemap.xml").read_text(encoding="utf-8").count("<loc>") == 1
    nowhere = BeautifulSoup((site / "404.html").read_text(encoding="utf-8"), "html.parser")
    assert [link["href"] for link in nowhere.find_all("a")] == ["/adam/", "/adam/search.html"]


def test_a_kernel_that_dies_fails_the_build(small_book):
    run = run_build(small_book("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"))
    assert run.returncode == 1
    assert "page.ipynb, code cell 1:" in run.stderr and "died" in run.stderr.lower()


def of_this_build(mark):
    """The processes that have this mark in their environment."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            found += [process] if process.environ().get("MARK") == mark and process.status() != "zombie" else []
    return found


SLOW = """\
import pathlib, subprocess, tempfile, time
with tempfile.TemporaryDirectory(dir=".", prefix="half-"):
    child = subprocess.Popen(["sleep", "1000"])
    pathlib.Path("begun").touch()
    time.sleep(1000)
"""


@pytest.mark.parametrize(
    "when, number",
    [
        ("loading", signal.SIGINT),
        ("in a cell", signal.SIGINT),
        ("in a cell", signal.SIGTERM),
        ("making pages", signal.SIGINT),
    ],
)
def test_ctrl_c_ends_a_build_at_once_and_the_next_one_works(small_book, when, number):
    folder, mark = small_book(SLOW if when == "in a cell" else "1"), f"{when} {number} {os.getpid()}"
    build = subprocess.Popen(
        ["make", "--assume-old=install", "book"],
        cwd=folder,
        env=os.environ | {"MARK": mark, "PYTHONPATH": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        encoding="utf-8",
    )
    if when == "loading":
        time.sleep(1)
    elif when == "in a cell":
        while not (folder / "begun").exists():
            assert build.poll() is None, build.stdout.read()
            time.sleep(0.1)
    else:
        while "writing output" not in (line := build.stdout.readline()):
            assert line, "the build ended before"
    began = time.monotonic()
    enough = 3 * max(1, os.getloadavg()[0] / os.cpu_count())  # seconds; three, on a machine that does nothing else
    for wait in (0.0003, 0.001, 0.5):  # and once more while it ends: make sends SIGTERM on, and readers press again
        os.killpg(build.pid, number)  # as a terminal does: make, and what it runs in the foreground
        time.sleep(wait)
    said = build.communicate(timeout=30)[0]
    assert time.monotonic() - began < enough and build.returncode != 0
    while left := of_this_build(mark):
        assert time.monotonic() - began < enough, left
        time.sleep(0.05)
    if when == "in a cell":
        assert "Interrupted: the book was not built." in said and "Traceback" not in said
        assert not [*folder.glob("half-*")]
        (folder / "page.ipynb").unlink()
        (folder / "page.md").write_text("# A page", encoding="utf-8")
    if number == signal.SIGINT and when != "loading":  # which had begun nothing
        assert run_build(folder).returncode == 0


@pytest.mark.parametrize("end", ["well", "killed"])
def test_a_second_build_waits_until_the_first_has_ended(small_book, end):
    folder = small_book(
        "import pathlib, time\npathlib.Path('begun').touch()\nwhile not pathlib.Path('go').exists():\n    time.sleep(0.1)"
    )
    command, how = [sys.executable, "-m", "book.build"], {"cwd": folder, "text": True, "encoding": "utf-8"}
    with open(folder / "said", "w", encoding="utf-8") as aside:
        first = subprocess.Popen(command, stdout=aside, stderr=aside, **how)
    while not (folder / "begun").exists():
        assert first.poll() is None, (folder / "said").read_text(encoding="utf-8")
        time.sleep(0.1)
    second = subprocess.Popen(command, stdout=subprocess.PIPE, **how)
    assert second.stdout.readline().startswith("Another build is at work in this book")
    if end == "killed":
        first.kill()
    (folder / "go").touch()
    said, _ = second.communicate()
    assert second.returncode == 0 and "The book is built" in said
    assert first.wait() == (0 if end == "well" else -signal.SIGKILL)


def test_an_icon_that_the_theme_lacks_fails_the_build(tmp_path):
    (tmp_path / "_static" / "scripts").mkdir(parents=True)
    (tmp_path / "_static" / "scripts" / "fontawesome.js").write_text(
        'x={bars:[1,1,[],"f0c9","M0"],sun:[1,1,[],"f185","M0"]}', encoding="utf-8"
    )
    (tmp_path / "_static" / "styles").mkdir()
    sheet = tmp_path / "_static" / "styles" / "pydata-sphinx-theme.css"
    sheet.write_text(
        '.fa-navicon:before,.fa-bars:before{content:"a"}.fa-moon:before{content:"b"}p{color:red}', encoding="utf-8"
    )
    (tmp_path / "page.html").write_text(
        '<i class="fa-solid fa-bars"></i><i class="fa-solid fa-unicorn fa-lg"></i>', encoding="utf-8"
    )
    with pytest.raises(SystemExit, match='no icon for "fa-solid fa-unicorn fa-lg"'):
        keep_used_icons(tmp_path)
    assert sheet.read_text(encoding="utf-8") == '.fa-navicon:before,.fa-bars:before{content:"a"}p{color:red}'
