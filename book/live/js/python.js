// Python, in a worker or in node: the cells of one page.
import { loadPyodide } from "./pyodide.mjs";

const PACKAGES = "/lib/python3.12/site-packages";

// Takes where the files are (`home`), `read(name)`, which gives a promise of a file's bytes, `readNow(name)`, which gives
// the bytes, and `tell(output)`. Returns a promise of { keywords, begin(), run(source, name): whether it went well, move(lab, values) }.
export async function start({ home, read, readNow, tell }) {
  const archives = ["base.zip", "book.zip"].map(read); // they come while Python starts
  const python = await loadPyodide({ indexURL: home, stdin: () => null });
  const unpack = (archive) => python.unpackArchive(archive, "zip", { extractDir: PACKAGES });
  for (const archive of archives) unpack(await archive);
  const cells = python.pyimport("cells");
  cells.tell = (output) => tell(JSON.parse(output));
  cells.bring = (name) => unpack(readNow(name));
  return {
    keywords: python.pyimport("keyword").kwlist.toJs(),
    begin: () => cells.begin(),
    run: (source, name) => cells.run(source, name),
    move: (lab, values) => cells.move(lab, JSON.stringify(values)),
  };
}
