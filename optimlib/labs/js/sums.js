// One step of the lab's own method in numbers, line by line as the rule is written.
import { html } from "./draw.js";
import { number } from "./numbers.js";
import { stepOf } from "./maths.js";
import { worked } from "./worked.js";

// Takes where to put it and what the front offers (front.js); returns what shows the step of a setting on its ground, as far
// as its runs go.
export function addSums(parent, { about, redraw, signal }) {
  const box = html("div", { class: "sums" }, parent), head = html("p", {}, box), said = html("span", {}, head);
  let letter = "b";
  const choose = ["W", "b"].map((name) => {
    const button = html("button", { type: "button", "aria-pressed": name === letter }, head, name);
    button.addEventListener("click", () => {
      letter = name;
      for (const other of choose) other.setAttribute("aria-pressed", other === button);
      redraw();
    }, { signal });
    return button;
  });
  const table = html("table", {}, box);
  return (values, ground, runs) => {
    const shown = about.methods.filter(({ label }) => runs[label]).at(-1);
    box.hidden = !shown;
    if (!shown) return;
    const step = Math.min(Math.max(values.step, 1), runs[shown.label].W.length - 1);
    const { rule, ...along } = stepOf(shown, about, values, ground, step), rows = worked[rule](...along[letter]);
    said.textContent = `Step ${step} of ${shown.label} along `;
    while (table.rows.length > rows.length) table.deleteRow(-1);
    rows.forEach(([name, words, value], k) => {
      const row = table.rows[k] ?? table.insertRow();
      [name === "w" ? letter : name, `= ${words}`, `= ${number(value).replaceAll("-", "−")}`].forEach((text, column) => {
        const cell = row.cells[column] ?? row.insertCell();
        if (cell.textContent !== text) cell.textContent = text;
      });
    });
  };
}
