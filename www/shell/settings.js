/** The values of a demo: what its controls declare, and the device, which is the shell's own. */

import { deviceControl } from "./engines.js";
import { defaults, same } from "./numbers.js";

/** @import { Control, Demo, Option, Page, Values } from "./types.js" */

export class Settings {
  #demo;
  #page;
  #device;

  /** @param {Demo} demo @param {Pick<Page, "complete">} page */
  constructor(demo, page) {
    this.#demo = demo;
    this.#page = page;
    this.#device = deviceControl(demo.rate);
    /** @type {Control[]} */
    this.specs = demo.device ? [...demo.controls, this.#device] : demo.controls;
    this.values = this.defaults();
  }

  defaults() {
    return defaults(this.specs);
  }
  /** @param {string} control */
  spec(control) {
    return this.specs.find(({ name }) => name === control);
  }

  /** What the demo is given: the values without the device. @returns {Values} */
  own() {
    const { device, ...own } = this.values;
    return this.#demo.device ? own : this.values;
  }
  /** @returns {string} */
  device() {
    return this.#demo.device ? String(this.values.device) : "cpu";
  }

  /**
   * Takes changes, each kept within what its control allows.
   * @param {Values} changes
   * @returns {{ notes: string[], moved: Control[] }} what was changed to fit, in sentences; the controls that moved
   */
  take(changes) {
    const before = this.values;
    this.values = { ...before, ...changes };
    const device = this.device();
    const { values, notes } = JSON.parse(this.#page.complete(this.#demo.name, JSON.stringify(this.own())));
    const known = this.#device.options.some((/** @type {Option} */ { value }) => value === device);
    this.values = this.#demo.device ? { ...values, device: known ? device : this.#device.default } : values;
    return { notes, moved: this.specs.filter(({ name }) => !same(before[name], this.values[name])) };
  }
}
