"""The site as a reader meets it: every page opened in a browser, every lab moved."""

import itertools
import re
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from axe_playwright_python.sync_playwright import Axe

from book import contents
from book.page_weight import sent
from optimlib import labs

ROOT = Path(__file__).resolve().parent.parent

PAGES = [f"{name}.html" for name in contents.pages()]


WIDTHS, THEMES = (320, 1280), ("light", "dark")


@pytest.mark.parametrize("scheme, theme, width", [("http", "light", 1280), ("file", "dark", 320)])
def test_pages_open_without_trouble(reader, site, scheme, theme, width):
    """Each page as it opens; those of a server in the other theme and width, too, as a reader may turn them."""
    page, start, troubles = reader(scheme, width, color_scheme=theme)
    ways = sorted(itertools.product(THEMES, WIDTHS), key=lambda way: way != (theme, width))
    ways = ways if scheme == "http" else ways[:1]
    for name in [*PAGES, "search.html"]:
        page.goto(start + name, wait_until="load")
        page.evaluate(
            "document.querySelectorAll('article details:not([open]) > summary').forEach((one) => one.click())"
        )
        for theme, width in ways:
            page.set_viewport_size({"width": width, "height": 800})
            turn(page, theme)
            scrolled = page.evaluate("(scrollTo({ left: 9999, behavior: 'instant' }), scrollX)")
            way = f"{name}, {theme}, {width} wide"
            troubles += [f"{way}: the page scrolls sideways by {scrolled}"] if scrolled else []
            troubles += [f"{way}: the number overlaps {equation}" for equation in page.evaluate(OVERLAPS)]
            troubles += [f"{way}: a picture's text cannot be read: {text}" for text in page.evaluate(FAINT)]
        page.wait_for_selector("html.fontawesome-i2svg-complete", state="attached")
        troubles += [f"{name}: an icon is not drawn: {icon}" for icon in page.evaluate(NOT_DRAWN)]
        if scheme == "http" and name in PAGES:
            weight = sum(sent(site / file) for file in loaded(page) if not file.endswith(".mp4")) / 1000
            troubles += [] if 100 < weight < 400 else [f"{name}: weighs {weight:.0f} kB without its films"]
        page.emulate_media(color_scheme=ways[0][0])
        page.set_viewport_size({"width": ways[0][1], "height": 800})
    assert troubles == []


def turn(page, theme):
    page.emulate_media(color_scheme=theme)
    page.wait_for_function(f"document.documentElement.dataset.theme == '{theme}'")


def loaded(page):
    """The files of the site that a page is made of; those, too, that the browser had from an earlier page."""
    page.wait_for_function("document.fonts.status == 'loaded'")
    addresses = page.evaluate("[location.href, ...performance.getEntriesByType('resource').map((one) => one.name)]")
    return {unquote(urlparse(address).path).lstrip("/") for address in addresses}


# book/icons.py keeps the icons in use; the theme's script puts a circle with a question mark for one that it lacks.
NOT_DRAWN = """() => {
    const wrong = document.querySelectorAll("svg.svg-inline--fa:not(:has(> path[d])), :not(svg)[class*='fa-']:not(html)");
    const count = document.querySelectorAll("svg.svg-inline--fa").length;
    return [...[...wrong].map((icon) => icon.getAttribute("class")), ...(count > 5 ? [] : [`there are only ${count}`])];
}"""

# No preload: axe would look for what a style sheet imports beside the page. Of what is well, it need keep no list.
AXE = {"preload": False, "resultTypes": ["violations"]}
# Half the elements of a page are the letters of its equations. Screen readers have the MathML beside them in their
# place, so they can only be hard to see, or be reached by Tab. That is asked of them here, and axe never sees them.
LETTERS = '.katex-html[aria-hidden="true"]'
ODD_LETTERS = f"""() => [...document.querySelectorAll('{LETTERS}')].flatMap((equation) => {{
    const text = getComputedStyle(equation.closest(".katex").parentElement).color;
    return [equation, ...equation.querySelectorAll("*")].filter((letter) => {{
        const {{ color, backgroundColor, opacity }} = getComputedStyle(letter);
        return color !== text || backgroundColor !== "rgba(0, 0, 0, 0)" || opacity !== "1" || letter.tabIndex >= 0;
    }});
}}).map((letter) => letter.outerHTML.slice(0, 120))"""


def test_pages_are_accessible(reader):
    page, start, troubles = reader("http", reduced_motion="reduce")
    for name in [*PAGES, "search.html"]:
        page.goto(start + name)
        if page.locator(".optimlab-mount").count():
            page.wait_for_selector(".optimlab .plot[aria-label]")
        for theme in THEMES:
            turn(page, theme)
            troubles += [f"{name}, {theme}: a letter unlike its text: {odd}" for odd in page.evaluate(ODD_LETTERS)]
        page.evaluate(f"document.querySelectorAll('{LETTERS}').forEach((letters) => letters.remove())")
        for theme in THEMES:
            turn(page, theme)
            for found in Axe().run(page, options=AXE).response["violations"]:
                troubles += [f"{name}, {theme}: {found['id']}: {node['html'][:120]}" for node in found["nodes"]]
    assert troubles == []


def test_a_dark_page_is_printed_on_white(reader):
    page, start, troubles = reader("file", color_scheme="dark")
    page.goto(start + PAGES[1])
    page.evaluate(
        "window.printed = []; addEventListener('afterprint', () => printed.push(getComputedStyle(document.body).color))"
    )
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
    return [...equation.querySelectorAll(":scope > :is(.base, .whole)")].map((part) => part.getBoundingClientRect())
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


# The labs, each on its chapter's page: a setting other than the opening one, as a link carries it, field by field
LABS = {
    "1-gradient-descent": "step=12&lr=0.1&kappa=50&angle=30&W=4&b=-3",
    "2-momentum": "step=12&lr=1&beta1=0.5&kappa=50&W=4&b=-3",
    "3-rmsprop": "step=12&lr=0.2&beta2=0.99&eps=0.01&angle=30&W=1&b=-1",
    "4-adam": "step=12&lr=0.5&beta2=0.99&beta1=0.8&eps=0.01&kappa=50&W=4&b=-3"
    "&show_gradient_descent=off&show_momentum=on&show_rmsprop=off&show_adam=on",
    "5-bias-correction": "beta2=0.99&beta1=0.8&beta=0.9&correction=off",
    "6-same-ground": "step=30&surface=saddle&noise=on&lr_gradient_descent=0.1&lr_momentum=0.2&lr_rmsprop=0.3&lr_adam=0.4&W=1&b=1",
    "7-network": "step=12&method=momentum&lr=64&other=Adam&lr_other=0.2&exponent=0.5&batch=256 words",
    "8-after-adam": "step=12&lr=0.5&decay=0.01&kappa=200&W=4&b=-3&method=L2 in Adam&noise=on"
    "&show_amsgrad_l2=on&show_lion_decayed=on",
}


def open_lab(reader, scheme, chapter, link="", **settings):
    page, start, troubles = reader(scheme, **settings)
    page.goto(f"{start}chapters/{chapter}.html{link}")
    page.wait_for_selector(".optimlab .plot[aria-label]")
    return page, troubles


def shown(page):
    """The words and pictures of the lab, without the map of settings, which follows later."""
    return page.locator(".optimlab :is(.words, .plot:not(.sweep))").evaluate_all(
        "parts => parts.map((part) => part.innerHTML)"
    )


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


# Every lab is opened both ways. Which way changes what a page may load, and not how it answers.
@pytest.mark.parametrize("chapter", LABS)
def test_labs_answer_to_links_the_mouse_and_keys(reader, chapter):
    page, troubles = open_lab(reader, "http", chapter, f"#lab?{LABS[chapter]}")
    assert setting(page) == re.findall("=([^&]+)", LABS[chapter])
    linked = shown(page)
    page.get_by_role("button", name="Reset").click()
    opening = shown(page)
    assert all(now != then for now, then in zip(opening, linked))

    slider = page.locator(".optimlab .controls [type=range]").first
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
    fields, keys = 0, {"range": "End", "number": "ArrowDown", "checkbox": "Space", "select-one": "ArrowDown"}
    while page.evaluate("document.activeElement.textContent") != "Reset":  # on the way are buttons that play, too
        kind, at_end = page.evaluate("(({ type, value, max }) => [type, value === max])(document.activeElement)")
        before = shown(page)
        if kind in keys:
            page.keyboard.press("ArrowLeft" if kind == "range" and at_end else keys[kind])
        page.keyboard.press("Tab")
        assert kind not in keys or shown(page) != before, f"field {fields}, {kind}"
        fields += kind in keys
    assert fields == page.locator(".optimlab :is(input, select)").count()
    page.keyboard.press("Enter")
    assert shown(page) == opening

    # what the mouse drew is what belongs to the number
    box = slider.locator("~ [type=number]")
    box.fill(typed)
    box.press("Enter")
    assert shown(page) == dragged
    assert troubles == []


@pytest.mark.parametrize("chapter", LABS)
def test_labs_answer_to_a_finger(reader, chapter):
    page, troubles = open_lab(reader, "file", chapter, width=360, has_touch=True, is_mobile=True)
    opening, finger = shown(page), page.context.new_cdp_session(page)
    slider = page.locator(".optimlab .controls [type=range]").first
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
        # not below the picture that stays in sight, nor below the theme's button that leads to the top, nor on a dot
        part.evaluate("part => part.scrollIntoView({ block: 'center', behavior: 'instant' })")
        box = part.bounding_box()
        part.tap(position={"x": 0.7 * box["width"], "y": 0.3 * box["height"]})
        soon(page, lambda: shown(page) != before)
    page.get_by_role("button", name="Reset").tap()
    soon(page, lambda: shown(page) == opening)
    assert troubles == []


def soon(page, true):
    """A touch is a click only once the browser has seen that it is nothing else."""
    for _ in range(1000):
        if true():
            return
        page.wait_for_timeout(20)
    assert true()


EPSILON = "conventions.html#adam-epsilon-and-epsilon-hat"
# What must come first.
FIRST = {
    **dict.fromkeys(["epsilon", "ε", "ϵ", "eps", r"\epsilon"], EPSILON),
    **dict.fromkeys(["beta2", "what is beta2", "λ", "gamma"], "symbols.html#symbols"),
    **dict.fromkeys(["install", "how to install"], "index.html#run-it-yourself"),
    "why divide": "5-bias-correction.html#why-divide-by-1-t",
    **dict.fromkeys(["eq 13", "(13)", "Equation 13"], "2-momentum.html#eq-13"),
    "equation (2.7)": "2-momentum.html#eq-2-7",
    "(d.4)": "errata.html#eq-d-4",
    "figure M": "5-bias-correction.html#why-divide-by-1-t",
    "momentum": "2-momentum.html#momentum",
    "nesterov": "2-momentum.html#nesterov-look-ahead",
    "zigzags": "1-gradient-descent.html#what-makes-it-zigzag-and-what-does-not",
    "condition number": "2-momentum.html#the-best-pair",
    "bias correction": "5-bias-correction.html#bias-correction",
    "learning rate": "1-gradient-descent.html#what-the-learning-rate-does",
    "AdamW": "8-after-adam.html#adamw-a-decay-beside-the-step",
    "weight decay": "8-after-adam.html#adamw-a-decay-beside-the-step",
    "lion": "8-after-adam.html#lion-only-the-sign",
    "muon": "8-after-adam.html#muon-directions-not-entries",
    "amsgrad": "8-after-adam.html#amsgrad-a-divisor-that-never-shrinks",
    "warm-up": "7-network.html#schedules-and-warm-up",
    "rmsprop": "3-rmsprop.html#rmsprop",
    "adagrad": "3-rmsprop.html#why-it-has-to-forget",
    "heavy ball": "2-momentum.html#two-forms-of-one-method",
    "rosenbrock": "6-same-ground.html#a-curved-valley",
    "pytorch momentum": "2-momentum.html#two-forms-of-one-method",
    "half-life": "2-momentum.html#an-average-that-forgets",
    "rare words": "7-network.html#try-it-rare-words",
    "E15": "errata.html#e15-lower-or-nearer-to-zero",
    "privacy": "teaching.html#privacy",
    "assignment 3": "assignments/3-rmsprop.html#assignment-3-rmsprop",
}
# A letter, its name and its LaTeX are one.
ONE = [
    ["β₂", "beta2", "beta_2", r"\beta_2"],
    ["ŝ", "s_hat", r"\hat{s}", r"\hat s"],
    ["κ", "kappa"],
    ["α", "alpha", "lr"],
]
ADDRESSES = "query => find(query).map((one) => one.address)"


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_search_finds_sections_and_says_what_stands_there(reader, site, scheme):
    page, start, troubles = reader(scheme)
    page.goto(f"{start}search.html?q=velocity")
    links = page.locator("#search-results > li > a")
    assert links.count() > 5 and page.locator("#search-results mark").count() > 5
    assert (site / links.first.get_attribute("href").partition("#")[0]).exists()
    found = {query: page.evaluate(ADDRESSES, query)[0].removeprefix("chapters/") for query in FIRST}
    assert found == FIRST and len(FIRST) >= 30
    for ways in ONE:
        first, *others = [page.evaluate(ADDRESSES, way) for way in ways]
        assert first and all(other == first for other in others), ways
    page.locator(".bd-search-container input").fill("qqxzv")
    assert links.count() == 0 and page.locator("#search-status").text_content().startswith("Nothing found")
    assert sum(sent(file) for file in (site / "_static" / "search").glob("*.js")) < 87e3  # Sphinx's own took 28
    assert troubles == []


def test_the_contents_at_the_side_mark_the_section_that_a_link_led_to(reader):
    page, start, troubles = reader("http", reduced_motion="reduce")
    page.goto(f"{start}chapters/2-momentum.html")
    names = page.locator(".bd-toc-nav a").evaluate_all("links => links.map((link) => link.hash)")
    assert len(names) > 10
    marked = "[...document.querySelectorAll('.bd-toc-nav a.active')].map((link) => link.hash)"
    for name in names:
        page.evaluate("name => { location.hash = name; }", name)
        soon(page, lambda name=name: page.evaluate(marked) == [name])
    page.keyboard.press("Home")
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    soon(page, lambda: page.evaluate(marked) in ([], names[:1]))
    assert troubles == []


def test_a_copied_equation_is_its_latex_and_a_place_can_be_copied(reader):
    page, start, troubles = reader("http")
    page.goto(f"{start}chapters/2-momentum.html#eq-2-1")
    page.evaluate("addEventListener('copy', (event) => { window.copied = event.clipboardData.getData('text/plain'); })")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#eq-2-1 .katex'))")
    page.keyboard.press("Control+c")
    assert "\\beta_1^{" in page.evaluate("copied") and page.evaluate("copied").count("\n") < 5
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    page.locator("#eq-2-1 .katex-html").first.hover()
    page.locator("#eq-2-1 > .headerlink").click()
    page.wait_for_function("address => copied === address", arg=f"{start}chapters/2-momentum.html#eq-2-1")
    assert troubles == []


FATES = "[...document.querySelectorAll('.race .valley svg + svg .line')].map((line) => line.getAttribute('d'))"


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_the_race_answers_to_the_mouse_and_keys(reader, scheme):
    page, start, troubles = reader(scheme, reduced_motion="reduce")
    page.goto(start + PAGES[0])
    grip, said = page.locator(".grip"), page.locator(".race .said")
    page.wait_for_function("document.querySelector('.grip').getAttribute('aria-label').includes('W -5')")
    seen = [page.evaluate(FATES)]

    def moved(does):
        does()
        page.wait_for_function(f"before => {FATES}.join() !== before", arg=",".join(seen[-1]))
        seen.append(page.evaluate(FATES))

    grip.focus()
    moved(lambda: page.keyboard.press("Shift+ArrowUp"))
    assert "b -1.5" in grip.get_attribute("aria-label")
    place = grip.bounding_box()
    x, y = place["x"] + 22, place["y"] + 22
    page.mouse.move(x, y)
    page.mouse.down()
    moved(lambda: page.mouse.move(x + 120, y - 40, steps=4))
    page.mouse.up()
    after = grip.bounding_box()
    assert (after["x"] + 22, after["y"] + 22) == pytest.approx((x + 120, y - 40), abs=1)
    rate, time = page.get_by_role("slider", name="Learning rate"), page.get_by_role("slider", name="Step of the race")
    moved(lambda: rate.press("End"))
    assert "3.2 × its best" in rate.get_attribute("aria-valuetext")
    page.wait_for_function("document.querySelector('.race .said').textContent.includes('gradient descent: lost')")
    assert said.text_content() in page.locator(".valley svg[role=img]").get_attribute("aria-label")
    track = page.locator(".race .time").bounding_box()
    moved(lambda: page.mouse.click(track["x"] + track["width"] / 4, track["y"] + 20))
    assert time.input_value() == "25"
    moved(lambda: page.get_by_role("radio", name="Rosenbrock").check())
    assert time.get_attribute("max") == "400" and time.input_value() == "400"  # less motion: it stands at the end
    assert troubles == []


def test_the_race_runs_once_by_itself_and_again_by_its_button(reader):
    page, start, troubles = reader("http")
    page.goto(start + PAGES[0])
    play, time = page.locator(".race .play"), page.get_by_role("slider", name="Step of the race")
    page.wait_for_function("document.querySelector('.race .play').matches('.playing')")
    play.click()
    paused = time.input_value()
    assert 0 <= int(paused) < 100 and play.get_attribute("aria-label") == "Play the race"
    time.press("End")
    play.click()
    page.wait_for_function("Number(document.querySelector('.race .time').value) > 5")
    assert int(time.input_value()) < 100
    assert troubles == []


def test_without_scripts_the_race_is_a_picture(reader):
    page, start, troubles = reader("http", java_script_enabled=False)
    page.goto(start + PAGES[0])
    assert page.locator(".valley svg .line").count() == 4 and page.locator(".valley svg[role=img]").is_visible()
    assert not page.locator(".race :is(button, input)").evaluate_all(
        "controls => controls.some((one) => one.checkVisibility())"
    )
    assert troubles == []


@pytest.mark.parametrize("motion, plays", [("no-preference", True), ("reduce", False)])
def test_films_play_in_view_unless_motion_is_unwanted(reader, site, motion, plays):
    name = next(name for name in PAGES if '<figure class="film"' in (site / name).read_text(encoding="utf-8"))
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


# A phone, upright and on its side, small ones too; a desktop, and one at 200 % and 400 %; a tablet.
SIZES = [(390, 844), (667, 375), (568, 320), (320, 256), (640, 400), (768, 1024), (1280, 800), (1440, 900)]

# Focuses each control of the lab, coming from above and from below; returns those whose middle something else covers.
COVERED = """() => [...document.querySelectorAll(
    ".optimlab :is(input, select, button, pre), .optimlab-dock :is(input, button)")]
    .filter((control) => control.checkVisibility({ visibilityProperty: true }))
    .flatMap((control) => [0, document.documentElement.scrollHeight].map((from) => {
        document.activeElement.blur();
        scrollTo({ top: from, behavior: "instant" });
        control.focus();
        const { left, right, top, bottom } = control.getBoundingClientRect();
        const part = bottom - top < innerHeight / 2 ? [top, bottom] : [Math.max(top, 0), Math.min(bottom, innerHeight)];
        const middle = (part[0] + part[1]) / 2; // of what can be seen of long code
        const hit = document.elementFromPoint((left + right) / 2, middle);
        const name = control.getAttribute("aria-label") ?? control.labels?.[0]?.textContent ?? control.textContent;
        return control.contains(hit) ? "" : `${name} of ${control.type}, from ${from}: ${hit?.outerHTML.slice(0, 60)}`;
    })).filter(Boolean)"""


@pytest.mark.parametrize("chapter", LABS)
def test_every_control_can_be_hit_and_is_seen_when_focused(reader, chapter):
    page, troubles = open_lab(reader, "http", chapter, reduced_motion="reduce")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(100)  # the pictures take their new size
        troubles += [f"{width} x {height}: {covered}" for covered in page.evaluate(COVERED)]
    assert troubles == []


# Whether what has the focus can be seen to have it.
SEEN = """() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return document.activeElement === document.body || (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2);
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_the_focus_is_seen_wherever_keys_lead(reader, width):
    page, start, troubles = reader("http", width)
    page.goto(start + PAGES[0])
    names = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.title || document.activeElement.textContent.trim().slice(0, 40)")
        names.add(name)
        troubles += [] if page.evaluate(SEEN) else [f"no focus on {name}"]
    assert len(names) > 20
    assert troubles == []


# What of the text scrolls sideways.
SCROLLERS = """() => {
    const wide = (box) => box.scrollWidth > box.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(box).overflowX);
    window.scrollers = [...document.querySelectorAll(".bd-article *")].filter((box) => box.checkVisibility() && wide(box));
    return scrollers.map((box) => box.tagName);
}"""
# Puts the focus right before one of them.
BEFORE = "at => { const button = document.createElement('button'); scrollers[at].before(button); button.focus(); }"


def test_what_scrolls_sideways_is_reached_and_moved_by_keys(reader):
    """The theme's script makes code a stop for keys, and browsers by themselves the equations."""
    page, start, troubles = reader("http", 768, reduced_motion="reduce")
    page.goto(f"{start}chapters/{LINKED}.html", wait_until="load")
    kinds = page.evaluate(SCROLLERS)
    assert {*kinds} == {"PRE", "DIV"}
    for at, kind in enumerate(kinds):
        page.evaluate(BEFORE, at)
        page.keyboard.press("Tab")
        assert page.evaluate("at => document.activeElement === scrollers[at]", at), kind
        troubles += [] if page.evaluate(SEEN) else [f"no focus is seen on a {kind}"]
        page.keyboard.press("ArrowRight")
        soon(page, lambda at=at: page.evaluate("at => scrollers[at].scrollLeft > 0", at))
    assert troubles == []


def test_in_a_wide_window_the_menu_button_puts_the_sidebar_away_for_all_pages(reader):
    page, start, troubles = reader("http")
    page.goto(f"{start}chapters/symbols.html")  # with neither race nor lab, which want the room
    sidebar, button = page.locator("#pst-primary-sidebar"), page.locator(".primary-toggle")
    assert sidebar.is_visible()
    button.click()
    assert not sidebar.is_visible() and not page.locator("dialog[open]").count()
    page.goto(start + PAGES[-1])
    assert not sidebar.is_visible()
    button.click()
    assert sidebar.is_visible()
    assert troubles == []


# What of the words on a page does not fit its place: tables that are cut, code and pictures with small letters.
UNREADABLE = """() => [
    ...[...document.querySelectorAll(".bd-article table")]
        .filter((table) => table.scrollWidth > table.clientWidth + 1)
        .map((table) => `a table is cut: ${table.textContent.trim().slice(0, 40)}`),
    ...[...document.querySelectorAll("div.cell pre")]
        .filter((code) => parseFloat(getComputedStyle(code).fontSize) < 12.5).map(() => "small code"),
    ...[...document.querySelectorAll("article svg:has(text)")].filter((picture) => picture.checkVisibility()).flatMap((picture) => {
        const box = picture.getBoundingClientRect(), scale = picture.getScreenCTM().a;
        return [...picture.querySelectorAll("text, tspan")].filter((text) => text.checkVisibility()).flatMap((text) => {
            const { left, right, top, bottom } = text.getBoundingClientRect();
            const out = Math.max(box.left - left, right - box.right, box.top - top, bottom - box.bottom);
            return [
                ...(parseFloat(getComputedStyle(text).fontSize) * scale < (innerWidth < 390 ? 8.5 : 9) ? ["small letters in"] : []),
                ...(out > 1.5 ? ["cut at the side of"] : []),
            ].map((what) => `${what} a picture: ${text.textContent}`);
        });
    }),
]"""


# What a line begins with that belongs to the one before: what touches an equation in a sentence, or, of short
# parentheses in an equation, the rest.
TORN = """() => [...document.querySelectorAll(".bd-article .katex-html")].filter((one) => one.checkVisibility()).flatMap((letters) => {
    const equation = letters.closest(".katex").querySelector("annotation").textContent, torn = [];
    const parts = [...letters.querySelectorAll(".base")].map((base) => ({ base, box: base.getBoundingClientRect() }));
    const opened = [];
    for (const [i, { base }] of parts.entries()) for (const sign of base.querySelectorAll(".mopen, .mclose")) {
        if (sign.matches(".mopen")) opened.push([i, sign]);
        else if (opened.length) {
            const [from, open] = opened.pop(), range = new Range();
            range.setStartBefore(open);
            range.setEndAfter(sign);
            const within = range.toString().replaceAll("\u200b", "").length <= 19;
            if (within && parts.slice(from, i).some(({ box }, j) => parts[from + j + 1].box.left < box.right - 3)) torn.push(`in ${equation}`);
        }
    }
    for (const clause of letters.querySelectorAll(".clause")) {
        const boxes = [...clause.children].map((part) => part.getBoundingClientRect());
        const broken = boxes.slice(1).some(({ left }, i) => left < boxes[i].right - 3);
        if (broken && boxes.reduce((sum, { width }) => sum + width, 0) < letters.clientWidth) torn.push(`${clause.textContent} in ${equation}`);
    }
    const next = letters.closest("span.math")?.nextSibling, range = new Range();
    if (next?.nodeType === Node.TEXT_NODE && /^\\S/.test(next.data)) {
        range.setStart(next, 0);
        range.setEnd(next, 1);
        if (range.getClientRects()[0]?.left < parts.at(-1).box.right - 3) torn.push(`${equation} from ${next.data.slice(0, 9)}`);
    }
    return torn;
})"""


def test_no_line_begins_with_what_belongs_to_the_equation_before(reader):
    page, start, troubles = reader("file", 320)
    equations = clauses = 0
    for name in PAGES:
        page.goto(start + name)
        page.evaluate("document.querySelectorAll('article details').forEach((one) => { one.open = true; })")
        equations += page.locator(".bd-article .katex-html").count()
        clauses += page.locator(".bd-article .clause").count()
        for width in (320, 390, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            troubles += [f"{name}, {width} wide: {torn}" for torn in page.evaluate(TORN)]
    assert equations > 1000 and clauses > 40
    assert troubles == []


def test_phones_show_all_columns_and_letters_that_can_be_read(reader):
    page, start, troubles = reader("http", 360)
    for name in PAGES:
        page.goto(start + name)
        for width in (360, 390):
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate(
                "new Promise((on) => requestAnimationFrame(() => requestAnimationFrame(on)))"
            )  # the page follows
            troubles += [f"{name}, {width} wide: {found}" for found in sorted(set(page.evaluate(UNREADABLE)))]
    assert troubles == []


def test_in_the_dark_the_controls_of_a_film_are_not_turned_over(reader, site):
    name = next(name for name in PAGES if '<figure class="film"' in (site / name).read_text(encoding="utf-8"))
    page, start, troubles = reader("file", color_scheme="dark")
    page.goto(start + name)
    film, button = page.locator(".film video").first, page.locator(".film .bar button").first
    assert not film.evaluate("film => film.controls")
    assert button.evaluate(
        "node => { while (node && getComputedStyle(node).filter === 'none') node = node.parentElement; return !node }"
    )
    button.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.film .bar button').textContent === 'Pause'")
    button.click()
    page.locator(".film .bar input").first.fill("0.5")
    page.wait_for_function(
        "(film => film.paused && film.currentTime > 0.4 * film.duration)(document.querySelector('.film video'))"
    )
    assert troubles == []


def test_what_code_printed_has_no_button_that_copies_it(reader):
    page, start, troubles = reader("http")
    page.goto(f"{start}chapters/2-momentum.html")
    page.wait_for_selector(".cell_input button.copybtn", state="attached")
    assert page.locator(".cell_output button.copybtn").count() == 0
    assert troubles == []


LINKED = "2-momentum"  # a chapter whose text sets its lab


def test_a_lab_stands_beside_the_text_in_a_wide_window_and_in_its_place_in_a_narrow_one_and_on_paper(reader):
    page, troubles = open_lab(reader, "http", LINKED)
    lab = page.locator(".optimlab")
    for down in (0, 2000, 5000):
        page.evaluate("top => scrollTo({ top, behavior: 'instant' })", down)
        assert page.locator(".optimlab .plot").first.evaluate(
            "plot => plot.getBoundingClientRect().bottom < innerHeight"
        )
    text, picture = page.locator(".bd-article").bounding_box(), lab.bounding_box()
    assert text["x"] + text["width"] <= picture["x"]
    in_the_text = "document.querySelector('.bd-article .optimlab') !== null"
    assert not page.evaluate(in_the_text)
    page.evaluate(f"addEventListener('beforeprint', () => {{ window.printed = {in_the_text}; }})")
    page.pdf()
    assert page.evaluate("printed") and not page.evaluate(in_the_text)
    page.set_viewport_size({"width": 700, "height": 900})
    page.wait_for_function(in_the_text)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.wait_for_function(f"!({in_the_text})")
    assert troubles == []


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_links_in_the_text_set_the_lab_and_say_what_comes_of_it(reader, scheme):
    page, troubles = open_lab(reader, scheme, LINKED)
    names, opening, said = [*labs.MomentumLab.controls()], setting(page), {}
    for link in page.locator("a.set").all():
        link.click()
        address = link.get_attribute("href")
        asked = dict(pair.split("=") for pair in address.removeprefix("#lab?").split("&"))
        soon(page, lambda link=link: link.get_attribute("aria-current") is not None)
        assert setting(page) == [asked.get(name, value) for name, value in zip(names, opening)], (
            "and the rest as at first"
        )
        current = page.locator("a.set[aria-current]").evaluate_all("links => links.map((a) => a.getAttribute('href'))")
        assert {*current} == {address}
        said[address] = link.locator("~ .chip:not([hidden])").text_content()
    assert len({*said.values()}) > len(said) / 2 and all(re.fullmatch("momentum: .+", words) for words in said.values())
    page.get_by_role("slider", name="κ").press("End")
    assert page.locator("a.set[aria-current]").count() == page.locator(".chip:not([hidden])").count() == 0
    assert troubles == []


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_a_number_that_ends_such_a_link_is_dragged_and_moved_by_keys(reader, scheme):
    page, troubles = open_lab(reader, scheme, LINKED)
    link = page.locator("a.set[href='#lab?lr=1&beta1=0.6&kappa=20']")
    number, chip, lab = link.locator("+ .dial"), link.locator("+ .dial + .chip"), page.locator(".optimlab")
    beta1 = lab.get_by_label("β₁, typed")
    assert (link.text_content(), number.text_content()) == ("with α\u00a0=\u00a01, β₁\u00a0=\u00a0", "0.6")
    number.scroll_into_view_if_needed()
    box = number.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=4)
    page.mouse.up()
    dragged = number.text_content()
    assert float(dragged) > 0.65 and beta1.input_value() == dragged
    assert lab.get_by_label("α, learning rate, typed").input_value() == "1", "and the rest as the sentence says"
    number.press("ArrowRight")
    assert number.text_content() == beta1.input_value() > dragged
    assert number.get_attribute("aria-valuetext") == f"{number.text_content()}, {chip.text_content()}"
    number.press("Home")
    assert number.text_content() == beta1.input_value() == "0"
    page.mouse.click(x, y)  # a press alone is the link's: the sentence as it is written
    page.wait_for_function("[...document.querySelectorAll('.dial')].some((one) => one.matches('[aria-current]'))")
    assert number.text_content() == beta1.input_value() == "0.6"
    number.press("End")
    page.get_by_role("button", name="Reset").click()
    assert number.text_content() == "0.6", "nor does it stay changed when the lab has moved on"
    assert troubles == []


def test_a_dock_keeps_the_small_picture_and_the_slider_of_the_passage(reader):
    page, troubles = open_lab(reader, "http", LINKED, width=390, reduced_motion="reduce")
    dock, slider = page.locator(".optimlab-dock"), page.locator(".optimlab-dock [type=range]")
    page.locator("a.set").last.evaluate("link => link.scrollIntoView({ block: 'end' })")
    link, foot = page.locator("a.set").last.bounding_box(), dock.bounding_box()
    assert dock.is_visible() and link["y"] + link["height"] <= foot["y"]  # it covers nothing that was asked for
    small = dock.locator("svg").bounding_box()
    assert small["width"] > 80 and small["height"] > 60
    before, top = shown(page), page.evaluate("scrollY")
    slider.press("End")
    assert shown(page)[0] != before[0]
    assert page.evaluate("scrollY") == top and slider.evaluate("slider => slider === document.activeElement")
    assert page.locator(".optimlab .controls [type=number]").first.input_value() == str(20)
    page.locator(".optimlab").scroll_into_view_if_needed()
    page.wait_for_function("!document.querySelector('.optimlab-dock').checkVisibility({ visibilityProperty: true })")
    assert troubles == []


def test_without_scripts_a_link_that_sets_the_lab_is_text(reader):
    page, start, troubles = reader("http", java_script_enabled=False)
    page.goto(f"{start}chapters/{LINKED}.html")
    link = page.locator("a[href^='#lab?']").first
    look = "node => [getComputedStyle(node).color, getComputedStyle(node).textDecorationLine]"
    assert link.evaluate(look)[0] == link.locator("..").evaluate(look)[0] and link.evaluate(look)[1] == "none"
    assert page.locator(".optimlab-here svg").first.is_visible()
    assert troubles == []


WIDTH = """(family) => {
    const line = document.createElement("span");
    line.style.cssText = `position: absolute; white-space: nowrap; font: WEIGHT 40px ${family}`;
    line.textContent = "Step by step the two agree where they say so, and say by how much where they do not.";
    document.body.append(line);
    return line.getBoundingClientRect().width;
}"""


def test_what_comes_late_is_as_wide_as_what_stood_there_so_a_page_stays_where_it_is(reader):
    page, start, troubles = reader("http")
    page.goto(f"{start}chapters/conventions.html", wait_until="load")
    page.wait_for_selector("html.fontawesome-i2svg-complete", state="attached")
    title = page.locator(".logo__title").bounding_box()["height"]
    for weight in ("400", "600"):  # the letters that are there at first are as wide, where the system has them
        page.evaluate(f"document.fonts.load('{weight} 40px \"DejaVu as wide\"')")
        first, then = (
            page.evaluate(WIDTH.replace("WEIGHT", weight), name) for name in ("'DejaVu as wide'", "'Source Serif 4'")
        )
        assert first == pytest.approx(then, rel=0.02)
    assert troubles == []
    page, start, troubles = reader("http")
    page.goto(f"{start}chapters/how-we-know.html", wait_until="load")
    page.evaluate("document.fonts.ready.then(() => {})")
    asked = "[...document.fonts].filter((face) => face.family.includes('Source Serif 4')).map((face) => face.status)"
    # All are asked for in the head: this page has no slanted word, which would ask for the last of them.
    assert page.evaluate(asked) == ["loaded"] * 3 and not page.locator(".bd-article em").count()
    assert troubles == []
    page, start, troubles = reader("http", java_script_enabled=False)  # as it is before its scripts run
    page.goto(f"{start}chapters/conventions.html")
    assert (
        page.locator(".logo__title").bounding_box()["height"] == title
        and not page.locator(".only-dark").first.is_visible()
    )
    assert troubles == []


# Begins to add up, before a page is read, by how much of it what it shows has moved by itself.
SHIFTS = """() => {
    window.moved = [];
    new PerformanceObserver((list) => {
        for (const { value, hadRecentInput, sources } of list.getEntries()) {
            if (!hadRecentInput) moved.push([value, sources.map(({ node }) => (node?.textContent ?? "").trim().slice(0, 30))]);
        }
    }).observe({ type: "layout-shift", buffered: true });
}"""


@pytest.mark.parametrize("width", [390, 980, 1280])
def test_nothing_moves_by_itself_while_a_page_opens(context, addresses, width):
    def opened(name):
        page = context(viewport={"width": width, "height": 800}).new_page()
        page.add_init_script(f"({SHIFTS})()")
        page.goto(addresses["http"] + name, wait_until="load")
        page.wait_for_selector("html.fontawesome-i2svg-complete", state="attached")
        page.wait_for_timeout(300)
        moved = page.evaluate("moved")
        page.close()
        return sum(shift for shift, _ in moved), moved

    shifts = {}
    for name in [*PAGES, "search.html"]:
        # On a busy machine letters may come a moment after the first paint: that is no matter of the page, nor so each time.
        found = [opened(name)]
        while found[-1][0] >= 0.01 and len(found) < 4:
            found.append(opened(name))
        if found[-1][0] >= 0.01:
            shifts[name] = found[-1]
    assert shifts == {}


# The times that it takes to put one thing into a page, and to style all of the page again; the best of ten.
PUT_IN = """() => {
    const root = document.documentElement, put = document.createElement("p"), styled = () => getComputedStyle(put).color;
    document.querySelector("article").append(put);
    const best = (changes) => Math.min(...Array.from({ length: 10 }, (_, turn) => {
        styled();
        const begun = performance.now();
        changes(turn);
        styled();
        return performance.now() - begun;
    }));
    const inserting = best(() => { put.innerHTML = '<b class="new" name="new"></b>'; });
    return [inserting, best((turn) => root.style.setProperty("--of-all", turn))];
}"""


def test_what_a_script_puts_into_a_page_leaves_the_rest_as_it_is(reader):
    """A rule such as `html:has(meta) .text > *` would have the browser style all the letters of the page for each thing."""
    page, start, troubles = reader("http")
    page.goto(f"{start}chapters/2-momentum.html", wait_until="load")
    page.wait_for_selector("html.fontawesome-i2svg-complete", state="attached")
    one, all_of_it = page.evaluate(PUT_IN)
    assert one < all_of_it / 5
    assert troubles == []
