"""The sentences for students: one table, ``sentences.toml``, over which a course may lay its own."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("sentences.toml")


class Sentences:
    """``say("lost.ended")`` gives a sentence by its place in the table, with words put in."""

    def __init__(self, *files: Path):
        self.table: dict[str, str] = {}
        for file in (TABLE, *files):
            if file.exists():
                self.table |= dict(_flat(tomllib.loads(file.read_text(encoding="utf-8"))))

    def __call__(self, place: str, **words: Any) -> str:
        return self.table[place].format_map(words)


class Said(Exception):
    """Something that a student is told, by a sentence of the table: ``why`` is its place, and what is put into it."""

    part: str

    def __init__(self, sentence: str, **words: Any):
        self.why = (f"{self.part}.{sentence}", words)
        super().__init__(say(self.why[0], **words))


def _flat(table: dict, before: str = ""):
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield before + key, value


def of(folder: Path) -> Sentences:
    """Those of a course, of which the masters lie in ``folder``."""
    return Sentences(folder / "sentences.toml")


say = Sentences()
