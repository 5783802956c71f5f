// The page that Python has come to: which cells run, in which order, and how they are stopped.
import { cellOf } from "./cell.js";
import { forget, keep, kept } from "./kept.js";
import { make } from "./make.js";
import { talkWithLabs } from "./labs.js";
import { download } from "./notebook.js";

// Takes the bar below the title; fills it, and makes the cells of the page live.
export function open(bar) {
  document.head.append(make("link", { rel: "stylesheet", href: new URL("live.css", import.meta.url) }));
  const all = make("button", { type: "button", textContent: "Run all", onclick: () => ask(cells.at(-1), true) });
  const stop = make("button", { type: "button", textContent: "Stop", onclick: halt, disabled: true });
  const forgetting = make("button", { type: "button", textContent: "Forget my changes", hidden: true, onclick: forgotten });
  const saving = make("button", { type: "button", textContent: "Download my notebook", hidden: true, onclick: save });
  const status = make("span", { className: "live-status" });
  status.setAttribute("role", "status");
  bar.replaceChildren(all, stop, forgetting, saving, status);
  new ResizeObserver(([{ target }]) => { // what Tab leads to is not below the bar
    document.documentElement.style.scrollPaddingTop = `calc(3.5rem + ${target.offsetHeight}px)`;
  }).observe(bar);

  const labs = talkWithLabs((lab, values) => worker?.postMessage({ lab, values }));
  const boxes = [...document.querySelectorAll("div.cell:has(.cell_input)")];
  const cells = boxes.map((box, i) => cellOf(box, i + 1, { run: ask, changed, labs }));
  let worker, ready, running, queue = [];
  let back = restored() || " Change the code of any cell, and run it.";
  wake("Python is on its way …");
  setInterval(() => running?.ticks(), 1000);

  // Puts back what was changed when the page was last read; returns what there is to say of that.
  function restored() {
    const codes = kept(), found = cells.filter(({ written }) => written in codes);
    for (const cell of found) cell.takes(codes[cell.written]);
    return found.length ? ` Your changes are back: ${found.map(({ number }) => `cell ${number}`).join(", ")}.` : "";
  }

  function changes() {
    return cells.filter((cell) => cell.changed());
  }

  function changed(cell) {
    forgetting.hidden = saving.hidden = !changes().length;
    saving.hidden ||= !document.querySelector("a.btn-download-source-button"); // an assignment has no notebook here
    if (!keep(cell.written, cell.code())) status.textContent = "Your browser keeps no changes: they go with this page.";
  }

  function forgotten() {
    for (const cell of changes()) cell.undo();
    forget();
    status.textContent = "All cells are the book's again.";
    all.focus();
  }

  async function save() {
    try {
      await download(changes(), bar.dataset.solution);
    } catch {
      status.textContent = "The notebook could not be fetched: no network answers.";
    }
  }

  function wake(words) {
    status.textContent = words;
    worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => hear(data);
    worker.onerror = ({ message = "its files could not be fetched" }) => hear({ broken: message });
  }

  // Python is gone, and all that it knew; the outputs stay.
  function end() {
    worker.terminate();
    running?.halts();
    for (const cell of queue.splice(0)) cell.says("");
    for (const cell of cells) cell.forgets();
    labs.forget();
    worker = ready = running = undefined;
    stop.disabled = true;
  }

  function hear({ here, broken, output, lab, values, done }) {
    if (here) {
      ready = true;
      for (const cell of cells) cell.knows(here);
      status.textContent = `Python is ready.${back}`;
      back = "";
      next();
    } else if (broken !== undefined) {
      end();
      const why = /memory|allocat/i.test(broken) ? "this device has too little memory for it" : broken;
      status.textContent = `Python does not run here: ${why}. The outputs stay; Run tries again.`;
    } else if (output) running?.puts(output);
    else if (lab) labs.hear(lab, values);
    else if (done) {
      status.replaceChildren(...running.ends(done));
      finish(done.well);
    }
  }

  // A cell needs those above it: the ones that have not run as they stand run first. With checks students only check
  // themselves, so nothing needs them, and one that fails is in nobody's way.
  function ask(last, anew = false) {
    const above = cells.slice(0, cells.indexOf(last)).filter((cell) => anew || !(cell.isCheck || cell.stands()));
    for (const cell of [...above, last]) {
      if (queue.includes(cell)) continue;
      queue.push(cell);
      cell.says("waiting …");
    }
    if (!worker) wake("Python is on its way …");
    next();
  }

  function next() {
    if (!ready || running) return;
    running = queue.shift();
    stop.disabled = !running;
    if (running) worker.postMessage({ run: running.begins(), name: `<cell ${running.number}>` });
  }

  function finish(well) {
    if (!well && !running?.isCheck) for (const cell of queue.splice(0)) cell.says(running ? `not run: cell ${running.number} has an error` : "");
    running = undefined;
    next();
  }

  function halt() {
    end();
    wake("Stopped. Python starts anew, and has forgotten what ran before.");
  }
}
