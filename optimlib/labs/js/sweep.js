// The runs of many settings: how soon the last method of a lab arrives, over two of its controls. A worker runs it.
import { arrival, groundOf, nearest, roomFor, runOf, swinging } from "./maths.js";

// What became of a run, where it did not arrive: any other number is that of the steps it took.
export const FATES = { crawls: 0, "pulled away": 65533, swings: 65534, lost: 65535 };

// Takes what became of a run; returns whether it arrived.
export const arrives = (fate) => fate !== FATES.crawls && fate < FATES["pulled away"];

// Takes what is told of a lab, its values, and where to look: the names of two controls and the values to give them; or, without
// names, learning rates and the numbers of the methods whose own they are. Returns what became of each run, row by row.
export function arrivals(about, values, { x, y, xs, ys }) {
  const map = new Uint16Array(xs.length * ys.length), room = roomFor(about.steps), undecayed = new Map();
  ys.forEach((up, j) => {
    const method = x ? about.methods.at(-1) : about.methods[up], setting = x ? { ...values, [y]: up } : { ...values }, name = x ?? method.hyper.lr;
    xs.forEach((along, i) => {
      setting[name] = along;
      map[j * xs.length + i] = fateOf(about, setting, method, room, undecayed);
    });
  });
  return map;
}

// Takes what is told of a lab, a setting, a method, room for a run and what became of the runs without a decay, as far as they
// were asked for. Returns what becomes of its run.
function fateOf(about, setting, method, room, undecayed) {
  const ground = groundOf(about, setting), run = runOf(method, about, setting, ground, room), minimum = nearest(run, ground.minima);
  if (run.diverged) return FATES.lost;
  const { arrived } = arrival(run, minimum);
  if (arrived <= about.steps) return arrived;
  const fate = swinging(run, minimum) ? FATES.swings : FATES.crawls;
  if (!setting.decay) return fate;
  // All rows of a map over the decay ask for the same runs without it.
  const alone = { ...setting, decay: 0 }, key = [method.label, ...Object.values(alone)].join();
  if (!undecayed.has(key)) undecayed.set(key, fateOf(about, alone, method, room));
  return arrives(undecayed.get(key)) ? FATES["pulled away"] : fate;
}

// Takes a row of a map; returns the column of the quickest run that arrives as well as its neighbours, judged by the slower of
// them; undefined if there is none.
export function quickestIn(row) {
  let best, soonest = Infinity;
  for (let i = 1; i < row.length - 1; i++) {
    const worst = Math.max(...[-1, 0, 1].map((k) => row[i + k] || FATES.lost));
    if (worst < soonest && arrives(worst)) [best, soonest] = [i, worst];
  }
  return best;
}

// Takes a map and its columns; returns the cell [i, j] of the quickest run that arrives no later than a little if both
// settings are a little off: of all cells with eight neighbours that arrive, the one whose slowest neighbour is soonest.
export function quickest(map, columns) {
  let best, soonest = Infinity;
  for (let j = 1; j < map.length / columns - 1; j++) {
    for (let i = 1; i < columns - 1; i++) {
      let worst = 0;
      for (const k of [-columns, 0, columns]) {
        for (const l of [-1, 0, 1]) worst = Math.max(worst, map[j * columns + i + k + l] || FATES.lost);
      }
      if (worst < soonest && arrives(worst)) [best, soonest] = [[i, j], worst];
    }
  }
  return best;
}

// Takes a map, its columns and a fate. Returns the cell [i, j] that lies deepest among its like, and how deep that is in
// cells; undefined if there is none.
export function middle(map, columns, fate) {
  const rows = map.length / columns, deep = new Uint16Array(map.length);
  const at = (i, j) => (i < 0 || j < 0 || i >= columns || j >= rows ? 0 : deep[j * columns + i]);
  let found;
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      if (map[j * columns + i] === fate) deep[j * columns + i] = 1 + Math.min(at(i - 1, j), at(i, j - 1), at(i - 1, j - 1), at(i + 1, j - 1));
    }
  }
  for (let j = rows - 1; j >= 0; j--) {
    for (let i = columns - 1; i >= 0; i--) {
      if (map[j * columns + i] !== fate) continue;
      const depth = Math.min(deep[j * columns + i], 1 + Math.min(at(i + 1, j), at(i, j + 1), at(i + 1, j + 1), at(i - 1, j + 1)));
      deep[j * columns + i] = depth;
      if (!found || depth > found.depth) found = { i, j, depth };
    }
  }
  return found;
}
