"""Every lab in a real browser, beside Python."""

import functools
import http.server
import json
import re
import threading

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from optimlib import descend, labs, rates, smooth, steps, surfaces
from optimlib.labs.averages import DATA
from optimlib.labs.controls import Number
from optimlib.labs.page import script, style

# In a browser: each lab on a page of its own, by address and from disk


KINDS = labs.LABS


def test_every_style_is_that_of_one_class():
    """A comma in a name would begin another selector."""
    selectors = re.findall(r"^\.optimlab-drawn \.line\.(.*) {", style(), re.M)
    assert len(selectors) > 10 and all(re.fullmatch(r"[\w-]+", name) for name in selectors)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A page for each lab."""
    folder = tmp_path_factory.mktemp("labs")
    head = "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    head += "<title>A lab</title><link rel=icon href='data:,'><style>body { color: #111; background: #fff } main { max-width: 48rem }"
    head += "@media (prefers-color-scheme: dark) { body { color: #ced6dd; background: #121212 } }</style>"
    for kind in KINDS:
        lab = kind()
        text = f"{head}<main><h1>A lab</h1>{lab._repr_html_()}</main></html>"
        (folder / f"{lab.name}.html").write_text(text, encoding="utf-8")
    (folder / "empty.html").write_text(f"{head}<main></main></html>", encoding="utf-8")
    several = [labs.GradientDescentLab(lr=0.9), labs.GradientDescentLab(lr=0.3), labs.MomentumLab()]
    text = f"{head}<main>{''.join(lab._repr_html_() for lab in several)}</main></html>"
    (folder / "several.html").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def addresses(folder):
    """Where the pages are: from disk, and from a server."""
    handler = functools.partial(QuietHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield {"disk": folder.as_uri(), "http": f"http://127.0.0.1:{server.server_address[1]}"}
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def visit(new_page, addresses):
    """Open a lab; at the end, nothing may have gone wrong in the page."""
    wrong = []

    def open_lab(name, setting="", where="disk", init="", **options):
        page = new_page(**{"viewport": {"width": 1280, "height": 900}} | options)
        page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.add_init_script(init)
        page.goto(f"{addresses[where]}/{name}.html{setting}")
        if name != "empty":
            page.wait_for_selector(".optimlab .plot .line, .optimlab .plot .dots", state="attached")
        return page

    yield open_lab
    assert wrong == []


def words(page):
    return page.locator(".words").inner_text()


def pictures(page):
    # without the text for screen readers and the map of settings, which follow later
    return page.locator(".plot:not(.sweep)").evaluate_all("plots => plots.map((plot) => plot.innerHTML).join()")


def field(page, label):
    return page.get_by_label(label, exact=True)


def drawn(page, name, panel=0):
    """The points of a line as drawn, in pixels, and the size of its plot."""
    plot = page.locator(".optimlab .plot").nth(panel)
    width, height = map(float, plot.get_attribute("viewBox").split()[2:])
    d = plot.locator(f'path.line[data-name="{name}"]').get_attribute("d")
    return np.array([point.split() for point in re.split("[ML]", d) if point], float) / 10, width, height


def on_the_map(w, width, height, W=(-6, 6), b=(-3.5, 3.5)):
    """Where a path belongs in the first plot, in tenths of a pixel, without its standing still."""
    x = 46 + (w[:, 0] - W[0]) / (W[1] - W[0]) * (width - 12 - 46)
    y = (height - 38) + (w[:, 1] - b[0]) / (b[1] - b[0]) * (24 - (height - 38))
    places = np.clip(np.column_stack([x, y]), -5000, 5000)
    return places[np.r_[True, (np.abs(np.diff(np.round(places, 1), axis=0)) > 1e-9).any(axis=1)]]


def run(rule, kappa=20, degrees=0, start=(-5, -2), n=100, center=(0, 0), **hyper):
    return descend(rule, surfaces.bowl((4 / kappa, 4), np.radians(degrees), center).grad, start, n, **hyper)


turned = run(steps.gradient_descent, kappa=50, degrees=30, start=(4, -3), lr=0.3)
lost = run(steps.gradient_descent, lr=0.55)
heavy = run(steps.momentum, lr=1.4, beta1=0.5)
scaled = run(steps.rmsprop, lr=0.2, beta2=0.99, eps=0.01)
both = run(steps.adam, kappa=100, n=200, lr=0.5, beta1=0.8, beta2=0.999)
aside = {"start": (5, -2), "center": (-3, 2), "n": 200, "lr": 0.5}
beside = run(steps.adamw, kappa=200, decay=0.3, **aside)


def l2_in_adam(w, dw, memory=(0.0, 0.0, 0), *, lr):
    return steps.adam(w, dw + 0.3 * w, memory, lr=lr)


inside = run(l2_in_adam, kappa=200, **aside)
PATHS = [
    ("gradient_descent", "lr=0.3&kappa=50&angle=30&W=4&b=-3", "gradient descent", turned),
    ("gradient_descent", "lr=0.55&kappa=20", "gradient descent", lost),
    ("momentum", "lr=1.4&beta1=0.5&kappa=20", "momentum", heavy),
    ("rmsprop", "lr=0.2&beta2=0.99&eps=0.01&angle=0", "RMSProp", scaled),
    ("adam", "lr=0.5&beta1=0.8&beta2=0.999&kappa=100", "Adam", both),
    ("decay", "lr=0.5&decay=0.3&kappa=200", "AdamW", beside),
    ("decay", "lr=0.5&decay=0.3&kappa=200", "L2 in Adam", inside),
]


@pytest.mark.parametrize("where", ["disk", "http"])
@pytest.mark.parametrize("lab, asked, name, run", PATHS, ids=lambda x: x if isinstance(x, str) else "")
def test_the_drawn_path_is_descend_s(visit, where, lab, asked, name, run):
    page = visit(lab, f"#lab?{asked}", where)
    points, width, height = drawn(page, name)
    expected = on_the_map(run.w, width, height)
    # a place on the border of two tenths may be rounded either way, and once more stand still
    assert abs(len(points) - len(expected)) <= 2
    both = min(len(points), len(expected), 60)
    np.testing.assert_allclose(points[:both], expected[:both], atol=0.11)
    if run.diverged:
        assert f"lost at step {run.diverged}" in words(page)


def test_the_averages_drawn_are_ewma_and_debias(visit):
    page = visit("averages", "#lab?beta=0.95")
    before, width, height = drawn(page, "before correction")
    v = smooth(DATA, 0.95)
    for name, values in [("before correction", v), ("after correction", v / (1 - 0.95 ** np.arange(1, 301)))]:
        points, _, _ = drawn(page, name)
        y = (height - 38) + (values + 5) / 9 * (24 - (height - 38))
        np.testing.assert_allclose(points[:, 1], y, atol=0.11)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_slider_answers_to_keys(visit, kind):
    page = visit(kind.name)
    for control in kind.controls().values():
        if not isinstance(control, Number):
            continue
        slider = field(page, control.label)
        shown, before = slider.get_attribute("aria-valuetext"), pictures(page)
        changed = False
        slider.focus()
        page.keyboard.press("ArrowLeft" if shown == f"{control.high:g}" else "ArrowRight")
        assert slider.get_attribute("aria-valuetext") != shown, control.label
        for key, end in [("Home", control.low), ("End", control.high)]:
            page.keyboard.press(key)
            assert slider.get_attribute("aria-valuetext").split()[0] == f"{end:g}"
            changed = changed or pictures(page) != before
        assert changed, f"{control.label} moved and nothing else did"
        page.get_by_role("button", name="Reset").click()
        assert pictures(page) == before


# What is shown at each frame, kept until `stale` compares it with what belongs to the slider's value then.
WATCH = """(slider) => {
    const lab = slider.closest(".optimlab"), box = slider.parentElement.querySelector("[type=number]");
    const shown = () => [slider.getAttribute("aria-valuetext"), box.value, ...[...lab.querySelectorAll(".words, .sums, .plot:not(.sweep)")].map((part) => part.innerHTML)].join();
    const frame = () => new Promise(requestAnimationFrame);
    let frames = [];
    const look = () => { frames?.push([slider.value, shown()]); requestAnimationFrame(look); };
    requestAnimationFrame(look);
    window.stale = async () => {
        const seen = frames, right = {};
        frames = undefined;
        for (const value of new Set(seen.map(([value]) => value))) {
            slider.value = value;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
            await frame(); await frame(); // were it drawn late, it would be by now
            right[value] = shown();
        }
        return [Object.keys(right).length, seen.filter(([value, was]) => was !== right[value]).length];
    };
}"""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_frame_of_a_drag_is_stale(visit, kind):
    page = visit(kind.name)
    slider = page.locator(".optimlab .controls [type=range]").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    x, y, way = box["x"] + box["width"] / 10, box["y"] + box["height"] / 2, box["width"] * 0.8
    page.mouse.move(x, y)
    page.mouse.down()
    slider.evaluate(WATCH)  # only now: an opening value may lie between two stops
    for i in range(31):
        page.mouse.move(x + way * i / 30, y)
    page.mouse.up()
    values, stale = page.evaluate("stale()")
    assert values > 10, "too few values were seen"
    assert stale == 0


WITH_A_START = [kind for kind in KINDS if "W" in kind.controls()]


@pytest.mark.parametrize("kind", WITH_A_START, ids=lambda kind: kind.__name__)
def test_the_start_is_dragged_where_there_is_one(visit, kind):
    angle = "&angle=10" if "angle" in kind.controls() else ""
    page = visit(kind.name, f"#lab?step=0{angle}")
    plot, dot = page.locator(".plot").first, "document.querySelector('.plot .dots.start').getAttribute('d')"
    before, handle = page.evaluate(dot), page.locator(".handle").first.bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    to = x + (60 if x < 640 else -60), y - 30
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(*to, steps=3)
    page.mouse.up()
    assert page.evaluate(dot) != before
    after = page.locator(".handle").first.bounding_box()
    place = after["x"] + after["width"] / 2, after["y"] + after["height"] / 2
    assert place == pytest.approx(to, abs=1.5)
    run = plot.locator("path.line").evaluate_all("lines => lines.map((line) => line.getAttribute('d')).find((d) => d)")
    scale = plot.bounding_box()["width"] / float(plot.get_attribute("viewBox").split()[2]) / 10
    begins = [float(part) * scale for part in re.split("[ML]", run)[1].split()]
    assert begins == pytest.approx([to[0] - plot.bounding_box()["x"], to[1] - plot.bounding_box()["y"]], abs=1.5)


def test_each_method_has_a_mark_of_its_own(visit):
    page = visit("race")
    marks = (
        page.locator(".plot")
        .first.locator("path.runner")
        .evaluate_all("all => all.map((one) => [one.dataset.name, one.getAttribute('d').replace(/^M[^a-z]*/, '')])")
    )
    shapes = dict(marks)
    assert {*shapes} == {"gradient descent", "momentum", "RMSProp", "Adam"} and len({*shapes.values()}) == 4
    corners = {name: shape.count("l") + 1 for name, shape in shapes.items()}
    assert corners == {"gradient descent": 1, "momentum": 4, "RMSProp": 3, "Adam": 12}, "round, square, triangle, cross"


def test_a_click_on_the_map_moves_the_start(visit):
    page = visit("gradient_descent")
    box = page.locator(".plot").first.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 60, box["y"] + 40, steps=5)
    page.mouse.up()
    assert float(page.get_by_label("start, W, typed").input_value()) > 3
    assert float(page.get_by_label("start, b, typed").input_value()) > 1.5
    points, _, _ = drawn(page, "gradient descent")
    scale = drawn(page, "gradient descent")[1] / box["width"]
    np.testing.assert_allclose(points[0], [(box["width"] - 60) * scale, 40 * scale], atol=2)


def test_time_is_dragged_on_the_path_and_the_start_where_it_lies(visit):
    page = visit("gradient_descent", "#lab?lr=0.46")
    run = descend(steps.gradient_descent, surfaces.bowl((0.2, 4)).grad, (-5, -2), 100, lr=0.46)
    points, width, height = drawn(page, "gradient descent")
    places = on_the_map(run.w[:9], width, height)
    box = page.locator(".plot").first.bounding_box()

    def at(step):
        return box["x"] + places[step, 0] * box["width"] / width, box["y"] + places[step, 1] * box["width"] / width

    page.mouse.move(*at(4))
    assert "scrubbed" in page.locator(".plot").first.get_attribute("class")
    page.mouse.down()
    assert field(page, "step, typed").input_value() == "4"
    page.mouse.move(*at(7), steps=4)
    assert field(page, "step, typed").input_value() == "7"
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + 40)
    page.mouse.up()  # off the path: the press was meant for it, and the start stays
    assert field(page, "start, W, typed").input_value() == "-5"
    page.mouse.move(*at(0))
    page.mouse.down()
    page.mouse.move(at(0)[0] + 40, at(0)[1], steps=4)
    page.mouse.up()
    assert float(field(page, "start, W, typed").input_value()) > -4.9


def test_the_arrows_of_a_step_lead_from_its_place_to_the_next(visit):
    page = visit("momentum", "#lab?step=4&lr=1&beta1=0.6")
    run = descend(steps.momentum, surfaces.bowl((0.2, 4)).grad, (-5, -2), 5, lr=1, beta1=0.6)
    plot = page.locator(".plot").first
    width, height = map(float, plot.get_attribute("viewBox").split()[2:])

    def ends(key):
        d = plot.locator(f"path.arrow.{key}").get_attribute("d")
        return np.array([point.split() for point in re.split("[ML]", d) if point][:2], float) / 10

    old, new = on_the_map(run.w[3:5], width, height)
    np.testing.assert_allclose(ends("step"), [old, new], atol=0.11)
    np.testing.assert_allclose([ends("carry")[0], ends("push")[1]], [old, new], atol=0.11)
    np.testing.assert_allclose(ends("carry")[1], ends("push")[0], atol=0.11)
    carried = run.w[3] + 0.6 * (run.w[3] - run.w[2])  # as far as before, times beta
    np.testing.assert_allclose(ends("carry")[1], on_the_map(np.array([run.w[3], carried]), width, height)[1], atol=0.11)
    terms = page.locator(".sums .term").evaluate_all("all => all.map((one) => one.className)")
    assert terms == ["term carry", "term push", "term step momentum"]
    colors = "key => getComputedStyle(document.querySelector(key))"
    for term, arrow in [("carry", "carry"), ("push", "push"), ("step", "step")]:
        line = page.evaluate(f"({colors})('.sums .term.{term}').borderBottomColor")
        assert line == page.evaluate(f"({colors})('.arrow.{arrow}').stroke")


def test_the_start_is_dragged_by_a_finger_and_the_page_scrolled_beside_it(visit):
    page = visit("gradient_descent", has_touch=True, is_mobile=True, viewport={"width": 360, "height": 500})
    finger = page.context.new_cdp_session(page)

    def swipe(x, y, dx, dy):
        for i in range(11):
            point = [{"x": x + dx * i / 10, "y": y + dy * i / 10}]
            finger.send("Input.dispatchTouchEvent", {"type": "touchMove" if i else "touchStart", "touchPoints": point})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    handle = page.locator(".handle").first.bounding_box()
    swipe(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2, 100, -40)
    W = float(page.get_by_label("start, W, typed").input_value())
    assert W > -3 and page.evaluate("scrollY") == 0
    plot = page.locator(".plot").first.bounding_box()
    swipe(plot["x"] + plot["width"] - 40, plot["y"] + plot["height"] - 20, 0, -80)
    page.wait_for_function("scrollY > 30")
    assert float(page.get_by_label("start, W, typed").input_value()) == W


def test_a_tap_on_the_map_of_settings_sets_the_pair(visit):
    page = visit("momentum", has_touch=True, viewport={"width": 360, "height": 800})
    pairs = page.locator(".plot.sweep")
    pairs.scroll_into_view_if_needed()
    box = pairs.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.4)
    lr, beta1 = (float(page.get_by_label(f"{label}, typed").input_value()) for label in ("α, learning rate", "β₁"))
    assert lr != 0.4 and 0.87 < beta1 < 0.93
    assert f"its rate is {max(rates.momentum_rate(lr, beta1, np.array([0.2, 4.0]))):.3g}" in words(page)


def test_a_typed_value_out_of_range_is_put_back_and_said(visit):
    page = visit("gradient_descent")
    box = page.get_by_label("α, learning rate, typed")
    remark = box.locator("~ .remark")
    box.fill("7")
    box.press("Enter")
    assert box.input_value() == "1" and "put back to 1" in remark.inner_text()
    box.fill("")
    box.press("Tab")
    assert box.input_value() == "1" and "a number from 0.01 to 1" in remark.inner_text()


def test_the_address_carries_the_setting(visit):
    page = visit("gradient_descent")
    field(page, "κ, condition number").focus()
    page.keyboard.press("End")
    page.wait_for_function("location.hash.includes('kappa=200')")
    again = visit("gradient_descent", "#" + page.url.split("#")[1])
    assert words(again) == words(page)
    page.get_by_role("button", name="Reset").click()
    assert words(page) == words(visit("gradient_descent"))


def test_writing_the_address_asks_nothing_of_the_lab(visit):
    """A hashchange comes a moment after the address: it would take back what the reader has changed by then."""
    page = visit("gradient_descent")
    page.evaluate("window.told = 0; addEventListener('hashchange', () => { told += 1; })")
    field(page, "κ, condition number").focus()
    page.keyboard.press("Home")
    page.wait_for_function("location.hash.includes('kappa=1&')")
    page.wait_for_timeout(300)
    assert page.evaluate("told") == 0


@pytest.mark.parametrize("where", ["disk", "http"])
def test_links_and_the_way_back_set_the_lab(visit, where):
    page = visit("gradient_descent", where=where)
    shows = "(lr) => document.querySelector('.across [type=number]').value == lr && location.hash.includes('angle=')"
    for lr in (0.3, 0.2):
        page.evaluate("(lr) => { location.hash = `#lab?lr=${lr}`; }", lr)
        page.wait_for_function(shows, arg=lr)
    page.go_back()
    page.wait_for_function(shows, arg=0.3)


def test_a_malformed_address_opens_the_default(visit):
    opening = words(visit("gradient_descent"))
    for address in ("#lab?lr=abc&kappa=-5&angle=1e9", "#lab?", "#lab?lr=&b=NaN", "#elsewhere", "#lab?%E0%A4%A"):
        assert words(visit("gradient_descent", address)) == opening, address


def test_methods_can_be_switched_off(visit):
    page = visit("adam")
    page.get_by_label("momentum", exact=True).uncheck()
    assert "Momentum" not in words(page)
    assert not page.locator('path[data-name="momentum"]').first.get_attribute("d")


def test_the_race_plays_pauses_and_steps(visit):
    page = visit("race")
    page.get_by_role("button", name="One step").click()
    assert words(page).startswith("Step 41.")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("Number(document.querySelector('.words').textContent.match(/Step (\\d+)/)[1]) > 45")
    page.get_by_role("button", name="Pause").click()
    stopped = words(page)
    page.wait_for_timeout(300)
    assert words(page) == stopped
    for surface in ("turned bowl", "Rosenbrock", "saddle"):
        page.get_by_label("surface").select_option(surface)
        page.get_by_label("noise on the gradients").check()
        assert words(page) != stopped


def test_one_moment_is_the_same_in_all_pictures(visit):
    page = visit("momentum", "#lab?step=12")
    path = run(steps.momentum, n=100, lr=0.4, beta1=0.9)
    points, width, height = drawn(page, "momentum")
    np.testing.assert_allclose(points[-1], on_the_map(path.w[11:13], width, height)[-1], atol=0.11)
    _, rows = page.locator(".sums p").inner_text(), page.locator(".sums tr").all_inner_texts()
    assert rows[-1].startswith("b") and float(rows[-1].split("=")[-1].replace("−", "-")) == float(
        f"{path.w[12, 1]:.3g}"
    )
    page.locator(".sums button", has_text="W").click()
    assert float(page.locator(".sums tr").last.inner_text().split("=")[-1].replace("−", "-")) == float(
        f"{path.w[12, 0]:.3g}"
    )
    loss = page.locator(".plot").nth(1)
    loss.scroll_into_view_if_needed()
    box = loss.bounding_box()
    scale = box["width"] / float(loss.get_attribute("viewBox").split()[2])
    page.mouse.click(
        box["x"] + (46 + (float(loss.get_attribute("viewBox").split()[2]) - 58) * 0.3) * scale, box["y"] + 60
    )
    assert (
        field(page, "step, typed").input_value() == "30"
        and "Step 30 of momentum" in page.locator(".sums p").inner_text()
    )


@pytest.mark.parametrize("where", ["disk", "http"])
def test_the_map_of_settings_comes_from_a_worker_and_answers_to_the_pointer(visit, where):
    page = visit("momentum", where=where)
    page.locator(".plot.sweep .tag", has_text="quickest: 12 steps").wait_for()  # a rough map comes first
    assert "12 steps" in page.evaluate(
        "(async () => { await new Promise((on) => setTimeout(on, 600)); return document.querySelector('.sweep').ariaLabel })()"
    )
    assert "best rate" in page.locator(".plot.sweep .tag").all_text_contents(), "the formula's, beside the quickest"
    assert {"crawls", "swings", "lost"} <= {*page.locator(".plot.sweep .label").all_text_contents()}
    map, before = page.locator(".plot.sweep"), pictures(page)
    map.hover(position={"x": 120, "y": 60})
    assert pictures(page) != before, "the run of the setting under the pointer is drawn"
    assert field(page, "α, learning rate, typed").input_value() == "0.4", "and nothing is set"
    map.click(position={"x": 120, "y": 60})
    assert field(page, "α, learning rate, typed").input_value() != "0.4"


SOLVED = {
    "words": ["lr=0.42", "method=RMSProp&lr=0.1", "method=gradient+descent&lr=128&exponent=0"],
    "decay": ["decay=0.01&lr=1.8", "decay=0.03&lr=3", "method=L2+in+Adam&decay=0.03&kappa=2"],
    "gradient_descent": ["lr=0.466", "kappa=200&W=0&b=2&lr=0.25"],
    "momentum": ["lr=1.17&beta1=0.483", "kappa=100&lr=2.52&beta1=0.725", "kappa=200&lr=3.54&beta1=0.805"],
    "rmsprop": ["lr=0.514&beta2=0.9999", "angle=45&lr=0.26&beta2=0.99"],
    "adam": ["lr=0.173&beta2=0.999", "lr=0.5&beta1=0.5&beta2=0.99"],
}


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if getattr(kind, "targets", ())], ids=lambda kind: kind.__name__
)
def test_each_target_can_be_met_and_is_not_met_at_first(visit, kind):
    page = visit(kind.name)
    said = page.locator(".target")
    assert said.inner_text().startswith("A target: ")
    for target, setting in zip(kind.targets, SOLVED[kind.name], strict=True):
        assert f"in {target.within} steps or fewer" in said.inner_text()
        if (setup := page.get_by_role("button", name="Set it up")).is_visible():
            setup.click()
            assert f"in {target.within} steps or fewer" in said.inner_text(), "set up, but not yet done"
        page.evaluate(f"location.hash = '#lab?{setting}'")
        page.wait_for_function(
            "(n) => !document.querySelector('.target').textContent.includes(`in ${n} steps`)", arg=target.within
        )
        assert said.inner_text().startswith("Met, in ")
    assert "That was the hardest." in said.inner_text()


def test_a_run_is_held_beside_another(visit):
    page = visit("gradient_descent", "#lab?lr=0.3")
    page.get_by_role("button", name="Hold this run").click()
    first = page.locator(".plot path.line[data-name='gradient descent']").first.get_attribute("d")
    field(page, "α, learning rate, typed").fill("0.45")
    field(page, "α, learning rate, typed").press("Enter")
    assert page.locator(".plot path.held[data-name='held']").first.get_attribute("d") == first
    assert "Held: gradient descent:" in words(page)
    page.get_by_role("button", name="Let the held run go").click()
    assert not page.locator(".plot path.held[data-name='held']").first.get_attribute("d") and "Held" not in words(page)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_lab_opens_with_few_elements(visit, kind):
    page = visit(kind.name)
    assert 100 < page.evaluate("document.querySelectorAll('.optimlab, .optimlab *').length") <= 800


def test_the_lanes_of_the_race_say_where_each_method_is_quickest_and_set_its_rate(visit):
    page = visit("race")
    lanes = page.locator(".plot.sweep")
    lanes.locator(".tag", has_text=re.compile(r"^\d+ steps$")).first.wait_for()
    names = lanes.locator(".tag").all_text_contents()
    assert {"gradient descent", "momentum", "RMSProp", "Adam"} <= {*names} and len(names) == 8
    lanes.scroll_into_view_if_needed()
    box = lanes.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + 24 + (box["height"] - 62) * 0.1)
    assert field(page, "α of Adam, typed").input_value() != "0.3", "the lane at the top is that of the last"
    assert field(page, "α of gradient descent, typed").input_value() == "0.476"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_accessible_in_both_themes_and_on_a_narrow_phone(visit, kind):
    page = visit(kind.name, viewport={"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page).response["violations"]
        assert [(scheme, rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == []


def test_on_paper_a_lab_is_its_pictures_with_a_caption(visit):
    page = visit("momentum", "#lab?lr=1&step=12")
    caption = page.locator(".optimlab .caption")
    assert not caption.is_visible()
    page.emulate_media(media="print")
    assert caption.inner_text() == labs.MomentumLab(lr=1, step=12).caption()
    assert page.locator(".optimlab .plot").first.is_visible() and page.locator(".optimlab .words").is_visible()
    left = [one for one in page.locator(".optimlab :is(input, select, button, pre)").all() if one.is_visible()]
    assert [one.inner_text() for one in left] == ["b"], "of which the step in numbers is told"


@pytest.mark.parametrize("kind", [labs.AdamLab, labs.RaceLab], ids=lambda kind: kind.__name__)
def test_paper_has_the_map_also_when_no_worker_has_answered_yet(visit, kind):
    page = visit(kind.name, init="Worker.prototype.postMessage = () => {};")
    rows = "document.querySelector('.optimlab canvas').height"
    unpainted = page.evaluate(rows)
    page.pdf()
    assert unpainted == 150 and page.evaluate(rows) <= 30, "a canvas that nobody has touched is 150 high"


# What a screen reader says of the lab, and of a control its name, as the browser gives them out.
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_screen_reader_hears_what_each_part_is_called(visit, kind):
    page = visit(kind.name)
    page.wait_for_selector(".plot[aria-label]")
    browser = page.context.new_cdp_session(page)
    tree = browser.send("Accessibility.getFullAXTree")["nodes"]
    heard = {}
    for node in tree:
        if not node["ignored"]:
            heard.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
    numbers = [control.label for control in kind.controls().values() if isinstance(control, Number)]
    assert sorted(heard["slider"]) == sorted(numbers)
    assert sorted(heard["spinbutton"]) == sorted(f"{label}, typed" for label in numbers)
    assert kind.title in heard["group"] and all(heard["image"] + heard["button"])
    assert len(heard["image"]) == len(kind.panels)
    assert [*map(len, heard.get("checkbox", []))] == [
        len(c.label) for c in kind.controls().values() if c.kind == "flag"
    ]


# Of a lab at this size: sideways scrolling, and the controls of which the middle cannot be hit once they are in view.
UNREACHABLE = """() => [
    ...(document.documentElement.scrollWidth > innerWidth ? ["the page scrolls sideways"] : []),
    ...[...document.querySelectorAll(".optimlab :is(input, select, button)")].filter((control) => control.checkVisibility()).filter((control) => {
        control.scrollIntoView({ block: "center", behavior: "instant" });
        const { left, right, top, bottom } = control.getBoundingClientRect();
        return !control.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
    }).map((control) => control.getAttribute("aria-label") ?? control.labels?.[0]?.textContent ?? control.textContent),
]"""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_zoomed_to_200_and_400_percent_every_control_is_there(visit, kind):
    page = visit(kind.name)
    for width, height in [(640, 450), (320, 225)]:  # what a window of 1280 x 900 is then
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(100)
        assert page.evaluate(UNREACHABLE) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_in_forced_colours_lines_and_choices_are_still_seen(visit, kind):
    page = visit(kind.name, forced_colors="active")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    drawn = page.locator(".optimlab path:is(.line, .arrow, .runner)[d]:not([d=''])")
    strokes = {line.evaluate("line => getComputedStyle(line).stroke") for line in drawn.all()}
    assert strokes and not strokes & {ground, "none"}
    for button in page.locator(".sums button").all():
        now = button.evaluate(
            "(one) => (({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(one))"
        )
        assert now[0] != now[1]
    pressed, other = (page.locator(f".sums button[aria-pressed={word}]") for word in ("true", "false"))
    if pressed.count():
        looks = "(one) => getComputedStyle(one).backgroundColor"
        assert pressed.evaluate(looks) != other.first.evaluate(looks)


def test_what_happened_is_spoken_once_the_reader_pauses(visit):
    page = visit("gradient_descent")
    field(page, "α, learning rate").focus()
    page.keyboard.press("End")
    page.wait_for_function("document.querySelector('.spoken').textContent.includes('lost at step')")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_without_scripts_there_is_the_still_picture(new_page, addresses, kind):
    page = new_page(java_script_enabled=False)
    page.goto(f"{addresses['disk']}/{kind.name}.html")
    stills = page.locator("figure.picture svg[role=img]").all()
    assert stills and all(still.is_visible() for still in stills)


# Closing: nothing may listen, wait or watch for a lab that is gone

# Counts what the page holds: `held()` is how many listeners (elsewhere than on signals), timers and observers there are.
COUNT = """
const listeners = [], timers = new Set(), observers = new Set();
const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
const without = (target, type, heard) => {
    const i = listeners.findIndex((one) => one[0] === target && one[1] === type && one[2] === heard);
    if (i >= 0) listeners.splice(i, 1);
};
EventTarget.prototype.addEventListener = function (type, heard, options) {
    const target = this ?? window;
    const drivers = /playwright|_hitTargetInterceptor/.test(type + heard); // Playwright's own
    if (!(target instanceof AbortSignal) && !drivers) {
        without(target, type, heard);
        listeners.push([target, type, heard]);
        if (options?.signal) add.call(options.signal, "abort", () => without(target, type, heard));
    }
    return add.call(target, type, heard, options);
};
EventTarget.prototype.removeEventListener = function (type, heard, options) {
    without(this ?? window, type, heard);
    return remove.call(this ?? window, type, heard, options);
};
for (const [set, clear] of [["setTimeout", "clearTimeout"], ["setInterval", "clearInterval"]]) {
    const [start, end] = [window[set], window[clear]];
    window[set] = (call, ...more) => {
        const timer = start(() => { if (set === "setTimeout") timers.delete(timer); call(); }, ...more);
        timers.add(timer);
        return timer;
    };
    window[clear] = (timer) => { timers.delete(timer); end(timer); };
}
const Observer = window.ResizeObserver;
window.ResizeObserver = class extends Observer {
    observe(...all) { observers.add(this); super.observe(...all); }
    disconnect() { observers.delete(this); super.disconnect(); }
};
window.held = () => ({ listeners: listeners.length, timers: timers.size, observers: observers.size });
"""
# The model of a widget, as far as a lab uses it.
MODEL = """
const heard = new Set();
window.model = {
    values: VALUES, saved: 0, heard,
    get: (name) => model.values,
    set: (name, values) => { model.values = values; for (const call of [...heard]) call(); },
    on: (event, call) => heard.add(call),
    off: (event, call) => heard.delete(call),
    save_changes: () => { model.saved += 1; },
};
"""


@pytest.mark.parametrize("live", [False, True], ids=["page", "widget"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_closed_lab_holds_nothing(visit, kind, live):
    page = visit("empty", init=COUNT)
    page.evaluate("document.body.append(Object.assign(document.createElement('div'), { id: 'place' }))")
    before = page.evaluate("held()")
    values = json.dumps(kind().values())
    model = MODEL.replace("VALUES", values) + "const model = window.model;" if live else "const model = undefined;"
    told = f"about: {json.dumps(kind.about())}, values: {values}"
    text = f"{model}{script(kind.name)}\nwindow.close_lab = mount({{ lab: {{ build, update }}, el: place, model, {told} }});"
    page.add_script_tag(type="module", content=text)
    page.wait_for_function("window.close_lab && document.querySelector('.optimlab .plot[aria-label]')")
    open_held = page.evaluate("held()")
    assert open_held["listeners"] - before["listeners"] > len(kind.controls()) and open_held["observers"] == 1

    for button in page.locator(".optimlab button:visible").element_handles():
        if button.is_visible():  # what sets a target up is gone once it has
            button.click()
    name, control = next((name, c) for name, c in kind.controls().items() if c.kind == "number")
    field(page, control.label).focus()
    page.keyboard.press("End")
    page.evaluate("close_lab()")  # before it was told
    assert page.evaluate("held()") == before
    if live:
        assert page.evaluate("[model.saved > 0, model.heard.size]") == [True, 0]
        assert page.evaluate(f"model.values.{name}") == control.high
    shown = words(page)
    page.keyboard.press("Home")
    page.evaluate("location.hash = '#lab?lr=0.3&beta=0.5&step=7'")
    page.wait_for_timeout(600)
    assert words(page) == shown and page.evaluate("held().timers") == 0


def test_a_lab_taken_off_the_page_rests_until_it_is_put_back(visit):
    page = visit("race", init=COUNT)
    before = page.evaluate("held()")
    page.get_by_role("button", name="Play").click()
    page.evaluate("window.gone = document.querySelector('.optimlab-here'); gone.remove()")
    page.wait_for_timeout(700)  # what waits a moment is through
    resting = page.evaluate("held()")
    assert resting["listeners"] == before["listeners"] - 1 and resting["timers"] == 0
    page.evaluate("document.querySelector('main').append(gone)")
    page.wait_for_function("(listeners) => held().listeners === listeners", arg=before["listeners"])
    page.evaluate("location.hash = '#lab?step=7'")
    page.wait_for_function("document.querySelector('.words').textContent.startsWith('Step 7.')")


def test_several_labs_on_a_page_keep_apart(visit):
    page = visit("several")
    page.wait_for_function("document.querySelectorAll('.optimlab .plot[aria-label]').length === 10")
    ids = page.locator("[id]").evaluate_all("all => all.map((one) => one.id)")
    assert len(ids) == len(set(ids))
    first, second = page.locator(".optimlab .words").all_inner_texts()[:2]
    assert "lost at step" in first and "arrives" in second, "two labs of a kind, each with its own setting"


# Another browser: what a reader does in every lab, by keys and by the mouse


# What of a lab can be seen, the labels of its sliders, and where the first two places of a path are in the window.
SEEN_IN_IT = """({
    pictures: [...document.querySelectorAll(".plot:not(.sweep)")].map((plot) => plot.innerHTML).join(),
    value: document.activeElement.getAttribute("aria-valuetext"),
    box: document.activeElement.parentElement.querySelector("[type=number]")?.value,
})"""
ON_THE_PATH = """(() => {
    scrollTo({ top: 0, behavior: "instant" });
    const svg = document.querySelector(".plot"), box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width;
    const line = [...svg.querySelectorAll("path.line")].find((line) => line.getAttribute("d"));
    const places = line.getAttribute("d").split(/[ML]/).slice(1).map((place) => place.split(" ").map((x) => (x * scale) / 10));
    const away = ([x, y]) => Math.hypot(x - places[0][0], y - places[0][1]);
    const step = places.findIndex((place) => away(place) > 40); // nearer, it is the start that is dragged
    return [step, ...places.slice(step - 1, step + 1).map(([x, y]) => [box.left + x, box.top + y])];
})()"""


@pytest.mark.slow
@pytest.mark.parametrize("where", ["disk", "http"])
def test_firefox_moves_every_lab(firefox, addresses, where):
    end, home = "\ue010", "\ue011"
    for kind in KINDS:
        firefox.open(f"{addresses[where]}/{kind.name}.html", 1280, 900)
        firefox.wait_for("document.querySelector('.optimlab .plot .line')")
        for control in (control for control in kind.controls().values() if isinstance(control, Number)):
            firefox.tell(
                f"[...document.querySelectorAll('[type=range]')].find((one) => one.labels[0].textContent === '{control.label}').focus()"
            )
            opening = firefox.tell(SEEN_IN_IT)["pictures"]
            changed = set()
            for key, value in [(home, control.low), (end, control.high)]:
                firefox.press(key)
                seen = firefox.tell(SEEN_IN_IT)
                assert seen["value"].split()[0] == f"{value:g}" and float(seen["box"]) == value
                changed.add(seen["pictures"])
            assert changed != {opening}, f"{kind.name}: {control.label} moved and nothing else did"
            firefox.tell("[...document.querySelectorAll('button')].find((one) => one.textContent === 'Reset').click()")
        if kind.name in ("averages", "words"):  # no path in a valley
            continue
        firefox.wait_for("document.querySelector('.sweep .tag')")  # the map has come from its workers
        step, before, at = firefox.tell(ON_THE_PATH)
        firefox.drag(at, at, tuple(0.2 * x + 0.8 * y for x, y in zip(before, at)))
        assert firefox.tell("document.querySelector('.time [type=number]').value") == f"{step}", kind.name
    assert firefox.troubles == []
