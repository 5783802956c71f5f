// Chapter 2: momentum beside gradient descent, its weights and its map of rates.
import { drawGround, drawRuns, mapAndLoss, panel, runsIn } from "./panels.js";
import { ewma, momentum_rate, momentum_reach } from "./equations.js";
import { addMap } from "./map.js";
import { fate } from "./maths.js";
import { number } from "./numbers.js";

const RATES = [0.7, 0.8, 0.9, 0.95]; // the lines of the map of rates

// Takes where to draw and what the front offers (front.js); returns the view.
export function build(parent, front) {
  const view = mapAndLoss(parent, front), drawMap = addMap(parent, front, view, bestPair);
  const weights = panel(parent, front.about.panels.weights);
  return { ...view, plots: [...view.plots, weights], weights, drawMap };
}

// Takes the values, the view and what is told of the lab; draws, and returns what happened, in words.
export function update(values, view, about) {
  const { lr, beta1 } = values, { ground, runs } = runsIn(view, about, values);
  const rate = (lr, beta1) => Math.max(...ground.curvatures.map((lam) => momentum_rate(lr, beta1, lam)));
  if (view.ground !== ground.key || view.fresh) drawRates(view.sweep, ground.curvatures);
  drawRuns(view, runs, ground, about, values);
  drawGround(view, ground);
  view.drawMap(values, view.fresh);
  drawWeights(view.weights, beta1);
  const here = number(rate(lr, beta1));
  return `Momentum ${fate(runs.momentum, [0, 0])}; its rate is ${here}.
Gradient descent with the same α ${fate(runs["gradient descent"], [0, 0])}.`;
}

// Takes the ground; returns the pair (lr, beta1) whose rate is the least (Polyak 1964).
export function bestPair({ curvatures: [flat, steep] }) {
  const [a, b] = [Math.sqrt(flat), Math.sqrt(steep)], beta1 = ((b - a) / (b + a)) ** 2;
  return [[4 / ((a + b) ** 2 * (1 - beta1)), beta1]];
}

// Takes the map of rates and the curvatures of the valley; draws lines of equal rate. A line runs level at β₁ = rate², and
// to a point where no other α is as good.
function drawRates(plot, [flat, steep]) {
  const corners = [];
  for (const rate of RATES) {
    const [slow, fast] = [(1 - rate) / flat, (1 + rate) / steep]; // α at most and at least, of each direction, where β₁ = 0
    const lowest = Math.max(0, (rate * (slow - fast)) / (slow + fast)), highest = Math.min(rate ** 2, plot.axes.y.high);
    const betas = lowest < highest ? plot.rows(lowest, highest) : [];
    const least = betas.map((beta1) => momentum_reach(rate, beta1, flat)[0]), most = betas.map((beta1) => momentum_reach(rate, beta1, steep)[1]);
    plot.line(`rate ${rate}`, [...least, ...most.toReversed(), ...least.slice(0, 1)], [...betas, ...betas.toReversed(), ...betas.slice(0, 1)], "contours");
    if (betas.length) corners.push([Math.max(least.at(-1), plot.axes.x.low), rate ** 2, number(rate)]);
  }
  plot.labels("rate", corners);
  const betas = plot.rows(0, plot.axes.y.high);
  plot.line("edge", betas.map((beta1) => momentum_reach(1, beta1, steep)[1]), betas, "contours");
}

// Takes the plot of the weights and beta1. Draws the weights of past gradients: what is left of a single one of size 1.
function drawWeights(plot, beta1) {
  const heights = [];
  for (let v = ewma(0, 1, beta1), age = 0; age < plot.axes.x.high; age++, v = ewma(v, 0, beta1)) heights.push(v);
  plot.bars("momentum", heights);
  const [newest, oldest] = [heights[0], heights.at(-1)].map(number);
  plot.describe(() => `Weights of past gradients: ${newest} for the newest, ${oldest} for one ${heights.length - 1} steps old.`);
}
