"""Does the book hold where everything is odd at once? (``make check-places``)

One copy has a space, ``; # $ %``, quotes and Korean letters in its path, which is very long, a home that cannot be
written, files that nobody else may read, a locale whose encoding is cp1252, and no git. There the tools are installed,
the book and the assignments are made, and the quick tests run. Then two chapters that readers download run as a reader
runs them: not by make, with the site's wheel, in the encodings of western and of Korean machines, in folders named in
these.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

from book import copies
from book.contents import ROOT

PLACE = ROOT / "_build" / "places"
# In UTF-8 these letters have the bytes 0x81, 0x8d and 0x8f, which are nothing in cp1252.
BOOK = PLACE / "경사 하강법; 각도와 덧셈" / """it's "50%" of $1 #2""" / "/".join(["a very deep folder"] * 14)
LOCALES = {"CP1252": "en_US", "EUC-KR": "ko_KR"}
FOLDERS = {"CP1252": "Études à faire", "EUC-KR": "공부하기; 각도"}
CHAPTERS = ["1-gradient-descent.ipynb", "4-adam.ipynb"]
NO_HOME = {"HOME": "/proc/nohome"}  # root, too, can make nothing in /proc


def locale(encoding: str) -> dict[str, str]:
    """An environment with a locale of this encoding, which is made here: few machines have one."""
    name = f"{LOCALES[encoding]}.{encoding}"
    (PLACE / "locales").mkdir(parents=True, exist_ok=True)
    command = ["localedef", "--force", "-f", encoding, "-i", LOCALES[encoding], PLACE / "locales" / name]
    try:
        made = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace")
    except FileNotFoundError:
        sys.exit("There is no localedef here: only the C library of GNU has one.")
    environment = {"LOCPATH": str(PLACE / "locales"), "LC_ALL": name}
    ask = [sys.executable, "-X", "utf8=0", "-c", "import locale; print(locale.getencoding())"]
    seen = subprocess.run(ask, env=os.environ | environment, capture_output=True, text=True, encoding="utf-8").stdout
    if seen.strip().upper().replace("_", "-") != encoding:
        sys.exit(f"The locale {name} could not be made (on Debian: apt install locales): {made.stderr.strip()}")
    return environment


def read(environment: dict[str, str], encoding: str) -> copies.Outcome:
    """How the downloaded chapters run, with the wheel."""
    site, folder = BOOK / "_build" / "html", PLACE / os.fsdecode(FOLDERS[encoding].encode(encoding))
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(site / "downloads", folder)
    for chapter in CHAPTERS:
        shutil.copy(site / "_sources" / "chapters" / chapter, folder)
    (wheel,) = folder.glob("*.whl")
    installed = str(folder / "installed")
    apart = {"PIP_TARGET": installed, "PIP_NO_DEPS": "1", "PYTHONPATH": installed, "PYTHONUTF8": "0"}
    apart["JUPYTER_CONFIG_DIR"] = str(folder / "jupyter")  # without one, and without a home, nbconvert does not begin
    # By hand: the cell that installs finds this book's own optimlib.
    pip = [sys.executable, "-m", "pip", "install", "--quiet", wheel.name]
    said, well = copies.run(folder, pip, environment | apart)
    if not well:
        return said, well
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", *CHAPTERS]
    said, well = copies.run(folder, command, environment | apart)
    pages = [page for page in folder.glob("*.html") if "Traceback" in page.read_text(encoding="utf-8")]
    for page in pages:  # Jupyter goes on where a lab cannot be shown
        said += f"{page.name} shows a traceback: see {page}\n"
    return said, well and not pages


def main() -> None:
    os.umask(0o077)
    places = {encoding: locale(encoding) | NO_HOME for encoding in LOCALES}
    # What pip has downloaded is at hand, though the home is not.
    cache = subprocess.run(
        [sys.executable, "-m", "pip", "cache", "dir"], capture_output=True, text=True, encoding="utf-8"
    )
    kept = {"PIP_CACHE_DIR": cache.stdout.strip()} if cache.returncode == 0 else {}
    make = ["make", f"PYTHON={Path(sys.executable).resolve()}", "book", "assignments", "quick"]
    made = {"one copy, where everything is odd": partial(copies.tried, BOOK, make, places["CP1252"] | kept)}
    failed = copies.failed(made)
    # One after the other: of two kernels that start at once, now and then both take one port.
    for encoding, place in [] if failed else places.items():
        failed += copies.failed({f"the downloaded chapters, in {encoding}": partial(read, place, encoding)})
    if failed:
        sys.exit(f"\nFailed: {'; '.join(failed)}")
    shutil.rmtree(PLACE)


if __name__ == "__main__":
    main()
