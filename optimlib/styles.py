"""How a line of a name is drawn, in every picture of the book: colour, dash and marker.

One table feeds the figures and the browser. A rule's own style stands on the list in :mod:`optimlib.rules`, which puts
it here. It names one colour; what the other grounds ask for is worked out from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

# The colours of the page, by day and by night. `low` and `high` are the ground of a valley: low is bright.
PAGES: dict[str, dict[str, str]] = {
    "light": {
        "page": "#ffffff",
        "surface": "#f4f6f9",
        "ink": "#1b2230",
        "muted": "#566072",
        "line": "#d6dce4",
        "link": "#1159c2",
        "star": "#e0302b",
        "carry": "#6a7484",
        "push": "#1c86d1",
        "low": "#ffffff",
        "high": "#d9e2eb",
    },
    "dark": {
        "page": "#14181e",
        "surface": "#1b2129",
        "ink": "#e7eaef",
        "muted": "#a0abba",
        "line": "#343d49",
        "link": "#86b4f5",
        "star": "#ff6b7d",
        "carry": "#98a4b4",
        "push": "#1c86d1",
        "low": "#313d4d",
        "high": "#181d24",
    },
}
LINE, TEXT = 3.0, 4.5  # the contrast that WCAG 2.2 asks for


class Style(NamedTuple):
    """As matplotlib takes it. The colour has a contrast of 3 or more on the white page and on the dark one."""

    color: str
    dash: Any
    marker: str

    @property
    def text(self) -> str:
        """The colour of words, on the page and on every ground of a valley."""
        return readable(self.color, "light", TEXT)

    @property
    def dark(self) -> str:
        """The colour of lines in the dark."""
        return readable(self.color, "dark", LINE)

    @property
    def dark_text(self) -> str:
        """The colour of words in the dark."""
        return readable(self.color, "dark", TEXT)


def style(color: str, dash: str, marker: str) -> Style:
    """A style with its dash as matplotlib takes it: one in figures, like "6 2", is the length of each line and gap."""
    return Style(color, (0, tuple(map(int, dash.split()))) if dash[0].isdigit() else dash, marker)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2.2, from 1 to 21."""
    dark, light = sorted(map(_luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    parts = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in _parts(color)]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts))


def _parts(color: str) -> list[float]:
    return [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]


@cache
def readable(color: str, page: str, least: float) -> str:
    """The colour, moved towards the ink of a page until its contrast on each of the page's grounds is ``least``."""
    told = PAGES[page]
    ink = "#000000" if page == "light" else "#ffffff"
    for percent in range(101):
        part = percent / 100
        mixed = [round(255 * (a + part * (b - a))) for a, b in zip(_parts(color), _parts(ink))]
        found = "#" + "".join(f"{x:02x}" for x in mixed)
        if all(contrast(found, told[ground]) >= least for ground in ("page", "low", "high")):
            return found
    raise ValueError(f"no shade of {color} has a contrast of {least} on every ground of the {page} page")


def class_of(name: str) -> str:
    """What a name is called in a style sheet: a comma or a space would end it."""
    return name.replace(",", "").replace(" ", "-")


def dashes(dash: Any) -> list[int]:
    """A dash as the browser takes it, in pixels: nothing for a line that is whole."""
    named: Mapping[str, list[int]] = {"-": [], "--": [6, 3], "-.": [7, 3, 2, 3], "": []}
    return named[dash] if isinstance(dash, str) else [2 * length for length in dash[1]]


def css(scope: str, styles: Mapping[str, Style]) -> str:
    """The table for a browser: within ``scope``, a selector, the page's colours and for each style that of its lines,
    ``--c-Adam``, and of its words, ``--c-Adam-text``; by day and by night, as the book, JupyterLab or the reader has it."""
    light, dark = (
        "".join(
            [f"--{name}:{color};" for name, color in PAGES[page].items()]
            + [
                f"--c-{class_of(name)}:{line(own)};--c-{class_of(name)}-text:{text(own)};"
                for name, own in styles.items()
            ]
        )
        for page, line, text in (
            ("light", lambda own: own.color, lambda own: own.text),
            ("dark", lambda own: own.dark, lambda own: own.dark_text),
        )
    )
    by_night = ':is([data-theme="dark"],[data-jp-theme-light="false"])'
    # Of the child alone: a browser would look for it in the whole page whenever something comes or goes.
    nobody_says = ":root:not([data-theme]):not(:has(> body[data-jp-theme-light]))"
    return (
        f":is({scope}){{{light}}}\n:is({scope}):is({by_night},{by_night} *){{{dark}}}\n"
        f"@media (prefers-color-scheme:dark){{:is({scope}):is({nobody_says},{nobody_says} *){{{dark}}}}}\n"
    )


STYLES: dict[str, Style] = {
    "moving average": Style("#e0302b", "-", "s"),
    "before correction": Style("#e0302b", "--", "s"),
    "after correction": Style("#2a9134", "-", "o"),
    "data": Style("#5b82c9", "", "."),
    "L2 in Adam": style("#8f5bd6", "5 2 1 2", "P"),
    "L2 in AMSGrad": style("#5f8a52", "8 2 1 2", "*"),
}
OTHERS: list[Style] = [
    Style("#1c86d1", "-", "o"),
    Style("#d9590b", "--", "s"),
    Style("#12916a", "-.", "^"),
    Style("#b84bc4", (0, (5, 1, 1, 1, 1, 1)), "P"),
    Style("#a5712b", (0, (1, 1)), "D"),
    Style("#7d7f86", (0, (6, 2)), "v"),
]
