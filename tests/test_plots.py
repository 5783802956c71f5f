"""Pictures: readable on light and dark pages, with and without colour, on screen and aloud."""

import itertools
import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes

from optimlib import Path, Surface, bowl, descend, figures, gradient_descent, plots, rosenbrock, rules, styles

WHITE, DARK = "#ffffff", "#14181e"  # the theme's two pages
ALGORITHMS = [rule.label for rule in rules.RULES.values()]


# The palette


def contrast(one, other):
    """The contrast ratio of WCAG 2.2, from 1 to 21."""

    def luminance(color):
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
        return np.dot([0.2126, 0.7152, 0.0722], linear)

    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # its best-known example


COLORS = {style[0] for style in [*plots.STYLES.values(), *plots.OTHERS]}


@pytest.mark.parametrize("color", sorted(COLORS))
@pytest.mark.parametrize("page", [WHITE, DARK])
def test_every_color_stands_out_from_the_page(color, page):
    assert contrast(color, page) >= 3


def test_lines_and_words_stand_out_from_every_ground_of_both_pages():
    for each in {*plots.STYLES.values(), *plots.OTHERS}:
        for ground in ("page", "low", "high"):
            light, dark = (styles.PAGES[theme][ground] for theme in ("light", "dark"))
            assert (
                contrast(each.text, light) >= 4.5
                and contrast(each.dark_text, dark) >= 4.5
                and contrast(each.dark, dark) >= 3
            )
    for page in styles.PAGES.values():  # and so do the words of the page itself
        assert all(contrast(page[words], page["page"]) >= 4.5 for words in ("ink", "muted", "link"))


def test_a_ground_on_which_nothing_can_be_read_is_told():
    with pytest.raises(ValueError, match="no shade of #1c86d1 has a contrast of 22 on every ground of the dark page"):
        styles.readable("#1c86d1", "dark", 22)


def test_every_algorithm_has_a_style():
    assert {"gradient descent", "momentum", "heavy ball", "Adagrad", "RMSProp", "Adam"} <= set(plots.STYLES)
    # before the correction is introduced, the average before it is just the average
    colors = [style[0] for name, style in plots.STYLES.items() if name != "moving average"]
    assert len(set(colors)) == len(colors)


@pytest.mark.parametrize("one, other", [*itertools.combinations(ALGORITHMS, 2)])
def test_algorithms_differ_without_color(one, other):
    (color, dash, marker), (other_color, other_dash, other_marker) = plots.STYLES[one], plots.STYLES[other]
    assert dash != other_dash and marker != other_marker and color != other_color


@pytest.mark.parametrize(
    "one, other",
    [*itertools.combinations(plots.OTHERS, 2), (plots.STYLES["before correction"], plots.STYLES["after correction"])],
)
def test_other_lines_differ_without_color(one, other):
    assert all(x != y for x, y in zip(one, other))


# The pictures, one of each kind


def a_run(**changed):
    return descend(gradient_descent, bowl().grad, (-5, -2), **({"steps": 20, "lr": 0.4} | changed))


def some_curves(caption="c"):
    lines = {"momentum": [3.0, 2.0, 2.5], "β₂ = 0.9995": ([0, 1, 5], [1e-3, 2e-3, 3.5e-3])}
    return plots.curves(lines, caption=caption, points=[1.0, 2.0], level=0.5)


def some_paths(caption="c"):
    return plots.paths(bowl(), {"gradient descent": a_run(), "other": a_run(lr=0.1)}, caption=caption)


def some_bars(caption="c"):
    return plots.bars(
        {"before correction": [1, 2, 4], "after correction": [4, 3, 1]}, caption=caption, x="age", y="weight"
    )


def some_levels(caption="c"):
    x, y = np.linspace(0.1, 1, 20), np.linspace(0.2, 2, 30)
    height = (x - 0.5) ** 2 + (y[:, None] - 1) ** 2 + 0.125
    return plots.level_map(x, y, height, [0.2, 0.4, 0.6], caption=caption, labels=("α", "β", "rate"), log="x")


def some_digits(caption="c"):
    pictures = np.random.default_rng(0).uniform(size=(4, 64))
    return plots.digits(pictures, [3, 1, 4, 1], caption=caption)


KINDS = {"curves": some_curves, "paths": some_paths, "bars": some_bars, "level_map": some_levels, "digits": some_digits}
kinds = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)


@pytest.fixture(scope="module", params=[*KINDS, "figure_1", "figure_2"])
def picture(request, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "FOLDER", tmp_path_factory.mktemp("figures"))
        return KINDS[request.param]() if request.param in KINDS else getattr(figures, request.param)()


SVG = "{http://www.w3.org/2000/svg}"


def page_of(picture):
    """The picture as the page has it, read as XML: the figure, its svg."""
    figure = ET.fromstring(picture._repr_html_())
    return figure, figure.find(f"{SVG}svg")


def test_the_page_has_one_svg_with_its_description_and_caption(picture):
    figure, svg = page_of(picture)
    assert [child.tag for child in figure] == [f"{SVG}svg", "figcaption"]
    assert svg.get("role") == "img" and svg.get("aria-label") == picture.description != ""
    assert figure.find("figcaption").text == picture.caption != ""
    assert repr(picture) == f"{picture.caption}\n{picture.description}"


def test_the_size_is_the_page_s(picture):
    _, svg = page_of(picture)
    assert svg.get("width") is None and svg.get("height") is None
    assert re.fullmatch(r"0 0 [\d.]+ [\d.]+", svg.get("viewBox"))


def test_the_ink_is_the_page_s(picture):
    assert "currentColor" in picture.svg and plots.INK.lower() not in picture.svg.lower()


def style_of(element):
    pairs = (part.split(":", 1) for part in element.get("style", "").split(";") if ":" in part)
    return {key.strip(): value.strip() for key, value in pairs}


def with_fill(element, fill="black"):
    """Every element with the fill it is drawn in; without any it is black, on dark pages too."""
    fill = style_of(element).get("fill") or element.get("fill") or fill
    yield element, fill
    for child in element:
        yield from with_fill(child, fill)


def test_every_word_is_in_the_page_s_color(picture):
    _, svg = page_of(picture)
    words = [(element, fill) for element, fill in with_fill(svg) if element.tag in (f"{SVG}text", f"{SVG}tspan")]
    assert words
    assert {"".join(element.itertext()): fill for element, fill in words if fill != "currentColor"} == {}


def test_no_line_is_black(picture):
    _, svg = page_of(picture)
    hatches = {part for pattern in svg.iter(f"{SVG}pattern") for part in pattern}  # on a bar, not on the page
    lines = [element for element in svg.iter() if element not in hatches]
    strokes = {style_of(line).get("stroke") or line.get("stroke") for line in lines} - {None, "none"}
    # What is neither the page's ink nor a colour of the palette nobody has looked at.
    assert strokes <= COLORS | {"currentColor"}


def ids_of(picture):
    return [element.get("id") for element in page_of(picture)[1].iter() if element.get("id")]


def test_ids_are_unique_and_every_reference_has_one(picture):
    ids = ids_of(picture)
    assert len(set(ids)) == len(ids)
    assert set(re.findall(r"""(?:url\(#|href="#)([^)"]+)""", picture.svg)) <= set(ids)


@pytest.mark.slow
@kinds
def test_two_pictures_share_no_id(make):
    one, other = make("one caption"), make("another caption")
    assert set(ids_of(one)) & set(ids_of(other)) == set()


@kinds
def test_the_same_picture_is_the_same_bytes(make):
    assert make("c").svg == make("c").svg


@kinds
def test_there_is_no_date_and_no_program_in_it(make):
    assert not re.search(r"matplotlib|creator|<metadata|\b20\d\d-\d\d", make("c").svg, re.IGNORECASE)


def test_what_is_special_in_xml_is_escaped():
    caption = "a < b & \"c\" > 'd'"
    picture = plots.curves({caption: [1, 2], "<b>": [2, 1]}, caption=caption, x="<x>", y="&y;")
    figure, svg = page_of(picture)  # it can be read at all
    assert figure.find("figcaption").text == caption and caption in svg.get("aria-label")
    assert {caption, "<b>", "<x>", "&y;"} <= {text for text in words_of(picture)}


def words_of(picture):
    return ["".join(text.itertext()).strip() for text in page_of(picture)[1].iter(f"{SVG}text")]


def test_names_and_numbers_are_written_in_full():
    picture = plots.curves(
        {"β₂ = 0.9995": [0.001, 0.002, 0.0035], "0.125": [0.0, 0.001, 0.001]}, caption="c", y="0.00001"
    )
    words = words_of(picture)
    assert {"β₂ = 0.9995", "0.125", "0.00001"} <= set(words)
    ticks = [float(word) for word in words if re.fullmatch(r"0\.00\d+", word) and word != "0.00001"]
    assert len(ticks) > 3 and len(set(ticks)) == len(ticks)


# What is drawn


def strokes_of(picture, color):
    """The paths drawn in one colour, as lists of runs of points."""
    lines = []
    for path in page_of(picture)[1].iter(f"{SVG}path"):
        if style_of(path).get("stroke") == color and path.get("clip-path"):
            runs = re.findall(r"M[^M]*", path.get("d"))
            lines.append([np.array(re.findall(r"-?[\d.]+", run), float).reshape(-1, 2) for run in runs])
    return lines


def test_a_line_goes_through_its_points():
    heights = [3.0, 1.0, 2.0, 2.5]
    picture = plots.curves({"Adam": heights}, caption="c")
    ((points,),) = strokes_of(picture, plots.STYLES["Adam"][0])
    # From data to picture is a scale and a shift, upside down; the picture has two decimals.
    scale = (points[1, 1] - points[0, 1]) / (heights[1] - heights[0])
    assert scale < 0 < points[1, 0] - points[0, 0]
    np.testing.assert_allclose(points[:, 1], points[0, 1] + scale * (np.array(heights) - heights[0]), atol=0.05)
    np.testing.assert_allclose(np.diff(points[:, 0]), points[1, 0] - points[0, 0], atol=0.05)


def test_a_line_of_pairs_stands_over_its_x():
    picture = plots.curves({"Adam": ([0, 1, 10], [1, 2, 3])}, caption="c")
    ((points,),) = strokes_of(picture, plots.STYLES["Adam"][0])
    assert (points[2, 0] - points[0, 0]) / (points[1, 0] - points[0, 0]) == pytest.approx(10, abs=0.05)


@pytest.mark.parametrize("log, straight", [("", False), ("y", True), ("x", False), ("xy", False)])
def test_on_a_logarithmic_axis_a_power_is_straight(log, straight):
    t = np.arange(1, 9)
    picture = plots.curves({"Adam": (t, 0.1**t)}, caption="c", log=log)
    ((points,),) = strokes_of(picture, plots.STYLES["Adam"][0])
    slopes = np.diff(points[:, 1]) / np.diff(points[:, 0])
    assert (np.ptp(slopes) < 0.02 * abs(slopes[0])) == straight
    assert ("(logarithmic)" in picture.description) == bool(log)


def test_nan_makes_a_gap():
    picture = plots.curves({"Adam": [3.0, 1.0, np.nan, 2.0, 2.5]}, caption="c")
    ((before, after),) = strokes_of(picture, plots.STYLES["Adam"][0])
    assert len(before) == len(after) == 2


def test_a_run_that_is_lost_is_drawn_as_far_as_it_is_sound():
    grid = descend(gradient_descent, bowl().grad, (-5, -2), 30, lr=[0.4, 0.9])
    lost = Path(grid.w[..., 1], grid.diverged[1])  # one setting of the grid: nan at the end
    picture = plots.paths(bowl(), {"Adam": lost}, caption="c", W=(-1e3, 1e3), b=(-1e7, 1e7))
    ((points,),) = strokes_of(picture, plots.STYLES["Adam"][0])
    assert 2 <= len(points) <= lost.diverged


def boxes_of(picture, fill):
    """The shapes whose fill begins so, each as (left, right, top, bottom)."""
    shapes = [path for path in page_of(picture)[1].iter(f"{SVG}path") if path.get("clip-path")]
    points = [
        np.array(re.findall(r"-?[\d.]+", path.get("d")), float).reshape(-1, 2)
        for path in shapes
        if style_of(path).get("fill").startswith(fill)
    ]
    return np.array([(*np.sort(p[:, 0])[[0, -1]], *np.sort(p[:, 1])[[0, -1]]) for p in points])


def test_bars_stand_side_by_side_over_whole_numbers():
    heights = {"before correction": [1.0, 2.0, 4.0], "after correction": [4.0, 3.0, 1.0]}
    picture = plots.bars(heights, caption="c", x="x", y="y", first=10)
    left, right = boxes_of(picture, plots.STYLES["before correction"][0]), boxes_of(picture, "url(#h")  # hatched
    for boxes, height in zip((left, right), heights.values()):
        drawn = boxes[:, 3] - boxes[:, 2]
        np.testing.assert_allclose(drawn / drawn[0], np.array(height) / height[0], atol=0.01)
    np.testing.assert_allclose(left[:, 1], right[:, 0], atol=0.05)  # they touch, and do not overlap
    step = left[1, 0] - left[0, 0]
    np.testing.assert_allclose(right[:, 1] - left[:, 0], 0.8 * step, atol=0.05)
    stacked = plots.bars({name: [1, 2] for name in "abcdef"}, stacked=True)
    assert len(stacked.svg) < 25_000  # whatever tells six groups apart
    # The middle of each group is over its number, where the tick has its word.
    ticks = {text.text: float(text.get("x")) for text in page_of(picture)[1].iter(f"{SVG}text") if text.get("x")}
    middles = (left[:, 0] + right[:, 1]) / 2
    np.testing.assert_allclose(middles[1] - middles[0], ticks["11"] - ticks["10"], atol=0.1)
    np.testing.assert_allclose(middles[0], ticks["10"], atol=0.1)


def test_stacked_bars_stand_on_each_other():
    heights = {"before correction": [1.0, 2.0, 4.0], "after correction": [4.0, 3.0, 1.0]}
    picture = plots.bars(heights, caption="c", x="x", y="y", stacked=True)
    low, high = boxes_of(picture, plots.STYLES["before correction"][0]), boxes_of(picture, "url(#h")  # hatched
    for boxes, height in zip((low, high), heights.values()):
        drawn = boxes[:, 3] - boxes[:, 2]
        np.testing.assert_allclose(drawn / drawn[0], np.array(height) / height[0], atol=0.01)
    np.testing.assert_allclose(high[:, 3], low[:, 2], atol=0.05)  # y runs downwards
    np.testing.assert_allclose(high[:, :2], low[:, :2], atol=0.05)
    assert "Bars, stacked" in picture.description


def test_contours_the_start_and_the_minimum_stand_where_they_are():
    surface = bowl((1.0, 4.0), center=(2.0, 1.0))
    run = descend(gradient_descent, surface.grad, (-4, -1), 5, lr=0.1)
    picture = plots.paths(surface, {"Adam": run}, caption="c")
    ((points,),) = strokes_of(picture, plots.STYLES["Adam"][0])
    scale = (points[-1] - points[0]) / (run.w[-1] - run.w[0])
    marks = [
        (style_of(mark), [float(mark.get("x")), float(mark.get("y"))])
        for mark in page_of(picture)[1].iter(f"{SVG}use")
        if mark.get("x")
    ]
    (star,) = [place for style, place in marks if style.get("fill") == "#e0302b"]
    (ring,) = [
        place for style, place in marks if style.get("stroke") == "currentColor" and style.get("fill-opacity") == "0"
    ]
    np.testing.assert_allclose(star, points[0] + scale * (surface.minimum - run.w[0]), atol=0.3)
    np.testing.assert_allclose(ring, points[0], atol=0.05)
    # On each of the seven contours the loss is one and the same, and their heights go up as squares.
    lines = [
        np.array(re.findall(r"-?[\d.]+", path.get("d")), float).reshape(-1, 2)
        for path in page_of(picture)[1].iter(f"{SVG}path")
        if style_of(path).get("stroke-opacity") == "0.55"
    ]
    losses = [surface.f((run.w[0] + (line - points[0]) / scale).T) for line in lines]
    assert len(losses) == 7 and all(np.ptp(loss) < 0.05 * loss.mean() for loss in losses)
    heights = np.sort([loss.mean() for loss in losses])
    np.testing.assert_allclose(np.sqrt(heights / heights[0]), np.arange(1, 8), rtol=0.05)


@pytest.mark.slow
def test_algorithms_have_their_color_in_every_picture():
    lines = dict.fromkeys(plots.STYLES, [1, 2])
    runs = dict.fromkeys(ALGORITHMS, a_run())
    assert all(plots.STYLES[name][0] in plots.curves(lines, caption="c").svg for name in lines)
    assert all(plots.STYLES[name][0] in plots.paths(bowl(), runs, caption="c").svg for name in runs)
    for name in ALGORITHMS:
        assert plots.STYLES[name][0] in plots.bars({name: [1, 2]}, caption="c", x="x", y="y").svg


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in plots.STYLES if name != "data"])
def test_no_two_lines_of_a_picture_look_alike(name):
    for lines in ([name, "another", "a third"], ["another", name, "a third"], ["another", "a third", name]):
        picture = plots.curves({line: [1.0, 2.0, i] for i, line in enumerate(lines)}, caption="c")
        used = {color for color in COLORS if strokes_of(picture, color)}
        assert len(used) == 3, lines


@pytest.mark.parametrize(
    "draw",
    [
        lambda names: plots.curves(dict.fromkeys(names, [1, 2]), caption="c"),
        lambda names: plots.paths(bowl(), dict.fromkeys(names, a_run()), caption="c"),
        lambda names: plots.bars(dict.fromkeys(names, [1, 2]), caption="c", x="x", y="y"),
    ],
    ids=["curves", "paths", "bars"],
)
def test_two_lines_are_named_and_one_alone_is_not(draw):
    assert {"momentum", "Adam"} <= set(words_of(draw(["momentum", "Adam"])))
    assert "Adam" not in words_of(draw(["Adam"]))


def test_bars_differ_without_color():
    assert len(set(re.findall(r"fill: (url\(#h\w+\)|#\w+)", some_bars().svg))) >= 2
    assert "url(#h" in some_bars().svg


# What is said


def close(text, value):
    """Whether a number of three digits says the value."""
    said = 0.0 if text == "about 0" else float(text)
    return said == pytest.approx(value, rel=6e-3, abs=plots.SMALL)


LINE = re.compile(
    r"(?P<first>\S+) at step (?P<start>\S+), (?P<last>\S+) at (?P<end>\S+); "
    r"lowest (?P<low>about 0|\S+) at (?P<lowest>\S+), highest (?P<high>about 0|\S+) at (?P<highest>\S+)\."
)


@pytest.mark.slow
@settings(max_examples=20)
@given(heights=st.lists(st.floats(1e-6, 1e6) | st.floats(-1e6, -1e-6) | st.just(0.0), min_size=1, max_size=30))
def test_curves_say_their_ends_and_extremes(heights):
    said = plots.curves({"Adam": heights}, caption="c").description
    assert said.startswith("Curves: loss against step. Adam: ")
    numbers = LINE.fullmatch(said.removeprefix("Curves: loss against step. Adam: ")).groupdict()
    assert close(numbers["first"], heights[0]) and close(numbers["last"], heights[-1])
    assert close(numbers["low"], min(heights)) and close(numbers["high"], max(heights))
    assert (int(numbers["start"]), int(numbers["end"])) == (0, len(heights) - 1)
    assert heights[int(numbers["lowest"])] == min(heights) and heights[int(numbers["highest"])] == max(heights)


def test_every_line_is_said():
    said = some_curves().description
    assert "momentum: 3 at step 0, 2.5 at 2; lowest 2 at 1, highest 3 at 0." in said
    assert "β₂ = 0.9995: 0.001 at step 0, 0.0035 at 5; lowest 0.001 at 0, highest 0.0035 at 5." in said
    assert "data: 1 at step 0, 2 at 1;" in said
    assert "A thin line at 0.5." in said


def test_axes_are_said_by_their_names():
    said = plots.curves({"w": [1, 2]}, caption="c", x="β₁", y="w").description
    assert "w against β₁" in said and "1 at β₁ 0, 2 at 1" in said


def test_nan_is_not_said():
    said = plots.curves({"Adam": [np.nan, 3.0, 1.0, np.inf, np.nan]}, caption="c").description
    assert "Adam: 3 at step 1, 1 at 2; lowest 1 at 2, highest 3 at 1." in said
    assert "Adam: nothing to draw." in plots.curves({"Adam": [np.nan, np.nan]}, caption="c").description


def test_rounding_noise_is_not_said():
    said = plots.curves({"Adam": [1.0, 3e-17]}, caption="c").description
    assert "about 0" in said and "e-17" not in said


PATH = re.compile(
    r"(?P<count>\d+) steps from \((?P<start>[^)]*)\) to \((?P<end>[^)]*)\)"
    r"(, then it is lost: it diverged at step (?P<lost>\d+))?; b swings (?P<swings>\d+) times"
)


def path_said(run, surface=bowl()):
    said = plots.paths(surface, {"Adam": run}, caption="c").description
    assert f"the surface {surface.name}" in said
    return PATH.search(said).groupdict()


@pytest.mark.slow
@settings(max_examples=15)
@given(lr=st.floats(0.05, 0.45), steps=st.integers(1, 40))
def test_paths_say_their_ends_and_swings(lr, steps):
    run = a_run(lr=lr, steps=steps)
    said = path_said(run)
    assert int(said["count"]) == steps and said["lost"] is None
    for text, place in [(said["start"], run.w[0]), (said["end"], run.w[-1])]:
        assert all(close(number, value) for number, value in zip(text.split(", "), place, strict=True))
    # b = -2 (1 - 4 lr)^t: it swings at each step if lr > 1/4, as long as it is above a hundredth.
    factor = abs(1 - 4 * lr)
    counted = sum(factor**t > 0.01 for t in range(1, steps + 1)) if lr > 0.25 else 0
    assert int(said["swings"]) == counted


def test_swings_are_counted_across_the_minimum_not_across_zero():
    surface = bowl(center=(0.0, 10.0))
    run = descend(gradient_descent, surface.grad, (-5, 11), 3, lr=0.4)  # b - 10 is 1, -0.6, 0.36, -0.216
    assert path_said(run, surface)["swings"] == "3"


def test_a_path_that_is_lost_says_so():
    single = a_run(steps=100, lr=0.9)
    said = path_said(single)
    assert int(said["lost"]) == single.diverged and int(said["count"]) == single.diverged - 1
    # The same as one setting of a grid, where it is nan from there on.
    grid = descend(gradient_descent, bowl().grad, (-5, -2), 100, lr=[0.9, 0.1])
    assert path_said(Path(grid.w[..., 0], int(grid.diverged[0]))) == said


def test_bars_say_their_ends_and_extremes():
    said = plots.bars({"after correction": [1.0, 5.0, 2.0]}, caption="c", x="age", y="weight", first=3).description
    assert said == "Bars: weight against age. after correction: 1 at age 3, 2 at 5; lowest 1 at 3, highest 5 at 4."


def test_bars_begin_at_0_unless_told():
    said = plots.bars({"after correction": [1.0, 5.0]}, caption="c", x="age", y="weight").description
    assert "1 at age 0, 5 at 1" in said


def test_a_level_map_says_its_least():
    numbers = re.search(r"least, (\S+), at α (\S+) and β (\S+)\.$", some_levels().description).groups()
    x, y = np.linspace(0.1, 1, 20), np.linspace(0.2, 2, 30)
    column, row = np.abs(x - 0.5).argmin(), np.abs(y - 1).argmin()
    least = (x[column] - 0.5) ** 2 + (y[row] - 1) ** 2 + 0.125
    assert all(close(text, value) for text, value in zip(numbers, (least, x[column], y[row]), strict=True))


def test_a_level_map_with_nan_says_the_least_of_the_rest():
    height = np.array([[np.nan, 3.0, 4.0], [2.0, 5.0, 6.0]])
    picture = plots.level_map([1, 2, 3], [10, 20], height, [3.5, 4.5], caption="c", labels=("x", "y", "z"))
    assert "least, 2, at x 1 and y 20." in picture.description


def test_digits_say_their_names():
    assert "3, 1, 4, 1" in some_digits().description


def test_a_digit_is_drawn_as_it_is_seen():
    pixels = np.zeros(64)
    pixels[1] = 1  # the second in the first row: at the top, one from the left
    picture = plots.digits(pixels[None], ["?"], caption="c")
    squares = [path for path in page_of(picture)[1].iter(f"{SVG}path") if path.get("clip-path")]
    corners = {
        path: np.array(re.findall(r"-?[\d.]+", path.get("d")), float).reshape(-1, 2).min(axis=0) for path in squares
    }
    (bright,) = [path for path in squares if style_of(path).get("fill") == "#ffffff"]
    assert len(squares) == 64 and words_of(picture) == ["?"]
    columns, rows = (sorted({corner[axis] for corner in corners.values()}) for axis in (0, 1))
    assert tuple(corners[bright]) == (columns[1], rows[0])


def test_a_path_on_a_surface_without_minimum_is_said():
    slope = type(bowl())("a slope", lambda w: w[0] + 0 * w[1], lambda w: np.array([1.0 + 0 * w[0], 0 * w[1]]), None)
    run = Path(np.array([[1.0, 0.5], [0.0, -0.5], [-1.0, 0.5]]), 0)
    said = plots.paths(slope, {"momentum": run}, caption="c").description
    assert "momentum: 2 steps from (1, 0.5) to (-1, 0.5)" in said
    assert PATH.search(said)["swings"] == "2"  # across 0, for want of a minimum


def test_axes_of_equal_scale():
    picture = plots.paths(rosenbrock(), {"Adam": a_run(steps=1)}, caption="c", W=(-2, 2), b=(-1, 3), equal=True)
    box = [float(x) for x in page_of(picture)[1].get("viewBox").split()]
    wide = plots.paths(rosenbrock(), {"Adam": a_run(steps=1)}, caption="c", W=(-2, 2), b=(-1, 3))
    assert box[2] / box[3] < 1.2 < float(page_of(wide)[1].get("viewBox").split()[2]) / box[3]


# What a reader tries, and what it is told


def test_a_row_alone_and_a_run_alone_are_drawn():
    assert "loss: 3 at step 0, 2.5 at 2" in plots.curves(np.array([3.0, 2.0, 2.5])).description
    assert "loss: 3 at step 1, 2 at 4" in plots.curves(([1, 4], [3.0, 2.0])).description
    assert "height: 3 at step 0" in plots.bars([3, 1]).description
    assert "path: 20 steps from (-5, -2)" in plots.paths(bowl(), a_run()).description


def test_a_picture_without_a_caption_has_none():
    picture = plots.curves([1.0, 2.0])
    assert "figcaption" not in picture._repr_html_() and repr(picture) == picture.description


def test_a_run_by_names_is_drawn_as_the_same_run():
    named = descend(
        gradient_descent, lambda w: {"W": 0.2 * w["W"], "b": 4 * w["b"]}, {"W": -5.0, "b": -2.0}, 20, lr=0.4
    )
    assert plots.paths(bowl(), {"run": named}).svg == plots.paths(bowl(), {"run": a_run()}).svg


def test_a_start_far_out_is_in_the_picture():
    """The ring at the start lies in the frame; matplotlib would leave out one that does not."""
    far = descend(gradient_descent, bowl().grad, (-50, 20), 3, lr=0.1)
    rings = [
        len(page_of(plots.paths(bowl(), far, **window))[0].findall(f".//{SVG}use"))
        for window in ({}, {"W": (-6, 6), "b": (-3, 3)})
    ]
    assert rings[0] > rings[1]
    assert plots._window(np.array([5.0]), 6.0) == (-6.0, 6.0)


def three_parameters():
    return descend(gradient_descent, lambda w: w, (1, 2, 3), 5, lr=0.1)


def surface_of(f):
    return Surface("mine", f, bowl().grad, (0, 0))


@pytest.mark.parametrize(
    "draw, told",
    [
        (lambda: plots.curves({}), "at least one line"),
        (lambda: plots.curves(3), "'loss' must be a row of numbers or a pair"),
        (lambda: plots.curves({"a": np.ones((2, 2))}), r"'a' must be a row of numbers .* shape \(2, 2\)"),
        (lambda: plots.curves({"a": ["x", "y"]}), "'a' must be a row of numbers"),
        (lambda: plots.curves({"a": ([1, 2], [1])}), "of one length, got rows of 2 and 1 numbers"),
        (lambda: plots.curves(a_run()), "'loss' is a path: draw it with plots.paths"),
        (lambda: plots.curves({"a": [1]}, points=3), "'points' must be a row"),
        (lambda: plots.bars({}), "at least one line"),
        (lambda: plots.bars({str(i): [1] for i in range(7)}), "at most 6 groups apart, got 7: 0, 1, 2"),
        (lambda: plots.paths(bowl(), {}), "at least one run"),
        (lambda: plots.paths(bowl(), [a_run()]), "'path' must be a path, as descend returns it, got list"),
        (lambda: plots.paths(bowl(), {"run": a_run().w}), "'run' must be a path, .* got ndarray"),
        (lambda: plots.paths(bowl(), {"run": three_parameters()}), r"'run' must be a run over two numbers, .* \(3,\)"),
        (lambda: plots.paths(bowl(), a_run(lr=[0.1, 0.2])), r"must be a single run, got a grid of the shape \(2,\)"),
        (lambda: plots.paths(bowl().f, a_run()), "surface must be a Surface, as .* makes one, got <function"),
        (lambda: plots.paths(surface_of(bowl().grad), a_run()), r"f .* mine must give one height .* \(161, 161\), got"),
        (lambda: plots.paths(surface_of(lambda w: w[0] if w[0] > 0 else w[1]), a_run()), "mine must ask each entry"),
        (lambda: plots.paths(surface_of(lambda w: math.exp(w[0])), a_run()), "mine must take arrays: np.sqrt and"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_a_sentence(draw, told):
    with pytest.raises((TypeError, ValueError), match=told):
        draw()


def test_as_many_groups_of_bars_as_can_be_told_apart():
    picture = plots.bars({str(i): [1, 2] for i in range(6)})
    assert picture.svg.count("<pattern") == 5  # the first is plain


def test_a_band_is_shaded_and_a_picture_may_be_told_in_words():
    lines = {"Adam": [1.0, 2.0, 1.5], "momentum": [2.0, 1.0, 1.0]}
    plain = plots.curves(lines, caption="c")
    shaded = plots.curves(lines, caption="c", band={"Adam": ([0.5, 1, 1], [2, 3, 2])}, told="Two lines.")
    assert "fill-opacity: 0.2" in shaded.svg and "fill-opacity: 0.2" not in plain.svg
    assert repr(shaded).endswith("Curves: loss against step. Two lines.") and "lowest" in repr(plain)


def test_a_ring_is_drawn_alike_whether_or_not_its_ends_meet_to_the_bit(monkeypatch):
    """Whether they do is up to the processor."""
    run = descend(gradient_descent, bowl(), (-5.0, -2.0), 3, lr=0.4)
    meeting, contour, torn = plots.paths(bowl(), run).svg, Axes.contour, []

    def tear(*args, **options):
        contours = contour(*args, **options)
        for path in contours.get_paths():
            closing = path.codes == path.CLOSEPOLY
            path.vertices = np.where(closing[:, None], np.nextafter(path.vertices, np.inf), path.vertices)
            path.codes = np.where(closing, path.LINETO, path.codes)
            torn.append(closing.any() and path.should_simplify)
        return contours

    monkeypatch.setattr(Axes, "contour", tear)
    assert plots.paths(bowl(), run).svg == meeting and any(torn)


def test_two_pictures_on_a_page_share_no_id_though_neither_has_a_caption():
    runs = (descend(rule, bowl(), (-5.0, -2.0), 3, lr=0.4) for rule in (gradient_descent, rules.momentum))
    one, other = (set(ids_of(plots.paths(bowl(), run))) for run in runs)
    assert one and other and not one & other
