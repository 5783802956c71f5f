// Python in a worker, so that the page answers while a cell runs. It hears { run, name } and { lab, values }, and says
// { here: the words that Python keeps to itself }, { output }, { lab, values }, { done } and { broken }.
import { start } from "./python.js";

const file = (name) => new URL(name, import.meta.url);
const fetched = async (name) => {
  const answer = await fetch(file(name));
  if (!answer.ok) throw new Error(`${name} is not there (${answer.status})`);
  return new Uint8Array(await answer.arrayBuffer());
};
// An import cannot wait for a promise.
const fetchedNow = (name) => {
  const request = new XMLHttpRequest();
  request.open("GET", file(name), false);
  request.responseType = "arraybuffer";
  request.send();
  return new Uint8Array(request.response);
};

const tell = (told) => postMessage(told.output_type ? { output: told } : told);
const starting = start({ home: String(file(".")), read: fetched, readNow: fetchedNow, tell });
starting.then(({ keywords }) => postMessage({ here: keywords }), (error) => postMessage({ broken: String(error) }));

onmessage = async ({ data: { run, name, lab, values } }) => {
  const python = await starting;
  try {
    if (lab) python.move(lab, values);
    else postMessage({ done: { well: python.run(run, name) } });
  } catch (error) { // not of the cell's: of Python itself
    postMessage({ broken: String(error) });
  }
};
