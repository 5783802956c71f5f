// The race that opens the book: four methods in one valley, each at its own best learning rate times one number.
import { arrival, descend } from "./maths.js";
import { rules, surfaces } from "./equations.js";
import { number } from "./numbers.js";
import { bands, frame, line, mark, names, star, trace, wideness, words } from "./pen.js";

// Takes what is told of the race (book/front.py) and a state { ground, start, times }; returns the runs with what became of
// each: the step at which it arrived, if it did, and that at which it was lost, if it was.
export function race({ methods, grounds }, { ground, start, times }) {
  const { surface, shape, minimum, steps, rates } = grounds[ground], { grad } = surfaces[surface];
  return methods.map((method) => {
    const run = descend(rules[method.rule], (W, b) => grad(W, b, ...shape), start, steps, { lr: times * rates[method.rule] });
    const { arrived } = arrival(run, minimum);
    return { ...method, run, lost: run.diverged, arrived: !run.diverged && arrived <= steps ? arrived : 0, last: run.W.length - 1 };
  });
}

// Takes a runner; returns what became of it, in a word or two.
const fate = ({ lost, arrived }) => (lost ? "lost" : arrived ? `${arrived} steps` : "not there yet");

// Takes the runners; returns how the race ends, in a sentence.
export const ends = (runners) => `${runners.map((one) => `${one.label}: ${one.lost ? `lost at step ${one.lost}` : fate(one)}`).join("; ")}.`;

// Takes what is told of a ground, the size of its picture and how many pixels of it, at the left, are for words; returns the frame.
export function outlook({ view: [[left, right], [low, high]] }, { width, height }, taken) {
  const free = width - taken, wide = right - left + (free < 480 ? 0.22 : 0) * (right - left); // names need room
  const across = free / wide, up = Math.min(height / (high - low), across * 1.3), middle = (low + high) / 2;
  const tall = height / up / 2;
  return frame({ width, height }, [[left - taken / across, left + wide], [middle - tall, middle + tall]]);
}

// Takes a ground and its frame; returns the valley.
export function valley(ground, on) {
  const { surface, shape } = ground;
  return bands(on, (W, b) => surfaces[surface].f(W, b, ...shape), ground, 14);
}

// Takes a ground, its frame, the runners, the time, and how many pixels at the left are for words; returns the paths.
export function paths({ minimum }, on, runners, t, taken) {
  const size = on.width < 560 ? 12 : 14, heads = [];
  const drawn = runners.map((one) => {
    const { d, x, y } = trace(on, one.run, t);
    const done = one.lost ? t >= one.last : one.arrived && t >= one.arrived;
    heads.push({ text: one.label, long: done ? `${one.label}, ${fate(one)}` : one.label, x, y, style: one });
    return line(d, one);
  }).join("");
  // All of them say what became of them, or none: whether there is room beside them is one question.
  const roomy = heads.every(({ long, x }) => Math.min(x, on.width) + 30 + wideness(long, size) < on.width);
  if (roomy) for (const one of heads) one.text = one.long;
  const inside = heads.filter(({ x, y }) => x > -60 && x < on.width + 60 && y > -60 && y < on.height + 60);
  const within = { left: taken + 8, right: on.width - 8, top: 16, bottom: on.height - 16 };
  const marks = inside.map(({ x, y, style }) => mark(x, y, style)).join("");
  return drawn + star(on.x(minimum[0]), on.y(minimum[1]), 10) + marks + names(inside.map((one) => ({ ...one, x: Math.min(Math.max(one.x, taken + 8), on.width - 20) })), within, size);
}

// Where the lanes begin and end, in pixels, in a picture so wide.
export const track = (width) => ({ from: 10, to: width - (width < 460 ? 128 : 140) });

// Takes the runners, the time, how many steps there are and the size; returns four lanes, with the time as an upright line.
export function lanes(runners, t, steps, { width, height }) {
  const { from, to } = track(width), place = (step) => from + ((to - from) * step) / steps, apart = (height - 22) / runners.length;
  const drawn = runners.map((one, k) => {
    const y = (k + 0.5) * apart, end = Math.min(one.arrived || one.last, steps), now = place(Math.min(t, end)), color = `var(--c-${one.name}-text)`;
    const said = t < end ? "" : one.lost ? "lost" : one.arrived ? String(one.arrived) : "not yet", late = now > to - 14 - wideness(said, 12);
    return `<path class="lane" d="M${from} ${y}H${to}"/>${line(`M${from} ${y}H${now}`, one)}${mark(now, y, one, 5)}`
      + words(said, now + (late ? -10 : 10), y + 4, { color, size: 12, anchor: late ? "end" : "start" })
      + words(one.label, to + 12, y + 4, { color, size: 12 });
  }).join("");
  const x = place(t);
  return `${drawn}<path class="now" d="M${x} 0V${height - 18}"/>` + words(`step ${Math.floor(t)}`, Math.min(Math.max(x, 24), to - 4), height - 4, { color: "var(--muted)", size: 12, anchor: "middle" });
}

// Takes the number that all rates are multiplied by; returns it in words.
export const inWords = (times) => (times === 1 ? "each at its best" : `${number(times)} × its best`);
