// What a reader may try in a lab: to arrive in so few steps. Whoever has done it is offered a harder one.
import { html } from "./draw.js";

// Takes where to put it and what the front offers (front.js); returns what looks at a run, with
// what tells after how many steps it arrived, and says whether the target is met.
export function addTargets(parent, { about, setMany, signal }) {
  const { targets, start } = about;
  if (!targets.length) return () => {};
  const box = html("p", { class: "target" }, parent), said = html("span", { role: "status" }, box);
  const button = html("button", { type: "button" }, box, "Set it up");
  const settingOf = ({ given, anywhere }) => (anywhere ? given : { ...start, ...given });
  let met = 0;
  button.addEventListener("click", () => setMany(settingOf(targets[Math.min(met, targets.length - 1)])), { signal });
  const named = ([name, value]) => `${about.controls.find((control) => control.name === name).label.split(", ")[0]} = ${value}`;
  return (values, runs, arrived) => {
    const { label } = about.methods.at(-1), run = runs[label], before = met;
    const inWords = ({ within, given: { method, ...others } }) =>
      `with ${Object.entries(others).map(named).join(", ")}, let ${method ?? label} arrive in ${within} steps or fewer`;
    const isSet = (target) => Object.entries(settingOf(target)).every(([name, value]) => values[name] === value);
    const isMet = (target) => run && !run.diverged && isSet(target) && arrived(run) <= target.within;
    while (met < targets.length && isMet(targets[met])) met++;
    if (met > before) said.dataset.met = `Met, in ${arrived(run)} steps! `;
    const left = targets[met];
    said.textContent = `${said.dataset.met ?? "A target: "}${left ? `${met ? "A harder one: " : ""}${inWords(left)}. ` : "That was the hardest. "}`;
    button.hidden = !left || isSet(left);
  };
}
