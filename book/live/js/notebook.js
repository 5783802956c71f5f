// The reader's own notebook: the one that the page has for download, with what they changed.
import { make } from "./make.js";

// Takes the changed cells, and the line that stands above what is folded up; saves the notebook, each cell with the reader's
// code and no output, which would be another code's.
export async function download(changed, solution) {
  const { href } = document.querySelector("a.btn-download-source-button");
  const answer = await fetch(href);
  if (!answer.ok) throw new Error(`${href} is not there (${answer.status})`);
  const notebook = await answer.json();
  for (const { written, code } of changed) {
    const cell = notebook.cells.find(({ source }) => [source].flat().join("").replace(solution, "").trim() === written.trim());
    Object.assign(cell, { source: code(), outputs: [], execution_count: null });
    delete cell.metadata.jupyter; // unfolded: it is theirs
  }
  const file = new Blob([JSON.stringify(notebook, null, 1)], { type: "application/x-ipynb+json" });
  make("a", { href: URL.createObjectURL(file), download: href.slice(href.lastIndexOf("/") + 1) }).click();
}
