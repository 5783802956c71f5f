"""Submissions that mean harm, and the small assignment that they attack: for tests/test_grading.py.

The assignment has two checked tasks, `double` (2 points) and `halve` (3), and a question (1). An attack is what
stands in the cell of `double`; `halve` beside it is right, so an attack that costs its own task only leaves 3 points,
and one that gains nothing by it does not get 5.
"""

MASTER = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# Two tasks

```{code-cell} ipython3
:nbgrader: {grade: false, grade_id: setup, locked: true, solution: false, task: false, schema_version: 3}
import numpy as np
```

## Task 1. Twice as much

```{code-cell} ipython3
:nbgrader: {grade: false, grade_id: double, locked: false, solution: true, task: false, schema_version: 3}
def double(x):
    ### BEGIN SOLUTION
    return 2 * np.asarray(x)  # the-solution
    ### END SOLUTION
```

```{code-cell} ipython3
:nbgrader: {grade: false, grade_id: double-try, locked: true, solution: false, task: false, schema_version: 3}
assert double(1) == 2, "twice one is two"
```

```{code-cell} ipython3
:nbgrader: {grade: true, grade_id: double-check, locked: true, points: 2, solution: false, task: false, schema_version: 3}
# What is checked here is not shown.
### BEGIN HIDDEN TESTS
the_secret = np.array([17.25, 4321.5])
reveal("twice an array", lambda: double(the_secret))
reveal("the array is left as it was", lambda: the_secret)
### END HIDDEN TESTS
```

## Task 2. Half of it

```{code-cell} ipython3
:nbgrader: {grade: false, grade_id: factor, locked: true, solution: false, task: false, schema_version: 3}
factor = 0.5
```

```{code-cell} ipython3
:nbgrader: {grade: false, grade_id: halve, locked: false, solution: true, task: false, schema_version: 3}
def halve(x):
    ### BEGIN SOLUTION
    return factor * x
    ### END SOLUTION
```

```{code-cell} ipython3
:nbgrader: {grade: true, grade_id: halve-check, locked: true, points: 3, solution: false, task: false, schema_version: 3}
### BEGIN HIDDEN TESTS
reveal("half a number", lambda: halve(7.75))
### END HIDDEN TESTS
```

## Task 3. In words

+++ {"nbgrader": {"grade": true, "grade_id": "why", "locked": false, "points": 1, "solution": true, "task": false, "schema_version": 3}}

Why?

### BEGIN SOLUTION
The model answer.
### END SOLUTION
"""

RIGHT = "def double(x):\n    return [2.0 * each for each in x]\n"

# Walks from a student's function up to the runner, whose token and pipe it takes.
TAKE = """\
import json, os, sys
def take():
    frame = sys._getframe()
    while "token" not in frame.f_locals:
        frame = frame.f_back
    token = frame.f_locals["token"]
    while "outbox" not in frame.f_locals:
        frame = frame.f_back
    return token, frame.f_locals["outbox"]
def say(value, label="twice an array"):
    token, pipe = take()
    os.write(pipe, b'{"token": "%s", "label": "%s", "value": ' % (token.encode(), label.encode()) + value + b"}\\n")
"""

# What is right only if a door is open: each of these must be as good as no answer.
ONLY_IF = "def found():\n    {}\nif found():\n    " + RIGHT.replace("\n    ", "\n        ")


def only_if(*lines):
    return ONLY_IF.format("\n    ".join(lines))


ANYWHERE = "for folder, _, files in os.walk('/'):"


def attacks(course, submitted, port):
    """Each attack by its name: what stands in the cell of `double`, and the points it must get, of 5."""
    return {
        # Never ending
        "infinite loop": ("while True: pass", 3),
        "infinite loop that catches everything": (
            "import signal\nfor each in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:\n"
            "    signal.signal(each, signal.SIG_IGN)\n"
            "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
            3,
        ),
        "prints a gigabyte, which nobody keeps": ("for _ in range(10_000): print('more ' * 20_000)\n" + RIGHT, 5),
        "infinite loop in the function": ("def double(x):\n    while True: pass", 3),
        "regular expression that never ends": ("import re\nre.match('(a|a)*b', 'a' * 99)", 3),
        # Ending the process
        "os._exit": ("import os\nos._exit(0)", 3),
        "os._exit in the function": ("import os\ndef double(x): os._exit(0)", 3),
        "SIGKILL of itself": ("import os\nos.kill(os.getpid(), 9)", 3),
        "SIGKILL of its parent and of all": (
            "import os\nfor pid in os.getppid(), 1, -1:\n    try: os.kill(pid, 9)\n    except OSError: pass\n" + RIGHT,
            5,
        ),
        "SystemExit": ("raise SystemExit", 3),
        "SystemExit in the function": ("def double(x): raise SystemExit", 3),
        "segmentation fault": ("import ctypes\nctypes.string_at(0)", 3),
        "endless recursion": ("def double(x): return double(x)", 3),
        "syntax error": ("def double(x) return", 3),
        # Using things up
        "3 GB array": ("x = np.ones(3 * 2**30 // 8)\n" + RIGHT, 3),
        "3 GB in small pieces": ("x = []\nwhile True: x.append(bytearray(1000000))", 3),
        "fork bomb": ("import os\nwhile True: os.fork()", 3),
        "thread bomb": ("import threading\nwhile True: threading.Thread(target=lambda: None).start()\n", 3),
        "subprocess": ("import subprocess\nsubprocess.run(['/bin/sh', '-c', 'true'])\n" + RIGHT, 3),
        "100 MB of output": (
            "import sys\nfor i in range(100):\n    print('x' * 10**6)\n"
            "    print('x' * 10**6, file=sys.stderr)\n" + RIGHT,
            5,
        ),
        "100 MB into the pipe": (
            "import os\nfor i in range(100):\n    for pipe in range(3, 20):\n"
            "        try: os.write(pipe, b'x' * 10**6)\n        except OSError: pass\n" + RIGHT,
            3,
        ),
        "a full disk": ("for i in range(1000):\n    open(str(i), 'wb').write(bytes(10**6))\n" + RIGHT, 3),
        "files without end": (
            "import os\ni = 0\nwhile True:\n    os.close(os.open(str(i), os.O_CREAT))\n    i += 1",
            3,
        ),
        "a file of 1 GB": ("import os\nwith open('x', 'wb') as f: os.truncate('x', 10**9)\n" + RIGHT, 3),
        "memory without a process": ("import os\nos.memfd_create('x')\n" + RIGHT, 3),
        "shared memory": (only_if("import ctypes", "return ctypes.CDLL(None).shmget(0, 4096, 0o1600) >= 0"), 3),
        "memory in extended attributes": (
            "import os\nopen('x', 'w')\nos.setxattr('x', 'user.a', bytes(60000))\n" + RIGHT,
            3,
        ),
        "memory in a pipe": ("import fcntl, os\nfcntl.fcntl(os.pipe()[0], 1031, 1 << 20)\n" + RIGHT, 3),
        "limits raised": ("import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))\n" + RIGHT, 3),
        "namespaces": (only_if("import ctypes", "return ctypes.CDLL(None).unshare(0x10000000) == 0"), 3),
        # Answers that are none
        "patched numpy": ("np.allclose = np.array_equal = np.equal = lambda *_: True\ndef double(x): return x", 3),
        "equal to everything": (
            "class Any(float):\n    __eq__ = lambda *_: True\n    __hash__ = float.__hash__\n"
            "    tolist = lambda self: self\ndef double(x): return Any(1)",
            3,
        ),
        "asserts stripped by a syntax-tree transformer": (
            "import ast\nclass Strip(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\n"
            "    def visit_Call(self, node): return ast.Constant(True)\n"
            "get_ipython().ast_transformers.append(Strip())\ndef double(x): return x",
            3,
        ),
        "the asking replaced": ("def reveal(*_, **__): pass\ndef double(x): return x", 3),
        "faked lines": (
            "import json, os\nfor pipe in range(20):\n    for token in 'ready', None:\n        try: os.write(pipe, "
            "json.dumps(dict(token=token, done=True, label='twice an array', value=[34.5, 8643.0])).encode() "
            "+ b'\\n')\n        except OSError: pass\ndef double(x): return x",
            3,
        ),
        "faked line with the run's own token": (TAKE + "def double(x):\n    say(b'[1, 2]')\n    raise SystemExit", 3),
        "two answers": (TAKE + "def double(x):\n    say(b'[34.5, 8643.0]')\n    return 2 * x", 3),
        "done before its time": (
            TAKE + "def double(x):\n    token, pipe = take()\n    os.write(pipe, json.dumps(dict("
            "token=token, done=True)).encode() + b'\\n')\n    return x",
            3,
        ),
        "a giant number": ("def double(x): return 10**100000", 3),
        "a giant number, raw": (TAKE + "def double(x): say(b'9' * 10**6); raise SystemExit", 3),
        "a giant number of few digits, raw": (
            TAKE + "def double(x): say(b'[9e999999999, 1' + b'0' * 4000 + b']'); raise SystemExit",
            3,
        ),
        "deep nesting": (TAKE + "def double(x): say(b'[' * 500000 + b']' * 500000); raise SystemExit", 3),
        "not a number": (TAKE + "def double(x): say(b'[NaN, -Infinity]'); raise SystemExit", 3),
        "no text": (TAKE + "def double(x): say(b'\"\\xff\\xfe\"'); raise SystemExit", 3),
        "half a character": (TAKE + "def double(x): say(b'\"\\\\ud800\"', label='\\\\ud800'); raise SystemExit", 3),
        "a label that is a list": (TAKE + "def double(x): say(b'1, \"label\": [[]]'); raise SystemExit", 3),
        # Looking round
        "reading what is hidden": (
            only_if(
                "import os",
                "mine = {'/runner.py'}",
                ANYWHERE,
                "    if folder.startswith(('/packages', '/usr', '/lib')) or '/lib/python' in folder: continue",
                "    for file in files:",
                "        path = os.path.join(folder, file)",
                "        if path in mine or os.path.islink(path) or folder.startswith('/dev'): continue",
                "        if b'the_' + b'secret' in open(path, 'rb').read() or file.endswith(('.ipynb', '.db')): return True",
            ),
            3,
        ),
        "reading the course by its name": (only_if("import os", f"return os.path.exists({str(course)!r})"), 3),
        "reading others' work": (only_if("import os", f"return os.path.exists({str(submitted)!r})"), 3),
        "seeing other processes": (
            only_if("import os", "return os.path.exists('/proc') or os.getppid() not in (0, 1)"),
            3,
        ),
        "the environment": (only_if("import os", "return bool({'PATH', 'PWD'} & set(os.environ) - {'PWD'})"), 3),
        "writing to the gradebook": (f"open({str(course / 'gradebook.db')!r}, 'r+b').write(b'x')\n" + RIGHT, 3),
        "writing outside": (
            only_if(
                "import os",
                "done = []",
                "for folder in ('/', '/usr/lib', '/packages', '/course', '/course/optimlib', '/dev', '/dev/shm', '/root', '/var'):",
                "    try: open(folder + '/x', 'w'); done.append(folder)",
                "    except OSError: pass",
                "return done",
            ),
            3,
        ),
        "changing the runner": ("open('/runner.py', 'a')\n" + RIGHT, 3),
        "locks on the course's files": (
            only_if(
                "import fcntl, struct",
                "done, file = [], open('/course/optimlib/__init__.py')",
                "for lock in (lambda: fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB),",
                "             lambda: fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB),",
                "             lambda: fcntl.fcntl(file, 37, struct.pack('hhqqi', 0, 0, 0, 0, 0)),",
                "             lambda: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)):",
                "    try: lock(); done.append(lock)",
                "    except PermissionError: pass",
                "return done",
            ),
            3,
        ),
        "where the packages lie on the host": (
            only_if(
                "import glob, os",
                "names = glob.glob('/packages/*.pth') + glob.glob('/packages/*/direct_url.json')",
                "compiled = [open(name, 'rb').read() for name in glob.glob('/course/optimlib/__pycache__/*')]",
                "return not compiled or any(map(os.path.getsize, names)) or any(b'/tmp' in data for data in compiled)",
            ),
            3,
        ),
        "the network": (only_if("import socket", f"return socket.create_connection(('127.0.0.1', {port}), 1)"), 3),
        "leaving something": ("open('/tmp/left', 'w').write('x')\ndef double(x): return x", 3),
        "finding what another left": (only_if("import os", "return os.path.exists('/tmp/left')"), 3),
        # Words that get somewhere
        "the check told in an error": (
            TAKE
            + "def double(x):\n    import sys\n    frame = sys._getframe()\n    while 'source' not in frame.f_locals: frame = frame.f_back\n"
            "    source = frame.f_locals['source']\n    raise type(source, (Exception,), {})(source)",
            3,
        ),
        "an error full of HTML": ("raise ValueError('<script>alert(1)</script>\\x1b[31m\\u202e')", 3),
        "an error that fails": ("class Bad(Exception):\n    def __str__(self): raise Bad\nraise Bad", 3),
    }
