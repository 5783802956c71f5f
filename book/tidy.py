"""Execute the notebooks and store them tidy: text outputs only, in order, nothing of the machine.

    python -m book.tidy chapters/2-momentum.ipynb     executes and rewrites the file
    python -m book.tidy                               all of chapters/

Pictures are not stored (they would change every diff); their computed descriptions are.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

CHAPTERS = Path(__file__).resolve().parent.parent / "chapters"
STORED = ("text/plain", "text/latex")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def execute(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run every cell from the first to the last, in ``folder``."""
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}}).execute()


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Drop what need not be stored; number cells and give them ids by their place."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    count = 0
    for place, cell in enumerate(notebook.cells):
        cell.id = f"cell-{place:03}"
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        cell.outputs = joined(cell.outputs)
        for output in cell.outputs:
            output.pop("metadata", None)
            if "execution_count" in output:
                output.execution_count = count
            if "data" in output:
                output.metadata = {}
                output.data = nbformat.from_dict({k: v for k, v in output.data.items() if k in STORED})


def joined(outputs: list) -> list:
    """Neighbouring prints as one: where a kernel happens to cut a stream is chance."""
    kept: list = []
    for output in outputs:
        if kept and output.output_type == "stream" and kept[-1].get("name") == output.name:
            kept[-1].text += output.text
        else:
            kept.append(output)
    return kept


def main(files: list[str]) -> None:
    for file in [Path(f) for f in files] or sorted(CHAPTERS.glob("*.ipynb")):
        print(file.name, flush=True)
        notebook = nbformat.read(file, as_version=4)
        execute(notebook, file.resolve().parent)
        tidy(notebook)
        nbformat.write(notebook, file)


if __name__ == "__main__":
    main(sys.argv[1:])
