// The pictures as they are before anything moves, for the page without scripts and for paper.
import { cards } from "./cards.js";
import { ends, lanes, outlook, paths, race, valley } from "./valley.js";

const SIZE = { width: 1280, height: 560 }, TAKEN = 500, LANES = { width: 760, height: 100 };
export const CARD = { width: 280, height: 150 };
export const PART = 0.8;

// Takes what is told (book/front.py); returns the text of each picture, and what the first one shows, in words.
export function stills(told) {
  const ground = told.grounds.bowl, runners = race(told, { ground: "bowl", start: ground.start, times: 1 }), on = outlook(ground, SIZE, TAKEN);
  const small = Object.entries(cards).map(([name, card]) => [name, `<g>${card.ground?.(told, CARD) ?? ""}</g><g>${card.draw(told, CARD, PART)}</g>`]);
  return {
    valley: valley(ground, on),
    paths: paths(ground, on, runners, ground.steps, TAKEN),
    lanes: lanes(runners, ground.steps, ground.steps, LANES),
    ends: ends(runners),
    cards: Object.fromEntries(small),
  };
}
