// What a worker of a lab does, beside the page: some rows of the map of many settings.
import { arrivals } from "./sweep.js";

// Takes what the worker is asked: { about, values, place, number, from }. Tells the rows of the map, with the number of the
// question and the place in the map from which they stand.
export function answer({ about, values, place, number, from }) {
  return { part: arrivals(about, values, place), number, from };
}
