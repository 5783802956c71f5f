// Chapter 2: momentum beside gradient descent, its weights and its map of rates.
import { drawGround, drawRuns, mapAndLoss, panel, runsIn } from "./panels.js";
import { ewma, momentum_rate } from "./equations.js";
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
  if (view.ground !== ground.key || view.fresh) drawRates(view.sweep, rate, ground.curvatures);
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

// Takes the map of rates, the rate over (lr, beta1), and the curvatures of the valley; draws lines of equal rate.
function drawRates(plot, rate, [flat, steep]) {
  plot.contours("rate", rate, RATES);
  plot.edge("edge", rate, 1);
  // a line runs level at β₁ = rate², from where the flat direction is critically damped
  const root = Math.sqrt(steep / flat), best = (root - 1) / (root + 1);
  const corner = (rate) => Math.max((1 - rate) / (1 + rate) / flat, plot.axes.x.low);
  plot.labels("rate", RATES.filter((rate) => rate > best).map((rate) => [corner(rate), rate ** 2, number(rate)]));
}

// Takes the plot of the weights and beta1. Draws the weights of past gradients: what is left of a single one of size 1.
function drawWeights(plot, beta1) {
  const heights = [];
  for (let v = ewma(0, 1, beta1), age = 0; age < plot.axes.x.high; age++, v = ewma(v, 0, beta1)) heights.push(v);
  plot.bars("momentum", heights);
  const [newest, oldest] = [heights[0], heights.at(-1)].map(number);
  plot.describe(() => `Weights of past gradients: ${newest} for the newest, ${oldest} for one ${heights.length - 1} steps old.`);
}
