// Chapter 7: how well each word is learned, over how often it comes, for one method beside another.
import { capital, panel } from "./panels.js";
import { learn, learned, seenBy, shareOf } from "./language.js";
import { addSums } from "./sums.js";
import { addTargets } from "./targets.js";
import { number } from "./numbers.js";

const SHADES = 6, WRONG = 0.2; // an entry so far from its probability is as strong as can be

// Takes where to draw and what the front offers (front.js); returns the view.
export function build(parent, front) {
  const { about, state, setMany, signal } = front;
  const [words, loss, table] = ["words", "loss", "table"].map((name) => panel(parent, about.panels[name]));
  loss.drag((t) => setMany({ step: Math.min(Math.max(Math.round(t), 0), about.steps) }), "", signal);
  const told = { ...about, get methods() { return methodsOf(about, state); } }, following = { ...front, about: told };
  const names = { W: "the most common word", b: "the rarest" };
  const view = { plots: [words, loss, table], words, loss, table, holds: true };
  return { ...view, tellStep: addSums(front.sums, following, names), tellTarget: addTargets(front.sums, following) };
}

// Takes what is told of the lab and its values; returns the methods that are shown, the chosen one last.
function methodsOf(about, { method, other }) {
  const named = (label) => about.methods.find((one) => one.label === label);
  return [...(other === method ? [] : [{ ...named(other), hyper: { lr: "lr_other" } }]), named(method)];
}

// Takes what keeps them, what is told of the lab and its values; returns its runs by label, all their steps, and how often
// each word comes, made anew only if more than the moment has changed.
export function runsIn(kept, about, { step, ...values }) {
  const data = JSON.stringify([values.exponent, values.batch]), made = kept.made ?? {};
  if (kept.data !== data) Object.assign(kept, { data, made: {}, share: shareOf(about, values), seen: seenBy(about, values) });
  const runs = {}, found = {};
  for (const { rule, label, hyper } of methodsOf(about, values)) {
    const lr = values[hyper.lr], key = `${data} ${rule} ${lr}`;
    runs[label] = found[key] = made[key] ?? Object.assign(learn(about, kept.seen, rule, { lr }), { key });
  }
  kept.made = found;
  return { runs, share: kept.share };
}

// Takes the values, the view and what is told of the lab; draws, and returns what happened, in words.
export function update(values, view, about) {
  const { runs, share } = runsIn(view, about, values), { step } = values, heads = [], worst = [];
  for (const { label } of about.methods) {
    const run = runs[label], none = new Float64Array(), now = run ? lossesAt(run, step, about) : none;
    const loss = run?.worst.map((x) => Math.max(x, view.loss.axes.y.low)) ?? none;
    view.words.line(label, share, now);
    view.words.dots(label, share, now);
    view.loss.line(label, 0, loss.subarray(0, step + 1));
    view.loss.line(label, step, loss.subarray(step), "ahead");
    view.loss.dots(label, step, loss.subarray(step, step + 1), "runner");
    if (!run) continue;
    heads.push([view.words.axes.x.low, now.at(-1), label]); // beside the rarest, on no line
    worst.push([step, loss[step], label]);
  }
  view.words.tags("heads", heads);
  view.loss.tags("heads", worst);
  view.loss.upright("now", step);
  view.loss.grip([step, view.loss.axes.y.high]);
  const [label, run] = Object.entries(runs).at(-1);
  drawTable(view.table, about.next, run.p.subarray(step * share.length * about.next[0].length));
  drawHeld(view, about, step);
  let t = 0;
  view.tellStep(values, { start: [0, 0], grad: () => run.slopes[t++] }, runs);
  view.tellTarget(values, runs, (run) => learned(about, run).arrived);
  const told = Object.entries(runs).map(([label, run]) => `${capital(label)}: ${outcome(about, run)}`);
  view.outcome = `${label}: ${outcome(about, run)}`;
  const known = () => Object.entries(runs).map(([label, run]) => `${label} has learned ${learned(about, run).known(step)} of ${share.length} words`).join(", ");
  view.words.describe(() => `The loss of each word over how often it comes, after step ${step}: ${known()}.`);
  view.loss.describe(() => `The loss of the word that is learned worst, at each step. ${told.join(". ")}.`);
  view.table.describe(() => `How wrong ${label} is in each entry of the table after step ${step}.`);
  return `After step ${step}: ${known()}.\n${told.toReversed().join(".\n")}.`;
}

// Takes what is told of the lab and a run; returns what became of it, in as few words as there are.
function outcome(about, run) {
  const { arrived, known } = learned(about, run), { steps, next } = about;
  return arrived <= steps ? `all words after ${arrived} steps` : `${known(steps)} of ${next.length} words after ${steps} steps`;
}

// Takes a run, a step and what is told of the lab; returns the loss of each word then, no lower than the picture reaches.
function lossesAt({ losses }, step, { next, panels }) {
  return losses.subarray(step * next.length, (step + 1) * next.length).map((x) => Math.max(x, panels.words.y.low));
}

// Takes a view, what is told of the lab and the step; draws the chosen method of the setting that is held, if one is.
function drawHeld(view, about, step) {
  view.heldOutcome = "";
  let now = [], all = [], share = [];
  if (view.held) {
    const held = runsIn(view.heldRuns ??= {}, about, view.held), [label, run] = Object.entries(held.runs).at(-1);
    [share, now, all] = [held.share, lossesAt(run, step, about), run.worst];
    view.heldOutcome = `${label}, ${outcome(about, run)}`;
  }
  view.words.line("held", share, now, "held");
  view.loss.line("held", 0, all, "held");
}

// Takes the plot, the true probabilities and those learned; draws each entry, strong where it is wrong.
function drawTable(plot, next, p) {
  const wide = next[0].length, cells = Array.from({ length: SHADES + 1 }, () => "");
  const at = (place) => Math.round(10 * place), width = at(plot.x(1)) - at(plot.x(0)) - 10, height = at(plot.y(0)) - at(plot.y(1)) - 10;
  next.forEach((row, i) => row.forEach((part, j) => {
    const wrong = Math.min(1, Math.abs(p[i * wide + j] - part) / WRONG);
    cells[Math.ceil(SHADES * wrong - 0.1)] += `M${at(plot.x(j)) + 5} ${at(plot.y(i)) - 5}h${width}v${-height}h${-width}z`;
  }));
  cells.forEach((d, k) => {
    plot.draw("cell", `wrong ${k}`, d);
    plot.shape("cell", `wrong ${k}`).style.fillOpacity = 0.04 + (0.8 * k) / SHADES;
  });
}
