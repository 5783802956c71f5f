"""A process that runs student code: in bubblewrap, bounded, behind a pipe of JSON lines.

Nothing of the host can be written, of its files only Python, the installed packages and the course's
own optimlib can be read, and what the process says is data: size, time and depth are bounded here.
"""

from __future__ import annotations

import json
import math
import os
import platform
import secrets
import select
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from grading import seccomp
from grading.sentences import Said

RUNNER = Path(__file__).with_name("runner.py")
ENVIRONMENT = {
    "HOME": "/tmp",
    "USER": "student",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
START = 60  # seconds until it must be ready, on a busy machine
LOOK = 0.25  # seconds between two looks at what it makes
# Compiles what every sandbox imports, once, where it can be written; and lists matplotlib's own fonts.
WARM_UP = """
import sys, matplotlib.pyplot, IPython.core.interactiveshell
from matplotlib import font_manager
find = font_manager.findSystemFonts
font_manager.findSystemFonts = lambda paths=None, fontext="ttf": find(paths, fontext) if paths else []
font_manager.json_dump(font_manager.FontManager(), sys.argv[1])
print(font_manager.FontManager.__version__)
"""


@dataclass(frozen=True)
class Limits:
    """What one submission may use: seconds for a cell and for all (computing or waiting; being kept waiting by
    others is not counted), bytes, and names of files."""

    cell: float = 20
    submission: float = 120
    memory: int = 1_500_000_000
    files: int = 32_000_000
    names: int = 2_000
    answers: int = 2_000_000


class Lost(Said):
    """The sandbox ended, or was ended."""

    part = "lost"


class Unusable(Exception):
    """This machine cannot run a sandbox: says what to do."""


@dataclass(frozen=True)
class Used:
    """Seconds that a sandbox has computed, and that it has waited of its own accord."""

    computing: float
    waiting: float

    @property
    def all(self) -> float:
        return self.computing + self.waiting


class Place:
    """What every sandbox of a run shares, read-only: the course's optimlib, and the list of fonts."""

    def __init__(self, optimlib: Path, within: Path | None = None):
        require()
        self.folder = tempfile.TemporaryDirectory(prefix="grading-", dir=within)
        here = Path(self.folder.name)
        shutil.copytree(optimlib, here / "course" / "optimlib")
        # The name of this folder, which a compiled file would carry, is nobody's business inside.
        subprocess.run([sys.executable, "-m", "compileall", "-q", "-s", here, "-p", "/", here / "course"], check=True)
        (here / "empty").touch()
        self.fonts = here / "fonts.json"
        warm = subprocess.run(
            [sys.executable, "-I", "-c", WARM_UP, self.fonts],
            capture_output=True,
            text=True,
            check=True,
            env={"MPLCONFIGDIR": self.folder.name},
            encoding="utf-8",
        )
        self.filter = here / "seccomp"
        self.filter.write_bytes(seccomp.program())
        self.command = self._command(here / "course", f"/tmp/matplotlib/fontlist-v{warm.stdout.strip()}.json")

    def _command(self, course: Path, fontlist: str) -> list[str]:
        base, stdlib = Path(sys.base_prefix), Path(sysconfig.get_path("stdlib"))
        command = [
            "--unshare-all",
            "--unshare-user",
            "--disable-userns",
            "--die-with-parent",
            "--new-session",
            "--cap-drop",
            "ALL",
            "--uid",
            "1000",
            "--gid",
            "1000",
            "--hostname",
            "sandbox",
            "--clearenv",
        ]
        for name, value in ENVIRONMENT.items():
            command += ["--setenv", name, value]
        for libraries in ("/usr/lib", "/usr/lib64", "/lib", "/lib64"):
            if os.path.islink(libraries):
                command += ["--symlink", os.readlink(libraries), libraries]
            elif os.path.isdir(libraries):
                command += ["--ro-bind", libraries, libraries]
        command += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
        if base / "lib" != Path("/usr/lib"):
            command += ["--ro-bind", str(base / "lib"), str(base / "lib")]
        for others in (stdlib / "site-packages", Path("/usr/lib/python3")):  # packages that are not the course's
            if others.is_dir():
                command += ["--size", "4096", "--tmpfs", str(others), "--remount-ro", str(others)]
        python = base / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
        for inside, outside in {
            str(python): python.resolve(),
            "/packages": sysconfig.get_path("purelib"),
            "/course": course,
            "/runner.py": RUNNER,
        }.items():
            command += ["--ro-bind", str(outside), inside]
        packages = Path(sysconfig.get_path("purelib"))
        for names_folders in [
            *packages.glob("*.pth"),
            *packages.glob("*.dist-info/direct_url.json"),
        ]:  # of this machine
            command += [
                "--ro-bind",
                str(course.parent / "empty"),
                str("/packages" / names_folders.relative_to(packages)),
            ]
        command += ["--dev", "/dev", "--remount-ro", "/dev"]
        command += ["--size", "{files}", "--tmpfs", "/tmp", "--dir", "/tmp/matplotlib", "--dir", "/tmp/work"]
        command += ["--ro-bind", str(self.fonts), fontlist, "--chdir", "/tmp/work", "--remount-ro", "/"]
        return [*command, str(python), "-I", "-S", "-B", "-X", "utf8", "/runner.py"]

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_) -> None:
        self.folder.cleanup()


class Sandbox:
    """One process for one student: `ask` it to run a cell. Leaves nothing behind."""

    def __init__(self, place: Place, limits: Limits, left: float):
        self.limits, self.left = limits, left  # seconds that the submission still has
        self.said, self.unread = 0, b""
        self.begun, self.pid, self.last = time.monotonic(), 0, Used(0, 0)
        info, tell = os.pipe()
        with open(place.filter, "rb") as filter:
            command = ["bwrap", "--seccomp", str(filter.fileno()), "--info-fd", str(tell), *place.command]
            command = [word.replace("{files}", str(limits.files)) for word in command]
            # The processor's time is bounded from here, by the cell; the kernel's bound is for when nobody looks.
            command += map(str, (limits.memory, math.ceil(limits.submission) + 5, limits.files))
            # Its own session: Ctrl-C is for the grader, which then takes the sandbox with it.
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                pass_fds=[filter.fileno(), tell],
                start_new_session=True,
            )
        os.close(tell)
        self.info = open(info, "rb")
        os.set_blocking(self.process.stdin.fileno(), False)
        os.set_blocking(self.process.stdout.fileno(), False)

    def wait_until_ready(self) -> None:
        """Unusable if it does not start: no student code has run yet."""
        try:
            self._converse(b"", "ready", lambda reply: True)
        except Lost as lost:
            self.process.kill()
            words = self.process.stderr.read(2000).decode(errors="replace").strip() or str(lost)
            raise Unusable(
                "Students' code is run only in bubblewrap, which is installed here and cannot make a sandbox: it needs "
                f"version 0.8 or newer, and to be allowed user namespaces. Its own words: {words}"
            ) from None
        reaper = json.load(self.info)["child-pid"]
        self.files = f"/proc/{reaper}/root/tmp"
        self.pid = int(Path(f"/proc/{reaper}/task/{reaper}/children").read_text(encoding="ascii"))

    def ask(self, source: str, run: str, wanted: Collection[str] = ()) -> list[dict]:
        """Run a cell and give its replies, the last of them with "done"; Lost if it does not get there.

        ``run`` says what of it is run: "all"; all of what is "given", or a "check"; of a student's own cell only "imports"
        or "definitions", of which those of ``wanted`` names.
        """
        token = secrets.token_hex(16)
        line = json.dumps({"token": token, "source": source, "run": run, "wanted": sorted(wanted)}).encode() + b"\n"
        return self._converse(line, token, lambda reply: "done" in reply)

    def used(self) -> Used:
        """What it has used of its time up to now. What the machine gave to others meanwhile is not its own."""
        try:
            computing = time.clock_gettime(
                ~self.pid << 3 | 2
            )  # the clock of a process, as <linux/posix-timers.h> numbers them
            kept_waiting = int(Path(f"/proc/{self.pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
        except OSError:  # it has ended
            return self.last
        waiting = time.monotonic() - self.begun - computing - kept_waiting
        self.last = Used(computing, max(waiting, self.last.waiting))
        return self.last

    def _bound_time(self, before: Used) -> None:
        used, cell = self.used(), self.limits.cell
        if used.computing - before.computing > cell:
            raise Lost("computed", seconds=f"{cell:g}")
        if used.waiting - before.waiting > cell:
            raise Lost("waited", seconds=f"{cell:g}")
        if used.all > self.left:
            raise Lost("out_of_time")

    def _converse(self, line: bytes, token: str, is_last: Callable[[dict], bool]) -> list[dict]:
        stdin, stdout = self.process.stdin.fileno(), self.process.stdout.fileno()
        before = self.used() if self.pid else self.last
        replies: list[dict] = []
        while True:
            while b"\n" in self.unread:
                first, self.unread = self.unread.split(b"\n", 1)
                reply = parsed(first)
                if reply.get("token") == token:
                    replies.append(reply)
                    if is_last(reply):
                        return replies
            if self.pid:
                self._bound_time(before)
                self._count_files()
            elif time.monotonic() > self.begun + START:
                raise Lost("no_start", seconds=f"{START}")
            readable, writable, _ = select.select([stdout], [stdin] if line else [], [], LOOK)
            try:
                if writable:
                    line = line[os.write(stdin, line) :]
                if readable:
                    more = os.read(stdout, 65536)
                    self.said += len(more)
                    self.unread += more
                    if not more:
                        raise Lost("ended")
            except BrokenPipeError:
                raise Lost("ended") from None
            if self.said > self.limits.answers:
                raise Lost("too_much")

    def _count_files(self) -> None:
        """Empty files weigh nothing against the size of a tmpfs, and 80 000 a second fill the host's memory."""
        try:
            about = os.statvfs(self.files)
        except OSError:  # it has just ended
            return
        if about.f_files - about.f_ffree > self.limits.names:
            raise Lost("too_many_files")

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_) -> None:
        self.process.kill()  # bubblewrap's --die-with-parent ends what is inside
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr, self.info):
            pipe.close()


def parsed(line: bytes) -> dict:
    """A line as a dictionary, empty if it is none: whoever wrote it may have meant harm."""
    try:
        reply = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return reply if isinstance(reply, dict) else {}


def require() -> None:
    """Unusable, with a sentence, where no sandbox can be made."""
    if shutil.which("bwrap") is None:
        raise Unusable(
            "Students' code is run only in bubblewrap, which is not installed here: "
            "`apt install bubblewrap` (Debian, Ubuntu) or `dnf install bubblewrap` (Fedora), as root; it needs Linux."
        )
    if platform.machine() not in seccomp.ARCHITECTURES:
        raise Unusable(
            f"Students' code is run only on {' or '.join(seccomp.ARCHITECTURES)}, not on {platform.machine()}."
        )
