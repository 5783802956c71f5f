"""Pictures: curves, paths on contours, bars and level maps. One palette through the whole book.

A picture is an SVG that takes the page's own text colour, so it reads on light and on dark
pages alike; each algorithm has a colour, a dash and a marker, so it reads without colour too.
Its text form, for a screen reader and for the stored notebook, is computed from the same data.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from optimlib import checks
from optimlib.path import Path
from optimlib.styles import OTHERS, PAGES, STYLES, Style
from optimlib.surfaces import Surface

# So that groups of bars read without colour. No dots: each of them is a circle in the file, 180 kB in all.
HATCHES = ["", "////", "\\\\\\\\", "xxxx", "----", "||||"]
STAR = PAGES["light"]["star"]
INK = "#010203"  # stands for the page's text colour until the SVG is written
RC: Any = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.use_mathtext": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "lines.linewidth": 1.8,
}
FOLLOWS = re.compile(r'(<tspan x="[^"]*" (y="[^"]*" style="[^"]*")>[^<]*)</tspan>\n<tspan x="[^"]*" \2>')
WIDEST = "max-width: 720px"  # a notebook may be as wide as the screen
SMALL = 1e-12  # below it a number in a description is rounding noise, and differs between machines


@dataclass(frozen=True)
class Picture:
    """An SVG with its caption and a description of what it shows."""

    svg: str
    caption: str
    description: str

    def __repr__(self) -> str:
        return "\n".join(filter(None, (self.caption, self.description)))

    def _repr_html_(self) -> str:
        label = html.escape(self.description, quote=True)
        svg = self.svg.replace("<svg ", f'<svg style="{WIDEST}" role="img" aria-label="{label}" ', 1)
        below = f"<figcaption>{html.escape(self.caption)}</figcaption>" if self.caption else ""
        return f'<figure class="picture">{svg}{below}</figure>'


@matplotlib.rc_context(RC)
def curves(
    lines: Mapping[str, Any] | Any,
    *,
    caption: str = "",
    x: str = "step",
    y: str = "loss",
    log: str = "",
    points: Any = None,
    level: float | None = None,
    first: int = 0,
    band: Mapping[str, tuple[Any, Any]] | None = None,
    told: str = "",
) -> Picture:
    """One line for each entry: a sequence over ``first``, ``first + 1``, ... or a pair (x, y); or a single one, unnamed.

    ``log`` names the axes that are logarithmic: "", "x", "y" or "xy". ``points`` are drawn as
    dots, a sequence or a pair likewise; ``level`` is a thin horizontal line. ``band`` shades what lies between two
    heights, for lines by their name; ``told`` says what is seen where single numbers of it do not stand.
    """
    lines = _rows(lines if isinstance(lines, Mapping) else {y: lines}, first)
    figure, axes = _canvas()
    drawn = []
    if points is not None:
        at, height = _xy("points", points, first)
        axes.plot(at, height, linestyle="", marker=".", markersize=4, color=STYLES["data"][0], label="data")
        drawn.append(_describe_line("data", at, height, x))
    if level is not None:
        axes.axhline(level, color=INK, linewidth=0.8, linestyle=":")
        drawn.append(f"A thin line at {_number(level)}.")
    for (name, (at, height)), (color, dash, marker) in zip(lines.items(), _styles(lines)):
        few = max(1, len(at) // 25)
        axes.plot(at, height, color=color, linestyle=dash, marker=marker, markersize=4, markevery=few, label=name)
        if band and name in band:
            axes.fill_between(at, *(_row(name, edge) for edge in band[name]), color=color, alpha=0.2, linewidth=0)
        drawn.append(_describe_line(name, at, height, x))
    _log_axes(axes, log)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if len(lines) > 1 or points is not None:
        _legend(axes)
    return _picture(
        figure, caption, f"Curves: {y} against {x}{' (logarithmic)' if log else ''}. {told or ' '.join(drawn)}"
    )


@matplotlib.rc_context(RC)
def paths(
    surface: Surface,
    runs: Mapping[str, Path] | Path,
    *,
    caption: str = "",
    W: tuple[float, float] | None = None,
    b: tuple[float, float] | None = None,
    equal: bool = False,
) -> Picture:
    """Paths on the contours of ``surface``: a dot at the start, a star at the minimum; or one path, unnamed.

    ``W`` and ``b`` are the window: -6 to 6 and -3 to 3 unless told, and wider where a run starts outside.
    """
    runs = {name: _in_two(name, run) for name, run in (runs if isinstance(runs, Mapping) else {"path": runs}).items()}
    if not runs:
        raise ValueError("paths needs at least one run to draw, got none")
    starts = np.array([run.positions[0] for run in runs.values()])
    W, b = W or _window(starts[:, 0], 6.0), b or _window(starts[:, 1], 3.0)
    figure, axes = _canvas()
    draw_surface(axes, surface, W, b)
    drawn = []
    for (name, run), (color, dash, marker) in zip(runs.items(), _styles(runs)):
        axes.plot(*run.positions.T, color=color, linestyle=dash, marker=marker, markersize=3, linewidth=1.4, label=name)
        drawn.append(describe_path(name, run, surface))
    start = next(iter(runs.values())).positions[0]
    axes.plot(*start, marker="o", markersize=8, color=INK, markerfacecolor="none")
    axes.set_xlim(W)
    axes.set_ylim(b)
    axes.set_xlabel("W")
    axes.set_ylabel("b")
    if equal:
        axes.set_aspect("equal")
    if len(runs) > 1:
        _legend(axes)
    return _picture(figure, caption, f"Contours of the surface {surface.name}. {' '.join(drawn)}")


def draw_surface(axes, surface: Surface, W, b, levels: Any = None) -> None:
    """Contours of ``surface`` and a star at its minimum."""
    grid = np.array(np.meshgrid(np.linspace(W[0], W[1], 161), np.linspace(b[0], b[1], 161)))
    height = _height(surface, grid)
    if levels is None:
        low, high = height.min(), height.max()
        levels = low + (high - low) * np.linspace(0.0, 1.0, 9)[1:-1] ** 2
    _opened(axes.contour(*grid, height, levels=levels, colors=INK, linewidths=0.6, alpha=0.55))
    if surface.minimum is not None:
        axes.plot(*surface.minimum, marker="*", markersize=12, color=STAR, linestyle="")


def _height(surface: Surface, points: np.ndarray) -> np.ndarray:
    """How high the surface is at each point; a sentence for what is no surface, or has its slopes for heights."""
    if not isinstance(surface, Surface):
        raise TypeError(f"surface must be a Surface, as bowl() makes one, got {surface!r}")
    with checks.entry_by_entry(f"the f of the surface {surface.name}"):
        height = np.asarray(surface.f(points))
    if height.shape != points.shape[1:]:
        raise ValueError(
            f"the f of the surface {surface.name} must give one height for each point: for w of the shape "
            f"{points.shape} that is {points.shape[1:]}, got the shape {height.shape}"
        )
    return height


@matplotlib.rc_context(RC)
def bars(
    heights: Mapping[str, Any] | Any,
    *,
    caption: str = "",
    x: str = "step",
    y: str = "height",
    first: int = 0,
    stacked: bool = False,
) -> Picture:
    """Bars over whole numbers from ``first`` on, one group for each entry; or a single group, unnamed.

    Bars over one number stand side by side, or ``stacked`` on each other, the first entry at the bottom.
    """
    heights = _rows(heights if isinstance(heights, Mapping) else {y: heights}, first)
    if len(heights) > len(HATCHES):
        raise ValueError(f"bars tells at most {len(HATCHES)} groups apart, got {len(heights)}: {', '.join(heights)}")
    figure, axes = _canvas()
    width, drawn = 0.8 if stacked else 0.8 / len(heights), []
    below: Any = 0.0
    for i, ((name, (at, height)), (color, _, _)) in enumerate(zip(heights.items(), _styles(heights))):
        place = at if stacked else at + (i - (len(heights) - 1) / 2) * width
        axes.bar(place, height, width, bottom=below, color=color, hatch=HATCHES[i], label=name)
        below = below + height if stacked else below
        drawn.append(_describe_line(name, at, height, x))
    axes.locator_params(axis="x", integer=True)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if len(heights) > 1:
        _legend(axes)
    kind = "Bars, stacked" if stacked else "Bars"
    return _picture(figure, caption, f"{kind}: {y} against {x}. {' '.join(drawn)}")


@matplotlib.rc_context(RC)
def level_map(
    x: np.ndarray,
    y: np.ndarray,
    height: np.ndarray,
    levels: Sequence[float],
    *,
    caption: str,
    labels: tuple[str, str, str],
    log: str = "",
) -> Picture:
    """Lines of equal ``height`` over a grid, a star at the lowest place; ``labels`` name x, y and height."""
    figure, axes = _canvas()
    styles = OTHERS[: len(levels)]
    lines = axes.contour(
        x, y, height, levels, colors=[s[0] for s in styles], linestyles=[s[1] for s in styles], linewidths=1.4
    )
    _opened(lines)
    handles, _ = lines.legend_elements()
    axes.legend(
        handles,
        [f"{level:g}" for level in levels],
        title=labels[2],
        loc="center left",
        bbox_to_anchor=(1, 0.5),
        frameon=False,
    )
    _log_axes(axes, log)
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    row, column = np.unravel_index(np.nanargmin(height), height.shape)
    axes.plot(x[column], y[row], marker="*", markersize=12, color=STAR, linestyle="")
    least = (
        f"least, {_number(height[row, column])}, at {labels[0]} {_number(x[column])} and {labels[1]} {_number(y[row])}"
    )
    return _picture(figure, caption, f"Lines of equal {labels[2]} over {labels[0]} and {labels[1]}: {least}.")


@matplotlib.rc_context(RC)
def digits(pictures: np.ndarray, names: Sequence[Any], *, caption: str) -> Picture:
    """Two rows of 8 x 8 pictures with a name under each."""
    figure = Figure(figsize=(4.8, 2.4))
    for i, (picture, name) in enumerate(zip(pictures, names)):
        axes = figure.add_subplot(2, (len(names) + 1) // 2, i + 1)
        axes.pcolormesh(picture.reshape(8, 8)[::-1], cmap="gray")
        axes.spines[:].set_visible(False)
        axes.set_aspect("equal")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlabel(str(name))
    picture = _picture(figure, caption, f"Handwritten digits in pixels: {', '.join(map(str, names))}.")
    # edges of pixels are not softened, or the page shows through the seams
    return replace(picture, svg=picture.svg.replace("<svg ", '<svg shape-rendering="crispEdges" ', 1))


def _opened(contours) -> None:
    """Draw closed contours as lines that end where they began.

    matplotlib calls a ring closed if its ends are equal to the bit, which processors decide differently,
    and simplifies open lines only.
    """
    for path in contours.get_paths():
        if path.codes is not None:
            # Set anew: whether a path can be simplified is decided when its codes are set.
            path.codes = np.where(path.codes == path.CLOSEPOLY, path.LINETO, path.codes)


def svg_of(figure: Figure, salt: str) -> str:
    """The figure as one SVG element, the same bytes each time, ``salt`` keeping its ids its own."""
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": salt}):
        figure.savefig(buffer, format="svg", bbox_inches="tight", pad_inches=0.04, metadata={"Date": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    # in tags, not in words: two decimals of a point are enough, and the page chooses the font
    svg = re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\.\d\d)\d+", r"\1", tag.group()), svg)
    svg = re.sub(r"font-family: [^;]*;", "", svg)
    svg = re.sub(r'(<svg [^>]*?) width="[^"]*"', r"\1", svg)
    svg = re.sub(r'(<svg [^>]*?) height="[^"]*"', r"\1", svg)
    svg = re.sub(r"\n\s*", "\n", svg).replace(INK, "currentColor")
    # Each digit of 10⁻³ stands at its own place: the next of its size is to follow it, also where it is larger.
    joined = 1
    while joined:
        svg, joined = FOLLOWS.subn(r"\1", svg)
    return svg


def _canvas():
    figure = Figure(figsize=(4.8, 2.9))
    return figure, figure.add_subplot()


def _picture(figure: Figure, caption: str, description: str) -> Picture:
    return Picture(svg_of(figure, caption or description), caption, description)


def _log_axes(axes, log: str) -> None:
    if "x" in log:
        axes.set_xscale("log")
    if "y" in log:
        axes.set_yscale("log")


def _legend(axes) -> None:
    """Above the axes, where it hides no line; in two columns if these are no wider than the picture, on a phone too."""
    letters = [len(label) for label in axes.get_legend_handles_labels()[1]]
    half = (len(letters) + 1) // 2
    columns = 2 if max(letters[:half], default=0) + max(letters[half:], default=0) <= 36 else 1
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns, fontsize=9, frameon=False)


def _styles(names) -> list[Style]:
    """For each name its own style if it has one, otherwise the next that no line of the picture has.

    A line alone is solid: there is none to tell it from.
    """
    taken = [STYLES[name][0] for name in names if name in STYLES]
    free = [style for style in OTHERS if style[0] not in taken] + [style for style in OTHERS if style[0] in taken]
    others = iter(free * len(names))
    styles = [STYLES[name] if name in STYLES else next(others) for name in names]
    return styles if len(styles) > 1 else [alone._replace(dash="-") for alone in styles]


def _rows(lines, first) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Each line as (x, y)."""
    if not lines:
        raise ValueError("there must be at least one line to draw, got none")
    return {name: _xy(name, line, first) for name, line in lines.items()}


def _xy(name, line, first) -> tuple[np.ndarray, np.ndarray]:
    """A line as two rows of numbers, of one length: ``line`` is the heights, or a tuple of both."""
    rows = [_row(name, row) for row in line] if isinstance(line, tuple) and np.ndim(line[0]) else [_row(name, line)]
    if len(rows) == 1:
        rows = [np.arange(first, first + len(rows[0])), *rows]
    if len(rows) != 2 or len(rows[0]) != len(rows[1]):
        lengths = " and ".join(str(len(row)) for row in rows)
        raise ValueError(
            f"{name!r} must be a row of numbers or a pair (x, y) of one length, got rows of {lengths} numbers"
        )
    return rows[0], rows[1]


def _row(name, numbers) -> np.ndarray:
    if isinstance(numbers, Path):
        raise TypeError(f"{name!r} is a path: draw it with plots.paths, or its loss with path.along(surface.f)")
    row = np.asarray(numbers)
    if row.ndim != 1 or row.dtype.kind not in "iufb":
        raise ValueError(
            f"{name!r} must be a row of numbers or a pair (x, y), got {type(numbers).__name__} of the shape {row.shape}"
        )
    return row


def _in_two(name, run) -> Path:
    """A single run over two parameters, (W, b), its positions in one array."""
    if not isinstance(run, Path):
        raise TypeError(f"{name!r} must be a path, as descend returns it, got {type(run).__name__}")
    if np.ndim(run.diverged):
        raise ValueError(
            f"{name!r} must be a single run, got a grid of the shape {np.shape(run.diverged)}: draw its runs one by one"
        )
    if run.positions.shape[1:] != (2,):
        raise ValueError(
            f"{name!r} must be a run over two numbers, W and b: its positions have the shape {run.positions.shape[1:]}"
        )
    return Path(run.positions, run.diverged)


def _window(starts, usual: float) -> tuple[float, float]:
    """From -usual to usual, and as far as the starts with a tenth to spare."""
    return min(-usual, 1.1 * starts.min()), max(usual, 1.1 * starts.max())


def _number(value: float) -> str:
    return "about 0" if 0 < abs(value) < SMALL else f"{value:.3g}"


def _describe_line(name, at, height, x) -> str:
    sound = np.isfinite(height)
    if not sound.any():
        return f"{name}: nothing to draw."
    at, height = at[sound], height[sound]
    low, high = height.argmin(), height.argmax()
    return (
        f"{name}: {_number(height[0])} at {x} {_number(at[0])}, {_number(height[-1])} at {_number(at[-1])}; "
        f"lowest {_number(height[low])} at {_number(at[low])}, highest {_number(height[high])} at {_number(at[high])}."
    )


def describe_path(name: str, run: Path, surface: Surface) -> str:
    """Where a path starts and ends, and how often b swings across its value at the minimum.

    Counted are swings of 1 % of the first offset and more.
    """
    w = run.positions[np.isfinite(run.positions).all(axis=1)]
    start, end = (", ".join(_number(x) for x in place) for place in (w[0], w[-1]))
    b = w[:, 1] - (surface.minimum or (0, 0))[1]
    seen = b[np.abs(b) > 0.01 * np.abs(b[0])]
    swings = int((seen[1:] * seen[:-1] < 0).sum())
    fate = f", then it is lost: it diverged at step {run.diverged}" if run.diverged else ""
    return f"{name}: {len(w) - 1} steps from ({start}) to ({end}){fate}; b swings {swings} times across its value at the minimum, by 1 % of its first offset or more."
