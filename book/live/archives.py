"""What a page unpacks: `python_stdlib.zip`, `base.zip`, `algebra.zip` and `book.zip`."""

import hashlib
import io
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import files, version
from pathlib import Path

from book import npm
from book.contents import ROOT
from book.downloads import DATE
from book.equations import node_program
from book.live import pyodide

ALGEBRA = ("sympy", "mpmath")
# What chapters import, some of it late: a test says what is missing here.
IMPORTED = """matplotlib.pyplot matplotlib.backends.backend_svg matplotlib.backends.backend_agg numpy.random contourpy traitlets
PIL.BmpImagePlugin PIL.JpegImagePlugin PIL.PpmImagePlugin difflib hmac importlib.readers
sympy sympy.assumptions.wrapper sympy.combinatorics sympy.physics.matrices sympy.physics.units sympy.sets.setexpr
sympy.tensor.tensor"""
# What no page needs: tests, what compilers ask for, back ends but those of SVG and PNG, fonts that no picture has letters
# from, and of the standard library what serves, sends mail, starts processes and reads old encodings.
UNNEEDED = re.compile(
    r"""/tests?/ | /testing/ | \.(pyi|pxd|pyx|h|a|typed|so\.map)$ | \.data/ | \.dist-info/(?!METADATA)
    | numpy/(f2py|distutils|_core/(lib|include|tests)|random/lib|typing/mypy|_pyinstaller|doc)/
    | _(rational|umath|operand_flag|struct_ufunc)_tests
    | mpl-data/(sample_data|images|fonts/(afm|pdfcorefonts)|plot_directive|stylelib)/
    | fonts/ttf/(?!DejaVuSans\.ttf|DejaVuSansDisplay|STIXGeneral\.ttf|DejaVuSans-Oblique\.ttf)
    | mpl_toolkits/ | matplotlib/(sphinxext|testing|_ttconv) | pylab\.py$
    | backends/(web_backend|qt_editor|.*_(tk|gtk|qt|wx|cairo|macosx|webagg|nbagg|pgf|ps|pdf|pdf_ps)\w*|_tkagg)
    | PIL/_(imagingft|webp|imagingcms|imagingmath|imagingmorph|imagingtk|avif)
    | sympy/(parsing/(latex|autolev|fortran|c)|.*/benchmarks)/ | sympy/physics/(?!__init__|units|matrices) | isympy | RECORD$
    | linalg/lapack_lite | zoneinfo\.tar\.gz | \.orig$
    | ^/(multiprocessing|xmlrpc|wsgiref|imaplib|mailbox|smtplib|nntplib|ftplib|telnetlib
        |poplib|cgi|cgitb|socketserver|aifc|sunau)\b
    | encodings/(cp(?!437|1252)|mac_|iso|koi|kz|ptc|hp_|tis|big5|euc|gb|hz|johab|shift)""",
    re.VERBOSE,
)
COMPILE = Path(__file__).with_name("compile.py")
# Takes the folder of Pyodide, that of the archives, what compiles them, and the modules.
RUN = """
import { pathToFileURL } from "node:url";
const [home, folder, program, ...modules] = process.argv.slice(1);
const { loadPyodide } = await import(pathToFileURL(`${home}/pyodide.mjs`));
const python = await loadPyodide({
  indexURL: `${home}/`,
  env: { PYTHONHASHSEED: "0" }, // each build makes the same bytes
  stderr: () => {}, // what base.zip leaves out is no news
});
python.mountNodeFS("/archives", folder);
python.runPython(program);
python.globals.get("put_bytecode_into")("/archives", modules);
"""


def of_zips(zips: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """The files of wheels and other archives."""
    for content in zips:
        with zipfile.ZipFile(io.BytesIO(content)) as inside:
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
    """Write the four, `python_stdlib.zip` in the place of Pyodide's own."""
    shutil.copytree(compiled(wheels), folder, dirs_exist_ok=True)
    (folder / "book.zip").write_bytes(packed(of_the_book()))


def compiled(wheels: list[bytes]) -> Path:
    """The folder of the archives that change with no chapter: made once, and kept with the wheels."""
    python, algebra = pyodide.PYODIDE.provided(), [*map(version, ALGEBRA)]
    program = COMPILE.read_text(encoding="utf-8")
    made_of = f"{pyodide.VERSION} {pyodide.locked()} {algebra} {UNNEEDED.pattern} {IMPORTED} {RUN} {program}"
    folder = npm.VENDOR / f"archives-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=npm.VENDOR) as place:
            part = Path(place, "part")  # moved when whole, so a build cut short leaves no half
            part.mkdir()
            stdlib = (python / "python_stdlib.zip").read_bytes()
            of = {"base": of_zips(wheels), "algebra": of_algebra(), "python_stdlib": of_zips([stdlib])}
            for name, contents in of.items():
                (part / f"{name}.zip").write_bytes(packed(contents))
            node = [node_program(), "--input-type=module", "--eval", RUN, python, part, program, *IMPORTED.split()]
            subprocess.run(node, check=True)
            if not folder.exists():  # tests side by side make it, too
                part.rename(folder)
    return folder
