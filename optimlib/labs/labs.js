// The six labs: each builds its plots and, at every change, runs the rules and hands the result to them.

// Run a rule along a gradient, as optimlib.descend does; TOO_FAR comes from there.
function descend(rule, grad, start, steps, hyper) {
  const far = TOO_FAR * (1 + Math.max(Math.abs(start[0]), Math.abs(start[1])));
  const Ws = new Float64Array(steps + 1), bs = new Float64Array(steps + 1);
  let [W, b] = start, memoryW, memoryb;
  Ws[0] = W;
  bs[0] = b;
  for (let t = 1; t <= steps; t++) {
    const [dW, db] = grad(W, b);
    [W, memoryW] = rule(W, dW, memoryW, hyper);
    [b, memoryb] = rule(b, db, memoryb, hyper);
    if (!(Math.abs(W) <= far && Math.abs(b) <= far)) return { ...until({ W: Ws, b: bs }, t), diverged: t };
    Ws[t] = W;
    bs[t] = b;
  }
  return { W: Ws, b: bs, diverged: 0 };
}

// The first `length` places of a run, and where it ends.
const until = ({ W, b }, length) => ({ W: W.subarray(0, length), b: b.subarray(0, length) });
const end = ({ W, b }) => [W.at(-1), b.at(-1)];

// A surface as f(W, b) and grad(W, b), from the translated functions.
function bowl(kappa, degrees) {
  const angle = (degrees * Math.PI) / 180;
  const shape = [4 / kappa, 4, Math.cos(angle), Math.sin(angle)];
  return { f: (W, b) => bowl_f(W, b, ...shape), grad: (W, b) => bowl_grad(W, b, ...shape), minima: [[0, 0]] };
}

const METHODS = ["gradient descent", "momentum", "RMSProp", "Adam"];

const surfaces = {
  bowl: () => bowl(20, 0),
  "turned bowl": () => bowl(20, 45),
  Rosenbrock: () => ({ f: rosenbrock_f, grad: rosenbrock_grad, minima: [[1, 1]] }),
  saddle: () => ({ f: (W, b) => saddle_f(W, b) - saddle_f(0, 2), grad: saddle_grad, minima: [[0, 2], [0, -2]] }),
};

const COUNT = Float64Array.from({ length: 301 }, (_, t) => t); // steps, as places on an axis
const FROM_1 = COUNT.subarray(1);


// Levels that crowd towards the minimum, as eyes expect of a valley.
function levels(f, xs, ys) {
  let high = 0;
  for (const x of xs) for (const y of ys) high = Math.max(high, f(x, y));
  return [0.003, 0.015, 0.05, 0.12, 0.25, 0.45, 0.7].map((part) => part * high);
}

// What a run did, in words.
function fate({ W, b, diverged }, minimum) {
  if (diverged) return `diverges: lost at step ${diverged}`;
  const away = (t) => Math.sqrt((W[t] - minimum[0]) ** 2 + (b[t] - minimum[1]) ** 2);
  const first = away(0) || 1;
  const steps = W.length - 1;
  let arrived = W.length;
  while (arrived > 0 && away(arrived - 1) <= 0.01 * first) arrived--;
  const flips = (places, middle) => {
    const edge = 0.01 * (Math.abs(places[0] - middle) || first);
    let side = 0, count = 0;
    for (let t = 0; t <= steps; t++) {
      const x = places[t] - middle;
      if (Math.abs(x) <= edge) continue;
      if (x * side < 0) count++;
      side = x;
    }
    return count;
  };
  const ofW = flips(W, minimum[0]), ofb = flips(b, minimum[1]);
  const swings = ofb >= ofW ? ["b", ofb] : ["W", ofW];
  const how = swings[1] > 2 ? `swings in ${swings[0]} from side to side ${swings[1]} times` : "does not oscillate";
  if (arrived <= steps) return `${how} and arrives, within 1\u00a0%, after ${arrived} steps`;
  const last = away(steps) / first;
  return `${how} and ${last > 0.3 ? "crawls: it " : ""}has ${number(100 * Number(last.toPrecision(2)))}\u00a0% of the way left after ${steps} steps`;
}

const capital = (name) => name[0].toUpperCase() + name.slice(1);

const panel = (parent, axes) => new Plot(html("div", { class: "panel" }, parent), axes);

function legend(parent, keys) {
  const line = html("p", { class: "legend" }, parent);
  for (const key of keys) {
    const entry = html("span", {}, line);
    const sample = svg("svg", { viewBox: "0 0 340 80", class: "sample", "aria-hidden": "true" }, entry);
    svg("path", { d: "M10 40h320", class: `line ${key.replaceAll(" ", "-")}` }, sample);
    entry.append(` ${key}`);
  }
}

const MAP = { x: { label: "W", range: [-6, 6] }, y: { label: "b", range: [-3.5, 3.5] }, tall: 0.62 };
const LOSS = (steps) => ({ x: { label: "step", range: [0, steps] }, y: { label: "loss above the least", range: [1e-8, 1e3], log: true }, tall: 0.62 });
const grid = (low, high) => [0, 1, 2, 3, 4].map((i) => low + ((high - low) * i) / 4);

// Contours only when the surface or the size has changed.
function drawSurface(plot, surface, key, view) {
  if (view.key === key && !view.fresh) return;
  view.key = key;
  plot.contours("surface", surface.f, levels(surface.f, grid(...plot.axes.x.range), grid(...plot.axes.y.range)));
  plot.stars("minima", surface.minima);
}

const RATES = [0.7, 0.8, 0.9, 0.95]; // the lines of the map of rates

const labs = {
  gradient_descent: {
    build(parent, { setMany }) {
      const map = panel(parent, MAP), loss = panel(parent, LOSS(100));
      map.drag((W, b) => setMany(inside(W, b)), "Drag the dot at the start, or click where it should be.");
      return { plots: [map, loss], map, loss };
    },
    update({ lr, kappa, angle, W, b }, view) {
      const surface = bowl(kappa, angle);
      const run = descend(gradient_descent, surface.grad, [W, b], 100, { lr });
      drawRuns(view, { "gradient descent": run }, surface);
      drawSurface(view.map, surface, `${kappa} ${angle}`, view);
      view.map.grip([W, b]);
      return `α times the steepest curvature is ${number(4 * lr)}. Gradient descent ${fate(run, [0, 0])}.`;
    },
  },

  momentum: {
    build(parent, { setMany }) {
      legend(parent, ["gradient descent", "momentum"]);
      const map = panel(parent, MAP), loss = panel(parent, LOSS(100));
      const weights = panel(parent, { x: { label: "age of the gradient in steps", range: [-1, 30] }, y: { label: "weight", range: [0, 1] }, tall: 0.5 });
      const rates = panel(parent, { x: { label: "α", range: [0.05, 20], log: true }, y: { label: "β₁", range: [0, 0.98] }, tall: 0.5 });
      rates.drag((lr, beta1) => setMany({ lr: Number(Math.min(Math.max(lr, 0.05), 20).toPrecision(3)), beta1: Number(Math.min(Math.max(beta1, 0), 0.98).toFixed(3)) }), "On each line a step leaves the same part of the distance; right of the thick one runs are lost. Drag the dot, or click.");
      return { plots: [map, loss, weights, rates], map, loss, weights, rates };
    },
    update({ lr, beta1, kappa }, view) {
      const surface = bowl(kappa, 0);
      const runs = {
        "gradient descent": descend(gradient_descent, surface.grad, [-5, -2], 100, { lr }),
        momentum: descend(momentum, surface.grad, [-5, -2], 100, { lr, beta1 }),
      };
      const worst = (lr, beta1) => Math.max(momentum_rate(lr, beta1, 4 / kappa), momentum_rate(lr, beta1, 4));
      if (view.key !== `${kappa}` || view.fresh) {
        view.rates.contours("rate", worst, RATES, 96, 64);
        view.rates.contours("edge", worst, [1], 96, 64);
        // a line runs level at β₁ = rate², from where the flat direction is critically damped
        const best = (Math.sqrt(kappa) - 1) / (Math.sqrt(kappa) + 1);
        const corner = (rate) => Math.max(((1 - rate) / (1 + rate)) * (kappa / 4), 0.05);
        view.rates.labels("rate", RATES.filter((rate) => rate > best).map((rate) => [corner(rate), rate ** 2, number(rate)]));
      }
      drawRuns(view, runs, surface);
      drawSurface(view.map, surface, `${kappa}`, view);
      // the weights of past gradients are what is left of a single gradient of 1
      const heights = [];
      for (let v = ewma(0, 1, beta1), age = 0; age < 30; age++, v = ewma(v, 0, beta1)) heights.push(v);
      view.weights.bars("momentum", heights);
      view.weights.describe(() => `Weights of past gradients: ${number(heights[0])} for the newest, ${number(heights[29])} for one 29 steps old.`);
      view.rates.dots("here", [lr], [beta1]);
      view.rates.grip([lr, beta1]);
      view.rates.describe(() => `Rate of momentum over α and β₁; here it is ${number(worst(lr, beta1))}. Beyond the thick line runs are lost.`);
      return `Momentum ${fate(runs.momentum, [0, 0])}; its rate is ${number(worst(lr, beta1))}.\nGradient descent with the same α ${fate(runs["gradient descent"], [0, 0])}.`;
    },
  },

  rmsprop: {
    build(parent) {
      legend(parent, ["gradient descent", "RMSProp"]);
      const map = panel(parent, MAP), loss = panel(parent, LOSS(100));
      legend(parent, ["W", "b"]);
      const rates = panel(parent, { x: { label: "step", range: [0, 100] }, y: { label: "learning rate of each", range: [1e-3, 1e3], log: true }, tall: 0.45 });
      return { plots: [map, loss, rates], map, loss, rates };
    },
    update({ lr, beta2, eps, angle }, view) {
      const surface = bowl(20, angle);
      const a = (angle * Math.PI) / 180;
      const start = [-5 * Math.cos(a) + 2 * Math.sin(a), -5 * Math.sin(a) - 2 * Math.cos(a)];
      const runs = {
        "gradient descent": descend(gradient_descent, surface.grad, start, 100, { lr }),
        RMSProp: descend(rmsprop, surface.grad, start, 100, { lr, beta2, eps }),
      };
      drawRuns(view, runs, surface);
      drawSurface(view.map, surface, `${angle}`, view);
      // how far each moved for how large a gradient: the learning rate it had
      const { W, b } = runs.RMSProp;
      const ofW = new Float64Array(W.length - 1), ofb = new Float64Array(W.length - 1);
      for (let t = 1; t < W.length; t++) {
        const [dW, db] = surface.grad(W[t - 1], b[t - 1]);
        ofW[t - 1] = Math.abs((W[t] - W[t - 1]) / dW);
        ofb[t - 1] = Math.abs((b[t] - b[t - 1]) / db);
      }
      view.rates.line("W", FROM_1, ofW);
      view.rates.line("b", FROM_1, ofb);
      view.rates.describe(() => `In step 1 the learning rate of W is ${number(ofW[0])}, that of b ${number(ofb[0])}.`);
      return `RMSProp ${fate(runs.RMSProp, [0, 0])}.\nGradient descent with the same α ${fate(runs["gradient descent"], [0, 0])}.`;
    },
  },

  adam: {
    build(parent) {
      legend(parent, METHODS);
      const map = panel(parent, MAP), loss = panel(parent, LOSS(200));
      return { plots: [map, loss], map, loss };
    },
    update({ lr, beta1, beta2, eps, kappa, show_gradient_descent, show_momentum, show_rmsprop, show_adam }, view) {
      const surface = bowl(kappa, 0);
      const all = [
        [show_gradient_descent, "gradient descent", gradient_descent, { lr }],
        [show_momentum, "momentum", momentum, { lr, beta1 }],
        [show_rmsprop, "RMSProp", rmsprop, { lr, beta2, eps }],
        [show_adam, "Adam", adam, { lr, beta1, beta2, eps }],
      ];
      const runs = {};
      for (const [shown, name, rule, hyper] of all) if (shown) runs[name] = descend(rule, surface.grad, [-5, -2], 200, hyper);
      drawRuns(view, runs, surface);
      drawSurface(view.map, surface, `${kappa}`, view);
      const told = Object.entries(runs).map(([name, run]) => `${capital(name)} ${fate(run, [0, 0])}.`);
      return told.join("\n") || "Every method is switched off.";
    },
  },

  averages: {
    build(parent, { state }) {
      legend(parent, ["before correction", "after correction"]);
      const film = panel(parent, { x: { label: "time", range: [0, 300] }, y: { label: "value", range: [-5, 4] }, tall: 0.62 });
      const steps = panel(parent, { x: { label: "step of Adam, constant gradient", range: [0, 50] }, y: { label: "step length in α", range: [0, 8] }, tall: 0.62 });
      return { plots: [film, steps], film, steps };
    },
    update({ beta, correction, beta1, beta2 }, view) {
      if (view.fresh) view.film.dots("data", FROM_1, DATA);
      let v = 0;
      const before = DATA.map((x) => (v = ewma(v, x, beta)));
      const after = before.map((v, i) => debias(v, beta, i + 1));
      view.film.line("before correction", FROM_1, before);
      view.film.line("after correction", FROM_1, correction ? after : []);
      view.film.describe(() => `Average of 300 points with β = ${beta}: before correction it starts at ${number(before[0])}, after it at ${number(after[0])}.`);
      const lengths = (rule) => {
        const { W } = descend(rule, () => [1, 1], [0, 0], 50, { lr: 1, beta1, beta2 });
        return W.subarray(1).map((w, i) => W[i] - w);
      };
      const right = lengths(adam), raw = lengths(adam_uncorrected);
      view.steps.line("after correction", FROM_1, correction ? right : []);
      view.steps.line("before correction", FROM_1, raw);
      const longest = Math.max(...raw), at = raw.indexOf(longest) + 1;
      view.steps.describe(() => `Without correction the first step is ${number(raw[0])} α, the longest ${number(longest)} α at step ${at}.`);
      const soon = Math.ceil(Math.log(0.01) / Math.log(beta));
      return `At β = ${beta} the correction ${beta === 0 ? "does nothing" : `is below 1 % from step ${soon} on`}.\nAdam without it, with β₁ = ${beta1} and β₂ = ${beta2}: first step ${number(raw[0])} α, longest ${number(longest)} α at step ${at}.`;
    },
  },

  race: {
    build(parent, { state, setMany, buttons }) {
      legend(parent, METHODS);
      const map = panel(parent, { x: { label: "W", range: [-6, 6] }, y: { label: "b", range: [-4, 4] }, tall: 0.62 }), loss = panel(parent, LOSS(300));
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const start = calm ? "To the end" : "Play";
      let timer = 0;
      const play = html("button", { type: "button" }, buttons, start);
      const stop = () => { clearInterval(timer); timer = 0; play.textContent = start; };
      play.addEventListener("click", () => {
        if (timer) return stop();
        if (calm) return setMany({ step: 300 });
        if (state.step >= 300) setMany({ step: 0 });
        play.textContent = "Pause";
        timer = setInterval(() => (state.step < 300 ? setMany({ step: state.step + 1 }) : stop()), 50);
      });
      html("button", { type: "button" }, buttons, "One step").addEventListener("click", () => { stop(); setMany({ step: Math.min(300, state.step + 1) }); });
      return { plots: [map, loss], map, loss, stop };
    },
    update({ surface: name, noise, lr_gradient_descent, lr_momentum, lr_rmsprop, lr_adam, step }, view) {
      const surface = surfaces[name]();
      const key = [name, noise, lr_gradient_descent, lr_momentum, lr_rmsprop, lr_adam].join(" ");
      if (view.ran !== key) {
        view.ran = key;
        const start = name === "Rosenbrock" ? [-1, 1] : name === "saddle" ? [-4, 0.01] : [-5, -2];
        view.start = start;
        view.runs = {
          "gradient descent": descend(gradient_descent, noisy(surface.grad, noise), start, 300, { lr: lr_gradient_descent }),
          momentum: descend(momentum, noisy(surface.grad, noise), start, 300, { lr: lr_momentum }),
          RMSProp: descend(rmsprop, noisy(surface.grad, noise), start, 300, { lr: lr_rmsprop }),
          Adam: descend(adam, noisy(surface.grad, noise), start, 300, { lr: lr_adam }),
        };
      }
      const sofar = {};
      for (const [method, run] of Object.entries(view.runs)) {
        sofar[method] = { ...until(run, step + 1), diverged: run.diverged <= step ? run.diverged : 0 };
      }
      drawRuns(view, sofar, surface);
      drawSurface(view.map, surface, name, view);
      for (const method of METHODS) view.map.dots(method, ...end(sofar[method]).map((place) => [place]), "runner");
      const standing = Object.entries(sofar).map(([method, run]) => [method, run.diverged ? Infinity : surface.f(...end(run))]);
      standing.sort((a, b) => a[1] - b[1]);
      return `Step ${step}.\n${standing.map(([method, loss]) => `${capital(method)}: ${loss === Infinity ? `lost at step ${sofar[method].diverged}` : `loss ${number(loss)}`}`).join("\n")}`;
    },
  },
};

const inside = (W, b) => ({ W: Number(Math.min(Math.max(W, -6), 6).toFixed(2)), b: Number(Math.min(Math.max(b, -3.5), 3.5).toFixed(2)) });

function drawRuns(view, runs, surface) {
  for (const name of METHODS) {
    const { W, b } = runs[name] ?? { W: [], b: [] };
    view.map.line(name, W, b);
    view.map.dots(name, W.slice(0, 50), b.slice(0, 50)); // later ones crowd around the minimum
    view.loss.line(name, COUNT, W.map((W, t) => surface.f(W, b[t])));
  }
  const first = Object.values(runs)[0];
  if (first) view.map.dots("start", [first.W[0]], [first.b[0]]);
  const told = () => Object.entries(runs).map(([name, run]) => {
    const [W, b] = end(run);
    return `${name} ends at W ${number(W)}, b ${number(b)}${run.diverged ? `, lost at step ${run.diverged}` : ""}, loss ${number(surface.f(W, b))}`;
  }).join(". ");
  view.map.describe(() => `Paths on the contours of the loss. ${told()}.`);
  view.loss.describe(() => `The loss at each step. ${told()}.`);
}

// The same noise for every method and at every run (mulberry32, Box-Muller).
function noisy(grad, on) {
  if (!on) return grad;
  let seed = 1;
  const uniform = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return (W, b) => grad(W, b).map((slope) => slope + normal());
}
