// What a reader changed on this page, kept in the browser: code by what the book's cell says, so that a newer edition puts
// none into another cell. `_static/offline.js` knows both names: it forgets the first, and sets the second for who wants
// nothing kept.
const NAME = `changed ${location.pathname}`, REFUSED = "offline refused";

// Returns the reader's code by the book's. A browser may refuse to keep anything.
export function kept() {
  try {
    return JSON.parse(localStorage.getItem(NAME)) ?? {};
  } catch {
    return {};
  }
}

// Takes a cell's code as the book has it and as it stands now; returns whether the browser keeps it.
export function keep(written, code) {
  const { [written]: _, ...others } = kept();
  return store(code === written ? others : { ...others, [written]: code });
}

export const forget = () => store({});

function store(changes) {
  try {
    if (!Object.keys(changes).length) localStorage.removeItem(NAME);
    else if (localStorage.getItem(REFUSED)) return false;
    else localStorage.setItem(NAME, JSON.stringify(changes));
    return true;
  } catch {
    return false;
  }
}
