// Chapter 6: all methods on one surface, each with its own learning rate, as far as they are shown.
import { capital, drawGround, drawRuns, mapAndLoss, runsIn } from "./panels.js";
import { addLanes } from "./lanes.js";
import { end, upTo } from "./maths.js";
import { number } from "./numbers.js";

// Takes where to draw and what the front offers (front.js); returns the view.
export function build(parent, front) {
  const view = mapAndLoss(parent, front);
  return { ...view, drawLanes: addLanes(parent, front, view) };
}

// Takes the values, the view and what is told of the lab; draws, and returns the standings, in words.
export function update(values, view, about) {
  const { step } = values, { ground, runs } = runsIn(view, about, values);
  drawRuns(view, runs, ground, about, values);
  drawGround(view, ground);
  view.drawLanes(values, view.fresh);
  const standing = Object.entries(runs).map(([label, run]) => {
    const seen = upTo(run, step);
    return [label, seen.diverged ? Infinity : ground.f(...end(seen))];
  });
  standing.sort((a, b) => a[1] - b[1]);
  view.outcome = `${standing[0][0]} leads`;
  const told = ([label, loss]) => (loss === Infinity ? `lost at step ${runs[label].diverged}` : `loss ${number(loss)}`);
  return `Step ${step}.\n${standing.map((entry) => `${capital(entry[0])}: ${told(entry)}`).join("\n")}`;
}
