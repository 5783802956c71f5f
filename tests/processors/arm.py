"""Does the book print and draw the same on an Arm processor? (``make check-arm``)

No Arm machine is needed: qemu plays the processor, for one program at a time. Debian's Python for Arm and the pinned
wheels for Arm are put in _build/arm, where nothing of this machine is touched; then the chapters run there, and the
tests of what computes and of the figures' bytes. The first time downloads about 350 MB. Each chapter runs
without a kernel, which would take qemu longer than the chapter: tests/processors/shaken.py compares what it prints.
All takes an hour or more; ``make check-arm ARM="sandbox test_figures"`` tries only what is named.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

from book import copies
from book.contents import ROOT, notebooks

PLACE = ROOT / "_build" / "arm"
DEBIAN, PYTHON = "trixie", "3.13"
TESTS = ["test_figures", "test_steps", "test_descend", "test_surfaces", "test_digits"]
NEEDED = {"qemu-aarch64-static": "qemu-user-static", "debootstrap": "debootstrap", "dpkg": "dpkg"}
WHEELS = [f"manylinux_2_{minor}_aarch64" for minor in range(17, 42)] + ["manylinux2014_aarch64"]
# What a process that qemu plays starts must be played as well: this machine cannot run Arm programs of itself.
SITE = "import os, sys\n\nsys.executable = os.environ['PLAYED_PYTHON']\n"


def must(command: list[str | Path], why: str) -> None:
    if subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
        sys.exit(f"{why}: what it said is above.")


def debian() -> Path:
    """Debian for Arm, unpacked and not installed: its Python and what that needs."""
    there = PLACE / DEBIAN
    if there.exists():
        return there
    unfinished = PLACE / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    ask = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian"]
    mirrors = subprocess.run(ask, capture_output=True, text=True, encoding="utf-8").stdout.split()
    packages = f"python3,python{PYTHON},libstdc++6"
    make = ["debootstrap", "--foreign", "--arch=arm64", "--variant=minbase", f"--include={packages}", DEBIAN]
    must([*make, unfinished, *mirrors[:1]], "debootstrap could not get Debian's packages for Arm")
    for package in sorted(unfinished.glob("var/cache/apt/archives/*.deb")):
        must(["dpkg", "-x", package, unfinished], f"{package.name} could not be unpacked")
    return unfinished.rename(there)


def packages() -> Path:
    """The pinned packages, as built for Arm."""
    lock = ROOT / "requirements.txt"
    there, stamp = PLACE / "packages", PLACE / "packages" / "installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == lock.read_text(encoding="utf-8"):
        return there
    shutil.rmtree(there, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--require-hashes"]
    kind = [f"--python-version={PYTHON}", "--implementation=cp", "--only-binary=:all:"]
    kind += [f"--abi={abi}" for abi in (f"cp{PYTHON.replace('.', '')}", "abi3", "none")]
    kind += [f"--platform={platform}" for platform in WHEELS]
    must([*pip, *kind, "--target", there, "--requirement", lock], "pip could not get the pinned packages for Arm")
    (there / "sitecustomize.py").write_text(SITE, encoding="utf-8")
    shutil.copy(lock, stamp)
    return there


def program(name: str, *command: str | Path) -> Path:
    """A program of this machine that runs one for Arm."""
    file = PLACE / name
    words = ["qemu-aarch64-static", "-cpu", "neoverse-n1", "-L", PLACE / DEBIAN, *command]
    quoted = " ".join("'" + str(word).replace("'", "'\\''") + "'" for word in words)
    file.write_text(f'#!/bin/sh\nexec {quoted} "$@"\n', encoding="utf-8")
    file.chmod(0o755)
    return file


def main() -> None:
    for name, package in NEEDED.items():
        if not shutil.which(name):
            sys.exit(f"There is no {name} here, which plays an Arm machine (on Debian: apt install {package}).")
    if os.geteuid():
        sys.exit("debootstrap works for root only: run make check-arm as root.")
    PLACE.mkdir(parents=True, exist_ok=True)
    home, wheels = debian() / "usr", packages()
    python = program("python", home / "bin" / f"python{PYTHON}")
    (encoder,) = wheels.glob("imageio_ffmpeg/binaries/ffmpeg-*aarch64*")
    encoder.chmod(0o755)
    common = {
        "PLAYED_PYTHON": str(python),
        "PYTHONHOME": str(home),
        "PYTHONDONTWRITEBYTECODE": "",
        "OPENBLAS_NUM_THREADS": "1",
        "OPENBLAS_CORETYPE": "",
        "IMAGEIO_FFMPEG_EXE": str(program("ffmpeg", encoder)),
    }
    pytest = ["pytest", "--hypothesis-profile", "quick"]  # what is slow too: the figures are drawn anew there
    commands = {
        f"chapters/{file.name}": ["tests.processors.shaken", "--times", "1", "--by", "0", f"chapters/{file.name}"]
        for file in notebooks()
    } | {f"{test}.py": [*pytest, f"tests/{test}.py"] for test in TESTS}
    known, asked = {Path(name).stem: name for name in commands}, sys.argv[1:]
    if unknown := {*asked} - {*known}:
        sys.exit(f"There is no {', '.join(sorted(unknown))} to try on Arm; there are {', '.join(known)}.")
    trials = {}
    for name, command in commands.items():
        if asked and name not in map(known.get, asked):
            continue
        book = PLACE / "books" / Path(name).stem
        environment = common | {"PYTHONPATH": f"{wheels}{os.pathsep}{book}"}
        trials[f"{name}, on Arm"] = partial(copies.tried, book, [str(python), "-m", *command], environment)
    if failed := copies.failed(trials):
        sys.exit(f"Failed: {'; '.join(failed)}")


if __name__ == "__main__":
    main()
