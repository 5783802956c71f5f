"""Grading by others: workers of a dask cluster, as processes on the loopback, give the rows that this machine gives alone."""

import os
import pickle
import shutil
import signal
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from needed import for_grading

with for_grading("GRADING BY OTHERS IS NOT TESTED", bubblewrap=True):
    from test_grading import course, hand_in, handed_out, solved  # noqa: F401 (fixtures)

    from benchmarks.workers import workers
    from grading import grade, sandbox

from attacks import RIGHT

LIMITS = sandbox.Limits(cell=2, submission=20)
SIX = {
    "right": RIGHT,
    "slow and right": "import time\ntime.sleep(1)\n" + RIGHT,
    "wrong": "def double(x): return x",
    "an error": "def double(x): raise KeyError",
    "ends itself": "import os\nos._exit(0)",
    "no end": "def double(x):\n    while True: pass",
}


@pytest.fixture(scope="module")
def six(solved, tmp_path_factory):
    folder = tmp_path_factory.mktemp("submitted")
    for student, source in SIX.items():
        hand_in(folder, student, solved(source))
    return folder


@pytest.fixture(scope="module")
def anew(course, tmp_path_factory):
    """The course as it was handed out, at each call, with nothing graded."""

    def copy(name):
        here = tmp_path_factory.mktemp("courses") / name
        graded = shutil.ignore_patterns("graded", "autograded", "feedback", "grades*.csv")
        return shutil.copytree(course, here, ignore=graded)

    return copy


def with_cluster(course, submitted, address, say=lambda _: None):
    with grade.cluster(address) as executor:
        return grade.grade(course, submitted, LIMITS, executor, say)


@pytest.fixture(scope="module")
def alone(anew, six):
    """The rows that this machine gives."""
    rows = grade.grade(anew("alone"), six, LIMITS, say=lambda _: None)
    assert len({row["total"] for row in rows}) > 1 and not any("not graded" in row["flag"] for row in rows)
    return rows


def test_two_workers_give_the_same_rows_also_if_one_is_killed(anew, six, alone):
    told = []

    def kill_one(line):
        told.append(line)
        if len(told) == 2:  # what came in is described, and the first is graded
            two[0].send_signal(signal.SIGKILL)

    with workers(os.environ["PATH"], os.environ["PATH"]) as (address, two):
        assert with_cluster(anew("two"), six, address) == alone
        assert with_cluster(anew("killed"), six, address, kill_one) == alone
        assert two[0].wait() == -signal.SIGKILL and two[1].poll() is None


def test_a_worker_without_bubblewrap_refuses(anew, six, tmp_path):
    here = anew("none")
    with workers(str(tmp_path)) as (address, _):
        with pytest.raises(sandbox.Unusable, match="bubblewrap, which is not installed here"):
            with_cluster(here, six, address)
    assert not list((here / "graded").glob("*/*.json"))


def test_any_executor_will_do(anew, six, alone):
    with ProcessPoolExecutor(2, get_context("spawn")) as executor:
        assert grade.grade(anew("processes"), six, LIMITS, executor, lambda _: None) == alone


class Elsewhere(Executor):
    """A machine that has nothing but what is sent to it, and does one thing after the other."""

    def __init__(self, lost=()):
        self.sent, self.lost = [], lost

    def submit(self, function, *arguments):
        self.sent.append(pickle.dumps((function, arguments)))
        future = Future()
        if arguments[0].submission.student in self.lost:
            future.set_exception(ConnectionError("lost"))
        else:
            function, arguments = pickle.loads(self.sent[-1])
            future.set_result(function(*arguments))
        return future


def test_what_is_sent_is_all_that_is_needed_and_what_is_lost_is_tried_again(anew, six, alone):
    here, elsewhere = anew("elsewhere"), Elsewhere(lost=["right"])
    rows = grade.grade(here, six, LIMITS, elsewhere, lambda _: None)
    assert len(elsewhere.sent) == 6 and not any(os.fsencode(six) in sent for sent in elsewhere.sent)
    assert [row for row in rows if row["student"] != "right"] == [row for row in alone if row["student"] != "right"]
    (lost,) = [row for row in rows if row["student"] == "right"]
    assert lost["flag"] == "not graded" and "ConnectionError" in lost["reason"]
    again = Elsewhere()
    assert grade.grade(here, six, LIMITS, again, lambda _: None) == alone and len(again.sent) == 1


def test_a_worker_that_would_grade_otherwise_refuses():
    with pytest.raises(sandbox.Unusable, match="another edition"):
        grade._place_here(LIMITS, "another")


def test_no_scheduler_and_no_workers(tmp_path):
    with pytest.raises(sandbox.Unusable, match="No scheduler answers at nowhere"):
        with_cluster(tmp_path, tmp_path, "nowhere")
    with workers() as (address, _):
        with pytest.raises(sandbox.Unusable, match="has no workers"):
            with_cluster(tmp_path, tmp_path, address)
