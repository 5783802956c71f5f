"""What a reader is told when KaTeX, which writes the equations, cannot be fetched."""

import socket
import time

import pytest

from book import npm
from book.equations import KATEX, in_clauses


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """A registry's address that accepts and never answers; KaTeX is not there yet."""
    monkeypatch.setattr(npm, "VENDOR", tmp_path / "vendor")
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.getsockname()[1]}/")
        yield server


def refusal():
    with pytest.raises(SystemExit) as told:
        KATEX.fetch()
    assert not KATEX.folder.exists()
    return str(told.value)


@pytest.mark.slow
def test_a_registry_that_never_answers(registry, monkeypatch, capsys):
    monkeypatch.setattr(npm, "PATIENCE", 5)
    began = time.monotonic()
    assert refusal().endswith("could not be fetched: the npm registry did not answer within 5 seconds.")
    assert time.monotonic() - began < 15
    assert "Fetching katex" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("home", [None, "/proc/nohome"], ids=["a home", "no home"])
def test_a_registry_that_is_not_there_is_the_reason_whatever_the_home(registry, monkeypatch, home):
    if home:
        monkeypatch.setenv("HOME", home)
    registry.close()
    assert "the npm registry could not be reached (ECONNREFUSED); the first build needs the network." in refusal()


@pytest.mark.parametrize(
    "said, told",
    [
        ("npm error code EACCES\nnpm error path /x", "npm's own words are above (EACCES)."),
        ("strange", "npm's own words are above."),
        ("npm ERR! code ENOTFOUND", "the npm registry could not be reached (ENOTFOUND)"),
    ],
)
def test_the_reason_is_npm_s_own(said, told):
    assert told in npm.reason(said)


@pytest.mark.slow
def test_a_gap_within_a_clause_is_told():
    KATEX.provided()
    assert in_clauses(r"a = b, \quad {c = d} \tag{1}").count('class="clause"') == 2
    with pytest.raises(ValueError, match="^a gap between clauses stands within one of them: "):
        in_clauses(r"a = {b, \quad c = d}")
