/**
 * The run of one demo as a pure function: a state and an event give the next state and what is to be done. No page, no worker, no clock.
 */

import { nameOf } from "./engines.js";

/** @import { Adapter } from "./engines.js" */
/** @import { Assets, Device, FromWorker, Journal, Snapshot, ToWorker, Values } from "./types.js" */

/** A run of fewer steps does not take the place of a trained model. */
const LEAST_STEPS = 20;

/**
 * @typedef {"idle" | "loading" | "running" | "paused" | "done" | "failed"} Phase
 * @typedef {"idle" | "playing" | "step"} Next  what a run does once its first snapshot is there
 * @typedef {{ cpu: number, webgpu: number, device: Device }} Measured  milliseconds a step on each device, and the faster device
 *
 * @typedef {ReturnType<typeof initial>} State
 *
 * @typedef {{ type: "set", values: Values, device: string, visible: boolean }
 *   | { type: "restart", values: Values, device: string, visible: boolean }
 *   | { type: "begin", model: Uint8Array | null }
 *   | { type: "load", model: Uint8Array, why: string }
 *   | { type: "play" | "pause" | "step" | "reset" | "through" }} UserEvent  `through`: from the beginning to the end
 * @typedef {{ type: "progress", run: number, words: string }
 *   | { type: "decided", run: number, sentence: string, adapter: Adapter | null }
 *   | { type: "measured", measured: Measured, sentences: string[] }
 *   | { type: "worker", device: Device | null }
 *   | { type: "started", run: number, assets: Assets, steps: number }
 *   | { type: "leaving" } | { type: "asleep", run: number, journal: Journal }} WorkerEvent  `steps`: to be computed again
 * @typedef {UserEvent | WorkerEvent | FromWorker} Event
 *
 * @typedef {{ do: "launch", run: number, device: Device | null, choice: string, measured: Measured | null, values: Values, assets: Assets, journal: Journal | null }
 *   | { do: "post", message: ToWorker }
 *   | { do: "end" }
 *   | { do: "answer", bytes: Uint8Array | null }
 *   | { do: "keep", model: Uint8Array }
 *   | { do: "refused", sentence: string }} Effect  `launch`: its device, or null where the choice decides; `answer`: whoever waits for weights
 * @typedef {{ state: State, effects: Effect[] }} Step
 */

/**
 * The state before any run. Of the demo: `device`: it may compute on WebGPU, `rate`: its steps per second mean something, `gives`: its
 * model serves other demos.
 * @param {{ device: boolean, rate: boolean, gives: boolean }} demo
 */
export const initial = (demo) => ({
  demo,
  phase: /** @type {Phase} */ ("idle"),
  // The phase for a reader.
  words: "idle",
  notes: /** @type {string[]} */ ([]),
  // Counts runs: an event of an older one changes nothing.
  run: 0,
  // The device of the open worker.
  worker: /** @type {Device | null} */ (null),
  // The worker was given up, and its journal is on the way.
  leaving: false,
  // What a run did whose worker was given up.
  journal: /** @type {Journal | null} */ (null),
  // Pause was pressed, and the worker has not answered yet.
  pausing: false,
  next: /** @type {Next} */ ("idle"),
  values: /** @type {Values} */ ({}),
  // Of the device: auto, cpu or webgpu.
  choice: "auto",
  // What the present run began with, and what every new run begins with.
  began: { values: /** @type {Values} */ ({}), assets: /** @type {Assets} */ ({}), why: "" },
  base: /** @type {Assets} */ ({}),
  steps: 0,
  // The GPU failed: this demo stays on the CPU until a user chooses again.
  onlyCpu: false,
  adapter: /** @type {Adapter | null} */ (null),
  measured: /** @type {Measured | null} */ (null),
  // The newest weights of this run, and whether it has none to save.
  saved: /** @type {{ bytes: Uint8Array, steps: number } | null} */ (null),
  weightless: false,
  // What the newest snapshot was computed on, for a read-out and for the row of buttons.
  device: "",
  computedOn: "",
});

/** Whether its weights are saved every so often: for other demos, or because a GPU may be lost. @param {State} state */
export const autosaves = ({ phase, worker, demo, weightless }) => phase === "running" && (worker === "webgpu" || demo.gives) && !weightless;

/** Whether its worker has nothing to do. @param {State} state */
export const rests = ({ phase }) => phase === "idle" || phase === "paused" || phase === "done";

/**
 * The next state and the effects of an event, in their order.
 * @param {State} state
 * @param {Event} event
 * @returns {Step}
 */
export function reduce(state, event) {
  // A worker that fails as a whole knows no run.
  const stale = "run" in event && event.run !== state.run && event.run !== -1;
  const handler = /** @type {((state: State, event: any) => Step) | undefined} */ (handlers[/** @type {keyof typeof handlers} */ (event.type)]);
  return stale || !handler ? to(state) : handler(state, event);
}

/** @param {State} state @param {...Effect} effects @returns {Step} */
const to = (state, ...effects) => ({ state, effects });
/** @param {State} state @param {Phase} phase @param {string} [words] @returns {State} */
const enter = (state, phase, words = phase) => ({ ...state, phase, words, pausing: false });
/** @param {State} state @param {"play" | "pause" | "step" | "save"} type @returns {Effect} */
const press = (state, type) => ({ do: "post", message: { type, run: state.run } });
/** @param {State} state @returns {Effect} */
const sendValues = (state) => ({ do: "post", message: { type: "set", run: state.run, values: state.values } });
/** @param {State} state @returns {Effect} */
const answer = (state) => ({ do: "answer", bytes: state.saved?.bytes ?? null });
/** @param {State} state */
const goesOn = (state) => state.phase === "running" && !state.pausing;
/** @param {State} state */
const asleep = (state) => state.journal !== null || state.leaving;

/**
 * A new run, from the demo's base and the present values unless said otherwise.
 * @param {State} state
 * @param {Next} next
 * @param {{ assets?: Assets, values?: Values, journal?: Journal | null, why?: string }} [from]
 */
function launch(state, next, { assets = state.base, values = state.values, journal = null, why = "" } = {}) {
  const { demo, choice, measured } = state;
  const run = state.run + 1;
  // Auto asks for a GPU only once somebody wants to play: looking costs nothing. A run that ends is over before both are timed.
  const onCpu = !demo.device || state.onlyCpu || (choice === "auto" && !measured && (next !== "playing" || !demo.rate));
  const begun = { ...state, run, next, journal, leaving: false, weightless: false, notes: [why], began: { values, assets, why } };
  const effect = /** @type {Effect} */ ({ do: "launch", run, device: onCpu ? "cpu" : null, choice, measured, values, assets, journal });
  return to(enter(begun, "loading", "starting"), answer(state), effect);
}

/** The same beginning again, perhaps on another device. @param {State} state @param {Next} next */
const again = (state, next) => launch(state, next, state.run > 0 ? { assets: state.began.assets, why: state.began.why } : {});

/** Goes on with a run whose worker was given up, as soon as its journal is there. @param {State} state @param {Next} next */
function wake(state, next) {
  const { journal, began } = state;
  return journal ? launch(state, next, { ...began, journal }) : to({ ...enter(state, "loading", "starting"), next });
}

/** The first snapshot is there: on to what was asked for while the run was loading. @param {State} state @param {boolean} done */
function settle(state, done) {
  const { began, demo, steps, next, values } = state;
  /** @type {Effect[]} */
  const effects = began.values === values ? [] : [sendValues(state)];
  if (demo.gives && began.assets.model && steps === 0) effects.push({ do: "keep", model: began.assets.model });
  if (done) return to(enter(state, "done"), ...effects);
  if (next === "playing") return to(enter(state, "running"), ...effects, press(state, "play"));
  if (next === "step") return to({ ...enter(state, "paused"), next: "idle" }, ...effects, press(state, "step"));
  return to(enter(state, steps > 0 ? "paused" : "idle"), ...effects);
}

/** A lost GPU is answered by the CPU, from the last saved weights; after any other failure the user decides. @param {State} state @param {string} sentence */
function fail(state, sentence) {
  const { worker, choice, onlyCpu, demo, saved, base } = state;
  const lost = worker === "webgpu" || (choice === "webgpu" && !onlyCpu && demo.device);
  const ended = { ...state, worker: null, journal: null };
  if (!lost) return to({ ...enter(ended, "failed"), notes: [sentence] }, { do: "end" }, answer(state));
  const rest = saved ? `goes on from the weights of step ${saved.steps}` : "begins again";
  const why = `WebGPU failed (${sentence.replace(/\.$/, "")}). The CPU ${rest}; Reset begins anew.`;
  const next = launch({ ...ended, onlyCpu: true }, goesOn(state) ? "playing" : state.next, { assets: saved ? { model: saved.bytes } : base, why });
  return to(next.state, { do: "end" }, ...next.effects);
}

/** The model that the run was given does not fit: it begins without one. @param {State} state @param {string} sentence */
function refuse(state, sentence) {
  const next = launch({ ...state, worker: null, saved: null, base: {} }, state.next);
  return to(next.state, { do: "end" }, { do: "refused", sentence }, ...next.effects);
}

/** @param {State} state @returns {Step} */
function play(state) {
  const now = /** @type {State} */ ({ ...state, next: "playing" });
  if (state.phase === "loading" || goesOn(state)) return to(now);
  if (asleep(state)) return wake(now, "playing");
  const untimed = state.demo.device && state.demo.rate && state.choice === "auto" && !state.measured && !state.onlyCpu && state.steps === 0;
  if (!state.worker || untimed || state.phase === "failed") return again(now, "playing");
  return to(enter(now, "running"), press(now, "play"));
}

/** @type {{ [T in Exclude<Event["type"], "opened" | "probed" | "stopped">]: (state: State, event: Extract<Event, { type: T }>) => Step }} */
const handlers = {
  /** Values that act during a run, or those before the first run. */
  set(state, { values, device, visible }) {
    const now = { ...state, values, choice: device };
    // A run that is loading gets them with its first snapshot.
    if (state.phase === "loading") return to(now);
    if (asleep(state)) return visible ? wake(now, "idle") : to(now);
    return state.worker ? to(now, sendValues(now)) : to(now);
  },
  /** Values that need a new run; a run that goes on runs again. */
  restart(state, { values, device }) {
    const chosen = device === state.choice ? state : { ...state, onlyCpu: false, measured: null };
    const now = { ...chosen, values, choice: device, saved: null };
    const plays = goesOn(state) || (state.phase === "loading" && state.next === "playing");
    return state.run > 0 ? launch(now, plays ? "playing" : "idle") : to(now);
  },
  /** Shows the beginning; from now on every run starts from this model, or from none. */
  begin: (state, { model }) => launch({ ...state, base: model ? { model } : {} }, "idle"),
  /** A run from these weights. */
  load: (state, { model, why }) => launch({ ...state, saved: null }, "idle", { assets: { model }, why }),
  reset: (state) => launch({ ...state, saved: null }, "idle"),
  through: (state) => (state.phase === "idle" && state.worker && state.steps === 0 ? play(state) : launch(state, "playing")),
  play,
  pause(state) {
    const now = /** @type {State} */ ({ ...state, next: "idle" });
    return goesOn(state) ? to({ ...now, pausing: true, words: "pausing" }, press(now, "pause")) : to(now);
  },
  step(state) {
    if (state.phase === "loading") return to({ ...state, next: "step" });
    if (asleep(state)) return wake(state, "step");
    return state.worker ? to({ ...enter(state, "paused"), next: "idle" }, press(state, "step")) : again(state, "step");
  },

  progress: (state, { words }) => to(enter(state, "loading", words)),
  decided: (state, { sentence, adapter }) => to({ ...state, adapter, notes: [state.began.why, sentence] }),
  measured: (state, { measured, sentences }) => to({ ...state, measured, notes: sentences.length > 0 ? sentences : state.notes }),
  worker: (state, { device }) => (device ? to({ ...state, worker: device }) : to({ ...state, worker: null }, answer(state))),
  started(state, { assets, steps }) {
    const words = steps > 0 ? `computing ${steps} steps again` : state.words;
    return to({ ...state, words, steps: 0, journal: null, began: { ...state.began, assets } });
  },
  leaving: (state) => to({ ...state, worker: null, leaving: true }, answer(state)),
  asleep(state, { journal }) {
    const now = { ...state, leaving: false, journal };
    return state.phase === "loading" ? wake(now, state.next) : to(now);
  },

  snapshot(state, message) {
    const device = state.worker ? nameOf(state.worker) : "";
    const now = { ...state, steps: message.steps, device, computedOn: computedOn(state, device, message) };
    if (state.phase === "loading") return message.status === "failed" ? to(enter(now, "failed")) : settle(now, message.status === "done");
    // The run diverged and went back to its last good weights. It waits; Play goes on from there.
    if (message.status === "failed") return to(enter(now, "paused"));
    if (message.status === "done") return to(enter(now, "done"));
    // A live value gave a run that was done more to do.
    return to(state.phase === "done" ? enter(now, state.next === "playing" ? "running" : "paused") : now);
  },
  paused: (state) => to(state.pausing ? enter(state, "paused") : state, ...(state.demo.gives ? [press(state, "save")] : [])),
  saved(state, { bytes }) {
    if (bytes.length === 0) return to({ ...state, weightless: true }, answer(state));
    const now = { ...state, saved: { bytes, steps: state.steps } };
    const keep = state.demo.gives && state.steps >= LEAST_STEPS;
    return to(now, .../** @type {Effect[]} */ (keep ? [{ do: "keep", model: bytes }] : []), answer(now));
  },
  failed: (state, { where, sentence }) => (where === "start" && state.began.assets.model ? refuse(state, sentence) : fail(state, sentence)),
};

/** What computes, for a reader. @param {State} state @param {string} device @param {Snapshot} snapshot */
function computedOn({ worker, adapter, measured, demo }, device, { stepsPerSecond: rate, workers }) {
  const parts = [device];
  if (worker === "webgpu" && adapter) parts[0] += ` (${adapter.name}${adapter.software ? ", software" : ""})`;
  if (workers > 1) parts.push(`${workers} workers`);
  if (rate > 0 && demo.rate) parts.push(`${rate >= 10 ? Math.round(rate) : rate.toFixed(1)} steps/s`);
  if (measured) {
    const figure = (/** @type {number} */ ms) => (Number.isFinite(ms) ? `${ms.toPrecision(2)} ms` : "–");
    parts.push(`probe: CPU ${figure(measured.cpu)}, WebGPU ${figure(measured.webgpu)} a step`);
  }
  return parts.join(" · ");
}
