"""A new term: everything of the old one goes into a dated folder, and nothing is deleted.

python -m grading.term      what `make new-term` runs
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from grading import kept, masters

OF_A_TERM = ("source", "release", "submitted", "graded", "autograded", "feedback", "statistics.html", "course.toml")
AND = ("gradebook.db*", "grades*.csv", "feedback-*.zip")


def end(course: Path, now: datetime) -> Path | None:
    """Move all of a term into ``terms/<date>/``; None if there is nothing."""
    place = course / "terms" / f"{now:%Y-%m-%d-%H%M%S}"
    with kept.run_of(course):
        there = [course / name for name in OF_A_TERM] + [file for each in AND for file in sorted(course.glob(each))]
        there = [file for file in there if file.exists()]
        if not any(file.name != "graded" or any(file.glob("*/*")) for file in there):
            return None
        place.mkdir(parents=True)
        for file in there:
            file.rename(place / file.name)
        (course / "graded").mkdir()  # in which the lock ends
    return place


def main() -> None:
    try:
        place = end(masters.COURSE, datetime.now())
    except (kept.Busy, OSError) as error:
        sys.exit(str(error))
    print(f"The old term is in {place}. Now: make assignments" if place else "There is nothing of an old term here.")


if __name__ == "__main__":
    main()
