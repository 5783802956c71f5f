// Chapter 5: Figures N and M with beta in the reader's hand, and Adam's first steps.
import { adam, adam_uncorrected, debias, ewma } from "./equations.js";
import { panel } from "./panels.js";
import { planeOf } from "./map.js";
import { descend } from "./maths.js";
import { number } from "./numbers.js";

const BEFORE = "before correction", AFTER = "after correction";

const LENGTHS = [0.1, 0.3, 3, 10]; // of the first step, in learning rates

// Takes where to draw and what the front offers (front.js); returns the view.
export function build(parent, front) {
  const { panels } = front.about, film = panel(parent, panels.film);
  const plane = planeOf(parent, front, ["beta2", "beta1"], "How long Adam's first step is without the correction, in α. Drag the dot, or click.");
  const steps = panel(parent, panels.steps);
  return { plots: [film, plane, steps], film, plane, steps };
}

// Takes beta2 and beta1; returns how long Adam's first step is without the correction, in learning rates.
export const firstStep = (beta2, beta1) => lengthsOf({ steps: 1 }, { beta1, beta2 })[BEFORE][0];

// Takes the plane of beta2 and beta1; draws the lines of equal first steps. With the correction it is 1.
function drawFirstSteps(plane) {
  const { x, y } = plane.axes, middle = 0.5;
  plane.contours("first", firstStep, LENGTHS);
  plane.edge("edge", firstStep, 1);
  const where = (length) => 1 - ((1 - middle) / length) ** 2; // of beta2, on the line at beta1 = middle
  plane.labels("first", LENGTHS.filter((length) => where(length) >= x.low && where(length) <= x.high).map((length) => [where(length), middle, number(length)]));
  plane.labels("names", [[0.85, 0.965, "too short"], [0.9993, 0.3, "too long"]], "middle");
}

// Takes what is told of the lab and the values; returns the average of the data at each time, before and after correction.
export function averagesOf({ data }, { beta }) {
  let v = 0;
  const before = data.map((x) => (v = ewma(v, x, beta)));
  return { [BEFORE]: before, [AFTER]: before.map((v, i) => debias(v, beta, i + 1)) };
}

// Takes what is told of the lab and the values. Returns how far Adam goes in each step, in learning rates, where the
// gradient is always 1, before and after correction.
export function lengthsOf({ steps }, { beta1, beta2 }) {
  const lengths = (rule) => {
    const { W } = descend(rule, () => [1, 1], [0, 0], steps, { lr: 1, beta1, beta2 });
    return W.subarray(1).map((w, i) => W[i] - w);
  };
  return { [BEFORE]: lengths(adam_uncorrected), [AFTER]: lengths(adam) };
}

// Takes the values, the view and what is told of the lab; draws, and returns what happened, in words.
export function update(values, view, about) {
  const { beta, correction, beta1, beta2 } = values;
  if (view.fresh) {
    view.film.dots("data", 1, about.data);
    drawFirstSteps(view.plane);
  }
  view.plane.dots("here", [beta2], [beta1]);
  view.plane.grip([beta2, beta1]);
  const averages = averagesOf(about, values), lengths = lengthsOf(about, values);
  for (const [plot, lines] of [[view.film, averages], [view.steps, lengths]]) {
    plot.line(BEFORE, 1, lines[BEFORE]);
    plot.line(AFTER, 1, correction ? lines[AFTER] : []);
    const shown = correction ? [BEFORE, AFTER] : [BEFORE], at = Math.floor(lines[BEFORE].length / 12); // where they lie apart
    plot.tags("names", shown.map((label) => [at + 1, lines[label][at], label]));
  }
  const [before, after] = [averages[BEFORE][0], averages[AFTER][0]].map(number);
  view.film.describe(() =>
    `Average of ${about.data.length} points with β = ${beta}: before correction it starts at ${before}, after it at ${after}.`);
  const raw = lengths[BEFORE], longest = Math.max(...raw), at = raw.indexOf(longest) + 1;
  const told = `first step ${number(raw[0])} α, longest ${number(longest)} α at step ${at}`;
  view.steps.describe(() => `Without correction: ${told}.`);
  view.plane.describe(() => `Lines of equal first steps of Adam without the correction, over its two settings. Here: ${number(raw[0])} α.`);
  const soon = Math.ceil(Math.log(0.01) / Math.log(beta));
  return `At β = ${beta} the correction ${beta === 0 ? "does nothing" : `is below 1 % from step ${soon} on`}.
Adam without it, with β₁ = ${beta1} and β₂ = ${beta2}: ${told}.`;
}
