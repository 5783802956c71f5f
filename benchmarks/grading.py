"""Time to grade submissions of one assignment: 100 here, also as a share of the bare start-up of as many Jupyter kernels;
and 1 000 by one and by two workers of a dask cluster, of one core each.

`make assignments` installs what it needs. The submissions are the master's own solutions.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from pathlib import Path

from jupyter_client.manager import start_new_kernel

from benchmarks.measure import row, seconds
from benchmarks.workers import workers
from grading import grade, masters, release

NAME, COUNT, MANY, KERNELS = "1-gradient-descent", 100, 1_000, 5


def kernel_start() -> None:
    """From the start of an ipykernel to its first answer, nothing imported."""
    manager, client = start_new_kernel(kernel_name="python3")
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def graded(count: int, executor=None) -> float:
    """The seconds for so many submissions, of which each must get all its points."""
    with tempfile.TemporaryDirectory() as folder:
        course, submitted = Path(folder, "course"), Path(folder, "submitted")
        (course / "wrong").mkdir(parents=True)
        for file in (f"{NAME}.md", f"wrong/{NAME}.py", "nbgrader_config.py"):
            shutil.copy(masters.COURSE / file, course / file)
        release.release(course)
        for i in range(count):
            (submitted / f"student {i}").mkdir(parents=True)
            shutil.copy(course / "source" / NAME / f"{NAME}.ipynb", submitted / f"student {i}")
        rows = []
        whole = seconds(lambda: rows.extend(grade.grade(course, submitted, executor=executor, say=lambda _: None)))
    full = sum(cell.points for cell in masters.read(masters.COURSE / f"{NAME}.md").of("check"))
    assert [row["auto points"] for row in rows] == [f"{full:g}"] * count
    return whole


def by_workers(count: int) -> float:
    """The seconds for many, by so many workers of one core each."""
    with workers(*[os.environ["PATH"]] * count) as (scheduler, _), grade.cluster(scheduler) as executor:
        return graded(MANY, executor)


def rows() -> list[dict]:
    whole, kernel = graded(COUNT), min(seconds(kernel_start) for _ in range(KERNELS))
    cores = len(os.sched_getaffinity(0))
    one, two = by_workers(1), by_workers(2)
    return [
        row(f"grading {COUNT} submissions, everything included", [whole], "<= 30", "s"),
        row("a core's time for one submission / the start of a bare kernel", [whole * cores / COUNT / kernel]),
        row(f"grading {MANY} submissions by 1 worker of one core", [one], unit="s"),
        row(f"grading {MANY} submissions by 2 workers of one core each", [two], unit="s"),
        row("slope of speed over workers, 1 to 2 (1 is twice as fast)", [math.log2(one / two)], unit=""),
    ]


if __name__ == "__main__":
    print(json.dumps(rows()))
