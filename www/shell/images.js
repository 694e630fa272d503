/**
 * The images that the person brought: IDX files as they were given, kept in the browser, so that every demo that learns from them and the
 * next visit find them.
 */

/** The keys: both files, and the sentence about them, which is read without them. */
const IMAGES = "images";
const LABELS = "labels";
const TOLD = "images-told";
/** Larger files are kept only as long as the page. */
const MOST_KEPT_BYTES = 64e6;

/** @typedef {{ images: Uint8Array, labels?: Uint8Array } | {}} Files  as a run is given them */
/** @typedef {ReturnType<typeof images>} Images */

/** The kept images of this browser. @param {import("./store.js").Store} store */
export function images(store) {
  let told = "";
  /** The files, once they were brought or read. @type {Promise<Files> | null} */
  let files = null;
  const hear = new Set();
  const tell = () => hear.forEach((heard) => heard());

  const ready = store.get(TOLD).then(([sentence]) => {
    if (files || typeof sentence !== "string" || sentence === "") return;
    told = sentence;
  });
  async function read() {
    const [images, labels] = await store.get(IMAGES, LABELS);
    if (!(images instanceof Uint8Array)) return {};
    return labels instanceof Uint8Array ? { images, labels } : { images };
  }

  return {
    /** Settles when it is known what an earlier visit kept; never rejects. */
    ready,
    /** One sentence about the images; empty where there are none. */
    told: () => told,
    /** The files; an empty object where there are none. @returns {Promise<Files>} */
    async files() {
      await ready;
      if (told === "") return {};
      files ??= read();
      return files;
    },
    /**
     * Keeps other files; true when the next visit will find them.
     * @param {{ images: Uint8Array, labels?: Uint8Array }} brought
     * @param {string} sentence
     */
    async keep(brought, sentence) {
      files = Promise.resolve(brought);
      told = sentence;
      tell();
      const small = brought.images.length + (brought.labels?.length ?? 0) <= MOST_KEPT_BYTES;
      // Older files must not come back beside a sentence about others.
      if (!small) await store.put({ [IMAGES]: null, [LABELS]: null, [TOLD]: "" });
      return small && store.put({ [IMAGES]: brought.images, [LABELS]: brought.labels ?? null, [TOLD]: sentence });
    },
    forget() {
      files = Promise.resolve({});
      told = "";
      store.put({ [IMAGES]: null, [LABELS]: null, [TOLD]: "" });
      tell();
    },
    /** Calls `heard` whenever there are other images, or none any more. @param {() => void} heard */
    listen: (heard) => hear.add(heard),
  };
}
