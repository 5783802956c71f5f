// Chapter 4: Adam beside the three others, each of which can be switched off.
import { capital, drawGround, drawRuns, mapAndLoss, runsIn } from "./panels.js";
import { addMap } from "./map.js";
import { fate } from "./maths.js";

// Takes where to draw and what the front offers (front.js); returns the view.
export function build(parent, front) {
  const view = mapAndLoss(parent, front);
  return { ...view, drawMap: addMap(parent, front, view) };
}

// Takes the values, the view and what is told of the lab; draws, and returns what happened, in words.
export function update(values, view, about) {
  const { ground, runs } = runsIn(view, about, values);
  drawRuns(view, runs, ground, about, values);
  drawGround(view, ground);
  view.drawMap(values, view.fresh);
  const told = Object.entries(runs).map(([label, run]) => `${capital(label)} ${fate(run, [0, 0])}.`);
  return told.join("\n") || "Every method is switched off.";
}
