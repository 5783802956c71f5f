"""The equations as one NumPy loop that works in place: the same bits as the plain lines, in less time and memory.

What depends on settings alone, like 1 - beta1, is computed once, before the loop; what depends on the step as well, like
beta1**t, once in each step. Every operation on arrays writes into a buffer, and a buffer is used again as soon as no
line to come needs its numbers. Settings are Python's floats, or arrays of them, and are rounded where they meet ``w``.

``print(in_place(steps.adam).text)`` shows the loop of Adam.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from optimlib.translate.parse import Binary, Call, Expression, Function, Minus, Name, Number, Tuple, parse_whole

UFUNCS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power", "abs": "absolute"}


@dataclass(frozen=True)
class Setting:
    """A number or a grid of them: a name or a number in the text. It changes from step to step, or does not."""

    text: str
    changes: bool = False


@dataclass(frozen=True)
class Array:
    """Numbers like ``w``. Each result of an operation has a name of its own."""

    name: str


Value: TypeAlias = "Setting | Array | tuple[Value, ...]"


@dataclass(frozen=True)
class Operation:
    ufunc: str
    operands: tuple[Setting | Array, ...]
    result: Array


@dataclass(frozen=True)
class Loop:
    """``walk(path, look, gradient, look_at, **settings)`` fills the path, from its first row on.

    After every ``look`` steps it yields how many were taken and the arrays of the memory. A gradient that is no array
    like ``w`` goes through ``look_at``. Settings that are scheduled are functions of the step.
    """

    text: str
    walk: Callable[..., Iterator]


@cache
def in_place(rule: Callable, scheduled: frozenset[str] = frozenset()) -> Loop:
    """The loop of a rule, made when it is first asked for.

    ``scheduled`` are the keywords that change from step to step.
    """
    known = parse_whole(rule)
    function = known[rule.__name__]
    start = dict(function.parameters)["memory"]
    assert isinstance(start, Tuple)
    trace = _Trace(known, [False] * len(start.parts))
    while not trace.holds(function, scheduled):  # a value of the memory became an array: once more, knowing that
        trace = _Trace(known, trace.arrays)
    text = _text(trace, function, start, scheduled)
    names = {x.ufunc for x in trace.operations} | {"asarray", "empty", "full", "maximum", "ndarray", "sqrt"}
    made: dict[str, Any] = {name: getattr(np, name) for name in names} | {"laid": _laid}
    exec(compile(text, f"<the loop of {rule.__name__}>", "exec"), made)
    return Loop(text, made["walk"])


class _Trace:
    """What a rule does in one step, in the order of its lines; what is computed twice stands there once."""

    def __init__(self, known: dict[str, Function], arrays: list[bool]) -> None:
        self.known = known
        self.arrays = arrays  # which values of the memory are arrays
        self.settings: dict[Setting, str] = {}  # the name of what is computed of settings: its text
        self.operations: list[Operation] = []
        self.results: list[Any] = []  # the new w and the values of the new memory

    def holds(self, rule: Function, scheduled: frozenset[str]) -> bool:
        """Follow the rule, and say whether the memory came out as it went in, arrays as arrays."""
        memory = tuple(Array(f"m{i}") if array else Setting(f"m{i}", True) for i, array in enumerate(self.arrays))
        keywords = {name: Setting(name, name in scheduled) for name, _ in rule.keywords}
        w, memory = self.call(rule, [Array("before"), Array("dw"), memory], keywords)
        before, self.arrays = self.arrays, [isinstance(value, Array) for value in memory]
        for i, value in enumerate([w, *memory]):
            self.results.append(value if i > 0 and isinstance(value, Setting) else self.own(value))
        return self.arrays == before

    def own(self, value: Any) -> Array:
        """The value as a result that is nothing else: what was given, or is returned twice, is copied."""
        made = {operation.result for operation in self.operations} - {*self.results}
        return value if value in made else self.result("positive", (value,))

    def call(self, function: Function, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Any:
        local: dict[str, Value] = {name: value for (name, _), value in zip(function.parameters, arguments)}
        for name, default in function.keywords:
            local[name] = keywords[name] if name in keywords else self.value(default, local)
        for line in function.body:
            value: Any = self.value(line.value, local)
            local |= {line.names: value} if isinstance(line.names, str) else dict(zip(line.names, value, strict=True))
        return self.value(function.result, local)

    def value(self, node: Expression | None, local: Mapping[str, Value]) -> Value:
        match node:
            case Number(number):
                return Setting(repr(number))
            case Name(name):
                return local[name]
            case Tuple(parts):
                return tuple(self.value(part, local) for part in parts)
            case Minus(operand):
                return self.operation("negative", "-{}", self.value(operand, local))
            case Binary("**", left, Number(2)):  # as NumPy does
                return self.operation("square", "{} ** 2", self.value(left, local))
            case Binary(operator, left, right):
                both = self.value(left, local), self.value(right, local)
                return self.operation(UFUNCS[operator], f"{{}} {operator} {{}}", *both)
            case Call(name, arguments, keywords):
                values = [self.value(argument, local) for argument in arguments]
                if name in self.known:
                    return self.call(self.known[name], values, {key: self.value(x, local) for key, x in keywords})
                return self.operation(UFUNCS.get(name, name), f"{name}({', '.join(['{}'] * len(values))})", *values)
        raise TypeError(f"no value: {node}")

    def operation(self, ufunc: str, text: str, *operands: Any) -> Setting | Array:
        """What it results in: of settings a setting, of anything else an array."""
        if any(isinstance(x, Array) for x in operands):
            return self.result(ufunc, operands)
        text = text.format(*(x.text for x in operands))
        for setting, same in self.settings.items():
            if same == text:
                return setting
        setting = Setting(f"k{len(self.settings)}", any(x.changes for x in operands))
        self.settings[setting] = text
        return setting

    def result(self, ufunc: str, operands: tuple[Setting | Array, ...]) -> Array:
        for earlier in self.operations:
            if (earlier.ufunc, earlier.operands) == (ufunc, operands) and ufunc != "positive":
                return earlier.result
        self.operations.append(Operation(ufunc, operands, Array(f"x{len(self.operations)}")))
        return self.operations[-1].result


class _Buffers:
    """Which buffer holds which array. A buffer is given out again once its array is used for the last time."""

    def __init__(self, trace: _Trace) -> None:
        self.every = [f"m{i}" for i, array in enumerate(trace.arrays) if array]
        self.of = {name: name for name in self.every}  # the memory lies in buffers of its own names at first
        self.of |= {"before": "before", "dw": "dw", trace.results[0].name: "row"}  # and these in none of ours
        self.idle: list[str] = []

    def take(self, name: str) -> str:
        if name not in self.of:
            if not self.idle:
                self.every.append(f"b{len(self.every)}")
                self.idle.append(self.every[-1])
            self.of[name] = self.idle.pop()
        return self.of[name]

    def release(self, name: str) -> None:
        if self.of[name] in self.every:
            self.idle.append(self.of[name])


def _operations(trace: _Trace, buffers: _Buffers, number: Callable[[Setting], str]) -> Iterator[str]:
    """Each operation as a line, and its result in a buffer."""
    last_use = {x: i for i, operation in enumerate(trace.operations) for x in operation.operands}
    last_use |= dict.fromkeys(trace.results, len(trace.operations))
    for i, operation in enumerate(trace.operations):
        operands = [number(x) if isinstance(x, Setting) else buffers.of[x.name] for x in operation.operands]
        for x in dict.fromkeys(reversed(operation.operands)):  # the first of them is taken first
            if isinstance(x, Array) and last_use[x] == i:
                buffers.release(x.name)
        out = "out=" if operation.ufunc == "maximum" else ""  # NumPy wants it named there; elsewhere that takes longer
        yield f"{operation.ufunc}({', '.join([*operands, out + buffers.take(operation.result.name)])})"


def _text(trace: _Trace, rule: Function, start: Tuple, scheduled: frozenset[str]) -> str:
    fixed = [f"{setting.text} = {text}" for setting, text in trace.settings.items() if not setting.changes]
    changing = [f"{setting.text} = {text}" for setting, text in trace.settings.items() if setting.changes]
    rounded: dict[str, str] = {}  # settings as they meet arrays: arrays, too, which NumPy takes faster than numbers

    def number(x: Setting) -> str:
        return f"asarray({x.text}, dtype)" if x.changes else rounded.setdefault(x.text, f"c{len(rounded)}")

    buffers = _Buffers(trace)
    operations = [*_operations(trace, buffers, number)]
    values = {
        f"m{i}": x.text if isinstance(x, Setting) else buffers.of[x.name] for i, x in enumerate(trace.results[1:])
    }
    # Each value of the memory gets its own name again, and the buffers left get the names left.
    names = [*values, *buffers.every[sum(trace.arrays) :]]
    holders = [*values.values(), *(name for name in buffers.every if name not in values.values())]
    moves = {name: holder for name, holder in zip(names, holders, strict=True) if name != holder}
    numbers = [*map(_number, start.parts)]
    memory = [f"full(shape, {x}, dtype)" if array else x for x, array in zip(numbers, trace.arrays)]
    keywords = [name if default is None else f"{name}={_number(default)}" for name, default in rule.keywords]
    each = "row in rows[first : first + look]"
    if scheduled:
        each = "step, row in enumerate(rows[first : first + look], first)"
    lines = [
        f"def walk({', '.join(['path, look, gradient, look_at, *', *keywords])}):",
        "    dtype, shape, steps = path.dtype, path.shape[1:], len(path) - 1",
        *(f"    {name}_at = {name}" for name in sorted(scheduled)),
        *(f"    {line}" for line in fixed),
        *(f"    {name} = laid(asarray({text}, dtype), shape)" for text, name in rounded.items()),
        *(f"    {name} = {value}" for name, value in zip(values, memory, strict=True)),
        *(f"    {name} = empty(shape, dtype)" for name in names[len(values) :]),
        "    rows = path if shape else [path[step, ...] for step in range(steps + 1)]",
        "    before, w = rows[0], path[0, ...].copy()",
        "    for first in range(1, steps + 1, look):",
        f"        for {each}:",
        "            dw = gradient(w)",
        "            if type(dw) is not ndarray or dw.dtype is not dtype or dw.shape != shape:",
        "                dw = look_at(dw, before)",
        *(f"            {name} = {name}_at(step)" for name in sorted(scheduled)),
        *(f"            {line}" for line in [*changing, *operations]),
        *([f"            {', '.join(moves)} = {', '.join(moves.values())}"] if moves else []),
        "            before, w = row, row.copy()  # the gradient may write into what it is given",
        f"        yield min(first + look - 1, steps), [{', '.join(buffers.every[: sum(trace.arrays)])}]",
    ]
    return "\n".join(lines) + "\n"


def _laid(setting: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A grid of settings in the shape of ``w``: NumPy runs through arrays of one shape quicker. A number stays one."""
    return np.ascontiguousarray(np.broadcast_to(setting, shape)) if setting.ndim else setting


def _number(default: Expression) -> str:
    assert isinstance(default, Number)
    return repr(default.value)
