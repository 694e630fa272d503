/** Presenting: one slide at a time. Arrows, Page keys and space turn, `b` blanks, `f` fills the screen, Escape leaves. */

const root = document.documentElement;

/** The number that a slide carries, such as `1.8`. @param {Element} slide */
export const numberOf = (slide) => slide.querySelector(".slide-number")?.textContent.trim() || slide.id;

/**
 * Binds keys and buttons. Focus in a field keeps its keys: then only Escape and the Page keys are the lectern's.
 * @param {(slide: string) => void} turned told the slide's number, or the empty word when the lectern is left
 * @returns {{ open: (number: string) => void, close: () => void, current: () => string }}
 */
export function lectern(turned) {
  const slides = [...document.querySelectorAll(".slide")];
  let at = -1;

  const show = (index) => {
    const next = Math.min(Math.max(index, 0), slides.length - 1);
    slides[at]?.removeAttribute("data-current");
    at = next;
    slides[at].setAttribute("data-current", "");
    delete root.dataset.blank;
    scrollTo(0, 0);
    turned(numberOf(slides[at]));
  };
  const open = (number) => {
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
    turned("");
  };

  const keys = {
    ArrowRight: () => show(at + 1),
    ArrowDown: () => show(at + 1),
    PageDown: () => show(at + 1),
    " ": () => show(at + 1),
    ArrowLeft: () => show(at - 1),
    ArrowUp: () => show(at - 1),
    PageUp: () => show(at - 1),
    Home: () => show(0),
    End: () => show(slides.length - 1),
    b: () => ("blank" in root.dataset ? delete root.dataset.blank : (root.dataset.blank = "")),
    f: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen?.()),
    Escape: close,
  };
  const everywhere = ["PageDown", "PageUp", "Escape"];
  addEventListener("keydown", (event) => {
    if (at < 0 || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const busy = event.target.closest?.("input, select, textarea, button, summary, a, canvas[tabindex]");
    const key = keys[event.key];
    if (!key || (busy && !everywhere.includes(event.key))) return;
    event.preventDefault();
    key();
  });
  const does = { lectern: () => (at < 0 ? open("") : close()), next: () => show(at + 1), previous: () => show(at - 1) };
  for (const [action, work] of Object.entries(does)) {
    for (const button of document.querySelectorAll(`[data-action="${action}"]`)) {
      button.hidden = false;
      button.addEventListener("click", work);
    }
  }
  return { open, close, current: () => (at < 0 ? "" : numberOf(slides[at])) };
}

/** The slide that is on the screen now. */
function nearest(slides) {
  const middle = innerHeight / 2;
  const distances = slides.map((slide) => {
    const { top, bottom } = slide.getBoundingClientRect();
    return Math.max(top - middle, middle - bottom, 0);
  });
  return distances.indexOf(Math.min(...distances));
}
