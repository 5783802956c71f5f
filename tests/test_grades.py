"""What goes out: grades that spreadsheets and platforms take, feedback that finds its way back, and a course's settings."""

import csv
import io
import re
import zipfile
from datetime import datetime

import pytest
from needed import for_grading

with for_grading("GRADES ARE NOT TESTED"):
    from grading import grades, handback, kept, masters, platforms, settings, term, worksheets
    from grading.gradebook import Marks

POINTS = {"4-adam": 10, "5-bias-correction": 10}
NONE = settings.Settings()


def result(student, id="", assignment="4-adam", **more):
    return {
        "student": student,
        "id": id,
        "assignment": assignment,
        "reason": "",
        "note": "",
        "tasks": [],
        "of": 10,
        "file": "",
        **more,
    }


def row(student, id="", auto=5.0, assignment="4-adam", **more):
    decided = more.pop("settings", NONE)
    return grades.row(result(student, id, assignment, **more), Marks(auto=auto), decided)


# grades.csv


@pytest.mark.parametrize("sign", "=+-@＝＋－＠")
@pytest.mark.parametrize(
    "name", ["{}1+1", "  {}1+1", "a;{}1+1", "a,{}1", "a\t{}1", 'a";"{}1', "a\n{}1", "a\r\n{}cmd|' /C calc'!A0", "a|{}1"]
)
@pytest.mark.parametrize("separator", ",;\t|")
def test_no_cell_is_a_formula_whichever_separator_a_spreadsheet_takes(sign, name, separator):
    text = grades.table([row(name.format(sign))])
    for line in text.removeprefix("\ufeff").splitlines()[1:]:
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            for cell in next(csv.reader([line], delimiter=separator, quoting=quoting)):
                assert not cell.strip(' 	"').startswith(tuple("=+-@＝＋－＠")), cell


def test_names_are_shown_in_seoul_and_munich():
    data = grades.table([row("김하나"), row("Jürgen")]).encode()
    assert data.startswith(b"\xef\xbb\xbf") and data.count(b"\r\n") == 3
    read = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [each["student"] for each in read] == ["김하나", "Jürgen"]


def test_one_row_a_student_one_column_an_assignment_total_by_weight():
    rows = [row("anna", auto=8), row("anna", auto=5, assignment="5-bias-correction"), row("bert", auto=10)]
    anna, bert = grades.wide(rows, POINTS, NONE)
    assert (anna["4-adam"], anna["5-bias-correction"], anna["points"], anna["percent"]) == ("8", "5", "13", "65.00")
    assert (bert["5-bias-correction"], bert["points"], bert["percent"]) == ("", "10", "50.00")
    decided = settings.Settings(passed=0.6, weights={"4-adam": 3, "5-bias-correction": 1})
    anna, bert = grades.wide(rows, POINTS, decided)
    assert (anna["percent"], anna["passed"], bert["percent"], bert["passed"]) == ("72.50", "yes", "75.00", "yes")
    waits = grades.row(result("cem"), Marks(to_mark=1), NONE)
    assert grades.wide([waits], POINTS, NONE)[0]["flag"] == "4-adam: needs marking"


# course.toml


def decided(tmp_path, text):
    (tmp_path / "course.toml").write_text(text, encoding="utf-8")
    return settings.read(tmp_path, POINTS)


def test_nothing_is_decided_by_default(tmp_path):
    assert settings.read(tmp_path, POINTS) == settings.Settings()
    late = row("anna", auto=8, time="2030-01-01T00:00:00", late=True)
    assert (late["late"], late["penalty"], late["total"]) == ("late", "0", "8")


def test_late_hand_ins(tmp_path):
    course = decided(
        tmp_path,
        "[late]\nper_day = 0.1\nmost = 0.25\n[due]\n4-adam = 2026-11-30\n5-bias-correction = 2026-12-01T12:00:00\n"
        '[extensions."Anna Berg"]\n4-adam = 2026-12-05T00:00:00\n',
    )
    assert course.late("bert", "4-adam", "2026-11-30T23:59:00", False) == ("", 0)
    assert course.late("bert", "4-adam", "2026-12-01T01:29:59", False) == ("late by 1 h 30 min", 0.1)
    assert course.late("bert", "4-adam", "2026-12-02T10:00:00", False) == ("late by 2 days", 0.2)
    assert course.late("bert", "4-adam", "2027-12-02T10:00:00", False)[1] == 0.25
    assert course.late("Anna Berg", "4-adam", "2026-12-02T10:00:00", True) == ("", 0)
    assert course.late("bert", "4-adam", "", True) == ("late", 0)
    late = row("bert", auto=8, time="2026-12-02T10:00:00", settings=course)
    assert (late["auto points"], late["penalty"], late["total"], late["late"]) == ("8", "1.6", "6.4", "late by 2 days")


@pytest.mark.parametrize(
    "text, words",
    [
        ("pass = 2", "pass is 2; it must be a number from 0 to 1"),
        ("pas = 0.5", "pas is not known here"),
        ("[due]\n4-adma = 2026-11-30", "4-adma is not known here; the assignments are 4-adam"),
        ("[due]\n4-adam = 'soon'", "'soon'; it must be as 2026-11-30T23:59:00"),
        ("[late]\nper_day = true", "late.per_day is True"),
        ("weights = 3", "must be a table"),
        ("[due", "course.toml cannot be read"),
    ],
)
def test_a_setting_that_is_none_is_said(tmp_path, text, words):
    with pytest.raises(masters.Broken, match=re.escape(words)):
        decided(tmp_path, text)


# Into the platforms' own files

MOODLE = {
    "English": (
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),"
        "Last modified (grade),Feedback comments",
        "Participant {},{},{},Submitted for grading,,{},Yes,-,-,",
    ),
    "German": (
        "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert werden,"
        "Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung),Feedback als Kommentar",
        'Teilnehmer/in {},{},{},Zur Bewertung abgegeben,,"{}",Ja,-,-,',
    ),
}
STUDENTS = [
    (101, "Anna Berg", "anna@example.org"),
    (102, "Bert Klein", "bert@example.org"),
    (103, "김 하나", "hana@example.org"),
    (104, "Dora Ott", ""),
]


def worksheet(tmp_path, language, most, students=STUDENTS, name="Grades-course-1.csv"):
    header, line = MOODLE[language]
    text = "\ufeff" + "\r\n".join([header, *(line.format(*student, most) for student in students)]) + "\r\n"
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    return tmp_path / name


def moodle_imports(file, language):
    """What Moodle's importer makes of a worksheet: {number: (grade, comment)}; three headers must be there."""
    grade, identifier, modified = {
        "English": ("Grade", "Identifier", "Last modified (grade)"),
        "German": ("Bewertung", "ID", "Zuletzt geändert (Bewertung)"),
    }[language]
    hidden = {"English": "Participant ", "German": "Teilnehmer/in "}[language]
    header, *lines = csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline=""))
    assert {grade, identifier, modified} <= set(header)
    at = header.index
    return {int(line[at(identifier)][len(hidden) :]): (line[at(grade)], line[-1]) for line in lines}


@pytest.mark.parametrize(
    "language, most, wanted",
    [("English", "10.00", "7.5"), ("German", "10,00", "7,5"), ("English", "100.00", "75"), ("German", "20,00", "15")],
)
def test_moodles_worksheet_in_any_language(tmp_path, language, most, wanted):
    file = worksheet(tmp_path, language, most)
    before = file.read_bytes()
    rows = [
        grades.row(
            result("Anna Berg", "Participant 101"), Marks(auto=7.5, comments={"why": "Why?\nSay it.", "b": "=1"}), NONE
        ),
        row("Tuesday-김 하나", "Participant 103", auto=0, late=True),
        row("Cem", "Participant 999", auto=3),
        grades.row(result("Bert Klein", "Participant 102"), Marks(auto=5, to_mark=1), NONE),
        grades.nothing("Dora Ott", "Participant 104", "4-adam", 10),
    ]
    filled = worksheets.fill(file, rows)
    assert file.read_bytes() == before and filled.file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert moodle_imports(filled.file, language) == {
        101: (wanted, "Why? Say it.; '=1"),
        102: ("", ""),
        103: ("0", "late"),
        104: ("", ""),
    }
    assert filled.count == 2 and len(filled.without) == 3
    assert "Cem (Participant 999): nobody" in filled.without[0] and "needs marking" in filled.without[1]
    assert "Dora Ott: nothing handed in, no grade is filled in" == filled.without[2]
    changed = [a for a, b in zip(before.splitlines(), filled.file.read_bytes().splitlines()) if a != b]
    assert len(changed) == 2


def test_a_worksheet_of_another_assignment_is_not_filled_by_number(tmp_path):
    file = worksheet(tmp_path, "English", "10.00")
    filled = worksheets.fill(file, [row("Bert Klein", "Participant 101"), row("Anna Berg", "Participant 102")])
    assert filled.count == 0 and len(filled.without) == 2


def test_which_assignment_a_worksheet_is_of_is_told_by_its_numbers_or_asked(tmp_path):
    rows = [
        row("Anna Berg", "Participant 7", auto=1),
        row("Anna Berg", "Participant 101", auto=2, assignment="5-bias-correction"),
    ]
    assert moodle_imports(worksheets.fill(worksheet(tmp_path, "English", "10.00"), rows).file, "English")[101][0] == "2"
    rows = [row("anna", "anna"), row("anna", "anna", assignment="5-bias-correction")]
    with pytest.raises(platforms.Unclear, match="Of which assignment"):
        worksheets.fill(worksheet(tmp_path, "English", "10.00"), rows)
    by_name = worksheets.fill(
        worksheet(tmp_path, "English", "10.00", name="Grades 4_adam.csv"), [row("anna", "anna"), rows[1]]
    )
    assert moodle_imports(by_name.file, "English")[101][0] == "5"  # by the address


CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,4 Adam (881),Final (999),Current Score\r\n"
    "    Points Possible,,,,,{},100,(read only)\r\n"
    '"Berg, Anna",4567,s1,aberg,A,,50,\r\n"Klein, Bert",12,s2,bert,A,3,,\r\n"Klein, Bert",13,s3,bert2,B,,,\r\n'
)


def canvas_imports(file):
    """What Canvas's importer makes of a gradebook: {student's ID: {assignment's number: grade}}."""
    header, *lines = csv.reader(io.StringIO(file.read_text(encoding="utf-8"), newline=""))
    assert header[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    numbers = {at: int(found[1]) for at, name in enumerate(header) if (found := re.search(r"\((\d+)\)$", name))}
    students = [line for line in lines if "Points Possible" not in line[0]]
    return {int(line[1]): {number: line[at] for at, number in numbers.items()} for line in students}


@pytest.mark.parametrize("most, wanted", [("10.0", "7.5"), ("100", "75")])
def test_canvass_gradebook(tmp_path, most, wanted):
    (file := tmp_path / "gradebook.csv").write_text(CANVAS.format(most), encoding="utf-8", newline="")
    rows = [
        row("berganna_4567", "4567", auto=7.5),
        row("Bert Klein", "Bert Klein", auto=2),
        row("klein_bert_13", "13", auto=1, reason="it is no notebook"),
        row("berganna_4567", "4567", assignment="5-bias-correction"),
    ]
    filled = worksheets.fill(file, rows)
    assert canvas_imports(filled.file) == {
        4567: {881: wanted, 999: "50"},
        12: {881: "3", 999: ""},
        13: {881: "", 999: ""},
    }
    assert any("Bert Klein (Bert Klein): several have this name" in each for each in filled.without)
    assert any("not graded" in each for each in filled.without)
    assert any("5-bias-correction: no column" in each for each in filled.without)


def test_a_gradebook_of_no_platform_is_refused(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\nc,d\n", encoding="utf-8")
    with pytest.raises(platforms.Unclear, match="neither Moodle's grading worksheet nor"):
        worksheets.fill(tmp_path / "x.csv", [row("anna")])
    (tmp_path / "y.csv").write_bytes("Stüdent".encode("latin-1"))
    with pytest.raises(ValueError, match="not in UTF-8"):
        worksheets.fill(tmp_path / "y.csv", [row("anna")])


@pytest.mark.parametrize(
    "roster",
    [
        "Name,Email\nAnna Berg,anna@example.org\nBert Klein,bert@example.org\n",
        "First name;Surname;ID\nAnna;Berg;77\nBert;Klein;78\n",
        "Student\tLogin\nBerg, Anna\taberg\nKlein, Bert\tbklein\n",
    ],
)
def test_a_roster_of_any_kind(tmp_path, roster):
    (file := tmp_path / "roster.csv").write_text(roster, encoding="utf-8")
    everyone = worksheets.people(worksheets.read(file))
    found, doubts = worksheets.match([row("Anna Berg", "Participant 5"), row("Dora", "d")], everyone)
    assert [person.at for person in found.values()] == [1] and doubts == ["Dora (d): nobody has this name or number"]


# Feedback


def moodle_finds(path, participants):
    """Whose a file of feedback is, as Moodle's mod/assign/feedback/file/importziplib.php decides: (number, name)."""
    parts = path.split("/")
    while parts:
        said = parts.pop(0).split("_", 4)
        if (
            len(said) < 4
            or not said[1].isdigit()
            or int(said[1]) not in participants
            or said[2:4] != ["assignsubmission", "file"]
        ):
            continue
        return int(said[1]), "/".join([*said[4:], *parts]).lstrip("/")
    return None


def canvas_finds(path):
    """The numbers of the student and of the file handed in, as Canvas's infer_comment_context_from_filename finds them."""
    return tuple(int(part) for part in path.split("_") if part.isdigit())[:2]


def test_feedback_goes_back_by_moodle_and_canvas(tmp_path):
    labels = {
        "Moodle": [
            "A_101_assignsubmission_file",
            "B_102_assignsubmission_file_",
            "C_103_assignsubmission_file_my_4-adam.ipynb",
        ],
        "Canvas": ["berganna_4567_89012_my_4-adam-1.ipynb", "berg_bert_LATE_12_13_a.zip"],
    }
    results = []
    for platform, names in labels.items():
        for name in names:
            results.append(result(name[:4], label=name, platform=platform))
            handback.put(tmp_path, results[-1], f"page of {name}")
    made = handback.zips(tmp_path, results)
    assert [file.name for file in made] == ["feedback-canvas-4-adam.zip", "feedback-moodle-4-adam.zip"]
    with zipfile.ZipFile(made[0]) as canvas, zipfile.ZipFile(made[1]) as moodle:
        assert [canvas_finds(name) for name in canvas.namelist()] == [(4567, 89012), (12, 13)]
        assert [moodle_finds(name, {101, 102, 103}) for name in moodle.namelist()] == [
            (101, "4-adam.html"),
            (102, "4-adam.html"),
            (103, "my_4-adam.html"),
        ]
        assert moodle.read(moodle.namelist()[0]) == b"page of A_101_assignsubmission_file"


def test_feedback_goes_back_by_nbgraders_exchange(tmp_path):
    exchange = {"timestamp.txt": "2026-11-26 10:30:00.000000 UTC", "submission_secret.txt": "abc"}
    handback.put(tmp_path, result("anna", file="submitted/anna/4-adam/abgabe.ipynb", exchange=exchange), "page")
    folder = tmp_path / "feedback" / "anna" / "4-adam"
    assert {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()} == {
        "4-adam.html": "page",
        "abgabe.html": "page",
        **exchange,
    }


def test_nbgrader_releases_this_feedback_for_the_student_who_handed_in(tmp_path):
    """By nbgrader's own `release_feedback`; a student fetches what has the name that `notebook_hash` gives."""
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange.default import ExchangeReleaseFeedback
    from nbgrader.utils import notebook_hash
    from traitlets.config import Config

    exchange = {"timestamp.txt": "2026-11-26 10:30:00.000000 UTC", "submission_secret.txt": "abc"}
    handback.put(tmp_path, result("anna", file="submitted/anna/4-adam/abgabe.ipynb", exchange=exchange), "page")
    (root := tmp_path / "exchange").mkdir(mode=0o777)
    root.chmod(0o777)
    config = Config(
        CourseDirectory={"root": str(tmp_path), "course_id": "adam", "assignment_id": "4-adam"},
        Exchange={"root": str(root)},
    )
    ExchangeReleaseFeedback(coursedir=CourseDirectory(config=config), config=config).start()
    wanted = notebook_hash(secret="abc", notebook_id="abgabe")
    assert (root / "adam" / "feedback" / f"{wanted}.html").read_text(encoding="utf-8") == "page"


# A new term


def test_a_new_term_moves_everything_and_deletes_nothing(tmp_path):
    assert term.end(tmp_path, datetime(2026, 11, 26)) is None
    old = [
        "graded/anna/4-adam.json",
        "release/4-adam/4-adam.ipynb",
        "gradebook.db",
        "grades.csv",
        "grades-long.csv",
        "statistics.html",
        "course.toml",
    ]
    for name in [*old, "4-adam.md"]:
        kept.put(tmp_path / name, name)
    place = term.end(tmp_path, datetime(2026, 11, 26, 10))
    assert place == tmp_path / "terms" / "2026-11-26-100000"
    assert all((place / name).read_text(encoding="utf-8") == name for name in old)
    assert {path.name for path in tmp_path.iterdir()} == {"4-adam.md", "terms", "graded"}
    assert term.end(tmp_path, datetime(2026, 11, 26, 11)) is None
