"""What comes in: every way in which a platform lays out what it exports, what students make of it, and what is asked."""

import io
import json
import os
import subprocess
import time
import unicodedata
import warnings
import zipfile
from datetime import datetime

import pytest

from grading import files, notebooks, platforms, submissions

IDS = {
    "4-adam": {"setup", "adam", "adam-check", "follow"},
    "1-gradient-descent": {"setup", "path", "path-check"},
    "4-adam-more": {"setup", "more"},
}


def notebook(assignment="4-adam", text=""):
    """A notebook of an assignment; of none if it is empty."""
    ids = sorted(IDS.get(assignment, ()))
    cells = [{"cell_type": "code", "metadata": {"nbgrader": {"grade_id": id}}, "source": text} for id in ids]
    return json.dumps({"nbformat": 4, "cells": cells})


def zipped(file, *members):
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # the same name twice
        for name, data in members:
            archive.writestr(name, data)
    return file


def zip_of(*members):
    data = io.BytesIO()
    zipped(data, *members)
    return data.getvalue()


def came(tmp_path, *names, layout="", whose=None):
    """What is collected from a zip of these names: of each, the name, or the name and what is in it."""
    members = [(name, notebook()) if isinstance(name, str) else name for name in names]
    return submissions.collect(zipped(tmp_path / "all.zip", *members), IDS, layout, whose)


def rows(came):
    return [(each.student, each.id, each.assignment, each.refused) for each in came.submissions]


def graded(came):
    return {(each.student, each.assignment) for each in came.submissions if not each.refused}


# Each platform


@pytest.mark.parametrize("outer", ["", "export/", "courses/export (2)/"])
@pytest.mark.parametrize(
    "layout, name, second, student, id",
    [
        ("a folder", "anna/4-adam.ipynb", "bert/4-adam.ipynb", "anna", "anna"),
        ("a folder", "anna/4-adam/4-adam.ipynb", "bert/4-adam/4-adam.ipynb", "anna", "anna"),
        ("a folder", "anna/my/4-adam.ipynb", "bert/4-adam.ipynb", "anna", "anna"),
        ("a folder", "anna.zip/4-adam.ipynb", "bert.zip/sub/4-adam.ipynb", "anna", "anna"),
        (
            "Moodle export",
            "Anna Berg_123_assignsubmission_file_/4-adam.ipynb",
            "Bert_5_assignsubmission_file_/a.ipynb",
            "Anna Berg",
            "Participant 123",
        ),
        (
            "Moodle export",
            "Anna Berg_123_assignsubmission_file/4-adam.ipynb",
            "Bert_5_assignsubmission_file/a.ipynb",
            "Anna Berg",
            "Participant 123",
        ),
        (
            "Moodle export",
            "Anna Berg_123_assignsubmission_file_4-adam.ipynb",
            "Bert_5_assignsubmission_file_a.ipynb",
            "Anna Berg",
            "Participant 123",
        ),
        (
            "Moodle export",
            "Tuesday-Anna Berg_123_assignsubmission_file_/4-adam.ipynb",
            "Monday-Bert_5_assignsubmission_file_/a.ipynb",
            "Tuesday-Anna Berg",
            "Participant 123",
        ),
        (
            "Moodle export",
            "Participant_123_assignsubmission_file/4-adam.ipynb",
            "Participant_5_assignsubmission_file/a.ipynb",
            "Participant_123",
            "Participant 123",
        ),
        ("Canvas export", "berganna_4567_89012_4-adam.ipynb", "kleinbert_12_13_a.ipynb", "berganna_4567", "4567"),
        ("Canvas export", "berg_anna_4567_89012_4-adam.ipynb", "bert_12_13_a.ipynb", "berg_anna_4567", "4567"),
        ("Canvas export", "berganna_LATE_4567_89012_4-adam-1.ipynb", "bert_12_13_a.ipynb", "berganna_4567", "4567"),
        ("Canvas export", "anon_x7Kd2_89012_4-adam.ipynb", "anon_aaaaa_13_a.ipynb", "anon_x7Kd2", "x7Kd2"),
        (
            "Blackboard export",
            "Adam 4_aberg_attempt_2026-11-26-10-30-00_4-adam.ipynb",
            "Adam 4_bert_attempt_2026-11-25-10-30-00_a.ipynb",
            "aberg",
            "aberg",
        ),
        (
            "Blackboard export",
            "Adam_4_a_berg_attempt_2026-11-26-10-30-00_4-adam.ipynb",
            "Adam_4_bert_attempt_2026-11-25-10-30-00_a.ipynb",
            "a_berg",
            "a_berg",
        ),
        (
            "Brightspace export",
            "12345-678 - Anna Berg - Nov 26, 2026 1030 AM/4-adam.ipynb",
            "12346-678 - Bert - Nov 2, 2026 945 PM/a.ipynb",
            "Anna Berg_12345",
            "12345",
        ),
        (
            "ILIAS export",
            "Berg_Anna_aberg_1234/20261126103000_4-adam.ipynb",
            "Klein_Bert_bert_12/20261126103000_a.ipynb",
            "Berg_Anna_1234",
            "aberg",
        ),
        ("GitHub Classroom", "4-adam-anna/4-adam.ipynb", "4-adam-bert/4-adam.ipynb", "anna", "anna"),
    ],
)
def test_what_learning_platforms_export(tmp_path, outer, layout, name, second, student, id):
    def placed(name):
        path, zip, inside = name.partition(".zip/")
        return (f"{outer}{path}.zip", zip_of((inside, notebook()))) if zip else (outer + name, notebook())

    everything = came(tmp_path, placed(name), placed(second), (f"{outer}__MACOSX/x/._4-adam.ipynb", ""))
    assert everything.description.startswith(layout) and "2 students, 2 notebooks of 4-adam" in everything.description
    assert (student, id, "4-adam", "") in rows(everything)
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        archive.extractall(tmp_path / "folder")
    assert rows(submissions.collect(tmp_path / "folder", IDS)) == rows(everything)


def test_the_exchange_of_nbgrader(tmp_path):
    names = [
        f"submitted/{student}/4-adam/{file}" for student in ("anna", "bert") for file in ("a.ipynb", "timestamp.txt")
    ]
    data = {"a.ipynb": notebook(), "timestamp.txt": "2026-11-26 10:30:00.000000 UTC"}
    everything = came(tmp_path, *((name, data[name.rsplit("/")[-1]]) for name in names))
    assert graded(everything) == {("anna", "4-adam"), ("bert", "4-adam")}
    assert everything.submissions[0].time is not None


def test_moodles_online_text_is_no_second_student(tmp_path):
    one = came(
        tmp_path,
        "Anna_1_assignsubmission_file/4-adam.ipynb",
        ("Anna_1_assignsubmission_onlinetext/onlinetext.html", "<p>Hello</p>"),
        ("Bert_2_assignsubmission_onlinetext/onlinetext.html", "<p>Sorry</p>"),
    )
    assert [row[0] for row in rows(one)] == ["Anna", "Bert"]
    assert one.submissions[1].refused == "no notebook was handed in: only onlinetext.html"
    assert "1 without: Bert" in one.description


def test_blackboards_own_text_is_nothing_of_the_students(tmp_path):
    names = [f"X_{student}_attempt_2026-11-26-10-30-00" for student in ("anna", "bert")]
    one = came(tmp_path, f"{names[0]}_a.ipynb", (f"{names[0]}.txt", "Name: Anna"), (f"{names[1]}.txt", "Name: Bert"))
    assert graded(one) == {("anna", "4-adam")}
    assert one.submissions[1].refused == "no notebook was handed in: nothing"


@pytest.mark.parametrize(
    "older, newer",
    [
        ("1-2 - Anna - Nov 9, 2026 1030 AM/a.ipynb", "1-2 - Anna - Nov 10, 2026 930 AM/b.ipynb"),
        ("X_anna_attempt_2026-11-09-10-30-00_z.ipynb", "X_anna_attempt_2026-11-10-09-30-00_a.ipynb"),
        ("berganna_1_2_4-adam-9.ipynb", "berganna_1_3_4-adam-10.ipynb"),
        ("Berg_Anna_ab_1/20261109103000_a.ipynb", "Berg_Anna_ab_1/20261110093000_a.ipynb"),
    ],
)
def test_of_several_attempts_the_newest_counts_where_the_platform_says_which(tmp_path, older, newer):
    (one,) = came(tmp_path, (older, notebook(text="old")), (newer, notebook(text="new"))).submissions
    assert b"new" in one.read() and "the newest" in one.note


def test_times_and_lateness_are_known(tmp_path):
    def time_of(name):
        return came(tmp_path, name).submissions[0]

    assert time_of("1-2 - Anna - Nov 9, 2026 1030 PM/a.ipynb").time == datetime(2026, 11, 9, 22, 30)
    assert time_of("X_anna_attempt_2026-11-09-10-30-00_z.ipynb").time == datetime(2026, 11, 9, 10, 30)
    assert time_of("Berg_Anna_ab_1/20261109103000_a.ipynb").time == datetime(2026, 11, 9, 10, 30)
    assert time_of("Anna_1_assignsubmission_file/a.ipynb").time is not None
    assert time_of("berganna_LATE_1_2_a.ipynb").late and not time_of("berganna_1_2_a.ipynb").late


def test_two_of_one_name_stay_two(tmp_path):
    two = came(tmp_path, "Anna_1_assignsubmission_file/4-adam.ipynb", "Anna_2_assignsubmission_file/4-adam.ipynb")
    assert graded(two) == {("Anna_1", "4-adam"), ("Anna_2", "4-adam")}
    assert (
        "of one name, and told apart by numbers that Moodle gives anew for each assignment: Anna_1, Anna_2 ("
        in two.description
    )
    names = ("Anna_1_assignsubmission_file/a.ipynb", "Bert_2_assignsubmission_file/a.ipynb")
    assert "of one name" not in came(tmp_path, *names).description
    assert (
        "of one name" not in came(tmp_path, "anna_1_2_a.ipynb", "anna_3_4_a.ipynb").description
    )  # Canvas keeps its numbers


# What students make of it


@pytest.mark.parametrize(
    "name",
    ["abgabe.ipynb", "4_adam.ipynb", "Assignment 4 Adam.ipynb", "1-gradient-descent.ipynb", "4-adam.IPYNB", "ü.Ipynb"],
)
def test_an_assignment_is_known_by_its_cells(tmp_path, name):
    assert graded(came(tmp_path, f"anna/{name}", "bert/a.ipynb")) == {("anna", "4-adam"), ("bert", "4-adam")}


@pytest.mark.parametrize(
    "name, assignment",
    [
        ("4_adam.ipynb", "4-adam"),
        ("Assignment 4 Adam (2).ipynb", "4-adam"),
        ("Copy of 4-adam-more.ipynb", "4-adam-more"),
        ("homework.ipynb", None),
    ],
)
@pytest.mark.parametrize("data", [notebook("none"), "no notebook at all", ""])
def test_by_its_name_where_no_cell_says_it(tmp_path, name, assignment, data):
    anna, _ = came(tmp_path, (f"anna/{name}", data), "bert/4-adam.ipynb").submissions
    assert anna.assignment == (assignment or "") and bool(anna.refused) == (assignment is None)
    assert assignment is None or "only its name" in anna.note


def test_a_students_own_zip_of_the_folder(tmp_path):
    own = zip_of(("4-adam/optimlib/__init__.py", ""), ("4-adam/abgabe.ipynb", notebook()), ("__MACOSX/._x.ipynb", ""))
    one = came(tmp_path, ("anna_1_2_hand-in.zip", own), "bert_3_4_4-adam.ipynb")
    assert graded(one) == {("anna_1", "4-adam"), ("bert_3", "4-adam")}


NO_NOTEBOOKS = {
    "nothing": (),
    "what a Mac adds": (("__MACOSX/._4-adam.ipynb", ""),),
    "folders": (("4-adam/", ""), ("4-adam/more/", "")),
    "a notebook too deep": (("d/" * 20 + "4-adam.ipynb", notebook()),),
    "a zip": (("4-adam.zip", zip_of(("4-adam.ipynb", notebook()))),),
    "a way out": (("../../4-adam.ipynb", notebook()),),
}


@pytest.mark.parametrize("members", NO_NOTEBOOKS.values(), ids=NO_NOTEBOOKS)
@pytest.mark.parametrize(
    "anna, bert, cem",
    [
        ("anna_1_2_x.zip", "bert_3_4_a.ipynb", "cem_5_6_a.ipynb"),
        (
            "anna_1_assignsubmission_file/x.zip",
            "bert_2_assignsubmission_file/a.ipynb",
            "cem_3_assignsubmission_file/a.ipynb",
        ),
        (
            "anna_1_assignsubmission_file_x.zip",
            "bert_2_assignsubmission_file_a.ipynb",
            "cem_3_assignsubmission_file_a.ipynb",
        ),
        ("anna_x_1/20261126103000_x.zip", "bert_x_2/20261126103000_a.ipynb", "cem_x_3/20261126103000_a.ipynb"),
        ("anna.zip", "bert/a.ipynb", "cem/a.ipynb"),
        ("anna/x.zip", "bert/a.ipynb", "cem/a.ipynb"),
    ],
)
def test_who_handed_in_a_zip_without_a_notebook_has_a_row(tmp_path, anna, bert, cem, members):
    everyone = came(tmp_path, (anna, zip_of(*members)), bert, cem)
    refused = {each.student: each.refused for each in everyone.submissions if each.refused}
    name = min(refused, key=len)
    assert name.startswith("anna") and "no notebook was handed in" in refused[name]
    assert len(refused) == 1 + ("its name leads out of the folder" in refused.values())
    assert len(graded(everyone)) == 2


def test_the_time_of_a_zip_on_ilias(tmp_path):
    own = zip_of(("4-adam/4-adam.ipynb", notebook()))
    names = ("Abgabe/Berg_Anna_ab_1/20261109103000_x.zip", own), ("Abgabe/Klein_Bert_bk_2/20261109103000_y.zip", own)
    one, _ = came(tmp_path, *names).submissions
    assert (one.platform, one.time) == ("ILIAS", datetime(2026, 11, 9, 10, 30))


def test_zips_made_on_windows(tmp_path):
    file = zipped(
        tmp_path / "all.zip", ("export/anna/4-adam.ipynb", notebook()), ("export/bert/4-adam.ipynb", notebook())
    )
    file.write_bytes(
        file.read_bytes().replace(b"export/anna/4", b"export\\anna\\4").replace(b"export/bert/4", b"export\\bert\\4")
    )
    assert graded(submissions.collect(file, IDS)) == {("anna", "4-adam"), ("bert", "4-adam")}


def test_one_name_in_two_spellings_is_one_student(tmp_path):
    names = [unicodedata.normalize(form, "Zoë") for form in ("NFC", "NFD")]
    two = came(
        tmp_path, f"{names[0]}/4-adam.ipynb", (f"{names[1]}/x.ipynb", notebook("1-gradient-descent")), "b/4-adam.ipynb"
    )
    assert graded(two) == {("Zoë", "4-adam"), ("Zoë", "1-gradient-descent"), ("b", "4-adam")}


@pytest.mark.parametrize(
    "name, student",
    [
        ("علی\u200cرضا", "علی\u200cرضا"),  # with a zero-width non-joiner
        ("Anna\u00a0Berg", "Anna Berg"),
        ("  Anna   Berg ", "Anna Berg"),
        ("ก" * 60, "ก" * 60),
        ("김" * 100, None),  # 100 letters, 300 bytes
        ("김" * 101, "refused"),
        ("an\u202ena", "refused"),
        (".hidden", "refused"),
    ],
)
def test_names(tmp_path, name, student):
    came_in = came(tmp_path, f"{name}/4-adam.ipynb", "bert/4-adam.ipynb")
    names = {each.student for each in came_in.submissions if not each.refused} - {"bert"}
    if student == "refused":
        assert names == set() and "cannot be shown" in " ".join(row[3] for row in rows(came_in))
    else:
        (only,) = names
        assert only == (student or only) and len(only.encode()) <= 200


def test_two_long_names_stay_two(tmp_path):
    assert len(graded(came(tmp_path, "김" * 99 + "가/4-adam.ipynb", "김" * 99 + "나/4-adam.ipynb"))) == 2


def test_what_else_came_is_told_beside_the_notebook(tmp_path):
    one, _ = came(
        tmp_path, "anna/4-adam.ipynb", ("anna/scratch.ipynb", notebook("none")), "bert/4-adam.ipynb"
    ).submissions
    assert not one.refused and "of no assignment: scratch.ipynb" in one.note


# What is asked


@pytest.mark.parametrize(
    "names",
    [
        ["class/anna/4-adam.ipynb"],
        ["class/anna/4-adam.ipynb", ("class/bert/a.ipynb", notebook("1-gradient-descent"))],
        ["anna/a/4-adam.ipynb", "anna/a/b.ipynb", "bert/a/4-adam.ipynb", "bert/a/b.ipynb"],
    ],
)
def test_two_readings_are_asked_about(tmp_path, names):
    with pytest.raises(platforms.Unclear, match="Nothing is graded.*LAYOUT=.*WHOSE="):
        came(tmp_path, *names)


def test_how_to_choose(tmp_path):
    names = "class/anna/4-adam.ipynb", ("class/bert/a.ipynb", notebook("1-gradient-descent"))
    assert {student for student, _ in graded(came(tmp_path, *names, layout="student/file"))} == {"class"}
    assert {student for student, _ in graded(came(tmp_path, *names, layout="folder/student/file"))} == {"anna", "bert"}
    with pytest.raises(platforms.Unclear, match="LAYOUT=nonsense is none"):
        came(tmp_path, *names, layout="nonsense")
    whose = {"class/anna/4-adam.ipynb": "Anna", "class/bert/a.ipynb": "Bert"}
    assert graded(came(tmp_path, *names, whose=whose)) == {("Anna", "4-adam"), ("Bert", "1-gradient-descent")}
    with pytest.raises(platforms.Unclear, match="no file that came in is class/x"):
        came(tmp_path, *names, whose={"class/x": "Anna"})


@pytest.mark.parametrize("layout", ["moodle", "canvas"])
def test_a_platform_may_be_named(tmp_path, layout):
    name = {"moodle": "Anna_1_assignsubmission_file_4-adam.ipynb", "canvas": "anna_1_2_4-adam.ipynb"}[layout]
    mixed = came(tmp_path, name, *(f"{i}.txt" for i in range(5)), layout=layout)
    assert len(graded(mixed)) == 1


def test_two_of_one_assignment_are_asked_about_and_stop_nobody_else(tmp_path):
    names = (
        ("anna/a.ipynb", notebook(text="1")),
        ("anna/b.ipynb", notebook(text="2")),
        "bert/4-adam.ipynb",
        "cem/4-adam.ipynb",
    )
    two = came(tmp_path, *names)
    assert graded(two) == {("bert", "4-adam"), ("cem", "4-adam")}
    (refused,) = [each.refused for each in two.submissions if each.refused]
    assert "anna/a.ipynb, anna/b.ipynb" in refused and "WHOSE=" in refused
    (tmp_path / "whose.csv").write_text("file,student\nanna/a.ipynb,\n", encoding="utf-8-sig")
    chosen = came(tmp_path, *names, whose=submissions.read_whose(tmp_path / "whose.csv"))
    assert b'"2"' in next(each for each in chosen.submissions if each.student == "anna").read()


def test_the_same_notebook_twice_is_one(tmp_path):
    assert ("anna", "4-adam") in graded(came(tmp_path, "anna/a.ipynb", "anna/b.ipynb", "bert/4-adam.ipynb"))


@pytest.mark.parametrize(
    "name",
    [
        "mal_5_67890_anna_9_12345_4-adam.ipynb",
        "Mal_5_assignsubmission_file_A_9_assignsubmission_file_4-adam.ipynb",
        "X_mal_attempt_2026-11-26-10-30-00_X_anna_attempt_2026-11-26-10-30-00_4-adam.ipynb",
    ],
)
def test_a_name_made_to_be_anothers_is_nobodys(tmp_path, name):
    other = {
        "m": "bert_1_2_a.ipynb",
        "M": "Bert_1_assignsubmission_file_a.ipynb",
        "X": "X_bert_attempt_2026-11-26-10-30-00_a.ipynb",
    }
    both = came(tmp_path, name, other[name[0]])
    assert len(graded(both)) == 1 and "two ways" in " ".join(row[3] for row in rows(both))


def test_one_student_cannot_make_it_another_platform(tmp_path):
    made_up = [f"mal/{i}_1_assignsubmission_file_4-adam.ipynb" for i in range(50)]
    three = came(tmp_path, "anna/4-adam.ipynb", "bert/4-adam.ipynb", *made_up[:1])
    assert {student for student, _ in graded(three)} == {"anna", "bert", "mal"}
    many = came(tmp_path, "anna/4-adam.ipynb", "bert/4-adam.ipynb", *((name, notebook(text=name)) for name in made_up))
    assert {"anna", "bert"} <= {student for student, _ in graded(many)}


# What goes wrong is one student's row, soon


def test_a_folder_called_as_a_notebook_nested_folders_and_links(tmp_path):
    root = tmp_path / "in"
    for student in "anna", "bert":
        (root / student).mkdir(parents=True)
        (root / student / "4-adam.ipynb").write_text(notebook(), encoding="utf-8")
    (root / "folder" / "4-adam.ipynb").mkdir(parents=True)
    (root / "linked").symlink_to(root / "anna")
    deep = os.open(root, os.O_RDONLY)
    for name in ["deep", *["d"] * 1100]:
        os.mkdir(name, dir_fd=deep)
        deeper = os.open(name, os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = deeper
    os.close(deep)
    reasons = {each.student: each.refused for each in submissions.collect(root, IDS).submissions}
    subprocess.run(["rm", "-r", root / "deep"], check=True)  # pytest's own clearing is recursive
    assert reasons.pop("anna") == reasons.pop("bert") == ""
    assert reasons.keys() == {"folder", "deep", "linked"} and all(reasons.values())
    assert "link" in reasons["linked"]


def broken_zips():
    whole = zip_of(("4-adam.ipynb", notebook()))
    newer = bytearray(whole)
    newer[newer.rindex(b"PK\x01\x02") + 6] = 90  # version 9.0 is needed
    nameless = bytearray(zip_of(("\u00e9" * 6 + ".ipynb", notebook())))
    at = nameless.rindex(b"PK\x01\x02") + 46
    nameless[at : at + 4] = b"\xff\xfe\xff\xfe"  # said to be UTF-8
    return {
        "cut": whole[:-30],
        "no zip": b"hello",
        "empty": b"",
        "version": bytes(newer),
        "no encoding": bytes(nameless),
        "many": zip_of(*((f"{i}.txt", "") for i in range(files.MOST_IN_ZIP + 1))),
        "many notebooks": zip_of(*((f"{i}.ipynb", "") for i in range(files.MOST_NOTEBOOKS + 1))),
    }


@pytest.mark.parametrize("kind", broken_zips())
def test_a_zip_that_cannot_be_read(tmp_path, kind):
    broken = broken_zips()[kind]
    two = came(tmp_path, ("anna/4-adam.zip", broken), "bert/4-adam.ipynb", "cem/4-adam.ipynb")
    assert graded(two) >= {("bert", "4-adam"), ("cem", "4-adam")}
    (anna,) = [each for each in two.submissions if each.student == "anna"]
    with pytest.raises(files.Refused, match="its zip (cannot be read|holds more)"):
        anna.read()
    (tmp_path / "class.zip").write_bytes(broken)
    if not kind.startswith("many"):
        with pytest.raises(zipfile.BadZipFile):
            submissions.collect(tmp_path / "class.zip", IDS)


@pytest.mark.parametrize(
    "hostile",
    [
        json.dumps({"cells": [{"cell_type": "code", "source": "", "metadata": {}}] * 38_000}),
        json.dumps(
            {"cells": [{"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade_id": "adam"}}}] * 14_000}
        ),
        '{"cells": ' + "[" * 900_000,
        '{"cells": [' + '{"a":' * 900_000,
        '{"grade_id": "' * 600_000,
        '{"cells": [{"cell_type": "code", "source": ["' + 'x", "' * 1_900_000 + '"]}]}',
        '{"cells": ' + "9" * 9_000_000 + "}",
        json.dumps(
            {"cells": [{"cell_type": "raw", "attachments": {f"{i}": {"image/png": "AA"} for i in range(200_000)}}]}
        ),
        json.dumps(
            {"cells": [{"cell_type": "markdown", "source": "data:image/png;base64,AAAAAAAAAAAAAAAAAAAA " * 200_000}]}
        ),
    ],
    ids=(
        "38 000 cells,one grade_id 14 000 times,lists,dictionaries,grade_ids,lines,a number,attachments,pictures in the text"
    ).split(","),
)
def test_reading_a_hostile_notebook_ends_soon(tmp_path, hostile):
    began = time.process_time()
    anna, _ = came(tmp_path, ("anna/4-adam.ipynb", hostile), "bert/4-adam.ipynb").submissions
    with pytest.raises(files.Refused):
        notebooks.cells(anna.read())
    assert time.process_time() - began < 5


def test_a_row_for_each_even_of_nobodys(tmp_path):
    three = came(tmp_path, "stray.ipynb", "anna/4-adam.ipynb", "bert/4-adam.ipynb", "../evil/4-adam.ipynb")
    reasons = {each.student: each.refused for each in three.submissions if each.refused}
    assert reasons == {"stray.ipynb": "it lies in no student's folder", "../evil": "its name leads out of the folder"}
    assert "2 of nobody: ../evil, stray.ipynb" in three.description
