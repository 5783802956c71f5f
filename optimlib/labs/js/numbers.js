// Numbers as readers want them.

// Takes a number; returns its text, three digits and no rounding noise.
export function number(x) {
  if (!Number.isFinite(x)) return String(x);
  const size = Math.abs(x);
  if (size !== 0 && (size < 0.001 || size >= 100000)) {
    const [digits, exponent] = x.toExponential(1).split("e");
    return digits === "1.0" ? power(size) : `${digits} × 10${raised(Number(exponent))}`;
  }
  return String(Number(x.toPrecision(3)));
}

// Takes a number; returns it in six digits, as Python's "{:g}" does.
export function short(x) {
  const [digits, exponent] = x.toExponential(5).split("e"), power = Number(exponent), plain = String(Number(digits));
  if (power >= -4 && power < 6) return String(Number(x.toPrecision(6)));
  return `${plain}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

// Takes a power of ten; returns its text, as it stands on a logarithmic axis.
export const power = (x) => `10${raised(Math.round(Math.log10(x)))}`;

// Takes a whole number; returns it in raised digits.
export const raised = (whole) => [...String(whole)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("");

// How values lie along a slider or an axis, by the name of a scale: `of` makes equal ways of what should be, and `back` undoes it.
export const scales = {
  linear: { of: (x) => x, back: (u) => u },
  log: { of: Math.log10, back: (u) => 10 ** u },
  lanes: { of: (x) => x, back: (u) => u }, // that are counted and bear names, not numbers
  // for a beta: fine near 1, where all depends on 1 - beta
  beta: { of: (x) => -Math.log10(1 - x), back: (u) => 1 - 10 ** -u },
};

// Takes a value and the control that it is for; returns it with as many digits as a reader would type:
// three, and for a beta three of 1 - beta.
export function rounded(value, { scale, whole }) {
  if (scale === "beta" && value > 0.9) return Number((1 - Number((1 - value).toPrecision(3))).toFixed(6));
  return whole ? Math.round(value) : Number(value.toPrecision(3));
}

// Takes a value and its control; returns the nearest value that the control allows.
export const within = (value, { low, high }) => Math.min(Math.max(value, low), high);
