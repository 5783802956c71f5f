// What a reader may try in a lab: to arrive in so few steps. Whoever has done it is offered a harder one.
import { arrival } from "./maths.js";
import { html } from "./draw.js";

// Takes where to put it and what the front offers (front.js); returns what looks at a run and says whether the target is met.
export function addTargets(parent, { about, setMany, signal }) {
  const { targets, methods } = about, { label } = methods.at(-1);
  if (!targets.length) return () => {};
  const box = html("p", { class: "target" }, parent), said = html("span", { role: "status" }, box);
  const button = html("button", { type: "button" }, box, "Set it up");
  let met = 0;
  button.addEventListener("click", () => setMany(targets[Math.min(met, targets.length - 1)].given), { signal });
  const named = ([name, value]) => `${about.controls.find((control) => control.name === name).label.split(", ")[0]} = ${value}`;
  const inWords = ({ within, given }) => `with ${Object.entries(given).map(named).join(", ")}, let ${label} arrive in ${within} steps or fewer`;
  return (values, runs, minimum) => {
    const run = runs[label], before = met;
    const isMet = ({ within, given }) =>
      run && !run.diverged && Object.entries(given).every(([name, value]) => values[name] === value) && arrival(run, minimum).arrived <= within;
    while (met < targets.length && isMet(targets[met])) met++;
    if (met > before) said.dataset.met = `Met, in ${arrival(run, minimum).arrived} steps! `;
    const left = targets[met];
    said.textContent = `${said.dataset.met ?? "A target: "}${left ? `${met ? "A harder one: " : ""}${inWords(left)}. ` : "That was the hardest. "}`;
    button.hidden = !left || Object.entries(left.given).every(([name, value]) => values[name] === value);
  };
}
