// The small pictures of the chapters. Each takes what is told (book/front.py), a size and a part from 0 to 1, which is time or
// what the chapter turns; and returns SVG. The valley is apart: it does not change.
import { descend } from "./maths.js";
import { debias, ewma, rules, surfaces } from "./equations.js";
import { bands, frame, line, mark, star, trace, words } from "./pen.js";

const STEPS = 60;

// Takes what is told, a rule and its learning rate; returns its run in the valley.
function runOf({ grounds: { bowl } }, rule, lr) {
  const { shape, start } = bowl, { grad } = surfaces.bowl;
  return descend(rules[rule], (W, b) => grad(W, b, ...shape), start, STEPS, { lr });
}

// Takes rules, the faint ones first, and the learning rate of each; returns a card with their paths.
const descent = (...shown) => ({
  ground: ({ grounds: { bowl } }, size) => bands(frame(size, VIEW), (W, b) => surfaces.bowl.f(W, b, ...bowl.shape), bowl, 9),
  draw: (told, size, part) => {
    const on = frame(size, VIEW), [x, y] = [on.x(0), on.y(0)];
    const drawn = shown.map(([rule, lr], k) => {
      const style = told.styles[rule], faint = k < shown.length - 1;
      const way = trace(on, runOf(told, rule, lr ?? told.grounds.bowl.rates[rule]), faint ? STEPS : part * STEPS);
      return line(way.d, style, faint) + (faint ? "" : mark(way.x, way.y, style, 5));
    });
    return star(x, y, 7) + drawn.join("");
  },
});
const VIEW = [[-6, 1.6], [-2.7, 2.7]];

// Takes a frame and heights over 0 to 1; returns the outline of their curve, as far as `part`.
function curve(on, heights, part) {
  const last = Math.max(1, Math.round(part * (heights.length - 1)));
  return heights.slice(0, last + 1).map((height, k) => `${k ? "L" : "M"}${on.x(k / (heights.length - 1)).toFixed(1)} ${on.y(height).toFixed(1)}`).join("");
}

// What a past gradient still weighs: the average of a single 1 among zeros.
const memory = {
  draw: ({ styles: { momentum } }, size, part) => {
    const beta = 0.5 + 0.45 * part, count = 25, on = frame(size, [[-0.5, count + 0.5], [-0.12, 1.15]]), weights = [ewma(0, 1, beta)];
    while (weights.length < count) weights.push(ewma(weights.at(-1), 0, beta));
    const wide = on.x(1) - on.x(0), tall = (weight) => on.y(0) - on.y(weight / weights[0]);
    const bar = (weight, age) => `<rect style="fill:var(--c-${momentum.name})" x="${(on.x(count - age - 1) + 1).toFixed(1)}" y="${(on.y(0) - tall(weight)).toFixed(1)}" width="${(wide - 2).toFixed(1)}" height="${tall(weight).toFixed(1)}"/>`;
    return weights.map(bar).join("") + words(`β = ${beta.toFixed(2)}`, 14, 24, { color: `var(--c-${momentum.name}-text)` })
      + words("now", size.width - 8, size.height - 5, { color: "var(--muted)", anchor: "end", size: 11 });
  },
};

// An average of noisy numbers, which begins at zero, and what its correction makes of it.
const correction = {
  draw: ({ noise, styles }, size, part) => {
    const on = frame(size, [[-0.03, 1.03], [-0.1, 1.5]]), before = [], after = [], x = noise.map((each) => 1 + 0.2 * each), beta = 0.9;
    for (const [k, each] of x.entries()) {
      before.push(ewma(before.at(-1) ?? 0, each, beta));
      after.push(debias(before.at(-1), beta, k + 1));
    }
    const data = x.map((each, k) => `<circle class="datum" cx="${on.x(k / (x.length - 1)).toFixed(1)}" cy="${on.y(each).toFixed(1)}" r="2"/>`).join("");
    return data + line(curve(on, before, part), styles.before) + line(curve(on, after, part), styles.after);
  },
};

// The loss of each method, at its best rate.
const losses = {
  draw: (told, size, part) => {
    const { bowl } = told.grounds, on = frame(size, [[-0.03, 1.03], [-4.3, 1.6]]);
    return told.methods.map(({ rule }) => {
      const { W, b } = runOf(told, rule, bowl.rates[rule]);
      const heights = [...W].map((w, t) => Math.max(-4.2, Math.log10(surfaces.bowl.f(w, b[t], ...bowl.shape))));
      return line(curve(on, heights, part), told.styles[rule]);
    }).join("") + words("loss", 10, size.height - 8, { color: "var(--muted)", size: 11 });
  },
};

// How far a parameter goes whose gradient comes at every step, at every second, ..., at every 32nd only.
const rare = {
  draw: ({ styles }, size, part) => {
    const every = [1, 2, 4, 8, 16, 32], steps = Math.round(32 + 96 * part), on = frame(size, [[-0.5, 5.5], [-0.2, 1.25]]);
    const gone = (rule) => every.map((each) => {
      let w = 0, state;
      for (let t = 1; t <= steps; t++) [w, state] = rules[rule](w, t % each ? 0 : -1, state, { lr: 1 });
      return w;
    });
    const drawn = ["gradient_descent", "adam"].map((rule) => {
      const far = gone(rule), at = far.map((one, k) => [on.x(k), on.y(one / far[0])]);
      return line(`M${at.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`, styles[rule]) + at.map(([x, y]) => mark(x, y, styles[rule], 4)).join("");
    });
    return drawn.join("") + words("frequent words", 8, size.height - 7, { color: "var(--muted)", size: 11 })
      + words("rare", size.width - 8, size.height - 7, { color: "var(--muted)", size: 11, anchor: "end" });
  },
};

export const cards = {
  "1-gradient-descent": descent(["gradient_descent"]),
  "2-momentum": memory,
  "3-rmsprop": descent(["gradient_descent"], ["rmsprop"]),
  "4-adam": descent(["momentum"], ["rmsprop"], ["adam"]),
  "5-bias-correction": correction,
  "6-same-ground": losses,
  "7-network": rare,
  "8-after-adam": descent(["adam"], ["lion", 0.12]),
};
