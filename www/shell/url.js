/** The address carries what a user has set: `#NAME?control=value&seed=1&hide=control,control&slide=1.8`. */

import { defaultOf, numbersIn, same } from "./numbers.js";

/** @import { Control, Values } from "./types.js" */

/** Words of the address that are no controls. */
const RESERVED = ["hide", "slide"];

/**
 * What a hash says. `name` is empty when it names no demo.
 * @param {string} hash with or without the leading `#`
 * @returns {{ name: string, given: Record<string, string>, hide: string[], slide: string }}
 */
export function parse(hash) {
  const text = hash.replace(/^#/, "");
  const [name, query = ""] = text.includes("?") ? text.split(/\?(.*)/s) : [text, ""];
  const parameters = new URLSearchParams(query);
  /** @type {Record<string, string>} */
  const given = {};
  for (const [key, value] of parameters) if (!RESERVED.includes(key)) given[key] = value;
  return {
    name: decodeURIComponentOr(name),
    given,
    hide: (parameters.get("hide") ?? "").split(",").filter(Boolean),
    slide: parameters.get("slide") ?? "",
  };
}

/**
 * The texts of an address as values. A text that cannot be read stays a text; completing the values then says so.
 * @param {Control[]} specs
 * @param {Record<string, string>} given
 * @returns {Values}
 */
export function valuesOf(specs, given) {
  /** @type {Values} */
  const values = {};
  for (const [name, text] of Object.entries(given)) {
    const spec = specs.find((control) => control.name === name);
    values[name] = spec ? read[spec.kind](text) : text;
  }
  return values;
}

/** @type {Record<Control["kind"], (text: string) => number | string | number[]>} */
const read = {
  number: (text) => (text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text),
  toggle: (text) => (["1", "true", "on", "yes", ""].includes(text.toLowerCase()) ? 1 : 0),
  choice: (text) => text,
  list: (text) => numbersIn(text),
};

/**
 * The hash of a demo: only what differs from its default, and the seed always.
 * @param {string} name
 * @param {Control[]} specs
 * @param {Values} values
 * @param {{ hide?: string[], slide?: string }} [rest]
 */
export function format(name, specs, values, { hide = [], slide = "" } = {}) {
  const pairs = [];
  for (const spec of specs) {
    const value = values[spec.name];
    if (spec.name !== "seed" && same(value, defaultOf(spec))) continue;
    pairs.push([spec.name, Array.isArray(value) ? value.join(",") : String(value)]);
  }
  if (hide.length > 0) pairs.push(["hide", hide.join(",")]);
  if (slide) pairs.push(["slide", slide]);
  // Commas are legal in a fragment and read better than %2C.
  const query = pairs.map(([key, value]) => `${key}=${encodeURIComponent(value).replaceAll("%2C", ",")}`).join("&");
  return query ? `#${name}?${query}` : `#${name}`;
}

/** @param {string} text */
function decodeURIComponentOr(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
