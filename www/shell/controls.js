/** Control specifications become labelled native inputs; what a user does with them becomes values. */

import { button, make } from "./dom.js";
import { NOTCHES, notchOf, numbersIn, same, valueAt } from "./numbers.js";

/** @import { Attributes } from "./dom.js" */
/** @import { Control, Values } from "./types.js" */

/**
 * @typedef {{ inputs: HTMLElement[], show: (value: any) => void }} Field  the inputs of a control, and how they take a value
 */

const shown = (/** @type {number} */ number) => String(Number(number.toPrecision(8)));

/**
 * Builds the panel inside `place`.
 * @param {HTMLElement} place
 * @param {string} demo used for ids
 * @param {Control[]} specs
 * @param {(name: string, value: any) => void} set called with every change that a user makes
 */
export function controls(place, demo, specs, set) {
  /** @type {Map<string, { row: HTMLElement, show: (value: any) => void }>} */
  const rows = new Map();
  const more = make("details", { class: "more" }, make("summary", {}, "More controls"));
  for (const spec of specs) {
    const row = rowOf(spec, `${demo}-${spec.name}`, (value) => set(spec.name, value));
    rows.set(spec.name, row);
    (spec.advanced ? more : place).append(row.row);
  }
  if (specs.some((spec) => spec.advanced)) place.append(more);

  return {
    /** @param {Values} values */
    show(values) {
      for (const [name, row] of rows) if (name in values) row.show(values[name]);
    },
    /** @param {string[]} names */
    hide(names) {
      for (const [name, { row }] of rows) row.hidden = names.includes(name);
      more.hidden = [.../** @type {NodeListOf<HTMLElement>} */ (more.querySelectorAll(".control"))].every((row) => row.hidden);
    },
  };
}

/** A symbol such as `μ_q`, its subscript set as one. @param {string} symbol */
function withSubscripts(symbol) {
  return symbol.split(/_(\w+)/).map((part, index) => (index % 2 === 1 ? make("sub", {}, part) : part));
}

/** One control: label, input, advice. @param {Control} spec @param {string} id @param {(value: any) => void} set */
function rowOf(spec, id, set) {
  const hint = spec.hint ? make("p", { class: "hint", id: `${id}-hint` }, spec.hint) : null;
  const common = { id, name: spec.name, "aria-describedby": hint ? `${id}-hint` : null, autocomplete: "off" };
  const { inputs, show } = fields[spec.kind](spec, common, set);
  const label = make(
    "label",
    { for: id },
    spec.symbol ? make("span", { class: "symbol" }, ...withSubscripts(spec.symbol)) : null,
    make("span", { class: "name" }, spec.label),
    spec.unit ? make("span", { class: "unit" }, spec.unit) : null,
  );
  if (spec.effect === "restart") {
    label.append(make("span", { class: "restart", title: "Moving this starts the run anew." }, "restarts"));
  }
  const row = make("div", { class: "control", "data-kind": spec.kind, "data-effect": spec.effect });
  row.append(...(spec.kind === "toggle" ? [...inputs, label] : [label, ...inputs]), ...(hint ? [hint] : []));
  return { row, show };
}

/** @type {Record<Control["kind"], (spec: Control, common: Attributes, set: (value: any) => void) => Field>} */
const fields = {
  number(spec, common, set) {
    const log = spec.scale === "log" && spec.min > 0;
    const range = log ? [0, NOTCHES, 1] : [spec.min, spec.max, spec.step || "any"];
    const slider = make("input", {
      type: "range",
      min: range[0],
      max: range[1],
      step: range[2],
      "aria-label": spec.label,
      autocomplete: "off",
    });
    const field = make("input", {
      ...common,
      type: "number",
      min: spec.min,
      max: spec.max,
      step: log || !spec.step ? (spec.integer ? 1 : "any") : spec.step,
      inputmode: spec.integer && spec.min >= 0 ? "numeric" : spec.min >= 0 ? "decimal" : null,
    });
    const show = (/** @type {number} */ value) => {
      field.value = shown(value);
      const position = log ? notchOf(spec, value) : value;
      // A value rounded to a few digits must not make the thumb jump under the finger.
      if (!log || Math.abs(Number(slider.value) - position) > 1.5) slider.value = String(position);
      slider.setAttribute("aria-valuetext", `${shown(value)} ${spec.unit}`.trim());
    };
    slider.addEventListener("input", () => {
      const value = log ? valueAt(spec, Number(slider.value)) : Number(slider.value);
      field.value = shown(value);
      set(value);
    });
    field.addEventListener("change", () => {
      if (field.value.trim() !== "" && Number.isFinite(Number(field.value))) set(Number(field.value));
    });
    return { inputs: [slider, field], show };
  },

  choice(spec, common, set) {
    const options = spec.options.map((option) => make("option", { value: option.value }, option.label));
    const select = make("select", common, ...options);
    select.addEventListener("change", () => set(select.value));
    return { inputs: [select], show: (value) => void (select.value = value) };
  },

  toggle(_spec, common, set) {
    const box = make("input", { ...common, type: "checkbox" });
    box.addEventListener("change", () => set(Number(box.checked)));
    return { inputs: [box], show: (value) => void (box.checked = Number(value) !== 0) };
  },

  list(spec, common, set) {
    if (spec.typed) {
      const field = make("input", { ...common, type: "text", spellcheck: "false" });
      field.addEventListener("change", () => set(numbersIn(field.value)));
      return { inputs: [field], show: (value) => void (field.value = value.map(shown).join(", ")) };
    }
    // The list is set in the figure; here is only a button that empties it again. The hidden input holds the numbers for whoever reads the form.
    const field = make("input", { type: "hidden", name: spec.name });
    const back = button("take-back", "Take back", () => set(spec.default), { id: common.id, "aria-describedby": common["aria-describedby"] });
    const show = (/** @type {number[]} */ value) => {
      field.value = value.map(shown).join(", ");
      // While nothing is changed there is nothing to take back, and no row.
      const changed = !same(value, spec.default);
      back.disabled = !changed;
      back.closest(".control")?.toggleAttribute("data-untouched", !changed);
    };
    return { inputs: [field, back], show };
  },
};
