"""Servers that tests start: a port that is free, and the wait until one answers."""

import socket
import subprocess
import time
import urllib.request
from pathlib import Path

PATIENCE = 240  # seconds: the machine may be busy


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_until_it_answers(address: str, server: subprocess.Popen, log: Path) -> None:
    """Fails, with what stands in the log, if the server ends first, or does not answer in time."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return urllib.request.urlopen(address).close()
        except OSError:
            assert server.poll() is None and time.monotonic() < end, log.read_text(encoding="utf-8")
            time.sleep(0.5)
