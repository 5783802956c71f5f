// A lab on a page of the book: beside its text where there is room, else in its place with a dock at the foot of the
// window; and the links of the text that set it. This module alone knows how a page is laid out.
import { field, fromAddress } from "./controls.js";
import { addDial } from "./dial.js";
import { html, newId, svg } from "./draw.js";

// Takes the element that a lab fills, what is told of the lab, its opening values, its view, `setMany(values)` and the
// signal that ends it. Returns `moved(state)`, which is told of every move.
export function beside({ el, about, opening, view, setMany, signal }) {
  const place = el.closest(".optimlab-here"), article = place?.closest(".bd-article-container");
  if (!article) return () => {};
  standBeside(place, article, about.title, signal);
  const links = [...article.querySelectorAll("a[href^='#lab?']")].map((link) => {
    link.classList.add("set");
    const asked = fromAddress(link.hash, about.controls);
    const chip = html("span", { class: "chip", hidden: "" });
    const wanted = { ...opening, ...asked };
    for (const { name, kind } of about.controls) if (kind === "moment" && !(name in asked)) delete wanted[name]; // any will do
    const dial = addDial(link, asked, about.controls, (value) => setMany(Object.assign(wanted, { [dial.name]: value })), signal);
    (dial?.node ?? link).after(chip);
    return { link, chip, dial, first: Object.keys(asked)[0], wanted };
  });
  const dock = links.length ? addDock({ place, article, about, view, setMany, links, signal }) : () => {};
  return (state) => {
    for (const { link, chip, dial, wanted } of links) {
      const isSet = () => Object.entries(wanted).every(([name, value]) => state[name] === value);
      if (dial && !isSet()) wanted[dial.name] = dial.written; // the sentence is again as it was written
      const active = isSet();
      if (active) chip.textContent = view.outcome ?? "";
      dial?.show(wanted[dial.name], active ? view.outcome : "");
      if (chip.hidden !== active) continue;
      chip.hidden = !active || !view.outcome;
      for (const node of [link, dial?.node]) node?.toggleAttribute("aria-current", active);
    }
    dock(state);
  };
}

// Takes the lab's place in the text, the article, the lab's title and the signal that ends it. Puts the lab into a column
// beside the text while the window is wide enough, and back for a narrow one and for paper.
function standBeside(place, article, title, signal) {
  const mark = document.createComment("the lab's place in the text"), wide = matchMedia("(min-width: 992px)");
  const column = html("aside", { class: "lab-column", "aria-label": title });
  const elsewhere = html("p", { class: "elsewhere" }, undefined, "The lab stands beside the text.");
  place.before(mark);
  const put = (out) => {
    if (out === column.contains(place)) return;
    if (out) {
      mark.after(elsewhere);
      column.append(place);
      article.append(column);
    } else {
      elsewhere.replaceWith(place);
      column.remove();
    }
  };
  wide.addEventListener("change", () => put(wide.matches), { signal });
  addEventListener("beforeprint", () => put(false), { signal });
  addEventListener("afterprint", () => put(wide.matches), { signal });
  put(wide.matches);
}

// Takes the same and the links of the text. Adds the dock, which a narrow window shows while the lab is out of sight: the
// small picture, and the slider of the last passage with a link. Returns what is told of every move.
function addDock({ place, article, about, view, setMany, links, signal }) {
  const dock = html("div", { class: "optimlab-dock", role: "group", "aria-label": "The lab, small" }, article);
  const picture = view.plots[0], source = picture.inside.parentNode;
  source.id = newId();
  const small = svg("svg", { "aria-hidden": "true" }, dock);
  svg("use", { href: `#${source.id}` }, small);
  const row = html("div", { class: "row" }, dock), outcome = html("output", {}, row);
  let name, show, state = {};
  const choose = (wanted) => {
    if (wanted === name || row.contains(document.activeElement)) return; // a slider in hand stays
    name = wanted;
    row.replaceChildren(outcome);
    const change = (value) => setMany({ [name]: value });
    show = field(about.controls.find((control) => control.name === name), row, change, signal);
    show(state[name]);
  };
  const passage = () => {
    const read = links.filter(({ link }) => link.getBoundingClientRect().top < 0.6 * innerHeight);
    choose((read.at(-1) ?? links[0]).first);
  };
  let asked = 0;
  addEventListener("scroll", () => { asked ||= requestAnimationFrame(() => { asked = 0; passage(); }); }, { passive: true, signal });
  const watcher = new IntersectionObserver(([{ isIntersecting }]) => { dock.classList.toggle("away", isIntersecting); });
  watcher.observe(place);
  signal.addEventListener("abort", () => watcher.disconnect());
  return (now) => {
    state = now;
    small.setAttribute("viewBox", picture.svg.getAttribute("viewBox") ?? "0 0 1 1");
    outcome.textContent = view.outcome ?? "";
    if (!show) return passage();
    show(state[name]);
  };
}
