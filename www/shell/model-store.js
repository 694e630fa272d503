/**
 * The model that the user trained: kept in the browser, so that other slides and the next visit can start from it.
 *
 * Where the browser keeps nothing, the model lives as long as the page. No message says so, since everything on the page goes on working.
 */

/** @import { Storage } from "./storage.js" */

/** The keys: the weights (safetensors bytes), and whether other demos start from them. */
const WEIGHTS = "vae";
const WANTED = "vae-wanted";
/** A database that does not answer must not keep a demo from starting. */
const PATIENCE_MS = 1000;

/** @typedef {ReturnType<typeof modelStore>} ModelStore */

/** The kept model of this browser. @param {Storage} storage */
export function modelStore(storage) {
  /** @type {Uint8Array | null} */
  let weights = null;
  let wanted = true;
  /** What this page did is newer than what the disk remembers. */
  let touched = false;
  /** @type {Set<() => void>} */
  const listeners = new Set();

  const kept = storage.get(WEIGHTS, WANTED).then(([bytes, choice]) => {
    if (touched) return;
    if (bytes instanceof Uint8Array && bytes.length > 0) weights = bytes;
    wanted = choice !== false;
  });

  return {
    /** Settles when what an earlier visit kept has been read; never rejects. */
    ready: Promise.race([kept, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, undefined))]),
    /** The newest weights, if there are any. The same array as long as no other was kept. */
    newest: () => weights,
    /** What a demo starts from: the newest weights, unless the user went back to the page's own model. */
    chosen: () => (wanted ? weights : null),
    /** Whether demos are to start from the user's weights. @param {boolean} choice */
    want(choice) {
      touched = true;
      wanted = choice;
      storage.put({ [WANTED]: choice });
    },
    /** @param {Uint8Array} bytes */
    keep(bytes) {
      if (bytes === weights) return;
      touched = true;
      weights = bytes;
      storage.put({ [WEIGHTS]: bytes });
      listeners.forEach((listener) => listener());
    },
    /** Calls `listener` whenever another model is kept. @param {() => void} listener */
    listen: (listener) => void listeners.add(listener),
  };
}
