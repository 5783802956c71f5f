// Chapter 3: RMSProp beside gradient descent, and the learning rate of each coordinate.
import { drawGround, drawRuns, legend, mapAndLoss, panel } from "./panels.js";
import { fate, groundOf, runsOf } from "./maths.js";
import { number } from "./numbers.js";

// Takes where to draw and what the front offers (front.js); returns the view.
export function build(parent, { about }) {
  legend(parent, about.methods.map(({ label }) => label));
  const view = mapAndLoss(parent, about);
  legend(parent, ["W", "b"]);
  const rates = panel(parent, about.panels.rates);
  return { ...view, plots: [...view.plots, rates], rates };
}

// Takes the values, the view and what is told of the lab; draws, and returns what happened, in words.
export function update(values, view, about) {
  const ground = groundOf(about, values), runs = runsOf(about, values, ground);
  drawRuns(view, Object.keys(runs), runs, ground);
  drawGround(view, ground);
  const rates = ratesOf(runs.RMSProp, ground.grad);
  for (const letter of ["W", "b"]) view.rates.line(letter, 1, rates[letter]);
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
