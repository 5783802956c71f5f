// What the lab of words computes: a table of scores, a row a word, learned by a rule. It knows nothing of drawing.
// The rules come from Python (equations.js), and so does what there is to learn (`about`).
import { rules } from "./equations.js";

// Takes what is told of the lab and its values; returns how often each word comes, the most common first.
export function shareOf({ ranks }, { exponent }) {
  const shares = ranks.map((rank) => rank ** -exponent), sum = shares.reduce((a, b) => a + b);
  return shares.map((share) => share / sum);
}

// Takes the same. Returns what each step sees: pull(t), the table of how often each follows each, over the size of the batch;
// its rows sum up to how often each word came.
export function seenBy(about, values) {
  const { next, batches, steps } = about, share = shareOf(about, values), size = batches[values.batch], [row] = next;
  if (!size) {
    const all = Float64Array.from(next.flatMap((row, i) => row.map((part) => share[i] * part)));
    return Array.from({ length: steps }, () => ({ seen: all, share }));
  }
  const words = sums(share), followers = next.map(sums), draw = uniform(about.random);
  return Array.from({ length: steps }, () => {
    const seen = new Float64Array(next.length * row.length), came = new Float64Array(next.length);
    for (let k = 0; k < size; k++) {
      const i = place(words, draw()), j = place(followers[i], draw());
      seen[i * row.length + j] += 1 / size;
      came[i] += 1 / size;
    }
    return { seen, share: came };
  });
}

// Takes parts; returns for each the sum of those up to it.
function sums(parts) {
  let sum = 0;
  return parts.map((part) => (sum += part));
}

// Takes rising sums and a number; returns which is the first above it.
function place(sums, x) {
  let i = 0;
  while (i < sums.length - 1 && sums[i] <= x) i++;
  return i;
}

// Takes a generator's numbers; returns what draws from it: a number between 0 and 1.
function uniform({ seed, factor, prime }) {
  let x = seed;
  return () => (x = (factor * x) % prime) / prime;
}

// Takes what is told of the lab, what its steps see, the name of a rule and its keywords. Returns its run: the probabilities
// in the table after each step, the loss of each word above the least, and the scores and slopes of two entries, what most
// often comes after the first word and after the last: { p, losses, worst, W, b, slopes, diverged: 0 }.
export function learn({ next, steps }, seen, name, keywords) {
  const rule = rules[name], words = next.length, wide = next[0].length, size = words * wide;
  const scores = new Float64Array(size), p = new Float64Array(size * (steps + 1)), memory = new Array(size);
  const losses = new Float64Array(words * (steps + 1)), worst = new Float64Array(steps + 1), slopes = [];
  const least = next.map((row) => row.reduce((sum, part) => sum + part * Math.log(part), 0));
  const entries = [0, words - 1].map((i) => i * wide + next[i].indexOf(Math.max(...next[i])));
  const told = entries.map(() => new Float64Array(steps + 1));
  for (let t = 0; ; t++) {
    for (let i = 0; i < words; i++) {
      const from = i * wide, row = next[i];
      let top = -Infinity, sum = 0, fit = 0;
      for (let j = 0; j < wide; j++) top = Math.max(top, scores[from + j]);
      for (let j = 0; j < wide; j++) {
        const below = scores[from + j] - top;
        fit += row[j] * below;
        sum += p[t * size + from + j] = Math.exp(below);
      }
      for (let j = 0; j < wide; j++) p[t * size + from + j] /= sum;
      const loss = losses[t * words + i] = least[i] - fit + Math.log(sum);
      worst[t] = Math.max(worst[t], loss);
    }
    entries.forEach((entry, k) => { told[k][t] = scores[entry]; });
    if (t === steps) break;
    const { seen: target, share } = seen[t];
    for (let e = 0; e < size; e++) {
      const dw = share[Math.floor(e / wide)] * p[t * size + e] - target[e], [w, kept] = rule(scores[e], dw, memory[e], keywords);
      scores[e] = w;
      memory[e] = kept;
    }
    slopes.push(entries.map((e) => share[Math.floor(e / wide)] * p[t * size + e] - target[e]));
  }
  return { p, losses, worst, W: told[0], b: told[1], slopes, diverged: 0 };
}

// Takes what is told of the lab and a run; returns after how many steps every word was learned, for good, and how many
// were in the end.
export function learned({ next, steps, learned }, { losses }) {
  const words = next.length, is = (t, i) => losses[t * words + i] <= learned * losses[i];
  const all = (t) => next.every((_, i) => is(t, i));
  let arrived = steps + 1;
  while (arrived > 0 && all(arrived - 1)) arrived--;
  return { arrived, known: (t) => next.filter((_, i) => is(t, i)).length };
}
