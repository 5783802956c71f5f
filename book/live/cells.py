"""Runs the cells of a page within Pyodide, and tells of each what a notebook would store: its outputs.

``python.js`` sets ``tell``, which takes an output as nbformat has it, in JSON, and ``bring``, which unpacks an archive.
"""

import builtins
import importlib.machinery
import io
import json
import linecache
import logging
import os
import sys
import time
import traceback
import types
import warnings

from pyodide.code import eval_code

MOST = 100_000  # letters that one cell may print: a page that shows more answers no longer
OFTEN = 0.1  # seconds: what is printed is told a few times a second, not at each word
FORMS = {"html": "text/html", "latex": "text/latex"}
LAB = "application/vnd.optimlib.lab+json"  # a lab, which the page makes live
LATER = ("sympy", "mpmath")  # in an archive of their own: few cells need them

tell = bring = print
labs = {}  # the lab that was shown last, by its name


class Printed(io.TextIOBase):
    """What a cell prints: gathered, and told now and then, up to a length."""

    gathered, told, since = "", 0, 0.0

    def __init__(self, name):
        self.name = name

    def write(self, text):
        room = MOST - self.told - len(self.gathered)
        if room > 0:
            self.gathered += text[:room]
            if len(text) > room:
                self.gathered += f"\n(It printed more than {MOST:,} letters. The rest is not shown.)\n"
        if time.monotonic() - self.since > OFTEN:
            self.flush()
        return len(text)

    def flush(self):
        if self.gathered:
            tell(json.dumps({"output_type": "stream", "name": self.name, "text": self.gathered}))
            self.told += len(self.gathered)
        self.gathered, self.since = "", time.monotonic()


def bundle(value):
    """A value in all its forms, as IPython would give them."""
    forms = {"text/plain": repr(value)}
    if isinstance(value, type):
        return forms
    if "optimlib.labs" in sys.modules and isinstance(value, sys.modules["optimlib.labs"].Lab):
        return forms | {LAB: shown(value)}
    for name, kind in FORMS.items():
        if hasattr(value, f"_repr_{name}_"):
            forms[kind] = getattr(value, f"_repr_{name}_")()
    return forms


def shown(lab):
    """What the page is told of a lab; from here on either moves the other."""
    if labs.get(lab.name) is not lab:
        labs[lab.name] = lab
        lab.observe(moved, list(lab.controls()))
    return {"name": lab.name, "about": lab.about(), "values": lab.values()}


def moved(change):
    """Code moved a lab."""
    lab = change.owner
    if labs[lab.name] is lab:
        tell(json.dumps({"lab": lab.name, "values": lab.values()}))


def move(name, values):
    """The reader moved a lab, which is not told again."""
    lab = labs[name]
    lab.unobserve(moved, list(lab.controls()))
    with lab.hold_trait_notifications():
        for control, value in json.loads(values).items():
            setattr(lab, control, value)
    lab.observe(moved, list(lab.controls()))


def display(*values):
    for value in values:
        put("display_data", bundle(value))


def put(kind, data):
    sys.stdout.flush(), sys.stderr.flush()
    tell(json.dumps({"output_type": kind, "data": data, "metadata": {}}))


def begin():
    """Begin a page: nothing has run."""
    sys.modules["__main__"] = types.ModuleType("__main__")
    labs.clear()


def run(source, name):
    """Run one cell, ``name`` standing for its file; whether it went well."""
    sys.stdout, sys.stderr = Printed("stdout"), Printed("stderr")
    # For the lines of errors, and for inspect.getsource.
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    try:
        value = eval_code(source, vars(sys.modules["__main__"]), filename=name)
        if value is not None:
            put("execute_result", bundle(value))
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].show()  # at the end of a cell, as Jupyter does
        return True
    except BaseException as error:
        told = traceback.TracebackException.from_exception(error)
        only_cells(told)
        put_error(error, "".join(told.format()))
        return False
    finally:
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")  # run again, a cell that failed would draw into them
        sys.stdout.flush(), sys.stderr.flush()


def put_error(error, text):
    sys.stdout.flush(), sys.stderr.flush()
    tell(json.dumps({"output_type": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": [text]}))


def only_cells(told):
    """Of an error's frames, and of those that led to it, leave the reader's own."""
    own = [frame for frame in told.stack if frame.filename.startswith("<cell")]
    told.stack = traceback.StackSummary.from_list(own) if own else None
    for before in (told.__cause__, told.__context__):
        if before:
            only_cells(before)


class Later:
    """Finds what stands in an archive that has not been brought yet, and brings it."""

    brought = False

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in LATER and not cls.brought:
            cls.brought = True
            bring("algebra.zip")
            importlib.invalidate_caches()
            return importlib.machinery.PathFinder.find_spec(name)


sys.meta_path.append(Later)
builtins.display = display
os.environ["MPLBACKEND"] = "module://drawing"
# What base.zip leaves out is no news to a reader: three dimensions, and fonts that no picture has letters from.
warnings.filterwarnings("ignore", "Unable to import Axes3D")
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
begin()
