/** Light and dark: as the system has it, unless the button said otherwise; the choice is kept. */

const KEY = "theme";
const system = matchMedia("(prefers-color-scheme: dark)");

/** Whether the page is dark now. */
export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : system.matches;
}

/**
 * Applies the kept choice, binds the buttons, and calls `changed` whenever the colours change.
 * @param {() => void} changed
 */
export function theme(changed) {
  const kept = remembered();
  if (kept) document.documentElement.dataset.theme = kept;
  system.addEventListener("change", changed);
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-action="theme"]'))) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const next = isDark() ? "light" : "dark";
      document.documentElement.dataset.theme = next;
      remember(next);
      changed();
    });
  }
}

// Storage may be forbidden; then the choice lasts as long as the page.
function remembered() {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : null;
  } catch {
    return null;
  }
}

/** @param {string} choice */
function remember(choice) {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    /* lasts as long as the page */
  }
}
