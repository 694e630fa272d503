/**
 * The model that the person trained: kept in the browser, so that other slides and the next visit can start from it.
 *
 * Where the browser keeps nothing the model lives as long as the page; nobody is told, since nothing on the page stops working.
 */

/** The keys: the weights (safetensors bytes), and whether other demos start from them. */
const WEIGHTS = "vae";
const WANTED = "vae-wanted";
/** A store that does not answer must not keep a demo from starting. */
const PATIENCE_MS = 1000;

/** @typedef {ReturnType<typeof models>} Models */

/** The kept model of this browser. @param {import("./store.js").Store} store */
export function models(store) {
  /** @type {Uint8Array | null} */
  let weights = null;
  let wanted = true;
  /** What this page did is newer than what the disk remembers. */
  let touched = false;
  const hear = new Set();
  const tell = () => hear.forEach((heard) => heard());

  const kept = store.get(WEIGHTS, WANTED).then(([bytes, choice]) => {
    if (touched) return;
    if (bytes instanceof Uint8Array && bytes.length > 0) weights = bytes;
    wanted = choice !== false;
  });

  return {
    /** Settles when what an earlier visit kept has been read; never rejects. */
    ready: Promise.race([kept, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]),
    /** The newest weights, if there are any. The same array as long as no other was kept. */
    newest: () => weights,
    /** What a demo starts from: the newest weights, unless the person went back to the page's own model. */
    chosen: () => (wanted ? weights : null),
    want(choice) {
      touched = true;
      wanted = choice;
      store.put({ [WANTED]: choice });
    },
    /** @param {Uint8Array} bytes */
    keep(bytes) {
      if (bytes === weights) return;
      touched = true;
      weights = bytes;
      store.put({ [WEIGHTS]: bytes });
      tell();
    },
    /** Calls `heard` whenever another model is kept. @param {() => void} heard */
    listen: (heard) => hear.add(heard),
  };
}
