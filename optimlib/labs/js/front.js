// One lab on a page or in a notebook: its pictures, its controls, its words. It knows nothing of the rules.
import { captionOf, field, fromAddress, toAddress } from "./controls.js";
import { beside } from "./beside.js";
import { rounded, within } from "./numbers.js";
import { html } from "./draw.js";

// Takes a lab { build, update }, the element that it fills, what is told of it, its values, and the model of a Jupyter
// widget, if it is one: any other lab lives in the page's address. Returns what closes it.
//
// `build(parent, front)` makes the pictures and returns a view: { plots, stop?, ... }. `front` is { about, state: the
// values now, setMany(values), moveTo(values), which first makes them such as the controls allow, redraw(), sums: where
// more may stand, rows: the field of each control, which a picture may take to itself, signal: that ends what listens }. `update(values, view, about)` draws, and returns what happened, in words;
// `view.fresh` says that the size is new.
export function mount({ lab, el, about, values, model }) {
  const { controls } = about;
  const opening = { ...values };
  const state = { ...opening, ...(model ? {} : fromAddress(location.hash, controls)) };
  const closing = new AbortController(), { signal } = closing;
  const atEnd = (undo) => signal.addEventListener("abort", undo);

  const { box, panels, time, sums, form, buttons, caption, words, spoken } = frame(el, about);
  const say = later(500, () => { // once the reader pauses, not at every move
    spoken.textContent = words.textContent;
    for (const plot of view.plots) plot.speak();
  }, signal);
  const redraw = () => {
    const told = lab.update(state, view, about);
    words.textContent = view.heldOutcome ? `${told}\nHeld: ${view.heldOutcome}.` : told;
    caption.textContent = captionOf(controls, state);
    moved(state);
    if (view.fresh) for (const plot of view.plots) plot.speak();
    view.fresh = false;
    say.soon();
  };
  // No new entry in the history, and no hashchange, which comes late: the reader may have moved on by then.
  const write = () => history.replaceState(history.state, "", toAddress(controls, state));
  const share = later(250, model ? () => model.save_changes() : write, signal);
  const show = {};
  const change = (values) => {
    Object.assign(state, values);
    model?.set("values", { ...state });
    el.dispatchEvent(new CustomEvent("optimlab:moved", { detail: { ...state }, bubbles: true }));
    redraw();
    share.soon();
  };
  const setMany = (values) => {
    for (const [name, value] of Object.entries(values)) show[name](value);
    change(values);
  };
  const moveTo = (values) => {
    const fit = (control) => [control.name, rounded(within(values[control.name], control), control)];
    setMany(Object.fromEntries(controls.filter(({ name }) => name in values).map(fit)));
  };

  const rows = {};
  let flags; // those that follow each other stand in one row
  for (const control of controls) {
    const { name } = control;
    flags = control.kind === "flag" ? flags ?? html("div", { class: "flags" }, form) : undefined;
    const place = control.kind === "moment" ? time : flags ?? form;
    show[name] = field(control, place, (value) => change({ [name]: value }), signal);
    show[name](state[name]);
    rows[name] = place.lastChild;
  }
  const view = lab.build(panels, { about, state, setMany, moveTo, redraw, sums, rows, signal });
  time.before(view.plots[0].box.parentElement); // the first picture, and below it the time in it
  const moved = model ? () => {} : beside({ el, about, opening, view, setMany, signal });
  const button = (text, pressed) => {
    const made = html("button", { type: "button" }, buttons, text);
    made.addEventListener("click", pressed, { signal });
    return made;
  };
  button("Reset", () => setMany(opening));
  if (view.holds) { // two settings, side by side
    const hold = button("Hold this run", () => {
      view.held = view.held ? undefined : { ...state };
      hold.textContent = view.held ? "Let the held run go" : "Hold this run";
      redraw();
    });
  }

  let fitted = "";
  const fit = () => {
    const widths = view.plots.map((plot) => plot.box.clientWidth);
    if (!widths[0] || widths.join() === fitted) return;
    fitted = widths.join();
    const most = el.closest(".lab-column") ? 0.36 * innerHeight : Math.max(180, 0.7 * innerHeight); // what moves it is in sight, too
    view.plots.forEach((plot, i) => plot.layout(widths[i], most));
    view.fresh = true; // contours and maps are drawn again, and pictures have a text from the start
    redraw();
  };
  // What is heard from outside: Python, or the page's address.
  const hearPython = () => {
    const news = Object.entries(model.get("values")).filter(([name, value]) => value !== state[name]);
    if (!news.length) return;
    for (const [name, value] of news) show[name](state[name] = value);
    redraw();
  };
  const hearAddress = ({ newURL }) => { // as it was then: the lab may have written the address since
    const asked = fromAddress(new URL(newURL).hash, controls);
    if (asked) setMany({ ...opening, ...asked });
  };
  const listen = () => {
    if (!model) addEventListener("hashchange", hearAddress); // once, however often it is said
  };
  const rest = () => {
    removeEventListener("hashchange", hearAddress);
    view.stop?.();
  };
  const watcher = new ResizeObserver(() => {
    if (!box.isConnected) return rest(); // taken off the page: nothing of the page may hold it
    listen(); // it may have been put back
    fit();
  });
  watcher.observe(box);
  atEnd(() => watcher.disconnect());
  listen();
  atEnd(rest);
  el.addEventListener("optimlab:set", ({ detail }) => setMany(detail), { signal }); // from the page's own scripts
  if (model) {
    model.on("change:values", hearPython);
    atEnd(() => model.off("change:values", hearPython));
  } else {
    addCopyButton(() => { write(); return location.href; }, button, signal);
  }
  fit();
  if (!model && location.hash.startsWith("#lab?") && !el.closest(".lab-column")) box.scrollIntoView();
  return () => {
    share.now(); // what was moved last is told, too
    closing.abort();
  };
}

// Takes the element that a lab fills and what is told of it; returns the lab's box and what is in it, from top to bottom.
function frame(el, { title, code }) {
  el.replaceChildren();
  const box = html("div", { class: "optimlab", role: "group", "aria-label": title }, el);
  html("p", { class: "title" }, box, title);
  const time = html("div", { class: "time" }, box);
  const sums = html("div", {}, box);
  const panels = html("div", { class: "panels" }, box);
  const form = html("div", { class: "controls" }, box);
  const buttons = html("div", { class: "buttons" }, box);
  const caption = html("p", { class: "caption" }, box); // on paper, where the controls are not
  const words = html("p", { class: "words" }, box); // below the controls, which its length then never moves
  const spoken = html("p", { class: "spoken", role: "status", "aria-live": "polite" }, box);
  html("pre", { class: "code", tabindex: 0, role: "region", "aria-label": "The code that runs" }, box, code);
  return { box, panels, time, sums, form, buttons, caption, words, spoken };
}

// Takes what returns the link, what makes a button, and the signal that ends it; adds the button that copies the link, and
// says so for two seconds.
function addCopyButton(link, button, signal) {
  const text = "Copy a link to this setting";
  const back = later(2000, () => { made.textContent = text; }, signal);
  const made = button(text, async () => {
    try {
      await navigator.clipboard.writeText(link());
      made.textContent = "Link copied";
    } catch {
      made.textContent = "The link is in the address bar";
    }
    back.soon();
  });
}

// Takes a time in ms, what to do then, and the signal that ends it. Returns `soon`, which begins to wait, anew at each
// call, and `now`, which waits no longer, if it was waiting.
function later(time, call, signal) {
  let timer = 0;
  const never = () => {
    clearTimeout(timer);
    timer = 0;
  };
  const due = () => {
    never();
    call();
  };
  signal.addEventListener("abort", never);
  return {
    soon: () => {
      never();
      if (!signal.aborted) timer = setTimeout(due, time);
    },
    now: () => { if (timer) due(); },
  };
}
