"""The equations as JavaScript: the browser runs what is written here, so they are typed once, in Python.

A parameter stays one; keywords become an object: ``adam(w, dw, memory, { lr: 0.1 })``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from optimlib.translate.parse import Assign, Binary, Call, Expression, Function, Minus, Name, Number, Tuple, parse

BUILT_IN = {"sqrt": "Math.sqrt", "abs": "Math.abs", "maximum": "Math.max", "sign": "Math.sign"}
# NumPy squares by multiplying; Math.pow may differ in the last bit
PRELUDE = "const square = (x) => x * x;\n"


def to_javascript(functions: Iterable[Callable]) -> str:
    """JavaScript for the functions, in their order: each may call those before it."""
    known: dict[str, Function] = {}
    for function in functions:
        known[function.__name__] = parse(function, known)
    return "\n".join([PRELUDE, *map(_function, known.values())])


def _function(function: Function) -> str:
    assigned = {name for name, _ in function.parameters + function.keywords}
    lines = [line for assign in function.body for line in assignment(assign, assigned)]
    body = "".join(f"  {line};\n" for line in [*lines, f"return {expression(function.result)}"])
    return f"function {function.name}({head(function)}) {{\n{body}}}\n"


def head(function: Function) -> str:
    """What stands between the brackets of a function."""
    heads = [_parameter(*parameter) for parameter in function.parameters]
    if function.keywords:
        heads.append("{ " + ", ".join(_parameter(*keyword) for keyword in function.keywords) + " } = {}")
    return ", ".join(heads)


def _parameter(name: str, default: Expression | None) -> str:
    return name if default is None else f"{name} = {expression(default)}"


def assignment(assign: Assign, assigned: set[str]) -> Iterable[str]:
    """The assignment, with a declaration of the names that are new; they are added to ``assigned``."""
    names = [assign.names] if isinstance(assign.names, str) else assign.names
    new = [name for name in names if name not in assigned]
    assigned.update(new)
    target = assign.names if isinstance(assign.names, str) else f"[{', '.join(names)}]"
    if new and len(new) < len(names):  # `let` declares all names of a pattern or none
        yield f"let {', '.join(new)}"
        new = []
    yield f"{'let ' if new else ''}{target} = {expression(assign.value)}"


def expression(node: Expression) -> str:
    """The expression as JavaScript."""
    match node:
        case Number(value):
            return repr(value)
        case Name(name):
            return name
        case Tuple(parts):
            return f"[{_list(parts)}]"
        case Minus(operand):
            return f"(-{expression(operand)})"
        case Binary("**", left, Number(2)):
            return f"square({expression(left)})"
        case Binary("**", left, right):
            return f"Math.pow({_list([left, right])})"
        case Binary(operator, left, right):
            return f"({expression(left)} {operator} {expression(right)})"
        case Call(name, arguments, keywords):
            named = [f"{{ {', '.join(f'{key}: {expression(value)}' for key, value in keywords)} }}"] if keywords else []
            return f"{BUILT_IN.get(name, name)}({', '.join([*map(expression, arguments), *named])})"


def _list(nodes: Iterable[Expression]) -> str:
    return ", ".join(map(expression, nodes))
