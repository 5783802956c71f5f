"""Does the book print and draw the same on the processors that this machine can play? (``make check-processors``)

First the chapters are shaken (tests/processors/shaken.py), which finds a fragile number with no other processor at
hand. Then chapters, figures and what computes are tested as on a processor without AVX-512, and on one without AVX2:
NumPy is told which vector instructions to leave alone, OpenBLAS whose kernels to use. On this one, `make test` does it.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from functools import partial

from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from book import copies
from book.contents import ROOT

PLACE = ROOT / "_build" / "processors"
TESTS = ["test_steps", "test_rules", "test_descend", "test_surfaces", "test_digits", "test_claims", "test_figures"]


def played() -> tuple[dict[str, dict[str, str]], list[str]]:
    """The processors that can be played, each with its environment, and sentences on those that cannot."""
    has = [feature for feature in __cpu_dispatch__ if __cpu_features__[feature]]
    wide = [feature for feature in has if feature == "X86_V4" or feature.startswith("AVX512")]
    kinds, missing = {}, []
    if platform.machine() not in ("x86_64", "AMD64"):
        return kinds, [f"on {platform.machine()} no other processor can be played: Haswell and Prescott are not tried"]
    if not any(__cpu_features__.get(feature) for feature in ("X86_V3", "AVX2")):
        missing.append("this processor has no AVX2: Haswell is not tried")
    elif not wide:
        missing.append("this processor has no AVX-512: it is itself like a Haswell, and AVX-512 is not tried")
    else:
        kinds["Haswell, without AVX-512"] = {"OPENBLAS_CORETYPE": "Haswell", "NPY_DISABLE_CPU_FEATURES": " ".join(wide)}
    kinds["Prescott, without AVX2"] = {"OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": " ".join(has)}
    return kinds, missing


def tried(name: str, environment: dict[str, str]) -> copies.Outcome:
    """What the tests say on this processor, and whether all is well."""
    folder = PLACE / name.split(",")[0].replace(" ", "-")
    options = ["--hypothesis-profile", "quick", "-m", "not slow"]
    command = [sys.executable, "-m", "pytest", *options, *(f"tests/{test}.py" for test in TESTS), "chapters"]
    return copies.tried(folder, command, {"PYTHONPATH": str(folder), "OPENBLAS_NUM_THREADS": "1"} | environment)


def main() -> None:
    shaken = [sys.executable, "-m", "tests.processors.shaken", "--times", "3"]
    fragile = subprocess.run(shaken, cwd=ROOT, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}).returncode
    kinds, missing = played()
    failed = copies.failed({name: partial(tried, name, environment) for name, environment in kinds.items()})
    print(*(f"NOT TRIED: {sentence}" for sentence in missing), sep="\n")
    if fragile or failed:
        sys.exit("Failed: " + "; ".join(["the shaken run"] * bool(fragile) + failed))


if __name__ == "__main__":
    main()
