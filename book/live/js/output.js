// What a cell put out, as the book shows it. An output is told as a notebook stores it.
import { make } from "./make.js";

export const LAB = "application/vnd.optimlib.lab+json";

// Takes an output, the place of all that its cell put out, and the labs; draws it below what is there.
export function draw({ output_type: kind, name, text, data, traceback }, place, labs) {
  if (kind === "stream") print(place, name, text);
  else if (kind === "error") print(place, "traceback", traceback.join("\n"));
  else if (data[LAB]) labs.mount(data[LAB], place.appendChild(make("div", { className: "output" })));
  else if (data["text/html"]) place.append(make("div", { className: "output text_html", innerHTML: data["text/html"] }));
  else if (data["text/latex"]) equation(place, data["text/latex"]);
  else print(place, "text_plain", data["text/plain"]);
}

// What is printed goes on where the last word of its kind ended.
function print(place, kind, text) {
  let last = place.lastElementChild;
  if (!last?.classList.contains(kind) || kind === "text_plain") {
    last = make("div", { className: `output stream notranslate ${kind}` }, make("div", { className: "highlight" }, make("pre")));
    place.append(last);
  }
  last.querySelector("pre").append(text);
}

async function equation(place, latex) {
  const box = place.appendChild(make("div", { className: "output text_latex math" }));
  await import("./katex.min.js");
  globalThis.katex.render(latex.replace(/^\s*\$\$|\$\$\s*$/g, ""), box, { displayMode: true, throwOnError: false });
}
