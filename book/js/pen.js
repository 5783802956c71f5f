// Pictures of the front page, as the text of SVG: the same functions draw them while the book is built and in the browser.
// Colours are the page's (optimlib.styles), so that a change of theme needs no drawing. It knows nothing of the rules.
import { rings, sampled } from "./contours.js";

// Takes a size in pixels and what is to be seen in it, [[left, right], [low, high]]; returns the ways from a place to its
// pixel, and back.
export function frame({ width, height }, [[left, right], [low, high]]) {
  const across = width / (right - left), up = height / (high - low);
  return {
    width,
    height,
    x: (W) => (W - left) * across,
    y: (b) => height - (b - low) * up,
    back: (x, y) => [left + x / across, low + (height - y) / up],
  };
}

// Takes a pixel; returns it in tenths. Far outside a place is as good as another.
const tenths = (pixel) => Math.round(Math.min(Math.max(pixel, -5000), 9000) * 10) / 10;

// Takes words; returns them as they stand in SVG.
const plain = (words) => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

// Takes a frame, f(W, b), { most, bend }: a height above which there is nothing to see, and how far lines crowd at the bottom;
// and how many lines there are up to that, or to the corners; returns the valley, low ground bright.
export function bands(on, f, { most, bend }, count) {
  const corners = [[0, 0], [0, on.height], [on.width, 0], [on.width, on.height]].map(([x, y]) => f(...on.back(x, y)));
  const highest = Math.min(most, Math.max(...corners));
  const cells = Math.max(40, Math.round(on.width / 9));
  const ground = sampled((x, y) => f(...on.back(x, y)), { ...on, x: 0, y: 0 }, cells, Math.round(cells / 2));
  const outline = (ring) => `M${ring.map(([x, y]) => `${tenths(x)} ${tenths(y)}`).join("L")}Z`;
  const band = (k) => `<path style="--part:${Math.round(100 * (1 - k / count))}%" d="${rings(ground, highest * (k / count) ** bend).map(outline).join("")}"/>`;
  const lines = Array.from({ length: count - 1 }, (_, k) => band(count - 1 - k)).join("");
  return `<g class="bands"><rect width="${on.width}" height="${on.height}"/>${lines}</g>`;
}

// Takes a frame, a run and a time, between steps too; returns where the run is then, and its outline up to there.
export function trace(on, { W, b }, t) {
  const last = W.length - 1, whole = Math.min(Math.floor(t), last), part = whole < last ? t - whole : 0;
  let d = "", before = [NaN, NaN];
  const to = (x, y) => {
    if (Math.abs(x - before[0]) < 0.3 && Math.abs(y - before[1]) < 0.3) return;
    before = [x, y];
    d += `${d ? "L" : "M"}${tenths(x)} ${tenths(y)}`;
  };
  for (let k = 0; k <= whole; k++) to(on.x(W[k]), on.y(b[k]));
  if (part) to(on.x(W[whole] + part * (W[whole + 1] - W[whole])), on.y(b[whole] + part * (b[whole + 1] - b[whole])));
  return { d, x: tenths(before[0]), y: tenths(before[1]) };
}

// Takes an outline and a style { name, dash }; returns its line, and whether it is only faint.
export function line(d, { name, dash }, faint = false) {
  const around = faint ? "" : `<path class="around" d="${d}"/>`;
  return `${around}<path class="line${faint ? " faint" : ""}" style="stroke:var(--c-${name});stroke-dasharray:${dash.join(" ") || "none"}" d="${d}"/>`;
}

// Takes a pixel, a style and a size; returns the mark of the style there.
export const mark = (x, y, { name, mark }, size = 6) =>
  `<path class="mark" style="fill:var(--c-${name})" transform="translate(${tenths(x)} ${tenths(y)}) scale(${size})" d="${mark}"/>`;

// Takes a pixel and a size; returns a star there: the minimum.
export function star(x, y, size) {
  const corner = (_, k) => {
    const angle = (k * Math.PI) / 5 - Math.PI / 2, reach = k % 2 ? 0.44 * size : size;
    return `${tenths(x + reach * Math.cos(angle))} ${tenths(y + reach * Math.sin(angle))}`;
  };
  return `<path class="star" d="M${Array.from({ length: 10 }, corner).join("L")}Z"/>`;
}

// Takes words, a pixel, a colour and where they are to stand; returns them.
export const words = (text, x, y, { color = "var(--ink)", anchor = "start", size = 13 } = {}) =>
  `<text x="${tenths(x)}" y="${tenths(y)}" fill="${color}" text-anchor="${anchor}" font-size="${size}">${plain(text)}</text>`;

// Takes words and the size of their letters; returns how wide they may be: node has no letters to measure.
export const wideness = (text, size) => 0.62 * size * text.length;

// Takes names [{ text, x, y, style }], what they must stay in, and a size of letters; returns them beside their places, each
// in its colour, clear of the others, with a thin line to what has moved away.
export function names(list, { left, right, top, bottom }, size) {
  const gap = 1.45 * size, placed = list.map((one) => ({ ...one, at: Math.min(Math.max(one.y, top), bottom) })).sort((a, b) => a.at - b.at);
  placed.forEach((one, k) => { if (k) one.at = Math.max(one.at, placed[k - 1].at + gap); });
  // As far up again as they were pushed down in the middle, then within the bottom.
  const pushed = placed.length ? placed.reduce((sum, one) => sum + one.at - Math.min(Math.max(one.y, top), bottom), 0) / placed.length : 0;
  let most = bottom;
  for (const one of placed.toReversed()) most = (one.at = Math.min(one.at - pushed, most)) - gap;
  let least = top;
  for (const one of placed) least = (one.at = Math.max(one.at, least)) + gap;
  return placed.map(({ text, x, y, at, style: { name } }) => {
    const wide = wideness(text, size), away = Math.abs(at - y) > 8, off = away ? 26 : 13;
    const before = x + off + wide > right + 70 && x - off - wide > left; // a little too wide, it moves to the left
    const start = before ? x - off : Math.max(left, Math.min(x + off, right - wide));
    const thread = away ? `<path class="thread" style="stroke:var(--c-${name})" d="M${tenths(x)} ${tenths(y)}L${tenths(start + (before ? 3 : -3))} ${tenths(at)}"/>` : "";
    return thread + words(text, start, at + 0.35 * size, { color: `var(--c-${name}-text)`, anchor: before ? "end" : "start", size });
  }).join("");
}
