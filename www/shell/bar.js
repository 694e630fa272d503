/** The row above a figure: buttons, the state in words, the device, progress. */

import { button, keepingFocus, make, write } from "./dom.js";

/** @import { Demo } from "./types.js" */

/** @typedef {Demo["run"]} Kind */

/** Which buttons a demo has, and their words. @type {Record<Kind, Record<string, string>>} */
const BUTTONS = {
  sketch: { reset: "Defaults" },
  answers: { step: "Step", reset: "Defaults" },
  open: { play: "Play", pause: "Pause", step: "Step", reset: "Reset" },
  ends: { run: "Run", cancel: "Cancel", reset: "Reset" },
};

/** What a state is called when there is nothing more to say. @type {Record<string, string>} */
const WORDS = { idle: "not started", loading: "loading", running: "running", paused: "paused", done: "done", failed: "stopped by an error" };

/** Demos that answer their controls at once: nothing runs, so there is nothing to say of a run. */
const ANSWERING = ["sketch", "answers"];
const QUIET = ["idle", "paused", "done"];

/** In which states a button is hidden. @type {Record<string, (state: string) => boolean>} */
const HIDDEN = {
  play: (state) => state === "running" || state === "done" || state === "failed",
  pause: (state) => state !== "running",
  step: (state) => state === "running" || state === "done" || state === "failed",
  run: (state) => state === "running" || state === "failed",
  cancel: (state) => state !== "running",
  reset: (state) => state === "failed",
};
/** Step goes on where an answer has more to show, such as the next stage. @type {typeof HIDDEN} */
const HIDDEN_OF_ANSWERS = { step: (state) => !["idle", "paused"].includes(state), reset: () => false };

/** @param {Kind} kind @param {(action: string) => void} press */
export function bar(kind, press) {
  const hidden = kind === "answers" ? HIDDEN_OF_ANSWERS : HIDDEN;
  const buttons = new Map(Object.entries(BUTTONS[kind]).map(([action, text]) => [action, button(action, text, () => press(action))]));
  const again = button("restart", "Start again", () => press("restart"), { hidden: true });
  const words = make("span", { class: "state" });
  const device = make("span", { class: "device" });
  const progress = make("progress", { max: 1, value: 0, hidden: true, "aria-label": "share of the run that is done" });
  const element = make("div", { class: "bar" }, ...buttons.values(), again, words, progress, device);

  return {
    element,
    /** @param {string} state @param {string} text */
    state(state, text) {
      // Play becomes Pause under the finger: who pressed by key must not lose the place.
      keepingFocus(element, () => {
        for (const [action, one] of buttons) one.hidden = kind !== "sketch" && hidden[action](state);
        again.hidden = state !== "failed";
      });
      write(words, ANSWERING.includes(kind) && QUIET.includes(state) ? "" : text === state ? WORDS[state] : text);
    },
    /** @param {string} text */
    device: (text) => write(device, text),
    /** @param {number} share */
    progress(share) {
      progress.hidden = !Number.isFinite(share);
      if (Number.isFinite(share)) progress.value = share;
    },
  };
}
