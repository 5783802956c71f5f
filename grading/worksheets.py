"""A platform's own grade file, filled in: Moodle's grading worksheet, Canvas's gradebook; and a list of students of any kind.

What the importers want is read from the platforms' public source: Moodle's mod/assign/feedback/offline
(importgradeslib.php) finds three columns by their headers, in the language of the lecturer, and the participant by the
number at the end of the first; Canvas's app/models/gradebook_importer.rb finds students by ID and assignments by the
number in brackets. So nothing is changed but the cells of grades and comments.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from grading import kept
from grading.grades import final
from grading.platforms import Unclear, letters

IDENTIFIER = re.compile(r"\D+ ?(\d+)")
NUMBER = re.compile(r"\d+([.,]\d+)?")


@dataclass(frozen=True)
class Sheet:
    """A csv as it is: its lines, and how it was written."""

    file: Path
    lines: list[list[str]]
    delimiter: str
    marked: bool  # as UTF-8, at its beginning
    newline: str

    @property
    def is_canvas(self) -> bool:
        return len(self.lines) > 1 and [name.strip() for name in self.lines[0][:2]] == ["Student", "ID"]

    @property
    def is_moodle(self) -> bool:
        people = self.lines[1:]
        return bool(people) and all(line and IDENTIFIER.fullmatch(line[0]) for line in people)

    def written(self, lines: list[list[str]]) -> str:
        text = io.StringIO()
        csv.writer(text, delimiter=self.delimiter, lineterminator=self.newline).writerows(lines)
        return ("\ufeff" if self.marked else "") + text.getvalue()


@dataclass(frozen=True)
class Person:
    """A line of a list of students, by its place."""

    at: int
    name: str
    keys: frozenset[str]  # what may identify the person: numbers, names, addresses
    id: str = ""


@dataclass(frozen=True)
class Filled:
    """The file that was written, how many students have a grade in it, and who has none, and why."""

    file: Path
    count: int
    without: list[str]


def read(file: Path) -> Sheet:
    """ValueError if it is no csv in UTF-8."""
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(
            f"{file} is not in UTF-8: download it again as csv, and do not save it in a spreadsheet"
        ) from None
    marked, text = text.startswith("\ufeff"), text.removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    lines = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if line]
    if not lines:
        raise ValueError(f"{file} is empty")
    return Sheet(file, lines, delimiter, marked, "\r\n" if "\r\n" in text else "\n")


def people(sheet: Sheet) -> list[Person]:
    """Everyone in a list of students: of a platform's grade file, or of any csv with a name in its first columns."""
    found = []
    for at, line in enumerate(sheet.lines[1:], 1):
        if sheet.is_canvas and not line[1].strip():  # points, and other lines of Canvas's own
            continue
        own = line[1:5] if sheet.is_moodle else line[:4] if sheet.is_canvas else line[:6]
        names = [cell for cell in own if cell and not cell.strip().isdigit() and "@" not in cell]
        name = names[0] if names else line[0]
        keys = {_key(cell) for cell in own if cell.strip()} | {_words(cell) for cell in names}
        keys |= {_words(" ".join(names[:2]))} | {_key(cell.split("@")[0]) for cell in own if "@" in cell}
        ids = [cell for cell in own if cell.strip().isdigit()]
        if sheet.is_canvas:
            ids = [line[1]]
            keys |= {"canvas " + line[1].strip()}
        if sheet.is_moodle:
            ids = [line[0]]
            keys |= {"moodle " + line[0].rsplit(" ", 1)[-1]}
        found.append(Person(at, name.strip(), frozenset(keys - {"", "words "}), ids[0].strip() if ids else ""))
    return found


def match(rows: list[dict[str, str]], everyone: list[Person]) -> tuple[dict[tuple[str, str], Person], list[str]]:
    """Who each student is, by (student, id); and of whom that cannot be said, with the reason."""
    by_key: dict[str, list[Person]] = defaultdict(list)
    for person in everyone:
        for key in person.keys:
            by_key[key].append(person)
    found, doubts = {}, []
    for student, id in dict.fromkeys((row["student"], row["id"]) for row in rows):
        name = re.sub(rf"_{re.escape(id.rsplit(' ', 1)[-1])}$", "", student) if id else student
        sure = by_key.get(
            "moodle " + id.removeprefix("Participant ") if id.startswith("Participant ") else "canvas " + id, []
        )
        named = [person for key in (_key(name), _words(name), _key(id)) for person in by_key.get(key, [])]
        if sure and named and sure[0] not in named:
            named = sure = []  # one by the number, another by the name: it is another's file
        candidates = list(dict.fromkeys(sure or named))
        if len(candidates) == 1:
            found[student, id] = candidates[0]
        else:
            why = "several have this name" if candidates else "nobody has this name or number"
            doubts.append(f"{student} ({id}): {why}")
    return found, doubts


def fill(file: Path, rows: list[dict[str, str]]) -> Filled:
    """Fill in a platform's grade file, into a new one beside it; Unclear if it is none, or of which assignment it is."""
    sheet = read(file)
    if sheet.is_canvas:
        lines, count, without = _canvas(sheet, rows)
    elif sheet.is_moodle:
        lines, count, without = _moodle(sheet, rows)
    else:
        raise Unclear(f"{file} is neither Moodle's grading worksheet nor a gradebook exported from Canvas.")
    filled = file.with_name(f"{file.stem}-filled{file.suffix}")
    kept.put(filled, sheet.written(lines))
    return Filled(filled, count, without)


def _canvas(sheet: Sheet, rows: list[dict[str, str]]) -> tuple[list[list[str]], int, list[str]]:
    found, without = match(rows, people(sheet))
    lines, count = [[*line] for line in sheet.lines], 0
    for assignment in sorted({row["assignment"] for row in rows} - {""}):
        columns = [
            at
            for at, name in enumerate(sheet.lines[0])
            if (title := re.fullmatch(r"(.*) \(\d+\)", name.strip())) and letters(assignment) in letters(title[1])
        ]
        if len(columns) != 1:
            without.append(f"{assignment}: {'no column' if not columns else 'more than one column'} is called so")
            continue
        (column,) = columns
        most = next((line[column] for line in sheet.lines[1:4] if not line[1].strip() and _is_number(line, column)), "")
        for row in rows:
            person = found.get((row["student"], row["id"]))
            if row["assignment"] != assignment or not person:
                continue
            if why := _not_final(row):
                without.append(f"{row['student']}, {assignment}: {why}")
            else:
                lines[person.at][column] = _grade(row, most)
                count += 1
    return lines, count, without


def _moodle(sheet: Sheet, rows: list[dict[str, str]]) -> tuple[list[list[str]], int, list[str]]:
    most = _moodles_most(sheet)
    assignment = _moodles_assignment(sheet, rows)
    own = [row for row in rows if row["assignment"] == assignment]
    found, without = match(own, people(sheet))
    lines, count = [[*line] for line in sheet.lines], 0
    for row in own:
        person = found.get((row["student"], row["id"]))
        if not person:
            continue
        if why := _not_final(row):
            without.append(f"{row['student']}: {why}")
            continue
        line = lines[person.at]
        line[most - 1] = _grade(row, line[most])
        if most + 4 < len(line):  # the comments, where they are switched on
            line[most + 4] = "; ".join(filter(None, (line[most + 4], row["late"], row["comment"])))
        count += 1
    return lines, count, without


def _moodles_most(sheet: Sheet) -> int:
    """The column of the maximum grade: the grade is before it, whatever the headers are called in Moodle's language."""
    for column in range(2, len(sheet.lines[0])):
        values = {line[column] for line in sheet.lines[1:] if column < len(line)}
        before = [line[column - 1] for line in sheet.lines[1:]]
        if (
            len(values) == 1
            and NUMBER.fullmatch(*values)
            and all(not cell or NUMBER.fullmatch(cell) for cell in before)
        ):
            return column
    raise Unclear(f"{sheet.file} has no column with the maximum grade: is it the grading worksheet of an assignment?")


def _moodles_assignment(sheet: Sheet, rows: list[dict[str, str]]) -> str:
    """The assignment of a worksheet, by the numbers of its participants, which are others for each; then by its name."""
    numbers = {"Participant " + line[0].rsplit(" ", 1)[-1] for line in sheet.lines[1:]}
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row["assignment"]] += row["assignment"] != "" and row["id"] in numbers
    best = [name for name, count in counts.items() if count and count == max(counts.values())]
    if len(best) != 1:
        best = [name for name in counts if name and letters(name) in letters(sheet.file.stem)]
    if len(best) != 1:
        raise Unclear(f"Of which assignment {sheet.file} is cannot be told: put its name into the name of the file.")
    return best[0]


def _not_final(row: dict[str, str]) -> str:
    return "" if final(row) else f"{row['flag']}, no grade is filled in"


def _grade(row: dict[str, str], most: str) -> str:
    """The total, on the platform's scale and with its decimal sign."""
    number = float(most.replace(",", ".")) if NUMBER.fullmatch(most.strip()) else 0
    scale = number / float(row["out of"]) if number else 1
    grade = f"{round(float(row['total']) * scale, 5):g}"
    return grade.replace(".", ",") if "," in most else grade


def _is_number(line: list[str], column: int) -> bool:
    return column < len(line) and bool(NUMBER.fullmatch(line[column].strip()))


def _key(text: str) -> str:
    return letters(text)


def _words(name: str) -> str:
    """The same for "Berg, Anna" and "Anna Berg"."""
    return "words " + " ".join(sorted(letters(word) for word in re.split(r"[\s,;_]+", name) if letters(word)))
