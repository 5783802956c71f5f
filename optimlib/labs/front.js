// One lab on a page or in a notebook: its controls, its words, its address. It knows nothing of
// the rules and nothing of drawing. `model` is a Jupyter widget's, or the five lines of `standalone`.

function standalone(values) {
  const heard = {};
  return {
    get: (name) => values[name],
    set: (name, value) => { values[name] = value; heard[`change:${name}`]?.(); },
    on: (event, callback) => { heard[event] = callback; },
    save_changes: () => {},
  };
}

// From the part of the way along a slider to a value, and back.
const scales = {
  linear: (low, high) => ({ at: (part) => low + (high - low) * part, part: (x) => (x - low) / (high - low) }),
  log: (low, high) => ({ at: (part) => low * (high / low) ** part, part: (x) => Math.log(x / low) / Math.log(high / low) }),
  // for a beta: fine steps near 1, where all depends on 1 - beta
  beta: (low, high) => ({ at: (part) => 1 - (1 - high) ** part, part: (x) => Math.log(1 - x) / Math.log(1 - high) }),
};
const STOPS = 200; // so few that every press of an arrow key changes the value

// As many digits as a reader would type: three, and for a beta three of 1 - beta.
function rounded(value, control) {
  if (control.scale === "beta" && value > 0.9) return Number((1 - Number((1 - value).toPrecision(3))).toFixed(6));
  return control.whole ? Math.round(value) : Number(value.toPrecision(3));
}

let fields = 0;

// A slider and a box for one number. `change(value)` is told of every move.
function numberField(control, parent, change) {
  const { label, low, high, whole, unit = "" } = control;
  const stops = whole ? high - low : STOPS;
  const scale = scales[control.scale](low, high);
  const id = `optimlab-field-${++fields}`;
  const row = html("div", { class: "field" }, parent);
  html("label", { for: id }, row, label);
  const slider = html("input", { type: "range", id, min: 0, max: stops, step: 1, "data-lm-suppress-shortcuts": "true" }, row);
  const box = html("input", { type: "number", "aria-label": `${label}, typed`, min: low, max: high, step: "any", inputmode: "decimal", "data-lm-suppress-shortcuts": "true" }, row);
  const remark = html("span", { class: "remark", role: "status" }, row);
  let shown;
  const show = (value) => {
    shown = value;
    slider.value = Math.round(stops * scale.part(value));
    slider.setAttribute("aria-valuetext", `${value}${unit && " " + unit}`);
    box.value = value;
  };
  slider.addEventListener("input", () => {
    remark.textContent = "";
    const value = rounded(scale.at(slider.value / stops), control);
    shown = value;
    slider.setAttribute("aria-valuetext", `${value}${unit && " " + unit}`);
    box.value = value;
    change(value);
  });
  box.addEventListener("change", () => {
    const typed = box.value === "" ? NaN : Number(box.value);
    const value = Number.isNaN(typed) ? shown : Math.min(Math.max(whole ? Math.round(typed) : typed, low), high);
    remark.textContent = Number.isNaN(typed) ? `a number from ${low} to ${high}, please` : value === typed ? "" : `from ${low} to ${high}: put back to ${value}`;
    show(value);
    change(value);
  });
  return show;
}

function choiceField(control, parent, change) {
  const id = `optimlab-field-${++fields}`;
  const row = html("div", { class: "field" }, parent);
  html("label", { for: id }, row, control.label);
  const select = html("select", { id }, row);
  for (const choice of control.choices) html("option", { value: choice }, select, choice);
  select.addEventListener("change", () => change(select.value));
  return (value) => { select.value = value; };
}

function flagField(control, parent, change) {
  const row = html("label", { class: "flag" }, html("div", { class: "field" }, parent));
  const box = html("input", { type: "checkbox" }, row);
  row.append(" " + control.label);
  box.addEventListener("change", () => change(box.checked));
  return (value) => { box.checked = value; };
}

const kinds = { number: numberField, choice: choiceField, flag: flagField };

// What the address asks for: "#lab?lr=0.3&kappa=20". What it does not say, or says wrongly, stays as it is.
function fromAddress(controls, state) {
  if (!location.hash.startsWith("#lab?")) return;
  const asked = new URLSearchParams(location.hash.slice(5));
  for (const { name, kind, low, high, whole, choices } of controls) {
    const text = asked.get(name);
    if (text === null) continue;
    const value = Number(text);
    if (kind === "number" && text.trim() !== "" && value >= low && value <= high && (!whole || Number.isInteger(value))) state[name] = value;
    if (kind === "flag" && (text === "on" || text === "off")) state[name] = text === "on";
    if (kind === "choice" && choices.includes(text)) state[name] = text;
  }
}

function address(controls, state) {
  const said = controls.map(({ name, kind }) => [name, kind === "flag" ? (state[name] ? "on" : "off") : state[name]]);
  return `#lab?${new URLSearchParams(said)}`;
}

function mount({ model, el, live }) {
  const lab = labs[model.get("lab")];
  const { title, controls, code } = model.get("about");
  const opening = Object.fromEntries(controls.map(({ name }) => [name, model.get(name)]));
  const state = { ...opening };
  if (!live) fromAddress(controls, state);

  el.replaceChildren();
  const box = html("div", { class: "optimlab", role: "group", "aria-label": title }, el);
  html("p", { class: "title" }, box, title);
  const panels = html("div", { class: "panels" }, box);
  const form = html("div", { class: "controls" }, box);
  const buttons = html("div", { class: "buttons" }, box);
  const words = html("p", { class: "words" }, box); // below the controls, which its length then never moves
  const spoken = html("p", { class: "spoken", role: "status", "aria-live": "polite" }, box);
  html("pre", { class: "code", tabindex: 0, role: "region", "aria-label": "The code that runs" }, box, code);

  let speak, tell;
  const say = () => {
    spoken.textContent = words.textContent;
    for (const plot of view.plots) plot.speak();
  };
  const redraw = () => {
    words.textContent = lab.update(state, view);
    if (view.fresh) for (const plot of view.plots) plot.speak();
    view.fresh = false;
    clearTimeout(speak); // said once the reader pauses, not at every move
    speak = setTimeout(say, 500);
  };
  // No new entry in the history, and no hashchange, which comes late: the reader may have moved on by then.
  const write = () => history.replaceState(history.state, "", address(controls, state));
  const share = () => {
    clearTimeout(tell);
    tell = setTimeout(() => (live ? model.save_changes() : write()), 250);
  };
  const set = (name, value) => {
    state[name] = value;
    if (live) model.set(name, value);
    redraw();
    share();
  };
  const show = {};
  const setMany = (values) => {
    for (const [name, value] of Object.entries(values)) {
      state[name] = value;
      show[name](value);
      if (live) model.set(name, value);
    }
    redraw();
    share();
  };

  for (const control of controls) show[control.name] = kinds[control.kind](control, form, (value) => set(control.name, value));
  for (const { name } of controls) {
    show[name](state[name]);
    if (!live) continue;
    model.on(`change:${name}`, () => {
      if (model.get(name) === state[name]) return;
      state[name] = model.get(name);
      show[name](state[name]);
      redraw();
    });
  }
  const view = lab.build(panels, { state, setMany, buttons });
  html("button", { type: "button" }, buttons, "Reset").addEventListener("click", () => setMany(opening));
  if (!live) {
    const copy = html("button", { type: "button" }, buttons, "Copy a link to this setting");
    copy.addEventListener("click", async () => {
      write();
      try { await navigator.clipboard.writeText(location.href); copy.textContent = "Link copied"; }
      catch { copy.textContent = "The link is in the address bar"; }
      setTimeout(() => { copy.textContent = "Copy a link to this setting"; }, 2000);
    });
  }

  let fitted = "";
  const fit = () => {
    const widths = view.plots.map((plot) => plot.svg.parentElement.clientWidth);
    if (!widths[0] || widths.join() === fitted) return;
    fitted = widths.join();
    view.plots.forEach((plot, i) => plot.layout(widths[i]));
    view.fresh = true; // contours and maps are drawn again, and pictures have a text from the start
    redraw();
  };
  const watcher = new ResizeObserver(fit);
  watcher.observe(box);
  fit();
  if (!live && location.hash.startsWith("#lab?")) box.scrollIntoView();
  if (!live) addEventListener("hashchange", () => {
    if (!location.hash.startsWith("#lab?")) return;
    const asked = { ...opening };
    fromAddress(controls, asked);
    setMany(asked);
  });
  return () => { watcher.disconnect(); view.stop?.(); clearTimeout(speak); clearTimeout(tell); };
}
