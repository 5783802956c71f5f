// The fields of a lab, and its setting in the page's address. They know nothing of the rules and nothing of drawing.
import { html, newId } from "./draw.js";
import { rounded, scales, short, within } from "./numbers.js";

const STOPS = 200; // so few that every press of an arrow key changes the value

// Takes a number's control; returns the stops along its slider, { stops: how many, stopOf(value): the nearest, valueAt(stop) }.
export function stopsOf(control) {
  const { low, high, whole, scale } = control, stops = whole ? high - low : STOPS;
  const { of, back } = scales[scale], from = of(low), span = of(high) - from;
  return {
    stops,
    stopOf: (value) => Math.round((stops * (of(value) - from)) / span),
    valueAt: (stop) => rounded(back(from + (span * stop) / stops), control),
  };
}

// Takes what is told of a control, where to put its field, `change(value)`, which is told of every move, and the signal
// that ends it. Returns `show(value)`, which moves the field and tells nobody.
export function field(control, parent, change, signal) {
  const kinds = { number: numberField, moment: momentField, choice: choiceField, flag: flagField };
  return kinds[control.kind](control, html("div", { class: "field" }, parent), change, signal);
}

// The same for one number: a slider, a box, and what is said of a number that was not allowed.
function numberField(control, row, change, signal) {
  const { label, low, high, whole, unit } = control;
  const { stops, stopOf, valueAt } = stopsOf(control);
  const id = newId();
  const left = "data-lm-suppress-shortcuts", keys = { [left]: "" }; // JupyterLab leaves the arrow keys alone
  const jupyters = (event) => { // but for its shortcuts with Ctrl, of which it hears after the window
    // It asks whether the attribute is there, whatever its value.
    if (event.target === box || event.target === slider) event.target.toggleAttribute(left, !(event.ctrlKey || event.metaKey));
  };
  addEventListener("keydown", jupyters, { signal, capture: true });
  const typed = { type: "number", "aria-label": `${label}, typed`, min: low, max: high, step: "any", inputmode: "decimal" };
  html("label", { for: id }, row, label);
  const slider = html("input", { type: "range", id, min: 0, max: stops, step: 1, ...keys }, row);
  const box = html("input", { ...typed, ...keys }, row);
  const remark = html("span", { class: "remark", role: "status" }, row);
  let shown;
  const tell = (value) => {
    shown = value;
    slider.setAttribute("aria-valuetext", `${value}${unit && " " + unit}`);
    box.value = value;
  };
  const show = (value) => {
    tell(value);
    slider.value = stopOf(value);
  };
  slider.addEventListener("input", () => {
    remark.textContent = "";
    const value = valueAt(slider.value);
    tell(value);
    change(value);
  }, { signal });
  const read = () => {
    if (box.value === String(shown)) return; // read already, at Enter
    const typed = box.value === "" ? NaN : Number(box.value);
    const value = Number.isNaN(typed) ? shown : within(whole ? Math.round(typed) : typed, control);
    const put = value === typed ? "" : `from ${low} to ${high}: put back to ${value}`;
    remark.textContent = Number.isNaN(typed) ? `a number from ${low} to ${high}, please` : put;
    show(value);
    change(value);
  };
  box.addEventListener("change", read, { signal });
  box.addEventListener("keydown", ({ key }) => { // JupyterLab keeps Enter from the box, which would then change
    if (key === "Enter") read();
  }, { signal });
  return show;
}

// The same for the moment that is looked at: its number, and buttons that play it.
function momentField(control, row, change, signal) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches, start = calm ? "To the end" : "Play", last = control.high;
  const play = html("button", { type: "button", class: "play" }, row, start), one = html("button", { type: "button" }, row, "One step");
  let timer = 0, now;
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    play.textContent = start;
  };
  const number = numberField(control, row, (value) => {
    stop();
    now = value;
    change(value);
  }, signal);
  const go = (step) => {
    number(now = step);
    change(step);
  };
  const tick = () => (row.isConnected && now < last ? go(now + 1) : stop()); // taken off the page it rests
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (calm) return go(last);
    if (now >= last) go(0);
    play.textContent = "Pause";
    timer = setInterval(tick, Math.min(50, 5000 / last));
  }, { signal });
  one.addEventListener("click", () => {
    stop();
    go(Math.min(last, now + 1));
  }, { signal });
  signal.addEventListener("abort", stop);
  return (value) => number(now = value);
}

// The same for one of several words.
function choiceField({ label, choices }, row, change, signal) {
  const id = newId();
  html("label", { for: id }, row, label);
  const select = html("select", { id }, row);
  for (const choice of choices) html("option", { value: choice }, select, choice);
  select.addEventListener("change", () => change(select.value), { signal });
  return (value) => { select.value = value; };
}

// The same for what is on or off.
function flagField({ label }, row, change, signal) {
  const line = html("label", { class: "flag" }, row);
  const box = html("input", { type: "checkbox" }, line);
  line.append(" " + label);
  box.addEventListener("change", () => change(box.checked), { signal });
  return (value) => { box.checked = value; };
}

// Takes the controls and their values; returns the setting in words, as Lab.caption has it in Python.
export function captionOf(controls, values) {
  const inWords = ({ name: key, kind, label, unit, high }) => {
    const value = values[key], [name, rest] = label.split(", ");
    if (kind === "flag") return value ? label : "";
    if (kind === "choice") return value;
    if (kind === "moment") return value < high ? `after ${value} step${value === 1 ? "" : "s"}` : "";
    if (name === "start moved by") return value ? `${name} ${short(value)} in ${rest}` : "";
    if (unit) return `${name} ${short(value)} ${unit}`;
    return name === "start" ? `${name} ${rest} = ${short(value)}` : `${name} = ${short(value)}`;
  };
  return `${controls.map(inWords).filter((words) => words).join(", ")}.`;
}

// Takes an address, "#lab?lr=0.3&kappa=20", and the controls. Returns the values that it asks for, without those that
// are not allowed; undefined if it does not speak of a lab.
export function fromAddress(hash, controls) {
  if (!hash.startsWith("#lab?")) return undefined;
  const query = new URLSearchParams(hash.slice(5)), asked = {};
  for (const { name, kind, low, high, whole, choices } of controls) {
    const text = query.get(name);
    if (text === null) continue;
    const value = Number(text), sound = text.trim() !== "" && (!whole || Number.isInteger(value));
    if ((kind === "number" || kind === "moment") && sound && value >= low && value <= high) asked[name] = value;
    if (kind === "flag" && (text === "on" || text === "off")) asked[name] = text === "on";
    if (kind === "choice" && choices.includes(text)) asked[name] = text;
  }
  return asked;
}

// Takes the controls and their values; returns the address that asks for them.
export function toAddress(controls, values) {
  const said = controls.map(({ name, kind }) => [name, kind === "flag" ? (values[name] ? "on" : "off") : values[name]]);
  return `#lab?${new URLSearchParams(said)}`;
}
