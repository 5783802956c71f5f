"""How a line of a name is drawn, in every picture of the book: colour, dash and marker.

A colour has a contrast of 3 or more on white and on the dark page. A rule's own style stands on the list
in :mod:`optimlib.rules`, which puts it here.
"""

from __future__ import annotations

from typing import Any

Style = tuple[str, Any, str]


def style(color: str, dash: str, marker: str) -> Style:
    """As matplotlib takes it: a dash in figures, like "6 2", is the length of each line and gap."""
    return color, (0, tuple(map(int, dash.split()))) if dash[0].isdigit() else dash, marker


STYLES: dict[str, Style] = {
    "moving average": ("#e0302b", "-", "s"),
    "before correction": ("#e0302b", "--", "s"),
    "after correction": ("#2a9134", "-", "o"),
    "data": ("#5b82c9", "", "."),
}
OTHERS: list[Style] = [
    ("#1c86d1", "-", "o"),
    ("#d9590b", "--", "s"),
    ("#12916a", "-.", "^"),
    ("#b84bc4", (0, (5, 1, 1, 1, 1, 1)), "P"),
    ("#a5712b", (0, (1, 1)), "D"),
    ("#7d7f86", (0, (6, 2)), "v"),
]
