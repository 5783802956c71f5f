// What the labs draw alike: panels, and runs on their ground up to the moment that is looked at.
import { Plot, html } from "./draw.js";
import { arrival, end, groundOf, outcome, runsOf, upTo } from "./maths.js";
import { ARROWS, addSums } from "./sums.js";
import { addTargets } from "./targets.js";
import { number } from "./numbers.js";

// Takes where to put a picture and what is told of its axes; returns its Plot.
export const panel = (parent, told) => new Plot(html("div", { class: "panel" }, parent), told);

// Takes where to put them and what the front offers (front.js); returns a view with its map, on which the start is dragged, and
// its loss, on which the moment is.
export function mapAndLoss(parent, front) {
  const { about, state, setMany, moveTo, signal } = front;
  const map = panel(parent, about.panels.map), loss = panel(parent, about.panels.loss);
  const last = about.steps;
  loss.drag((t) => setMany({ step: Math.min(Math.max(Math.round(t), 0), last) }), "", signal);
  const view = { plots: [map, loss], map, loss, holds: true, tellStep: addSums(front.sums, front), tellTarget: addTargets(front.sums, front) };
  map.drag((W, b) => { // the controls are the start, or say how far it is moved
    const { start } = groundOf(about, state);
    moveTo({ W: state.W + W - start[0], b: state.b + b - start[1] });
  }, "Drag the dot at the start, or click where it should be. On the path you drag the step.", signal);
  map.scrub((x, y) => nearestStep(map, Object.values(map.runs ?? {}), x, y), (step) => setMany({ step }), signal);
  return view;
}

// Takes a plot, runs and a place in pixels; returns how far away the nearest of their paths is, and the step there.
function nearestStep(plot, runs, x, y) {
  let away = Infinity, part = 0;
  for (const { W, b } of runs) {
    let fromX = plot.x(W[0]), fromY = plot.y(b[0]);
    for (let t = 1; t < W.length; t++) {
      const toX = plot.x(W[t]), toY = plot.y(b[t]), alongX = toX - fromX, alongY = toY - fromY;
      const way = ((x - fromX) * alongX + (y - fromY) * alongY) / (alongX ** 2 + alongY ** 2 || 1), on = Math.min(Math.max(way, 0), 1);
      const distance = Math.hypot(fromX + on * alongX - x, fromY + on * alongY - y);
      if (distance < away) [away, part] = [distance, on < 0.5 ? t - 1 : t];
      [fromX, fromY] = [toX, toY];
    }
  }
  return { away, part };
}

// Takes a view, what is told of the lab and its values; returns the ground and the runs, each with its loss at
// each step, made anew only if more than the moment has changed.
export function runsIn(view, about, { step, ...values }) {
  const key = JSON.stringify(values);
  if (view.ran !== key) {
    view.ran = key;
    view.ran_on = groundOf(about, values);
    view.runs = runsOf(about, values, view.ran_on);
    for (const run of Object.values(view.runs)) run.loss = run.W.map((W, t) => view.ran_on.f(W, run.b[t]));
  }
  return { ground: view.ran_on, runs: view.runs };
}

// Takes a view, the runs by label, their ground, what is told of the lab and its values. Draws the runs, and what of them
// is still to come; what a lab may show and does not is taken away.
export function drawRuns(view, runs, ground, about, values) {
  const { step } = values;
  const heads = [], losses = [];
  for (const { label } of about.methods) {
    const none = new Float64Array(), { W, b, loss } = runs[label] ?? { W: none, b: none, loss: none };
    const t = Math.min(step, W.length - 1), n = t + 1;
    view.map.line(label, W.subarray(0, n), b.subarray(0, n));
    view.map.line(label, W.subarray(t), b.subarray(t), "ahead");
    view.map.dots(label, W.subarray(0, Math.min(n, 50)), b.subarray(0, Math.min(n, 50))); // later ones crowd around the minimum
    view.map.dots(label, W.subarray(t, n), b.subarray(t, n), "runner");
    view.loss.line(label, 0, loss.subarray(0, n));
    view.loss.line(label, t, loss.subarray(t), "ahead");
    view.loss.dots(label, t, loss.subarray(t, n), "runner");
    if (W.length) {
      heads.push([W[t], b[t], label]);
      losses.push([t, loss[t], label]);
    }
  }
  view.loss.tags("heads", losses);
  view.loss.upright("now", step);
  view.map.runs = runs; // along which time is dragged
  drawArrows(view.map, view.tellStep(values, ground, runs), heads);
  view.tellTarget(values, runs, (run) => arrival(run, ground.minima[0]).arrived);
  view.loss.grip([step, view.loss.axes.y.high]);
  const first = Object.values(runs)[0], [label, last] = Object.entries(runs).at(-1) ?? [];
  view.outcome = last && `${label}: ${outcome(last, ground.minima[0])}`; // the last is what a lab is about
  view.map.dots("start", first ? [first.W[0]] : [], first ? [first.b[0]] : []);
  view.map.grip(ground.start);
  drawHeld(view, about);
  const told = () => Object.entries(runs).map(([label, run]) => {
    const seen = upTo(run, step), [W, b] = end(seen);
    const lost = seen.diverged ? `, lost at step ${seen.diverged}` : "";
    return `${label} ends at W ${number(W)}, b ${number(b)}${lost}, loss ${number(ground.f(W, b))}`;
  }).join(". ");
  view.map.describe(() => `Paths on the contours of the loss. ${told()}.`);
  view.loss.describe(() => `The loss at each step. ${told()}.`);
}

// Takes a plot, the arrows of a step (sums.js) and the names of the runs where they are, [[W, b, name], ...]. Draws the arrows,
// and writes all names, each clear of the others.
function drawArrows(plot, arrows, heads) {
  const named = [];
  for (const key of ARROWS) {
    const { from, to, name, label } = arrows.find((arrow) => arrow.key === key) ?? { from: [0, 0], to: [0, 0] };
    plot.arrow(key, from, to, label);
    const long = Math.hypot(plot.x(to[0]) - plot.x(from[0]), plot.y(to[1]) - plot.y(from[1])) > 34; // there is room for a name
    if (name && long) named.push([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2, name]);
  }
  plot.tags("heads", [...heads, ...named]);
}

// Takes a view and what is told of the lab; draws the run of the setting that is held, to compare, if one is.
function drawHeld(view, about) {
  if (!view.held) {
    for (const plot of [view.map, view.loss]) plot.line("held", 0, [], "held");
    view.heldOutcome = "";
    return;
  }
  const { ground, runs } = runsIn(view.heldRuns ??= {}, about, view.held), [label, run] = Object.entries(runs).at(-1) ?? [];
  if (!run) return;
  view.map.line("held", run.W, run.b, "held");
  view.loss.line("held", 0, run.loss, "held");
  view.heldOutcome = `${label}: ${outcome(run, ground.minima[0])}`;
}

// Takes a view and its ground; draws bands and minima, if the ground or the size has changed.
export function drawGround(view, ground) {
  if (view.ground === ground.key && !view.fresh) return;
  view.ground = ground.key;
  const { x, y } = view.map.axes;
  const heights = levels(ground.f, fifths(x), fifths(y));
  if (ground.ring) view.map.ellipses("surface", heights.map(ground.ring)); // at once: κ may be dragged
  else view.map.contours("surface", ground.f, heights, true);
  view.map.stars("minima", ground.minima);
}

// Takes a range; returns five places along it, both ends among them.
const fifths = ({ low, high }) => [0, 1, 2, 3, 4].map((i) => low + ((high - low) * i) / 4);

// Takes f and places in W and in b. Returns heights for contours, crowded towards the minimum, as eyes expect of a valley.
function levels(f, Ws, bs) {
  const high = Math.max(...Ws.flatMap((W) => bs.map((b) => f(W, b))));
  return [0.003, 0.015, 0.05, 0.12, 0.25, 0.45, 0.7, 1.1].map((part) => part * high); // the last lies around the picture
}

// Takes a label; returns it as a sentence begins.
export const capital = (label) => label[0].toUpperCase() + label.slice(1);
