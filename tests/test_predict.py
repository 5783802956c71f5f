"""Predict, then look: questions that a reader answers before the result is shown, without a kernel and without a script."""

import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted(file.stem for file in (ROOT / "chapters").glob("*.ipynb"))
WITH_THREE = [chapter for chapter in CHAPTERS if chapter[0].isdigit()]
EXAMPLE = "1-gradient-descent"


def questions(chapter):
    """Each question of a chapter, with the cell that follows it."""
    cells = nbformat.read(ROOT / "chapters" / f"{chapter}.ipynb", as_version=4).cells
    for cell, after in zip(cells, [*cells[1:], None]):
        for question in BeautifulSoup(cell.source, "html.parser").select("div.predict"):
            yield question, cell, after


def answers(question):
    """The answers in words, each with its reply."""
    for answer in question.find_all("details", recursive=False):
        summary = answer.summary.extract().get_text().strip()
        yield summary, answer.get_text().strip(), answer["name"]


@pytest.mark.parametrize("chapter", WITH_THREE)
def test_a_chapter_asks_three_times_or_more(chapter):
    assert len([*questions(chapter)]) >= 3


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_one_answer_is_right_and_each_has_a_reply_of_its_own(chapter):
    names = []
    for question, _, _ in questions(chapter):
        given = [*answers(question)]
        assert question.get_text().strip().startswith("**Predict.** ")
        assert 2 <= len(given) <= 4
        assert sorted(re.match("(Yes|No)[.,]", reply)[1] for _, reply, _ in given) == ["No"] * (len(given) - 1) + [
            "Yes"
        ]
        assert len({reply for _, reply, _ in given}) == len({summary for summary, _, _ in given}) == len(given)
        assert not any(set("$*`") & set(summary) for summary, _, _ in given), "Markdown is not read in an answer"
        assert len({name for _, _, name in given}) == 1, "one name, or opening one does not close the others"
        names.append(given[0][2])
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_follows_a_question_is_its_result(chapter):
    for _, cell, after in questions(chapter):
        assert cell.source.rstrip().endswith("</div>"), "the cell after it would not know of it"
        assert after is not None and after.cell_type == "code" and after.outputs
        assert "tags" not in after.metadata


@pytest.fixture
def page(site, new_page):
    page = new_page(viewport={"width": 1000, "height": 800})
    page.goto((site / "chapters" / f"{EXAMPLE}.html").as_uri())
    return page


RESULT = ".predict + div.cell > .cell_output"


def test_by_keyboard_an_answer_shows_its_reply_and_the_result(page):
    result, (first, second, *_) = page.locator(RESULT).first, page.locator(".predict").first.locator("summary").all()
    assert not result.is_visible()
    first.focus()
    page.keyboard.press("Enter")
    assert result.is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert second.evaluate("summary => summary.parentElement.open")
    assert not first.evaluate("summary => summary.parentElement.open")  # one answer at a time
    assert result.is_visible()
    assert not page.locator(RESULT).nth(1).is_visible()  # the next question is not answered


def test_in_print_it_is_a_question_above_its_result(page):
    page.locator(".predict summary").first.click()
    page.emulate_media(media="print")
    replies = page.locator(".predict > details > :not(summary)")
    assert replies.count() and not any(reply.is_visible() for reply in replies.all())
    assert all(summary.is_visible() for summary in page.locator(".predict summary").all())
    assert all(result.is_visible() for result in page.locator(RESULT).all())
