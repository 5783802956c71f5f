"""The front page: the race that opens it, and the cards of the chapters; and the colours of every page.

Their pictures are drawn by the modules in ``js/``, which run the rules that :mod:`optimlib.translate` makes: by node,
while the book is built, for paper and for pages without scripts, and then in the browser, where they move.
"""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from docutils import nodes
from matplotlib.markers import MarkerStyle
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from book.equations import node_program
from optimlib import descend, rules, surfaces
from optimlib.labs.modules import joined, modules
from optimlib.styles import STYLES, class_of, css, dashes

RUNNERS = ("gradient_descent", "momentum", "rmsprop", "adam")
# What is seen of each ground, where its runs begin, how high there is nothing more to see, and how far lines crowd at the bottom.
GROUNDS: dict[str, dict[str, Any]] = {
    "bowl": {"start": (-5.0, -2.0), "steps": 100, "view": ((-6.0, 3.0), (-2.7, 2.7)), "most": 100.0, "bend": 2},
    "rosenbrock": {"start": (-1.2, 1.0), "steps": 400, "view": ((-1.9, 2.1), (-0.9, 2.3)), "most": 2000.0, "bend": 3},
}
CURVATURES = (0.2, 4.0)  # of the bowl
RATES = np.geomspace(1e-4, 10.0, 151)
NEAR = 0.01  # of the first distance: who is as near as that, and stays, has arrived
# The parts of an outline in matplotlib, as SVG has them.
LETTERS = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}
HOME = Path(__file__).resolve().parent / "js"


def setup(app):
    app.add_directive("race", Race)
    app.add_directive("cards", Cards)
    app.connect("builder-inited", provide)
    app.connect("html-page-context", dress)
    return {"parallel_read_safe": True}


def provide(app):
    """Put the style sheets beside the pages that only some of them load."""
    app.config.html_static_path.append(str(HOME.with_name("css")))


def best_rate(rule: str, surface: surfaces.Surface, start: tuple, steps: int, view: tuple) -> float:
    """The learning rate with the fewest steps, each judged as the worst of it and its two neighbours: a good one
    between two bad ones is luck. A run that leaves the picture counts as none; if none arrives, the nearest end counts."""
    path = descend(rules.RULES[rule].guarded, surface.grad, start, steps, lr=RATES)
    away = np.hypot(*(path.positions - np.reshape(surface.minimum, (1, 2, 1))).transpose(1, 0, 2))
    arrived = surfaces.steps_to_reach(path, surface, within=NEAR * float(away[0, 0]))
    score = np.where(np.isnan(arrived), steps * (1 + away[-1] / away[0]), arrived)
    for along, (low, high) in enumerate(view):
        score[((path.positions[:, along] < low) | (path.positions[:, along] > high)).any(axis=0)] = np.inf
    score[np.isnan(score) | (np.asarray(path.diverged) > 0)] = np.inf
    judged = np.max([score[:-2], score[1:-1], score[2:]], axis=0)
    return float(RATES[1 + np.argmin(judged)])


@cache
def about() -> dict[str, Any]:
    """What the browser is told: the grounds with each method's best rate on them, and how each line is drawn."""
    seen = {"bowl": surfaces.bowl(CURVATURES), "rosenbrock": surfaces.rosenbrock()}
    grounds = {}
    for name, ground in GROUNDS.items():
        run = {key: ground[key] for key in ("start", "steps", "view")}
        rates = {rule: float(f"{best_rate(rule, seen[name], **run):.4g}") for rule in RUNNERS}
        shape = (*CURVATURES, 1.0, 0.0) if name == "bowl" else ()
        grounds[name] = ground | {"surface": name, "shape": shape, "minimum": seen[name].minimum, "rates": rates}
    drawn = {rule: look(listed.label) for rule, listed in rules.RULES.items() if rule in (*RUNNERS, "lion")}
    drawn |= {"before": look("before correction"), "after": look("after correction")}
    return {
        "grounds": grounds,
        "methods": [{"rule": rule, "label": rules.RULES[rule].label} | drawn[rule] for rule in RUNNERS],
        "styles": drawn,
        "noise": np.random.default_rng(1).standard_normal(40).round(2).tolist(),
    }


def look(label: str) -> dict[str, Any]:
    """How the lines of a label are drawn: the name of their colours, their dash, and their mark as an outline in SVG."""
    _, dash, marker = STYLES[label]
    shape = MarkerStyle(marker)
    outline = shape.get_path().transformed(shape.get_transform())
    half, d = np.abs(outline.vertices).max(), ""
    for points, code in outline.iter_segments(simplify=False):
        d += LETTERS[int(code)]
        if code != outline.CLOSEPOLY:
            d += " ".join(f"{x:.2f}" for x in (points.reshape(-1, 2) / half * (1, -1)).ravel())
    return {"name": class_of(label), "dash": dashes(dash), "mark": d}


def in_json(what: Any) -> str:
    """What a script is told, in JSON that no tag ends."""
    return json.dumps(what, ensure_ascii=False).replace("<", "\\u003c")


def script(entry: str) -> str:
    """A script that begins with ``entry``, with all modules that it imports."""
    return joined(entry, modules() | {file.stem: file.read_text(encoding="utf-8") for file in HOME.glob("*.js")})


@cache
def stills() -> dict[str, Any]:
    """The pictures before anything moves, drawn by node."""
    program = script('import { stills } from "./stills.js";\n')
    program += f"console.log(JSON.stringify(stills({in_json(about())})));\n"
    run = subprocess.run([node_program(), "-"], input=program, capture_output=True, check=True, encoding="utf-8")
    return json.loads(run.stdout)


RACE = """
<div class="race">
<div class="valley">
<svg aria-hidden="true" viewBox="0 0 1280 560" preserveAspectRatio="xMaxYMid slice">{valley}</svg>
<svg role="img" aria-label="Four paths down a valley. {ends}" viewBox="0 0 1280 560" preserveAspectRatio="xMaxYMid slice">{paths}</svg>
<button class="grip" type="button" aria-label="Start of all four" aria-describedby="how-to-start"></button>
<span class="hint" aria-hidden="true">drag the start</span>
<span class="spoken" id="how-to-start">The arrow keys move it.</span>
</div>
<div class="panel">
<div class="rate">
<fieldset><legend class="spoken">The valley</legend>
<label><input type="radio" name="ground" value="bowl" checked>Long bowl</label>
<label><input type="radio" name="ground" value="rosenbrock">Rosenbrock’s bend</label></fieldset>
<label for="race-rate">Learning rate<output for="race-rate">each at its best</output></label>
<input type="range" id="race-rate" min="-1.3" max="0.5" step="0.05" value="0">
</div>
<button class="play" type="button" aria-label="Play the race"><svg viewBox="0 0 16 16" aria-hidden="true"><path class="go" d="M3 1.5v13L14 8z"/><path class="rest" d="M3 2h4v12H3zM9 2h4v12H9z"/></svg></button>
<div class="track"><svg class="lanes" viewBox="0 0 760 100" aria-hidden="true">{lanes}</svg><input class="time" type="range" min="0" max="100" step="1" value="100" aria-label="Step of the race"></div>
</div>
<p class="spoken said" role="status" aria-live="polite"></p>
</div>
"""
CARD = """<svg data-card="{name}" viewBox="0 0 280 150" preserveAspectRatio="xMidYMid slice" aria-hidden="true">{drawn}</svg>"""


class Race(SphinxDirective):
    """``:::{race}``: the valley, what moves it, and the script that makes it and the cards live."""

    def run(self):
        start = 'import { deal, open } from "./opening.js";\n'
        call = f"const told = {in_json(about())};\n"
        call += 'open(document.querySelector(".race"), told);\ndeal(document.querySelectorAll("[data-card]"), told);\n'
        drawn = stills()
        page = RACE.format_map({name: drawn[name] for name in ("valley", "paths", "lanes", "ends")})
        return [nodes.raw("", f'{page}<script type="module">{script(start)}{call}</script>', format="html")]


class Cards(SphinxDirective):
    """``:::{cards}``: a list of links to chapters, each with its small picture."""

    has_content = True

    def run(self):
        box = nodes.container(classes=["cards"])
        self.state.nested_parse(self.content, self.content_offset, box)
        for item in box.findall(nodes.list_item):
            link = next(node for node in item.findall() if isinstance(node, (addnodes.pending_xref, nodes.reference)))
            colon = link.parent[link.parent.index(link) + 1]
            said = colon.astext().removeprefix(": ")
            link.parent.replace(colon, nodes.Text(said[0].upper() + said[1:]))
            name = Path(link.get("reftarget") or link["refuri"]).stem
            if name in stills()["cards"]:
                item.insert(0, nodes.raw("", CARD.format(name=name, drawn=stills()["cards"][name]), format="html"))
        return [box]


def dress(app, pagename, templatename, context, doctree):
    """The colours in the head of each page; and the layout of the first."""
    if pagename == app.config.root_doc:
        app.add_css_file("front.css")
    context["metatags"] = context.get("metatags", "") + f"<style>{css('html', STYLES)}</style>"  # search has none
