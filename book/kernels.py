"""Run notebooks side by side, each in a kernel forked from this process.

A kernel takes a second to start, and two more to import what a chapter imports. Here this process imports all that
once and is forked for each notebook. nbclient talks to a forked kernel as to any other, so the outputs are the same.
Where a process cannot be forked safely (macOS, Windows), nbclient starts its own kernels.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import ipykernel.ipkernel  # noqa: F401  (what a kernel is made of, loaded once for all)
import nbformat
from ipykernel.kernelapp import IPKernelApp
from jupyter_client import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

FORK = sys.platform == "linux"


def run(
    files: list[Path], timeout: int, done: Callable[[Path, nbformat.NotebookNode], Any], fork: bool = FORK
) -> list[str]:
    """Run notebooks, each in its folder, as many at a time as there are processors.

    ``done(file, notebook)`` is called with each that ran to its end. What went wrong in the others is returned.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the processors are taken
    forked = fork_kernels(files) if fork else {}
    clients: list[NotebookClient] = []

    def outcome(file: Path) -> tuple[nbformat.NotebookNode, str]:
        notebook = nbformat.read(file, as_version=4)
        # The labs' state would have new names each time, and is for scripts that no page has.
        client = NotebookClient(notebook, timeout=timeout, store_widget_state=False)
        client.km = manager(forked[file]) if fork else client.create_kernel_manager()
        clients.append(client)
        try:
            client.execute(cwd=str(file.parent))
        except (CellExecutionError, CellTimeoutError, RuntimeError) as error:  # the last: it died, or never answered
            return notebook, f"{file.name}, code cell {client.code_cells_executed}: {error}"
        finally:
            atexit.unregister(
                client._cleanup_kernel
            )  # done; where a kernel could not start, nbclient would fail in it again
        return notebook, ""

    wrong = []
    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:  # one more: a kernel waits now and then
        try:
            futures = {pool.submit(outcome, file): file for file in files}
            for future in as_completed(futures):
                notebook, error = future.result()
                if error:
                    wrong.append(error)
                else:
                    done(futures[future], notebook)
        except BaseException:  # Ctrl-C, above all
            pool.shutdown(wait=False, cancel_futures=True)
            processes = [client.km.provisioner.process for client in clients if client.km and client.km.has_kernel]
            for process in processes:
                kill(process, signal.SIGINT)  # so that a cell can take away what it had begun
            time.sleep(0.5)
            for process in [*processes, *forked.values()]:
                kill(process)
            raise
    return wrong


def kill(process: subprocess.Popen | ForkedKernel, number: int = getattr(signal, "SIGKILL", signal.SIGTERM)) -> None:
    """End a process and those that it started, or send them another signal. On Windows, itself alone."""
    if process.poll() is None:
        with contextlib.suppress(OSError):  # it ends just now
            os.killpg(process.pid, number) if hasattr(os, "killpg") else process.send_signal(number)


def fork_kernels(files: list[Path]) -> dict[Path, ForkedKernel]:
    """A kernel for each notebook, in which is loaded what they import; each waits for its turn."""
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")  # as a kernel begins
    sources = "\n".join(file.read_text(encoding="utf-8") for file in files)
    for name in sorted(set(re.findall(r'^ *"(?:import|from) ([\w.]+)', sources, re.MULTILINE))):
        with contextlib.suppress(ImportError):  # its cell will say so
            importlib.import_module(name)
    sys.stdout.flush()
    kernels = {}
    for file in files:
        kernels[file] = ForkedKernel()
        kernels[file].start()
    return kernels


class ForkedKernel(multiprocessing.get_context("fork").Process):  # type: ignore[name-defined]
    """A kernel that waits to be told its folder and its arguments; to jupyter_client it is a subprocess.Popen."""

    stdin = stdout = stderr = None

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.told, self.tell = os.pipe()

    def run(self) -> None:
        os.close(self.tell)
        os.setsid()
        parent = os.getppid()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)  # the build's own are not for a kernel
        with open(self.told, encoding="utf-8") as told:
            line = told.readline()
        if line:  # none, if who forked it is gone
            orders = json.loads(line)
            os.chdir(orders["folder"])
            sys.path[0] = ""  # where `python -m` had the folder of the book
            IPKernelApp.launch_instance([*orders["arguments"], f"--IPKernelApp.parent_handle={parent}"])

    def poll(self) -> int | None:
        return self.exitcode

    def wait(self) -> int | None:
        self.join()
        return self.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


class Provisioner(LocalProvisioner):
    """Gives jupyter_client a forked kernel where it would start one."""

    def __init__(self, kernel: ForkedKernel, **options: Any) -> None:
        super().__init__(**options)
        self.kernel = kernel

    async def launch_kernel(self, cmd: list[str], **options: Any) -> dict:
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        with open(self.kernel.tell, "w", encoding="utf-8") as tell:
            print(json.dumps({"folder": options["cwd"], "arguments": arguments}), file=tell)
        self.process, self.pid, self.pgid = self.kernel, self.kernel.pid, self.kernel.pid
        return self.connection_info


def manager(kernel: ForkedKernel) -> AsyncKernelManager:
    manager = AsyncKernelManager(kernel_name="python3")
    manager.provisioner = Provisioner(kernel, kernel_spec=manager.kernel_spec, parent=manager)
    return manager
