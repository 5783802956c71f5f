"""The site as it is published: what it tells others of itself, its policy, and that it is kept and read without a network."""

import datetime
import functools
import http.server
import json
import re
import threading
import tomllib
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

from book import build, contents, edition, live, offline, policy, ways_in
from tests.waiting import under_policy

ROOT = Path(__file__).resolve().parent.parent

PAGES = [f"{name}.html" for name in contents.pages()]
FOLDER = "some/folder/"  # of the server, where the site begins
LAB = "chapters/2-momentum.html"
FILMS = "chapters/5-bias-correction.html"
LIVES = ".optimlab .plot[aria-label]"


@pytest.fixture(scope="module")
def heads(site):
    """The head of every page that readers may open, by its name."""
    pages = {page.relative_to(site).as_posix(): page.read_text(encoding="utf-8") for page in contents.html_of(site)}
    return {name: BeautifulSoup(text.partition("</head>")[0], "html.parser") for name, text in pages.items()}


def told(head, name):
    tags = head.find_all("meta", attrs={"name": name}) + head.find_all("meta", attrs={"property": name})
    assert len(tags) == 1, f"{name}: {tags}"
    return tags[0]["content"]


# What is told of the book


def test_each_page_says_once_what_it_is_and_has_a_picture(site, heads):
    said = {}
    for name in [*PAGES, "index.html", "search.html"]:
        head = heads[name]
        assert head.title.get_text().count("From Gradient Descent to Adam") == 1, name
        assert head.html["lang"] == "en" and head.find("link", rel="icon"), name
        said[name] = told(head, "description")
        assert 40 < len(said[name]) < 300 and not re.search(r"[\\<{]|\s\s", said[name]), f"{name}: {said[name]}"
        assert said[name][-1] in ".?!" and told(head, "og:description") == said[name]
        assert told(head, "og:title") in head.title.get_text()
        assert (site / name).parent.joinpath(told(head, "og:image")).resolve() == site / "_static" / "social.png"
    assert said.pop("index.html") == said[PAGES[0]]
    assert len(set(said.values())) == len(said)
    assert (site / "_static" / "social.png").read_bytes()[16:24] == bytes.fromhex("000004b000000276")  # 1200 x 630
    assert (site / "_static" / "social.png").stat().st_size < 300e3  # some show none that is larger


def test_a_book_that_was_told_no_address_names_none(site, heads):
    assert not (site / "sitemap.xml").exists()
    for name, head in heads.items():
        assert not head.find("meta", property="og:url"), name
        assert not [link["href"] for link in head.find_all("link") if re.match("[a-z]+:|/", link["href"])], name


@pytest.mark.parametrize(
    "typed", ["example.org", "https://", "ftp://example.org", "https://example.org/?a", "https://a b"]
)
def test_what_is_no_address_of_a_site_is_refused(typed):
    with pytest.raises(build.argparse.ArgumentTypeError, match=re.escape(repr(typed))):
        build.address(typed)
    assert build.address("https://example.org/adam") == build.address("https://example.org/adam/") != build.address("")


def test_a_sitemap_names_addresses_as_xml_wants_them():
    tree = ET.fromstring(ways_in.sitemap(["https://example.org/?a&b"]).encode())
    assert [place.text for place in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")] == [
        "https://example.org/?a&b"
    ]


def test_the_book_is_cited_as_the_edition_that_it_is():
    """The fields that the schema of CITATION.cff 1.2.0 requires, and their kinds: cffconvert wants an older jsonschema than Jupyter."""
    cited, project = edition.citation(), tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {"cff-version", "message", "title", "authors"} <= set(cited) and cited["cff-version"] == "1.2.0"
    assert (
        cited["authors"] == project["authors"]
        and cited["license"] == project["license"]
        and cited["type"] == "software"
    )
    assert cited["version"] == project["version"] and isinstance(cited["date-released"], datetime.date)
    assert str(cited["date-released"]) == edition.editions()[cited["version"]]
    assert cited["title"].startswith(yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["title"])
    assert "url" not in edition.bibtex() and "  url     = {https://example.org/}," in edition.bibtex(
        "https://example.org/"
    )


def test_the_foot_of_each_page_names_edition_and_licence_and_leads_to_the_citation(site):
    for name in PAGES:
        page = BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")
        foot = page.select_one("footer .edition")
        assert edition.edition() in foot.get_text() and "MIT licence" in foot.get_text()
        assert foot.a["href"].endswith("#cite-this-book")
    front = BeautifulSoup((site / PAGES[0]).read_text(encoding="utf-8"), "html.parser")
    assert front.select_one("#cite-this-book pre").get_text().strip() == edition.bibtex()


# The policy


def test_no_page_has_a_script_of_its_own_and_each_has_the_policy_first(site):
    for page in contents.html_of(site):
        text = page.read_text(encoding="utf-8")
        soup = BeautifulSoup(text, "html.parser")
        assert not [script for script in soup.find_all("script") if script.get_text().strip()], page
        assert not [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)], page
        assert not soup.select("[href^='javascript:']"), page
        assert text.index(policy.META) < min(text.find(f"<{tag}") % len(text) for tag in ("script", "link", "style")), (
            page
        )


def test_scripts_are_moved_as_they_are_and_data_stays(tmp_path):
    (tmp_path / policy.FOLDER).mkdir(parents=True)
    page = '<meta charset="utf-8"><script>a = "<b>";</script><script type="application/json">{}</script><script src="a.js"></script>'
    page += '<script type="module">b = 1;</script><button class="c"\n onclick="go(&quot;x&quot;)">'
    (tmp_path / "in").mkdir()
    under = BeautifulSoup(policy.under_policy(page, tmp_path, tmp_path / "in"), "html.parser")
    heard, first, data, own, module = under.find_all("script")
    code = {tag["src"]: (tmp_path / "in" / tag["src"]).read_text(encoding="utf-8") for tag in (heard, first, module)}
    assert code[first["src"]] == 'a = "<b>";\n' and data.get_text() == "{}" and own["src"] == "a.js"
    assert code[module["src"]] == '"use strict";\n(() => {\nb = 1;\n})();\n' and module.has_attr("defer")
    assert 'go("x")' in code[heard["src"]] and not under.button.has_attr("onclick")


class Server(http.server.ThreadingHTTPServer):
    """Serves the site from a folder. `instead` is what it gives in the place of a file, `asked` what it was asked for."""

    def __init__(self, site):
        server = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def do_GET(self):
                name = self.path.partition("?")[0].removeprefix(f"/{FOLDER}")
                server.asked.append(name)
                if name in server.instead:
                    self.send_response(200)
                    self.send_header("Content-Type", self.guess_type(name))
                    self.end_headers()
                    self.wfile.write(server.instead[name])
                elif self.path.startswith(f"/{FOLDER}"):
                    self.path = f"/{name}"
                    super().do_GET()
                else:
                    self.send_error(404)

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), functools.partial(Handler, directory=site))
        self.instead, self.asked = {}, []
        self.start = f"http://127.0.0.1:{self.server_port}/{FOLDER}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


@pytest.fixture
def server(site):
    server = Server(site)
    yield server
    server.stop()


@pytest.fixture
def visit(chromium, server):
    """A browser that keeps what it is given, and its troubles."""
    context, troubles = chromium.new_context(reduced_motion="reduce"), []
    context.on("console", lambda said: said.type == "error" and troubles.append(f"{said.page.url}: {said.text}"))
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    page = under_policy(context.new_page())
    page.goto(server.start)
    yield context, page, troubles
    context.close()


KEPT = "document.querySelector('.offline [role=status]')?.textContent.startsWith('Your browser keeps this book')"


def test_in_a_subfolder_all_works_and_what_is_put_into_a_page_does_not_run(server, visit):
    _, page, troubles = visit
    assert page.locator(".race .valley svg").count() == 2  # the start page is the first page itself
    page.wait_for_function("document.querySelector('.grip').getAttribute('aria-label').includes('W -5')")
    page.get_by_role("link", name="Start reading").click()
    page.wait_for_selector(LIVES)
    assert page.url == f"{server.start}chapters/1-gradient-descent.html"
    page.evaluate("window.print = () => { window.printed = true; }")
    page.locator("[data-click='window.print()']").evaluate("button => button.click()")
    assert page.evaluate("printed")
    page.locator("[data-click='toggleFullScreen()']").click()
    page.wait_for_function("document.fullscreenElement !== null")
    page.evaluate("document.exitFullscreen()")
    page.goto(f"{server.start}chapters/7-errata.html#eq-7-2")
    page.wait_for_url("**/errata.html#eq-d-2")
    assert troubles == []
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.bad = 1' }))"
    )
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.bad = 1\">')")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), { src: 'https://example.org/x.js' }))"
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.bad") is None
    assert len([trouble for trouble in troubles if "Content Security Policy" in trouble]) >= 3


# Without a network


def test_a_book_that_was_opened_once_is_read_without_a_network(server, visit):
    context, page, troubles = visit
    page.wait_for_function(KEPT)
    page.goto(f"{server.start}{FILMS}")
    film = page.locator(".film video").first
    film.evaluate("film => film.play()")
    page.wait_for_function("document.querySelector('.film video').currentTime > 0")
    server.stop()
    context.set_offline(True)
    kept = "names => Promise.all(names.map((name) => caches.match(new URL(name, document.baseURI).href)))"
    assert all(
        page.evaluate(f"names => ({kept})(names).then((all) => all.map(Boolean))", [f"../{name}" for name in PAGES])
    )
    page.goto(server.start, wait_until="domcontentloaded")
    page.wait_for_function("document.querySelector('.grip').getAttribute('aria-label').includes('W -5')")
    page.goto(f"{server.start}{LAB}", wait_until="domcontentloaded")
    page.wait_for_selector(LIVES)
    page.goto(f"{server.start}search.html?q=velocity", wait_until="domcontentloaded")
    page.wait_for_selector("#search-results mark")
    # Its film was seen, so it is kept, and can be wound on.
    page.goto(f"{server.start}{FILMS}", wait_until="domcontentloaded")
    page.wait_for_function("document.querySelector('.film video').readyState > 0")
    film.evaluate("film => { film.currentTime = 0.8 * film.duration; }")
    page.wait_for_function(
        "(film => !film.seeking && film.currentTime > 0.7 * film.duration)(document.querySelector('.film video'))"
    )
    assert troubles == []


def test_python_is_kept_neither_by_itself_nor_when_a_reader_has_asked_for_it(server, visit):
    _, page, _ = visit
    page.wait_for_function(KEPT)
    assert not [name for name in server.asked if name.startswith(f"{live.FOLDER}/")]
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    asked = (
        "fetch('_static/live/book.zip', { cache: 'no-store' }).then((answer) => answer.arrayBuffer()).then(() => true)"
    )
    assert page.evaluate(asked) and server.asked[-1] == f"{live.FOLDER}/book.zip"
    assert page.evaluate("caches.match('_static/live/book.zip').then((kept) => kept === undefined)")


def test_a_newer_edition_is_offered_and_no_page_is_made_of_two(site, server, visit):
    _, page, troubles = visit
    page.wait_for_function(KEPT)
    worker = (site / offline.WORKER).read_text(encoding="utf-8")
    server.instead[offline.WORKER] = re.sub('EDITION = "[0-9a-f]+"', 'EDITION = "newer"', worker).encode()
    server.instead[LAB] = (site / LAB).read_bytes().replace(b"<h1>2. Momentum", b"<h1>2. Momentum, mended")
    page.goto(f"{server.start}{LAB}")
    page.wait_for_selector(".newer")
    assert "mended" not in page.locator("article h1").text_content()
    page.locator(".newer").get_by_role("button", name="Read it").click()
    page.wait_for_function("document.querySelector('article h1')?.textContent.includes('mended')")
    page.wait_for_function(KEPT)
    assert len(page.evaluate("caches.keys()")) == 1 and page.locator(".newer").count() == 0
    assert troubles == []


def test_one_button_forgets_everything(server, visit):
    _, page, troubles = visit
    page.wait_for_function(KEPT)
    page.evaluate("caches.open('of another book')")
    own = "changed " + page.evaluate("location.pathname")
    page.evaluate("(own) => [own, 'changed of another book'].forEach((name) => localStorage.setItem(name, '{}'))", own)
    button = page.locator(".offline button")
    button.click()
    page.wait_for_function("document.querySelector('.offline [role=status]').textContent.includes('keeps nothing')")
    assert page.evaluate("caches.keys()") == ["of another book"]
    assert [name for name in page.evaluate("Object.keys(localStorage)") if "changed" in name] == [
        "changed of another book"
    ]
    for _ in range(2):  # now, and when the next page is opened
        assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
        assert page.evaluate("Object.keys(localStorage)").count("offline refused") == 1
        page.goto(f"{server.start}{LAB}")
        page.wait_for_selector(".offline:not([hidden])", state="attached")
    button.click()
    page.wait_for_function(KEPT)
    assert troubles == []


def test_what_a_worker_keeps_is_what_pages_are_made_of(site):
    text = (site / offline.WORKER).read_text(encoding="utf-8")
    names = json.loads(re.search(r"^const NEEDED = (\[.*?\]);", text, re.DOTALL | re.MULTILINE)[1])
    assert {*PAGES, "index.html", "404.html"} <= set(names) and all((site / name).is_file() for name in names)
    assert not [name for name in names if name.startswith("downloads/") or name.endswith((".mp4", ".map"))]
    offline.write_worker(site)
    assert (site / offline.WORKER).read_text(encoding="utf-8") == text, (
        "the edition is that of the site as it lies there"
    )


def test_the_whole_book_in_one_zip_opens_from_disk(site, new_page, tmp_path):
    with zipfile.ZipFile(site / "downloads" / offline.ZIP) as packed:
        packed.extractall(tmp_path / "a # folder")
    (folder,) = (tmp_path / "a # folder").iterdir()
    names = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert {*PAGES, "index.html", "search.html"} <= names and not [
        name for name in names if name.endswith((offline.ZIP, ".map")) or name.startswith(f"{live.FOLDER}/")
    ]
    assert not [file for file in contents.html_of(folder) if offline.ZIP in file.read_text(encoding="utf-8")]
    page, troubles = new_page(viewport={"width": 1280, "height": 800}), []
    page.on("console", lambda said: said.type == "error" and troubles.append(f"{page.url}: {said.text}"))
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
    page.goto((folder / "index.html").as_uri())
    page.wait_for_function("document.querySelector('.grip').getAttribute('aria-label').includes('W -5')")
    page.get_by_role("link", name="Start reading").click()
    page.wait_for_selector(LIVES)
    assert page.locator(".offline").is_hidden()  # from disk there is nothing to keep
    assert troubles == []


def test_every_page_offers_the_whole_book(site):
    for name in [*PAGES, "index.html"]:
        page = BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")
        (link,) = page.select(f".dropdown-download-buttons a[href$='{offline.ZIP}']")
        assert (
            link.get_text() == "the whole book, .zip"
            and (site / name).parent.joinpath(link["href"]).resolve().is_file()
        )
