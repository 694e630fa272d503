/** The read-outs of a demo: numbers from its pictures, rounded for reading, in the page's `<output data-readout>`. */

import { make } from "./dom.js";
import { rounded, typeset } from "./numbers.js";

/** @import { Readout } from "./types.js" */

/** @typedef {{ value: number | string, error: number | null }} Shown */

export class Readouts {
  /** @type {HTMLOutputElement[]} */
  #outputs;
  #specs;
  /** Names that pictures have given: what the newest one leaves out is no longer known. @type {Set<string>} */
  #given = new Set();

  /** @param {Element} element the demo @param {Readout[]} specs */
  constructor(element, specs) {
    this.#outputs = [...element.querySelectorAll(/** @type {"output"} */ ("output[data-readout]"))];
    this.#specs = specs;
  }

  /**
   * Fills the read-outs.
   * @param {{ name: string, value: number | null, error: number | null }[]} readouts of a picture
   * @param {Record<string, number | string>} extra what the shell itself knows; a picture's own number goes before it
   * @returns {string[]} the names whose shown number changed
   */
  fill(readouts, extra) {
    /** @type {Map<string, Shown>} */
    const values = new Map(Object.entries(extra).map(([name, value]) => [name, { value, error: null }]));
    for (const name of this.#given) values.set(name, { value: NaN, error: null });
    for (const { name, value, error } of readouts) {
      this.#given.add(name);
      values.set(name, { value: value ?? NaN, error });
    }
    const changed = [];
    for (const output of this.#outputs) {
      const name = output.dataset.readout ?? "";
      const found = values.get(name);
      if (!found) continue;
      const digits = this.#specs.find((spec) => spec.name === name)?.digits ?? (Number.isInteger(found.value) ? 0 : -4);
      if (write(output, found, digits)) changed.push(name);
    }
    return changed;
  }
}

/** Writes one read-out; true when it shows something else than before. @param {HTMLOutputElement} output @param {Shown} shown @param {number} digits */
function write(output, { value, error }, digits) {
  const full = String(value);
  if (output.dataset.value === full) return false;
  output.dataset.value = full;
  output.dataset.error = error === null ? "" : String(error);
  const short = typeof value === "number" ? rounded(value, error, digits) : { text: full, error: "" };
  output.textContent = typeof value === "number" ? typeset(short.text) : short.text;
  let margin = output.nextElementSibling;
  if (!margin?.matches(".error")) {
    if (!short.error) return true;
    margin = make("span", { class: "error" });
    output.after(margin);
  }
  margin.textContent = typeset(short.error);
  return true;
}
