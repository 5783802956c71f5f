"""Does every small thing that could be wrong in a solution of an assignment cost points? (``make check-masters``)

The mutants of each master's own solutions, as ``make mutants`` makes them of optimlib, are held against the hidden
checks. One that still gets everything is named, unless it only leaves out a ``dtype=float`` where floats come out anyway,
or ``equivalent.toml``, beside the masters, says why it is no mistake.
``python -m tests.mutants.masters 4-adam`` takes this assignment only.
"""

from __future__ import annotations

import signal
import sys
import tomllib
import warnings
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "_build" / "mutants" / "packages"))  # behind .venv's own
sys.path.append(str(ROOT / "tests"))

from test_assignments import FOLDER, MASTERS, answers, cells_of, wrong_labels  # noqa: E402

from tests.mutants.mutate import mutants  # noqa: E402

SECONDS = 5  # of computing, for one mutant; a master takes a tenth of a second


class TooLong(BaseException):  # that no check takes for an answer, as it does an error
    pass


def stop(*_) -> None:
    raise TooLong


def survives(name: str, solution: str, code: str) -> bool:
    """Whether a mutant gets all the points."""
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        return not wrong_labels(name, answers(name, {solution: code}))
    except BaseException:  # it did not even run
        return False
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def without_types(code: str) -> str:
    return code.replace("dtype=float", "")


def equivalent() -> set[str]:
    file = FOLDER / "equivalent.toml"
    reasons = tomllib.loads(file.read_text(encoding="utf-8"))["reason"] if file.exists() else []
    return {mutant for reason in reasons for mutant in reason["mutants"]}


def main() -> None:
    signal.signal(signal.SIGVTALRM, stop)
    warnings.simplefilter("ignore")
    count, surviving, listed = 0, 0, equivalent()
    names = sys.argv[1:] or MASTERS
    for name in names:
        for solution, cell in cells_of(name, "solution").items():
            for mutant in mutants(f"{name} {solution}", cell.source):
                count += 1
                if not survives(name, solution, mutant.code) or without_types(mutant.code) == without_types(
                    cell.source
                ):
                    continue
                if str(mutant) in listed:
                    listed.remove(str(mutant))
                else:
                    surviving += 1
                    print(mutant, flush=True)
    stale = [mutant for mutant in listed if mutant.split()[0] in names]
    for mutant in stale:
        print(f"equivalent.toml lists what costs points, or is no mutant: {mutant}")
    print(f"{surviving} of {count} mutants of the solutions cost nothing")
    sys.exit(bool(surviving or stale))


if __name__ == "__main__":
    main()
