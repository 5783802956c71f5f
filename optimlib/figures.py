"""The document's Figures 1, 2, N and M, computed. This module alone writes into ``figures/``.

``python -m optimlib.figures`` makes all of them; the chapters make them one by one. Elsewhere than in the book's own
folders nothing is written: a film then travels inside the notebook.
"""

from __future__ import annotations

import base64
import contextlib
import html
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path as FilePath

import matplotlib
import numpy as np
import PIL.Image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from optimlib import plots
from optimlib.descend import descend, smooth
from optimlib.path import Path
from optimlib.rules import debias, gradient_descent, momentum
from optimlib.surfaces import Surface, bowl, steps_to_reach

BOOK = FilePath(__file__).resolve().parent.parent
AT_HOME = (BOOK / "_toc.yml").exists() and FilePath.cwd() in (BOOK, BOOK / "chapters")
FOLDER = BOOK / "figures" if AT_HOME else None  # a reader's folder is the reader's
IN_A_BROWSER = sys.platform == "emscripten"  # which starts no other program

VALLEY = bowl(eigenvalues=(0.25, 4.0), center=(4.9, 1.7))  # condition number 16, as the document drew it
START = (1.25, 1.16)
ZIGZAG_LR = 0.46  # 4 * 0.46 = 1.84: beyond 1, so b flips its sign at every step

FRAMES_PER_SECOND = 30
BETAS = np.concatenate([np.linspace(0.30, 0.99, 100), np.full(20, 0.99), np.linspace(0.99, 0.30, 100)])
MIDDLE = 110  # a frame of the rest at beta = 0.99: the poster


@dataclass(frozen=True)
class Film:
    """A film and its poster, as addresses, with caption and description; in a browser there is no film."""

    film: str
    poster: str
    caption: str
    description: str

    def __repr__(self) -> str:
        return f"{self.caption}\n{self.description}"

    def _repr_html_(self) -> str:
        label = html.escape(self.description, quote=True)
        if not self.film:
            return (
                f'<figure class="film"><img src="{self.poster}" width="560" height="420" alt="{label}">'
                f"<figcaption>{html.escape(self.caption)} This is the moment at β = {BETAS[MIDDLE]:.2f}, from your own data: "
                f"a browser cannot make the film.</figcaption></figure>"
            )
        return (
            f'<figure class="film"><video controls loop muted playsinline preload="metadata" width="560" height="420" '
            f'poster="{self.poster}" aria-label="{label}">'
            f'<source src="{self.film}" type="video/mp4">{label}</video>'
            f"<figcaption>{html.escape(self.caption)}</figcaption></figure>"
        )


def figure_1() -> plots.Picture:
    """Figure 1: gradient descent zigzags along b on its way along W."""
    run = descend(gradient_descent, VALLEY.grad, START, steps=20, lr=ZIGZAG_LR)
    caption = f"Figure 1. Gradient descent with \u03b1 = {ZIGZAG_LR} in a valley of condition number 16: b overshoots at every step."
    return _save_svg("figure-1", caption, "gradient descent", run, heads=range(20))


def figure_2() -> plots.Picture:
    """Figure 2: the path we want, found by :func:`smooth_run`."""
    run, lr, beta1 = smooth_run(VALLEY, START)
    caption = f"Figure 2. The path we want: one bow into the valley, then along its floor. Momentum with \u03b1 = {lr:.2f} and \u03b2\u2081 = {beta1:.2f}."
    return _save_svg("figure-2", caption, "momentum", run, heads=[len(run) - 4])


def figure_n(data: np.ndarray) -> Film:
    """Figure N: the moving average of ``data`` while beta goes from 0.30 to 0.99 and back."""
    before = smooth(data, BETAS)
    return Film(
        *_save_film("figure-n", data, {"moving average": before}),
        "Figure N. The moving average (red) of 300 noisy points while \u03b2 goes from 0.30 to 0.99 and back.",
        f"Film. At \u03b2 = 0.30 the red line follows every point. As \u03b2 grows it becomes smooth, and its beginning "
        f"sinks to zero: at \u03b2 = 0.99 it starts at {before[0, MIDDLE]:.2f}, where the first point is {data[0]:.2f}, "
        f"and its highest value is {before[:, MIDDLE].max():.2f}.",
    )


def figure_m(data: np.ndarray) -> Film:
    """Figure M: the same before and after the bias correction."""
    before = smooth(data, BETAS)
    after = debias(before, BETAS, np.arange(1, len(data) + 1)[:, None])
    return Film(
        *_save_film("figure-m", data, {"before correction": before, "after correction": after}),
        "Figure M. The same average before (red, dashed) and after (green, solid) the bias correction.",
        f"Film. At \u03b2 = 0.99 the red line starts at {before[0, MIDDLE]:.2f}, the green one at {after[0, MIDDLE]:.2f}, "
        f"the value of the first point; at time 300 they are {before[-1, MIDDLE]:.2f} and {after[-1, MIDDLE]:.2f}.",
    )


def noisy_cosine(rng: np.random.Generator) -> np.ndarray:
    """The data of Figures N and M: 300 points of 2 cos from 0 to pi, with standard normal noise."""
    return 2 * np.cos(np.linspace(0, np.pi, 300)) + rng.standard_normal(300)


def smooth_run(surface: Surface, start) -> tuple[Path, float, float]:
    """The quickest smooth run of momentum, with its lr and beta1, out of a grid of 20 000.

    Smooth: no step turns by more than 30 degrees from the one before, b swings back across the
    valley floor by at most a tenth of its first offset, W never overshoots. Quick: steps until
    the run stays within 5 % of its first distance. The run returned ends there.
    """
    lr, beta1 = np.geomspace(0.02, 10, 200)[:, None], np.linspace(0, 0.99, 100)
    runs = descend(momentum, surface.grad, start, steps=100, lr=lr, beta1=beta1)
    assert surface.minimum is not None
    offset = np.subtract(start, surface.minimum)
    steps = steps_to_reach(runs, surface, within=0.05 * np.hypot(*offset))

    moves = np.diff(runs.positions, axis=0)
    heading = np.arctan2(moves[:, 1], moves[:, 0])
    turn = np.abs(np.angle(np.exp(1j * np.diff(heading, axis=0))))
    before_arrival = np.arange(2, len(turn) + 2)[:, None, None] <= steps
    W, b = ((runs.positions[:, i] - surface.minimum[i]) / offset[i] for i in (0, 1))
    across = np.maximum.accumulate(b < 0, axis=0)
    smooth_enough = (
        (np.where(before_arrival, turn, 0).max(axis=0) <= np.radians(30))
        & (np.where(across, b, 0).max(axis=0) <= 0.1)
        & (W.min(axis=0) >= -1e-6)
    )
    i, j = np.unravel_index(np.nanargmin(np.where(smooth_enough, steps, np.nan)), steps.shape)
    best = runs.positions[: int(steps[i, j]) + 1, :, i, j]
    return Path(best, 0), float(lr[i, 0]), float(beta1[j])


@matplotlib.rc_context(plots.RC)
def _save_svg(name, caption, algorithm, run, heads) -> plots.Picture:
    """Draw the run as the document draws it, write it for use on its own, return it for the page."""
    color = plots.STYLES[algorithm][0]
    figure = Figure(figsize=(5.6, 2.3))
    axes = figure.add_axes((0, 0, 1, 1))
    assert VALLEY.minimum is not None
    W0, b0 = VALLEY.minimum
    reach = np.array([4.25, 3.5, 2.9, 2.2, 1.6, 1.1, 0.8])[::-1]  # where the ellipses meet the valley floor
    plots.draw_surface(axes, VALLEY, (0.2, 9.6), (0.3, 3.1), levels=VALLEY.f(np.array([W0 + reach, 0 * reach + b0])))
    axes.plot(*run.w.T, color=color, linewidth=1.6, marker="." if len(heads) == 1 else "", markersize=3)
    for k in heads:
        length = float(np.hypot(*(run.w[k + 1] - run.w[k])))
        size = min(11, 18 * length) if len(heads) > 1 else 11  # many heads are no longer than their steps
        style = {"arrowstyle": "-|>", "color": color, "shrinkA": 0, "shrinkB": 0, "mutation_scale": size}
        axes.annotate("", run.w[k + 1], run.w[k], arrowprops=style)
    axes.plot(*run.w[0], marker="o", markersize=8, color="#2a9134")
    for end, at, label in (((10, 0), (9.7, -0.42), "W"), ((0, 3.4), (-0.35, 3.2), "b")):
        axes.annotate(
            "", end, (-0.3 if end[0] else 0, -0.3 if end[1] else 0), arrowprops={"arrowstyle": "->", "color": plots.INK}
        )
        axes.text(*at, label, fontstyle="italic", fontsize=12)
    axes.text(-0.35, -0.32, "0", fontsize=11)
    axes.set(xlim=(-0.6, 10.2), ylim=(-0.55, 3.5), aspect="equal")
    axes.set_axis_off()
    picture = plots.Picture(plots.svg_of(figure, caption), caption, plots.describe_path(algorithm, run, VALLEY))
    alone = (
        f'<svg role="img" aria-label="{html.escape(picture.description, quote=True)}" '
        "><style>svg { color: #222; font-family: sans-serif } @media (prefers-color-scheme: dark) { svg { color: #ddd } }</style>"
    )
    head, rest = picture.svg.split(">", 1)
    if FOLDER:
        _save(f"{name}.svg", f"{alone.replace('<svg', head, 1)}{rest}\n".encode())
    return picture


def _save_film(name: str, data: np.ndarray, lines: dict[str, np.ndarray]) -> tuple[str, str]:
    """Make the MP4 and its poster; return their addresses. In a browser there is the poster alone."""
    canvas, draw = _stage(data, lines)
    draw(MIDDLE)
    picture, png = PIL.Image.fromarray(np.array(canvas.buffer_rgba())[..., :3]), io.BytesIO()
    # A third of the bytes: it has some hundred colours.
    picture.quantize(256, dither=PIL.Image.Dither.NONE).save(png, "png", optimize=True)
    film = "" if IN_A_BROWSER else _address(f"{name}.mp4", "video/mp4", _filmed(name, canvas, draw))
    return film, _address(f"{name}-poster.png", "image/png", png.getvalue())


def _stage(data: np.ndarray, lines: dict[str, np.ndarray]) -> tuple[FigureCanvasAgg, Callable[[int], None]]:
    """A canvas, and what draws a frame on it. The still parts are drawn once, the lines for each frame."""
    figure = Figure(figsize=(5.6, 4.2), dpi=100, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.1, 0.27, 0.86, 0.7))  # below it there is room for a player's controls
    time = np.arange(1, len(data) + 1)
    axes.plot(time, data, linestyle="", marker="o", markersize=4, color="#7f9bd1", label="data")
    drawn = {}
    for label in lines:
        color, dash, _ = plots.STYLES[label]
        (drawn[label],) = axes.plot([], [], color=color, linestyle=dash, linewidth=2.6, label=label, animated=True)
    beta = axes.text(210, 3.2, "", fontsize=13, animated=True)
    axes.set(xlim=(0, 300), ylim=(-5, 4), xlabel="time", ylabel="value")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")
    canvas.draw()
    still = canvas.copy_from_bbox(figure.bbox)

    def draw(frame: int) -> None:
        canvas.restore_region(still)
        for label, line in drawn.items():
            line.set_data(time, lines[label][:, frame])
            axes.draw_artist(line)
        beta.set_text(f"beta: {BETAS[frame]:.2f}")
        axes.draw_artist(beta)

    return canvas, draw


def _filmed(name: str, canvas: FigureCanvasAgg, draw: Callable[[int], None]) -> bytes:
    """All frames, as an MP4."""
    try:
        from imageio_ffmpeg import get_ffmpeg_exe  # a large program, which only films need
    except ImportError:
        raise ImportError("a film needs imageio-ffmpeg: python -m pip install imageio-ffmpeg") from None

    command = [get_ffmpeg_exe(), "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgba", "-s", "560x420"]
    command += ["-r", str(FRAMES_PER_SECOND), "-i", "-", "-c:v", "libx264", "-crf", "24", "-pix_fmt", "yuv420p"]
    command += ["-movflags", "+faststart", "-map_metadata", "-1"]
    # The same bytes each time, and on every processor: x264 and the conversion of colours have a faster way for each.
    command += ["-threads", "1", "-fflags", "+bitexact", "-flags:v", "+bitexact"]
    command += ["-x264-params", "cpu-independent=1", "-sws_flags", "+accurate_rnd+bitexact+bicubic"]
    with tempfile.TemporaryDirectory(prefix="film-") as aside:
        film = FilePath(aside, f"{name}.mp4")
        ffmpeg = subprocess.Popen([*command, str(film)], stdin=subprocess.PIPE)
        assert ffmpeg.stdin is not None
        with ffmpeg, contextlib.suppress(BrokenPipeError):  # ffmpeg stopped: its exit code tells, below
            for frame in range(len(BETAS)):
                draw(frame)
                ffmpeg.stdin.write(canvas.buffer_rgba())
            ffmpeg.stdin.close()
        if ffmpeg.returncode:
            raise RuntimeError(f"ffmpeg could not write {name}.mp4 (exit code {ffmpeg.returncode})")
        return film.read_bytes()


def _address(name: str, kind: str, content: bytes) -> str:
    """Where a page finds it: in ``figures/``, where it is written, or in the address itself."""
    if FOLDER:
        return _save(name, content)
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _save(name: str, content: bytes) -> str:
    """Write ``figures/<name>``, whole or not at all: a build may be cut short, and two may draw at once."""
    assert FOLDER is not None
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".figure-", dir=FOLDER.parent) as aside:
        FilePath(aside, name).write_bytes(content)
        FilePath(aside, name).replace(FOLDER / name)
    return FilePath(os.path.relpath(FOLDER / name)).as_posix()


def make_all() -> None:
    """Make the four figures, saying so."""
    data = noisy_cosine(np.random.default_rng(0))
    for make in (figure_1, figure_2, lambda: figure_n(data), lambda: figure_m(data)):
        print(make().caption)


if __name__ == "__main__":
    make_all()
