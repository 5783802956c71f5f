"""Feedback, laid out so that it goes back where the notebooks came from: plain pages, nbgrader's exchange, Moodle, Canvas."""

from __future__ import annotations

import io
import re
import zipfile
from collections import defaultdict
from pathlib import Path

from grading import kept


def page_of(course: Path, result: dict) -> Path:
    return _folder(course, result) / f"{result['assignment']}.html"


def put(course: Path, result: dict, page: str) -> None:
    """Write a page; and if nbgrader collected the notebook, what `nbgrader release_feedback` looks for beside it."""
    kept.put(page_of(course, result), page)
    if exchange := result.get("exchange"):
        kept.put(_folder(course, result) / f"{Path(result['file']).stem}.html", page)
        for name, text in exchange.items():
            kept.put(_folder(course, result) / name, text)


def zips(course: Path, results: list[dict]) -> list[Path]:
    """A zip for each platform and assignment, as the platform's own upload of feedback takes it."""
    lots: dict[tuple[str, str], list[dict]] = defaultdict(list)
    for result in results:
        if result.get("platform") in PATHS and result.get("label"):
            lots[result["platform"], result["assignment"]].append(result)
    made = []
    for (platform, assignment), lot in sorted(lots.items()):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            for result in lot:
                if (page := page_of(course, result)).exists():
                    archive.writestr(PATHS[platform](result), page.read_bytes())
        made.append(course / f"feedback-{platform.lower()}-{assignment}.zip")
        kept.put(made[-1], data.getvalue())
    return made


def _moodle(result: dict) -> str:
    """The folder as it was exported; of a file without a folder, its name as it was, as a page."""
    label = result["label"]
    if re.search(r"_assignsubmission_[a-z]+_?$", label):
        return f"{label}/{result['assignment']}.html"
    return f"{Path(label).stem}.html"


def _canvas(result: dict) -> str:
    """The name as it was: Canvas looks for the numbers of the student and of the file that was handed in."""
    return f"{Path(result['label']).stem}.html"


PATHS = {"Moodle": _moodle, "Canvas": _canvas}


def _folder(course: Path, result: dict) -> Path:
    return course / "feedback" / result["student"] / result["assignment"]
