// Chapter 6: all methods on one surface, each with its own learning rate, as far as they are shown.
import { capital, drawGround, drawRuns, legend, mapAndLoss } from "./panels.js";
import { end, groundOf, runsOf, upTo } from "./maths.js";
import { html } from "./draw.js";
import { number } from "./numbers.js";

// Takes where to draw and what the front offers (front.js); returns the view, with `stop` for the clock.
export function build(parent, { about, state, setMany, buttons, signal }) {
  const labels = about.methods.map(({ label }) => label);
  legend(parent, labels);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches, last = about.steps;
  const start = calm ? "To the end" : "Play";
  let timer = 0;
  const play = html("button", { type: "button" }, buttons, start);
  const one = html("button", { type: "button" }, buttons, "One step");
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    play.textContent = start;
  };
  const tick = () => (state.step < last ? setMany({ step: state.step + 1 }) : stop());
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (calm) return setMany({ step: last });
    if (state.step >= last) setMany({ step: 0 });
    play.textContent = "Pause";
    timer = setInterval(tick, 50);
  }, { signal });
  one.addEventListener("click", () => {
    stop();
    setMany({ step: Math.min(last, state.step + 1) });
  }, { signal });
  return { ...mapAndLoss(parent, about), labels, stop };
}

// Takes the values, the view and what is told of the lab; draws, and returns the standings, in words.
export function update(values, view, about) {
  const { step, ...others } = values;
  const ground = groundOf(about, values), key = JSON.stringify(others);
  if (view.ran !== key) {
    view.ran = key;
    view.runs = runsOf(about, values, ground);
  }
  const runs = Object.fromEntries(Object.entries(view.runs).map(([label, run]) => [label, upTo(run, step)]));
  drawRuns(view, view.labels, runs, ground);
  drawGround(view, ground);
  for (const [label, run] of Object.entries(runs)) view.map.dots(label, ...end(run).map((place) => [place]), "runner");
  const standing = Object.entries(runs).map(([label, run]) => [label, run.diverged ? Infinity : ground.f(...end(run))]);
  standing.sort((a, b) => a[1] - b[1]);
  view.outcome = `${standing[0][0]} leads`;
  const told = ([label, loss]) => (loss === Infinity ? `lost at step ${runs[label].diverged}` : `loss ${number(loss)}`);
  return `Step ${step}.\n${standing.map((entry) => `${capital(entry[0])}: ${told(entry)}`).join("\n")}`;
}
