"""Is there, for every small thing that could be wrong in optimlib, a test that fails? (``make mutants``)

Each mutant is written into a copy of the package, and the tests are run there until one fails. It is run in a
fork of a process that has numpy and the like loaded already. Whatever survives must be in ``survivors.toml``,
with the reason why it is no mistake; what is listed there is not run again, but for ``--all``.
``python -m tests.mutants steps rules`` takes these modules only, and ``--changed`` those that are not as they were, with
their tests, when all their mutants were last run: ``killed.json`` says how that was.
"""

from __future__ import annotations

import argparse
import ast
import collections
import dataclasses
import gc
import hashlib
import json
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "_build" / "mutants"
sys.path.append(str(BUILD / "packages"))  # behind .venv's own

import hypothesis  # noqa: E402
import hypothesis.extra.numpy  # noqa: E402  (what the tests import, loaded once for all forks)
import IPython.display  # noqa: E402, F401
import matplotlib.pyplot  # noqa: E402, F401
import pytest  # noqa: E402
import sympy  # noqa: E402, F401

from tests.mutants.mutate import Mutant, mutants  # noqa: E402

# Which tests are asked about a module, the nearest first, until another has killed more in a function. None needs a browser, a notebook or the site.
ASKED = {
    "steps": ["test_steps.py", "test_rules.py"],
    "rules": ["test_rules.py", "test_steps.py", "test_descend.py", "test_plots.py", "test_checks.py"],
    "descend": ["test_descend.py", "test_rules.py"],
    "divergence": ["test_descend.py"],
    "gradients": ["test_descend.py", "test_rules.py"],
    "flat": ["test_descend.py"],
    "path": ["test_path.py", "test_descend.py", "test_surfaces.py"],
    "surfaces": ["test_surfaces.py", "test_descend.py"],
    "checks": ["test_checks.py", "test_rules.py", "test_descend.py"],
    "rates": [
        "test_translate.py::test_rate_in_javascript_and_from_the_matrix",
        "test_translate.py::test_reach_in_javascript_and_from_the_rate",
    ],
    "unroll": ["test_unroll.py"],
    "digits": ["test_digits.py"],
    "network": ["test_network.py"],
    "practice": ["test_practice.py"],
    "translate.parse": ["test_translate.py"],
    "translate.javascript": ["test_translate.py"],
    "translate.in_place": ["test_in_place.py", "test_descend.py"],
}
KILLED = Path(__file__).with_name("killed.json")
ENOUGH = 0.95  # of the mutants are to be killed
PATIENCE = 120  # seconds of computing for one file of tests, however busy the machine; the slowest takes a tenth
MEMORY = 4 << 30


class Ask:
    """A pytest plugin: asks in a given order, and tells the first that fails, or how quick they were if none does."""

    def __init__(self, first: list[str], tell: int) -> None:
        self.first, self.tell, self.seconds = first, tell, collections.Counter()

    def pytest_collection_modifyitems(self, items: list) -> None:
        places = {name: i for i, name in reversed([*enumerate(self.first)])}
        items.sort(key=lambda item: places.get(item.nodeid, len(places)))

    def pytest_collectreport(self, report) -> None:
        if report.failed:  # the module cannot even be imported
            os.write(self.tell, report.nodeid.encode())
            os._exit(pytest.ExitCode.TESTS_FAILED)

    def pytest_runtest_logreport(self, report) -> None:
        self.pytest_collectreport(report)
        self.seconds[report.nodeid] += report.duration

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if exitstatus == pytest.ExitCode.OK:
            os.write(self.tell, "\n".join(sorted(self.seconds, key=self.seconds.get)).encode())


def run_tests(folder: Path, tests: str, first: list[str]) -> tuple[str, list[str]]:
    """What becomes of the copy in ``folder``: killed, survived or timeout; by which test, or all, the quickest first."""
    read, tell = os.pipe()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        gc.disable()  # it lives for a second
        # A second is too long to tell the compiled file of one mutant from the next one's.
        sys.dont_write_bytecode = folder.name != "copy"
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        options = "-x -o addopts= -p no:cacheprovider -p _hypothesis_pytestplugin --hypothesis-profile=mutants"
        options += " -p no:unraisableexception"  # it collects garbage at the end, five times over
        os._exit(
            pytest.main([*options.split(), *(f"tests/{test}" for test in tests.split())], plugins=[Ask(first, tell)])
        )
    os.close(tell)
    with open(read, encoding="utf-8") as pipe:
        told = pipe.read().splitlines()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {0: "survived", -signal.SIGXCPU: "timeout"}.get(status, "killed"), told


QUICKEST: dict[str, list[str]] = {}  # first: most mutants fall at once, and some tests take a second


def without_a_mutant(tests: str) -> tuple[str, list[str]]:
    outcome, told = run_tests(BUILD / "copy", tests, [])
    if outcome != "survived":
        raise RuntimeError(f"{tests}: {outcome} without any mutant, by {told}")
    return tests, told


def folder_of_this_process() -> Path:
    folder = BUILD / f"copy-{os.getpid()}"
    if not folder.exists():
        shutil.copytree(BUILD / "copy", folder, ignore=lambda at, _: ["__pycache__"] if "optimlib" in at else [])
    return folder


KILLERS: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)


def fate(mutant: Mutant) -> tuple[Mutant, str, str]:
    folder = folder_of_this_process()
    file = Path("optimlib", *mutant.module.split(".")).with_suffix(".py")
    (folder / file).write_text(mutant.code, encoding="utf-8")
    near, far = KILLERS[f"{mutant.module}.{mutant.function}"], KILLERS[mutant.module]
    first = [name for name, _ in near.most_common() + far.most_common()]
    by = ""
    for tests in sorted(ASKED[mutant.module], key=lambda tests: -sum(n for name, n in near.items() if tests in name)):
        outcome, told = run_tests(folder, tests, first + QUICKEST[tests])
        if outcome != "survived":
            by = "".join(told)  # nothing, where time was up
            near[by] += 1
            far[by] += 1
            break
    shutil.copy(ROOT / file, folder / file)
    return dataclasses.replace(mutant, code=""), outcome, by


def mutants_of(modules: list[str]) -> list[Mutant]:
    files = {module: Path(ROOT, "optimlib", *module.split(".")).with_suffix(".py") for module in modules}
    return [mutant for module, file in files.items() for mutant in mutants(module, file.read_text(encoding="utf-8"))]


def listed_survivors() -> set[str]:
    reasons = tomllib.loads(Path(__file__).with_name("survivors.toml").read_text(encoding="utf-8"))["reason"]
    return {mutant for reason in reasons for mutant in reason["mutants"]}


def as_it_is(module: str) -> str:
    """A digest of a module and its tests, as code: comments and line breaks make no difference."""
    tests = {name.partition("::")[0] for names in ASKED[module] for name in names.split()}
    files = [
        Path(ROOT, "optimlib", *module.split(".")).with_suffix(".py"),
        *(ROOT / "tests" / name for name in sorted(tests)),
    ]
    code = "".join(ast.dump(ast.parse(file.read_text(encoding="utf-8"))) for file in files)
    return hashlib.sha256(code.encode()).hexdigest()[:16]


def prepare() -> None:
    """One copy of the package, from which each process takes its own."""
    for folder in BUILD.glob("copy*"):
        shutil.rmtree(folder)
    for part in ("optimlib", "tests"):
        shutil.copytree(ROOT / part, BUILD / "copy" / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", BUILD / "copy")
    os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "OPENBLAS_NUM_THREADS": "1"}
    # The book's profile (tests/conftest.py), but for the time that goes into finding the smallest example.
    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile("mutants", derandomize=True, deadline=None, database=None, phases=phases)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="module")
    parser.add_argument("--all", action="store_true", help="run what survivors.toml lists, too")
    parser.add_argument("--changed", action="store_true", help="only modules that changed, or whose tests did")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    killed = json.loads(KILLED.read_text(encoding="utf-8")) if KILLED.exists() else {}
    if asked.changed and (never := [name for name in ASKED if name not in killed]):
        print(f"NOT RUN, since all their mutants never were: {', '.join(never)}")
    asked.modules = asked.modules or (
        [name for name in killed if killed[name] != as_it_is(name)] if asked.changed else [*ASKED]
    )
    if unknown := [module for module in asked.modules if module not in ASKED]:
        parser.error(f"{', '.join(unknown)} is not among {', '.join(ASKED)}")

    if not asked.modules:
        print("No module has changed since all its mutants were run.")
        return 0

    start = time.monotonic()
    every, listed = mutants_of(asked.modules), listed_survivors()
    prepare()
    counts = {module: collections.Counter() for module in asked.modules}
    wrong = [f"is listed, but is no mutant: {name}" for name in sorted(listed - set(map(str, mutants_of(ASKED))))]
    well = set(asked.modules)
    to_run = []
    for mutant in every:
        run = asked.all or str(mutant) not in listed
        counts[mutant.module]["listed"] += not run
        to_run += [mutant] if run else []
    processes = multiprocessing.get_context("fork").Pool
    with processes(asked.processes) as pool:
        QUICKEST.update(
            pool.map(without_a_mutant, {tests: None for module in asked.modules for tests in ASKED[module]}, 1)
        )
    with processes(asked.processes) as pool:
        print(f"{time.monotonic() - start:4.0f} s  {len(every)} mutants, {len(to_run)} to run", flush=True)
        for mutant, outcome, by in pool.imap_unordered(fate, to_run):
            counts[mutant.module][outcome] += 1
            if (outcome == "survived") != (str(mutant) in listed):
                wrong.append(f"{outcome}{f' by {by}' if by else ', but is not listed'}: {mutant}")
                well.discard(mutant.module)
                print(f"{time.monotonic() - start:4.0f} s  {wrong[-1]}", flush=True)

    print("\nmodule            killed  timeout  survived  listed")
    for module, count in counts.items():
        print(f"{module:16}{count['killed']:8}{count['timeout']:9}{count['survived']:10}{count['listed']:8}")
    fallen = sum(count["killed"] + count["timeout"] for count in counts.values())
    print(f"\n{fallen} of {len(every)} killed ({fallen / len(every):.1%}) in {time.monotonic() - start:.0f} s")
    print(*wrong, sep="\n")
    if not asked.changed:  # which is for continuous integration, and leaves the tree as it is
        killed |= {name: as_it_is(name) for name in well}
        KILLED.write_text(
            json.dumps({name: killed[name] for name in ASKED if name in killed}, indent=1) + "\n", encoding="utf-8"
        )
    return int(bool(wrong) or fallen < ENOUGH * len(every))


if __name__ == "__main__":
    sys.exit(main())
