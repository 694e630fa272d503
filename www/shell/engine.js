/** The engine inside a worker: how it is opened, how a run starts in it, and what its failures say. */

/** @import { Assets, Device, Status } from "./types.js" */

/**
 * @typedef {object} Engine  the exports of the engine's module
 * @property {() => Promise<string>} open
 * @property {(name: string, bytes: Uint8Array) => void} asset
 * @property {(demo: string, values: string) => void} start
 * @property {(values: string) => void} set
 * @property {(steps: number) => Promise<number>} step without a snapshot; fewer steps where the run has ended
 * @property {(steps: number) => Promise<Uint8Array>} advance
 * @property {() => Status} status
 * @property {() => Promise<Uint8Array>} save
 * @property {() => number} lanes parts of the run that know nothing of each other
 * @property {(index: number, of: number) => void} share builds the lanes of this worker, right after `start`
 * @property {(steps: number) => Promise<Uint8Array>} report
 * @property {(parts: Uint8Array[]) => void} merge takes what every worker reported
 * @property {() => Uint8Array} snapshot of what was merged last
 */

/** What the engine's panic hook said last: the trap that follows a panic carries no message. */
let panic = "";
Object.assign(globalThis, { reportPanic: (/** @type {string} */ text) => (panic = text) });
/** Names of the assets that the engine holds. @type {string[]} */
let held = [];

/** The engine for a device, opened. @param {Device} device @param {WebAssembly.Module} module @returns {Promise<Engine>} */
export async function openEngine(device, module) {
  const folder = device === "webgpu" ? "engine-gpu" : "engine-cpu";
  const engine = await import(`../${folder}/engine.js`);
  await engine.default({ module_or_path: module });
  await engine.open();
  return engine;
}

/** Starts a demo; assets of an earlier run that this one is not given are dropped. @param {Engine} engine @param {{ demo: string, values: object, assets: Assets }} run */
export function start(engine, { demo, values, assets }) {
  for (const name of held) if (!(name in assets)) engine.asset(name, new Uint8Array());
  held = Object.keys(assets);
  for (const name of held) engine.asset(name, assets[name]);
  engine.start(demo, JSON.stringify(values));
}

/** The sentence of a failure. @param {any} error @returns {string} */
export const sentenceOf = (error) => (error instanceof WebAssembly.RuntimeError ? panic || error.message : (error?.message ?? String(error)));
