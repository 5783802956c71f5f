// Chapter 8: a decay beside the step and a decay inside the gradient, in a valley that is not least at 0.
import { capital, drawGround, drawRuns, mapAndLoss, runsIn } from "./panels.js";
import { addMap } from "./map.js";
import { end, outcome, upTo } from "./maths.js";
import { l2_minimum } from "./equations.js";
import { number } from "./numbers.js";

// Takes where to draw and what the front offers (front.js); returns the view.
export function build(parent, front) {
  const { about, state } = front, told = {
    ...about,
    get methods() { // the one that the reader follows is the last, as shared pictures expect of what a lab is about
      const follows = ({ label }) => label === state.method;
      return [...about.methods.filter((method) => !follows(method)), ...about.methods.filter(follows)];
    },
  };
  const following = { ...front, about: told }, view = mapAndLoss(parent, following);
  return { ...view, told, drawMap: addMap(parent, following, view) };
}

// Takes the values, the view and what is told of the lab; draws, and returns what happened, in words.
export function update(values, view, about) {
  const { ground, runs } = runsIn(view, view.told, values), { decay, step } = values;
  drawRuns(view, runs, ground, view.told, values);
  drawGround(view, ground);
  view.drawMap(values, view.fresh);
  const rest = ground.minima[0].map((place, k) => l2_minimum(place, ground.curvatures[k], decay));
  view.map.dots("here", [rest[0]], [rest[1]]);
  view.map.labels("rest", [[rest[0], about.panels.map.y.high - 0.5, "least with L2"]], "middle");
  const place = ([W, b]) => `W ${number(W)}, b ${number(b)}`;
  const told = Object.entries(runs).map(([label, run]) =>
    `${capital(label)}: ${outcome(run, ground.minima[0])}; at step ${Math.min(step, run.W.length - 1)} it is at ${place(end(upTo(run, step)))}.`);
  return `The loss is least at ${place(ground.minima[0])}; with the L2 of δ = ${decay}, at ${place(rest)}.\n${told.toReversed().join("\n")}`;
}
