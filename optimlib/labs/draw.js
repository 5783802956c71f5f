// Drawing in SVG: axes, lines, dots, bars, contours. It knows nothing of the rules.
// Colours are classes (labs.css): a change of theme needs no redrawing.

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { top: 10, right: 12, bottom: 38, left: 58 };

function svg(name, attributes, parent) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent?.append(node);
  return node;
}

function html(name, attributes, parent, text) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  parent?.append(node);
  return node;
}

// A number as a reader wants it: three digits, no rounding noise.
function number(x) {
  if (!Number.isFinite(x)) return String(x);
  const size = Math.abs(x);
  if (size !== 0 && (size < 0.001 || size >= 100000)) {
    const [digits, exponent] = x.toExponential(1).split("e");
    return digits === "1.0" ? power(size) : `${digits} × 10${raised(Number(exponent))}`;
  }
  return String(Number(x.toPrecision(3)));
}

// A power of ten, as it stands on a logarithmic axis.
const power = (x) => `10${raised(Math.round(Math.log10(x)))}`;
const raised = (whole) => [...String(whole)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("");

// From a value to a place on the screen; `pixels` may run backwards, as heights do.
function scale({ range: [low, high], log }, [from, to]) {
  const [a, b] = log ? [Math.log10(low), Math.log10(high)] : [low, high];
  const slope = (to - from) / (b - a), start = from - slope * a; // once, not for each of a thousand points
  const place = log ? (x) => start + slope * Math.log10(x) : (x) => start + slope * x;
  place.invert = (pixel) => (log ? 10 ** ((pixel - start) / slope) : (pixel - start) / slope);
  return place;
}

function ticks({ range: [low, high], log, ticks: wanted = 5 }) {
  const found = [];
  if (log) {
    const stride = Math.max(1, Math.ceil(Math.log10(high / low) / wanted));
    for (let e = Math.ceil(Math.log10(low) - 1e-9); e <= Math.log10(high) + 1e-9; e += stride) found.push(10 ** e);
    return found;
  }
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((m) => m * power >= rough) ?? 10);
  for (let x = Math.ceil(low / step) * step; x <= high + step * 1e-9; x += step) found.push(Math.abs(x) < step / 1e6 ? 0 : x);
  return found;
}

let plots = 0;

class Plot {
  // axes: { x: { label, range, log }, y: {...}, tall }; `tall` is the height over the width
  constructor(parent, axes) {
    this.axes = axes;
    this.svg = svg("svg", { role: "img", class: "plot" }, parent);
    this.frame = svg("g", { class: "frame" }, this.svg);
    this.clip = `optimlab-clip-${++plots}`;
    this.window = svg("rect", {}, svg("clipPath", { id: this.clip }, svg("defs", {}, this.svg)));
    // Inside, lengths are whole tenths of a pixel: whole numbers are the quickest to write and to read.
    this.inside = svg("g", { transform: "scale(0.1)" }, svg("g", { "clip-path": `url(#${this.clip})` }, this.svg));
    this.shapes = new Map();
  }

  layout(width) {
    const height = Math.round(width * (this.axes.tall ?? 0.6));
    const { top, right, bottom, left } = MARGIN;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.x = scale(this.axes.x, [left, width - right]);
    this.y = scale(this.axes.y, [height - bottom, top]);
    for (const [key, value] of Object.entries({ x: left, y: top, width: width - left - right, height: height - top - bottom })) this.window.setAttribute(key, value);
    this.frame.replaceChildren();
    svg("path", { d: `M${left} ${top}V${height - bottom}H${width - right}` }, this.frame);
    for (const value of ticks(this.axes.x)) {
      svg("path", { d: `M${this.x(value)} ${height - bottom}v4` }, this.frame);
      svg("text", { x: this.x(value), y: height - bottom + 16, "text-anchor": "middle" }, this.frame).textContent = number(value);
    }
    for (const value of ticks(this.axes.y)) {
      svg("path", { d: `M${left} ${this.y(value)}h-4` }, this.frame);
      svg("text", { x: left - 7, y: this.y(value) + 4, "text-anchor": "end" }, this.frame).textContent = this.axes.y.log ? power(value) : number(value);
    }
    svg("text", { x: (left + width - right) / 2, y: height - 5, "text-anchor": "middle" }, this.frame).textContent = this.axes.x.label;
    const middle = (top + height - bottom) / 2;
    svg("text", { x: 12, y: middle, "text-anchor": "middle", transform: `rotate(-90 12 ${middle})` }, this.frame).textContent = this.axes.y.label;
  }

  // What a screen reader is told of the picture: `tell()` is asked only when the reader pauses.
  describe(tell) {
    this.tell = tell;
  }

  speak() {
    this.svg.setAttribute("aria-label", this.tell());
  }

  shape(kind, key) {
    const name = `${kind} ${key}`;
    if (!this.shapes.has(name)) {
      const shape = svg("path", { class: `${kind} ${key.replaceAll(" ", "-")}`, "data-name": key });
      this.inside[kind === "contours" ? "prepend" : "append"](shape); // the ground, whenever it is drawn
      this.shapes.set(name, shape);
    }
    return this.shapes.get(name);
  }

  // A shape as it is now; one that is as it was costs the browser nothing.
  draw(kind, key, d) {
    const shape = this.shape(kind, key);
    if (shape.drawn === d) return;
    shape.drawn = d;
    shape.setAttribute("d", d);
  }

  // Points (xs[i], ys[i]) joined by a line; what is not finite, or off a logarithmic axis, breaks it.
  line(key, xs, ys) {
    this.draw("line", key, this.places(xs, ys, "L", 1));
  }

  // The points alone, as lines of no length with round ends. `kind` is how large they are: a class.
  dots(key, xs, ys, kind = "dots") {
    const places = this.places(xs, ys, "h0M", 15); // nearer than its own half a dot hides behind the last
    this.draw(kind, key, places && places + "h0");
  }

  // The points as text, but those that lie less than `apart` tenths of a pixel from the one before.
  places(xs, ys, join, apart) {
    let d = "", pen = "M", lastX = NaN, lastY = NaN;
    for (let i = 0; i < ys.length; i++) {
      const px = tenths(this.x(xs[i])), py = tenths(this.y(ys[i]));
      if (px !== px || py !== py) { pen = join === "L" ? "M" : pen; continue; } // nan
      if (Math.abs(px - lastX) < apart && Math.abs(py - lastY) < apart) continue;
      d += pen + px + " " + py;
      pen = join;
      lastX = px;
      lastY = py;
    }
    return d;
  }

  bars(key, heights) {
    const base = tenths(this.y(this.axes.y.range[0]));
    this.draw("bars", key, heights.map((h, i) => `M${tenths(this.x(i))} ${base}V${tenths(this.y(h))}`).join(""));
  }

  // Words at places, [[x, y, text], ...].
  labels(key, words) {
    const name = `labels ${key}`;
    if (!this.shapes.has(name)) this.shapes.set(name, svg("g", { class: "labels" }, this.svg));
    this.shapes.get(name).replaceChildren();
    for (const [x, y, text] of words) svg("text", { x: this.x(x), y: this.y(y) - 3 }, this.shapes.get(name)).textContent = text;
  }

  stars(key, places) {
    let d = "";
    for (const [x, y] of places) {
      for (let i = 0; i < 10; i++) {
        const [angle, radius] = [(i * Math.PI) / 5 - Math.PI / 2, i % 2 ? 3.5 : 8];
        d += `${i ? "L" : "M"}${tenths(this.x(x) + radius * Math.cos(angle))} ${tenths(this.y(y) + radius * Math.sin(angle))}`;
      }
      d += "Z";
    }
    this.draw("star", key, d);
  }

  // Lines of equal height by marching squares, all levels in one path.
  contours(key, f, levels, columns = 48, rows = 32) {
    const [[x0, x1], [y0, y1]] = [this.axes.x.range, this.axes.y.range];
    const across = (i) => (this.axes.x.log ? x0 * (x1 / x0) ** (i / columns) : x0 + ((x1 - x0) * i) / columns);
    const up = (j) => y0 + ((y1 - y0) * j) / rows;
    const grid = [], xs = [], ys = [];
    for (let i = 0; i <= columns; i++) xs.push(this.x(across(i)));
    for (let j = 0; j <= rows; j++) {
      ys.push(this.y(up(j)));
      const row = new Float64Array(columns + 1);
      for (let i = 0; i <= columns; i++) row[i] = f(across(i), up(j));
      grid.push(row);
    }
    let d = "";
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const corners = [[xs[i], ys[j], grid[j][i]], [xs[i + 1], ys[j], grid[j][i + 1]], [xs[i + 1], ys[j + 1], grid[j + 1][i + 1]], [xs[i], ys[j + 1], grid[j + 1][i]]];
        const low = Math.min(corners[0][2], corners[1][2], corners[2][2], corners[3][2]);
        const high = Math.max(corners[0][2], corners[1][2], corners[2][2], corners[3][2]);
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
      }
    }
    this.draw("contours", key, d);
  }

  // Calls back with a place in the plot's own numbers: where it was clicked, and while its handle is
  // dragged. A mouse may drag from anywhere; a finger elsewhere than on the handle scrolls the page.
  drag(callback, hint) {
    const tell = (event) => {
      const box = this.svg.getBoundingClientRect();
      const [, , width] = this.svg.getAttribute("viewBox").split(" ").map(Number);
      const pixel = (offset) => (offset * width) / box.width;
      callback(this.x.invert(pixel(event.clientX - box.left)), this.y.invert(pixel(event.clientY - box.top)));
    };
    this.handle = svg("circle", { r: 22, class: "handle" }, this.svg);
    this.svg.classList.add("draggable");
    let held = false; // the browser captures a finger by itself, so capture does not tell
    this.svg.addEventListener("pointerdown", (event) => {
      held = event.pointerType !== "touch" || event.target === this.handle;
      if (held) this.svg.setPointerCapture(event.pointerId);
    });
    this.svg.addEventListener("pointermove", (event) => { if (held) tell(event); });
    for (const end of ["pointerup", "pointercancel"]) this.svg.addEventListener(end, () => { held = false; });
    this.handle.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false }); // no scrolling
    this.svg.addEventListener("click", tell);
    html("p", { class: "hint" }, this.svg.parentElement, hint);
  }

  grip([x, y]) {
    this.handle.setAttribute("cx", this.x(x));
    this.handle.setAttribute("cy", this.y(y));
  }
}

// A tenth of a pixel is fine enough, and far outside the picture a place is as good as another.
const tenths = (pixel) => Math.round(Math.min(Math.max(pixel, -5000), 5000) * 10);
