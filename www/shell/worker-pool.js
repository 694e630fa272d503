/** The workers of the page: opened when needed, and no more alive than a machine of two cores can bear. */

/** @import { Assets, Device, FromWorker, ToWorker, Values } from "./types.js" */

const MOST_ALIVE = 4;

/**
 * @typedef {{ device: Device, post: (message: ToWorker) => void, end: () => void,
 *   listen: (listener: (message: FromWorker) => void) => void }} WorkerHandle  a worker with its engine open; `listen` replaces the listener
 * @typedef {{ used: number, spare: () => boolean, release: () => Promise<void> }} Member  whoever may hold a worker; `used`: when last,
 *   `spare`: the worker has nothing to do, `release`: gives it up
 * @typedef {ReturnType<typeof workerPool>} Pool
 */

/**
 * Starts a worker and opens its device. After a failure it sends nothing any more: end it.
 * @param {Device} device
 * @param {WebAssembly.Module} module
 * @returns {Promise<WorkerHandle>}
 */
export function openWorker(device, module) {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  /** @param {ToWorker} message */
  const post = (message) => worker.postMessage(message);
  return new Promise((resolve, reject) => {
    /** @param {FromWorker} message */
    let listener = (message) => {
      if (message.type === "failed") reject(new Error(message.sentence));
      if (message.type !== "opened") return;
      resolve({ device, post, end: () => worker.terminate(), listen: (next) => (listener = next) });
    };
    worker.onmessage = ({ data }) => listener(data);
    worker.onerror = (event) => {
      event.preventDefault();
      listener({ type: "failed", run: -1, sentence: event.message || "The worker could not be started", where: "worker" });
    };
    post({ type: "open", device, module, cores: navigator.hardwareConcurrency || 1 });
  });
}

/**
 * Milliseconds per step of a demo in a worker.
 * @param {WorkerHandle} worker
 * @param {string} demo
 * @param {Values} values
 * @param {Assets} assets
 * @param {number} patience milliseconds after which the device counts as too slow
 * @returns {Promise<number>}
 */
export function probe(worker, demo, values, assets, patience) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("took too long")), patience);
    worker.listen((message) => {
      clearTimeout(timer);
      if (message.type === "probed") resolve(message.msPerStep);
      if (message.type === "failed") reject(new Error(message.sentence));
    });
    worker.post({ type: "probe", run: 0, demo, values, assets });
  });
}

/** Keeps the number of workers small: where there are too many, those that were not used for longest are given up. */
export function workerPool() {
  /** @type {Set<Member>} */
  const alive = new Set();
  return {
    /** Makes room for a member's worker. @param {Member} member */
    async join(member) {
      member.used = performance.now();
      alive.add(member);
      const spare = [...alive].filter((other) => other !== member && other.spare()).sort((a, b) => a.used - b.used);
      for (const oldest of spare.slice(0, Math.max(alive.size - MOST_ALIVE, 0))) {
        alive.delete(oldest);
        await oldest.release();
      }
    },
    /** @param {Member} member */
    left: (member) => void alive.delete(member),
  };
}
