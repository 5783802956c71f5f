// Chapter 4: Adam beside the three others, each of which can be switched off.
import { capital, drawGround, drawRuns, legend, mapAndLoss } from "./panels.js";
import { fate, groundOf, runsOf } from "./maths.js";

// Takes where to draw and what the front offers (front.js); returns the view.
export function build(parent, { about }) {
  const labels = about.methods.map(({ label }) => label);
  legend(parent, labels);
  return { ...mapAndLoss(parent, about), labels };
}

// Takes the values, the view and what is told of the lab; draws, and returns what happened, in words.
export function update(values, view, about) {
  const ground = groundOf(about, values), runs = runsOf(about, values, ground);
  drawRuns(view, view.labels, runs, ground);
  drawGround(view, ground);
  const told = Object.entries(runs).map(([label, run]) => `${capital(label)} ${fate(run, [0, 0])}.`);
  return told.join("\n") || "Every method is switched off.";
}
