"""`make check-hub`: the course on a JupyterHub, with its real processes and system users, in a world of its own.

That world is a set of namespaces, made by bubblewrap: users are added to a copy of /etc, homes and exchange are in
memory, the only network is the loopback, and whatever was started ends when the tests do, however they do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def main(arguments: list[str]) -> int:
    if missing := _missing():
        print(f"THE HUB IS NOT TESTED: {missing}", file=sys.stderr)
        return bool(os.environ.get("REQUIRE_HUB"))
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree("/etc", etc := f"{folder}/etc", symlinks=True)
        inside = [sys.executable, "-m", "pytest", "tests/hub", *arguments]
        environment = os.environ | {"PYTHONPATH": str(ROOT / "_build" / "hub" / "packages"), "TMPDIR": "/tmp"}
        return subprocess.run(["bwrap", *_world(etc), *inside], env=environment).returncode


def _missing() -> str:
    if os.geteuid() != 0:
        return "only root can add users and start their servers: sudo make check-hub"
    if tools := [tool for tool in ("bwrap", "chromium", "useradd", "make") if not shutil.which(tool)]:
        return f"{tools[0]} is not installed"
    return ""


def _world(etc: str) -> list[str]:
    """The machine as it is, to be read; what is written, anew; and every user may come to the book and its Python."""
    fresh = {Path("/home"): "0755", Path("/srv"): "0755", Path("/tmp"): "1777"}
    needed = []
    for place in (ROOT, Path(sys.base_prefix)):
        closed = [folder for folder in (*reversed(place.parents), place) if not folder.stat().st_mode & 0o001]
        fresh |= {
            folder: "0755" for folder in closed[:1] if folder not in fresh
        }  # such as /root, which is root's alone
        needed += [*place.iterdir()] if place in fresh else [place]
    world = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--bind", etc, "/etc"]
    for folder, mode in fresh.items():
        world += ["--perms", mode, "--tmpfs", str(folder)]
    for place in needed:
        for parent in reversed(place.parents):
            if fresh.keys() & {*parent.parents}:
                world += ["--perms", "0755", "--dir", str(parent)]
        world += ["--bind", str(place), str(place)]
    return [*world, "--cap-add", "ALL", "--unshare-pid", "--unshare-net", "--die-with-parent", "--chdir", str(ROOT)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
