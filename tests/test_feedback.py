"""What students are told and what they earn: mistakes by their names, marks by part, and nothing of a hidden check."""

import random
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from needed import for_grading

with for_grading("FEEDBACK IS NOT TESTED", bubblewrap=True):
    from grading import check, diagnoses, feedback, gradebook, masters, release, sandbox, sentences, tasks
    from grading.notebooks import Written

LIMITS = sandbox.Limits(cell=5, submission=60)
MASTERS = masters.read_all()
RIGHT = "def ewma(v, x, beta):\n    return beta * np.asarray(v, dtype=float) + (1 - beta) * np.asarray(x, dtype=float)"


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    with sandbox.Place(release.course_optimlib(tmp_path_factory.mktemp("course"))) as place:
        yield place


def handed_out(name, place):
    master = MASTERS[name]
    released = {
        cell.id: re.sub(
            r"( *)### BEGIN SOL.*?### END SOLUTION",
            r"\1# YOUR CODE HERE\n\1raise NotImplementedError()",
            cell.source,
            flags=re.S,
        )
        for cell in master.cells
    }
    texts = frozenset(tasks.plain(text) for text in released.values())
    known = diagnoses.known(master, place, LIMITS)
    return tasks.Handed(master, check.expected(master, place, LIMITS), known, released, texts)


@pytest.fixture(scope="session")
def adam(place):
    return handed_out("4-adam", place)


@pytest.fixture(scope="session")
def done(adam, place):
    """The tasks of assignment 4 by the id of the solution, and the page, of a notebook of which some cells are replaced or added."""

    def do(replaced=None, before=(), after=()):
        cells = [Written("", "code", source) for source in before]
        for cell in adam.master.cells:
            if cell.kind != "question":
                source = adam.released[cell.id] if cell.kind == "solution" else cell.source
                cells.append(Written(cell.id, "code", (replaced or {}).get(cell.id, source)))
        cells += [Written("", "code", source) for source in after]
        run = check.run(adam.master, cells, place, LIMITS)
        judged = tasks.judged(adam, cells, run)
        result = {"student": "s", "assignment": "4-adam", "note": "", "reason": "", "of": 10, "tasks": judged}
        result |= {"put_back": tasks.put_back(adam, cells), "left_out": run.left_out, "in_part": run.in_part}
        page = BeautifulSoup(feedback.page(result, gradebook.Marks(), sentences.say), "html.parser").main.get_text(" ")
        return {task["solution"]: task for task in judged}, " ".join(page.split())

    return do


# One task, one sentence


@pytest.mark.parametrize(
    "source, why",
    [
        ("def ewma(v, x, beta):\n    v = beta * np.asarray(v) + (1 - beta) * np.asarray(x)", "nothing"),
        ("def ewma(v, x, beta):\n    print(beta * np.asarray(v) + (1 - beta) * np.asarray(x))", "printed"),
        (RIGHT + "[None]", "shape"),
        (RIGHT.replace("return ", "return np.float16(") + ") + 0.0", "single"),
        (RIGHT.replace("beta *", "1.0002 * beta *"), "rounded"),
        ("def ewma(v, x, beta):\n    return beta * v + (1 - beta) * x + 0 * v.sum()", "error"),
        (RIGHT.replace("beta *", "beta**2 *"), "wrong"),
        ("def ewma(v, x, beta):\n    return (1 - beta) * np.asarray(v) + beta * np.asarray(x)", "mistake"),
        ("def ewma(v, x, beta)\n    return v", "stopped"),
        ("def ewma(v, x, beta):\n    while True: pass", "lost"),
        ("def ewma(v, x, beta):\n    raise NotImplementedError()", "error"),
    ],
)
def test_why_it_is_wrong(done, source, why):
    found, page = done({"ewma": source})
    assert found["ewma"]["why"] == why and found["ewma"]["points"] == 0
    assert found["adam"]["why"] == "not_begun"
    assert page.count("Next step:") == 5 and page.count("Not begun") == 3  # the fifth: nothing is written yet
    assert "several steps" not in page  # what is not begun has no list of failures
    assert found["ewma"]["timeout"] == (why == "lost")


def test_a_mistake_has_its_name_its_equation_and_its_section(done):
    _, page = done({"ewma": "def ewma(v, x, beta):\n    return (1 - beta) * np.asarray(v) + beta * np.asarray(x)"})
    assert "a well-known mistake: beta and 1 - beta swapped" in page
    assert (
        "equation (5.1), in the section “A moving average that starts at zero” of the chapter “5. Bias correction”"
        in page
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", MASTERS)
def test_every_mistake_is_told_from_every_other_and_costs_points(name, place):
    handed = handed_out(name, place)
    assert sum(map(len, handed.mistakes.values())) == len(
        diagnoses.mistakes(MASTERS[name].wrong)
    )  # none ended its sandbox
    for solution, known in handed.mistakes.items():
        standard = handed.standards[f"{solution}-check"]
        for each in known:
            replies = list(each.replies.values())
            found = check.wrong(replies, standard.answers)
            why, words, see = diagnoses.why(replies, standard, found, known, "")
            assert (why, words["mistake"]) == ("mistake", each.mistake.title)
            assert not see or diagnoses.equation(see)["number"]
            assert sum(standard.points(found).values()) < sum(part.points for part in standard.parts)


@pytest.mark.parametrize(
    "wrong, words",
    [
        (
            "# %% adamm: t from 0\n",
            "wrong/4-adam.py: 'adamm' is no task with a check; the tasks are ewma, adam, follow, first-move",
        ),
        ("# %% setup: nothing\n", "'setup' is no task"),
        (
            "# %% adam: t from 0\n# See: eq-9-9\n",
            "wrong/4-adam.py, t from 0: no chapter has an equation with the label eq-9-9",
        ),
    ],
)
def test_a_mistake_of_no_task_and_an_equation_that_is_none_are_said_in_a_sentence(wrong, words, place):
    with pytest.raises(masters.Broken, match=re.escape(words)):
        diagnoses.known(MASTERS["4-adam"], wrong, place, LIMITS)


def test_no_more_than_one_of_a_few_sentences_comes_out_of_a_check(adam):
    """Whatever a submission answers: no number and no word of its own is told, and the sentences can be counted."""
    standard, known, chance, told = adam.standards["adam-check"], adam.mistakes["adam"], random.Random(0), set()
    labels = [*standard.answers]
    odd = [None, 0.0, "secret", [1, [2]], {"a": 1}, float("nan"), 10**400, [standard.answers[labels[0]].value]]
    for _ in range(3000):
        replies = []
        for label in labels:
            kind = chance.choice(["error", "value", "right", "known", "none"])
            if kind == "error":
                replies.append(
                    {"label": label, "error": chance.choice([["17.25", "x"], ["KeyError", "17.25"], [], None, "a"])}
                )
            elif kind == "known":
                replies.append(chance.choice(known).replies[label])
            elif kind != "none":
                replies.append(
                    {"label": label, "value": standard.answers[label].value if kind == "right" else chance.choice(odd)}
                )
        if found := check.wrong(replies, standard.answers):
            why, words, _ = diagnoses.why(replies, standard, found, known, chance.choice(["", "print(1)"]))
            told.add((why, *words.values()))
    words = {"mistake": {each.mistake.title for each in known}, "error": check.TOLD, "promise": None}
    for why, *said in told:
        assert f"why.{why}.said" in sentences.say.table
        assert not said or words[why] is None or said[0] in words[why]
    assert len(told) <= len(known) + len(check.TOLD) + 10


def test_the_name_that_is_put_back_is_named(done):
    setup = "import numpy as np\nfrom optimlib import bowl\nones = 1.0"
    found, page = done({"setup": setup, "ewma": RIGHT + " * ones"})
    assert found["ewma"]["why"] == "put_back" and "Your code needs ones" in page
    assert "put back as they were handed out" in page and "setup" in page


def test_a_name_that_is_set_in_a_block_of_ones_own_is_named(done):
    """Only definitions of such cells are run; what a function sets for itself is no other's."""
    own = "def other():\n    v = x = 3\nfor gap in [1.0]:\n    ones = gap"
    found, page = done({"ewma": RIGHT + " * ones"}, [own])
    assert found["ewma"]["why"] == "put_back" and "Your code needs ones, and" in page
    assert "only imports and definitions were run: def other():" in page


def test_a_slip_of_the_pen_is_not_blamed_on_a_cell_that_is_put_back(done, adam):
    """The cell for trying sets w and memory; so do most solutions, for themselves."""
    (right,) = [cell.source for cell in adam.master.of("solution") if cell.id == "adam"]
    found, page = done({"adam": right.replace("v_hat / ", "v_hatt / ")})
    assert found["adam"]["why"] == "error" and "error: NameError" in page


# Marks by part


@pytest.mark.parametrize(
    "source, points",
    [
        (RIGHT, 1),
        (
            "def ewma(v, x, beta):\n    v = np.asarray(v, dtype=float)\n    v *= beta\n    v += (1 - beta) * np.asarray(x)\n    return v",
            0.75,
        ),
        (
            "def ewma(v, x, beta):\n    if isinstance(v, list): raise ValueError\n    return beta * v + (1 - beta) * x",
            0.75,
        ),
        ("def ewma(v, x, beta):\n    return 0", 0),  # it changes nothing, and that alone earns nothing
        ("def ewma(v, x, beta):\n    return np.round(beta * np.asarray(v) + (1 - beta) * np.asarray(x), 8)", 1),
    ],
)
def test_a_promise_is_a_share_of_the_points(done, source, points):
    found, page = done({"ewma": source})
    assert found["ewma"]["points"] == points
    assert points in (0, 1) or found["ewma"]["why"] in ("mistake", "promise")
    assert points != 0.75 or "0 of 0.25" in page


# What else stands in a notebook


@pytest.mark.parametrize(
    "before, after",
    [
        (["bowl = np = ewma = None"], ["def bowl(): pass\nnp = 3"]),
        (["import tqdm\nfrom nowhere import x", "!pip install tqdm", "%%bash\nls"], ["%matplotlib inline\n1/0"]),
        ([], ["while True: pass"] * 3),
        (["exit()"], ["raise SystemExit", "import os; os._exit(1)", "del ewma"]),
    ],
)
def test_experiments_cost_no_task(done, before, after):
    found, _ = done({"ewma": RIGHT}, before, after)
    assert found["ewma"]["points"] == 1


def test_what_a_students_own_cell_defines_is_there(done):
    own = [
        "import math as m\nhalf = m.sqrt(0.25)\nslow = [x for x in iter(int, 1)]\ndef old(v, beta):\n    return 2 * half * beta * np.asarray(v)"
    ]
    found, _ = done({"ewma": "def ewma(v, x, beta):\n    return old(v, beta) + (1 - beta) * np.asarray(x)"}, own)
    assert found["ewma"]["points"] == 1


def test_an_import_in_a_cell_that_is_put_back_stays(done):
    setup = "import numpy as np\nimport math as m\nfrom optimlib import bowl"
    found, _ = done({"setup": setup, "ewma": RIGHT + " * m.cos(0)"})
    assert found["ewma"]["points"] == 1


def test_what_a_cell_for_trying_imports_is_there_if_a_solution_uses_it_and_takes_no_time_if_not(done):
    """The try of follow imports optimlib.plots, and so matplotlib, which takes longer than all checks."""
    without = RIGHT.replace("return", "import sys\n    return 'matplotlib' not in sys.modules and")
    assert done({"ewma": without})[0]["ewma"]["points"] == 1
    assert done({"ewma": RIGHT.replace("return", "return plots and")})[0]["ewma"]["points"] == 1
    own = ["scale = plots and 1.0"]
    assert done({"ewma": RIGHT + " * scale"}, after=own)[0]["ewma"]["points"] == 1


# The table of sentences, and the rules


def test_every_sentence_that_is_said_stands_in_the_table():
    code = "".join(file.read_text(encoding="utf-8") for file in Path(sentences.__file__).parent.glob("*.py"))
    said = set(re.findall(r"""say\(["']([\w.]+)["']""", code)) | set(re.findall(r'\("((?:note|refused)\.\w+)"', code))
    said |= {f"{kind.lower()}.{why}" for kind, why in re.findall(r'\b(Lost|Refused)\("(\w+)"', code)}
    ours = "".join(Path(each.__file__).read_text(encoding="utf-8") for each in (diagnoses, tasks))
    whys = set(re.findall(r'return \(?"(\w+)"[ ,]', ours)) | {"nothing", "rounded"}
    whys -= {"value"}
    said |= {f"why.{why}.{which}" for why in whys for which in ("said", "step")} | {"lost.not_run"}
    assert said - {"lost.why"} <= sentences.say.table.keys()
    assert sentences.say.table.keys() <= said, "a sentence that nobody says"


def test_a_course_has_its_own_words(tmp_path):
    (tmp_path / "sentences.toml").write_text('[page]\nnext = "Weiter: {step}"\n', encoding="utf-8")
    say = sentences.of(tmp_path)
    assert say("page.next", step="x") == "Weiter: x" and say("lost.ended") == sentences.say("lost.ended")


@pytest.mark.parametrize("name", MASTERS)
def test_the_rules_stand_at_the_top(name):
    setup = sentences.say("hand_out.setup", wheel="optimlib.whl").splitlines()
    notebook = release.with_rules(MASTERS[name].notebook, sentences.say, sandbox.Limits(), "optimlib.whl")
    assert (
        "How it works" in notebook.cells[1].source and "20 seconds, all of them 2 minutes" in notebook.cells[1].source
    )
    assert "# %pip install optimlib.whl\n" in notebook.cells[2].source and notebook.cells[2].cell_type == "code"
    assert [cell.source.splitlines() for cell in MASTERS[name].notebook.cells] == [
        [line for line in cell.source.splitlines() if cell.cell_type != "code" or line not in setup]
        for cell in notebook.cells[:1] + notebook.cells[2:]
    ]
