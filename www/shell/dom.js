/** Small helpers for markup without strings of HTML, and for sentences and delays. */

/** @typedef {Record<string, string | number | boolean | null | undefined>} Attributes */

/**
 * An element with attributes and children. An attribute that is `false`, `null` or `undefined` is left out, `true` is empty.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A button with its `data-action`. @param {string} action @param {string} text @param {() => void} press @param {Attributes} [attributes] */
export function button(action, text, press, attributes = {}) {
  const element = make("button", { type: "button", "data-action": action, ...attributes }, text);
  element.addEventListener("click", press);
  return element;
}

/** Writes a text where it is another than before, so that nothing is read out twice. @param {Element} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Hides what has just gone out of use; whoever was there by key stays in the row. @param {HTMLElement} row @param {() => void} change */
export function keepingFocus(row, change) {
  const focused = row.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  change();
  if (focused?.hidden) /** @type {HTMLElement | null} */ (row.querySelector(":is(button, input):not([hidden])"))?.focus();
}

/** Calls `work` once nothing was asked for `ms` milliseconds; `flush` calls it now where it waits. @param {number} ms @param {() => void} work */
export function afterQuiet(ms, work) {
  /** @type {number | null} */
  let timer = null;
  const cancel = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  const flush = () => {
    if (timer === null) return;
    cancel();
    work();
  };
  const later = () => {
    cancel();
    timer = setTimeout(flush, ms);
  };
  return Object.assign(later, { cancel, flush });
}

/** The sentence of whatever was thrown. @param {unknown} error */
export function sentence(error) {
  const text = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
