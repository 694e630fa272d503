/**
 * What the page keeps in the browser: one table of values by key.
 *
 * Where the browser keeps nothing (private windows, a full disk) everything reads as missing and nothing fails.
 */

const DATABASE = "executable-lecture";
const TABLE = "models";
/** A store that does not answer must not keep a demo from starting. */
const PATIENCE_MS = 1000;

/** @typedef {ReturnType<typeof store>} Store */

/** The table of this browser. */
export function store() {
  const opened = open().catch(() => null);
  const soon = Promise.race([opened, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null))]);
  return {
    /** The values of some keys; `undefined` where there is none. @param {...string} keys @returns {Promise<any[]>} */
    async get(...keys) {
      const database = await soon;
      if (!database) return keys.map(() => undefined);
      return Promise.all(keys.map((key) => read(database, key))).catch(() => keys.map(() => undefined));
    },
    /** Writes all or nothing; true once it is written. @param {Record<string, any>} entries @returns {Promise<boolean>} */
    async put(entries) {
      const database = await opened;
      if (!database) return false;
      try {
        return await written(database, entries);
      } catch {
        return false;
      }
    },
  };
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(TABLE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
    asked.onblocked = () => reject(new Error("the store is held by another page"));
  });
}

/** @param {IDBDatabase} database @param {string} key @returns {Promise<any>} */
function read(database, key) {
  return new Promise((resolve, reject) => {
    const asked = database.transaction(TABLE).objectStore(TABLE).get(key);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/** @param {IDBDatabase} database @param {Record<string, any>} entries @returns {Promise<boolean>} */
function written(database, entries) {
  return new Promise((resolve, reject) => {
    const writing = database.transaction(TABLE, "readwrite");
    for (const [key, value] of Object.entries(entries)) writing.objectStore(TABLE).put(value, key);
    writing.oncomplete = () => resolve(true);
    writing.onerror = () => reject(writing.error);
    writing.onabort = () => reject(writing.error);
  });
}
