/** One demo on the page: what a user changes becomes values, and a sketch or a run answers them in the page's next frame. */

import { DemoView } from "./demo-view.js";
import { afterQuiet, sentence } from "./dom.js";
import { imagesLine } from "./images-line.js";
import { modelLine } from "./model-line.js";
import { pointer } from "./pointer.js";
import { Run } from "./run.js";
import { Settings } from "./settings.js";

/** @import { Engines } from "./engines.js" */
/** @import { Weights } from "./exporting.js" */
/** @import { Frames } from "./frame.js" */
/** @import { ImageStore } from "./image-store.js" */
/** @import { ModelStore } from "./model-store.js" */
/** @import { State } from "./run-state.js" */
/** @import { Options } from "./run.js" */
/** @import { Control, Demo, Page, Snapshot, Values } from "./types.js" */
/** @import { Pool } from "./worker-pool.js" */

/** How far outside the screen a demo is made ready. */
const NEARBY = "600px";
/** A slider that restarts the run restarts it when it rests. */
const RESTART_AFTER_MS = 150;
/** Rates and words of the shell change no faster than can be read. */
const WORDS_EVERY_MS = 400;

/**
 * @typedef {{ frames: Frames, engines: Engines, pool: Pool,
 *   models: ModelStore, images: ImageStore, dark: () => boolean,
 *   touched: (name: string) => void }} Services  `touched`: a user changed something in a demo
 */

export class Stage {
  #page;
  #services;
  #settings;
  #run;
  #view;
  #source;
  #imagesLine;
  /** What a user has set since the last frame. @type {Values} */
  #changes = {};
  #visible = false;
  #prepared = false;
  /** A sketch has to answer again. */
  #outdated = false;
  /** The newest snapshot that is not shown yet. @type {Snapshot | null} */
  #snapshot = null;
  /** The state of the run that is shown. @type {State | null} */
  #shown = null;
  #wordsDue = 0;
  #restartSoon = afterQuiet(RESTART_AFTER_MS, () => this.#sendValues("restart"));
  /** The controls that an address hides. @type {string[]} */
  hidden = [];

  /**
   * @param {HTMLElement} element the `[data-demo]`
   * @param {Demo} demo
   * @param {Page} page
   * @param {Services} services
   */
  constructor(element, demo, page, services) {
    const { frames, dark, models, images } = services;
    this.demo = demo;
    this.element = element;
    this.#page = page;
    this.#services = services;
    this.#settings = new Settings(demo, page);
    this.#run = demo.run === "sketch" ? null : new Run(demo, services, this.#answers());
    this.#view = new DemoView(element, demo, {
      specs: this.specs,
      set: (control, value) => this.#change(control, value),
      press: (action) => this.#press(action),
      dark,
      request: frames.request,
      fail: (error) => this.fail(error),
      weights: demo.model === "gives" ? this.#weights() : null,
    });
    this.#source = demo.model === "starts-from" ? modelLine(models, (model) => this.#begin(model)) : null;
    if (this.#source) this.#view.bar.element.append(this.#source.element);
    const own = demo.images;
    this.#imagesLine = own ? imagesLine(images, page, () => this.#apply({ [own.control]: own.value })) : null;
    if (this.#imagesLine) this.#view.place.append(this.#imagesLine.element);
    images.listen(() => {
      this.#source?.retry();
      if (this.#prepared && this.#usesImages()) this.#restartSoon();
    });
    this.#bind();
  }

  /** Pointers, the frame, and what makes it ready when it comes near. */
  #bind() {
    for (const figure of this.#view.figures.all) {
      pointer(figure, {
        list: (control) => /** @type {number[]} */ (this.#changes[control] ?? this.values[control] ?? []),
        spec: (control) => /** @type {Control} */ (this.#settings.spec(control)),
        set: (control, value) => this.#change(control, value),
      });
    }
    new IntersectionObserver(
      (entries) => {
        // Out and in again between two calls are two entries: the newest counts.
        this.#visible = entries[entries.length - 1].isIntersecting;
        if (this.#visible) this.prepare();
        this.#services.frames.request();
      },
      { rootMargin: NEARBY },
    ).observe(this.element);
    this.#services.frames.join(this);
    this.#view.state(this.#run ? "idle" : "loading");
    this.#view.panel.show(this.values);
  }

  /** What the run asks for and reports. @returns {Options} */
  #answers() {
    const { frames, images, models } = this.#services;
    return {
      changed: frames.request,
      snapshot: (message) => void (this.#snapshot = message),
      visible: () => this.#visible,
      given: ({ model }) => (this.#usesImages() || (this.demo.model === "starts-from" && model) ? images.files() : {}),
      keep: (model) => models.keep(model),
      refused: (line) => {
        this.#view.note("model", [line, this.#source ? "The page’s own model is used instead." : "The run begins with fresh weights instead."]);
        this.#source?.refuse();
      },
    };
  }
  /** Saving and loading the weights of a run. @returns {Weights} */
  #weights() {
    return {
      save: () => this.#run?.save() ?? Promise.resolve(null),
      load: (model, file) => {
        this.#view.note("model", model.length > 0 ? [] : [`${file} is empty.`]);
        if (model.length > 0) this.#run?.send({ type: "load", model, why: `This run starts from ${file}.` });
      },
      say: (line) => this.#view.note("model", [line]),
    };
  }

  get specs() {
    return this.#settings.specs;
  }
  get values() {
    return this.#settings.values;
  }
  redraw() {
    this.#view.figures.redraw();
  }
  /** @param {unknown} error */
  fail(error) {
    this.#view.note("error", [sentence(error)]);
    this.#view.state("failed");
    // So it stays until the run itself goes on to something else.
    if (this.#run) this.#shown = this.#run.state;
  }
  #usesImages() {
    const { images } = this.demo;
    return images !== null && this.values[images.control] === images.value;
  }

  /** A run from the user's model, or from the page's own. @param {Uint8Array | null} model */
  #begin(model) {
    this.#view.note("model", []);
    this.#run?.send({ type: "begin", model });
  }

  /** The first picture. A sketch costs nothing; a run is started when it comes near. */
  prepare() {
    if (this.#prepared) return;
    this.#prepared = true;
    const { models, frames } = this.#services;
    if (this.demo.model === "shows") {
      // Handed over when it changes, not with every answer.
      const show = () => {
        this.#page.bring("model", models.newest() ?? new Uint8Array());
        this.#outdated = true;
        frames.request();
      };
      models.listen(show);
      models.ready.then(show);
    }
    this.#outdated = true;
    frames.request();
    this.#sendValues("set");
    if (this.#source) this.#source.first();
    else this.#run?.send({ type: "begin", model: null });
  }

  /** What an address says: values from their defaults, and controls to hide. @param {Values} given @param {string[]} hide */
  address(given, hide) {
    this.hidden = hide;
    this.#view.panel.hide(hide);
    this.#apply({ ...this.#settings.defaults(), ...given }, { silent: true });
  }

  /** Several changes before the next frame become one. @param {string} control @param {number | string | number[]} value */
  #change(control, value) {
    this.#changes[control] = value;
    this.#services.frames.request();
  }
  #takeChanges() {
    const changes = this.#changes;
    if (Object.keys(changes).length === 0) return;
    this.#changes = {};
    this.#apply(changes);
  }

  /** Completes what was asked for, shows it, writes the address, and lets the demo answer. @param {Values} changes */
  #apply(changes, { silent = false } = {}) {
    const { notes, moved } = this.#settings.take(changes);
    this.#view.note("completed", notes);
    this.#view.panel.show(this.values);
    this.#imagesLine?.used(this.#usesImages());
    if (!silent) this.#services.touched(this.demo.name);
    if (!this.#prepared) return;
    this.#outdated = true;
    this.#services.frames.request();
    if (moved.some(({ effect }) => effect === "restart")) this.#restartSoon();
    else if (moved.length > 0) this.#sendValues("set");
  }
  /** @param {"set" | "restart"} type */
  #sendValues(type) {
    this.#run?.send({ type, values: this.#settings.own(), device: this.#settings.device(), visible: this.#visible });
  }

  /** @param {string} action */
  #press(action) {
    // What was typed just before counts.
    this.#takeChanges();
    this.#restartSoon.flush();
    const resets = action === "restart" || (action === "reset" && this.#run !== null && this.demo.run !== "answers");
    if (action === "reset" && !resets) this.#apply(this.#settings.defaults());
    else if (resets) this.#run ? this.#run.send({ type: "reset" }) : this.#apply({});
    else this.#run?.send({ type: action === "cancel" ? "pause" : action === "run" ? "through" : /** @type {"play" | "pause" | "step"} */ (action) });
  }

  /** The demo's part of a frame: changes are taken and answered, the newest picture and the state are shown. */
  update() {
    this.#takeChanges();
    if (this.#run) this.#showRun(this.#run.state);
    else if (this.#outdated) {
      this.#outdated = false;
      const { failed } = this.#view.show(this.#page.sketch(this.demo.name, JSON.stringify(this.#settings.own())));
      this.#view.state(failed ? "failed" : "done");
    }
  }
  draw() {
    this.#view.figures.draw();
  }

  /** @param {State} state */
  #showRun(state) {
    const goes = state.phase === "running";
    const now = performance.now();
    if (this.#snapshot && (this.#visible || !goes)) {
      const { bytes, elapsedMs, stepsPerSecond } = this.#snapshot;
      this.#snapshot = null;
      const due = now >= this.#wordsDue || !goes;
      if (due) this.#wordsDue = now + WORDS_EVERY_MS;
      if (due) this.#view.bar.device(state.computedOn);
      /** @type {Record<string, number | string>} */
      const extra = { elapsed_ms: elapsedMs, device: state.device };
      if (stepsPerSecond === 0 || due) extra.steps_per_second = stepsPerSecond || NaN;
      this.#view.show(this.#page.decode(bytes), extra);
    }
    if (!goes) this.#view.bar.device(state.computedOn);
    this.#view.note("run", state.notes);
    const shown = this.#shown;
    this.#shown = state;
    if (shown && shown.phase === state.phase && shown.words === state.words && shown.run === state.run) return;
    // What only answers is done as soon as it stands, even where a step could show more.
    const stands = this.demo.run === "answers" && this.#prepared && (state.phase === "idle" || state.phase === "paused");
    this.#view.state(stands ? "done" : state.phase, state.phase, state.words);
  }
}
