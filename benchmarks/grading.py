"""Time to grade 100 submissions of one assignment, also as a share of the bare start-up of as many Jupyter kernels.

python benchmarks/grading.py            the first assignment
python benchmarks/grading.py --json F   the same, written to F

`make assignments` installs what it needs. The submissions are the master's own solutions.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from jupyter_client.manager import start_new_kernel

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from assignments.grading import grade, masters, release  # noqa: E402

KERNELS = 5


def kernel_seconds() -> float:
    """From the start of an ipykernel to its first answer, nothing imported; the best of a few."""
    times = []
    for _ in range(KERNELS):
        start = time.perf_counter()
        manager, client = start_new_kernel(kernel_name="python3")
        times.append(time.perf_counter() - start)
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return min(times)


def measure(name: str, count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        course, submitted = Path(folder, "course"), Path(folder, "submitted")
        course.mkdir()
        for file in (f"{name}.md", "nbgrader_config.py"):
            shutil.copy(masters.COURSE / file, course)
        release.release(course)
        for i in range(count):
            (submitted / f"student {i}").mkdir(parents=True)
            shutil.copy(course / "source" / name / f"{name}.ipynb", submitted / f"student {i}")
        start = time.perf_counter()
        rows = grade.grade(course, submitted, say=lambda _: None)
        seconds = time.perf_counter() - start
    points = {row["auto points"] for row in rows}
    assert len(rows) == count and points == {f"{sum(cell.points for cell in master_checks(name)):g}"}, points
    kernel = kernel_seconds()
    cores = len(os.sched_getaffinity(0))
    return {"submissions": count, "seconds": seconds, "seconds_each": seconds / count, "cores": cores,
            "kernel_seconds": kernel, "share_of_kernel": seconds * cores / count / kernel}  # fmt: skip


def master_checks(name: str) -> list[masters.Cell]:
    return masters.read(masters.COURSE / f"{name}.md").of("check")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--assignment", default="1-gradient-descent")
    arguments = parser.parse_args()
    found = measure(arguments.assignment, arguments.count)
    print("{submissions} submissions in {seconds:.1f} s on {cores} cores: {seconds_each:.2f} s each, everything included.\n"
          "One core spends on one submission {share_of_kernel:.2f} times what a bare kernel takes to start ({kernel_seconds:.2f} s)."
          .format(**found))  # fmt: skip
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))
