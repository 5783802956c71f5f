"""Compiles what pages import, in the Pyodide that will run it, so that no reader waits for that; ``archives.py`` starts it.

What no page imports stays source, which is half as long.
"""

import contextlib
import importlib.util
import marshal
import shutil
import site
import sys
import zipfile
from pathlib import Path

[PACKAGES], [STDLIB] = site.getsitepackages(), [place for place in sys.path if place.endswith(".zip")]
PLACES = {"base": PACKAGES, "algebra": PACKAGES, "python_stdlib": STDLIB}
UNCHECKED = (1).to_bytes(4, "little") + bytes(8)  # of a bytecode whose source is not there


def put_bytecode_into(folder, modules):
    """Rewrite the archives of a folder, with bytecode in the place of what is in use when the modules have been imported."""
    for name in ("base", "algebra"):
        shutil.unpack_archive(Path(folder, f"{name}.zip"), PACKAGES)
    importlib.invalidate_caches()
    for name in modules:
        with contextlib.suppress(ImportError):  # not all that Jupyter has is in a page
            importlib.import_module(name)
    used = {module.__spec__.origin for module in [*sys.modules.values()] if getattr(module, "__spec__", None)}
    for name, place in PLACES.items():
        whole = Path(folder, f"{name}.zip")
        part = whole.with_name("part")
        with zipfile.ZipFile(whole) as before, zipfile.ZipFile(part, "w") as after:
            for entry in before.infolist():
                file, content = entry.filename, before.read(entry)
                if f"{place}/{file}" in used and file.endswith(".py"):
                    code = compile(content, f"{place}/{file}", "exec", dont_inherit=True)
                    file, content = f"{file}c", importlib.util.MAGIC_NUMBER + UNCHECKED + marshal.dumps(code)
                after.writestr(zipfile.ZipInfo(file, entry.date_time), content, zipfile.ZIP_DEFLATED, 9)
        part.replace(whole)
