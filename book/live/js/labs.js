// The labs of the page and those of its code know each other: what one is set to, the other is.
import { LAB } from "./output.js";
import { make } from "./make.js";

// Takes `send(name, values)`, which tells Python that the reader moved a lab. Returns what page.js and cell.js ask for.
export function talkWithLabs(send) {
  const known = {}; // what Python knows each lab to be set to, in JSON
  const hearers = {}; // of the labs that code has put on the page
  const news = (name, values) => {
    const now = JSON.stringify(values);
    if (!(name in known) || known[name] === now) return;
    known[name] = now;
    send(name, values);
  };
  const onThePage = (name) => document.querySelectorAll(`.optimlab-here[data-lab="${name}"] .optimlab-mount`);
  addEventListener("optimlab:moved", ({ target, detail }) => news(target.closest(".optimlab-here")?.dataset.lab, detail));

  const hear = (name, values) => {
    known[name] = JSON.stringify(values);
    for (const el of onThePage(name)) el.dispatchEvent(new CustomEvent("optimlab:set", { detail: values }));
    hearers[name]?.(values);
  };

  return {
    hear,
    forget: () => { for (const name in known) delete known[name]; },
    // Whether a cell shows, in its place or beside the text, the very lab that it puts out.
    own: ({ data }, output) => Boolean(data?.[LAB] && output.querySelector(".optimlab-here, .elsewhere") && onThePage(data[LAB].name).length),
    move: ({ data }) => hear(data[LAB].name, data[LAB].values),
    async mount({ name, about, values }, place) {
      const folder = new URL("labs/", import.meta.url);
      const [{ mount }, lab] = await Promise.all([import(`${folder}front.js`), import(`${folder}${name}.js`)]);
      place.append(make("link", { rel: "stylesheet", href: `${folder}labs.css` }));
      let now = values, changed;
      known[name] = JSON.stringify(values);
      hearers[name] = (told) => {
        now = told;
        changed();
      };
      const model = { // as that of a widget in Jupyter
        get: () => now,
        set: (_, told) => { now = told; },
        save_changes: () => news(name, now),
        on: (_, call) => { changed = call; },
        off: () => { delete hearers[name]; },
      };
      mount({ lab, el: place.appendChild(make("div")), about, values, model });
    },
  };
}
