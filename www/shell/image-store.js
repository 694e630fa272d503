/**
 * The user's own images: IDX files as they were given, kept in the browser, so that every demo that learns from them and the next
 * visit find them.
 */

/** @import { Storage } from "./storage.js" */

/** The keys: both files, and the sentence about them, which is read without them. */
const IMAGES = "images";
const LABELS = "labels";
const DESCRIPTION = "images-told";
/** Larger files are kept only as long as the page. */
const MOST_KEPT_BYTES = 64e6;

/** @typedef {{ images?: Uint8Array, labels?: Uint8Array }} Files  as a run is given them; empty where there are none */
/** @typedef {ReturnType<typeof imageStore>} ImageStore */

/** The kept images of this browser. @param {Storage} storage */
export function imageStore(storage) {
  let description = "";
  /** The files, once they were given or read. @type {Promise<Files> | null} */
  let files = null;
  /** @type {Set<() => void>} */
  const listeners = new Set();

  const ready = storage.get(DESCRIPTION).then(([kept]) => {
    if (!files && typeof kept === "string") description = kept;
  });
  /** @returns {Promise<Files>} */
  async function read() {
    const [images, labels] = await storage.get(IMAGES, LABELS);
    if (!(images instanceof Uint8Array)) return {};
    return labels instanceof Uint8Array ? { images, labels } : { images };
  }
  /** @param {Files} given @param {string} sentence */
  function replace(given, sentence) {
    files = Promise.resolve(given);
    description = sentence;
    listeners.forEach((listener) => listener());
  }
  const clear = () => storage.put({ [IMAGES]: null, [LABELS]: null, [DESCRIPTION]: "" });

  return {
    /** Settles when it is known what an earlier visit kept; never rejects. */
    ready,
    /** One sentence about the images; empty where there are none. */
    description: () => description,
    /** @returns {Promise<Files>} */
    async files() {
      await ready;
      if (description === "") return {};
      files ??= read();
      return files;
    },
    /**
     * Keeps other files; true when the next visit will find them.
     * @param {{ images: Uint8Array, labels?: Uint8Array }} given
     * @param {string} sentence
     */
    async keep(given, sentence) {
      replace(given, sentence);
      const small = given.images.length + (given.labels?.length ?? 0) <= MOST_KEPT_BYTES;
      // Older files must not come back beside a sentence about others.
      if (!small) await clear();
      return small && storage.put({ [IMAGES]: given.images, [LABELS]: given.labels ?? null, [DESCRIPTION]: sentence });
    },
    forget() {
      replace({}, "");
      clear();
    },
    /** Calls `listener` whenever there are other images, or none any more. @param {() => void} listener */
    listen: (listener) => void listeners.add(listener),
  };
}
