"""The mutants of a module: each is the whole file with one small thing wrong.

What a small thing is, mutmut says (another operator, another number, an argument left out, ...), and some kinds
beside its own: a statement left out, a rule not listed, an entry missing from a table. Its way of running them is
not used: it hides each function behind another, and here the functions are read as text too (``rules.source``, the
labs' JavaScript), so the file itself must be the wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst
from mutmut.mutation.mutators import mutation_operators, operator_arg_removal, operator_assignment


def _left_out(statement: cst.Expr | cst.Raise) -> Iterator[cst.Pass]:
    if isinstance(statement, cst.Raise) or isinstance(statement.value, cst.Call):
        yield cst.Pass()


def _not_listed(entry: cst.Assign) -> Iterator[cst.Pass]:
    if isinstance(entry.value, cst.Call) and getattr(entry.value.func, "value", "") in ("listed", "averaging"):
        yield cst.Pass()


def _with_fewer_entries(table: cst.Dict) -> Iterator[cst.Dict]:
    for i in range(len(table.elements)):
        yield table.with_changes(elements=[*table.elements[:i], *table.elements[i + 1 :]])


def _turned_round(branch: cst.If | cst.CompIf) -> Iterator[cst.If | cst.CompIf]:
    condition = branch.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield branch.with_changes(test=cst.UnaryOperation(cst.Not(whitespace_after=cst.SimpleWhitespace(" ")), condition))


def _with_fewer_arguments(call: cst.Call) -> Iterator[cst.Call]:
    yield from (new for new in operator_arg_removal(call) if len(new.args) < len(call.args))


# None for an argument or a value stops the program at once, wherever it is run: half the mutants, and nothing learnt.
TAKEN = [
    (kind, operator)
    for kind, operator in mutation_operators
    if operator not in (operator_arg_removal, operator_assignment)
]
OPERATORS = [
    *TAKEN,
    (cst.Call, _with_fewer_arguments),
    (cst.Assign, _not_listed),
    (cst.Dict, _with_fewer_entries),
    ((cst.Expr, cst.Raise), _left_out),
    ((cst.If, cst.CompIf), _turned_round),
]


@dataclass(frozen=True)
class Mutant:
    module: str  # steps, translate.parse, ...
    function: str  # the name of the function, with that of its class; empty between functions
    change: str  # the lines as they are -> as they become
    code: str

    def __str__(self) -> str:
        return f"{'.'.join(filter(None, (self.module, self.function)))}: {self.change}"


class _Places(cst.CSTVisitor):
    """Every node that can be changed, with the function it is in and what it becomes."""

    def __init__(self) -> None:
        self.within: list[str] = []
        self.found: list[tuple[str, cst.CSTNode, cst.CSTNode]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation):
            return False  # no one reads them when the program runs
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self.within.append(node.name.value)
        for kind, operator in OPERATORS:
            if isinstance(node, kind):
                self.found += [(".".join(self.within), node, new) for new in operator(node)]
        return True

    def on_leave(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self.within.pop()


def mutants(module: str, code: str) -> list[Mutant]:
    """The mutants of a file, each once."""
    tree, found = cst.parse_module(code), {}
    for i, statement in enumerate(tree.body):
        places = _Places()
        statement.visit(places)
        for function, node, new in places.found:
            changed = statement.deep_replace(node, new)  # not in the whole tree: that takes ten times as long
            wrong = tree.with_changes(body=[*tree.body[:i], changed, *tree.body[i + 1 :]]).code
            found.setdefault(wrong, Mutant(module, function, _change(code, wrong), wrong))
    found.pop(code, None)
    return [*found.values()]


def _change(code: str, wrong: str) -> str:
    old, new = code.splitlines(), wrong.splitlines()
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return " -> ".join(" ".join(map(str.strip, lines)) for lines in (old, new))
