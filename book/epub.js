// In a page of the site, run by Chromium while the EPUB is made (book/epub.py): leaves of it what a reader of EPUB shows,
// and returns it as XML, which Chromium writes with the names as SVG and MathML have them.
//
// Takes the pages of the book, by the names of their files, the folder of the site, and where that will be; returns
// { title, body, sections, images, mathml, svg }.
({ pages, site, address }) => {
  const article = document.querySelector("article"), all = (what) => [...article.querySelectorAll(what)];
  for (const one of all("script, style, noscript, .headerlink, .katex-html, .race, .cards svg, .film .bar, .live-bar, .place, [hidden], annotation")) one.remove();
  // Equations are MathML, and their numbers, which KaTeX puts into a table with them, stand behind them.
  for (const box of all(".katex-display math")) {
    box.setAttribute("display", "block");
    const [, equation, , number] = box.querySelectorAll(":scope > semantics > mtable[width] > mtr > mtd");
    if (!number) continue;
    const behind = Object.assign(document.createElement("span"), { className: "number", textContent: number.textContent });
    equation.closest("mtable").replaceWith(...equation.childNodes);
    box.closest(".katex").append(behind);
  }
  for (const nothing of all(":is(msub, msup, msubsup) > mo")) if (nothing.textContent === "\u2061") nothing.remove();
  for (const box of all(".katex")) box.replaceWith(...box.querySelectorAll("math, .number"));
  // Few readers know variables of CSS: the colours of a picture stand in it.
  for (const one of all("svg *")) {
    const { fill, stroke } = getComputedStyle(one);
    if (one.getAttribute("style")?.includes("var(") || one.getAttribute("class")) Object.assign(one.style, { fill, stroke });
  }
  // A film is its poster, a lab its still; a line says where they move.
  const made = (kind, set) => Object.assign(document.createElement(kind), set);
  for (const moving of all(".optimlab-here, .film")) {
    const film = moving.querySelector("video"), place = moving.closest("section[id]")?.id;
    film?.replaceWith(made("img", { src: film.poster, alt: film.getAttribute("aria-label") }));
    const page = `${address}${pages[location.pathname.split("/").pop().replace(".html", "")]}.html${place ? `#${place}` : ""}`;
    moving.after(made("p", { className: "lives", textContent: `One ${film ? "moment of a film" : "setting of a lab"}. It moves on the page ${page}` }));
  }
  // What a reader is asked to predict stays a question: the result is below it. What else is folded up lies open.
  for (const answer of all(".predict > details")) {
    const guess = made("p", { className: "guess" });
    guess.append(...answer.querySelector("summary").childNodes);
    answer.replaceWith(guess);
  }
  for (const fold of all("details")) {
    const box = made("div", { className: "fold" }), head = made("p", { className: "head" });
    head.append(...(fold.querySelector("summary")?.childNodes ?? []));
    fold.querySelector("summary")?.remove();
    if (/^\s*(Show|Hide) solution/.test(head.textContent)) head.textContent = "Solution";
    box.append(head, ...fold.childNodes);
    fold.replaceWith(box);
  }
  for (const one of all("button, input, select, output, label, fieldset")) one.remove();
  // A link leads to another page of the book, or out of it; one to a file of the site needs the site's address.
  for (const link of all("a[href]")) {
    const to = new URL(link.href), name = to.pathname.split("/").pop().replace(/\.html$/, "");
    if (/^https?:|^mailto:/.test(to.protocol)) continue;
    if (to.hash.startsWith("#lab?")) link.replaceWith(...link.childNodes);
    else if (name in pages) link.setAttribute("href", `${name}.xhtml${to.hash}`);
    else if (address) link.href = link.href.replace(site, address);
    else link.replaceWith(...link.childNodes);
  }
  for (const one of all("*")) {
    for (const { name } of [...one.attributes]) if (/^(data-|on|loading|decoding|tabindex|width|height|align|valign|border)/.test(name) && !one.closest("svg, math")) one.removeAttribute(name);
  }
  const images = all("img").map((one) => one.src);
  all("img").forEach((one) => one.setAttribute("src", `images/${one.src.split("/").pop()}`));
  return {
    title: article.querySelector("h1").textContent,
    body: new XMLSerializer().serializeToString(article),
    sections: all("section[id] > h2").map((one) => [one.parentElement.id, one.textContent]),
    images, mathml: !!article.querySelector("math"), svg: !!article.querySelector("svg"),
  };
}
