/**
 * The engine of a run together with the lane workers that share it. The numbers are those of the engine alone, whatever the number of
 * workers: each computes its lanes, and every one is given what all of them report.
 */

import { workersFor } from "./cores.js";
import { start } from "./engine.js";

/** @import { Engine } from "./engine.js" */
/** @import { Assets, FromLaneWorker, ToLaneWorker, Values } from "./types.js" */

/**
 * @typedef {{ ask: (message: ToLaneWorker) => Promise<any>, send: (message: ToLaneWorker) => void, end: () => void }} LaneWorker
 */

/** @param {WebAssembly.Module} module @returns {Promise<LaneWorker>} */
async function openLaneWorker(module) {
  const worker = new Worker(new URL("./lane-worker.js", import.meta.url), { type: "module" });
  let answer = (/** @type {FromLaneWorker} */ _) => {};
  worker.onmessage = ({ data }) => answer(data);
  worker.onerror = (event) => {
    event.preventDefault();
    answer({ type: "failed", sentence: event.message || "A further worker could not be started" });
  };
  /** @type {LaneWorker} */
  const opened = {
    send: (message) => worker.postMessage(message),
    ask: (message) =>
      new Promise((resolve, reject) => {
        answer = (data) => (data.type === "failed" ? reject(new Error(data.sentence)) : resolve(data));
        opened.send(message);
      }),
    end: () => worker.terminate(),
  };
  try {
    await opened.ask({ type: "open", module });
  } catch (error) {
    opened.end();
    throw error;
  }
  return opened;
}

export class SharedEngine {
  #engine;
  #module;
  #cores;
  /** @type {LaneWorker[]} */
  #others = [];

  /** @param {Engine} engine @param {{ device: string, module: WebAssembly.Module, cores: number }} opened one GPU is never shared */
  constructor(engine, { device, module, cores }) {
    this.#engine = engine;
    this.#module = module;
    this.#cores = device === "cpu" && typeof Worker === "function" ? cores : 1;
  }

  /** How many workers compute. */
  get size() {
    return this.#others.length + 1;
  }

  /** @param {{ demo: string, values: Values, assets: Assets }} run */
  async start({ demo, values, assets }) {
    start(this.#engine, { demo, values, assets });
    await this.#open(workersFor(this.#engine.lanes(), this.#cores));
    const of = this.size;
    this.#engine.share(0, of);
    await Promise.all(this.#others.map((worker, i) => worker.ask({ type: "start", demo, values, assets, index: i + 1, of })));
  }

  /** Opens or ends lane workers until `wanted` workers share the run. @param {number} wanted */
  async #open(wanted) {
    for (const surplus of this.#others.splice(wanted - 1)) surplus.end();
    const missing = wanted - this.size;
    const opened = await Promise.allSettled(Array.from({ length: missing }, () => openLaneWorker(this.#module)));
    for (const one of opened) if (one.status === "fulfilled") this.#others.push(one.value);
    if (this.size === wanted) return;
    // This browser opens no workers inside a worker: one does everything, only slower.
    for (const worker of this.#others.splice(0)) worker.end();
    this.#cores = 1;
  }

  /** A live control moved. @param {Values} values */
  set(values) {
    this.#engine.set(JSON.stringify(values));
    for (const worker of this.#others) worker.send({ type: "set", values });
  }

  /** `steps` steps without a snapshot; returns how many there were. @param {number} steps */
  async step(steps) {
    const theirs = Promise.allSettled(this.#others.map((worker) => worker.ask({ type: "step", steps })));
    const made = await this.#engine.step(steps);
    for (const one of await theirs) if (one.status === "rejected") throw one.reason;
    return made;
  }

  /** `steps` steps, then the snapshot's bytes. @param {number} steps @returns {Promise<Uint8Array>} */
  async advance(steps) {
    if (this.size === 1) return this.#engine.advance(steps);
    const theirs = Promise.allSettled(this.#others.map((worker) => worker.ask({ type: "report", steps })));
    const parts = [await this.#engine.report(steps)];
    for (const one of await theirs) {
      if (one.status === "rejected") throw one.reason;
      parts.push(one.value.bytes);
    }
    for (const worker of this.#others) worker.send({ type: "merge", parts });
    this.#engine.merge(parts);
    return this.#engine.snapshot();
  }
}
