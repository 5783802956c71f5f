// One step of the lab's own method in numbers, line by line as the rule is written, each term in the colour of its arrow.
import { classOf, html } from "./draw.js";
import { number, raised } from "./numbers.js";
import { stepOf } from "./maths.js";
import { worked } from "./worked.js";

// The arrows of a step, and what they are called in the picture; the step itself bears the name of the method.
const NAMES = { carry: "carried on", push: "the gradient’s push" };
export const ARROWS = ["carry", "push", "step"];

// The rules that walk along the velocity v, of which a part is the same part of the step, and those that walk along the
// gradient and scale its push; of any other only the step is drawn.
const ALONG_V = ["momentum", "heavy_ball", "adam", "adam_uncorrected", "amsgrad"], SCALING = ["rmsprop", "adagrad"];

// Takes where to put it and what the front offers (front.js); returns what shows the step of a setting on its ground, as far
// as its runs go, and returns its arrows, [{ key, from: [W, b], to: [W, b], name, label }, ...].
// `names` is what the two numbers of a run are called.
export function addSums(parent, { about, redraw, signal }, names = { W: "W", b: "b" }) {
  const box = html("div", { class: "sums" }, parent), head = html("p", {}, box), said = html("span", {}, head);
  let letter = "b";
  const choose = Object.keys(names).map((name) => {
    const button = html("button", { type: "button", "aria-pressed": name === letter }, head, names[name]);
    button.addEventListener("click", () => {
      letter = name;
      for (const other of choose) other.setAttribute("aria-pressed", other === button);
      redraw();
    }, { signal });
    return button;
  });
  const table = html("table", {}, box);
  return (values, ground, runs) => {
    const shown = about.methods.filter(({ rule, label }) => runs[label] && worked[rule]).at(-1);
    box.hidden = !shown;
    if (!shown) return [];
    const step = Math.min(Math.max(values.step, 1), runs[shown.label].W.length - 1);
    const { rule, ...along } = stepOf(shown, about, values, ground, step);
    const told = { W: worked[rule](...along.W), b: worked[rule](...along.b) }, rows = told[letter];
    put(said, `Step ${step} of ${shown.label} along `);
    while (table.rows.length > rows.length) table.deleteRow(-1);
    rows.forEach(([name, words, value], k) => {
      const row = table.rows[k] ?? table.insertRow();
      while (row.cells.length < 3) row.insertCell();
      put(row.cells[0], name === "w" && names[letter] === letter ? letter : name.replace("_hat", "\u0302")); // the sign above the letter
      const terms = termsOf(rule, name, words.replace(/\^(\d+)/g, (_, whole) => raised(whole)));
      putTerms(row.cells[1], [["", "= "], ...terms], classOf(shown.label));
      put(row.cells[2], `= ${number(value).replaceAll("-", "−")}`);
    });
    return values.step ? arrowsOf(rule, along, told, shown.label) : [];
  };
}

// Takes an element and a text; puts the one into the other, unless it is there.
function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Takes a cell, terms [[key, words], ...] and the class of the method; puts a span for each into the cell.
function putTerms(cell, terms, method) {
  while (cell.childElementCount > terms.length) cell.lastChild.remove();
  terms.forEach(([key, words], k) => {
    const span = cell.children[k] ?? html("span", {}, cell), name = key && `term ${key} ${key === "step" ? method : ""}`.trim();
    if (span.className !== name) span.className = name;
    put(span, words);
  });
}

// Takes a rule, the name of one of its lines and the line in numbers; returns its terms, [[key of the arrow or "", words], ...].
export function termsOf(rule, name, words) {
  if (name === "w") {
    const [place, ...rest] = parted(words, " − "), step = rest.join(" − ");
    if (!SCALING.includes(rule)) return [["", `${place} − `], ["step", step]];
    const [push, scale] = parted(step, " / ");
    return [["", `${place} − `], ["push", push], ["step", ` / ${scale}`]];
  }
  if (name !== "v" || !ALONG_V.includes(rule)) return [["", words]];
  const [carry, push] = parted(words, " + ");
  return [["carry", carry], ["", " + "], ["push", push]];
}

// Takes words and a sign; returns what stands between the signs that no bracket holds.
function parted(words, sign) {
  const parts = [""];
  let deep = 0;
  for (const piece of words.split(sign)) {
    parts.push(deep ? parts.pop() + sign + piece : piece);
    for (const letter of piece) deep += (letter === "(") - (letter === ")");
  }
  return parts.slice(1);
}

// Takes a rule, its step along W and along b (maths.js), both in numbers, and the label of the method; returns the arrows of the step: what was
// carried on and the gradient's push, tip to tail, or the push that is then scaled.
export function arrowsOf(rule, along, told, label) {
  const line = (rows, name) => rows.find(([of]) => of === name)[2];
  const parts = ["W", "b"].map((letter) => {
    const [w, dw, memory, keywords] = along[letter], step = line(told[letter], "w") - w;
    if (!ALONG_V.includes(rule)) return { w, carry: 0, push: -keywords.lr * dw, step };
    const v = line(told[letter], "v") || 1, old = line(worked[rule](w, 0, memory, keywords), "v");
    return { w, carry: (step * old) / v, push: (step * (v - old)) / v, step };
  });
  const arrow = (key, from, to) => {
    const place = (...keys) => parts.map((part) => keys.reduce((sum, key) => sum + part[key], part.w));
    return { key, from: place(...from), to: place(...to), name: NAMES[key] };
  };
  const arrows = [{ ...arrow("step", [], ["step"]), label }];
  if (parts.some(({ carry }) => carry)) arrows.push(arrow("carry", [], ["carry"]));
  if (ALONG_V.includes(rule) || SCALING.includes(rule)) arrows.push(arrow("push", ["carry"], ["carry", "push"]));
  return arrows;
}
