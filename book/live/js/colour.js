// The colours of code while it is typed, in the classes that Pygments gives on the page.
const WORDS = /(?<c1>#.*)|(?<s2>[rbfu]{0,2}(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))|(?<mi>\b\d[\w.]*)|(?<name>[^\W\d]\w*)|(?<o>[-+*/%@=<>!&|^~]+)/giu;

// Takes code and the words that Python keeps to itself; returns the nodes that show it.
export function coloured(code, keywords) {
  const nodes = [];
  let done = 0;
  for (const { 0: text, index, groups } of code.matchAll(WORDS)) {
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined);
    const span = document.createElement("span");
    span.className = kind !== "name" ? kind : keywords.includes(text) ? "k" : "n";
    span.textContent = text;
    nodes.push(code.slice(done, index), span);
    done = index + text.length;
  }
  return [...nodes, code.slice(done)];
}
