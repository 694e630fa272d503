/** The terms of a formula that are moving now are marked: `[data-term]` in the slide, by the name of a read-out. */

const CALM_AFTER_MS = 600;

/**
 * @param {Element} slide
 * @returns {(changed: string[]) => void} takes the names of the read-outs that changed
 */
export function terms(slide) {
  /** @type {Map<string, HTMLElement[]>} */
  const marks = new Map();
  for (const term of /** @type {NodeListOf<HTMLElement>} */ (slide.querySelectorAll("[data-term]"))) {
    const name = term.dataset.term ?? "";
    marks.set(name, [...(marks.get(name) ?? []), term]);
  }
  /** @type {Map<string, number>} */
  const timers = new Map();
  return (changed) => {
    for (const name of changed) {
      const found = marks.get(name);
      if (!found) continue;
      for (const term of found) term.dataset.moving = "";
      clearTimeout(timers.get(name));
      timers.set(name, setTimeout(() => found.forEach((term) => delete term.dataset.moving), CALM_AFTER_MS));
    }
  };
}
