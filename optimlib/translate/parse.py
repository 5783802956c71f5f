"""One parser of the equations: a function of :mod:`optimlib.steps` and its like, read as a small tree.

What it understands is how equations are written here, and no more:

- a function with parameters, keywords and their defaults, a docstring, assignments, one return at the end;
- on the left of ``=`` a name, or names between commas or brackets: ``v, s = memory``;
- numbers, names that were given a value before, tuples, ``-x``, ``+ - * / **``;
- calls of functions known before, with every parameter by position and keywords by name, and of ``BUILT_IN``.

Anything else is an error that names the line.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

BUILT_IN = ("sqrt", "abs", "maximum", "sign")
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}


class Untranslatable(Exception):
    """A line of Python that has no translation."""


@dataclass(frozen=True)
class Number:
    value: int | float


@dataclass(frozen=True)
class Name:
    id: str


@dataclass(frozen=True)
class Tuple:
    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Minus:
    operand: Expression


@dataclass(frozen=True)
class Binary:
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple[Expression, ...]
    keywords: tuple[tuple[str, Expression], ...]


Expression: TypeAlias = Number | Name | Tuple | Minus | Binary | Call


@dataclass(frozen=True)
class Assign:
    """``names`` is one name, or several that the parts of a tuple go to."""

    names: str | tuple[str, ...]
    value: Expression


@dataclass(frozen=True)
class Function:
    """Each parameter and each keyword is a name and its default, None if it has none."""

    name: str
    parameters: tuple[tuple[str, Expression | None], ...]
    keywords: tuple[tuple[str, Expression | None], ...]
    body: tuple[Assign, ...]
    result: Expression


def parse(function: Callable, known: Mapping[str, Function]) -> Function:
    """The tree of a function, which may call those in ``known``."""
    return _Parser(function, known).function()


def parse_whole(function: Callable) -> dict[str, Function]:
    """The trees, by name, of a function and of what it calls, each after those that it calls."""
    known: dict[str, Function] = {}
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in BUILT_IN:
            called = function.__globals__.get(node.func.id)
            known |= parse_whole(called) if inspect.isfunction(called) else {}
    return known | {function.__name__: parse(function, known)}


class _Parser:
    def __init__(self, function: Callable, known: Mapping[str, Function]) -> None:
        self.name, self.known = function.__name__, known
        lines, self.first = inspect.getsourcelines(function)
        self.file = inspect.getsourcefile(function)
        self.tree: Any = ast.parse(textwrap.dedent("".join(lines))).body[0]  # a def: it has a source and a name
        self.assigned: set[str] = set()

    def function(self) -> Function:
        args = self.tree.args
        if args.vararg or args.kwarg or self.tree.decorator_list:
            raise self.error(self.tree)
        none = [None] * (len(args.args) - len(args.defaults))
        parameters = self.parameters(args.args, none + args.defaults)
        keywords = self.parameters(args.kwonlyargs, args.kw_defaults)
        *lines, last = [line for line in self.tree.body if not _is_docstring(line)]
        body = tuple(map(self.assign, lines))
        if not isinstance(last, ast.Return) or last.value is None:
            raise self.error(last)
        return Function(self.name, parameters, keywords, body, self.expression(last.value))

    def parameters(
        self, names: list[ast.arg], defaults: list[ast.expr | None]
    ) -> tuple[tuple[str, Expression | None], ...]:
        self.assigned |= {name.arg for name in names}
        return tuple(
            (name.arg, None if default is None else self.expression(default)) for name, default in zip(names, defaults)
        )

    def assign(self, line: ast.stmt) -> Assign:
        if not isinstance(line, ast.Assign) or len(line.targets) > 1:
            raise self.error(line)
        value = self.expression(line.value)
        match line.targets[0]:
            case ast.Name(id=name):
                self.assigned.add(name)
                return Assign(name, value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts) if all(isinstance(part, ast.Name) for part in parts):
                names = tuple(part.id for part in parts if isinstance(part, ast.Name))
                self.assigned.update(names)
                return Assign(names, value)
        raise self.error(line)

    def expression(self, node: ast.expr) -> Expression:
        match node:
            case ast.Constant(value=bool()):
                pass  # an int to Python; refused below
            case ast.Constant(value=int() | float() as value):
                return Number(value)
            case ast.Name(id=name) if name in self.assigned:
                return Name(name)
            case ast.Tuple(elts=parts):
                return Tuple(self.expressions(parts))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Minus(self.expression(operand))
            case ast.BinOp(op=op, left=left, right=right) if type(op) in OPERATORS:
                return Binary(OPERATORS[type(op)], self.expression(left), self.expression(right))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if self.may_call(name, args, keywords):
                named = tuple((str(keyword.arg), self.expression(keyword.value)) for keyword in keywords)
                return Call(name, self.expressions(args), named)
        raise self.error(node)

    def may_call(self, name: str, args: list[ast.expr], keywords: list[ast.keyword]) -> bool:
        if name in self.known:
            called = self.known[name]
            return (
                len(args) == len(called.parameters)
                and {keyword.arg for keyword in keywords} <= dict(called.keywords).keys()
            )
        return name in BUILT_IN and not keywords

    def expressions(self, nodes: list[ast.expr]) -> tuple[Expression, ...]:
        return tuple(map(self.expression, nodes))

    def error(self, node: ast.stmt | ast.expr) -> Untranslatable:
        line = self.first + node.lineno - 1
        return Untranslatable(f"{self.file}:{line}: {self.name} cannot be translated: {ast.unparse(node)}")


def _is_docstring(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)
