"""The process that makes the pages, while the chapters run.

Jupyter Book takes seconds to load and to read what is no notebook. So `book.build` starts it at once, and tells it on
its input which chapter has run; only then it reads that one.
"""

from __future__ import annotations

import importlib
import sys

import yaml

from book.contents import ROOT, in_turn

NAMES = [file.relative_to(ROOT).with_suffix("").as_posix() for file in in_turn()]
waiting_for: set[str] = set()  # none, where somebody runs jupyter-book by hand
base_url = ""  # where the site will be, if that is known


def main(address: str) -> None:
    """`jupyter-book`, with all it needs loaded at once, not when it comes to it."""
    global base_url
    base_url = address
    waiting_for.update(NAMES)
    from jupyter_book.cli.main import main as jupyter_book  # by module: the script in .venv/bin breaks when it is moved

    for extension in yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"][
        "extensions"
    ]:
        importlib.import_module(extension)
    jupyter_book()


def setup(app):
    app.connect("config-inited", tell_address)
    app.connect("env-before-read-docs", notebooks_last_and_in_turn)
    app.connect("source-read", wait)
    return {"parallel_read_safe": False}


def tell_address(app, config):
    config.html_baseurl = base_url


def notebooks_last_and_in_turn(app, env, names):
    names.sort(key=lambda name: NAMES.index(name) if name in NAMES else -1)


def wait(app, name, source):
    while name in waiting_for:
        run = sys.stdin.readline().strip()
        waiting_for.difference_update([run] if run else NAMES)  # at the end of the input, there is nothing to wait for
