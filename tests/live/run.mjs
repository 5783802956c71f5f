// Runs the code cells of notebooks as a page would: node run.mjs FOLDER_OF_PYTHON NOTEBOOK... writes, for each, its outputs in JSON.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, ...notebooks] = process.argv.slice(2);
const { start } = await import(pathToFileURL(`${folder}/python.js`));
const readNow = (name) => new Uint8Array(readFileSync(`${folder}/${name}`));
let outputs;
const python = await start({ home: `${folder}/`, read: async (name) => readNow(name), readNow, tell: (output) => outputs.push(output) });
for (const notebook of notebooks) {
  python.begin();
  const cells = JSON.parse(readFileSync(notebook, "utf8")).cells.filter((cell) => cell.cell_type === "code");
  const told = cells.map((cell, i) => {
    outputs = [];
    python.run([cell.source].flat().join(""), `<cell ${i + 1}>`);
    return outputs;
  });
  console.log(JSON.stringify(told));
}
