"""`make lab`: the portable notebooks in a folder where what a reader changed stays."""

from book import lab


def test_a_changed_notebook_is_kept_and_the_others_are_brought_up_to_date(tmp_path):
    assert lab.lay_out({"1.ipynb": "one", "2.ipynb": "two", "3.ipynb": "three"}, tmp_path / "lab") == []
    (tmp_path / "lab" / "2.ipynb").write_text("mine", encoding="utf-8")
    (tmp_path / "lab" / "3.ipynb").unlink()
    assert lab.lay_out({"1.ipynb": "one", "2.ipynb": "two", "3.ipynb": "three"}, tmp_path / "lab") == []
    for _ in range(2):  # it is said each time, until they have renamed it
        [said] = lab.lay_out({"1.ipynb": "newer", "2.ipynb": "newer", "3.ipynb": "newer"}, tmp_path / "lab")
        assert said.startswith("2.ipynb has your changes and stays as it is.")
        written = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "lab").glob("*.ipynb")}
        assert written == {"1.ipynb": "newer", "2.ipynb": "mine", "3.ipynb": "newer"}
    (tmp_path / "lab" / "2.ipynb").rename(tmp_path / "lab" / "mine.ipynb")
    assert lab.lay_out({"2.ipynb": "newer"}, tmp_path / "lab") == []
    assert (tmp_path / "lab" / "2.ipynb").read_text(encoding="utf-8") == "newer"


def test_a_file_that_make_did_not_write_is_the_reader_s(tmp_path):
    (tmp_path / "1.ipynb").write_text("mine", encoding="utf-8")
    assert len(lab.lay_out({"1.ipynb": "one"}, tmp_path)) == 1
    assert (tmp_path / "1.ipynb").read_text(encoding="utf-8") == "mine"
