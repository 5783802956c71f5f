"""Which printed numbers would change on another processor? The chapters, run with the last bits left to chance.

    python -m tests.processors.shaken [--times 3] [--by 1e-14] [chapters/6-same-ground.ipynb ...]

IEEE 754 fixes + - * / and the root to the last bit, so every processor agrees on them. It does not fix powers,
exponentials, cosines and matrix products, which differ by vector width and library. Each of these that a chapter
or optimlib writes is multiplied here by 1 + by * (a random number in -1..1). A printed character that changes
hangs on the last bits: print fewer digits, or say what stands. With ``--by 0`` the chapters run as the processor computes.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import importlib.machinery
import importlib.util
import itertools
import multiprocessing
import os
import sys
import tempfile
import zlib
from pathlib import Path

import nbformat
import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

# Calls whose last bits differ between processors, as they are written: np.exp, rng.normal, np.linalg.eigh.
LOOSE = set(
    "exp expm1 log log2 log10 log1p cos sin tan arctan2 hypot power geomspace logspace dot vdot inner einsum norm "
    "eig eigvals eigh eigvalsh solve svd inv standard_normal normal".split()
)
SHAKEN_MODULES = [
    f"optimlib.{name}" for name in ("steps", "rates", "surfaces", "digits", "network", "descend", "figures", "unroll")
]
turn, by = 0, 1e-14  # which of the shaken runs this is, and how far it shakes: what is shaken reads both


def shaken(x):
    """``x`` with its last bits changed, the same for the same ``x`` in one run. Whole numbers are exact everywhere."""
    if isinstance(x, dict):
        return {name: shaken(part) for name, part in x.items()}
    if isinstance(x, tuple):
        return tuple(map(shaken, x))
    if not isinstance(x, float | np.floating | np.ndarray) or np.asarray(x).dtype.kind != "f":
        return x
    chance = np.random.default_rng([turn, zlib.crc32(np.asarray(x).tobytes())]).uniform(-1, 1, np.shape(x))
    y = np.where(x == np.round(x), x, x * (1 + by * chance)).astype(np.asarray(x).dtype)
    return y if isinstance(x, np.ndarray) else type(x)(y)


class Shaking(ast.NodeTransformer):
    """Puts ``shaken(...)`` around every power but a square, every matrix product and every loose call."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        square = isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant) and node.right.value == 2
        return _around(node) if isinstance(node.op, ast.Pow | ast.MatMult) and not square else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        return _around(node) if isinstance(node.func, ast.Attribute) and node.func.attr in LOOSE else node


def _around(node: ast.expr) -> ast.expr:
    return ast.fix_missing_locations(ast.copy_location(ast.Call(ast.Name("shaken", ast.Load()), [node], []), node))


class Loader(importlib.machinery.SourceFileLoader):
    """Compiles a module shaken; its file stays as it is, so that a chapter may show it."""

    def get_code(self, name: str):
        path = self.get_filename(name)
        return compile(Shaking().visit(ast.parse(self.get_data(path))), path, "exec")


class Finder:
    """Asked before any other where a module is."""

    @staticmethod
    def find_spec(name: str, path=None, target=None):
        if name not in SHAKEN_MODULES:
            return None
        file = str(Path(path[0], name.rpartition(".")[2] + ".py"))
        return importlib.util.spec_from_file_location(name, file, loader=Loader(name, file))


def prepare() -> None:
    """Import optimlib shaken. Pictures and films, which print their descriptions only, are not drawn."""
    builtins.shaken = shaken
    sys.meta_path.insert(0, Finder)
    from optimlib import figures, plots

    plots.svg_of = lambda figure, salt: "<svg >"
    figures._save_film = lambda *_: ("", "")
    figures.FOLDER = Path(tempfile.mkdtemp())


def printed(outputs: list) -> str:
    """What a cell shows, as text: what it prints, then its results."""
    text = "".join(output["text"] for output in outputs if output["output_type"] == "stream")
    data = [output["data"] for output in outputs if "data" in output]
    return text + "\n".join(part.get("text/latex", part.get("text/plain", "")) for part in data)


def run(file: Path, times: int) -> list[str]:
    """Run a notebook so often; a sentence for each line of a cell that did not print what is stored."""
    global turn
    cells = [
        (place, cell) for place, cell in enumerate(nbformat.read(file, as_version=4).cells) if cell.cell_type == "code"
    ]
    found = {}
    os.chdir(file.parent)
    for number in range(1, times + 1):
        turn = number
        InteractiveShell.clear_instance()
        shell, shaking = InteractiveShell.instance(), Shaking()
        shell.ast_transformers.append(shaking)
        for place, cell in cells:
            with capture_output() as seen:
                shell.display_trap.hook = sys.displayhook  # or run_cell would put one in its place that prints
                result = shell.run_cell(cell.source)
            if result.error_in_exec and "raises-exception" not in cell.metadata.get("tags", []):
                raise result.error_in_exec
            if shaking not in shell.ast_transformers:  # IPython drops one that fails, with a warning only
                raise RuntimeError(f"{file.name}, cell {place} could not be shaken")
            outputs = [{"output_type": "display_data", "data": output.data} for output in seen.outputs]
            got = printed([{"output_type": "stream", "text": seen.stdout}, *outputs])
            lines = itertools.zip_longest(
                printed(cell.outputs).strip().splitlines(), got.strip().splitlines(), fillvalue=""
            )
            for line, (stored, now) in enumerate(lines, 1):
                if stored != now:
                    found.setdefault((place, line, stored), []).append(now)
    return [
        f"{file.name}, cell {place}, line {line} hangs on the last bits:\n  stored  {stored}\n"
        + "\n".join(f"  shaken  {now}" for now in many)
        for (place, line, stored), many in found.items()
    ]


def main() -> None:
    global by
    asked = argparse.ArgumentParser(description="Run chapters with the last bits left to chance.")
    asked.add_argument("--times", type=int, default=3)
    asked.add_argument("--by", type=float, default=by)
    asked.add_argument("notebooks", nargs="*", type=Path)
    asked = asked.parse_args()
    by = asked.by
    files = [file.resolve() for file in asked.notebooks] or sorted(Path("chapters").resolve().glob("*.ipynb"))
    prepare()
    if len(files) == 1:
        fragile = [run(files[0], asked.times)]
    else:
        with multiprocessing.get_context("fork").Pool(len(os.sched_getaffinity(0)), maxtasksperchild=1) as pool:
            fragile = pool.starmap(run, [(file, asked.times) for file in files], chunksize=1)
    for file, lines in zip(files, fragile):
        print(
            f"{file.name}, shaken {asked.times} times by {by:g}: {len(lines)} fragile lines",
            *lines,
            sep="\n",
            flush=True,
        )
    sys.exit("A printed number hangs on the last bits of what processors disagree on." if any(fragile) else 0)


if __name__ == "__main__":
    main()
