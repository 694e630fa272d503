/** Where a demo takes the person's own images: from files, by dropping them, or from the one address that is known to give MNIST. */

import { make, sentence } from "./dom.js";

/** Answers browsers from other origins; asked only when the person presses the button. */
const MNIST = "https://cdn.jsdelivr.net/gh/fgnt/mnist/";
const MNIST_FILES = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"];
/** No file larger than this is even read. */
const MOST_BYTES = 2 ** 29;
/** Progress is told in steps that can be read. */
const TOLD_EVERY_BYTES = 1e6;

const NONE = "None yet. IDX files as MNIST has them, gzipped or not: images, and their labels if there are any.";

/**
 * @param {import("./images.js").Images} images
 * @param {any} page the exports of the page's wasm
 * @param {() => void} use the person wants the demo to learn from the images
 */
export function imagesLine(images, page, use) {
  /** Labels that came before their images. @type {Uint8Array | null} */
  let waiting = null;
  let used = false;
  let busy = false;
  const said = make("p", { role: "status" });
  const trouble = make("p", { class: "trouble", role: "alert", hidden: true });
  const file = make("input", { type: "file", multiple: true, "data-action": "load-images", autocomplete: "off" });
  const choose = make("label", { class: "file" }, "Choose files", file);
  const button = (action, text, work) => {
    const element = make("button", { type: "button", "data-action": action }, text);
    element.addEventListener("click", work);
    return element;
  };
  const take = button("use-images", "Train on them", use);
  const get = button("fetch-images", "Fetch MNIST (11 MB) from jsdelivr", () => attempt(fetchMnist));
  const forget = button("forget-images", "Forget them", () => {
    waiting = null;
    trouble.hidden = true;
    images.forget();
  });
  const element = make(
    "section",
    { class: "images-line", "aria-label": "Your own images" },
    make("p", { class: "name" }, "Your own images"),
    said,
    trouble,
    make("div", { class: "buttons" }, take, choose, get, forget),
  );

  const say = (text) => {
    if (said.textContent !== text) said.textContent = text;
  };
  function show() {
    const told = images.told();
    if (!busy) say(told || NONE);
    take.hidden = told === "" || used;
    forget.hidden = told === "";
    // The pressed button goes away; who came by key stays in the line.
    if (element.contains(document.activeElement) && document.activeElement.hidden) file.focus();
    for (const one of [take, get, forget, file]) one.disabled = busy;
  }

  /** One thing at a time; what goes wrong is said here and changes nothing. */
  async function attempt(work) {
    if (busy) return;
    busy = true;
    trouble.hidden = true;
    show();
    let remark = "";
    try {
      remark = (await work()) ?? "";
    } catch (error) {
      trouble.textContent = sentence(error);
      trouble.hidden = false;
    }
    busy = false;
    show();
    if (remark) say(`${images.told()} ${remark}`.trim());
  }

  /** Takes files over, told apart by their content. Returns what else there is to say. @param {{ name: string, bytes: Uint8Array }[]} brought */
  async function accept(brought) {
    const given = {};
    for (const { name, bytes } of brought) {
      const kind = naming(name, () => page.brought_kind(bytes));
      if (given[kind]) throw new Error(`${name}: there are two files of ${kind}. Bring one of images, and one of labels.`);
      given[kind] = bytes;
    }
    if (!given.images) {
      const kept = await images.files();
      if (!kept.images) {
        waiting = given.labels;
        return "These are labels: now bring their images.";
      }
      given.images = kept.images;
    } else given.labels ??= waiting;
    waiting = null;
    const names = brought.map(({ name }) => name).join(", ");
    const told = naming(names, () => page.describe_images(given.images, given.labels ?? new Uint8Array()));
    const files = given.labels ? given : { images: given.images };
    const kept = await images.keep(files, told);
    return kept ? "" : "The browser does not keep them: bring them again next time.";
  }

  /** @param {Iterable<File>} chosen */
  async function read(chosen) {
    const brought = [];
    for (const one of chosen) {
      if (one.size > MOST_BYTES) throw new Error(`${one.name} has ${Math.round(one.size / 1e6)} MB, which is too much for a page.`);
      say(`Reading ${one.name}`);
      brought.push({ name: one.name, bytes: new Uint8Array(await one.arrayBuffer()) });
    }
    return accept(brought);
  }
  async function fetchMnist() {
    const brought = [];
    for (const name of MNIST_FILES) brought.push({ name, bytes: await download(name, say) });
    return accept(brought);
  }

  file.addEventListener("change", () => {
    const chosen = [...file.files];
    // The same files may be chosen again.
    attempt(() => read(chosen)).finally(() => (file.value = ""));
  });
  element.addEventListener("dragover", (event) => {
    event.preventDefault();
    element.dataset.over = "";
  });
  element.addEventListener("dragleave", () => delete element.dataset.over);
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    delete element.dataset.over;
    const dropped = [...event.dataTransfer.files];
    if (dropped.length > 0) attempt(() => read(dropped));
  });
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

/** The result of `work`; what it throws is said of the file. */
function naming(name, work) {
  try {
    return work();
  } catch (error) {
    throw new Error(`${name}: ${sentence(error)}`);
  }
}

/** A file of MNIST. @param {string} name @param {(text: string) => void} say @returns {Promise<Uint8Array>} */
async function download(name, say) {
  const host = new URL(MNIST).host;
  say(`Asking ${host} for ${name}`);
  let response;
  try {
    response = await fetch(MNIST + name);
  } catch {
    throw new Error(`${host} does not answer. Is there a network? Files from your own disk do as well.`);
  }
  if (!response.ok) throw new Error(`${host} does not give ${name} (${response.status} ${response.statusText}).`);
  const total = Number(response.headers.get("content-length"));
  const parts = [];
  let received = 0;
  let due = 0;
  try {
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      received += value.length;
      if (received < due) continue;
      due = received + TOLD_EVERY_BYTES;
      const of = total > 0 ? ` of ${(total / 1e6).toFixed(1)}` : "";
      say(`Fetching ${name}: ${(received / 1e6).toFixed(1)}${of} MB`);
    }
  } catch {
    throw new Error(`${host} stopped after ${(received / 1e6).toFixed(1)} MB. Press Fetch MNIST again.`);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
