// The outlines of {f <= level}, by marching squares. It knows nothing of drawing.

const CLOSER = 3; // times that a crossing is looked for more exactly

// Takes f(x, y) over pixels, a window { x, y, width, height } in pixels and how many columns and rows to look at. Returns
// the heights in the corners of the cells, one cell more on each side than the window has.
export function sampled(f, { x, y, width, height }, columns, rows) {
  const xs = Float64Array.from({ length: columns + 3 }, (_, i) => x + ((i - 1) * width) / columns);
  const ys = Float64Array.from({ length: rows + 3 }, (_, j) => y + ((j - 1) * height) / rows);
  const heights = new Float64Array(xs.length * ys.length);
  ys.forEach((y, j) => xs.forEach((x, i) => { heights[j * xs.length + i] = f(x, y); }));
  return { f, xs, ys, heights };
}

// Takes what `sampled` returns and a level; returns rings, arrays of points [x, y], around all that is not above it.
export function rings({ f, xs, ys, heights }, level) {
  const columns = xs.length, rows = ys.length;
  const height = (i, j) => (i < 0 || j < 0 || i >= columns || j >= rows ? Infinity : heights[j * columns + i]);
  const across = (k, places) => places[Math.min(Math.max(k, 0), places.length - 1)];
  // Between two corners of a cell, of which one is below and one above: an id, the same for both cells that share them.
  const edge = (i, j, upright) => 2 * ((j + 1) * (columns + 2) + i + 1) + upright;
  const next = new Map(), points = new Map();
  const cross = (i, j, upright) => {
    const id = edge(i, j, upright);
    if (!points.has(id)) {
      const a = [across(i, xs), across(j, ys)], b = upright ? [a[0], across(j + 1, ys)] : [across(i + 1, xs), a[1]];
      points.set(id, between(f, level, a, height(i, j), b, upright ? height(i, j + 1) : height(i + 1, j)));
    }
    return id;
  };
  for (let j = -1; j < rows; j++) {
    for (let i = -1; i < columns; i++) {
      const corners = [height(i, j), height(i + 1, j), height(i + 1, j + 1), height(i, j + 1)];
      const low = corners.map((h) => h <= level);
      if (low[0] === low[1] && low[1] === low[2] && low[2] === low[3]) continue;
      const sides = [[i, j, 0], [i + 1, j, 1], [i, j + 1, 0], [i, j, 1]];
      // Around the cell, from where the low ground begins to where it ends: so it lies on one side of every ring.
      for (let k = 0; k < 4; k++) {
        if (low[k] || !low[(k + 1) % 4]) continue;
        let leave = (k + 1) % 4;
        while (low[(leave + 1) % 4]) leave = (leave + 1) % 4;
        next.set(cross(...sides[k]), cross(...sides[leave]));
      }
    }
  }
  const found = [];
  while (next.size) {
    const ring = [], [first] = next.keys();
    for (let id = first; next.has(id); ) {
      ring.push(points.get(id));
      const after = next.get(id);
      next.delete(id);
      id = after;
    }
    found.push(ring);
  }
  return found;
}

// Takes f, a level and two points with their heights, one below and one above; returns the point where f passes the level.
function between(f, level, a, ofa, b, ofb) {
  if (!Number.isFinite(ofa) || !Number.isFinite(ofb)) return Number.isFinite(ofa) ? a : b; // at the rim
  const at = (part) => [a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])];
  let low = 0, high = 1, ofLow = ofa - level, ofHigh = ofb - level, part = ofLow / (ofLow - ofHigh);
  for (let k = 0; k < CLOSER; k++) {
    const off = f(...at(part)) - level;
    if ((off <= 0) === (ofLow <= 0)) [low, ofLow] = [part, off];
    else [high, ofHigh] = [part, off];
    if (ofLow === ofHigh) break;
    part = low + ((high - low) * ofLow) / (ofLow - ofHigh);
  }
  return at(part);
}
