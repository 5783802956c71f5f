"""Figures 1, 2, N and M: the data they show, the files in figures/, and what the films show."""

import base64
import contextlib
import html
import io
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from imageio_ffmpeg import count_frames_and_secs, get_ffmpeg_exe

from optimlib import figures, plots

ROOT = Path(__file__).resolve().parent.parent
FILES = {"figure-1.svg", "figure-2.svg", "figure-n.mp4", "figure-n-poster.png", "figure-m.mp4", "figure-m-poster.png"}
FILMS = {"figure-n": ["before correction"], "figure-m": ["before correction", "after correction"]}
films = pytest.mark.parametrize("name", FILMS)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder in which all four were made just now, and what was said."""
    folder = tmp_path_factory.mktemp("figures") / "figures"
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said):
        patch.setattr(figures, "FOLDER", folder)
        figures.make_all()
    return folder, said.getvalue()


# The files


def test_the_folder_holds_what_the_code_makes_and_nothing_else(made):
    folder, _ = made
    assert {file.name for file in folder.iterdir()} == {file.name for file in (ROOT / "figures").iterdir()} == FILES


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_file_has_the_bytes_the_code_makes(made, name):
    folder, _ = made
    assert (folder / name).read_bytes() == (ROOT / "figures" / name).read_bytes()


def test_making_them_says_the_four_captions(made):
    captions = made[1].splitlines()
    assert [caption.split(".")[0] for caption in captions] == ["Figure 1", "Figure 2", "Figure N", "Figure M"]


@pytest.mark.slow
def test_the_folder_is_found_from_the_root_and_from_the_chapters():
    ask = "from optimlib import figures; print(figures.FOLDER.resolve())"
    for place in (ROOT, ROOT / "chapters"):
        said = subprocess.run(
            [sys.executable, "-c", ask], cwd=place, capture_output=True, text=True, check=True, encoding="utf-8"
        )
        assert Path(said.stdout.strip()) == ROOT / "figures"


# Figure 1: gradient descent in a valley of condition number 16


def drawn_path(file, algorithm):
    """The points of the path in an SVG, in pixels, y upwards."""
    lines = [
        element.get("d")
        for element in ET.parse(file).iter("{http://www.w3.org/2000/svg}path")
        if f"stroke: {plots.STYLES[algorithm][0]}" in element.get("style", "") and element.get("clip-path")
    ]
    (d,) = lines
    return np.array(re.findall(r"-?[\d.]+", d), float).reshape(-1, 2) * (1, -1)


def closed_form(count):
    """Figure 1 by the formula: each coordinate shrinks by its own factor, from START to the minimum."""
    W0, b0 = figures.VALLEY.minimum
    t = np.arange(count)
    W = W0 + (figures.START[0] - W0) * (1 - figures.ZIGZAG_LR * 0.25) ** t
    b = b0 + (figures.START[1] - b0) * (1 - figures.ZIGZAG_LR * 4.0) ** t
    return np.array([W, b]).T


def in_pixels(places, pixels):
    """Places as pixels: one scale for both axes, fixed by the first and the last point along W."""
    scale = (pixels[-1, 0] - pixels[0, 0]) / (places[-1, 0] - places[0, 0])
    return pixels[0] + scale * (places - places[0])


def test_figure_1_is_drawn_through_the_points_of_the_formula():
    pixels = drawn_path(ROOT / "figures" / "figure-1.svg", "gradient descent")
    assert len(pixels) == 21
    np.testing.assert_allclose(pixels, in_pixels(closed_form(21), pixels), atol=0.1)


def test_in_figure_1_b_flips_at_every_step_by_one_ratio():
    b = closed_form(21)[:, 1] - figures.VALLEY.minimum[1]
    ratios = b[1:] / b[:-1]
    assert (ratios < 0).all() and np.ptp(ratios) < 1e-9
    pixels = drawn_path(ROOT / "figures" / "figure-1.svg", "gradient descent")
    floor = in_pixels(np.array([figures.START, figures.VALLEY.minimum, closed_form(21)[-1]]), pixels[[0, 10, 20]])[1, 1]
    offset = pixels[:, 1] - floor
    assert (offset[1:8] * offset[:7] < 0).all()  # later ones are below a pixel
    np.testing.assert_allclose(offset[1:5] / offset[:4], -0.84, atol=0.02)


# Figure 2: the quickest smooth run of momentum


@pytest.fixture(scope="module")
def whole_grid():
    """Every run that smooth_run looks at, each coordinate's recursion written out: (step, lr, beta1)."""
    lr, beta1 = np.geomspace(0.02, 10, 200)[:, None], np.linspace(0, 0.99, 100)
    paths = []
    with np.errstate(all="ignore"):
        for eigenvalue, start, least in zip((0.25, 4.0), figures.START, figures.VALLEY.minimum):
            x, v = np.full((200, 100), start - least), 0.0
            path = [x]
            for _ in range(100):
                v = beta1 * v + (1 - beta1) * eigenvalue * x
                x = x - lr * v
                path.append(x)
            paths.append(np.array(path))
    return lr[:, 0], beta1, *paths


def is_smooth(W, b, arrival):
    """The docstring of smooth_run, for one run of offsets from the minimum, in plain Python."""
    moves = list(zip(np.diff(W[: arrival + 1]), np.diff(b[: arrival + 1])))
    for (x, y), (x_next, y_next) in zip(moves, moves[1:]):
        cosine = (x * x_next + y * y_next) / (np.hypot(x, y) * np.hypot(x_next, y_next))
        if cosine < np.cos(np.radians(30)) - 1e-12:
            return False
    first_across = next((t for t, offset in enumerate(b) if offset / b[0] < 0), len(b))
    swings_back = max((offset / b[0] for offset in b[first_across:]), default=0.0)
    return swings_back <= 0.1 and min(W / W[0]) >= -1e-6


def arrival_of(W, b):
    """The step from which on the run stays within 5 % of its first distance, or None."""
    distance = np.hypot(W, b)
    outside = [t for t, d in enumerate(distance) if not d <= 0.05 * distance[0]]
    arrival = outside[-1] + 1
    return arrival if arrival < len(W) else None


def test_figure_2_is_smooth_and_none_in_the_grid_is_both_smooth_and_quicker(whole_grid):
    lr, beta1, W, b = whole_grid
    run, best_lr, best_beta1 = figures.smooth_run(figures.VALLEY, figures.START)
    i, j = np.abs(lr - best_lr).argmin(), np.abs(beta1 - best_beta1).argmin()
    assert (best_lr, best_beta1) == (pytest.approx(lr[i]), pytest.approx(beta1[j]))
    arrival = arrival_of(W[:, i, j], b[:, i, j])
    assert arrival == len(run) - 1 and is_smooth(W[:, i, j], b[:, i, j], arrival)
    expected = np.array([W[: arrival + 1, i, j], b[: arrival + 1, i, j]]).T + figures.VALLEY.minimum
    np.testing.assert_allclose(run.w, expected, atol=1e-12)

    distance = np.nan_to_num(np.hypot(W, b), nan=np.inf)
    inside_from = np.logical_and.accumulate((distance <= 0.05 * distance[0])[::-1])[::-1]
    quicker = np.argwhere(inside_from[arrival - 1])  # those that were there a step before
    assert len(quicker) > 100
    assert not any(is_smooth(W[:, k, m], b[:, k, m], arrival_of(W[:, k, m], b[:, k, m])) for k, m in quicker)


@pytest.mark.slow
def test_figure_2_is_drawn_through_the_run_and_says_its_setting(tmp_path, monkeypatch):
    run, lr, beta1 = figures.smooth_run(figures.VALLEY, figures.START)
    pixels = drawn_path(ROOT / "figures" / "figure-2.svg", "momentum")
    np.testing.assert_allclose(pixels, in_pixels(run.w, pixels), atol=0.1)
    monkeypatch.setattr(figures, "FOLDER", tmp_path)
    picture = figures.figure_2()
    assert f"α = {lr:.2f} and β₁ = {beta1:.2f}" in picture.caption
    assert f"{len(run) - 1} steps" in picture.description


@pytest.mark.parametrize("name", ["figure-1", "figure-2"])
def test_alone_a_figure_reads_on_light_and_dark(name):
    text = (ROOT / "figures" / f"{name}.svg").read_text(encoding="utf-8")
    svg = ET.fromstring(text)
    assert svg.get("role") == "img" and re.match(r"(gradient descent|momentum): \d+ steps", svg.get("aria-label"))
    style = svg.find("{http://www.w3.org/2000/svg}style").text
    assert re.search(r"svg \{ color: #222;.*?\}.*prefers-color-scheme: dark.*svg \{ color: #ddd \}", style)
    assert "currentColor" in text


# The data of Figures N and M


def test_beta_goes_up_rests_and_comes_back():
    betas = figures.BETAS
    assert len(betas) == 220 and betas[0] == betas[-1] == 0.30
    np.testing.assert_allclose(np.diff(betas[:100]), 0.69 / 99)
    assert (betas[99:121] == 0.99).all()
    np.testing.assert_allclose(betas[120:], betas[:100][::-1])


def data_of_the_films():
    return figures.noisy_cosine(np.random.default_rng(0))


def test_the_data_are_a_cosine_with_standard_noise():
    data = data_of_the_films()
    assert data.shape == (300,)
    noise = data - [2 * np.cos(np.pi * i / 299) for i in range(300)]
    np.testing.assert_allclose(noise, np.random.default_rng(0).standard_normal(300), atol=1e-12)
    assert abs(noise.mean()) < 0.2 and 0.85 < noise.std() < 1.15


def averages(beta):
    """The moving average of the films' data before and after correction, as their definition has it."""
    data = data_of_the_films()
    before = [(1 - beta) * sum(beta ** (t - i) * data[i] for i in range(t + 1)) for t in range(300)]
    weights = [(1 - beta) * sum(beta ** (t - i) for i in range(t + 1)) for t in range(300)]
    return {"before correction": np.array(before), "after correction": np.array(before) / weights}


@pytest.fixture
def film(monkeypatch):
    """Figure N or M as the page gets it, without making its file again."""
    monkeypatch.setattr(
        figures, "_save_film", lambda name, *_: (f"../figures/{name}.mp4", f"../figures/{name}-poster.png")
    )
    return lambda name: getattr(figures, name.replace("-", "_"))(data_of_the_films())


def test_figure_n_says_true_numbers(film):
    said = film("figure-n").description
    numbers = re.search(r"at β = 0\.99 it starts at (\S+), where the first point is (\S+), .* value is (\S+)\.$", said)
    before = averages(0.99)["before correction"]
    expected = [before[0], data_of_the_films()[0], before.max()]
    np.testing.assert_allclose([float(x) for x in numbers.groups()], expected, atol=0.005)


def test_figure_m_says_true_numbers(film):
    said = film("figure-m").description
    numbers = re.search(r"starts at (\S+), the green one at (\S+), .* they are (\S+) and (\S+)\.$", said).groups()
    before, after = averages(0.99).values()
    np.testing.assert_allclose([float(x) for x in numbers], [before[0], after[0], before[-1], after[-1]], atol=0.005)
    assert after[0] == pytest.approx(data_of_the_films()[0])


# The films as films


@films
def test_a_film_is_h264_of_220_frames_at_30_a_second(name):
    file = ROOT / "figures" / f"{name}.mp4"
    about = subprocess.run([get_ffmpeg_exe(), "-i", file], capture_output=True, text=True, encoding="utf-8").stderr
    (stream,) = re.findall(r"Stream .*", about)
    assert "Video: h264" in stream and "yuv420p" in stream and " 560x420" in stream and " 30 fps" in stream
    frames, seconds = count_frames_and_secs(str(file))
    assert frames == 220 and seconds == pytest.approx(220 / 30, abs=0.01)
    # The index is in front, so that a browser can begin before it has everything; no date, no program.
    head = file.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")
    assert "creation_time" not in about


def frame(name, i):
    """A frame of the committed film: 420 rows of 560 pixels of red, green, blue."""
    raw = subprocess.run(
        [
            get_ffmpeg_exe(),
            "-loglevel",
            "error",
            "-i",
            ROOT / "figures" / f"{name}.mp4",
            "-vf",
            f"select=eq(n\\,{i})",
            "-frames:v",
            "1",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "-",
        ],
        capture_output=True,
        check=True,
    ).stdout
    return np.frombuffer(raw, np.uint8).reshape(420, 560, 3).astype(int)


RED, GREEN, BLUE = (
    np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) for color in ("#e0302b", "#2a9134", "#7f9bd1")
)


def near(pixels, color, within=60):
    return np.abs(pixels - color).sum(axis=-1) <= within


# Where the axes stand in the picture: time 0 to 300 and value -5 to 4.
def column_of(time):
    return 560 * (0.1 + 0.86 * np.asarray(time) / 300)


def row_of(value):
    return 420 * (1 - 0.27 - 0.7 * (np.asarray(value) + 5) / 9)


def share_of_line_seen(pixels, color, values):
    """How many of 280 places of a line have its colour: within 2 pixels, or where it is steep, on the way."""
    seen = 0
    for t in range(10, 290):
        nearby = row_of(values[t - 1 : t + 2])
        top, bottom = int(nearby.min()) - 2, int(nearby.max()) + 3
        column = round(float(column_of(t + 1)))
        seen += near(pixels[top:bottom, column - 1 : column + 2], color).any()
    return seen / 280


@pytest.mark.parametrize("i", [0, 60, 110, 219])
@films
def test_a_frame_shows_the_average_of_its_beta(name, i):
    pixels = frame(name, i)
    for label, values in averages(figures.BETAS[i]).items():
        color = RED if label == "before correction" else GREEN
        share = share_of_line_seen(pixels, color, values)
        if label not in FILMS[name]:
            assert near(pixels, color).sum() == 0
        elif label == "before correction":
            # Dashed; and in Figure M the green line lies on it, where there is little to correct.
            assert share > {"figure-n": 0.6, "figure-m": 0.4 if i == 110 else -1}[name]
        else:
            assert share > 0.9


@films
def test_the_middle_frame_shows_no_other_beta(name):
    pixels = frame(name, 110)
    for label in FILMS[name]:
        color = RED if label == "before correction" else GREEN
        right, wrong = (share_of_line_seen(pixels, color, averages(beta)[label]) for beta in (0.99, 0.95))
        assert wrong < 0.7 * right
    # Below its values there is nothing red: the line stays where the average is. (The legend is at the left.)
    rows, columns = np.nonzero(near(pixels, RED))
    lowest = row_of(averages(0.99)["before correction"].min())
    assert (rows[columns > 250] <= lowest + 4).all()


def test_the_red_line_starts_at_zero_and_the_green_one_at_the_first_point():
    pixels = frame("figure-m", 110)
    start = slice(int(column_of(2)), int(column_of(8)))
    before, after = averages(0.99).values()
    for color, values in [(RED, before), (GREEN, after)]:
        rows = np.nonzero(near(pixels[:, start], color).any(axis=1))[0]
        assert row_of(values[:9].max()) - 4 <= rows.min() and rows.max() <= row_of(values[:9].min()) + 4
    assert before[0] < 0.1 < after[0]


@films
def test_the_points_are_where_the_data_are(name):
    pixels = frame(name, 110)
    data = data_of_the_films()
    drawn = [
        near(pixels[int(row) - 2 : int(row) + 3, int(column) - 2 : int(column) + 3], BLUE).any()
        for row, column in zip(row_of(data), column_of(np.arange(1, 301)))
    ]
    assert np.mean(drawn) > 0.9  # the lines cover some


@pytest.mark.slow
@films
def test_the_poster_is_the_frame_at_beta_099(name):
    poster = matplotlib.image.imread(ROOT / "figures" / f"{name}-poster.png")[..., :3] * 255
    assert poster.shape == (420, 560, 3)
    differences = {i: np.abs(poster - frame(name, i)).mean() for i in (0, 60, 90, 110, 219)}
    assert differences[110] < 1.5 and all(differences[110] < d / 2 for i, d in differences.items() if i != 110)


# The films on a page


@films
def test_the_page_shows_the_film_with_poster_text_and_controls(film, name, tmp_path, monkeypatch):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "figures").mkdir()
    monkeypatch.chdir(tmp_path / "chapters")
    monkeypatch.setattr(figures, "FOLDER", Path.cwd() / ".." / "figures")
    shown = film(name)
    page = shown._repr_html_()
    video = re.search(r"<video ([^>]*)>", page)[1]
    attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', video))
    assert attributes["poster"] == f"../figures/{name}-poster.png"
    assert f'<source src="../figures/{name}.mp4" type="video/mp4">' in page
    assert html.unescape(attributes["aria-label"]) == shown.description
    assert {"controls", "loop", "muted", "playsinline"} <= set(video.split()) and "autoplay" not in video
    assert (attributes["width"], attributes["height"]) == ("560", "420")
    assert f"<figcaption>{html.escape(shown.caption)}</figcaption>" in page
    assert repr(shown) == f"{shown.caption}\n{shown.description}"


def test_a_film_that_cannot_be_written_is_no_silence(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "FOLDER", tmp_path / "figures")
    monkeypatch.setattr("imageio_ffmpeg.get_ffmpeg_exe", lambda: shutil.which("false"))
    with pytest.raises(RuntimeError, match="ffmpeg could not write figure-n.mp4"):
        figures.figure_n(data_of_the_films())
    assert not list((tmp_path / "figures").glob("*.mp4"))


@pytest.mark.slow
@films
def test_in_a_reader_s_folder_nothing_is_written_and_the_film_travels_inside(name, tmp_path):
    (tmp_path / "chapters").mkdir()  # a name that is not ours alone
    ask = "import numpy as np, os\nfrom optimlib import figures\nfigures.figure_1()\n"
    ask += "data = figures.noisy_cosine(np.random.default_rng(0))\n"
    ask += f"print(figures.{name.replace('-', '_')}(data)._repr_html_())\nassert os.listdir() == []"
    run = subprocess.run(
        [sys.executable, "-c", ask], check=True, cwd=tmp_path / "chapters", stdout=subprocess.PIPE, encoding="utf-8"
    )
    inside = dict(re.findall(r'"data:(\w+/\w+);base64,([^"]*)"', run.stdout))
    kept = {"video/mp4": f"{name}.mp4", "image/png": f"{name}-poster.png"}
    assert {kind: base64.b64decode(text) for kind, text in inside.items()} == {
        kind: (ROOT / "figures" / file).read_bytes() for kind, file in kept.items()
    }
    assert [*tmp_path.iterdir()] == [tmp_path / "chapters"]


def test_without_the_encoder_a_film_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(ImportError, match="a film needs imageio-ffmpeg: python -m pip install imageio-ffmpeg"):
        figures.figure_n(data_of_the_films())
