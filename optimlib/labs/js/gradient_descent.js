// Chapter 1: one path of gradient descent.
import { drawGround, drawRuns, mapAndLoss } from "./panels.js";
import { fate, groundOf, runsOf } from "./maths.js";
import { number } from "./numbers.js";

// Takes where to draw and what the front offers (front.js); returns the view.
export function build(parent, { about, moveTo, signal }) {
  const view = mapAndLoss(parent, about);
  view.map.drag((W, b) => moveTo({ W, b }), "Drag the dot at the start, or click where it should be.", signal);
  return view;
}

// Takes the values, the view and what is told of the lab; draws, and returns what happened, in words.
export function update(values, view, about) {
  const ground = groundOf(about, values), runs = runsOf(about, values, ground);
  drawRuns(view, Object.keys(runs), runs, ground);
  drawGround(view, ground);
  view.map.grip(ground.start);
  const product = number(values.lr * ground.curvatures[1]);
  return `α times the steepest curvature is ${product}. Gradient descent ${fate(runs["gradient descent"], [0, 0])}.`;
}
