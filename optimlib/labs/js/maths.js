// What the labs compute: runs of the rules, as Python makes them, and what they did in words.
// The rules and surfaces come from Python (equations.js), and so does what a lab runs (`about`).
import { TOO_FAR, rules, surfaces, walks } from "./equations.js";
import { number } from "./numbers.js";

// Takes a rule, a gradient (W, b) -> [dW, db], a start [W, b], how many steps, the rule's keywords and, of whoever makes
// many runs and keeps none, the two arrays for its places.
// Returns a run { W, b, diverged }: all places, the start first, up to the step at which it was lost, or 0.
// It is optimlib.descend for two numbers.
export function descend(rule, grad, start, steps, hyper, [Ws, bs] = roomFor(steps)) {
  const far = TOO_FAR * (1 + Math.max(Math.abs(start[0]), Math.abs(start[1])));
  [Ws[0], bs[0]] = start;
  const walk = walks.get(rule);
  if (walk) walk(grad, Ws, bs, hyper);
  else walkBy(rule, grad, Ws, bs, hyper);
  let left = 0;
  for (let t = 1; t <= steps && !left; t++) if (!(Math.abs(Ws[t]) <= far && Math.abs(bs[t]) <= far)) left = t;
  if (!left) return { W: Ws, b: bs, diverged: 0 };
  let last = left;
  while (last <= steps && Number.isFinite(Ws[last]) && Number.isFinite(bs[last])) last++;
  const diverged = last <= steps || growsOn(Ws, bs, left) ? left : 0;
  return diverged ? { W: Ws.subarray(0, diverged), b: bs.subarray(0, diverged), diverged } : { W: Ws, b: bs, diverged };
}

// Takes how many steps; returns two arrays for the places of a run.
export const roomFor = (steps) => [new Float64Array(steps + 1), new Float64Array(steps + 1)];

// Takes a rule that has no walk of its own (equations.js), a gradient, places to fill from the first on, and the rule's keywords.
function walkBy(rule, grad, Ws, bs, hyper) {
  let W = Ws[0], b = bs[0], memoryW, memoryb;
  for (let t = 1; t < Ws.length; t++) {
    const [dW, db] = grad(W, b);
    [W, memoryW] = rule(W, dW, memoryW, hyper);
    [b, memoryb] = rule(b, db, memoryb, hyper);
    Ws[t] = W;
    bs[t] = b;
    if (!(Number.isFinite(W) && Number.isFinite(b))) return;
  }
}

// Takes the places of a run and the step at which it was far out first. Returns whether its steps grow to the end, as in
// optimlib.divergence.
function growsOn(Ws, bs, left) {
  const steps = Ws.length - 1, middle = Math.floor((left + steps) / 2);
  const length = (t) => Math.max(Math.abs(Ws[t] - Ws[t - 1]), Math.abs(bs[t] - bs[t - 1]));
  let before = 0, after = 0;
  for (let t = 1; t < middle; t++) before = Math.max(before, length(t));
  for (let t = middle; t <= steps; t++) after = Math.max(after, length(t));
  return after >= before && after >= TOO_FAR * length(1);
}

// Takes a run and minima; returns the minimum that its end is nearest to.
export function nearest(run, minima) {
  const [W, b] = end(run), away = ([ofW, ofb]) => (W - ofW) ** 2 + (b - ofb) ** 2;
  return minima.reduce((best, minimum) => (away(minimum) < away(best) ? minimum : best));
}

// Takes a run; returns where it ends, [W, b].
export const end = ({ W, b }) => [W.at(-1), b.at(-1)];

// Takes a run and a step; returns the run as it is after that step.
export function upTo({ W, b, diverged }, step) {
  return { W: W.subarray(0, step + 1), b: b.subarray(0, step + 1), diverged: diverged <= step ? diverged : 0 };
}

// Takes what is told of a lab and its values. Returns the ground that it runs on: f(W, b), which is 0 at the least,
// grad(W, b), the minima, the start, the curvatures of a bowl and its ring(height), and a key, equal for equal surfaces.
export function groundOf(about, values) {
  const told = about.grounds[values.surface ?? Object.keys(about.grounds)[0]];
  const given = (x) => (typeof x === "string" ? values[x] : x); // a word names a control
  const { f, grad } = surfaces[told.surface];
  const angle = (given(told.angle) * Math.PI) / 180, cos = Math.cos(angle), sin = Math.sin(angle);
  const curvatures = told.kappa === null ? [] : [told.steepest / given(told.kappa), told.steepest];
  const shape = curvatures.length ? [...curvatures, cos, sin] : [];
  const [W, b] = told.start.map(given), [byW, byb] = told.moved ? [values.W, values.b] : [0, 0], [flat, steep, cosine, sine] = shape; // by name: to spread them costs half of a run
  const [W0, b0] = curvatures.length ? told.minima[0] : [0, 0]; // where a bowl is least
  const least = f(told.minima[0][0] - W0, told.minima[0][1] - b0, ...shape);
  return {
    f: (W, b) => f(W - W0, b - b0, flat, steep, cosine, sine) - least,
    grad: (W, b) => grad(W - W0, b - b0, flat, steep, cosine, sine),
    minima: told.minima,
    start: told.turns_start ? [cos * W - sin * b + byW, sin * W + cos * b + byb] : [W + byW, b + byb],
    curvatures,
    ring: curvatures.length ? (height) => { // of a bowl: the way that takes the unit circle to where it is that high
      const [wide, narrow] = [Math.sqrt((2 * height) / flat), Math.sqrt((2 * height) / steep)];
      return (u, v) => [W0 + cosine * wide * u - sine * narrow * v, b0 + sine * wide * u + cosine * narrow * v];
    } : undefined,
    key: [told.surface, ...shape].join(" "),
  };
}

// Takes what is told of a lab, its values and the ground of these; returns its runs, all their steps, by label.
export function runsOf(about, values, ground) {
  const runs = {};
  for (const method of about.methods) {
    if (method.shown && !values[method.shown] && method.label !== values.method) continue;
    runs[method.label] = runOf(method, about, values, ground);
  }
  return runs;
}

// Takes a method, what is told of its lab, the values, their ground and, if need be, room (descend); returns the method's run.
export function runOf({ rule, hyper }, about, values, ground, room) {
  const grad = values.noise ? noisy(ground.grad, about.noise) : ground.grad;
  return descend(rules[rule], grad, ground.start, about.steps, keywordsOf(hyper, values), room);
}

// Takes the same and a step; returns that step along W and b as the rule takes it, { rule, W: [w, dw, memory, keywords], b: [...] }.
export function stepOf({ rule, hyper }, about, values, ground, step) {
  const grad = values.noise ? noisy(ground.grad, about.noise) : ground.grad, keywords = keywordsOf(hyper, values);
  let [W, b] = ground.start, memoryW, memoryb;
  for (let t = 1; ; t++) {
    const [dW, db] = grad(W, b);
    if (t === step) return { rule, W: [W, dW, memoryW, keywords], b: [b, db, memoryb, keywords] };
    [W, memoryW] = rules[rule](W, dW, memoryW, keywords);
    [b, memoryb] = rules[rule](b, db, memoryb, keywords);
  }
}

// Takes which control sets each keyword of a rule, and the values; returns the keywords.
const keywordsOf = (hyper, values) => Object.fromEntries(Object.entries(hyper).map(([key, control]) => [key, values[control]]));

// Takes a gradient and a table of noise, a row a step; returns the gradient with the next row added at each call.
function noisy(grad, noise) {
  let t = 0;
  return (W, b) => {
    const [dW, db] = grad(W, b), [ofW, ofb] = noise[t++];
    return [dW + ofW, db + ofb];
  };
}

// Takes a run and the minimum that it should reach. Returns how far away it was at first and is in the end, and after how
// many steps it came within 1 %, for good; more than it made, if it did not.
export function arrival({ W, b }, minimum) {
  const away = (t) => Math.sqrt((W[t] - minimum[0]) ** 2 + (b[t] - minimum[1]) ** 2);
  const first = away(0) || 1;
  let arrived = W.length;
  while (arrived > 0 && away(arrived - 1) <= 0.01 * first) arrived--;
  return { first, last: away(W.length - 1) / first, arrived };
}

// Takes the same; returns whether it goes from side to side.
export function swinging({ W, b }, minimum) {
  const first = Math.sqrt((W[0] - minimum[0]) ** 2 + (b[0] - minimum[1]) ** 2) || 1;
  return swings(W, minimum[0], first) > 2 || swings(b, minimum[1], first) > 2;
}

// Takes a part of the way; returns it in words.
const percent = (part) => `${number(100 * Number(part.toPrecision(2)))}\u00a0%`;

// Takes a run and the minimum that it should reach; returns what became of it, in as few words as there are.
export function outcome(run, minimum) {
  if (run.diverged) return `lost at step ${run.diverged}`;
  const { arrived, last } = arrival(run, minimum), steps = run.W.length - 1;
  return arrived <= steps ? `${arrived} steps` : `${percent(last)} left after ${steps} steps`;
}

// Takes the same; returns what it did, in words.
export function fate(run, minimum) {
  const { W, b, diverged } = run;
  if (diverged) return `diverges: lost at step ${diverged}`;
  const { first, last, arrived } = arrival(run, minimum);
  const steps = W.length - 1;
  const ofW = swings(W, minimum[0], first), ofb = swings(b, minimum[1], first);
  const [letter, count] = ofb >= ofW ? ["b", ofb] : ["W", ofW];
  const how = count > 2 ? `swings in ${letter} from side to side ${count} times` : "does not oscillate";
  if (arrived <= steps) return `${how} and arrives, within 1\u00a0%, after ${arrived} steps`;
  const left = `has ${percent(last)} of the way left after ${steps} steps`;
  return `${how} and ${last > 0.3 ? "crawls: it " : ""}${left}`;
}

// Takes one coordinate of a run, its value at the minimum, and the first distance. Returns how often it crosses that
// value; 1 % of its first offset is nothing.
function swings(places, middle, first) {
  const edge = 0.01 * (Math.abs(places[0] - middle) || first);
  let side = 0, count = 0;
  for (const place of places) {
    const x = place - middle;
    if (Math.abs(x) <= edge) continue;
    if (x * side < 0) count++;
    side = x;
  }
  return count;
}
