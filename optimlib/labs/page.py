"""A lab on a page: the still picture, and the script that puts the lab in its place."""

from __future__ import annotations

import html
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from optimlib import styles
from optimlib.labs.marks import corners
from optimlib.labs.modules import joined, modules

if TYPE_CHECKING:
    from optimlib.labs.lab import Lab

HERE = """
const here = [...document.querySelectorAll(".optimlab-here[data-lab='NAME'] .optimlab-mount")];
const el = here.find((place) => !place.querySelector(".optimlab")); // a lab may be on a page twice
mount({ lab: { build, update }, el, ...TOLD });
"""


# A front end shows what a cell put out one below the other; of the still picture and the widget below it, one is shown.
EITHER = """
.jp-OutputArea-child:has(.optimlab-saved):has(+ .jp-OutputArea-child .optimlab),
.jp-OutputArea-child:has(.optimlab-saved) + .jp-OutputArea-child:not(:has(.optimlab)) { display: none; }
"""


@cache
def script(name: str) -> str:
    """The script of a lab, which knows ``mount``, and ``build`` and ``update`` of that lab."""
    return joined(f'import {{ mount }} from "./front.js";\nimport {{ build, update }} from "./{name}.js";\n', modules())


@cache
def style() -> str:
    """The style sheet, with the book's one palette."""
    drawn = styles.STYLES | dict(zip(["W", "b"], styles.OTHERS[3:]))
    lines = [styles.css(".optimlab, .optimlab-dock", drawn)]
    for name, (_, dash, marker) in drawn.items():
        of = styles.class_of(name)
        dash = (
            " ".join(str(10 * length) for length in styles.dashes(dash)) or "none"
        )  # in tenths of a pixel, as all in a plot
        lines.append(f".optimlab-drawn .line.{of} {{ stroke: var(--c-{of}); stroke-dasharray: {dash}; }}")
        lines.append(f".optimlab-drawn :is(.ahead, .dots, .runner, .bars, .arrow).{of} {{ stroke: var(--c-{of}); }}")
        if corners(marker):
            lines.append(f".optimlab-drawn :is(.dots, .runner).{of} {{ fill: var(--c-{of}); stroke-width: 8; }}")
        lines.append(f".optimlab .tag.{of} {{ fill: var(--c-{of}-text); }}")
        lines.append(f".optimlab .term.{of} {{ --ink: var(--c-{of}); }}")
    return (files("optimlib.labs") / "labs.css").read_text(encoding="utf-8") + "\n".join(lines) + "\n"


def told(lab: Lab) -> str:
    """What the script is told, in JSON that no tag ends."""
    return json.dumps({"about": lab.about(), "values": lab.values()}, ensure_ascii=False).replace("<", "\\u003c")


def saved(lab: Lab) -> str:
    """What stays of a widget in a saved notebook: far less than the lab on a page, which carries its script."""
    words = "The lab as it was when its cell was run. Run the cell, and it moves."
    return f'<div class="optimlab-saved"><style>{EITHER}</style>{lab.still()._repr_html_()}<p>{words}</p></div>'


def of(lab: Lab, remark: str = "") -> str:
    """The HTML of a lab, with a remark below it if there is one."""
    below = f"<p>{html.escape(remark)}</p>" if remark else ""
    return (
        f'<div class="optimlab-here" data-lab="{lab.name}"><style>{style()}</style>'
        f'<div class="optimlab-mount">{lab.still()._repr_html_()}</div>{below}</div>\n'
        f'<script type="module">{script(lab.name)}{HERE.replace("NAME", lab.name).replace("TOLD", told(lab))}</script>'
    )
