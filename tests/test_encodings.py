"""No file is read in whatever encoding the reader's machine has: cp1252, EUC-KR and UTF-8 give the same book."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# book/install.py is ASCII, and so is what it reads; a test says so.
FILES = [
    file.relative_to(ROOT)
    for folder in ("benchmarks", "book", "grading", "optimlib", "tests")
    for file in sorted((ROOT / folder).rglob("*.py"))
    if file.name != "install.py"
]


def careless(tree):
    """The lines that read or write text, or a process's words, and do not say in which encoding."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        named = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        mode = named.get("mode", ast.unparse(call.args[1]) if len(call.args) > 1 else "")
        as_text = (
            (name == "read_text" and not call.args)
            or (name == "write_text" and len(call.args) < 2)
            or (name == "open" and isinstance(call.func, ast.Name) and "b" not in mode)
            or (
                name in ("run", "Popen", "check_output")
                and "True" in (named.get("text"), named.get("universal_newlines"))
            )
        )
        if as_text and "encoding" not in named:
            yield call.lineno


@pytest.mark.parametrize("file", FILES, ids=str)
def test_every_text_names_its_encoding(file):
    assert [*careless(ast.parse((ROOT / file).read_text(encoding="utf-8")))] == []


@pytest.mark.parametrize(
    "line, found",
    [
        ("open('a')", True),
        ("open('a', 'rb')", False),
        ("open('a', 'w', encoding='utf-8')", False),
        ("p.read_text()", True),
        ("p.write_text(x)", True),
        ("p.write_text(x, encoding='utf-8')", False),
        ("subprocess.run(c, text=True)", True),
        ("subprocess.Popen(c, text=True, encoding='utf-8')", False),
        ("zip.open('a')", False),
        ("subprocess.run(c)", False),
    ],
)
def test_what_is_careless(line, found):
    assert bool([*careless(ast.parse(line))]) is found
