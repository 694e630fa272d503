/** One demo on the page: its controls, its figures, its sentences, and either a sketch or a run behind them. */

import { bar } from "./bar.js";
import { controls, defaults, same } from "./controls.js";
import { afterQuiet, make, oncePerFrame, sentence } from "./dom.js";
import { deviceControl } from "./engines.js";
import { exporting } from "./exporting.js";
import { imagesLine } from "./images-line.js";
import { modelLine } from "./model-line.js";
import { pointer } from "./pointer.js";
import { run } from "./run.js";
import { slots } from "./slots.js";
import { terms } from "./terms.js";

/** How far outside the screen a demo is made ready. */
const NEARBY = "600px";
/** A slider that restarts the run restarts it when it rests. */
const RESTART_AFTER_MS = 150;
/** Rates and words of the shell change no faster than can be read. */
const WORDS_EVERY_MS = 400;

/** @typedef {{ name: string, slide: string, title: string, kind: "sketch" | "training", ends: boolean,
 *   answers: boolean, uses_model: boolean, gives_model: boolean, shows_model: boolean,
 *   takes_images: [string, string] | null, controls: any[], readouts: any[] }} Demo */

/**
 * @param {HTMLElement} element the `[data-demo]`
 * @param {Demo} demo
 * @param {any} page the exports of the page's wasm
 * @param {{ engines: any, crew: any, models: import("./models.js").Models,
 *   images: import("./images.js").Images, dark: () => boolean, touched: (name: string) => void }} services
 */
export function stage(element, demo, page, services) {
  const training = demo.kind === "training";
  const answers = training && demo.answers;
  const declared = demo.controls.some((control) => control.name === deviceControl.name);
  const usesDevice = training && (declared || demo.readouts.some((readout) => readout.name === "device"));
  const tellsRate = demo.readouts.some((readout) => readout.name === "steps_per_second");
  const specs = usesDevice && !declared ? [...demo.controls, deviceControl] : demo.controls;
  const specOf = (name) => specs.find((control) => control.name === name);

  let values = defaults(specs);
  /** What pointers have set since the last frame. */
  let pending = {};
  let hidden = [];
  let visible = false;
  let prepared = false;
  let wordsDue = 0;

  // The parts of the page.
  const sentences = new Map();
  const notes = make("div", { class: "notes", role: "status" });
  const note = (key, lines) => {
    const kept = lines.filter(Boolean);
    if (same(sentences.get(key) ?? [], kept)) return;
    sentences.set(key, kept);
    notes.replaceChildren(...[...sentences.values()].flat().map((line) => make("p", {}, line)));
  };
  const fail = (error) => {
    note("error", [sentence(error)]);
    state("failed", "failed");
  };
  const buttons = bar(!training ? "sketch" : answers ? "answers" : demo.ends ? "ends" : "open", (action) => actions[action]());
  const panelPlace = element.querySelector("[data-controls]") ?? make("div");
  const panel = controls(panelPlace, demo.name, specs, (changes) => apply(changes));
  const places = slots(element, demo.readouts, { dark: services.dark, fail });
  const moving = terms(element.closest(".slide") ?? element);
  const plots = element.querySelector(".plots");
  if (plots) plots.before(buttons.element, notes);
  else element.append(buttons.element, notes);
  const weights = training && demo.gives_model ? { save: () => work.save(), load: (bytes, file) => load(bytes, file), say: (line) => note("model", [line]) } : null;
  element.append(exporting(demo.name, places.canvases, { picture: places.picture, dark: services.dark, fail, weights }));

  function state(next, words = next) {
    // What only answers is done as soon as it stands, even where a step could show more.
    element.dataset.state = answers && prepared && ["idle", "paused"].includes(next) ? "done" : next;
    buttons.state(next, words);
  }

  /** Shows a picture with its numbers. @returns {string} where the run stands, as the picture says */
  function present(picture, extra = {}) {
    const status = picture.status();
    places.show(picture);
    moving(places.fill(JSON.parse(picture.readouts()), { ...extra, step: picture.step() }));
    buttons.progress(demo.ends ? picture.progress() : NaN);
    note("picture", JSON.parse(picture.notes()));
    note("error", status.startsWith("failed: ") ? [status.slice("failed: ".length)] : []);
    return status;
  }

  // Sketches answer at once.
  const sketch = oncePerFrame(() => {
    try {
      const status = present(page.sketch(demo.name, JSON.stringify(own())));
      state(status.startsWith("failed") ? "failed" : "done");
    } catch (error) {
      fail(error);
    }
  });

  /** The person's model, for sketches that show it: handed over when it changes, not with every answer. */
  const showModel = () => {
    page.bring("model", services.models.newest() ?? new Uint8Array());
    sketch();
  };

  // Trainings answer by snapshots; only the newest is decoded, once a frame.
  let newest = null;
  const decode = () => {
    if (!newest) return "going";
    const message = newest;
    newest = null;
    const extra = { elapsed_ms: message.elapsedMs, device: work.device() };
    if (message.stepsPerSecond === 0) extra.steps_per_second = NaN;
    else if (performance.now() >= wordsDue || message.done) {
      extra.steps_per_second = message.stepsPerSecond;
      wordsDue = performance.now() + WORDS_EVERY_MS;
    }
    return present(page.decode(message.bytes), extra);
  };
  const decodeNow = () => {
    try {
      if (visible) decode();
    } catch (error) {
      fail(error);
    }
  };
  const decodeSoon = oncePerFrame(decodeNow);
  const tellDevice = slowly((text) => buttons.device(text));
  const work = training
    ? run({ name: demo.name, usesDevice, givesModel: demo.gives_model, tellsRate }, services, {
        state(next, words) {
          // What is paused shows its last picture.
          if (next === "paused") decodeNow();
          state(next, words);
        },
        snapshot(message) {
          newest = message;
          if (message.done || message.halted || element.dataset.state === "loading") return decode();
          decodeSoon();
          return "going";
        },
        device: tellDevice,
        note: (...lines) => note("run", lines),
        visible: () => visible,
        given: ({ model }) => (usesImages() || (demo.uses_model && model) ? services.images.files() : {}),
        model: (bytes) => services.models.keep(bytes),
        refused(line) {
          note("model", [line, source ? "The page’s own model is used instead." : "The run begins with fresh weights instead."]);
          source?.refuse();
        },
      })
    : null;
  const source = training && demo.uses_model ? modelLine(services.models, (model) => begin(model)) : null;
  if (source) buttons.element.append(source.element);
  // The person's own images: whether this demo learns from them is a control of its own.
  const [imagesControl, ownImages] = demo.takes_images ?? [];
  const usesImages = () => imagesControl !== undefined && values[imagesControl] === ownImages;
  const lineOfImages = imagesControl ? imagesLine(services.images, page, () => apply({ [imagesControl]: ownImages })) : null;
  if (lineOfImages) panelPlace.append(lineOfImages.element);
  services.images.listen(() => {
    source?.retry();
    if (prepared && usesImages()) restartSoon();
  });
  /** A run from the person's model, or from the page's own. */
  function begin(model) {
    note("model", []);
    work.bring(model);
    work.ensure();
  }
  /** A run from a file of weights. */
  function load(bytes, file) {
    note("model", bytes.length > 0 ? [] : [`${file} is empty.`]);
    if (bytes.length > 0) work.load(bytes, `This run starts from ${file}.`);
  }
  const restartSoon = afterQuiet(RESTART_AFTER_MS, () => work.restart(own(), values.device ?? "cpu"));

  /** The values that the registry knows; the shell's own stay here. */
  const own = () => (declared || !usesDevice ? values : Object.fromEntries(Object.entries(values).filter(([name]) => name !== deviceControl.name)));

  /** Mends what was asked for, shows it, writes the address, and lets the demo answer. */
  function apply(changes, { silent = false } = {}) {
    const before = values;
    const device = specOf("device") && { device: knownDevice(changes.device ?? values.device) };
    values = { ...values, ...changes };
    const mended = JSON.parse(page.complete(demo.name, JSON.stringify(own())));
    values = { ...mended.values, ...device };
    note("mended", mended.notes);
    panel.show(values);
    lineOfImages?.used(usesImages());
    if (!silent) services.touched(demo.name);
    if (!prepared) return;
    if (!training) return sketch();
    const moved = specs.filter((spec) => !same(before[spec.name], values[spec.name]));
    if (moved.some((spec) => spec.effect === "restart")) restartSoon();
    else if (moved.length > 0) work.set(own(), values.device ?? "cpu");
  }
  const knownDevice = (device) => (deviceControl.options.some(({ value }) => value === device) ? device : deviceControl.default);

  /** The first picture. A sketch costs nothing; a training is started when it comes near. */
  function prepare() {
    if (prepared) return;
    prepared = true;
    if (demo.shows_model) {
      services.models.listen(showModel);
      services.models.ready.then(showModel);
    }
    if (!training) return sketch();
    work.set(own(), values.device ?? "cpu");
    if (source) source.first();
    else work.ensure();
  }

  const actions = {
    play: () => work.play(),
    pause: () => work.pause(),
    step: () => work.step(),
    run: () => work.runThrough(),
    cancel: () => work.pause(),
    reset: () => (training && !answers ? work.reset() : apply(defaults(specs))),
    restart: () => (training ? work.reset() : sketch()),
  };

  // The pointer writes lists; several moves in a frame become one change.
  const flush = oncePerFrame(() => {
    const changes = pending;
    pending = {};
    apply(changes);
  });
  for (const canvas of places.canvases) {
    pointer(canvas, {
      about: () => places.about(canvas),
      map: () => places.map(canvas),
      list: (control) => pending[control] ?? values[control] ?? [],
      spec: specOf,
      set(control, list) {
        pending[control] = list;
        flush();
      },
    });
  }

  new IntersectionObserver(
    (entries) => {
      // Out and in again between two calls are two entries: the newest counts.
      visible = entries[entries.length - 1].isIntersecting;
      if (!visible) return;
      prepare();
      decodeSoon();
    },
    { rootMargin: NEARBY },
  ).observe(element);

  state(training ? "idle" : "loading");
  panel.show(values);
  return {
    demo,
    element,
    specs,
    prepare,
    values: () => values,
    hidden: () => hidden,
    redraw: places.redraw,
    /** What an address says: values from their defaults, and controls to hide. */
    address(given, hide) {
      hidden = hide;
      panel.hide(hide);
      apply({ ...defaults(specs), ...given }, { silent: true });
    },
  };
}

/** Says the newest text, but not faster than it can be read. */
function slowly(say) {
  let due = 0;
  let timer = 0;
  return (text) => {
    clearTimeout(timer);
    const wait = due - performance.now();
    const now = () => {
      due = performance.now() + WORDS_EVERY_MS;
      say(text);
    };
    if (wait <= 0) now();
    else timer = setTimeout(now, wait);
  };
}
