"""The assignments: masters that run, answers with a second opinion, right solutions that pass, wrong ones that fail once.

No sandbox here: all code is ours, and runs in this process, cell by cell. `reveal` notes what a check shows; two runs
are compared as the grader compares a student's with the master's.
"""

import ast
import math
import os
import re
import warnings
from collections import Counter
from functools import cache
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from needed import for_grading

import optimlib
from book import assignments
from optimlib import rates, steps

with for_grading("THE ASSIGNMENTS ARE NOT TESTED"):
    import jupytext
    from nbgrader.preprocessors import CheckCellMetadata, ClearHiddenTests, ClearSolutions

    from grading import masters

OURS = Path(__file__).parents[1] / "assignments"
FOLDER = Path(os.environ.get("MASTERS") or OURS).expanduser().resolve()  # `make check-masters` tries a lecturer's own
MASTERS = sorted(file.stem for file in FOLDER.glob("*.md") if file.stem != "README")
every_master = pytest.mark.parametrize("name", MASTERS)
ours = pytest.mark.skipif(FOLDER != OURS, reason="this is about masters of the book's own")

# What the course version of optimlib has: no rule, no average, no descend.
COURSE = {
    "Path",
    "Surface",
    "bowl",
    "rosenbrock",
    "saddle",
    "noisy",
    "turn",
    "steps_to_reach",
    "plots",
    "digits",
    "checks",
}


# Reading


@cache
def notebook(name):
    return jupytext.read(FOLDER / f"{name}.md")


def cells_of(name, *kinds):
    """The marked cells of these kinds (grading.masters.Cell), or of all, by grade_id, in order."""
    marked = {cell.metadata.nbgrader.grade_id: cell for cell in notebook(name).cells if "nbgrader" in cell.metadata}
    return {cell.id: marked[cell.id] for cell in master(name).cells if not kinds or cell.kind in kinds}


@cache
def master(name):
    return masters.read(FOLDER / f"{name}.md")


def other_solutions(folder, name):
    """The cells of a percent file as (title, grade_id, source)."""
    _, *cells = re.split(r"^# %% ", (FOLDER / folder / f"{name}.py").read_text(encoding="utf-8"), flags=re.M)
    for cell in cells:
        title, source = cell.split("\n", 1)
        yield title, title.split(":")[0], source


def every(folder):
    """Every cell of right/ or wrong/, as parameters of a test."""
    return [
        pytest.param(name, grade_id, source, id=f"{name[0]} {title}")
        for name in MASTERS
        for title, grade_id, source in other_solutions(folder, name)
    ]


@cache
def release(name):
    """What students get: nbgrader's own clearing, as the grader does it."""
    copy = jupytext.read(FOLDER / f"{name}.md")
    for clearing in (ClearSolutions(), ClearHiddenTests()):
        copy, _ = clearing.preprocess(copy, {})
    return copy


def test_the_site_shows_what_students_get():
    """But for checks that are not shown, the place of an answer in words, and what is said of the page."""
    for name in MASTERS if FOLDER == OURS else []:
        page = jupytext.reads(assignments.without_answers((FOLDER / f"{name}.md").read_text("utf-8")), fmt="md:myst")
        codes = [cell.source for cell in page.cells if cell.cell_type == "code"]
        checks = [cell.source for cell in page.cells if cell.metadata.get("tags") == [assignments.CHECK]]
        given = {cell.metadata.nbgrader.grade_id: cell for cell in release(name).cells if cell.cell_type == "code"}
        assert codes == [cell.source for cell in given.values() if not cell.metadata.nbgrader.grade]
        assert checks == [given[cell.id].source for cell in master(name).of("try")]


# Running


def prepared(name, replaced):
    """The names after the given cells and the solutions, of which some are replaced by source or by functions."""
    names = {"__name__": "student"}
    for grade_id, cell in cells_of(name, "given", "solution").items():
        instead = replaced.get(grade_id, cell.source)
        names.update(instead) if isinstance(instead, dict) else execute(instead, names, grade_id)
    return names


def execute(source, names, grade_id):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a diverging run warns, and loses nothing by it
        exec(compile(source, grade_id, "exec"), names)


def answers(name, replaced=None):
    """What each check reveals: {check: {label: (answer, rtol)}}."""
    names = prepared(name, replaced or {})
    revealed = {}
    for grade_id, cell in cells_of(name, "check").items():
        noted = revealed[grade_id] = {}

        def reveal(label, value, rtol=1e-6):
            assert label not in noted, f"two answers are called {label!r}"
            try:
                noted[label] = plain(value()), rtol
            except Exception as error:
                noted[label] = Failure(error), rtol

        names |= {"reveal": reveal, "part": no_part, "promise": no_part}
        execute(cell.source, names, grade_id)
    return revealed


def no_part(title, points):
    """Which labels share which points is the grader's matter: see the tests of `diagnoses` in test_grading.py."""
    assert re.fullmatch(r"[a-z ]+", title) and points > 0


class Failure:
    """An exception in the place of an answer; it equals nothing, and so is always wrong."""

    def __init__(self, error):
        self.error = error

    def __repr__(self):
        return repr(self.error)


def plain(value):
    """An answer as data, as it crosses the pipe of the grader."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"cannot reveal {type(value).__name__}")


def agree(answer, expected, rtol):
    if isinstance(expected, list):
        return (
            isinstance(answer, list)
            and len(answer) == len(expected)
            and all(agree(a, e, rtol) for a, e in zip(answer, expected))
        )
    if isinstance(expected, (bool, str)) or expected is None or isinstance(answer, (bool, str)):
        return type(answer) is type(expected) and answer == expected
    return isinstance(answer, (int, float)) and math.isclose(answer, expected, rel_tol=rtol)


def wrong_labels(name, found):
    """What differs from the master: {check: [labels]}, only checks in which something does."""
    differing = {
        check: [label for label, (answer, _) in found[check].items() if not agree(answer, *expected[label])]
        for check, expected in masters_answers(name).items()
    }
    return {check: labels for check, labels in differing.items() if labels}


@cache
def masters_answers(name):
    return answers(name)


# The shape of a master


@every_master
def test_points_tasks_and_cells(name):
    cells = cells_of(name)
    points = {
        grade_id: cell.metadata.nbgrader.points for grade_id, cell in cells.items() if cell.metadata.nbgrader.grade
    }
    said = re.search(r"There are (\d+) points\.", notebook(name).cells[0].source)
    assert said and sum(points.values()) == int(said[1]), "the first cell says how many points there are"
    assert cells_of(name, "check")

    prose = "\n".join(cell.source for cell in notebook(name).cells if "nbgrader" not in cell.metadata)
    in_titles = [int(n) for n in re.findall(r"^## Task \d+\. .*\((\d+) points?\)$", prose, flags=re.M)]
    assert in_titles == list(points.values()), "the titles of the tasks name the points"

    order = list(cells)
    for grade_id in cells_of(name, "solution"):
        at = order.index(grade_id)
        assert order[at : at + 3] == [grade_id, f"{grade_id}-try", f"{grade_id}-check"]
    assert len(cells_of(name, "check")) == len(cells_of(name, "try")) == len(cells_of(name, "solution"))


@every_master
def test_metadata_are_nbgraders_and_complete(name):
    CheckCellMetadata().preprocess(jupytext.read(FOLDER / f"{name}.md"), {})
    marks = [cell.metadata.nbgrader for cell in notebook(name).cells if "nbgrader" in cell.metadata]
    assert max(Counter(mark.grade_id for mark in marks).values()) == 1
    for mark in marks:
        assert mark.schema_version == 3 and mark.task is False, mark
        assert mark.locked is not mark.solution, f"{mark.grade_id}: locked, unless the student writes there"
        assert ("points" in mark) == mark.grade, mark
    assert all("nbgrader" in cell.metadata for cell in notebook(name).cells if cell.cell_type == "code")


@every_master
def test_mark_schemes_say_what_earns_each_point(name):
    for grade_id, cell in cells_of(name, "question").items():
        model, _, scheme = cell.source.partition("**Mark scheme**")
        assert len(model.split()) > 40, f"{grade_id}: no model answer"
        earned = [int(n) for n in re.findall(r"^- (\d) points?", scheme, flags=re.M)]
        assert sum(earned) == cell.metadata.nbgrader.points
        assert len(re.findall(r"No\s+point\s+for|earns?\s+nothing", scheme)) >= len(earned), (
            f"{grade_id}: what earns no point?"
        )


@every_master
def test_nothing_but_numpy_and_the_course_version_is_imported(name):
    sources = [cell.source for cell in cells_of(name).values() if cell.cell_type == "code"]
    sources += [source for folder in ("right", "wrong") for _, _, source in other_solutions(folder, name)]
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                assert {alias.name for alias in node.names} <= {"numpy", "math", "cmath"}, source
            if isinstance(node, ast.ImportFrom):
                assert node.module == "optimlib" and {alias.name for alias in node.names} <= COURSE, source
    for cell in cells_of(name, "given", "solution").values():
        assert "plots" not in cell.source, (
            "pictures belong in the try cells: grading does not run those, nor wait for them"
        )


@every_master
def test_labels_give_nothing_away(name):
    labels = [label for check in masters_answers(name).values() for label in check]
    for label in labels:
        assert re.fullmatch(r"[a-z' ,]+", label), label


# The master's answers


@every_master
def test_the_master_answers_everything_with_finite_data(name):
    for check, revealed in masters_answers(name).items():
        assert len(revealed) >= 3, f"{check}: too few answers to tell right from wrong"
        for label, (answer, _) in revealed.items():
            assert finite(answer), (check, label, answer)


def finite(answer):
    if isinstance(answer, list):
        return all(map(finite, answer))
    return isinstance(answer, str) or answer is not None and not isinstance(answer, Failure) and math.isfinite(answer)


# Second opinions: the same functions, from optimlib itself or from a closed form. None shares a line with a master.


def floats(*values):
    return [np.asarray(value, dtype=float) for value in values]


def run_of(rule, gradient, start, steps, memory):
    """The places of a run as descend makes it; ``rule`` and ``memory`` are those of an assignment."""
    return optimlib.descend(lambda w, dw, m=memory: rule(w, dw, m), gradient, start, steps).w


def path(gradient, start, steps, lr):
    (start,) = floats(start)
    return optimlib.descend(optimlib.gradient_descent, gradient, start, steps, lr=lr).w


def largest_lr(H):
    return 2 / np.roots(np.poly(np.array(H))).real.max()


def run_until(gradient, start, lr, tol, most):
    """The whole run first, then the first place at which one of the three holds."""
    with np.errstate(all="ignore"):
        run = [*accumulate(range(most), lambda w, _: w - lr * gradient(w), initial=np.asarray(start, dtype=float))]
        lost = [not (np.isfinite(w).all() and np.max(np.abs(w)) <= 1e6) for w in run]
        near = [np.sqrt(np.sum(gradient(w) ** 2)) < tol for w in run]
    t = next((t for t in range(most) if lost[t] or near[t]), most)
    return run[t], t, "diverged" if lost[t] else "arrived" if near[t] else "gave up"


def best_lr(_, gradient, start, steps, lrs):
    """From powers of the matrix that one step multiplies by."""
    H = np.column_stack([gradient(e) for e in np.eye(len(start))])
    factors = []
    with np.errstate(all="ignore"):
        for lr in lrs:
            early, late = (
                np.linalg.norm(np.linalg.matrix_power(np.eye(len(H)) - lr * H, t) @ start) for t in (steps // 2, steps)
            )
            factors.append((late / early) ** (1 / (steps / 2)))
    return lrs[np.nanargmin(factors)], np.nanmin(factors)


def heavy_ball(w, dw, v, lr, beta1):
    w, dw, v = floats(w, dw, v)
    w, (v,) = steps.heavy_ball(w, dw, (v,), lr=lr, beta1=beta1)
    return w, v


def momentum(w, dw, v, lr, beta1):
    w, dw, v = floats(w, dw, v)
    w, (v,) = steps.momentum(w, dw, (v,), lr=lr, beta1=beta1)
    return w, v


def same_path_lr(lr, beta1):
    """How much farther the heavy ball's first step goes than momentum's."""
    return lr * heavy_ball(0, 1, 0, 1, beta1)[0] / momentum(0, 1, 0, 1, beta1)[0]


def nesterov(gradient, start, steps, lr, beta1):
    """Without a velocity: down a quadratic, w_(t+1) = (1 - lr H) ((1 + beta1) w_t - beta1 w_(t-1))."""
    w = np.asarray(start, dtype=float)
    run = [w, w - lr * gradient(w)]
    for _ in range(steps - 1):
        y = (1 + beta1) * run[-1] - beta1 * run[-2]
        run.append(y - lr * gradient(y))
    return run[: steps + 1]


def heavy_ball_rates(curvatures, lrs, betas):
    lr, beta1, lam = np.ix_(lrs, betas, curvatures)
    return rates.momentum_rate(lr / (1 - beta1), beta1, lam).max(axis=2)


def best_pair(curvatures, lrs, betas):
    rates = heavy_ball_rates(curvatures, lrs, betas)
    best, second = np.sort(rates, axis=None)[:2]
    assert second - best > 1e-3, "two pairs are as good as each other: rounding would choose"
    i, j = np.argwhere(rates == best)[0]
    return lrs[i], betas[j], best


def rmsprop(w, dw, s, lr, beta2, eps):
    w, dw, s = floats(w, dw, s)
    w, (s,) = steps.rmsprop(w, dw, (s,), lr=lr, beta2=beta2, eps=eps)
    return w, s


def where_is_eps(rule):
    """Both of optimlib's forms beside the rule, on many numbers."""
    w, dw, s, eps = np.random.default_rng(0).uniform(0.1, 3.0, (4, 50))
    place, _ = rule(w, dw, s, 0.3, 0.7, eps)
    settings = {"lr": 0.3, "beta2": 0.7, "eps": eps}
    forms = {
        "outside": steps.rmsprop(w, dw, (s,), **settings)[0],
        "inside": steps.adam_uncorrected_eps_inside(w, dw, (0.0, s), beta1=0.0, **settings)[0],
    }
    return next((name for name, form in forms.items() if np.allclose(place, form, rtol=1e-12)), "elsewhere")


def scale_gap(rule, gradient, start, steps, factor):
    plain, scaled = (run_of(rule, lambda w, k=k: k * gradient(w), start, steps, 0.0) for k in (1.0, factor))
    return np.abs(scaled - plain).max()


def scheduled(rule, gradient, start, steps, schedule):
    def counting(w, dw, memory):
        memory, t = memory
        w, memory = rule(w, dw, memory, schedule(t))
        return w, (memory, t + 1)

    return run_of(counting, gradient, start, steps, (0.0, 1))


def ewma(v, x, beta):
    return steps.ewma(*floats(v, x), beta)


def adam(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return steps.adam(
        *floats(w, dw), memory=(*floats(*memory[:2]), memory[2]), lr=lr, beta1=beta1, beta2=beta2, eps=eps
    )


def follow(rule, stream, start, memory):
    gradients = list(stream)
    waiting = iter(gradients)
    return run_of(rule, lambda w: np.asarray(next(waiting)) + 0.0, start, len(gradients), memory)


def first_move(g, lr, eps):
    (g,) = floats(g)
    return steps.adam(0.0, g, lr=lr, eps=eps)[0]


def first_move_uncorrected(g, lr, beta1, beta2, eps):
    (g,) = floats(g)
    return steps.adam_uncorrected(0.0, g, lr=lr, beta1=beta1, beta2=beta2, eps=eps)[0]


def smooth(data, beta):
    (data,) = floats(data)
    return np.apply_along_axis(optimlib.smooth, 0, data, beta)


def weights(t, beta):
    """What a single 1 among zeros leaves in the average, for each place that it may have."""
    return [optimlib.smooth(one, beta)[-1] for one in np.eye(t)]


def corrected(x, memory, beta):
    v = steps.ewma(*floats(memory[0], x), beta)
    return steps.debias(v, beta, memory[1] + 1), (v, memory[1] + 1)


def steps_until(beta, share=0.01):
    return np.argmax(beta ** np.arange(1.0, 400_000.0) < share) + 1


def slopes(f, w, h=1e-5):
    """The push as a line through the place, along each axis."""
    (w,) = floats(w)

    def along(i):
        ends = [f(np.where(np.arange(w.size).reshape(w.shape) == i, w + side, w)) for side in (-h, h)]
        return np.diff(ends)[0] / (2 * h)

    return np.reshape([along(i) for i in range(w.size)], w.shape)


def gradient(params, X, Y):
    """By a push into the complex plane, which leaves no error of the size of the push."""
    params = floats(*params)

    def loss(parts):
        W1, b1, W2, b2 = parts
        return np.sum((np.tanh(np.dot(X, W1) + b1) @ W2 + b2 - np.asarray(Y)) ** 2) / (2 * len(X))

    def pushed(part, i):
        parts = [each + 0j for each in params]
        parts[part].flat[i] += 1e-30j
        return loss(parts).imag / 1e-30

    return [np.reshape([pushed(k, i) for i in range(part.size)], part.shape) for k, part in enumerate(params)]


def adamw(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    memory = (*floats(*memory[:2]), memory[2])
    return steps.adamw(*floats(w, dw), memory, lr=lr, beta1=beta1, beta2=beta2, eps=eps, decay=decay)


def schedule(peak, warm, steps):
    return np.interp(np.arange(1, steps + 1), [0, warm, steps + 1], [0, peak, 0])


OPINIONS = {
    function.__name__: function
    for function in (
        path,
        largest_lr,
        run_until,
        best_lr,
        heavy_ball,
        momentum,
        same_path_lr,
        nesterov,
        best_pair,
        rmsprop,
        where_is_eps,
        scale_gap,
        scheduled,
        ewma,
        adam,
        follow,
        first_move,
        first_move_uncorrected,
        smooth,
        weights,
        corrected,
        steps_until,
        slopes,
        gradient,
        adamw,
        schedule,
    )
}


@every_master
def test_the_master_agrees_with_a_second_opinion(name):
    asked = {
        grade_id: [node.name for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]
        for grade_id, cell in cells_of(name, "solution").items()
    }
    if FOLDER != OURS and (without := {each for functions in asked.values() for each in functions} - OPINIONS.keys()):
        pytest.skip(f"{name}: there is no second opinion on {', '.join(sorted(without))}")
    second = {
        grade_id: {function: OPINIONS[function] for function in functions} for grade_id, functions in asked.items()
    }
    assert wrong_labels(name, answers(name, second)) == {}


@ours
def test_the_eps_of_every_stranger_is_where_it_was_put():
    """No count of calls, and no part of the list, tells what comes next: all sixty stand under one label."""
    revealed = masters_answers("3-rmsprop")["where-is-eps-check"]
    found = revealed["sixty rules, mixed"][0]
    drawn = np.random.default_rng(20261126).integers(8, size=60)  # 0 is inside, 1 outside, all others neither
    assert found == [{0: "inside", 1: "outside"}.get(kind, "elsewhere") for kind in drawn]
    assert min(Counter(found).values()) >= 5 and revealed["the same rules in another order"][0] == found[::-1]


@ours
def test_strangers_share_their_code_and_what_they_keep_says_nothing():
    """Who reads a rule instead of running it finds the same code in all, and numbers of which no two rules have the same."""
    strangers = []
    rmsprop = prepared(
        "3-rmsprop", {"where-is-eps": {"where_is_eps": lambda rule: strangers.append(rule) or "outside"}}
    )
    names = rmsprop | {"reveal": lambda label, value, rtol=None: value(), "part": no_part, "promise": no_part}
    execute(cells_of("3-rmsprop")["where-is-eps-check"].source, names, "where-is-eps-check")
    assert len({rule.__code__ for rule in strangers}) == 1 and len(strangers) > 100
    kept = {rule: np.ravel([cell.cell_contents for cell in rule.__closure__]) for rule in strangers}
    assert len({tuple(numbers) for numbers in kept.values()}) == len(kept) == 60
    assert all(np.abs(numbers).max() > 2 for numbers in kept.values())  # an amount is at most 2
    assert not any(rule.__defaults__ or rule.__kwdefaults__ or vars(rule) for rule in strangers)
    found = [name for name in names if name.startswith("our_") and not callable(names[name])]
    assert found == ["our_strangers"]  # nor does the list of what they are lie about


@ours
def test_the_step_in_the_middle_of_a_run_moves():
    """0.7 * 0.6 + 0.3 * (-1.4) would be 0: then no mistake behind the average could show."""
    w, (v, _, t) = masters_answers("4-adam")["adam-check"]["a step in the middle of a run"][0]
    assert abs(w - 3.0) > 0.01 and abs(v) > 0.01 and t == 7


@ours
def test_steps_until_by_hand():
    revealed = masters_answers("5-bias-correction")["steps-until-check"]
    # 0.3^4 = 0.0081; ln 0.01 / ln 0.77 = 17.6, / ln 0.85 = 28.3, / ln 0.95 = 89.8, / ln 0.9985 = 3067.8
    assert revealed["several values of beta"][0] == [4, 18, 29, 90, 3068]
    assert revealed["nothing is remembered"][0] == 1


# Right and wrong


@every_master
def test_self_checks_pass_with_the_reference(name):
    names = prepared(name, {})
    for grade_id, cell in cells_of(name, "try").items():
        execute(cell.source, names, grade_id)


@every_master
def test_every_solution_has_right_and_wrong_variants(name):
    for folder, least in (("right", 2), ("wrong", 3)):
        tried = Counter(grade_id for _, grade_id, _ in other_solutions(folder, name))
        assert set(tried) == set(cells_of(name, "solution"))
        assert min(tried.values()) >= least, tried
    assert sum(1 for _ in other_solutions("wrong", name)) >= 8


@pytest.mark.parametrize(("name", "grade_id", "source"), every("right"))
def test_a_right_variant_gets_everything(name, grade_id, source):
    assert wrong_labels(name, answers(name, {grade_id: source})) == {}
    execute(cells_of(name)[f"{grade_id}-try"].source, prepared(name, {grade_id: source}), grade_id)


@pytest.mark.parametrize(("name", "grade_id", "source"), every("wrong"))
def test_a_wrong_variant_loses_its_own_task_and_no_other(name, grade_id, source):
    assert set(wrong_labels(name, answers(name, {grade_id: source}))) == {f"{grade_id}-check"}


@every_master
def test_an_empty_task_loses_its_own_points_and_no_other(name):
    for cell in release(name).cells:
        mark = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and mark.get("solution"):
            assert set(wrong_labels(name, answers(name, {mark.grade_id: cell.source}))) == {f"{mark.grade_id}-check"}


@every_master
def test_a_check_names_its_own_things_our(name):
    """Else it could replace a function or a constant that a student's solution needs."""
    names = prepared(name, {}) | {
        "reveal": lambda label, value, rtol=None: value(),
        "part": no_part,
        "promise": no_part,
    }
    before = dict(names)
    for grade_id, cell in cells_of(name, "check").items():
        execute(cell.source, names, grade_id)
    assert all(key.startswith(("our_", "__")) for key in names if key not in before)
    assert all(names[key] is before[key] for key in before)


@ours
def test_some_right_runs_warn():
    """The case that a warning costs nothing is among the checks: the reference itself warns there."""
    cell = cells_of("1-gradient-descent")["run-until-check"]
    names = prepared("1-gradient-descent", {}) | {"reveal": lambda label, value, rtol=None: value()}
    names |= {"part": no_part, "promise": no_part}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(cell.source, names)
    said = " ".join(str(warning.message) for warning in caught)
    assert "overflow" in said and "invalid value" in said


# What students get


@every_master
def test_the_release_has_no_line_of_a_solution(name):
    lines = {line.strip() for cell in release(name).cells for line in cell.source.splitlines()}
    for grade_id, cell in cells_of(name).items():
        for region in re.findall(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)\s*### END", cell.source, flags=re.S):
            secret = {line.strip() for line in region.splitlines()} - {""}
            assert not secret & lines, grade_id
    text = "\n".join(lines)
    assert "BEGIN" not in text and "reveal" not in text and "Mark scheme" not in text


@every_master
def test_the_release_has_no_expected_value(name):
    text = "\n".join(cell.source for cell in release(name).cells)
    for check in masters_answers(name).values():
        for answer, _ in check.values():
            for number in telling(answer):
                assert number not in text, number


def telling(answer):
    """The first digits of every number in an answer that is not one of a few digits anyway."""
    if isinstance(answer, list):
        for part in answer:
            yield from telling(part)
    elif isinstance(answer, (int, float)) and answer == int(answer) and abs(answer) > 99:
        yield str(abs(int(answer)))
    elif isinstance(answer, float) and len(repr(answer)) > 7:
        yield f"{abs(answer):.17f}"[:7]


@every_master
def test_the_release_is_python_with_a_place_for_each_answer(name):
    for cell in release(name).cells:
        if cell.cell_type == "markdown":
            assert cell.source == "YOUR ANSWER HERE" or "nbgrader" not in cell.metadata
            continue
        tree = ast.parse(cell.source)
        if cell.metadata.nbgrader.grade:
            assert cell.source.strip() == "# What is checked here is not shown."
        if cell.metadata.nbgrader.solution:
            for function in tree.body:
                assert isinstance(function, ast.FunctionDef) and ast.get_docstring(function)
                assert ast.unparse(function.body[1:]) == "raise NotImplementedError()"
