"""Open the chapters in JupyterLab, as a reader has them: `make lab`.

They are the notebooks that the site gives for download, in _build/lab, where a reader may do as they like: what they
changed is theirs, and is not written over.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

from book.contents import ROOT
from book.downloads import all_portable

LAB = ROOT / "_build" / "lab"
WRITTEN = ".written-by-make"  # what make wrote, by the digests: a file with another one is the reader's


def lay_out(texts: dict[str, str], folder: Path) -> list[str]:
    """Write these files into the folder, but over none that a reader changed; return what there is to say of those."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / WRITTEN
    before = json.loads(stamp.read_text(encoding="utf-8")) if stamp.exists() else {}
    kept, said = {}, []
    for name, text in texts.items():
        file, new = folder / name, digest(text.encode())
        if file.exists() and digest(file.read_bytes()) not in (before.get(name), new):
            kept[name] = before.get(name)
            if new != before.get(name):
                said.append(f"{name} has your changes and stays as it is. Rename it, and make lab brings the new one.")
        else:
            file.write_bytes(text.encode())
            kept[name] = new
    stamp.write_text(json.dumps(kept), encoding="utf-8")
    return said


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main() -> None:
    for sentence in lay_out(all_portable(), LAB):
        print(sentence)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", "--notebook-dir", str(LAB), *sys.argv[1:]])


if __name__ == "__main__":
    main()
