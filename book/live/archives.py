"""What a page unpacks beside Python: `base.zip`, `algebra.zip` and `book.zip`."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import files, version
from pathlib import Path

from book import npm
from book.contents import ROOT
from book.downloads import DATE
from book.live import pyodide

ALGEBRA = ("sympy", "mpmath")
# What no page needs: tests, what compilers ask for, back ends but those of SVG and PNG, fonts that no picture has letters
# from.
UNNEEDED = re.compile(
    r"""/tests?/ | /testing/ | \.(pyi|pxd|pyx|h|a|typed|so\.map)$ | \.data/ | \.dist-info/(?!METADATA)
    | numpy/(f2py|distutils|_core/(lib|include|tests)|random/lib|typing/mypy|_pyinstaller|doc)/
    | _(rational|umath|operand_flag|struct_ufunc)_tests
    | mpl-data/(sample_data|images|fonts/(afm|pdfcorefonts)|plot_directive|stylelib)/
    | fonts/ttf/(?!DejaVuSans\.ttf|DejaVuSansDisplay|STIXGeneral\.ttf|DejaVuSans-Oblique\.ttf)
    | mpl_toolkits/ | matplotlib/(sphinxext|testing|_ttconv) | pylab\.py$
    | backends/(web_backend|qt_editor|.*_(tk|gtk|qt|wx|cairo|macosx|webagg|nbagg|pgf|ps|pdf|pdf_ps)\w*|_tkagg)
    | PIL/_(imagingft|webp|imagingcms|imagingmath|imagingmorph|imagingtk|avif)
    | sympy/(parsing/(latex|autolev|fortran|c)|physics/(?!__init__|units)|galgebra|.*/benchmarks)/ | isympy | RECORD$""",
    re.VERBOSE,
)


def of_wheels(wheels: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """The files of wheels."""
    for wheel in wheels:
        with zipfile.ZipFile(io.BytesIO(wheel)) as inside:
            for entry in inside.infolist():
                if not entry.is_dir():
                    yield entry.filename, inside.read(entry)


def of_algebra() -> Iterator[tuple[str, bytes]]:
    """The files of packages in plain Python, as they are installed here."""
    for name in ALGEBRA:
        for file in files(name) or ():
            if file.suffix == ".py":
                yield file.as_posix(), file.read_binary()


def of_the_book() -> Iterator[tuple[str, bytes]]:
    """optimlib, what runs the cells, and what pyplot draws with there."""
    for file in sorted((ROOT / "optimlib").rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            yield file.relative_to(ROOT).as_posix(), file.read_bytes()
    for name in ("cells.py", "drawing.py"):
        yield name, Path(__file__).with_name(name).read_bytes()


def packed(contents: Iterable[tuple[str, bytes]]) -> bytes:
    """An archive of what is needed of them, and the same bytes each time."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in contents:
            if not UNNEEDED.search(f"/{name}"):
                archive.writestr(zipfile.ZipInfo(name, DATE), content, zipfile.ZIP_DEFLATED, 9)
    return whole.getvalue()


def write(folder: Path, wheels: list[bytes]) -> None:
    """Write the three. What changes with no chapter is packed once, and kept with the wheels."""
    of = {"base": (pyodide.locked(), lambda: of_wheels(wheels)), "algebra": (list(map(version, ALGEBRA)), of_algebra)}
    for name, (made_of, contents) in of.items():
        (folder / f"{name}.zip").write_bytes(kept(name, f"{UNNEEDED.pattern} {made_of}", contents))
    (folder / "book.zip").write_bytes(packed(of_the_book()))


def kept(name: str, made_of: str, contents: Callable[[], Iterator[tuple[str, bytes]]]) -> bytes:
    file = npm.VENDOR / f"{name}-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}.zip"
    if not file.exists():
        part = file.with_name("part.zip")  # renamed when whole, so a build cut short leaves no half
        part.write_bytes(packed(contents()))
        part.rename(file)
    return file.read_bytes()
