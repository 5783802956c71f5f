// What the labs draw alike: panels, legends, runs on their ground.
import { Plot, classOf, html, svg } from "./draw.js";
import { end, outcome } from "./maths.js";
import { number } from "./numbers.js";

// Takes where to put a picture and what is told of its axes; returns its Plot.
export const panel = (parent, told) => new Plot(html("div", { class: "panel" }, parent), told);

// Takes where to put it and the labels of lines; shows a sample of each line beside its label.
export function legend(parent, labels) {
  const line = html("p", { class: "legend" }, parent);
  for (const label of labels) {
    const entry = html("span", {}, line);
    const sample = svg("svg", { viewBox: "0 0 340 80", class: "sample optimlab-drawn", "aria-hidden": "true" }, entry);
    svg("path", { d: "M10 40h320", class: `line ${classOf(label)}` }, sample);
    entry.append(` ${label}`);
  }
}

// Takes where to put them and what is told of a lab; returns a view with its map and its loss.
export function mapAndLoss(parent, { panels }) {
  const map = panel(parent, panels.map), loss = panel(parent, panels.loss);
  return { plots: [map, loss], map, loss };
}

// Takes a view, the labels of all methods, the runs by label, and their ground; draws the runs, the others away.
export function drawRuns(view, labels, runs, ground) {
  for (const label of labels) {
    const { W, b } = runs[label] ?? { W: [], b: [] };
    view.map.line(label, W, b);
    view.map.dots(label, W.slice(0, 50), b.slice(0, 50)); // later ones crowd around the minimum
    view.loss.line(label, 0, W.map((W, t) => ground.f(W, b[t])));
  }
  const first = Object.values(runs)[0], [label, last] = Object.entries(runs).at(-1) ?? [];
  view.outcome = last && `${label}: ${outcome(last, ground.minima[0])}`; // the last is what a lab is about
  if (first) view.map.dots("start", [first.W[0]], [first.b[0]]);
  const told = () => Object.entries(runs).map(([label, run]) => {
    const [W, b] = end(run);
    const lost = run.diverged ? `, lost at step ${run.diverged}` : "";
    return `${label} ends at W ${number(W)}, b ${number(b)}${lost}, loss ${number(ground.f(W, b))}`;
  }).join(". ");
  view.map.describe(() => `Paths on the contours of the loss. ${told()}.`);
  view.loss.describe(() => `The loss at each step. ${told()}.`);
}

// Takes a view and its ground; draws contours and minima, if the ground or the size has changed.
export function drawGround(view, ground) {
  if (view.ground === ground.key && !view.fresh) return;
  view.ground = ground.key;
  const { x, y } = view.map.axes;
  view.map.contours("surface", ground.f, levels(ground.f, fifths(x), fifths(y)));
  view.map.stars("minima", ground.minima);
}

// Takes a range; returns five places along it, both ends among them.
const fifths = ({ low, high }) => [0, 1, 2, 3, 4].map((i) => low + ((high - low) * i) / 4);

// Takes f and places in W and in b. Returns heights for contours, crowded towards the minimum, as eyes expect of a valley.
function levels(f, Ws, bs) {
  const high = Math.max(...Ws.flatMap((W) => bs.map((b) => f(W, b))));
  return [0.003, 0.015, 0.05, 0.12, 0.25, 0.45, 0.7].map((part) => part * high);
}

// Takes a label; returns it as a sentence begins.
export const capital = (label) => label[0].toUpperCase() + label.slice(1);
