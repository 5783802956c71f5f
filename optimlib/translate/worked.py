"""A step worked out in numbers: JavaScript that tells each line of a rule with the numbers of one step put in.

Of ``v = ewma(v, dw, beta1)`` it tells ``["v", "0.9 · 2 + (1 − 0.9) · (−1)", 1.7]``: what a function returns in one
line is written out, so that the reader sees the terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from optimlib.translate.javascript import PRELUDE, assignment, expression, head
from optimlib.translate.parse import Assign, Binary, Call, Expression, Function, Minus, Name, Number, Tuple, parse_whole

SIGNS = {"+": " + ", "-": " − ", "*": " · ", "/": " / ", "**": "^"}
BINDS = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 4}  # how firmly; a sign binds 3, a number or a name 5
WORDS = {"sqrt": "√", "abs": "abs", "maximum": "max", "sign": "sign"}


def to_worked(rules: Iterable[Callable]) -> tuple[str, list[str]]:
    """JavaScript for the rules, and their names: each takes what the rule takes, and returns a row for each line.

    A rule that hands on to another, as AdamW does to Adam, tells what it changes, "w′" say, and then the lines of the other.
    """
    trees = {rule.__name__: parse_whole(rule) for rule in rules}
    made = "\n".join(_function(name, known) for name, known in trees.items())
    said = "const said = (x) => (x < 0 ? `(${number(x)})` : number(x)).replaceAll('-', '−');\n"
    said += "const base = (x) => (/[⁰¹²³⁴-⁹]$/.test(number(x)) && x > 0 ? `(${said(x)})` : said(x)); // of a square: 10⁻⁸² is another number"
    return f"{PRELUDE}{said}\n\n{made}", [*trees]


def _function(name: str, known: Mapping[str, Function]) -> str:
    rule = handed_on(known[name], known)
    assigned = {parameter for parameter, _ in rule.parameters + rule.keywords}
    (w, _), (dw, _), *_ = rule.parameters
    lines = []
    for assign in rule.body:
        value = written_out(assign.value, known)
        if isinstance(assign.names, str):
            if assign.names not in assigned:
                lines.append(f"let {assign.names}")
                assigned.add(assign.names)
            told = f"{assign.names}′" if assign.names in (w, dw) else assign.names
            lines.append(_row(told, value, f"{assign.names} = {expression(value)}"))
        else:
            lines += assignment(Assign(assign.names, value), assigned)
    result = written_out(rule.result.parts[0] if isinstance(rule.result, Tuple) else rule.result, known)
    lines.append(_row(rule.parameters[0][0], result, expression(result)))
    body = "".join(f"  {line};\n" for line in ["const rows = []", *lines, "return rows"])
    return f"function {name}({head(rule)}) {{\n{body}}}\n"


def handed_on(rule: Function, known: Mapping[str, Function]) -> Function:
    """The rule; or, of one that changes ``w`` or ``dw`` and hands on to another, that change and the lines of the other."""
    if not isinstance(rule.result, Call):
        return rule
    other = known[rule.result.function]
    given = zip(other.parameters, rule.result.arguments)
    changes = tuple(Assign(name, value) for (name, _), value in given if value != Name(name))
    return replace(rule, body=changes + other.body, result=other.result)


def _row(name: str, value: Expression, computed: str) -> str:
    """The words come first: they tell the numbers from before the line."""
    return f'rows.push(["{name}", `{_words(value)}`, {computed}])'


def written_out(node: Expression, known: Mapping[str, Function], given: Mapping[str, Expression] | None = None):
    """The expression with every call of a function of one line replaced by that line, and names by what is given."""
    given = given or {}

    def go(part: Expression) -> Expression:
        return written_out(part, known, given)

    match node:
        case Name(name):
            return given.get(name, node)
        case Minus(operand):
            return Minus(go(operand))
        case Binary(operator, left, right):
            return Binary(operator, go(left), go(right))
        case Tuple(parts):
            return Tuple(tuple(map(go, parts)))
        case Call(name, arguments, keywords) if name in known and not known[name].body and not keywords:
            names = [parameter for parameter, _ in known[name].parameters]
            return written_out(known[name].result, known, dict(zip(names, map(go, arguments))))
        case Call(name, arguments, keywords):
            return Call(name, tuple(map(go, arguments)), tuple((key, go(value)) for key, value in keywords))
    return node


def _words(node: Expression, around: int = 0) -> str:
    """The inside of a template literal: the expression with numbers in place of names."""
    match node:
        case Number(value):
            return repr(value)
        case Name(name):
            return f"${{said({name})}}"
        case Minus(operand):
            return _bracketed(f"−{_words(operand, 3)}", 3, around)
        case Binary("**", Name(name), Number(2)):
            return f"${{base({name})}}²"
        case Binary("**", left, Number(2)):
            return f"{_words(left, 5)}²"
        case Binary(operator, left, right):
            firm = BINDS[operator]
            text = f"{_words(left, firm)}{SIGNS[operator]}{_words(right, firm + (operator in '-/**'))}"
            return _bracketed(text, firm, around)
        case Call(name, arguments, _):
            return f"{WORDS.get(name, name)}({', '.join(map(_words, arguments))})"
    return ""


def _bracketed(text: str, firm: int, around: int) -> str:
    return f"({text})" if firm < around else text
