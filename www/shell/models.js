/**
 * The model that the person trained: kept in the browser, so that other slides and the next visit can start from it.
 *
 * Where the browser keeps nothing (private windows, a full disk) the model lives as long as the page; nobody is told,
 * since nothing on the page stops working.
 */

const DATABASE = "executable-lecture";
const STORE = "models";
/** The keys: the weights (safetensors bytes), and whether other demos start from them. */
const WEIGHTS = "vae";
const WANTED = "vae-wanted";
/** A store that does not answer must not keep a demo from starting. */
const PATIENCE_MS = 1000;

/** @typedef {ReturnType<typeof models>} Models */

/** The kept model of this browser. */
export function models() {
  /** @type {Uint8Array | null} */
  let weights = null;
  let wanted = true;
  /** What this page did is newer than what the disk remembers. */
  let touched = false;
  const hear = new Set();
  const tell = () => hear.forEach((heard) => heard());

  const opened = open().catch(() => null);
  const kept = opened
    .then((database) => database && Promise.all([get(database, WEIGHTS), get(database, WANTED)]))
    .then((kept) => {
      if (!kept || touched) return;
      if (kept[0] instanceof Uint8Array && kept[0].length > 0) weights = kept[0];
      wanted = kept[1] !== false;
    })
    .catch(() => {});

  const write = (key, value) =>
    opened
      .then((database) => database?.transaction(STORE, "readwrite").objectStore(STORE).put(value, key))
      .catch(() => {});
  const want = (choice) => {
    touched = true;
    wanted = choice;
    write(WANTED, choice);
  };

  return {
    /** Settles when what an earlier visit kept has been read; never rejects. */
    ready: Promise.race([kept, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]),
    /** The newest weights, if there are any. The same array as long as no other was kept. */
    newest: () => weights,
    /** What a demo starts from: the newest weights, unless the person went back to the page's own model. */
    chosen: () => (wanted ? weights : null),
    want,
    /** @param {Uint8Array} bytes */
    keep(bytes) {
      if (bytes === weights) return;
      touched = true;
      weights = bytes;
      write(WEIGHTS, bytes);
      tell();
    },
    /** Calls `heard` whenever another model is kept. @param {() => void} heard */
    listen: (heard) => hear.add(heard),
  };
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
    asked.onblocked = () => reject(new Error("the store is held by another page"));
  });
}

/** @param {IDBDatabase} database @param {string} key @returns {Promise<any>} */
function get(database, key) {
  return new Promise((resolve, reject) => {
    const asked = database.transaction(STORE).objectStore(STORE).get(key);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
