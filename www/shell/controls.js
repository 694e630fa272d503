/** Control specifications become labelled native inputs; what a person does with them becomes values. */

import { make, oncePerFrame } from "./dom.js";

/**
 * @typedef {{ name: string, label: string, symbol: string, unit: string, hint: string, effect: "live" | "restart",
 *   advanced: boolean, kind: "number" | "choice" | "toggle" | "list", min?: number, max?: number, step?: number,
 *   default: any, scale?: "linear" | "log", integer?: boolean, options?: { value: string, label: string }[],
 *   stride?: number, longest?: number, typed?: boolean }} Control
 * @typedef {import("./messages.js").Values} Values
 */

/** Positions of a logarithmic slider. */
const NOTCHES = 1000;

/** The position 0..NOTCHES of `value` on a logarithmic slider. @param {Control} spec @param {number} value */
export function notchOf(spec, value) {
  return (NOTCHES * Math.log(value / spec.min)) / Math.log(spec.max / spec.min);
}

/** The value at a position of a logarithmic slider, to three significant digits. @param {Control} spec @param {number} notch */
export function valueAt(spec, notch) {
  const value = spec.min * (spec.max / spec.min) ** (notch / NOTCHES);
  const rounded = spec.integer ? Math.round(value) : Number(value.toPrecision(3));
  return Math.min(Math.max(rounded, spec.min), spec.max);
}

/** The numbers in a text such as "1, 10; 100"; what is no number is left out. @param {string} text */
export function numbersIn(text) {
  return text.split(/[\s,;]+/).filter(Boolean).map(Number).filter(Number.isFinite);
}

/** Whether two values are the same. @param {any} a @param {any} b */
export function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The default of every control. @param {Control[]} specs @returns {Values} */
export function defaults(specs) {
  return Object.fromEntries(specs.map((spec) => [spec.name, spec.kind === "toggle" ? Number(spec.default) : spec.default]));
}

const isLog = (spec) => spec.scale === "log" && spec.min > 0;
const shown = (number) => String(Number(number.toPrecision(8)));

/**
 * Builds the panel inside `place`. `change(name, value)` is called at most once per frame and control.
 * @param {HTMLElement} place
 * @param {string} demo used for ids
 * @param {Control[]} specs
 * @param {(changes: Values) => void} change
 * @returns {{ show: (values: Values) => void, hide: (names: string[]) => void, input: (name: string) => HTMLElement | null }}
 */
export function controls(place, demo, specs, change) {
  let changes = {};
  const flush = oncePerFrame(() => {
    const now = changes;
    changes = {};
    change(now);
  });
  const set = (name, value) => {
    changes[name] = value;
    flush();
  };

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
    show(values) {
      for (const [name, row] of rows) if (name in values) row.show(values[name]);
    },
    hide(names) {
      for (const [name, { row }] of rows) row.hidden = names.includes(name);
      more.hidden = [...more.querySelectorAll(".control")].every((row) => row.hidden);
    },
    input: (name) => rows.get(name)?.row.querySelector("[name]") ?? null,
  };
}

/** A symbol such as `μ_q`, its subscript set as one. @param {string} symbol */
function withSubscripts(symbol) {
  return symbol.split(/_(\w+)/).map((part, index) => (index % 2 === 1 ? make("sub", {}, part) : part));
}

/** One control: label, input, advice. */
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

/** For each kind of control its inputs, and how they take a value. */
const fields = {
  number(spec, common, set) {
    const log = isLog(spec);
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
    const show = (value) => {
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
    return { inputs: [select], show: (value) => (select.value = value) };
  },

  toggle(_spec, common, set) {
    const box = make("input", { ...common, type: "checkbox" });
    box.addEventListener("change", () => set(Number(box.checked)));
    return { inputs: [box], show: (value) => (box.checked = Number(value) !== 0) };
  },

  list(spec, common, set) {
    if (spec.typed) {
      const field = make("input", { ...common, type: "text", spellcheck: "false" });
      field.addEventListener("change", () => set(numbersIn(field.value)));
      return { inputs: [field], show: (value) => (field.value = value.map(shown).join(", ")) };
    }
    // Set in the figure; here only what undoes it. The input holds the numbers for whoever reads the form.
    const field = make("input", { type: "hidden", name: spec.name });
    const button = make("button", { type: "button", id: common.id, "aria-describedby": common["aria-describedby"] });
    button.append("Take back");
    button.addEventListener("click", () => set(spec.default));
    const show = (value) => {
      field.value = value.map(shown).join(", ");
      // While nothing is changed there is nothing to take back, and no row.
      const changed = !same(value, spec.default);
      button.disabled = !changed;
      button.closest(".control")?.toggleAttribute("data-untouched", !changed);
    };
    return { inputs: [field, button], show };
  },
};
