// A map of settings: how soon the method arrives that a lab is about, its last, over two controls. It is worked out beside the page.
import { FATES, arrivals, arrives, middle, quickest } from "./sweep.js";
import { groundOf, outcome, runOf } from "./maths.js";
import { html } from "./draw.js";
import { number } from "./numbers.js";
import { panel } from "./panels.js";
import { script } from "./background.js";

const SIZES = [[50, 30], [200, 120]]; // columns and rows: a rough map at once, then the fine one
const DEEP = 10; // of 120 rows: a name needs that much room on each side

// Takes where to draw and what the front offers (front.js), the view that the map belongs to and, if there is a formula,
// best(ground, ys), which returns what it calls best, [[x, y], ...]: a pair, or a line of them. Adds the map to the view; its
// sliders lie along its axes.
export function addMap(parent, front, view, best = () => []) {
  const { about, state, signal } = front;
  const [x, y] = about.sweep, method = () => about.methods.at(-1);
  const plot = planeOf(parent, front, [x, y], `How soon ${state.method ? "it" : method().label} arrives: strong is soon. Drag the dot, or click.`);
  const chosen = [x, y].every((name) => Object.values(method().hyper).includes(name)), canvas = canvasOf(plot);
  const place = (columns, rows) => ({ x, y, xs: spread(plot.axes.x, plot.x, columns), ys: spread(plot.axes.y, plot.y, rows) });
  const ask = background(({ map, place }) => {
    paint(plot, canvas, map, place, () => method().label, soonest(map, place.xs.length));
    mark(plot, map, place, best(groundOf(about, state), place.ys), chosen);
    plot.speak();
  }, signal);
  plot.svg.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || event.buttons) return;
    const [along, up] = plot.at(event), setting = { ...state, [x]: along, [y]: up };
    const ground = groundOf(about, setting), run = runOf(method(), about, setting, ground);
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
    plot.describe(() => `A map of how soon ${method().label} arrives, over two settings.${plot.told ?? ""}`);
    if (key === asked && !fresh) return;
    asked = key;
    ask(SIZES.map(([columns, rows]) => ({ about, values, place: place(columns, rows) })));
  };
}

// Takes where to draw, what the front offers, the names of two controls and a hint. Returns a plot of the plane of both, whose
// dot is dragged, with a slider along each axis.
export function planeOf(parent, { about, moveTo, rows, signal }, [x, y], hint) {
  const plot = panel(parent, about.panels.sweep);
  plot.svg.classList.add("sweep");
  plot.box.parentElement.classList.add("settings");
  rows[x].classList.add("across");
  rows[y].classList.add("up");
  plot.box.after(rows[x], rows[y]);
  plot.drag((along, up) => moveTo({ [x]: along, [y]: up }), hint, signal);
  return plot;
}

// Takes a plot; returns a canvas below it.
export function canvasOf(plot) {
  const canvas = html("canvas", { "aria-hidden": "true" });
  plot.svg.before(canvas);
  return canvas;
}

// Takes an axis, where a plot puts its values, and a number; returns as many values, at the middle of equal ways along it.
export function spread({ low, high }, place, count) {
  const from = place(low), way = place(high) - from;
  return Array.from({ length: count }, (_, k) => place.invert(from + ((k + 0.5) * way) / count));
}

// Takes who is told of each answer, and the signal that ends it. Returns what asks workers some questions, in their order,
// instead of those asked before: each question by all workers at once, some rows by each. Paper does not wait for workers: if
// the page is printed before their first answer, the first question, the rough one, is answered here.
export function background(told, signal) {
  const workers = [];
  let waiting = [], number = 0, left = 0, unanswered, map, place;
  const tell = (map, place) => {
    unanswered = undefined;
    told({ map, place });
  };
  addEventListener("beforeprint", () => {
    if (unanswered) tell(arrivals(unanswered.about, unanswered.values, unanswered.place), unanswered.place);
  }, { signal });
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
    if (of === number) tell(map, place);
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
    [unanswered] = questions;
    next();
  };
}

// Takes a row of a map; returns the column in the middle of those where the run arrives soonest.
function soonestIn(row) {
  const least = row.reduce((least, fate) => (arrives(fate) ? Math.min(least, fate) : least), Infinity);
  const found = [...row.keys()].filter((i) => row[i] === least);
  return found[found.length >> 1];
}

// Takes a plot, the canvas below it, a map and where it was made, what gives the label of the method in a row, and
// after how many steps the quickest arrives. Paints the map: the method's own colour is strong where it arrives soon; where runs are lost there are stripes.
export function paint(plot, canvas, map, { xs, ys }, labelOf, least) {
  const columns = xs.length, rows = ys.length, image = new ImageData(columns, rows);
  const colorOf = (row) => getComputedStyle(plot.shape("dots", labelOf(row))).stroke.match(/\d+/g)?.slice(0, 3).map(Number) ?? [125, 133, 144];
  const colors = ys.map((_, row) => colorOf(row)), most = Math.log(plot.most / least);
  map.forEach((fate, k) => {
    const i = k % columns, row = Math.floor(k / columns), pixel = 4 * ((rows - 1 - row) * columns + i);
    const striped = fate === FATES.lost && (i + row) % (columns / 25) < columns / 100;
    const part = !arrives(fate) ? 0 : 0.12 + 0.78 * Math.min(1, Math.max(0, 1 - Math.log(fate / least) / most));
    image.data.set(fate === FATES.lost ? [125, 133, 144, striped ? 150 : 50] : [...colors[row], 255 * part], pixel);
  });
  canvas.width = columns;
  canvas.height = rows;
  canvas.getContext("2d").putImageData(image, 0, 0);
  const { x, y, width, height } = plot.window, [, , across, down] = plot.svg.getAttribute("viewBox").split(" ").map(Number);
  const percent = (part, of) => `${(100 * part) / of}%`;
  Object.assign(canvas.style, { left: percent(x, across), width: percent(width, across), top: percent(y, down), height: percent(height, down) });
}

// Takes a map and its columns; returns after how many steps the quickest run arrives.
function soonest(map, columns) {
  const best = quickest(map, columns);
  return best ? map[best[1] * columns + best[0]] : 1;
}

// Takes a plot, a map and where it was made, what a formula calls best, and whether both settings are the method's, so that
// there is a best pair, or one is that of the ground, and each has its best. Marks both, and names what is in the map.
function mark(plot, map, { xs, ys }, best, chosen) {
  const columns = xs.length, found = chosen ? quickest(map, columns) : undefined, least = soonest(map, columns);
  const quick = found ? [[xs[found[0]], ys[found[1]]]] : [];
  const rows = chosen ? [] : ys.map((y, j) => [soonestIn(map.subarray(j * columns, (j + 1) * columns)), y]).filter(([i]) => i !== undefined);
  plot.stars("quickest", quick);
  plot.line("soonest", rows.map(([i]) => xs[i]), rows.map(([, y]) => y), "held");
  plot.rings("best", chosen ? best : []);
  const line = chosen ? [] : best;
  plot.line("formula", line.map(([x]) => x), line.map(([, y]) => y), "theory");
  const at = (places, part) => places[Math.floor(part * (places.length - 1))];
  const named = [
    [at(quick.length ? quick : rows.map(([i, y]) => [xs[i], y]), 0.7), found ? `quickest: ${least} steps` : "quickest from this start"],
    [at(best, 0.4), chosen ? "best rate" : "best by the formula"],
  ].filter(([place]) => place).map(([place, name]) => [...place, name]);
  plot.tags("best", named);
  const names = Object.entries(FATES).map(([name, fate]) => [middle(map, columns, fate), name]);
  const deep = names.filter(([found]) => found && found.depth >= (DEEP * ys.length) / 120);
  plot.labels("names", deep.map(([{ i, j }, name]) => [xs[i], clear(plot, named, xs[i], ys[j]), name]), "middle");
  plot.told = `${found ? ` The quickest run takes ${least} steps.` : ""}${best.length && chosen ? ` The formula's best pair is ${best[0].map(number).join(", ")}.` : ""}`;
}

// Takes a plot, the names in it, [[x, y, name], ...], and the place of one more; returns that place's y, moved clear of a name
// that lies at its height.
function clear(plot, named, x, y) {
  const over = named.find(([nx, ny, name]) => Math.abs(plot.y(ny) - plot.y(y)) < 16 && Math.abs(plot.x(nx) - plot.x(x)) < 7 * name.length + 30);
  return over ? plot.y.invert(plot.y(over[1]) + (plot.y(y) < plot.y(over[1]) ? -18 : 24)) : y;
}
