/**
 * Every word that the page, its workers and their helpers say to each other. `run` is a counter: what belongs to an older run is dropped.
 *
 * @typedef {Record<string, number | string | number[]>} Values  a value for every control of a demo
 * @typedef {{ steps: number, sets: [number, Values][] }} Journal  what happened in a run: how far it went, and which live
 *   values came after how many steps. The same start and the same journal give the same run.
 *
 * Page to worker:
 * @typedef {{ type: "open", device: "cpu" | "webgpu", module: WebAssembly.Module, cores: number }} Open
 * @typedef {{ type: "start", run: number, demo: string, values: Values, assets: Record<string, Uint8Array>, journal: Journal | null }} Start
 * @typedef {{ type: "set", run: number, values: Values }} Set
 * @typedef {{ type: "play" | "pause" | "step" | "save" | "stop", run: number }} Press
 * @typedef {{ type: "probe", run: number, demo: string, values: Values, assets: Record<string, Uint8Array> }} Probe
 * @typedef {Open | Start | Set | Press | Probe} ToWorker
 *
 * Worker to page:
 * @typedef {{ type: "opened", device: string }} Opened
 * @typedef {{ type: "snapshot", run: number, bytes: Uint8Array, steps: number, stepsPerSecond: number, elapsedMs: number, workers: number, done: boolean, halted: boolean }} Snapshot
 * @typedef {{ type: "paused", run: number }} Paused
 * @typedef {{ type: "probed", run: number, msPerStep: number }} Probed
 * @typedef {{ type: "saved", run: number, bytes: Uint8Array }} Saved
 * @typedef {{ type: "stopped", run: number, journal: Journal }} Stopped
 * @typedef {{ type: "failed", run: number, sentence: string, where: string }} Failed
 * @typedef {Opened | Snapshot | Paused | Probed | Saved | Stopped | Failed} FromWorker
 *
 * Worker to helper, where workers share a run; `open`, `start` and `report` are questions:
 * @typedef {{ type: "open", module: WebAssembly.Module }} OpenHelper
 * @typedef {{ type: "start", demo: string, values: Values, assets: Record<string, Uint8Array>, index: number, of: number }} StartShare
 * @typedef {{ type: "report", steps: number }} AskReport
 * @typedef {{ type: "set", values: Values }} SetShare
 * @typedef {{ type: "hear", parts: Uint8Array[] }} Hear  what every worker reported, in the workers' order
 * @typedef {OpenHelper | StartShare | AskReport | SetShare | Hear} ToHelper
 *
 * Helper to worker, one to each question:
 * @typedef {{ type: "ready" } | { type: "report", bytes: Uint8Array } | { type: "failed", sentence: string }} FromHelper
 */

/** What a worker understands. */
export const toWorker = Object.freeze(["open", "start", "set", "play", "pause", "step", "save", "stop", "probe"]);

/** What a helper understands. */
export const toHelper = Object.freeze(["open", "start", "report", "set", "hear"]);

/** What the page understands. */
export const fromWorker = Object.freeze(["opened", "snapshot", "paused", "probed", "saved", "stopped", "failed"]);

/**
 * The message itself, when it is one of `words`; a word that nobody listed is a bug and throws.
 * @template {{ type: string }} M
 * @param {readonly string[]} words
 * @param {M} message
 * @returns {M}
 */
export function known(words, message) {
  if (!words.includes(message?.type)) throw new Error(`no message is called “${message?.type}”`);
  return message;
}
