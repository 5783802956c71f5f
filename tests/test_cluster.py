"""Grading by others: workers of a dask cluster, as processes on the loopback, give the rows that this machine gives alone."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from needed import for_grading

with for_grading("GRADING BY OTHERS IS NOT TESTED", bubblewrap=True):
    from test_grading import LIMITS, cells, course, hand_in, handed_out, solved  # noqa: F401 (fixtures)

    from grading import grade, sandbox

from attacks import RIGHT  # noqa: E402

SIX = {
    "right": RIGHT,
    "slow and right": "import time\ntime.sleep(2)\n" + RIGHT,
    "wrong": "def double(x): return x",
    "an error": "def double(x): raise KeyError",
    "ends itself": "import os\nos._exit(0)",
    "no end": "def double(x):\n    while True: pass",
}


@pytest.fixture(scope="module")
def six(solved, tmp_path_factory):  # noqa: F811
    folder = tmp_path_factory.mktemp("submitted")
    for student, source in SIX.items():
        hand_in(folder, student, solved(source))
    return folder


@pytest.fixture
def anew(course, tmp_path):  # noqa: F811
    """The course as it was handed out, at each call, with nothing graded."""

    def copy(name):
        here = tmp_path / name
        graded = shutil.ignore_patterns("graded", "autograded", "feedback", "grades*.csv")
        return shutil.copytree(course, here, ignore=graded)

    return copy


@pytest.fixture
def cluster(tmp_path):
    """Start a scheduler and workers, each of one thread and with the PATH that is given; give its address, and the workers."""
    started = []

    def start(tool, *options, path=os.environ["PATH"]):
        file = tmp_path / "scheduler.json"
        command = [sys.executable, "-m", f"distributed.cli.dask_{tool}", "--scheduler-file", file, "--host", "127.0.0.1"]
        with open(tmp_path / f"{tool}{len(started)}.log", "w", encoding="utf-8") as log:
            started.append(
                subprocess.Popen([*command, "--no-dashboard", *options], env=os.environ | {"PATH": path}, stdout=log, stderr=log)
            )
        return started[-1]

    def make(*paths):
        start("scheduler", "--port", "0")
        while not (tmp_path / "scheduler.json").exists():
            assert started[0].poll() is None
            time.sleep(0.1)
        places = ("--local-directory", tmp_path)
        workers = [start("worker", "--no-nanny", "--nthreads", "1", *places, path=path) for path in paths]
        address = json.loads((tmp_path / "scheduler.json").read_text(encoding="utf-8"))["address"]
        from distributed import Client

        with Client(address, set_as_default=False) as client:
            if paths:
                client.wait_for_workers(len(paths))
        return address, workers

    yield make
    for process in reversed(started):
        process.kill()
        process.wait()


def with_cluster(course, submitted, address, say=lambda _: None):  # noqa: F811
    with grade.cluster(address) as executor:
        return grade.grade(course, submitted, LIMITS, executor, say)


@pytest.fixture
def alone(anew, six):
    rows = grade.grade(anew("alone"), six, LIMITS, say=lambda _: None)
    assert len({row["total"] for row in rows}) > 1 and not any(row["reason"] for row in rows)
    return rows


def test_two_workers_give_the_same_rows_also_if_one_is_killed(anew, six, alone, cluster):
    path = os.environ["PATH"]
    address, workers = cluster(path, path)
    assert with_cluster(anew("two"), six, address) == alone

    def kill_one(_, lines=[]):  # noqa: B006 (kept from line to line)
        lines.append(_)
        if len(lines) == 2:  # what came in is described, and the first of them is graded
            workers[0].send_signal(signal.SIGKILL)

    assert with_cluster(anew("killed"), six, address, kill_one) == alone
    assert workers[0].wait() == -signal.SIGKILL and workers[1].poll() is None


def test_a_worker_without_bubblewrap_refuses(anew, six, cluster, tmp_path):
    address, _ = cluster(str(tmp_path))
    here = anew("none")
    with pytest.raises(sandbox.Unusable, match="bubblewrap, which is not installed here"):
        with_cluster(here, six, address)
    assert not list((here / "graded").glob("*/*.json"))


def test_any_executor_will_do(anew, six, alone):
    with ProcessPoolExecutor(2, get_context("spawn")) as executor:
        assert grade.grade(anew("processes"), six, LIMITS, executor, lambda _: None) == alone


def test_a_worker_that_would_grade_otherwise_refuses():
    with pytest.raises(sandbox.Unusable, match="another edition"):
        grade._place_here(LIMITS, "another")


def test_no_scheduler_and_no_workers(cluster, monkeypatch, tmp_path):
    with pytest.raises(sandbox.Unusable, match="No scheduler answers at nowhere"):
        with_cluster(tmp_path, tmp_path, "nowhere")
    address, _ = cluster()
    with pytest.raises(sandbox.Unusable, match="has no workers"):
        with_cluster(tmp_path, tmp_path, address)
