/** The row above a figure: buttons, the state in words, the device, progress. */

import { make } from "./dom.js";

/** Which buttons a demo has, and their words. */
const BUTTONS = {
  sketch: { reset: "Defaults" },
  answers: { step: "Step", reset: "Defaults" },
  open: { play: "Play", pause: "Pause", step: "Step", reset: "Reset" },
  ends: { run: "Run", cancel: "Cancel", reset: "Reset" },
};

/** What a state is called when there is nothing more to say. */
export const WORDS = { idle: "not started", loading: "loading", running: "running", paused: "paused", done: "done", failed: "stopped by an error" };

/** Demos that answer their controls at once: nothing runs, so there is nothing to say of a run. */
const ANSWERING = ["sketch", "answers"];
const QUIET = ["idle", "paused", "done"];

/** Which buttons are there in which state; the others are hidden, so that nothing has to be read twice. */
const HIDDEN = {
  play: (state) => state === "running" || state === "done" || state === "failed",
  pause: (state) => state !== "running",
  step: (state) => state === "running" || state === "done" || state === "failed",
  run: (state) => state === "running" || state === "failed",
  cancel: (state) => state !== "running",
  reset: (state) => state === "failed",
};
/** Step goes on where an answer has more to show, such as the next stage. */
const HIDDEN_OF_ANSWERS = { step: (state) => !["idle", "paused"].includes(state), reset: () => false };

/**
 * @param {"sketch" | "answers" | "open" | "ends"} kind
 * @param {(action: string) => void} press
 * @returns {{ element: HTMLElement, state: (state: string, words: string) => void, device: (text: string) => void, progress: (share: number) => void }}
 */
export function bar(kind, press) {
  const buttons = new Map();
  const gone = kind === "answers" ? HIDDEN_OF_ANSWERS : HIDDEN;
  for (const [action, text] of Object.entries(BUTTONS[kind])) {
    const button = make("button", { type: "button", "data-action": action }, text);
    button.addEventListener("click", () => press(action));
    buttons.set(action, button);
  }
  const again = make("button", { type: "button", "data-action": "restart", hidden: true }, "Start again");
  again.addEventListener("click", () => press("restart"));
  const words = make("span", { class: "state" });
  const device = make("span", { class: "device" });
  const progress = make("progress", { max: 1, value: 0, hidden: true, "aria-label": "share of the run that is done" });
  const element = make("div", { class: "bar" }, ...buttons.values(), again, words, progress, device);

  return {
    element,
    state(state, text) {
      const focused = element.contains(document.activeElement) ? document.activeElement : null;
      for (const [action, button] of buttons) button.hidden = kind !== "sketch" && gone[action](state);
      again.hidden = state !== "failed";
      const said = ANSWERING.includes(kind) && QUIET.includes(state) ? "" : text === state ? WORDS[state] : text;
      if (words.textContent !== said) words.textContent = said;
      // Play becomes pause under the finger: who pressed by key must not lose the place.
      if (focused?.hidden) element.querySelector("button:not([hidden])")?.focus();
    },
    device(text) {
      if (device.textContent !== text) device.textContent = text;
    },
    progress(share) {
      progress.hidden = !Number.isFinite(share);
      if (Number.isFinite(share)) progress.value = share;
    },
  };
}
