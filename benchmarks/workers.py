"""A dask cluster as processes of this machine: a scheduler, and workers of one thread that have a processor each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distributed import Client


@contextmanager
def workers(*paths: str) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """As many workers as there are ``paths``, in which each looks for programs; the scheduler's address, and the workers."""
    processors = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "scheduler.json")
        options = ["--scheduler-file", file, "--host", "127.0.0.1", "--no-dashboard"]
        own = ["--no-nanny", "--nthreads", "1", "--local-directory", folder]
        started = [_start("scheduler", *options, "--port", "0")]
        try:
            while not file.exists():
                assert started[0].poll() is None, "the scheduler did not start"
                time.sleep(0.1)
            for i, path in enumerate(paths):
                started.append(_start("worker", *options, *own, path=path, processor=processors[i % len(processors)]))
            if paths:
                with Client(scheduler_file=str(file), set_as_default=False) as client:
                    client.wait_for_workers(len(paths))
            yield json.loads(file.read_text(encoding="utf-8"))["address"], started[1:]
        finally:
            for process in reversed(started):
                process.kill()
                process.wait()


def _start(tool: str, *options, path: str | None = None, processor: int | None = None) -> subprocess.Popen:
    command = [sys.executable, "-m", f"distributed.cli.dask_{tool}", *options]
    environment = os.environ | ({} if path is None else {"PATH": path})
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if processor is not None:  # before it has made a thread
        os.sched_setaffinity(process.pid, {processor})
    return process
