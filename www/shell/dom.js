/** Small helpers for building markup without strings of HTML. */

/**
 * An element with attributes and children. A property set to `false`, `null` or `undefined` is left out, `true` is empty.
 * @param {string} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes]
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/**
 * Calls `work` at most once per animation frame, with the newest arguments.
 * @template {any[]} A
 * @param {(...args: A) => void} work
 * @returns {(...args: A) => void}
 */
export function oncePerFrame(work) {
  let newest = null;
  return (...args) => {
    const waiting = newest !== null;
    newest = args;
    if (waiting) return;
    requestAnimationFrame(() => {
      const now = newest;
      newest = null;
      work(...now);
    });
  };
}

/**
 * Calls `work` once nothing was asked for `ms` milliseconds, with the newest arguments.
 * @template {any[]} A
 * @param {number} ms
 * @param {(...args: A) => void} work
 * @returns {((...args: A) => void) & { cancel: () => void }}
 */
export function afterQuiet(ms, work) {
  let timer = 0;
  const later = (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...args), ms);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}

/**
 * A number's text as it is read: a true minus sign, and none before a zero.
 * @param {string} text
 * @returns {string}
 */
export function typeset(text) {
  return text.replace(/^-(?=0(\.0*)?$)/, "").replaceAll("-", "−");
}

/**
 * The sentence of whatever was thrown.
 * @param {unknown} error
 * @returns {string}
 */
export function sentence(error) {
  const text = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
