"""Make .venv with everything in requirements.txt, where the book is seen; `make` calls this each time.

With `grading` behind it, it adds what grading needs (assignments/requirements.txt), which no reader does. With `peers`
it makes _build/peers as well, where the libraries of tests/peers see the book's packages and .venv does not see them.

It runs on whatever Python the reader has, so Python 2.7 must still be able to read it and say
what is wrong: no f-strings, no annotations, and nothing new imported at the top.
"""
from __future__ import print_function

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

NEEDED = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
VENV = ".venv"
PYTHON = os.path.join(VENV, "bin", "python")
# The stamp says two things: that .venv is ours to remove, and (by what is in it) what was installed.
STAMP = os.path.join(VENV, "installed-by-make")
INPUTS = ("requirements.txt", "pyproject.toml", "book/install.py")
# Grading has a stamp of its own: to have it or not makes no difference to the book's.
GRADING = "assignments/requirements.txt"
GRADING_STAMP = os.path.join(VENV, "grading-installed-by-make")
PEERS = "tests/peers/requirements.txt"
PEERS_VENV = os.path.join("_build", "peers")
PEERS_PYTHON = os.path.join(PEERS_VENV, "bin", "python")
PEERS_STAMP = os.path.join(PEERS_VENV, "installed-by-make")
# How pips old and new put it, in lower case.
NETWORK = ("connection broken", "connection error", "max retries exceeded", "timed out", "to connect")


def state(inputs=INPUTS):
    """What an installation depends on: the files, the folder (it may be moved) and the Python."""
    digest = hashlib.sha256()
    for name in inputs:
        with open(name, "rb") as file:
            digest.update(file.read())
    return json.dumps([ROOT, os.path.realpath(PYTHON), digest.hexdigest()])


def installed(stamp=STAMP, inputs=INPUTS):
    if not os.path.exists(PYTHON) or not os.path.exists(stamp):
        return False
    with open(stamp) as file:
        return file.read() == state(inputs)


def write_stamp(text, stamp=STAMP):
    with open(stamp, "w") as file:
        file.write(text)


def check_python(version):
    if tuple(version[:2]) < NEEDED:
        sys.exit("This book needs Python %d.%d or newer and found Python %d.%d (%s): choose another "
                 "with, for example, `make book PYTHON=python3.12`."
                 % (NEEDED + tuple(version[:2]) + (sys.executable,)))
    try:
        import ensurepip, venv  # noqa: F401, E401 (Debian packs both apart from Python)
    except ImportError as error:
        sys.exit("This Python (%s) cannot make a virtual environment (%s): on Debian or Ubuntu "
                 "`apt install python%d.%d-venv` as root, elsewhere choose another Python with "
                 "`make book PYTHON=...`." % ((sys.executable, error) + tuple(version[:2])))


def empty_venv():
    """Leave .venv with our unfinished stamp alone; that stamp comes first and stays throughout,
    so that after an interruption at any point the next run knows it may start from nothing."""
    if not os.path.lexists(VENV):
        os.mkdir(VENV)
    if not os.path.isdir(VENV) or (os.listdir(VENV) and not os.path.exists(STAMP)):
        sys.exit("%s was not made by this Makefile and is left as it is: move it away or rename it, "
                 "then run make again." % os.path.join(ROOT, VENV))
    write_stamp("unfinished")
    for name in os.listdir(VENV):
        path = os.path.join(VENV, name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif path != STAMP:
            os.remove(path)


def run(*command):
    """Run a command in view; give its exit code and what it said on stderr."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    said = ""
    for line in process.stderr:
        line = line.decode("utf-8", "replace")
        sys.stderr.write(line)
        said += line
    return process.wait(), said


def pip(*arguments, **where):
    # What saves time: no looking for dependencies (the lock has them all), and no compiling of
    # everything (Python compiles what it imports, a fifth of it, when it first does).
    code, said = run(where.get("python", PYTHON), "-m", "pip", "install", "--no-deps", "--no-compile",
                     "--disable-pip-version-check", *arguments)
    if code == 0:
        return
    if any(sign in said.lower() for sign in NETWORK):
        sys.exit("pip could not reach its package index: check the network connection, then run make "
                 "again (pip's own words are above).")
    sys.exit("pip could not install the book's tools: its own words are above.")


def packages(venv):
    return os.path.join(venv, "lib", "python%d.%d" % tuple(sys.version_info[:2]), "site-packages")


def write_paths(venv, *folders):
    """Let an environment see these folders, named from its own: Python 3.11 and 3.12 read this file in the encoding
    of the locale, which may not have the letters of where the book stands."""
    with open(os.path.join(packages(venv), "book.pth"), "w") as file:
        file.write("".join(os.path.relpath(folder, packages(venv)) + "\n" for folder in folders))


def install():
    os.chdir(ROOT)
    if installed():
        return
    check_python(sys.version_info)
    empty_venv()
    if shutil.disk_usage(VENV).free < 900e6:
        sys.exit("The disk is full: the book's tools need about 1 GB in %s; make room, then run make "
                 "again." % ROOT)
    print("Installing the book's tools in .venv (about 1 GB and a minute or two, only this once).")
    sys.stdout.flush()
    code, _ = run(sys.executable, "-m", "venv", VENV)
    if code != 0:
        sys.exit("Python's venv module could not make %s: its own words are above." % VENV)
    # The lock's own pip first: the one that comes with some Pythons takes twice the time.
    with open("requirements.txt") as lock, open(os.path.join(VENV, "pip.txt"), "w") as first:
        first.write("".join(re.findall(r"^pip==.*(?:\n .*)*", lock.read(), re.MULTILINE)))
    pip("--require-hashes", "--requirement", first.name)
    pip("--require-hashes", "--requirement", "requirements.txt")
    write_paths(VENV, ROOT)
    write_stamp(state())


def install_grading():
    """Add the extra set: it holds no package of the book's, so an interruption harms nothing."""
    if installed(GRADING_STAMP, (GRADING,)):
        return
    print("Adding what grading needs to .venv (50 MB, only this once).")
    sys.stdout.flush()
    pip("--require-hashes", "--requirement", GRADING)
    write_stamp(state((GRADING,)), GRADING_STAMP)


def install_peers(torch):
    """Make the environment of tests/peers: its own packages, and by a .pth file those of .venv and the book behind them.

    `torch` is what pip is to install as PyTorch, from wherever it is set to look.
    """
    if os.path.exists(PEERS_PYTHON) and installed(PEERS_STAMP, (PEERS,)):
        return
    print("Installing other libraries in %s (about 1.3 GB and two minutes, only this once)." % PEERS_VENV)
    sys.stdout.flush()
    if os.path.exists(PEERS_VENV):
        shutil.rmtree(PEERS_VENV)
    code, _ = run(sys.executable, "-m", "venv", PEERS_VENV)
    if code != 0:
        sys.exit("Python's venv module could not make %s: its own words are above." % PEERS_VENV)
    write_paths(PEERS_VENV, packages(VENV), ROOT)
    pip("--require-hashes", "--requirement", PEERS, python=PEERS_PYTHON)
    pip(torch, python=PEERS_PYTHON)
    write_stamp(state((PEERS,)), PEERS_STAMP)


def main(*wanted):
    try:
        install()
        if "grading" in wanted:
            install_grading()
        if "peers" in wanted:
            install_peers(wanted[-1])
    except KeyboardInterrupt:
        sys.exit("\nInterrupted: the next make starts the installation again.")
    except EnvironmentError as error:  # no permission to write here, for one
        sys.exit("The book's tools could not be installed: %s." % error)


if __name__ == "__main__":
    main(*sys.argv[1:])
