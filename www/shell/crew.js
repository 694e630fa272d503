/** The workers of the page: opened when wanted, and no more alive than a machine of two cores can bear. */

import { fromWorker, known, toWorker } from "./messages.js";

const MOST_ALIVE = 4;

/**
 * @typedef {{ device: "cpu" | "webgpu",
 *   post: (message: import("./messages.js").ToWorker) => void, end: () => void,
 *   listen: (hear: (message: import("./messages.js").FromWorker) => void) => void }} Hands  a worker with its engine open
 */

/**
 * Starts a worker and opens its device. After a failure it hears nothing any more: discard it.
 * @param {"cpu" | "webgpu"} device
 * @param {WebAssembly.Module} module
 * @returns {Promise<Hands>}
 */
export function openWorker(device, module) {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const post = (message) => worker.postMessage(known(toWorker, message));
  return new Promise((resolve, reject) => {
    let hear = (message) => {
      if (message.type === "failed") reject(new Error(message.sentence));
      if (message.type !== "opened") return;
      resolve({ device, post, end: () => worker.terminate(), listen: (next) => (hear = next) });
    };
    worker.onmessage = ({ data }) => hear(known(fromWorker, data));
    worker.onerror = (event) => {
      event.preventDefault();
      const text = event.message || "The worker could not be started";
      hear({ type: "failed", run: -1, sentence: text, where: "worker" });
    };
    post({ type: "open", device, module, cores: navigator.hardwareConcurrency || 1 });
  });
}

/**
 * Milliseconds per step of a demo on open hands.
 * @param {Hands} hands
 * @param {string} demo
 * @param {import("./messages.js").Values} values
 * @param {Record<string, Uint8Array>} assets
 * @param {number} patience milliseconds after which the device counts as too slow
 * @returns {Promise<number>}
 */
export function probe(hands, demo, values, assets, patience) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("took too long")), patience);
    hands.listen((message) => {
      clearTimeout(timer);
      if (message.type === "probed") resolve(message.msPerStep);
      if (message.type === "failed") reject(new Error(message.sentence));
    });
    hands.post({ type: "probe", run: 0, demo, values, assets });
  });
}

/**
 * Keeps the number of workers small: who asks for room makes the longest unused one give up its worker.
 * @typedef {{ used: number, spare: () => boolean, release: () => Promise<void> }} Member
 */
export function crew() {
  /** @type {Set<Member>} */
  const alive = new Set();
  return {
    async room(member) {
      member.used = performance.now();
      alive.add(member);
      const spare = [...alive].filter((other) => other !== member && other.spare());
      spare.sort((a, b) => a.used - b.used);
      while (alive.size > MOST_ALIVE && spare.length > 0) {
        const oldest = spare.shift();
        alive.delete(oldest);
        await oldest.release();
      }
    },
    left: (member) => alive.delete(member),
  };
}
