// Chapter 5: Figures N and M with beta in the reader's hand, and Adam's first steps.
import { adam, adam_uncorrected, debias, ewma } from "./equations.js";
import { legend, panel } from "./panels.js";
import { descend } from "./maths.js";
import { number } from "./numbers.js";

const BEFORE = "before correction", AFTER = "after correction";

// Takes where to draw and what the front offers (front.js); returns the view.
export function build(parent, { about }) {
  legend(parent, [BEFORE, AFTER]);
  const film = panel(parent, about.panels.film), steps = panel(parent, about.panels.steps);
  return { plots: [film, steps], film, steps };
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
  if (view.fresh) view.film.dots("data", 1, about.data);
  const averages = averagesOf(about, values), lengths = lengthsOf(about, values);
  for (const [plot, lines] of [[view.film, averages], [view.steps, lengths]]) {
    plot.line(BEFORE, 1, lines[BEFORE]);
    plot.line(AFTER, 1, correction ? lines[AFTER] : []);
  }
  const [before, after] = [averages[BEFORE][0], averages[AFTER][0]].map(number);
  view.film.describe(() =>
    `Average of ${about.data.length} points with β = ${beta}: before correction it starts at ${before}, after it at ${after}.`);
  const raw = lengths[BEFORE], longest = Math.max(...raw), at = raw.indexOf(longest) + 1;
  const told = `first step ${number(raw[0])} α, longest ${number(longest)} α at step ${at}`;
  view.steps.describe(() => `Without correction: ${told}.`);
  const soon = Math.ceil(Math.log(0.01) / Math.log(beta));
  return `At β = ${beta} the correction ${beta === 0 ? "does nothing" : `is below 1 % from step ${soon} on`}.
Adam without it, with β₁ = ${beta1} and β₂ = ${beta2}: ${told}.`;
}
