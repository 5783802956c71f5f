"""What `make bench` makes of its measurements; the measuring itself is run by hand."""

import re

import pytest

from benchmarks.measure import row, side_by_side
from benchmarks.run import parts, table
from book import contents


@pytest.mark.parametrize(
    "values, goal, met",
    [
        ([1, 1.1, 9], "<= 1.15", True),
        ([1.2, 1.3, 1], "<= 1.15", False),
        ([5], ">= 5", True),
        ([1, 4.9, 9], ">= 5", False),
        ([3], "", None),
    ],
)
def test_the_median_meets_a_goal_or_misses_it(values, goal, met):
    assert row("a ratio", values, goal)["met"] is met


def test_a_row_has_the_median_and_the_middle_half():
    got = row("a ratio", [5, 1, 2, 4, 3])
    assert (got["median"], got["quartiles"]) == (3, [2, 4])


def test_two_things_are_timed_in_turns_and_the_first_round_does_not_count():
    called = []
    ours, theirs = side_by_side(lambda: called.append("ours"), lambda: called.append("theirs"), rounds=3)
    assert len(ours) == len(theirs) == 3 and called == ["ours", "theirs"] * 4


def test_the_table_has_a_row_for_each_thing_and_says_what_is_missed():
    rows = [
        row("momentum: ours / theirs", [1.0, 1.1, 1.2], "<= 1.15"),
        row("adam: ours / theirs", [1.2, 1.3, 1.4], "<= 1.15"),
        row("adam: size", [7], unit="kB"),
        row("the book: a build", [48], "<= 40", "s"),
    ]
    assert table({"peers": rows}, {}).splitlines()[2:] == [
        "| What | ours / theirs, at most 1.15 |",
        "| --- | --- |",
        "| momentum | 1.1 (1.05 to 1.15) |",
        "| adam | 1.3 (1.25 to 1.35), **missed** |",
        "",
        "| What | Measured | Goal |",
        "| --- | --- | --- |",
        "| adam: size | 7 kB |  |",
        "| the book: a build | 48 s, **missed** | at most 40 |",
    ]


def test_what_is_not_measured_again_stays_in_the_table():
    old, new = ([row("a: size", [size], unit="kB"), row("b: size", [1], unit="kB")] for size in (7, 8))
    before = table({"peers": old, "grading": old}, {})
    after = table({"grading": new}, parts(before))
    assert parts(after) == parts(before) | {"Grading": parts(before)["Grading"].replace("7", "8")}
    assert table({}, parts(before)) == before


def test_the_pages_that_the_table_names_exist():
    """Pages are renamed; the table is measured by hand, and later."""
    text = (contents.ROOT / "benchmarks" / "table.md").read_text(encoding="utf-8")
    (pages,) = re.findall(r"^\| What \| loaded without.*\n(?:\| -.*\n)((?:\|.*\n)+)", text, re.MULTILINE)
    named = re.findall(r"^\| (\S+) \|", pages, re.MULTILINE)
    assert "4-adam" in named and {*named} <= {name.removeprefix("chapters/") for name in contents.pages()}
