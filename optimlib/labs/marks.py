"""The mark of each method as the browser draws it: corners in place of matplotlib's name for a marker."""

from __future__ import annotations

import json

import numpy as np
from matplotlib.markers import MarkerStyle

from optimlib.styles import STYLES


def module() -> str:
    """The module that says it: ``corners``, by the name of the style; one that is not there has a round mark."""
    known = {name: corners(style.marker) for name, style in STYLES.items()}
    told = {name: outline for name, outline in known.items() if outline}
    return f"export const corners = {json.dumps(told, ensure_ascii=False)};\n"


def corners(marker: str) -> list[list[float]]:
    """The corners of a marker, none further than 1 from its middle, y downwards as in SVG; none if it is round."""
    shape = MarkerStyle(marker)
    outline = shape.get_path().transformed(shape.get_transform())
    if outline.CURVE4 in np.asarray(outline.codes):
        return []
    ring = np.asarray(outline.vertices)[:-1]  # the last closes it
    return (ring / np.abs(ring).max() * (1, -1)).round(2).tolist()
