// What a worker of a lab does, beside the page: the map of many settings, coarse at first.
import { arrivals } from "./sweep.js";

// Takes what the worker is asked: { about, values, place, number }. Tells the map, with the number of the question.
export function answer({ about, values, place, number }) {
  return { map: arrivals(about, values, place), place, number };
}
