// A map of settings: how soon the last method of a lab arrives, over two controls. It is worked out beside the page.
import { FATES, middle, quickest } from "./sweep.js";
import { groundOf, outcome, runOf } from "./maths.js";
import { html } from "./draw.js";
import { panel } from "./panels.js";
import { script } from "./background.js";

const SIZES = [[50, 30], [200, 120]]; // columns and rows: a rough map at once, then the fine one
const DEEP = 10; // of 120 rows: a name needs that much room on each side

// Takes where to draw and what the front offers (front.js), the view that the map belongs to and, if there is a formula,
// best(ground), which returns the pair that it calls best. Adds the map to the view; its sliders lie along its axes.
export function addMap(parent, { about, state, moveTo, rows, signal }, view, best) {
  const [x, y] = about.sweep, plot = panel(parent, about.panels.sweep), method = about.methods.at(-1);
  plot.svg.classList.add("sweep");
  const chosen = [x, y].every((name) => Object.values(method.hyper).includes(name));
  const canvas = html("canvas", { "aria-hidden": "true" });
  plot.svg.before(canvas);
  plot.box.parentElement.classList.add("settings");
  rows[x].classList.add("across");
  rows[y].classList.add("up");
  plot.box.after(rows[x], rows[y]);
  plot.drag((along, up) => moveTo({ [x]: along, [y]: up }),
    `How soon ${method.label} arrives: strong is soon. Drag the dot, or click.`, signal);
  const place = (columns, rows) => ({ x, y, xs: spread(plot.axes.x, plot.x, columns), ys: spread(plot.axes.y, plot.y, rows) });
  const worker = beside(({ map, place }) => {
    paint(plot, canvas, map, place, method.label, chosen);
    plot.speak();
  }, signal);
  plot.svg.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || event.buttons) return;
    const [along, up] = plot.at(event), setting = { ...state, [x]: along, [y]: up };
    const ground = groundOf(about, setting), run = runOf(method, about, setting, ground);
    view.map.line("maybe", run.W, run.b, "held");
    plot.tags("maybe", [[along, up, outcome(run, ground.minima[0])]]);
  }, { signal });
  const leave = () => {
    view.map.line("maybe", 0, [], "held");
    plot.tags("maybe", []);
  };
  plot.svg.addEventListener("pointerleave", leave, { signal });
  plot.most = about.steps;
  view.plots.push(plot);
  view.sweep = plot;
  let asked = "";
  return (values, fresh) => {
    if (fresh) leave();
    const { step, [x]: along, [y]: up, ...others } = values, key = JSON.stringify(others);
    plot.dots("here", [along], [up]);
    plot.grip([along, up]);
    plot.describe(() => `A map of how soon ${method.label} arrives, over two settings.${plot.told ?? ""}`);
    if (key === asked && !fresh) return;
    asked = key;
    worker(SIZES.map(([columns, rows]) => ({ about, values, place: place(columns, rows) })));
  };
}

// Takes an axis, where a plot puts its values, and a number; returns as many values, at the middle of equal ways along it.
function spread({ low, high }, place, count) {
  const from = place(low), way = place(high) - from;
  return Array.from({ length: count }, (_, k) => place.invert(from + ((k + 0.5) * way) / count));
}

// Takes who is told of each answer, and the signal that ends it. Returns what asks workers some questions, in their order,
// instead of those asked before: each question by all workers at once, some rows by each.
function beside(told, signal) {
  const workers = [];
  let waiting = [], number = 0, left = 0, map, place;
  const next = () => {
    if (left || !waiting.length) return;
    const question = waiting.shift(), { xs, ys } = (place = question.place), share = Math.ceil(ys.length / workers.length);
    map = new Uint16Array(xs.length * ys.length);
    left = workers.length;
    workers.forEach((worker, k) => {
      const from = k * share, rows = { ...place, ys: ys.slice(from, from + share) };
      worker.postMessage({ ...question, place: rows, number, from: from * xs.length });
    });
  };
  const hear = ({ data: { part, number: of, from } }) => {
    map.set(part, from);
    if (--left) return;
    if (of === number) told({ map, place });
    next();
  };
  const open = () => {
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" })); // from disk none other may be had
    for (let k = Math.min(4, navigator.hardwareConcurrency || 1); k > 0; k--) workers.push(Object.assign(new Worker(address), { onmessage: hear }));
    URL.revokeObjectURL(address);
    signal.addEventListener("abort", () => { for (const worker of workers) worker.terminate(); });
  };
  return (questions) => {
    if (signal.aborted) return;
    if (!workers.length) open();
    number++;
    waiting = questions;
    next();
  };
}

// Takes a row of a map; returns the column in the middle of those where the run arrives soonest.
function soonestIn(row) {
  const least = row.reduce((least, fate) => (fate === FATES.crawls || fate >= FATES.swings ? least : Math.min(least, fate)), FATES.swings);
  const found = [...row.keys()].filter((i) => row[i] === least);
  return found[found.length >> 1];
}

// Takes a plot, the canvas below it, a map and where it was made, and the label of the method; whether both settings are the
// method's, so that there is a best pair, or one is that of the ground. Paints the map, and names what is in it. The method's own colour is strong where it arrives soon; where runs are lost there are stripes.
function paint(plot, canvas, map, { xs, ys }, label, chosen) {
  const columns = xs.length, rows = ys.length, image = new ImageData(columns, rows);
  const color = getComputedStyle(plot.shape("dots", label)).stroke.match(/\d+/g)?.slice(0, 3).map(Number) ?? [125, 133, 144];
  const best = quickest(map, columns), least = best ? map[best[1] * columns + best[0]] : 1, most = Math.log(plot.most / least);
  map.forEach((fate, k) => {
    const i = k % columns, row = Math.floor(k / columns), pixel = 4 * ((rows - 1 - row) * columns + i);
    const striped = fate === FATES.lost && (i + row) % (columns / 25) < columns / 100;
    const part = fate === FATES.crawls || fate >= FATES.swings ? 0 : 0.12 + 0.78 * Math.min(1, Math.max(0, 1 - Math.log(fate / least) / most));
    image.data.set(fate === FATES.lost ? [125, 133, 144, striped ? 150 : 50] : [...color, 255 * part], pixel);
  });
  canvas.width = columns;
  canvas.height = rows;
  canvas.getContext("2d").putImageData(image, 0, 0);
  const { x, y, width, height } = plot.window, [, , across, down] = plot.svg.getAttribute("viewBox").split(" ").map(Number);
  const percent = (part, of) => `${(100 * part) / of}%`;
  Object.assign(canvas.style, { left: percent(x, across), width: percent(width, across), top: percent(y, down), height: percent(height, down) });
  const names = Object.entries(FATES).map(([name, fate]) => [middle(map, columns, fate), name]).filter(([found]) => found && found.depth >= (DEEP * rows) / 120);
  plot.labels("names", names.map(([{ i, j }, name]) => [xs[i], ys[j], name]), "middle");
  const here = chosen && best ? [xs[best[0]], ys[best[1]]] : undefined;
  plot.stars("quickest", here ? [here] : []);
  plot.tags("quickest", here ? [[...here, `quickest: ${least} steps`]] : []);
  plot.told = here ? ` The quickest run takes ${least} steps.` : "";
  if (chosen) return;
  const soonest = ys.map((_, j) => soonestIn(map.subarray(j * columns, (j + 1) * columns)));
  const rowsWith = [...soonest.keys()].filter((j) => soonest[j] !== undefined);
  plot.line("soonest", rowsWith.map((j) => xs[soonest[j]]), rowsWith.map((j) => ys[j]), "held");
}
