// One cell of the page: its code, which can be changed, its buttons, and what it put out.
import { coloured } from "./colour.js";
import { make } from "./make.js";
import { draw } from "./output.js";

// Takes the cell's box, its number, and { run(cell), changed(cell), labs }; returns the cell, whose functions page.js calls.
export function cellOf(box, number, { run, changed, labs }) {
  const input = box.querySelector(".cell_input"), pre = input.querySelector("pre"), place = input.parentElement;
  const ofTheBook = { code: [...pre.childNodes], output: [...(place.querySelector(":scope > .cell_output")?.childNodes ?? [])] };
  const area = make("textarea", { className: "live-code", spellcheck: false, autocapitalize: "off", autocomplete: "off", wrap: "off" });
  const button = make("button", { type: "button", textContent: "Run", onclick: () => run(cell) });
  const undo = make("button", { type: "button", textContent: "Undo my changes", hidden: true, onclick: undone });
  const state = make("span", { className: "live-state" });
  let keywords = [], ran, halted, stale, began, undid;

  const written = pre.textContent.replace(/\n$/, "");
  area.value = written;
  area.setAttribute("aria-label", `Code of cell ${number}. Escape, then Tab, leaves it.`);
  button.setAttribute("aria-label", `Run cell ${number}`);
  pre.parentElement.append(area); // behind the button that copies, so that Tab goes from the code to Run
  pre.setAttribute("aria-hidden", "true");
  pre.removeAttribute("tabindex");
  input.after(make("div", { className: "live-tools d-print-none" }, button, undo, state));
  area.addEventListener("keydown", typing(area, () => run(cell)));
  area.addEventListener("input", typed);
  area.addEventListener("scroll", () => { pre.scrollLeft = area.scrollLeft; });

  function show() {
    undo.hidden = !cell.changed();
    box.classList.toggle("live-changed", cell.changed());
    if (cell.changed()) pre.replaceChildren(...coloured(area.value, keywords), "\n");
    else pre.replaceChildren(...ofTheBook.code);
  }

  function undone() {
    cell.undo();
    area.focus();
  }

  function typed() {
    halted = false;
    show();
    changed(cell);
  }

  function output() {
    return place.querySelector(":scope > .cell_output") ?? place.appendChild(make("div", { className: "cell_output docutils container" }));
  }

  function says(words) {
    state.textContent = words;
  }

  // What is on the page stays until something new takes its place.
  function clear(keepLab) {
    if (stale && !keepLab) output().replaceChildren();
    stale = false;
  }

  const seconds = () => (performance.now() - began) / 1000;

  const cell = {
    number,
    written,
    isCheck: box.classList.contains("tag_check"),
    says,
    code: () => area.value,
    changed: () => area.value !== written,
    knows(words) {
      keywords = words;
      show();
    },
    takes(code) {
      area.value = code;
      typed();
    },
    undo() {
      cell.takes(written);
      output().replaceChildren(...ofTheBook.output);
      says("");
      ran = undefined;
      undid = true;
    },
    stands: () => halted || ran === area.value, // it need not run for one below it
    begins() {
      ran = area.value;
      began = performance.now();
      stale = true;
      halted = undid = false;
      says("running …");
      return ran;
    },
    ticks: () => undid || says(`running … ${Math.round(seconds())} s`),
    puts(what) {
      if (undid) return; // it comes of code that is no longer there
      const own = labs.own(what, output());
      clear(own);
      if (own) labs.move(what);
      else draw(what, output(), labs);
    },
    ends({ well }) { // returns what is said: in sight how it ended, aloud what came of it, too
      if (undid) return [`Cell ${number}: undone while it ran.`];
      clear();
      if (!well) ran = undefined;
      const passed = cell.isCheck ? "passed, " : "";
      says(well ? `${passed}${seconds().toFixed(seconds() < 1 ? 2 : 1)} s` : "an error");
      const words = output().innerText.trim().slice(0, 200);
      return [`Cell ${number}: ${state.textContent}. `, make("span", { className: "visually-hidden", textContent: words })];
    },
    halts() {
      halted = !undid;
      says(undid ? "" : "stopped");
    },
    forgets: () => { ran = undefined; },
  };
  return cell;
}

// Takes the area and what Shift+Enter does; returns what hears its keys: Enter keeps the indentation, Tab indents, and
// leaves after Escape.
function typing(area, runs) {
  let leaves = false;
  const insert = (text) => document.execCommand("insertText", false, text); // which the browser itself can undo
  return (event) => {
    const { key, shiftKey, ctrlKey, metaKey } = event, before = area.value.slice(0, area.selectionStart);
    const line = before.slice(before.lastIndexOf("\n") + 1);
    if (key === "Enter") {
      event.preventDefault();
      if (shiftKey || ctrlKey || metaKey) runs();
      else insert(`\n${line.match(/^ */)[0]}${/:\s*$/.test(line) ? "    " : ""}`);
    } else if (key === "Tab" && !shiftKey && !leaves) {
      event.preventDefault();
      insert(" ".repeat(4 - (line.length % 4)));
    }
    if (key !== "Shift") leaves = key === "Escape";
  };
}
