/** Presenting: one slide at a time. Arrows, Page keys and space turn, `b` blanks, `f` fills the screen, Escape leaves. */

const root = document.documentElement;

/** The number that a slide carries, such as `1.8`. @param {Element} slide */
const numberOf = (slide) => slide.querySelector(".slide-number")?.textContent?.trim() || slide.id;

/** Whatever is presented keeps these keys even while a field has the focus. */
const EVERYWHERE = ["PageDown", "PageUp", "Escape"];

/** Binds keys and buttons. @param {() => void} turned called when another slide is shown, or none any more */
export function lectern(turned) {
  const slides = [...document.querySelectorAll(".slide")];
  let at = -1;

  const show = (/** @type {number} */ index) => {
    const next = Math.min(Math.max(index, 0), slides.length - 1);
    slides[at]?.removeAttribute("data-current");
    at = next;
    slides[at].setAttribute("data-current", "");
    delete root.dataset.blank;
    scrollTo(0, 0);
    turned();
  };
  const open = (/** @type {string} */ number) => {
    if (slides.length === 0) return;
    const found = slides.findIndex((slide) => numberOf(slide) === number || slide.id === number);
    const next = found >= 0 ? found : nearest(slides);
    root.dataset.mode = "lectern";
    show(next);
  };
  const close = () => {
    if (at < 0) return;
    const left = slides[at];
    left.removeAttribute("data-current");
    at = -1;
    delete root.dataset.mode;
    delete root.dataset.blank;
    if (document.fullscreenElement) document.exitFullscreen();
    left.scrollIntoView();
    turned();
  };

  const turn = { next: () => show(at + 1), previous: () => show(at - 1) };
  bindKeys(() => at >= 0, {
    ArrowRight: turn.next,
    ArrowDown: turn.next,
    PageDown: turn.next,
    " ": turn.next,
    ArrowLeft: turn.previous,
    ArrowUp: turn.previous,
    PageUp: turn.previous,
    Home: () => show(0),
    End: () => show(slides.length - 1),
    b: () => void ("blank" in root.dataset ? delete root.dataset.blank : (root.dataset.blank = "")),
    f: () => void (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen?.()),
    Escape: close,
  });
  for (const [action, work] of Object.entries({ lectern: () => (at < 0 ? open("") : close()), ...turn })) {
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-action="${action}"]`))) {
      button.hidden = false;
      button.addEventListener("click", work);
    }
  }
  return { open, current: () => (at < 0 ? "" : numberOf(slides[at])) };
}

/** Keys that work while `active`; a field that has the focus keeps its own. @param {() => boolean} active @param {Record<string, () => void>} keys */
function bindKeys(active, keys) {
  addEventListener("keydown", (event) => {
    if (!active() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = keys[event.key];
    const busy = /** @type {Element} */ (event.target).closest?.("input, select, textarea, button, summary, a, canvas[tabindex]");
    if (!key || (busy && !EVERYWHERE.includes(event.key))) return;
    event.preventDefault();
    key();
  });
}

/** The place of the slide that is on the screen now. @param {Element[]} slides */
function nearest(slides) {
  const middle = innerHeight / 2;
  const distances = slides.map((slide) => {
    const { top, bottom } = slide.getBoundingClientRect();
    return Math.max(top - middle, middle - bottom, 0);
  });
  return distances.indexOf(Math.min(...distances));
}
