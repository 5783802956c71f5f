"""The step functions and surfaces as JavaScript, translated line by line from their Python.

The browser runs what is written here, so the equations are typed once, in :mod:`optimlib.steps`
and :mod:`optimlib.surfaces`. Only plain arithmetic is understood: assignments, a return, + - * / **,
calls of functions translated before. Anything else is an error that names the line.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable

OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
BUILT_IN = {"sqrt": "Math.sqrt", "abs": "Math.abs", "maximum": "Math.max"}
# numpy squares by multiplying; Math.pow may differ in the last bit
PRELUDE = "const square = (x) => x * x;\n"


class Untranslatable(Exception):
    """A line of Python that has no translation."""


def translate(functions: Iterable[Callable]) -> str:
    """JavaScript for the functions, in their order: each may call those before it."""
    known = dict(BUILT_IN)
    texts = []
    for function in functions:
        texts.append(_Function(function, known).text)
        known[function.__name__] = function.__name__
    return PRELUDE + "\n".join(texts)


class _Function:
    def __init__(self, function: Callable, known: dict[str, str]) -> None:
        self.known = known
        self.name = function.__name__
        lines, self.first = inspect.getsourcelines(function)
        self.file = inspect.getsourcefile(function)
        (tree,) = ast.parse("".join(lines)).body
        self.assigned = {a.arg for a in tree.args.args + tree.args.kwonlyargs}
        body = [self.statement(line) for line in tree.body if not _is_docstring(line)]
        self.text = f"function {self.name}({self.parameters(tree.args)}) {{\n" + "".join(body) + "}\n"

    def parameters(self, args: ast.arguments) -> str:
        defaults = [None] * (len(args.args) - len(args.defaults)) + args.defaults
        names = [self.parameter(*pair) for pair in zip(args.args, defaults)]
        if args.kwonlyargs:
            keys = [self.parameter(*pair) for pair in zip(args.kwonlyargs, args.kw_defaults)]
            names.append("{ " + ", ".join(keys) + " } = {}")
        return ", ".join(names)

    def parameter(self, arg: ast.arg, default: ast.expr | None) -> str:
        return arg.arg if default is None else f"{arg.arg} = {self.expression(default)}"

    def statement(self, line: ast.stmt) -> str:
        if isinstance(line, ast.Return) and line.value is not None:
            return f"  return {self.expression(line.value)};\n"
        if isinstance(line, ast.Assign) and len(line.targets) == 1:
            return f"  {self.target(line.targets[0])} = {self.expression(line.value)};\n"
        raise self.error(line)

    def target(self, target: ast.expr) -> str:
        many = isinstance(target, ast.Tuple | ast.List)
        names = target.elts if many else [target]
        if not all(isinstance(name, ast.Name) for name in names):
            raise self.error(target)
        new = [name.id for name in names if name.id not in self.assigned]
        if new and len(new) < len(names):
            raise self.error(target)  # `let` declares all names of a pattern or none
        self.assigned.update(new)
        text = ", ".join(name.id for name in names)
        return ("let " if new else "") + (f"[{text}]" if many else text)

    def expression(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=bool()):
                pass  # an int to Python; refused below
            case ast.Constant(value=int() | float()):
                return repr(node.value)
            case ast.Name(id=name) if name in self.assigned:
                return name
            case ast.Tuple(elts=parts):
                return "[" + ", ".join(self.expression(part) for part in parts) + "]"
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"(-{self.expression(operand)})"
            case ast.BinOp(op=ast.Pow(), left=left, right=ast.Constant(value=2)):
                return f"square({self.expression(left)})"
            case ast.BinOp(op=ast.Pow(), left=left, right=right):
                return f"Math.pow({self.expression(left)}, {self.expression(right)})"
            case ast.BinOp(op=op, left=left, right=right) if type(op) in OPERATORS:
                return f"({self.expression(left)} {OPERATORS[type(op)]} {self.expression(right)})"
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in self.known:
                return f"{self.known[name]}({', '.join(self.expression(arg) for arg in args)})"
        raise self.error(node)

    def error(self, node: ast.AST) -> Untranslatable:
        line = self.first + node.lineno - 1
        return Untranslatable(f"{self.file}:{line}: {self.name} cannot be translated: {ast.unparse(node)}")


def _is_docstring(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)
