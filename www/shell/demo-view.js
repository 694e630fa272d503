/** What one demo shows: its controls, buttons, sentences, figures and read-outs. Decides nothing. */

import { bar } from "./bar.js";
import { controls } from "./controls.js";
import { make } from "./dom.js";
import { exporting } from "./exporting.js";
import { Figures } from "./figures.js";
import { same } from "./numbers.js";
import { Readouts } from "./readouts.js";
import { terms } from "./terms.js";

/** @import { Weights } from "./exporting.js" */
/** @import { Control, Demo, Picture } from "./types.js" */

/**
 * @typedef {object} Options
 * @property {Control[]} specs
 * @property {(control: string, value: any) => void} set a user moved a control
 * @property {(action: string) => void} press a user pressed a button
 * @property {() => boolean} dark
 * @property {() => void} request asks for a frame
 * @property {(error: unknown) => void} fail
 * @property {Weights | null} weights
 */

export class DemoView {
  #demo;
  #element;
  #sentences = new Map();
  #notes = make("div", { class: "notes", role: "status" });
  #readouts;
  #moving;

  /** @param {HTMLElement} element the `[data-demo]` @param {Demo} demo @param {Options} options */
  constructor(element, demo, { specs, set, press, dark, request, fail, weights }) {
    this.#demo = demo;
    this.#element = element;
    this.bar = bar(demo.run, press);
    /** Where the controls are. */
    this.place = element.querySelector("[data-controls]") ?? make("div");
    this.panel = controls(/** @type {HTMLElement} */ (this.place), demo.name, specs, set);
    this.figures = new Figures(element, { dark, request });
    this.#readouts = new Readouts(element, demo.readouts);
    this.#moving = terms(element.closest(".slide") ?? element);
    const plots = element.querySelector(".plots");
    if (plots) plots.before(this.bar.element, this.#notes);
    else element.append(this.bar.element, this.#notes);
    element.append(exporting(demo.name, this.figures, { dark, fail, weights }));
  }

  /** Sentences under a key; they take the place of those that were there. @param {string} key @param {string[]} lines */
  note(key, lines) {
    const kept = lines.filter(Boolean);
    if (same(this.#sentences.get(key) ?? [], kept)) return;
    this.#sentences.set(key, kept);
    this.#notes.replaceChildren(...[...this.#sentences.values()].flat().map((line) => make("p", {}, line)));
  }

  /** @param {string} state the word for `data-state` @param {string} phase of the run, which decides on the buttons @param {string} words */
  state(state, phase = state, words = state) {
    this.#element.dataset.state = state;
    this.bar.state(phase, words);
  }

  /** Shows a picture with its numbers; its figures are drawn in this frame. @param {Picture} picture @param {Record<string, number | string>} extra */
  show(picture, extra = {}) {
    const failure = picture.failure();
    this.figures.show(picture);
    this.#moving(this.#readouts.fill(JSON.parse(picture.readouts()), extra));
    this.bar.progress(this.#demo.run === "ends" ? picture.progress() : NaN);
    this.note("picture", JSON.parse(picture.notes()));
    this.note("error", failure ? [failure] : []);
    return { failed: failure !== "" };
  }
}
