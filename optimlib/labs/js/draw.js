// Drawing in SVG: axes, lines, dots, bars, contours. It knows nothing of the rules.
// Colours are classes (labs.css): a change of theme needs no redrawing.
import { number, power } from "./numbers.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { top: 24, right: 12, bottom: 38, left: 46 };

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
function scale({ low, high, log }, [from, to]) {
  const [a, b] = log ? [Math.log10(low), Math.log10(high)] : [low, high];
  const slope = (to - from) / (b - a), start = from - slope * a; // once, not for each of a thousand points
  const place = log ? (x) => start + slope * Math.log10(x) : (x) => start + slope * x;
  place.invert = (pixel) => (log ? 10 ** ((pixel - start) / slope) : (pixel - start) / slope);
  return place;
}

// Takes an axis; returns the values that it names, some five.
function ticks({ low, high, log }) {
  const found = [], wanted = 5;
  if (log) {
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
    this.svg = svg("svg", { role: "img", class: "plot" }, parent);
    this.frame = svg("g", { class: "frame" }, this.svg);
    const clip = newId();
    this.window = svg("rect", {}, svg("clipPath", { id: clip }, svg("defs", {}, this.svg)));
    // Inside, lengths are whole tenths of a pixel: whole numbers are the quickest to write and to read.
    this.inside = svg("g", { transform: "scale(0.1)" }, svg("g", { class: "optimlab-drawn", "clip-path": `url(#${clip})` }, this.svg));
    this.shapes = new Map();
  }

  // Takes the width in pixels and the most that it may be high; draws the frame. What is inside must be drawn again.
  layout(width, most = Infinity) {
    const height = Math.round(Math.min(width * this.axes.tall, most));
    const { top, right, bottom, left } = MARGIN, foot = height - bottom, end = width - right;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.x = scale(this.axes.x, [left, end]);
    this.y = scale(this.axes.y, [foot, top]);
    const window = { x: left, y: top, width: end - left, height: foot - top };
    for (const [key, value] of Object.entries(window)) this.window.setAttribute(key, value);
    this.frame.replaceChildren();
    svg("path", { d: `M${left} ${top}V${foot}H${end}` }, this.frame);
    for (const value of ticks(this.axes.x)) {
      svg("path", { d: `M${this.x(value)} ${foot}v4` }, this.frame);
      this.write(number(value), { x: this.x(value), y: foot + 16 });
    }
    const name = this.axes.y.log ? power : number;
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
      this.inside[kind === "contours" ? "prepend" : "append"](shape); // the ground, whenever it is drawn
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

  // Takes a key and points: ys over xs, or over the whole numbers from xs on. Draws them joined by a line;
  // what is not finite, or off a logarithmic axis, breaks it.
  line(key, xs, ys) {
    this.draw("line", key, this.places(xs, ys, "L", 1));
  }

  // Takes the same and a class, how large they are; draws the points alone, as lines of no length with round ends.
  dots(key, xs, ys, kind = "dots") {
    const places = this.places(xs, ys, "h0M", 15); // nearer than its own half a dot hides behind the last
    this.draw(kind, key, places && places + "h0");
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

  // Takes a key and words at places, [[x, y, text], ...]; writes them.
  labels(key, words) {
    const name = `labels ${key}`;
    if (!this.shapes.has(name)) this.shapes.set(name, svg("g", { class: "labels" }, this.svg));
    const group = this.shapes.get(name);
    group.replaceChildren();
    for (const [x, y, text] of words) svg("text", { x: this.x(x), y: this.y(y) - 3 }, group).textContent = text;
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

  // Takes a key, f(x, y), heights, and how fine to look; draws the lines of these heights, all in one path.
  contours(key, f, levels, columns = 72, rows = 48) {
    const { x, y } = this.axes;
    const across = (i) => (x.log ? x.low * (x.high / x.low) ** (i / columns) : x.low + ((x.high - x.low) * i) / columns);
    const up = (j) => y.low + ((y.high - y.low) * j) / rows;
    const xs = [], grid = [];
    for (let i = 0; i <= columns; i++) xs.push(across(i));
    for (let j = 0; j <= rows; j++) grid.push(Float64Array.from(xs, (x) => f(x, up(j))));
    const px = xs.map(this.x);
    let d = "";
    for (let j = 0; j < rows; j++) {
      const below = this.y(up(j)), above = this.y(up(j + 1));
      for (let i = 0; i < columns; i++) {
        d += crossings([
          [px[i], below, grid[j][i]], [px[i + 1], below, grid[j][i + 1]],
          [px[i + 1], above, grid[j + 1][i + 1]], [px[i], above, grid[j + 1][i]],
        ], levels);
      }
    }
    this.draw("contours", key, d);
  }

  // Takes a key, f(x, y), which rises along x, and a height; draws the line where it passes that height, exactly.
  edge(key, f, level, rows = 128) {
    const { x, y } = this.axes, xs = [], ys = [];
    for (let j = 0; j <= rows; j++) {
      const up = y.low + ((y.high - y.low) * j) / rows;
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
    const tell = (event) => {
      const box = this.svg.getBoundingClientRect();
      const [, , width] = this.svg.getAttribute("viewBox").split(" ").map(Number);
      const pixel = (offset) => (offset * width) / box.width;
      callback(this.x.invert(pixel(event.clientX - box.left)), this.y.invert(pixel(event.clientY - box.top)));
    };
    this.handle = svg("circle", { r: 22, class: "handle" }, this.svg);
    this.svg.classList.add("draggable");
    let held = false; // the browser captures a finger by itself, so capture does not tell
    const on = (event, heard, target = this.svg) => target.addEventListener(event, heard, { signal, passive: false });
    on("pointerdown", (event) => {
      held = event.pointerType !== "touch" || event.target === this.handle;
      if (held) this.svg.setPointerCapture(event.pointerId);
    });
    on("pointermove", (event) => { if (held) tell(event); });
    for (const end of ["pointerup", "pointercancel"]) on(end, () => { held = false; });
    on("touchstart", (event) => event.preventDefault(), this.handle); // no scrolling
    on("click", tell);
    html("p", { class: "hint" }, this.svg.parentElement, hint);
  }

  // Takes a place; puts the handle there.
  grip([x, y]) {
    this.handle.setAttribute("cx", this.x(x));
    this.handle.setAttribute("cy", this.y(y));
  }
}

// Takes the corners [x, y, height] of a cell, in order, and heights; returns the outline of what crosses the cell at each.
function crossings(corners, levels) {
  const [[, , a], [, , b], [, , c], [, , e]] = corners;
  const low = Math.min(a, b, c, e), high = Math.max(a, b, c, e);
  let d = "";
  for (const level of levels) {
    if (level <= low || level > high) continue;
    let pen = "M";
    for (let k = 0; k < 4; k++) {
      const [ax, ay, a] = corners[k], [bx, by, b] = corners[(k + 1) % 4];
      if (a < level === b < level) continue;
      const part = (level - a) / (b - a);
      d += pen + tenths(ax + part * (bx - ax)) + " " + tenths(ay + part * (by - ay));
      pen = pen === "M" ? "L" : "M";
    }
  }
  return d;
}

// Takes a pixel; returns tenths of one, which is fine enough. Far outside the picture a place is as good as another.
const tenths = (pixel) => Math.round(Math.min(Math.max(pixel, -5000), 5000) * 10);
