/**
 * What the browser keeps for the page between visits: one table of values by key, for the trained model and for the user's images.
 *
 * Where the browser keeps nothing (private windows, a full disk) everything reads as missing and nothing fails.
 */

/** The database's own names, as older visits wrote them. */
const DATABASE = "executable-lecture";
const TABLE = "models";
/** A database that does not answer must not keep a demo from starting. */
const PATIENCE_MS = 1000;

/** @typedef {ReturnType<typeof storage>} Storage */

/** The table of this browser. */
export function storage() {
  const opened = open().catch(() => null);
  /** @type {Promise<IDBDatabase | null>} */
  const soon = Promise.race([opened, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null))]);
  return {
    /** The values of some keys; `undefined` where there is none. @param {...string} keys @returns {Promise<any[]>} */
    async get(...keys) {
      const database = await soon;
      try {
        const table = /** @type {IDBDatabase} */ (database).transaction(TABLE).objectStore(TABLE);
        return await Promise.all(keys.map((key) => answerOf(table.get(key))));
      } catch {
        return keys.map(() => undefined);
      }
    },
    /** Writes all or nothing; true once it is written. @param {Record<string, any>} entries @returns {Promise<boolean>} */
    async put(entries) {
      const database = await opened;
      if (!database) return false;
      return written(database, entries).catch(() => false);
    },
  };
}

/** @returns {Promise<IDBDatabase>} */
async function open() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => void request.result.createObjectStore(TABLE);
  return answerOf(request);
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answerOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
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
