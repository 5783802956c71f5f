// Drawing in SVG: axes, lines, dots, bars, contours. It knows nothing of the rules.
// Colours are classes (labs.css): a change of theme needs no redrawing.
import { rings, sampled } from "./contours.js";
import { corners } from "./marks.js";
import { number, power, scales } from "./numbers.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { top: 24, right: 12, bottom: 38, left: 46 };
const GRASP = 16; // pixels beside a path that are still meant for it
const MARKS = { dots: 28, runner: 52 }; // tenths of a pixel from the middle of a mark to its corners

// Takes the name of an SVG element, its attributes and, if it has one, its parent; returns it, last in the parent.
export function svg(name, attributes, parent) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent?.append(node);
  return node;
}

// Takes the same of HTML, and a text; returns the element.
export function html(name, attributes, parent, text) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  parent?.append(node);
  return node;
}

// Takes a label; returns the class of what is drawn under it.
export const classOf = (label) => label.replaceAll(",", "").replaceAll(" ", "-");

// Takes an axis and the pixels where it begins and ends, which may run backwards, as heights do.
// Returns the way from a value to a pixel, whose `invert` is the way back.
function placed({ low, high, scale }, [from, to]) {
  const { of, back } = scales[scale], a = of(low);
  const slope = (to - from) / (of(high) - a), start = from - slope * a; // once, not for each of a thousand points
  const place = (x) => start + slope * of(x);
  place.invert = (pixel) => back((pixel - start) / slope);
  return place;
}

// Takes an axis; returns the values that it names, some five.
function ticks({ low, high, scale }) {
  const found = [], wanted = 5;
  if (scale === "lanes") return found;
  if (scale === "beta") return [0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999].filter((x) => x <= high && (high <= 0.98 || ![0.8, 0.95].includes(x)));
  if (scale === "log") {
    const stride = Math.max(1, Math.ceil(Math.log10(high / low) / wanted));
    for (let e = Math.ceil(Math.log10(low) - 1e-9); e <= Math.log10(high) + 1e-9; e += stride) found.push(10 ** e);
    return found;
  }
  const rough = (high - low) / wanted;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = ten * ([1, 2, 5].find((m) => m * ten >= rough) ?? 10);
  for (let x = Math.ceil(low / step) * step; x <= high + step * 1e-9; x += step) found.push(Math.abs(x) < step / 1e6 ? 0 : x);
  return found;
}

const script = Math.random().toString(36).slice(2, 8); // a page may have the script of several labs
let made = 0;

// Returns an id that nothing on the page has.
export const newId = () => `optimlab-${script}-${++made}`;

// A picture with axes. Lines, dots and bars have a key: drawn again under the same key, a shape moves.
export class Plot {
  // Takes where to put it and its axes, { x: { label, low, high, log }, y: {...}, tall }; `tall` is the height over the width.
  constructor(parent, axes) {
    this.axes = axes;
    this.box = html("div", { class: "drawing" }, parent);
    this.svg = svg("svg", { role: "img", class: "plot" }, this.box);
    this.frame = svg("g", { class: "frame" }, this.svg);
    const clip = newId();
    this.clip = svg("rect", {}, svg("clipPath", { id: clip }, svg("defs", {}, this.svg)));
    // Inside, lengths are whole tenths of a pixel: whole numbers are the quickest to write and to read.
    this.inside = svg("g", { transform: "scale(0.1)" }, svg("g", { class: "optimlab-drawn", "clip-path": `url(#${clip})` }, this.svg));
    this.ground = svg("g", {}, this.inside);
    this.shapes = new Map();
  }

  // Takes the width in pixels and the most that it may be high; draws the frame. What is inside must be drawn again.
  layout(width, most = Infinity) {
    const height = Math.round(Math.min(width * this.axes.tall, most));
    const { top, right, bottom, left } = MARGIN, foot = height - bottom, end = width - right;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.x = placed(this.axes.x, [left, end]);
    this.y = placed(this.axes.y, [foot, top]);
    this.window = { x: left, y: top, width: end - left, height: foot - top };
    for (const [key, value] of Object.entries(this.window)) this.clip.setAttribute(key, value);
    this.frame.replaceChildren();
    svg("path", { d: `M${left} ${top}V${foot}H${end}` }, this.frame);
    for (const value of ticks(this.axes.x)) {
      svg("path", { d: `M${this.x(value)} ${foot}v4` }, this.frame);
      this.write(number(value), { x: this.x(value), y: foot + 16 });
    }
    const name = { log: power, beta: String, linear: number, lanes: String }[this.axes.y.scale];
    for (const value of ticks(this.axes.y)) {
      svg("path", { d: `M${left} ${this.y(value)}h-4` }, this.frame);
      this.write(name(value), { x: left - 7, y: this.y(value) + 4, "text-anchor": "end" });
    }
    this.write(this.axes.x.label, { x: (left + end) / 2, y: height - 5 });
    this.write(this.axes.y.label, { x: 4, y: 13, "text-anchor": "start" }); // level: as high as it may, it is never cut
  }

  // Takes a text and its attributes; writes it on the frame, in the middle of its place unless told otherwise.
  write(text, attributes) {
    svg("text", { "text-anchor": "middle", ...attributes }, this.frame).textContent = text;
  }

  // Takes `tell()`, which returns what a screen reader is told of the picture; it is asked only when the reader pauses.
  describe(tell) {
    this.tell = tell;
  }

  // Says what there is to tell.
  speak() {
    this.svg.setAttribute("aria-label", this.tell());
  }

  // Takes a kind, which is a class, and a key; returns the shape that has them.
  shape(kind, key) {
    const name = `${kind} ${key}`;
    if (!this.shapes.has(name)) {
      const shape = svg("path", { class: `${kind} ${classOf(key)}`, "data-name": key });
      (kind === "band" || kind === "contours" ? this.ground : this.inside).append(shape); // the ground lies below all
      this.shapes.set(name, shape);
    }
    return this.shapes.get(name);
  }

  // Takes a kind, a key and the shape's outline; draws it, unless it is as it was: that costs the browser nothing.
  draw(kind, key, d) {
    const shape = this.shape(kind, key);
    if (shape.drawn === d) return;
    shape.drawn = d;
    shape.setAttribute("d", d);
  }

  // Takes a key and points: ys over xs, or over the whole numbers from xs on; and a class, what the line stands for. Draws
  // them joined by a line; what is not finite, or off a logarithmic axis, breaks it.
  line(key, xs, ys, kind = "line") {
    this.draw(kind, key, this.places(xs, ys, "L", 1));
  }

  // Takes a key and a place along the axis of x; draws an upright line there.
  upright(key, x) {
    const { y, height } = this.window;
    this.draw("upright", key, `M${tenths(this.x(x))} ${tenths(y)}v${tenths(height)}`);
  }

  // Takes the same and a class, how large they are; draws at each point the mark of the key: an outline, or, where it is round, a
  // line of no length with round ends.
  dots(key, xs, ys, kind = "dots") {
    const mark = (outlines[`${kind} ${key}`] ??= outlined(corners[key], MARKS[kind]));
    const places = this.places(xs, ys, `${mark}M`, 15); // nearer than its own half a mark hides behind the last
    this.draw(kind, key, places && places + mark);
  }

  // Takes points, what joins two, and a distance; returns the outline without the points that lie less than `apart`
  // tenths of a pixel from the one before.
  places(xs, ys, join, apart) {
    const counted = typeof xs === "number";
    let d = "", pen = "M", lastX = NaN, lastY = NaN;
    for (let i = 0; i < ys.length; i++) {
      const px = tenths(this.x(counted ? xs + i : xs[i])), py = tenths(this.y(ys[i]));
      if (px !== px || py !== py) { pen = join === "L" ? "M" : pen; continue; } // nan
      if (Math.abs(px - lastX) < apart && Math.abs(py - lastY) < apart) continue;
      d += pen + px + " " + py;
      pen = join;
      lastX = px;
      lastY = py;
    }
    return d;
  }

  // Takes a key and heights; draws a bar for each, over 0, 1, 2, ...
  bars(key, heights) {
    const base = tenths(this.y(this.axes.y.low));
    this.draw("bars", key, heights.map((h, i) => `M${tenths(this.x(i))} ${base}V${tenths(this.y(h))}`).join(""));
  }

  // Takes a key and words at places, [[x, y, text], ...]; writes them, in the middle of their place if that is said.
  labels(key, words, anchor = "start") {
    this.words(`labels ${key}`, words.map(([x, y, text]) => ({ text, kind: "label", x: this.x(x), y: this.y(y) - 3, anchor })));
  }

  // Takes a key and names of what lies at places, [[x, y, name], ...]. Writes each beside its place, in its own colour and
  // clear of the others.
  tags(key, names) {
    const { x, y, width, height } = this.window, within = (value, low, high) => Math.min(Math.max(value, low), high);
    const written = names.map(([px, py, text]) => {
      const wide = 7 * text.length, at = within(this.x(px), x, x + width), up = within(this.y(py), y + 12, y + height - 4);
      const left = at + 10 + wide > x + width;
      return { text, kind: `tag ${classOf(text)}`, x: left ? Math.max(at - 10, x + wide) : at + 10, y: up + 4, anchor: left ? "end" : "start" };
    }).filter(({ y }) => Number.isFinite(y)).sort((a, b) => a.y - b.y);
    written.forEach((tag, k) => { if (k) tag.y = Math.max(tag.y, written[k - 1].y + 14); });
    for (let k = written.length - 1, most = y + height - 2; k >= 0; k--) most = (written[k].y = Math.min(written[k].y, most)) - 14;
    this.words(`tags ${key}`, written);
  }

  // Takes a key and words with their places in pixels, [{ text, kind: a class, x, y, anchor }, ...]; writes them, and
  // touches nothing that is as it was.
  words(key, written) {
    if (!this.shapes.has(key)) this.shapes.set(key, svg("g", {}, this.svg));
    const group = this.shapes.get(key);
    while (group.childElementCount > written.length) group.lastChild.remove();
    written.forEach(({ text, kind, anchor, x, y }, k) => {
      const node = group.childNodes[k] ?? svg("text", {}, group);
      const now = { class: kind, "text-anchor": anchor, x: x.toFixed(1), y: y.toFixed(1) };
      for (const [name, value] of Object.entries(now)) if (node.getAttribute(name) !== value) node.setAttribute(name, value);
      if (node.textContent !== text) node.textContent = text;
    });
  }

  // Takes a key, two places, [x, y], and a label; draws an arrow from one to the other in the label's colour, unless it is
  // too short to be seen.
  arrow(key, from, to, label = "") {
    this.shape("arrow", key).setAttribute("class", `arrow ${key} ${classOf(label)}`);
    const [x, y, u, v] = [this.x(from[0]), this.y(from[1]), this.x(to[0]), this.y(to[1])], length = Math.hypot(u - x, v - y);
    if (!(length > 6)) return this.draw("arrow", key, "");
    const head = Math.min(9, length / 2), [along, up] = [(head * (u - x)) / length, (head * (v - y)) / length];
    const wing = (side) => `${tenths(u - along - side * 0.45 * up)} ${tenths(v - up + side * 0.45 * along)}`;
    this.draw("arrow", key, `M${tenths(x)} ${tenths(y)}L${tenths(u)} ${tenths(v)}M${wing(1)}L${tenths(u)} ${tenths(v)}L${wing(-1)}`);
  }

  // Takes a key and places, [[x, y], ...]; draws a star at each.
  stars(key, places) {
    const star = ([x, y]) => {
      const corners = Array.from({ length: 10 }, (_, i) => {
        const angle = (i * Math.PI) / 5 - Math.PI / 2, radius = i % 2 ? 3.5 : 8;
        return `${tenths(this.x(x) + radius * Math.cos(angle))} ${tenths(this.y(y) + radius * Math.sin(angle))}`;
      });
      return `M${corners.join("L")}Z`;
    };
    this.draw("star", key, places.map(star).join(""));
  }

  // Takes a key and places, [[x, y], ...]; draws a ring around each.
  rings(key, places) {
    const ring = ([x, y]) => `M${tenths(this.x(x)) - 60} ${tenths(this.y(y))}a60 60 0 1 0 120 0a60 60 0 1 0 -120 0`;
    this.draw("ring", key, places.map(ring).join(""));
  }

  // Takes a key, f(x, y), heights from low to high, and whether the ground between them is filled; draws their lines.
  contours(key, f, levels, filled = false) {
    const { x, y, width, height } = this.window;
    const ground = sampled((px, py) => f(this.x.invert(px), this.y.invert(py)), { x, y, width, height }, 72, 48);
    levels.toReversed().forEach((level, k) => {
      this.draw(filled ? "band" : "contours", filled ? `${key} ${k}` : `${key} ${level}`, rings(ground, level).map(smooth).join(""));
    });
  }

  // Takes two places along the axis of y; returns places from one to the other, a few pixels apart.
  rows(from, to) {
    const [first, last] = [this.y(from), this.y(to)], count = Math.max(2, Math.ceil(Math.abs(last - first) / 4));
    return Array.from({ length: count + 1 }, (_, k) => (k === count ? to : this.y.invert(first + ((last - first) * k) / count)));
  }

  // Takes a key and the ways, (u, v) => [x, y] each, that take the unit circle to ellipses, the smallest first; draws the
  // ground in them.
  ellipses(key, ways) {
    ways.toReversed().forEach((way, k) => {
      const place = ([u, v]) => {
        const [x, y] = way(u, v);
        return `${tenths(this.x(x))} ${tenths(this.y(y))}`;
      };
      this.draw("band", `${key} ${k}`, `M${place([1, 0])}C${CIRCLE.map(place).join(" ")}Z`);
    });
  }

  // Takes a key, f(x, y), which rises along x, and a height; draws the line where it passes that height, exactly.
  edge(key, f, level, rows = 128) {
    const { x } = this.axes, { y: top, height } = this.window, xs = [], ys = [];
    for (let j = 0; j <= rows; j++) {
      const up = this.y.invert(top + (height * j) / rows);
      let [low, high] = [this.x(x.low), this.x(x.high)];
      if (f(x.high, up) <= level || f(x.low, up) >= level) continue;
      while (high - low > 0.05) { // of a pixel
        const middle = (low + high) / 2;
        if (f(this.x.invert(middle), up) < level) low = middle;
        else high = middle;
      }
      xs.push(this.x.invert(low));
      ys.push(up);
    }
    this.draw("contours", key, this.places(xs, ys, "L", 1));
  }

  // Takes what to call with a place in the plot's own numbers, where it was clicked and while its handle is dragged;
  // a hint for the reader; and the signal that ends it. A mouse may drag from anywhere; a finger elsewhere than on the
  // handle scrolls the page.
  drag(callback, hint, signal) {
    const move = (event) => callback(...this.at(event));
    this.handle = svg("circle", { r: 22, class: "handle" }, this.svg);
    this.svg.classList.add("draggable");
    this.hold({ rank: 0, takes: ({ target }) => target === this.handle, move, loose: false }, signal);
    this.hold({ rank: 2, takes: () => true, move, loose: true }, signal);
    if (hint) html("p", { class: "hint" }, this.box.parentElement, hint);
  }

  // Takes `nearest(x, y)`, which returns { away, part } of what is drawn: how many pixels away its nearest place is, and
  // what is there; what to call with the part that is pressed, and with each that is nearest while it is dragged; and the
  // signal that ends it.
  scrub(nearest, callback, signal) {
    const takes = (event) => nearest(...this.pixels(event)).away < GRASP;
    this.hold({ rank: 1, takes, move: (event) => callback(nearest(...this.pixels(event)).part), loose: false }, signal);
    this.svg.addEventListener("pointermove", (event) => {
      if (!event.buttons) this.svg.classList.toggle("scrubbed", this.held(event)?.rank === 1);
    }, { signal });
  }

  // Takes what a press may move: { rank: the lowest is asked first, takes(event): whether it is meant, move(event), loose:
  // whether a finger scrolls the page instead, and only a tap counts }; and the signal that ends it.
  hold(hold, signal) {
    this.all = [...(this.all ?? []), hold].sort((a, b) => a.rank - b.rank);
    if (this.all.length > 1) return;
    let pressed, held; // the browser captures a finger by itself, so capture does not tell
    const on = (event, heard) => this.svg.addEventListener(event, heard, { signal, passive: false });
    on("pointerdown", (event) => {
      pressed = this.held(event);
      held = pressed?.loose && event.pointerType === "touch" ? undefined : pressed;
      if (!held) return;
      this.svg.setPointerCapture(event.pointerId);
      if (held.rank === 1) held.move(event); // what is under the finger moves at once; a handle only with it
    });
    on("pointermove", (event) => held?.move(event));
    for (const end of ["pointerup", "pointercancel"]) on(end, () => { held = undefined; });
    on("touchstart", (event) => { if (this.held(event.touches[0])?.loose === false) event.preventDefault(); }); // no scrolling
    on("click", (event) => (pressed ?? this.held(event))?.move(event)); // of what was pressed, wherever it was let go
  }

  // Takes an event, or a finger; returns what it is meant for.
  held(event) {
    return this.all.find(({ takes }) => takes(event));
  }

  // Takes an event of the pointer; returns where it is, in pixels of the plot.
  pixels({ clientX, clientY }) {
    const box = this.svg.getBoundingClientRect(), [, , width] = this.svg.getAttribute("viewBox").split(" ").map(Number);
    return [clientX - box.left, clientY - box.top].map((offset) => (offset * width) / box.width);
  }

  // Takes an event of the pointer; returns where it is, in the plot's own numbers.
  at(event) {
    const [x, y] = this.pixels(event);
    return [this.x.invert(x), this.y.invert(y)];
  }

  // Takes a place; puts the handle there.
  grip([x, y]) {
    this.handle.setAttribute("cx", this.x(x));
    this.handle.setAttribute("cy", this.y(y));
  }
}

// The unit circle from (1, 0) on, as four curves of SVG: the two handles and the end of each. No place of it is off by more
// than 0.03 % of the radius.
const HANDLE = (4 / 3) * (Math.SQRT2 - 1);
const CIRCLE = [[1, HANDLE], [HANDLE, 1], [0, 1], [-HANDLE, 1], [-1, HANDLE], [-1, 0], [-1, -HANDLE], [-HANDLE, -1], [0, -1], [HANDLE, -1], [1, -HANDLE], [1, 0]];

const outlines = {}; // of marks, by kind and key

// Takes the corners of a mark and its size; returns its outline, from its middle on.
function outlined(corners, size) {
  if (!corners) return "h0";
  const places = corners.map((corner) => corner.map((part) => Math.round(size * part)));
  const sides = places.map(([x, y], k) => [x - (places[k - 1]?.[0] ?? 0), y - (places[k - 1]?.[1] ?? 0)].join(" "));
  return `m${sides.join("l")}z`;
}

// Takes a ring of points; returns its outline, round: it goes through the middle of each side, along it.
function smooth(ring) {
  const middle = ([x, y], [u, v]) => `${tenths((x + u) / 2)} ${tenths((y + v) / 2)}`;
  const after = (k) => ring[(k + 1) % ring.length];
  const turns = ring.map((point, k) => `Q${tenths(point[0])} ${tenths(point[1])} ${middle(point, after(k))}`);
  return `M${middle(ring.at(-1), ring[0])}${turns.join("")}Z`;
}

// Takes a pixel; returns tenths of one, which is fine enough. Far outside the picture a place is as good as another.
const tenths = (pixel) => Math.round(Math.min(Math.max(pixel, -5000), 5000) * 10);
