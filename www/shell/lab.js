/** The engine inside a worker: how it is opened, how a run begins in it, and what its failures say. */

/** What the engine's panic hook said last: the trap that follows a panic carries no words. */
let panic = "";
globalThis.reportPanic = (text) => (panic = text);
/** Names of assets that the engine holds. */
let brought = [];

/**
 * The exports of the engine for a device, and the name of the device that it opened.
 * @param {"cpu" | "webgpu"} device
 * @param {WebAssembly.Module} module
 */
export async function openEngine(device, module) {
  const folder = device === "webgpu" ? "engine-gpu" : "engine-cpu";
  const engine = await import(`../${folder}/engine.js`);
  await engine.default({ module_or_path: module });
  return { engine, device: await engine.open() };
}

/** Starts a demo from values and assets; what an earlier run was brought and this one is not, goes. */
export function begin(engine, { demo, values, assets }) {
  for (const name of brought) if (!(name in assets)) engine.asset(name, new Uint8Array());
  brought = Object.keys(assets);
  for (const name of brought) engine.asset(name, assets[name]);
  engine.start(demo, JSON.stringify(values));
}

/** The sentence of a failure. */
export const wordsOf = (error) =>
  error instanceof WebAssembly.RuntimeError ? panic || error.message : (error?.message ?? String(error));
