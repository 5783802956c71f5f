"""What runs where this book is published: the workflows of GitHub, Binder, and a container to develop in.

None of these places is here. Their files are read: each command is one that is run here, each file that they name is
there. `make lint` checks the workflows' own grammar; tests/notebooks/test_elsewhere.py runs what readers get.
"""

import json
import os
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from tests.test_commands import RUN_BY_CI, RUN_HERE

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
PYTHONS = SpecifierSet(
    tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
)
OF_THE_SYSTEM = {"apt-get", "exit", "fi", "gh", "git", "if", "python", "sudo", "test"}


def jobs(file: Path) -> dict:
    return yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"]


def steps(file: Path) -> list[dict]:
    return [step for job in jobs(file).values() for step in job.get("steps", [job])]


COMMANDS = {file.name: [step["run"] for step in steps(file) if "run" in step] for file in WORKFLOWS}
COMMANDS["devcontainer.json"] = [command for name, command in CONTAINER.items() if name.endswith("Command")]
COMMANDS["postBuild"] = (ROOT / "binder" / "postBuild").read_text(encoding="utf-8").splitlines()[3:]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_run_here_too(name):
    text = "\n".join(COMMANDS[name])
    assert text
    for command, first in re.findall(r"(?:^|&& |\|\| |sudo )(\S+)(?: (\S+))?", text, re.MULTILINE):
        if command == "make":
            assert first in RUN_BY_CI | RUN_HERE | {"install"}, first  # every target of these installs
        else:
            assert command in OF_THE_SYSTEM or os.access(ROOT / command, os.X_OK), command
    for file in re.findall(r"[\w./-]+\.(?:yml|py|txt)\b", text):
        assert (ROOT / file).exists() or (ROOT / ".github" / "workflows" / file).exists(), file


def test_linux_is_meant_for_what_continuous_integration_runs_and_windows_for_readers():
    tests = jobs(ROOT / ".github" / "workflows" / "tests.yml")
    assert ".ci/run" in [step.get("run") for step in tests["linux"]["steps"]]
    assert {system.split("-")[0] for system in tests["readers"]["strategy"]["matrix"]["os"]} == {
        "windows",
        "macos",
        "ubuntu",
    }
    assert not any("windows" in str(job) for name, job in tests.items() if name != "readers")
    assert ".ci/packages" in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_pythons_are_those_that_the_book_takes():
    named = [python for file in WORKFLOWS for python in re.findall(r'"(3\.\d+)"', file.read_text(encoding="utf-8"))]
    named += re.findall(r"3\.\d+", (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8") + CONTAINER["image"])
    assert len(named) >= 6 and all(python in PYTHONS for python in named)
    assert f">={min(named, key=lambda python: int(python[2:]))}" == str(PYTHONS)  # the oldest is tried


def test_an_action_is_pinned_to_one_commit_and_dependabot_moves_it():
    pins = {}
    for file in WORKFLOWS:
        for used in re.findall(r"uses: (.+)", file.read_text(encoding="utf-8")):
            if used.startswith("./"):
                assert (ROOT / used).exists(), used
                continue
            pin = re.fullmatch(r"([\w-]+/[\w-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)", used)
            assert pin and pins.setdefault(pin[1], pin[2]) == pin[2], used
    assert len(pins) >= 7
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8"))["updates"]
    assert [one["package-ecosystem"] for one in updates] == [
        "github-actions"
    ]  # `make lock` is the one writer of the rest


def test_the_address_of_the_site_is_what_pages_says():
    """None is invented: it goes from the action that knows it into the book."""
    for file in WORKFLOWS:
        for step in steps(file):
            for address in re.findall(r"BASE_URL=(\S+)", step.get("run", "")):
                assert address == '"${SITE%/}/"' and step["env"]["SITE"] == "${{ steps.pages.outputs.base_url }}"
    assert not any(re.search(r"https?://", file.read_text(encoding="utf-8")) for file in WORKFLOWS)


def test_nothing_may_be_written_but_where_it_must_be():
    for file in WORKFLOWS:
        workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert workflow["permissions"] in ({}, {"contents": "read"}), file.name
        for name, job in workflow["jobs"].items():
            writes = {what for what, how in job.get("permissions", {}).items() if how == "write"}
            allowed = {"pages": {"pages", "id-token"}, "release": {"contents"}}
            allowed["lock"] = {"actions", "contents", "pull-requests"}
            assert writes <= allowed.get(name, set()), (file.name, name)
