"""Time to grade 100 submissions of one assignment, also as a share of the bare start-up of as many Jupyter kernels.

`make assignments` installs what it needs. The submissions are the master's own solutions.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

from jupyter_client.manager import start_new_kernel

from benchmarks.measure import row, seconds
from grading import grade, masters, release

NAME, COUNT, KERNELS = "1-gradient-descent", 100, 5


def kernel_start() -> None:
    """From the start of an ipykernel to its first answer, nothing imported."""
    manager, client = start_new_kernel(kernel_name="python3")
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def hundred() -> list[dict]:
    with tempfile.TemporaryDirectory() as folder:
        course, submitted = Path(folder, "course"), Path(folder, "submitted")
        (course / "wrong").mkdir(parents=True)
        for file in (f"{NAME}.md", f"wrong/{NAME}.py", "nbgrader_config.py"):
            shutil.copy(masters.COURSE / file, course / file)
        release.release(course)
        for i in range(COUNT):
            (submitted / f"student {i}").mkdir(parents=True)
            shutil.copy(course / "source" / NAME / f"{NAME}.ipynb", submitted / f"student {i}")
        rows = []
        whole = seconds(lambda: rows.extend(grade.grade(course, submitted, say=lambda _: None)))
    full = sum(cell.points for cell in masters.read(masters.COURSE / f"{NAME}.md").of("check"))
    assert [row["auto points"] for row in rows] == [f"{full:g}"] * COUNT
    kernel = min(seconds(kernel_start) for _ in range(KERNELS))
    cores = len(os.sched_getaffinity(0))
    return [
        row(f"grading {COUNT} submissions, everything included", [whole], "<= 30", "s"),
        row("a core's time for one submission / the start of a bare kernel", [whole * cores / COUNT / kernel]),
    ]


if __name__ == "__main__":
    print(json.dumps(hundred()))
