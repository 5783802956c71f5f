// The six labs: each builds its plots and, at every change, runs the rules and hands the result to them.

// Run a rule along a gradient, as optimlib.descend does; TOO_FAR comes from there.
function descend(rule, grad, start, steps, hyper) {
  const far = TOO_FAR * (1 + Math.max(Math.abs(start[0]), Math.abs(start[1])));
  const path = [start];
  let [W, b] = start, memoryW, memoryb;
  for (let t = 1; t <= steps; t++) {
    const [dW, db] = grad(W, b);
    [W, memoryW] = rule(W, dW, memoryW, hyper);
    [b, memoryb] = rule(b, db, memoryb, hyper);
    if (!(Math.abs(W) <= far && Math.abs(b) <= far)) return { path, diverged: t };
    path.push([W, b]);
  }
  return { path, diverged: 0 };
}

// A surface as f(W, b) and grad(W, b), from the translated functions.
function bowl(kappa, degrees) {
  const angle = (degrees * Math.PI) / 180;
  const shape = [4 / kappa, 4, Math.cos(angle), Math.sin(angle)];
  return { f: (W, b) => bowl_f(W, b, ...shape), grad: (W, b) => bowl_grad(W, b, ...shape), minimum: [0, 0] };
}

const surfaces = {
  bowl: () => bowl(20, 0),
  "turned bowl": () => bowl(20, 45),
  Rosenbrock: () => ({ f: rosenbrock_f, grad: rosenbrock_grad, minimum: [1, 1] }),
  saddle: () => ({ f: saddle_f, grad: saddle_grad, minimum: [0, 2] }),
};

const losses = (path, f) => path.map(([W, b], t) => [t, f(W, b)]);

// Levels that crowd towards the minimum, as eyes expect of a valley.
function levels(f, xs, ys) {
  let high = 0;
  for (const x of xs) for (const y of ys) high = Math.max(high, f(x, y));
  return [0.003, 0.015, 0.05, 0.12, 0.25, 0.45, 0.7].map((part) => part * high);
}

// What a run did, in words.
function fate({ path, diverged }, minimum) {
  if (diverged) return `diverges: lost at step ${diverged}`;
  const away = path.map(([W, b]) => Math.hypot(W - minimum[0], b - minimum[1]));
  const first = away[0] || 1;
  const last = away.at(-1) / first;
  let arrived = path.length;
  while (arrived > 0 && away[arrived - 1] <= 0.01 * first) arrived--;
  const flips = [0, 1].map((i) => {
    const seen = path.map((w) => w[i] - minimum[i]).filter((x) => Math.abs(x) > 0.01 * first);
    return seen.slice(1).filter((x, k) => x * seen[k] < 0).length;
  });
  const swings = flips[1] >= flips[0] ? ["b", flips[1]] : ["W", flips[0]];
  const how = swings[1] > 2 ? `swings in ${swings[0]} from side to side ${swings[1]} times` : "does not oscillate";
  if (arrived < path.length) return `${how} and arrives, within 1 %, after ${arrived} steps`;
  return `${how} and ${last > 0.3 ? "crawls: it " : ""}has ${number(100 * Number(last.toPrecision(2)))} % of the way left after ${path.length - 1} steps`;
}

function panel(parent, axes, keys = []) {
  const figure = html("div", { class: "panel" }, parent);
  if (keys.length) {
    const legend = html("p", { class: "legend" }, figure);
    for (const key of keys) {
      const entry = html("span", {}, legend);
      const sample = svg("svg", { viewBox: "0 0 26 8", class: "sample", "aria-hidden": "true" }, entry);
      svg("path", { d: "M1 4h24", class: `line ${key.replaceAll(" ", "-")}` }, sample);
      entry.append(` ${key}`);
    }
  }
  return new Plot(figure, axes);
}

const MAP = { x: { label: "W", range: [-6, 6] }, y: { label: "b", range: [-3.5, 3.5] }, tall: 0.62 };
const LOSS = (steps) => ({ x: { label: "step", range: [0, steps] }, y: { label: "loss", range: [1e-8, 1e3], log: true }, tall: 0.5 });
const grid = (low, high) => [0, 1, 2, 3, 4].map((i) => low + ((high - low) * i) / 4);

// Contours only when the surface or the size has changed.
function drawSurface(plot, surface, key, view) {
  if (view.key === key && !view.fresh) return;
  view.key = key;
  plot.contours("surface", surface.f, levels(surface.f, grid(...plot.axes.x.range), grid(...plot.axes.y.range)));
  plot.star("minimum", surface.minimum);
}

const labs = {
  gradient_descent: {
    build(parent, { setMany }) {
      const map = panel(parent, MAP), loss = panel(parent, LOSS(100));
      map.drag((W, b) => setMany(inside(W, b)));
      return { plots: [map, loss], map, loss };
    },
    update({ lr, kappa, angle, W, b }, view) {
      const surface = bowl(kappa, angle);
      const run = descend(gradient_descent, surface.grad, [W, b], 100, { lr });
      drawSurface(view.map, surface, `${kappa} ${angle}`, view);
      drawRuns(view, { "gradient descent": run }, surface);
      return `α times the steepest curvature is ${number(4 * lr)}. Gradient descent ${fate(run, [0, 0])}.`;
    },
  },

  momentum: {
    build(parent, { setMany }) {
      const both = ["gradient descent", "momentum"];
      const map = panel(parent, MAP, both), loss = panel(parent, LOSS(100));
      const weights = panel(parent, { x: { label: "age of the gradient in steps", range: [-1, 30] }, y: { label: "weight", range: [0, 1] }, tall: 0.4 });
      const rates = panel(parent, { x: { label: "α", range: [0.05, 20], log: true }, y: { label: "β₁", range: [0, 0.98] }, tall: 0.5 });
      rates.drag((lr, beta1) => setMany({ lr: Number(Math.min(Math.max(lr, 0.05), 20).toPrecision(3)), beta1: Number(Math.min(Math.max(beta1, 0), 0.98).toFixed(3)) }));
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
        view.rates.contours("rate", worst, [0.65, 0.7, 0.8, 0.9, 0.95], 72, 48);
        view.rates.contours("edge", worst, [1], 72, 48);
      }
      drawSurface(view.map, surface, `${kappa}`, view);
      drawRuns(view, runs, surface);
      // the weights of past gradients are what is left of a single gradient of 1
      const heights = [];
      for (let v = ewma(0, 1, beta1), age = 0; age < 30; age++, v = ewma(v, 0, beta1)) heights.push(v);
      view.weights.bars("momentum", heights);
      view.weights.describe(`Weights of past gradients: ${number(heights[0])} for the newest, ${number(heights[29])} for one 29 steps old.`);
      view.rates.dots("here", [[lr, beta1]]);
      view.rates.describe(`Rate of momentum over α and β₁; here it is ${number(worst(lr, beta1))}. Beyond the thick line runs are lost.`);
      return `Momentum ${fate(runs.momentum, [0, 0])}; its rate is ${number(worst(lr, beta1))}.\nGradient descent with the same α ${fate(runs["gradient descent"], [0, 0])}.`;
    },
  },

  rmsprop: {
    build(parent) {
      const map = panel(parent, MAP, ["gradient descent", "RMSProp"]), loss = panel(parent, LOSS(100));
      const rates = panel(parent, { x: { label: "step", range: [0, 100] }, y: { label: "learning rate of each", range: [1e-3, 1e3], log: true }, tall: 0.45 }, ["W", "b"]);
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
      drawSurface(view.map, surface, `${angle}`, view);
      drawRuns(view, runs, surface);
      // how far each moved for how large a gradient: the learning rate it had
      const { path } = runs.RMSProp;
      const rate = (i) => path.slice(1).map((w, t) => [t + 1, Math.abs((w[i] - path[t][i]) / surface.grad(...path[t])[i])]);
      const [ofW, ofb] = [rate(0), rate(1)];
      view.rates.line("W", ofW);
      view.rates.line("b", ofb);
      view.rates.describe(`In step 1 the learning rate of W is ${number(ofW[0]?.[1])}, that of b ${number(ofb[0]?.[1])}.`);
      return `RMSProp ${fate(runs.RMSProp, [0, 0])}.\nGradient descent with the same α ${fate(runs["gradient descent"], [0, 0])}.`;
    },
  },

  adam: {
    build(parent) {
      const map = panel(parent, MAP, ["gradient descent", "momentum", "RMSProp", "Adam"]), loss = panel(parent, LOSS(200));
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
      drawSurface(view.map, surface, `${kappa}`, view);
      drawRuns(view, runs, surface);
      const told = Object.entries(runs).map(([name, run]) => `${name[0].toUpperCase()}${name.slice(1)} ${fate(run, [0, 0])}.`);
      return told.join("\n") || "Every method is switched off.";
    },
  },

  averages: {
    build(parent, { state }) {
      const film = panel(parent, { x: { label: "time", range: [0, 300] }, y: { label: "value", range: [-5, 4] }, tall: 0.62 }, ["before correction", "after correction"]);
      const steps = panel(parent, { x: { label: "step of Adam", range: [0, 50] }, y: { label: "step length in α", range: [0, 8] }, tall: 0.45 }, ["with correction", "without correction"]);
      return { plots: [film, steps], film, steps };
    },
    update({ beta, correction, beta1, beta2 }, view) {
      if (view.fresh) view.film.dots("data", DATA.map((x, i) => [i + 1, x]));
      let v = 0;
      const before = DATA.map((x, i) => [i + 1, (v = ewma(v, x, beta))]);
      const after = before.map(([t, v]) => [t, debias(v, beta, t)]);
      view.film.line("before correction", before);
      view.film.line("after correction", correction ? after : []);
      view.film.describe(`Average of 300 points with β = ${beta}: before correction it starts at ${number(before[0][1])}, after it at ${number(after[0][1])}.`);
      const lengths = (rule) => {
        const { path } = descend(rule, () => [1, 1], [0, 0], 50, { lr: 1, beta1, beta2 });
        return path.slice(1).map(([W], t) => [t + 1, path[t][0] - W]);
      };
      const [right, raw] = [lengths(adam), lengths(adam_uncorrected)];
      view.steps.line("with correction", correction ? right : []);
      view.steps.line("without correction", raw);
      const longest = raw.reduce((a, b) => (b[1] > a[1] ? b : a));
      view.steps.describe(`Without correction the first step is ${number(raw[0][1])} α, the longest ${number(longest[1])} α at step ${longest[0]}.`);
      const soon = Math.ceil(Math.log(0.01) / Math.log(beta));
      return `At β = ${beta} the correction ${beta === 0 ? "does nothing" : `is below 1 % from step ${soon} on`}.\nAdam without it, with β₁ = ${beta1} and β₂ = ${beta2}: first step ${number(raw[0][1])} α, longest ${number(longest[1])} α at step ${longest[0]}.`;
    },
  },

  race: {
    build(parent, { state, setMany, buttons }) {
      const names = ["gradient descent", "momentum", "RMSProp", "Adam"];
      const map = panel(parent, { x: { label: "W", range: [-6, 6] }, y: { label: "b", range: [-4, 4] }, tall: 0.62 }, names), loss = panel(parent, LOSS(300));
      let timer = 0;
      const play = html("button", { type: "button" }, buttons, "Play");
      const stop = () => { clearInterval(timer); timer = 0; play.textContent = "Play"; };
      play.addEventListener("click", () => {
        if (timer) return stop();
        if (state.step >= 300) setMany({ step: 0 });
        if (matchMedia("(prefers-reduced-motion: reduce)").matches) return setMany({ step: 300 });
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
      drawSurface(view.map, surface, name, view);
      const sofar = {};
      for (const [method, { path, diverged }] of Object.entries(view.runs)) {
        sofar[method] = { path: path.slice(0, step + 1), diverged: diverged && diverged <= step ? diverged : 0 };
      }
      drawRuns(view, sofar, surface);
      const standing = Object.entries(sofar).map(([method, run]) => [method, run.diverged ? Infinity : surface.f(...run.path.at(-1))]);
      standing.sort((a, b) => a[1] - b[1]);
      return `Step ${step}.\n${standing.map(([method, loss]) => `${method}: ${loss === Infinity ? `lost at step ${sofar[method].diverged}` : `loss ${number(loss)}`}`).join("\n")}`;
    },
  },
};

const inside = (W, b) => ({ W: Number(Math.min(Math.max(W, -6), 6).toFixed(2)), b: Number(Math.min(Math.max(b, -3.5), 3.5).toFixed(2)) });

function drawRuns(view, runs, surface) {
  const told = [];
  for (const name of ["gradient descent", "momentum", "RMSProp", "Adam"]) {
    const run = runs[name];
    view.map.line(name, run?.path ?? []);
    view.map.dots(name + " points", run?.path ?? []);
    view.loss.line(name, run ? losses(run.path, surface.f) : []);
    if (run) told.push(`${name} ends at W ${number(run.path.at(-1)[0])}, b ${number(run.path.at(-1)[1])}${run.diverged ? `, lost at step ${run.diverged}` : ""}, loss ${number(surface.f(...run.path.at(-1)))}`);
  }
  const first = Object.values(runs)[0];
  if (first) view.map.dots("start", [first.path[0]]);
  view.map.describe(`Paths on the contours of the loss. ${told.join(". ")}.`);
  view.loss.describe(`The loss at each step. ${told.join(". ")}.`);
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
