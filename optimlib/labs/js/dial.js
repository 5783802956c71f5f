// A number in a sentence that is a slider: what ends the words of a link that sets the lab, `[at α = 0.1](#lab?lr=0.1)`.
import { stopsOf } from "./controls.js";
import { html } from "./draw.js";

const WAY = 3; // pixels of a drag for each stop
const NUMBER = /^(.*?[^\d.−-])([−-]?\d+(?:\.\d+)?)(\D*)$/s;

// A number as ARIA wants it: 1e-10 is none there.
const decimal = (value) => value.toFixed(12).replace(/\.?0+$/, "");

// Takes a link, what it asks for by name, the controls, `change(value)` and the signal that ends it. Puts the number that ends the
// link's words behind the link. Returns { node, name, written: its value as it stands in the text, show(value, outcome) };
// undefined if the words do not end with a number that the link asks for.
export function addDial(link, asked, controls, change, signal) {
  const [words, before, number, after] = NUMBER.exec(link.textContent) ?? [], written = Number(number?.replace("−", "-"));
  const control = controls.find(({ name, kind }) => (kind === "number" || kind === "moment") && asked[name] === written);
  if (!control) return undefined;
  const { name, label, low, high, unit } = control, { stops, stopOf, valueAt } = stopsOf(control);
  link.textContent = before;
  link.setAttribute("aria-label", words);
  const node = html("span", { class: "dial", role: "slider", tabindex: 0, "aria-label": label, "aria-valuemin": decimal(low), "aria-valuemax": decimal(high) });
  link.after(node);
  let now = written;
  const goTo = (stop) => {
    const value = valueAt(Math.min(Math.max(stop, 0), stops));
    if (value !== now) change(value);
  };
  node.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 20, PageDown: -20, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === "Enter") link.click();
    if (!by) return;
    event.preventDefault(); // of scrolling
    goTo(stopOf(now) + by * (event.shiftKey ? 5 : 1));
  }, { signal });
  let held; // { x, stop } where the drag began
  node.addEventListener("pointerdown", ({ pointerId, clientX }) => {
    node.setPointerCapture(pointerId);
    held = { x: clientX, stop: stopOf(now), moved: false };
  }, { signal });
  node.addEventListener("pointermove", ({ clientX }) => {
    const by = held ? Math.round((clientX - held.x) / WAY) : 0;
    if (!by && !held?.moved) return;
    held.moved = true;
    goTo(held.stop + by);
  }, { signal });
  node.addEventListener("pointerup", () => {
    if (held && !held.moved) link.click();
    held = undefined;
  }, { signal });
  node.addEventListener("pointercancel", () => { held = undefined; }, { signal });
  const show = (value, outcome) => {
    now = value;
    node.textContent = `${String(value).replace("-", "−")}${after}`;
    node.setAttribute("aria-valuenow", decimal(value));
    node.setAttribute("aria-valuetext", [`${value}${unit ? ` ${unit}` : ""}`, outcome].filter((said) => said).join(", "));
  };
  show(written, "");
  return { node, name, written, show };
}
