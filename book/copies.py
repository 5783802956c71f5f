"""The book tried in copies of itself, each in another environment, side by side."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from book.contents import copy_sources

Outcome = tuple[str, bool]  # what was said, and whether all is well


def tried(folder: Path, command: list[str], environment: dict[str, str]) -> Outcome:
    """How a command ends in a new copy: chapters write their figures, and nothing of ours may change."""
    shutil.rmtree(folder, ignore_errors=True)
    copy_sources(folder)
    return run(folder, command, environment)


def run(folder: Path, command: list[str], environment: dict[str, str]) -> Outcome:
    """The same in a folder that is there."""
    end = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    return end.stdout, end.returncode == 0


def failed(trials: dict[str, Callable[[], Outcome]]) -> list[str]:
    """Make all trials, print in turn what each said under its name, and return the names of those that failed."""
    wrong = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, (said, well) in zip(trials, pool.map(lambda trial: trial(), trials.values())):
            print(f"\n{name}\n{said}", flush=True)
            wrong += [] if well else [name]
    return wrong
