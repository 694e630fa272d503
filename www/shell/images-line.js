/** Where a demo takes the user's own images: from files, by dropping them, or MNIST from the network. */

import { button, keepingFocus, make, sentence, write } from "./dom.js";
import { fetchMnist, OFFER } from "./mnist.js";

/** @import { ImageStore } from "./image-store.js" */
/** @import { NamedFile } from "./mnist.js" */
/** @import { Page } from "./types.js" */

/** No file larger than this is even read. */
const MOST_BYTES = 2 ** 29;
const NONE = "None yet. IDX files as MNIST has them, gzipped or not: images, and their labels if there are any.";

/**
 * @param {ImageStore} images
 * @param {Page} page
 * @param {() => void} use the user wants the demo to learn from the images
 */
export function imagesLine(images, page, use) {
  let used = false;
  let busy = false;
  const accept = accepting(images, page);
  const said = make("p", { role: "status" });
  const trouble = make("p", { class: "trouble", role: "alert", hidden: true });
  const file = make("input", { type: "file", multiple: true, "data-action": "load-images", autocomplete: "off" });
  const choose = make("label", { class: "file" }, "Choose files", file);
  const take = button("use-images", "Train on them", use);
  const get = button("fetch-images", OFFER, () => attempt(() => fetchMnist(say)));
  const forget = button("forget-images", "Forget them", () => {
    trouble.hidden = true;
    accept.forget();
  });
  const buttons = make("div", { class: "buttons" }, take, choose, get, forget);
  const name = make("p", { class: "name" }, "Your own images");
  const element = make("section", { class: "images-line", "aria-label": "Your own images" }, name, said, trouble, buttons);

  const say = (/** @type {string} */ text) => write(said, text);
  function show() {
    const description = images.description();
    if (!busy) say(description || NONE);
    keepingFocus(element, () => {
      take.hidden = description === "" || used;
      forget.hidden = description === "";
    });
    for (const one of [take, get, forget, file]) one.disabled = busy;
  }

  /** One thing at a time; what goes wrong is said here and changes nothing. @param {() => Promise<NamedFile[]>} files */
  async function attempt(files) {
    if (busy) return;
    busy = true;
    trouble.hidden = true;
    show();
    let remark = "";
    try {
      remark = await accept.files(await files());
    } catch (error) {
      trouble.textContent = sentence(error);
      trouble.hidden = false;
    }
    busy = false;
    show();
    if (remark) say(`${images.description()} ${remark}`.trim());
  }

  takeFiles(file, element, (files) => attempt(() => readAll(files, say)));
  images.listen(show);
  images.ready.then(show);
  show();

  return {
    element,
    /** Whether the demo learns from the images now. @param {boolean} now */
    used(now) {
      used = now;
      show();
    },
  };
}

/** Takes files over, recognised by their content. @param {ImageStore} images @param {Page} page */
function accepting(images, page) {
  /** Labels that came before their images. @type {Uint8Array | undefined} */
  let waiting;
  return {
    /** Keeps the files; returns what else there is to say. @param {NamedFile[]} files */
    async files(files) {
      /** @type {{ images?: Uint8Array, labels?: Uint8Array }} */
      const given = {};
      for (const { name, bytes } of files) {
        const kind = naming(name, () => page.file_kind(bytes));
        if (given[kind]) throw new Error(`${name}: there are two files of ${kind}. Choose one of images, and one of labels.`);
        given[kind] = bytes;
      }
      const earlier = given.images ? null : await images.files();
      const of = given.images ?? earlier?.images;
      if (!of) {
        waiting = given.labels;
        return "These are labels: now choose their images.";
      }
      const labels = given.labels ?? waiting;
      waiting = undefined;
      const names = files.map(({ name }) => name).join(", ");
      const description = naming(names, () => page.describe_images(of, labels ?? new Uint8Array()));
      const kept = await images.keep(labels ? { images: of, labels } : { images: of }, description);
      return kept ? "" : "The browser does not keep them: choose them again next time.";
    },
    forget() {
      waiting = undefined;
      images.forget();
    },
  };
}

/** The contents of files. @param {File[]} files @param {(text: string) => void} progress @returns {Promise<NamedFile[]>} */
async function readAll(files, progress) {
  const read = [];
  for (const file of files) {
    if (file.size > MOST_BYTES) throw new Error(`${file.name} has ${Math.round(file.size / 1e6)} MB, which is too much for a page.`);
    progress(`Reading ${file.name}`);
    read.push({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
  }
  return read;
}

/** Takes files that are chosen, or dropped on an element. @param {HTMLInputElement} input @param {HTMLElement} element @param {(files: File[]) => Promise<void>} take */
function takeFiles(input, element, take) {
  input.addEventListener("change", async () => {
    await take([...(input.files ?? [])]);
    // The same files may be chosen again.
    input.value = "";
  });
  element.addEventListener("dragover", (event) => {
    event.preventDefault();
    element.dataset.over = "";
  });
  element.addEventListener("dragleave", () => delete element.dataset.over);
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    delete element.dataset.over;
    const dropped = [...(event.dataTransfer?.files ?? [])];
    if (dropped.length > 0) take(dropped);
  });
}

/** The result of `work`; what it throws is said of the file. @template T @param {string} name @param {() => T} work @returns {T} */
function naming(name, work) {
  try {
    return work();
  } catch (error) {
    throw new Error(`${name}: ${sentence(error)}`);
  }
}
