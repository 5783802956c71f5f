// A map of learning rates, a lane for each method of a lab: how soon it arrives, over its own rate. It is worked out beside the page.
import { FATES, quickestIn } from "./sweep.js";
import { html } from "./draw.js";
import { background, canvasOf, paint, spread } from "./map.js";
import { panel } from "./panels.js";

const COLUMNS = 300;

// Takes where to draw and what the front offers (front.js), and the view that the lanes belong to. Adds them to it; returns
// what draws them.
export function addLanes(parent, { about, moveTo, signal }, view) {
  const { methods } = about, plot = panel(parent, about.panels.lanes), canvas = canvasOf(plot), controls = methods.map(({ hyper }) => hyper.lr);
  plot.svg.classList.add("sweep");
  canvas.style.imageRendering = "pixelated"; // a lane ends where the next begins
  html("p", { class: "hint" }, plot.box.parentElement, "How soon each arrives, over its own α: strong is soon. Drag in a lane, or click.");
  const move = (event) => {
    const [rate, lane] = plot.at(event), control = controls[Math.min(Math.max(Math.floor(lane), 0), methods.length - 1)];
    moveTo({ [control]: rate });
  };
  plot.hold({ rank: 2, takes: () => true, move, loose: true }, signal);
  const ask = background(({ map, place }) => {
    const rows = methods.map((_, lane) => map.subarray(lane * COLUMNS, (lane + 1) * COLUMNS)), best = rows.map(quickestIn);
    const found = [...best.keys()].filter((lane) => best[lane] !== undefined);
    const at = (lane) => place.xs[best[lane]], steps = (lane) => rows[lane][best[lane]];
    paint(plot, canvas, map, place, (row) => methods[row].label, Math.min(about.steps, ...found.map(steps)));
    plot.stars("quickest", found.map((lane) => [at(lane), lane + 0.3]));
    plot.tags("names", [...methods.map(({ label }, lane) => [plot.axes.x.low, lane + 0.72, label]), ...found.map((lane) => [at(lane), lane + 0.3, `${steps(lane)} steps`])]);
    const lost = rows.map((row) => row.indexOf(FATES.lost));
    plot.labels("lost", [...lost.keys()].filter((lane) => lost[lane] >= 0).map((lane) => [place.xs[(lost[lane] + COLUMNS) >> 1], lane + 0.6, "lost"]), "middle");
    plot.told = ` ${found.map((lane) => `${methods[lane].label} takes ${steps(lane)} steps at its best rate`).join(", ") || "Nobody arrives"}.`;
    plot.speak();
  }, signal);
  plot.most = about.steps;
  plot.describe(() => `A map of how soon each method arrives, over its own learning rate.${plot.told ?? ""}`);
  view.plots.push(plot);
  const lanes = [...methods.keys()];
  let asked = "";
  return (values, fresh) => {
    plot.dots("here", controls.map((control) => values[control]), lanes.map((lane) => lane + 0.5));
    const key = JSON.stringify(Object.entries(values).filter(([name]) => name !== "step" && !controls.includes(name)));
    if (key === asked && !fresh) return;
    asked = key;
    ask([{ about, values, place: { xs: spread(plot.axes.x, plot.x, COLUMNS), ys: lanes } }]);
  };
}
