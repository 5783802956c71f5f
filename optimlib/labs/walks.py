"""Whole runs as JavaScript, for maps of many thousand: a rule's lines for W and for b in one loop that makes no objects.

Each line computes what the rule itself does, in the same order, so a run is the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from optimlib.translate.javascript import expression, head
from optimlib.translate.parse import Expression, Function, Name, Tuple, parse_whole
from optimlib.translate.worked import handed_on, written_out


def to_walks(rules: Iterable[Callable]) -> tuple[str, list[str]]:
    """JavaScript for the rules, and their names: ``walk_adam(grad, Ws, bs, { lr })`` fills both arrays from their first place on.

    It ends where a place is not finite.
    """
    trees = {rule.__name__: parse_whole(rule) for rule in rules}
    return "\n".join(_walk(handed_on(known[name], known), known) for name, known in trees.items()), [*trees]


def _walk(rule: Function, known: Mapping[str, Function]) -> str:
    (w, _), (dw, _), (memory, begins) = rule.parameters
    kept: tuple[str, ...] = ()  # what the memory holds, by name
    lines: list[tuple[str, Expression]] = []
    for assign in rule.body:
        if isinstance(assign.names, str):
            lines.append((assign.names, written_out(assign.value, known)))
        else:
            kept = assign.names
    assert isinstance(rule.result, Tuple)
    place, left = rule.result.parts
    after = dict(zip(kept, left.parts)) if isinstance(left, Tuple) else {}
    after = {name: written_out(value, known) for name, value in after.items() if value != Name(name)}
    lines += [(f"next_{name}", value) for name, value in after.items()]  # from what was before the step
    lines += [(w, written_out(place, known)), *((name, Name(f"next_{name}")) for name in after)]

    two = _of_both({w, dw}, lines)
    one = dict.fromkeys(name for name in (*kept, *(name for name, _ in lines)) if name not in two)
    first = dict(zip(kept, map(expression, begins.parts))) if isinstance(begins, Tuple) else {}
    declared = [f"{name} = {first.get(name, 0)}" for name in one]
    body = [f"const slope = grad({w}_W, {w}_b)"]
    body += [f"{name} = {expression(value)}" for name, value in lines if name in one]
    for letter, part in zip("Wb", (0, 1)):
        named = {name: Name(f"{name}_{letter}") for name in two}
        mine = [f"{name}_{letter} = {first.get(name, 0)}" for name in sorted(two - {w, dw})]
        declared += [f"{w}_{letter} = {letter}s[0]", f"{dw}_{letter}", *mine]
        body.append(f"{dw}_{letter} = slope[{part}]")
        body += [
            f"{name}_{letter} = {expression(written_out(value, known, named))}" for name, value in lines if name in two
        ]
        body.append(f"{letter}s[step] = {w}_{letter}")
    body.append(f"if (!(Number.isFinite({w}_W) && Number.isFinite({w}_b))) return")
    keywords = head(Function(rule.name, (), rule.keywords, (), rule.result))
    return (
        f"function walk_{rule.name}(grad, Ws, bs, {keywords}) {{\n  let {', '.join(declared)};\n"
        f"  for (let step = 1; step < Ws.length; step++) {{\n{''.join(f'    {line};{chr(10)}' for line in body)}  }}\n}}\n"
    )


def _of_both(names: set[str], lines: list[tuple[str, Expression]]) -> set[str]:
    """The names that W and b have each for themselves: these, and what is computed from them. The number of the step is one."""
    more = {name for name, value in lines if written_out(value, {}, dict.fromkeys(names, Tuple(()))) != value}
    return names if more <= names else _of_both(names | more, lines)
