/**
 * The engine of a run together with the helpers that share its lanes. The numbers are those of the engine alone, whatever
 * the number of helpers: each computes its lanes, and all hear what each reports.
 */

import { workersFor } from "./cores.js";
import { begin } from "./lab.js";
import { known, toHelper } from "./messages.js";

/** @typedef {{ ask: (message: any) => Promise<any>, tell: (message: any) => void, end: () => void }} Helper */

/** Opens a helper. @param {WebAssembly.Module} module @returns {Promise<Helper>} */
async function openHelper(module) {
  const worker = new Worker(new URL("./helper.js", import.meta.url), { type: "module" });
  let answer = (_) => {};
  worker.onmessage = ({ data }) => answer(data);
  worker.onerror = (event) => {
    event.preventDefault();
    answer({ type: "failed", sentence: event.message || "A helping worker could not be started" });
  };
  const tell = (message) => worker.postMessage(known(toHelper, message));
  const ask = (message) =>
    new Promise((resolve, reject) => {
      answer = (data) => (data.type === "failed" ? reject(new Error(data.sentence)) : resolve(data));
      tell(message);
    });
  const end = () => worker.terminate();
  try {
    await ask({ type: "open", module });
  } catch (error) {
    end();
    throw error;
  }
  return { ask, tell, end };
}

/**
 * @param {any} engine the exports of an open engine
 * @param {{ device: string, module: WebAssembly.Module, cores: number }} opened one GPU is never shared
 */
export function team(engine, { device, module, cores }) {
  let usable = device === "cpu" && typeof Worker === "function" ? cores : 1;
  /** @type {Helper[]} */
  let helpers = [];

  /** Opens or ends helpers until `wanted` workers share the run. */
  async function employ(wanted) {
    for (const surplus of helpers.splice(wanted - 1)) surplus.end();
    const missing = wanted - 1 - helpers.length;
    const opened = await Promise.allSettled(Array.from({ length: missing }, () => openHelper(module)));
    helpers.push(...opened.filter((one) => one.status === "fulfilled").map((one) => one.value));
    if (helpers.length === wanted - 1) return;
    // This browser opens no workers inside a worker: one does everything, only slower.
    for (const helper of helpers.splice(0)) helper.end();
    usable = 1;
  }

  return {
    /** How many workers compute. */
    size: () => helpers.length + 1,

    /** Starts a demo. @param {{ demo: string, values: object, assets: Record<string, Uint8Array> }} run */
    async start({ demo, values, assets }) {
      begin(engine, { demo, values, assets });
      await employ(workersFor(engine.lanes(), usable));
      const of = helpers.length + 1;
      if (of === 1) return;
      engine.share(0, of);
      await Promise.all(helpers.map((helper, i) => helper.ask({ type: "start", demo, values, assets, index: i + 1, of })));
    },

    /** A live control moved. */
    set(values) {
      engine.set(JSON.stringify(values));
      for (const helper of helpers) helper.tell({ type: "set", values });
    },

    /** `steps` steps, then the snapshot's bytes. @returns {Promise<Uint8Array>} */
    async advance(steps) {
      if (helpers.length === 0) return engine.advance(steps);
      const theirs = Promise.allSettled(helpers.map((helper) => helper.ask({ type: "report", steps })));
      const parts = [await engine.report(steps)];
      for (const { reason, value } of await theirs) {
        if (!value) throw reason;
        parts.push(value.bytes);
      }
      for (const helper of helpers) helper.tell({ type: "hear", parts });
      engine.hear(parts);
      return engine.look();
    },
  };
}
