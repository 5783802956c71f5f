// Chapter 1: one path of gradient descent.
import { drawGround, drawRuns, mapAndLoss, runsIn } from "./panels.js";
import { addMap } from "./map.js";
import { fate } from "./maths.js";
import { number } from "./numbers.js";

// Takes where to draw and what the front offers (front.js); returns the view.
export function build(parent, front) {
  const view = mapAndLoss(parent, front);
  return { ...view, drawMap: addMap(parent, front, view, bestRates) };
}

// Takes the ground and condition numbers; returns the best rate for each, [[lr, kappa], ...]: that at which the steepest and the
// flattest direction shrink alike.
export const bestRates = ({ curvatures: [, steep] }, kappas) => kappas.map((kappa) => [2 / (steep + steep / kappa), kappa]);

// Takes the values, the view and what is told of the lab; draws, and returns what happened, in words.
export function update(values, view, about) {
  const { ground, runs } = runsIn(view, about, values);
  drawRuns(view, runs, ground, about, values);
  drawGround(view, ground);
  view.drawMap(values, view.fresh);
  const product = number(values.lr * ground.curvatures[1]);
  return `α times the steepest curvature is ${product}. Gradient descent ${fate(runs["gradient descent"], [0, 0])}.`;
}
