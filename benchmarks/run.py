"""`make bench`: every benchmark, one table. Writes _build/bench.json, and benchmarks/table.md for the book.

    python benchmarks/run.py            all of them
    python benchmarks/run.py peers      only those named
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / "_build"
PYTHONS = {"peers": BUILD / "peers" / "bin" / "python"}  # the others run in .venv, which runs this
BENCHMARKS = ("peers", "labs", "site", "grading")


def main(names: list[str]) -> None:
    file = BUILD / "bench.json"
    rows = json.loads(file.read_text()) if file.exists() else {}
    for name in names or BENCHMARKS:
        print(f"{name} ...", flush=True)
        command = [PYTHONS.get(name, sys.executable), HERE / f"{name}.py"]
        rows[name] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
        file.write_text(json.dumps(rows, indent=1))
        print(*(f"  {line(row)}" for row in rows[name]), sep="\n", flush=True)
    (HERE / "table.md").write_text(table(rows))


def line(row: dict) -> str:
    return f"{row['name']:75} {number(row['median']):>8} {row['unit']:8} {spread(row):18} {row['goal']:8} {verdict(row)}"


def table(rows: dict) -> str:
    """The rows with a goal, and those that are told without one, as Markdown."""
    lines = ["| What | Median | Middle half | Goal |", "|---|---|---|---|"]
    for row in (row for part in BENCHMARKS for row in rows.get(part, [])):
        goal = f"{row['goal'].replace('<=', 'at most').replace('>=', 'at least')}: {verdict(row)}" if row["goal"] else ""
        lines.append(f"| {row['name']} | {number(row['median'])} {row['unit']} | {spread(row)} | {goal} |")
    return "\n".join(lines) + "\n"


def spread(row: dict) -> str:
    low, high = map(number, row["quartiles"])
    return f"{low} to {high}" if low != high else ""


def verdict(row: dict) -> str:
    return {True: "met", False: "missed", None: ""}[row["met"]]


def number(x: float) -> str:
    return f"{x:.3g}" if x < 1000 else f"{x:.0f}"


if __name__ == "__main__":
    main(sys.argv[1:])
