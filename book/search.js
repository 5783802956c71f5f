// The list of the search page, made where it is read: no server is asked, so it works from disk, too. sections.js knows
// the words of the book (book/search.py), MiniSearch ranks them.

// A letter, its name, its name in the code and its LaTeX are one word.
const LETTERS = Object.fromEntries("α alpha β beta γ gamma δ delta ε epsilon η eta θ theta κ kappa λ lambda μ mu ρ rho σ sigma τ tau φ phi ω omega"
  .split(" ").flatMap((word, i, all) => (i % 2 ? [] : [[word, all[i + 1]]])));
const SAME = { eps: "epsilon", lr: "alpha", lam: "lambda", optimizer: "optimiser" };

// Takes a text; returns its words as they are compared: ŝ, \hat{s} and s_hat are "shat", β₂, \beta_2 and beta2 are "beta2".
function wordsOf(text) {
  const plain = text.toLowerCase().normalize("NFKD")
    .replace(/\\?\bhat\s*\{?\s*([a-z])\b\}?/g, " $1hat")
    .replace(/([a-z])(?:\u0302|\^(?![\w{(]))/g, "$1hat")
    .replace(/\p{M}/gu, "")
    .replace(/[α-ω]/g, (letter) => ` ${LETTERS[letter] ?? letter}`)
    .replace(/([a-z])_\{?(?=\d|hat|max)/g, "$1");
  return (plain.match(/[a-z]+(?:-[a-z]+)*\d*|\d+(?:\.\d+)*/g) ?? []).map((word) => SAME[word] ?? word.replace(/(?<=[a-rt-z]{3})s$/, ""));
}

const APART = /^(Exercises|Further reading|Summary)/; // these name everything and explain nothing
const ASIDE = [[/^assignments/, 0.1], [/errata|teaching|how-we-know|references/, 0.4], [/conventions|symbols|index|sandbox/, 0.6]]; // rather the chapters
const LETTER = new RegExp(`^(?:[a-z]|${Object.values(LETTERS).join("|")})(?:\\d|hat|max)?$`); // what it is, the list of symbols says
const UNASKED = new Set("a an and do does for how i in is it my of the to what".split(" ")); // of a question, what is about nothing
const search = new MiniSearch({
  fields: ["title", "page", "text"],
  tokenize: wordsOf,
  processTerm: (word) => word,
  searchOptions: {
    boost: { title: 6, page: 2 },
    prefix: (word) => word.length > 3,
    fuzzy: (word) => (word.length > 5 ? 0.15 : false),
    processTerm: (word) => (UNASKED.has(word) ? null : word),
    boostDocument: (id, term) => {
      const [page, , title] = KNOWN.sections[id];
      if (LETTER.test(term) && /symbols/.test(KNOWN.pages[page][0])) return 4;
      return (ASIDE.find(([pages]) => pages.test(KNOWN.pages[page][0]))?.[1] ?? 1) * (APART.test(title) ? 0.5 : 1);
    },
  },
});
search.addAll(KNOWN.sections.map(([page, , title, text], id) => ({ id, title, page: KNOWN.pages[page][1], text })));

// Takes what a reader typed; returns what is found, the best first: { address, title, text, words: those that matched }.
function find(query) {
  const named = (pattern, kind, places, label) => {
    const name = pattern.exec(query)?.slice(1).find(Boolean)?.toUpperCase(), [page, id, section] = places[name] ?? [];
    if (!id) return [];
    const [, , title, text] = KNOWN.sections.find((one) => one[0] === page && one[1] === section);
    return [{ address: `${KNOWN.pages[page][0]}#${id}`, title: `${label(name)}, in ${title}`, text, words: [kind] }];
  };
  const found = [
    ...named(/^\s*(?:\(([a-d]?\.?\d+(?:\.\d+)?)\)|(?:eq|eqn|equation)\b\.?\s*\(?([a-d]?\.?\d+(?:\.\d+)?)\)?)\s*$/i, "equation", KNOWN.equations, (name) => `Equation (${name})`),
    ...named(/^\s*fig(?:ure|\.)?\s*(\w+)\s*$/i, "figure", KNOWN.figures, (name) => `Figure ${name}`),
  ];
  const all = search.search(query, { combineWith: "AND" });
  for (const { id, queryTerms, terms } of all.length ? all : search.search(query)) {
    const [page, name, title, text] = KNOWN.sections[id], [address, chapter] = KNOWN.pages[page];
    found.push({ address: `${address}#${name}`, title: title === chapter ? title : `${chapter}: ${title}`, text, words: [...queryTerms, ...terms] });
  }
  return found;
}

// Takes a text and the words that matched; returns thirty words of it as nodes, those marked.
function excerpt(text, words) {
  const all = text.split(" "), hits = all.map((word) => wordsOf(word).some((one) => words.includes(one)));
  const from = Math.max(0, hits.indexOf(true) - 8);
  const nodes = all.slice(from, from + 30).flatMap((word, i) => {
    if (!hits[from + i]) return [`${word} `];
    const mark = document.createElement("mark");
    mark.textContent = word;
    return [mark, " "];
  });
  return [from ? "… " : "", ...nodes, from + 30 < all.length ? "…" : ""];
}

function show(query) {
  const list = document.getElementById("search-results"), found = find(query).slice(0, 30);
  document.getElementById("search-status").textContent = found.length
    ? `${found.length === 1 ? "One section" : `${found.length} sections`} found for “${query}”, the best first.`
    : `Nothing found for “${query}”. A letter may be typed by its name, an equation by its number: beta2, (13).`;
  list.replaceChildren(...found.map(({ address, title, text, words }) => {
    const item = document.createElement("li"), link = document.createElement("a"), about = document.createElement("p");
    Object.assign(link, { href: address, textContent: title });
    about.append(...excerpt(text, words));
    item.append(link, about);
    return item;
  }));
}

const asked = new URLSearchParams(location.search).get("q")?.trim(), box = document.querySelector(".bd-search-container input");
if (asked) {
  box.value = asked;
  show(asked);
}
box.addEventListener("input", () => { if (box.value.trim()) show(box.value.trim()); });
box.focus();
