"""`make bench`: every benchmark, one table. Writes _build/bench.json, and benchmarks/table.md for the book.

python -m benchmarks.run            all of them
python -m benchmarks.run peers      only those named; the others stay in the table as they were
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / "_build"
PYTHONS = {"peers": BUILD / "peers" / "bin" / "python"}  # the others run in .venv, which runs this
BENCHMARKS = {
    "peers": "Beside other libraries, and how cost grows",
    "labs": "The labs",
    "site": "The pages, the films and the build",
    "live": "Python in the page",
    "grading": "Grading",
}


def main(names: list[str]) -> None:
    file = BUILD / "bench.json"
    rows = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    for name in names or BENCHMARKS:
        print(f"{name} ...", flush=True)
        command = [PYTHONS.get(name, sys.executable), "-m", f"benchmarks.{name}"]
        rows[name] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=HERE.parent).stdout)
        file.write_text(json.dumps(rows, indent=1), encoding="utf-8")
        print(*(f"  {line(row)}" for row in rows[name]), sep="\n", flush=True)
    written = HERE / "table.md"
    written.write_text(table(rows, parts(written.read_text(encoding="utf-8"))), encoding="utf-8")


def line(row: dict) -> str:
    return (
        f"{row['name']:75} {number(row['median']):>8} {row['unit']:8} {spread(row):18} {row['goal']:8} {verdict(row)}"
    )


def parts(table: str) -> dict[str, str]:
    """The parts of a table by their titles."""
    return {part.partition("\n")[0]: part.rstrip() for part in re.split("^### ", table, flags=re.MULTILINE)[1:]}


def table(rows: dict, before: dict[str, str]) -> str:
    """As Markdown. What is measured of several things has a row for each of them; a row has "thing: measure" for its name.
    A part that was not measured again is as it was before."""
    text = []
    for part, title in BENCHMARKS.items():
        if part not in rows:
            text += ["", f"### {before[title]}"] if title in before else []
            continue
        named = [(*row["name"].rpartition(": ")[::2], row) for row in rows[part]]
        times = Counter(measure for _, measure, _ in named)
        things, measures, alone = {}, {}, []
        for thing, measure, row in named:
            if times[measure] > 1:
                things.setdefault(thing.removeprefix("Lab: ").removeprefix("chapters/"), {})[measure] = row
                unit = "" if row["unit"] in ("times", *measure.split()) else row["unit"]
                measures[measure] = ", ".join(filter(None, (measure, unit, goal(row))))
            else:
                alone.append([row["name"], cell(row, row["unit"]), goal(row)])
        text += ["", f"### {title}"]
        if things:
            text += markdown(
                ["What", *measures.values()],
                [[thing, *(cell(own.get(m)) for m in measures)] for thing, own in things.items()],
            )
        if alone:
            text += markdown(["What", "Measured", "Goal"], alone)
    return "\n".join(text[1:]) + "\n"


def markdown(head: list[str], lines: list[list[str]]) -> list[str]:
    return ["", *(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *lines))]


def cell(row: dict | None, unit: str = "") -> str:
    if row is None:
        return ""
    measured = f"{number(row['median'])} {unit}".strip()
    return measured + (f" ({spread(row)})" if spread(row) else "") + (", **missed**" if row["met"] is False else "")


def goal(row: dict) -> str:
    return row["goal"].replace("<=", "at most").replace(">=", "at least")


def spread(row: dict) -> str:
    low, high = map(number, row["quartiles"])
    return f"{low} to {high}" if low != high else ""


def verdict(row: dict) -> str:
    return {True: "met", False: "missed", None: ""}[row["met"]]


def number(x: float) -> str:
    return f"{x:.3g}" if x < 1000 else f"{x:.0f}"


if __name__ == "__main__":
    main(sys.argv[1:])
