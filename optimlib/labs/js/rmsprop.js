// Chapter 3: RMSProp beside gradient descent, and the learning rate of each coordinate.
import { drawGround, drawRuns, mapAndLoss, panel, runsIn } from "./panels.js";
import { addMap } from "./map.js";
import { fate } from "./maths.js";
import { number } from "./numbers.js";

// Takes where to draw and what the front offers (front.js); returns the view.
export function build(parent, front) {
  const view = mapAndLoss(parent, front), drawMap = addMap(parent, front, view);
  const rates = panel(parent, front.about.panels.rates);
  return { ...view, plots: [...view.plots, rates], rates, drawMap };
}

// Takes the values, the view and what is told of the lab; draws, and returns what happened, in words.
export function update(values, view, about) {
  const { ground, runs } = runsIn(view, about, values), { step } = values;
  drawRuns(view, runs, ground, about, values);
  drawGround(view, ground);
  view.drawMap(values, view.fresh);
  const rates = ratesOf(runs.RMSProp, ground.grad);
  for (const letter of ["W", "b"]) view.rates.line(letter, 1, rates[letter]);
  view.rates.upright("now", step);
  const now = Math.min(Math.max(step, 1), rates.W.length);
  view.rates.tags("heads", ["W", "b"].map((letter) => [now, rates[letter][now - 1], letter]));
  const [ofW, ofb] = [rates.W[0], rates.b[0]].map(number);
  view.rates.describe(() => `In step 1 the learning rate of W is ${ofW}, that of b ${ofb}.`);
  return `RMSProp ${fate(runs.RMSProp, [0, 0])}.
Gradient descent with the same α ${fate(runs["gradient descent"], [0, 0])}.`;
}

// Takes a run and the gradient that it followed. Returns the learning rate that each coordinate had at each step:
// how far it moved for how large a slope.
function ratesOf({ W, b }, grad) {
  const rates = { W: new Float64Array(W.length - 1), b: new Float64Array(W.length - 1) };
  for (let t = 1; t < W.length; t++) {
    const [dW, db] = grad(W[t - 1], b[t - 1]);
    rates.W[t - 1] = Math.abs((W[t] - W[t - 1]) / dW);
    rates.b[t - 1] = Math.abs((b[t] - b[t - 1]) / db);
  }
  return rates;
}
