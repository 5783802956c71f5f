"""What runs inside the sandbox, beside the student's code: cells come in as JSON, answers go out as JSON.

Nothing here is a secret and nothing here decides: student code may read and change all of it. What
it cannot find is a right answer, because answers are compared outside.

It runs alone (`python -I -S runner.py`), so it imports nothing of the grader.
"""

import ast
import json
import os
import resource
import sys
from contextlib import nullcontext
from functools import partial


def limit(memory, seconds, file_size):
    """Bound this process for good: without rights, a hard limit cannot be raised again."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_NOFILE, 128),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def plain(x):
    """A value as plain data: numbers, strings, None, lists and dictionaries with strings as keys."""
    if hasattr(x, "tolist"):  # a NumPy array or number
        x = x.tolist()
    if isinstance(x, dict):
        return {str(key): plain(value) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(value) for value in x]
    if isinstance(x, complex):
        return {"real": x.real, "imag": x.imag}
    if x is None or isinstance(x, (bool, int, float, str)):
        return x
    raise TypeError(f"not a number, a text, or a list of them: {type(x).__name__}")


def told(error):
    """An error as it is told: its kind, and what it says."""
    if error is None:
        return None
    try:
        words = str(error)[:300]
    except BaseException:  # the student's own exception, whose __str__ fails
        words = ""
    return [type(error).__name__[:60], words]


def definitions(line, wanted, course):
    """Whether it is an import, or a function, class or wanted value under a name that is not the course's: no experiment."""
    if isinstance(line, (ast.Import, ast.ImportFrom)):
        return True
    names = defined(line, wanted)
    return bool(names) and not names & course


def imports(line, wanted, _):
    """Whether it imports what is wanted: matplotlib alone takes longer than all that is checked."""
    if not isinstance(line, (ast.Import, ast.ImportFrom)):
        return False
    return bool({alias.asname or alias.name.partition(".")[0] for alias in line.names} & {*wanted, "*"})


def defined(line, wanted):
    """The name of a function or class, or the names that a line assigns to, if one is wanted."""
    if isinstance(line, (ast.FunctionDef, ast.ClassDef)):
        return {line.name}
    names = assigned(line)
    return names if names & wanted else set()


def assigned(line):
    targets = line.targets if isinstance(line, ast.Assign) else [line.target] if isinstance(line, ast.AnnAssign) else []
    return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}


def make_shell():
    """IPython's shell, for its magics and syntax, with nothing shown, remembered or written."""
    from IPython.core.history import HistoryManager
    from IPython.core.interactiveshell import InteractiveShell

    class Shell(InteractiveShell):
        def enable_gui(self, gui=None):
            """Let `%matplotlib inline` pass."""

        def _tee(self, channel):
            """Let what is printed be lost: IPython would keep all of it, until there is no memory for any other task."""
            return nullcontext()

        def showtraceback(self, *_, **__):
            """Nobody would see it."""

        showsyntaxerror = showindentationerror = showtraceback

    HistoryManager.enabled = False
    shell = Shell.instance()
    shell.cache_size = 0
    return shell


def main():
    inbox, outbox = os.fdopen(os.dup(0), "rb"), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # what student code reads is empty, and what it prints is lost
        os.dup2(nothing, stream)
    limit(*map(int, sys.argv[1:]))
    sys.path[:] = ["", "/course", *sys.path[1:], "/packages"]  # the script's own folder goes
    shell = make_shell()
    names, course = shell.user_ns, {}

    def send(token, **message):
        line = json.dumps({"token": token, **message}).encode() + b"\n"
        while line:
            line = line[os.write(outbox, line) :]

    send("ready")
    for line in inbox:
        request = json.loads(line)
        token, source, error = request["token"], request["source"], None
        if request["run"] != "check":
            lines, skipped = [source], 0
            try:
                if only := {"definitions": definitions, "imports": imports}.get(request["run"]):
                    all_lines = ast.parse(shell.transform_cell(source)).body
                    kept = [line for line in all_lines if only(line, {*request["wanted"]}, course.keys())]
                    lines, skipped = [ast.unparse(line) for line in kept], len(all_lines) - len(kept)
                for line in lines:  # of the student's own, each for itself: one that fails costs no other
                    result = shell.run_cell(line, silent=True)
                    error = error or result.error_before_exec or result.error_in_exec
                if request["run"] == "given":  # what the checks mean by these names, whatever becomes of them
                    exec(compile(source, "<given>", "exec"), course)
            except BaseException as raised:
                error = raised
            send(token, done=True, error=told(error), skipped=skipped)
            continue

        part = None

        def opened(promise, title, points):
            nonlocal part
            part = [title, points, promise]

        def reveal(label, value, rtol=1e-6):
            asked = {"label": label, "rtol": rtol, "part": part}
            try:
                send(token, **asked, value=plain(value()))
            except BaseException as raised:
                send(token, **asked, error=told(raised))

        scope = {**names, **course, "reveal": reveal}
        scope["part"], scope["promise"] = partial(opened, False), partial(opened, True)
        try:
            exec(compile(source, "<check>", "exec"), scope)
        except BaseException as raised:
            error = raised
        send(token, done=True, error=told(error))


if __name__ == "__main__":
    main()
