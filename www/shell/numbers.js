/** Values and numbers as they are typed, shown, and moved by a slider. */

/** @import { Control, Values } from "./types.js" */

/** Positions of a logarithmic slider. */
export const NOTCHES = 1000;

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

/** The default of a control as a value. @param {Control} spec */
export const defaultOf = (spec) => (spec.kind === "toggle" ? Number(spec.default) : spec.default);

/** The default of every control. @param {Control[]} specs @returns {Values} */
export const defaults = (specs) => Object.fromEntries(specs.map((spec) => [spec.name, defaultOf(spec)]));

/** A number's text as it is read: a true minus sign, and none before a zero. @param {string} text */
export function typeset(text) {
  return text.replace(/^-(?=0(\.0*)?$)/, "").replaceAll("-", "−");
}

/** Three significant digits, for reading from afar. @param {number} x */
export const brief = (x) => typeset(x === 0 || (Math.abs(x) >= 1e-3 && Math.abs(x) < 1e6) ? String(Number(x.toPrecision(3))) : x.toExponential(2));

/**
 * A number as it is read. With an error, as many digits as the error has to say; else as the registry asks: `digits` after the point,
 * or significant ones when negative.
 * @param {number} value
 * @param {number | null} error
 * @param {number} digits
 * @returns {{ text: string, error: string }}
 */
export function rounded(value, error, digits) {
  if (!Number.isFinite(value)) return { text: "–", error: "" };
  if (error !== null && Number.isFinite(error) && error > 0) {
    const power = Math.floor(Math.log10(error));
    const two = error / 10 ** power < 2;
    const places = Math.min(Math.max((two ? 1 : 0) - power, 0), 9);
    return { text: value.toFixed(places), error: `± ${error.toFixed(places)}` };
  }
  if (digits >= 0) return { text: value.toFixed(digits), error: "" };
  const text = value.toPrecision(-digits);
  const plain = Math.abs(value) >= 1e-6 && Math.abs(value) < 1e15;
  return { text: text.includes("e") && plain ? String(Number(text)) : text, error: "" };
}
