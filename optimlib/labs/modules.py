"""The browser's half of the labs, in ES modules, and how they become one script.

The modules stand in ``js/``; ``equations`` and ``marks`` are made here, from Python. They work as they are, and
joined: a page read from disk can import nothing.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

from optimlib import rates, rules, surfaces
from optimlib.divergence import TOO_FAR
from optimlib.labs import decayed, marks
from optimlib.labs.walks import to_walks
from optimlib.translate.javascript import to_javascript
from optimlib.translate.worked import to_worked

SURFACES = ("bowl", "rosenbrock", "saddle")
TRANSLATED = [
    *rules.equations(),
    *(getattr(surfaces, f"{name}_{part}") for name in SURFACES for part in ("f", "grad")),
    rates.momentum_rate,
    rates.momentum_reach,
    *decayed.RULES.values(),
    decayed.l2_minimum,
]

IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)
COMMENT = re.compile(r"^ *//.*\n", re.MULTILINE)
OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class Unjoinable(Exception):
    """Modules that cannot be joined: one sentence says which and why."""


@cache
def modules() -> dict[str, str]:
    """The text of each module, by name."""
    folder = files("optimlib.labs") / "js"
    own = [file for file in folder.iterdir() if file.name.endswith(".js")]
    texts = {file.name.removesuffix(".js"): file.read_text(encoding="utf-8") for file in own}
    texts |= {"equations": equations(), "worked": worked(), "marks": marks.module()}
    worker = joined('import { answer } from "./worker.js";\n', texts)
    worker += "onmessage = ({ data }) => postMessage(answer(data));\n"
    return texts | {"background": f"export const script = {json.dumps(worker, ensure_ascii=False)};\n"}


def equations() -> str:
    """The module of what is translated: averages, rules, surfaces and rates."""
    entrywise = [rule.equation for rule in rules.RULES.values() if rule.entrywise]
    text = re.sub(r"^function ", "export function ", to_javascript(TRANSLATED), flags=re.MULTILINE)
    loops, looped = to_walks([*entrywise, *decayed.RULES.values()])
    walks = ", ".join(f"[{name}, walk_{name}]" for name in looped)
    by_name = ", ".join([*(name for name, rule in rules.RULES.items() if rule.entrywise), *decayed.RULES])
    grounds = ", ".join(f"{name}: {{ f: {name}_f, grad: {name}_grad }}" for name in SURFACES)
    return f"{text}\n{loops}\nexport const walks = new Map([{walks}]);\nexport const rules = {{ {by_name} }};\nexport const surfaces = {{ {grounds} }};\nexport const TOO_FAR = {TOO_FAR};\n"


def worked() -> str:
    """The module of a step worked out in numbers."""
    own = (rule.equation for rule in rules.RULES.values() if rule.entrywise)
    text, names = to_worked([*own, *decayed.RULES.values()])
    return f'import {{ number }} from "./numbers.js";\n{text}\nexport const worked = {{ {", ".join(names)} }};\n'


def joined(entry: str, texts: dict[str, str]) -> str:
    """``entry`` as a script that imports nothing: each module before those that import it.

    A module becomes a function, called once, that returns what it exports: so each keeps its names to itself.
    Lines that are comments are left out: a page carries the script.
    Understood are ``import { a, b } from "./module.js";`` and ``export`` before a function, class or const.
    Raises Unjoinable for anything else, for what is not there, and for modules that import each other.
    """
    exports: dict[str, list[str]] = {}
    scripts: list[str] = []

    def include(name: str, importers: tuple[str, ...]) -> None:
        if name in importers:
            circle = [*importers[importers.index(name) :], name]
            raise Unjoinable(f"modules import each other: {' <- '.join(circle)}")
        if name in exports:
            return
        if name not in texts:
            raise Unjoinable(f"{importers[-1]}.js imports ./{name}.js, which there is not")
        text = without_imports(name, COMMENT.sub("", texts[name]), importers)
        exports[name] = EXPORT.findall(text)
        text = EXPORT.sub("", text)
        if other := OTHER.search(text):
            raise Unjoinable(f"{name}.js has a line that cannot be joined: {other.group()}")
        scripts.append(f"const ${name} = (() => {{\n{text}return {{ {', '.join(exports[name])} }};\n}})();\n")

    def without_imports(name: str, text: str, importers: tuple[str, ...]) -> str:
        def taken(line: re.Match) -> str:
            names, module = [part.strip() for part in line[1].split(",") if part.strip()], line[2]
            include(module, (*importers, name))
            for wanted in names:
                if wanted not in exports[module]:
                    raise Unjoinable(f"{name}.js imports {wanted}, which {module}.js does not export")
            return f"const {{ {', '.join(names)} }} = ${module};\n"

        return IMPORT.sub(taken, text)

    last = without_imports("entry", entry, ())
    return "\n".join([*scripts, last])
