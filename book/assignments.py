"""The assignments as pages: the masters in assignments/ without what students do not get.

A master is a notebook in MyST, so Jupyter Book reads it as it is, once its solutions, its hidden checks and its mark scheme are taken
out of the text. Only the book's own are shown, not a lecturer's. Nothing but the page is made of them: the file that the
theme would copy beside it has the solutions.
"""

import re
import tomllib

from book.contents import ASSIGNMENTS, ROOT

CODE = re.compile(
    r"^```\{code-cell\}[^\n]*\n:nbgrader: \{(?P<about>[^\n]*)\}\n(?P<code>.*?)^```\n", re.MULTILINE | re.DOTALL
)
QUESTION = re.compile(r'^\+\+\+ \{"nbgrader": .*?(?=^\+\+\+|^```\{code-cell\}|\Z)', re.MULTILINE | re.DOTALL)
SOLUTION = re.compile(r"^(?P<indent> *)### BEGIN SOLUTION\n.*?### END SOLUTION$", re.MULTILINE | re.DOTALL)
STUB = r"\g<indent># YOUR CODE HERE\n\g<indent>raise NotImplementedError()"  # as nbgrader writes it
CHECK = "check"  # the tag of a cell with which students check themselves; js/page.js lets others run without it
ANSWER = "+++\n\n*Your answer in words has its cell in the notebook that you hand in.*\n\n"
NOT_SHOWN = re.compile(r"### (BEGIN|END)|Mark scheme|reveal\(|nbgrader")
HOW = """\
**Try it here, hand in the notebook.** The button below the title brings Python into this page, with nothing installed. Write in the place of
`# YOUR CODE HERE` and `raise NotImplementedError()`, then run the cell with the checks below: if no error appears, they have passed. They are worth
no points: those come from a second check, on other numbers, when your notebook is graded.

What you write here is kept in your browser only, and nobody grades it. What you hand in is the notebook in the zip that your course gives out: copy each
of your cells into the cell of the same task there, run all, and save. The zip brings an `optimlib` without optimisers, so do not call one here.
"""


def setup(app):
    app.connect("source-read", hand_out)
    app.connect("html-page-context", keep_back, priority=502)  # when the theme has made its buttons
    return {"parallel_read_safe": True}


def hand_out(app, name, source):
    if name.startswith(ASSIGNMENTS):
        source[0] = without_answers(source[0])


def without_answers(master: str) -> str:
    """What students get of a master, and how it is used on a page; ValueError rather than a solution that is told."""
    text = QUESTION.sub(ANSWER, CODE.sub(cell, master))
    if found := NOT_SHOWN.search(text):
        raise ValueError(f"an assignment would show what is not for students: {text[found.start() :][:60]!r}")
    beginning, code, rest = text.partition("```{code-cell}")
    return f"{beginning}{HOW}\n{rules()}\n\n{code}{rest}"


def cell(found: re.Match) -> str:
    """A cell of code with a stub for a solution; none for a hidden check."""
    if "grade: true" in found["about"]:
        return ""
    tags = f":tags: [{CHECK}]\n" if re.search(r"grade_id: [\w-]+-try\b", found["about"]) else ""
    code, stubs = SOLUTION.subn(STUB, found["code"])
    if "solution: true" in found["about"] and not stubs:
        raise ValueError(f"an assignment would show a whole solution: {code[:60]!r}")
    return f"```{{code-cell}} ipython3\n{tags}{code}```\n"


def rules() -> str:
    """Of the rules at the top of the notebook the one for what is written here."""
    said = tomllib.loads((ROOT / "grading" / "sentences.toml").read_text(encoding="utf-8"))["rules"]["text"]
    return next(each for each in said.strip().split("\n\n") if each.startswith("**Three rules"))


def keep_back(app, pagename, templatename, context, doctree):
    """No source beside the page, and no button for it."""
    if pagename.startswith(ASSIGNMENTS):
        context["sourcename"] = ""
        for group in context["header_buttons"]:
            if "buttons" in group:
                group["buttons"] = [one for one in group["buttons"] if one["label"] != "download-source-button"]
