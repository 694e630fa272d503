/** Starts the page: its wasm, the table of contents, and a stage for every `[data-demo]`. Knows no demo by name. */

import { afterQuiet, make, sentence } from "./dom.js";
import { engines } from "./engines.js";
import { frames } from "./frame.js";
import { imageStore } from "./image-store.js";
import { lectern } from "./lectern.js";
import { modelStore } from "./model-store.js";
import { Stage } from "./stage.js";
import { storage } from "./storage.js";
import { isDark, theme } from "./theme.js";
import { format, parse, valuesOf } from "./url.js";
import { workerPool } from "./worker-pool.js";

/** @import { Demo, Page } from "./types.js" */

/** Browsers allow only so many changes of the address in a row. */
const ADDRESS_AFTER_MS = 250;

/** @type {Map<string, Stage>} */
const stages = new Map();
const redraw = () => stages.forEach((stage) => stage.redraw());

/** What goes wrong outside any demo is said once, on top. @type {Set<string>} */
const said = new Set();
/** @param {string} text */
function say(text) {
  if (said.has(text)) return;
  said.add(text);
  let place = document.querySelector(".page-note");
  if (!place) {
    place = make("div", { class: "page-note notes", role: "alert" });
    (document.querySelector("main") ?? document.body).prepend(place);
  }
  place.append(make("p", {}, text));
}
addEventListener("error", (event) => event.message && say(sentence(event.error ?? event.message)));
addEventListener("unhandledrejection", (event) => say(sentence(event.reason)));

theme(redraw);

/** The address follows the demo that was touched last; typing an address applies it. */
let last = "";
const write = afterQuiet(ADDRESS_AFTER_MS, () => {
  const slide = presenting.current();
  const stage = stages.get(last);
  const hash = stage ? format(last, stage.specs, stage.values, { hide: stage.hidden, slide }) : slide ? `#?slide=${slide}` : "";
  if (hash || location.hash.includes("?")) history.replaceState(null, "", hash || location.pathname + location.search);
});
const presenting = lectern(() => {
  redraw();
  write();
});
function read() {
  write.cancel();
  const { name, given, hide, slide } = parse(location.hash);
  const stage = stages.get(name);
  if (stage) {
    last = name;
    stage.address(valuesOf(stage.specs, given), hide);
    if (!slide) stage.element.scrollIntoView({ block: "start" });
  }
  if (slide) presenting.open(slide);
}

/** Sketches far from the screen are drawn when nothing else is to do. @param {Stage[]} rest */
function prepareRest(rest) {
  const next = rest.shift();
  if (!next) return;
  const idle = self.requestIdleCallback ?? ((/** @type {() => void} */ work) => setTimeout(work, 50));
  idle(() => {
    next.prepare();
    prepareRest(rest);
  });
}

async function start() {
  const module = await import("../page/page.js");
  await module.default({ module_or_path: new URL("../page/page_bg.wasm", import.meta.url) });
  /** @type {Page} */
  const page = module;
  /** @type {Map<string, Demo>} */
  const contents = new Map(JSON.parse(page.contents()).map((/** @type {Demo} */ demo) => [demo.name, demo]));
  const kept = storage();
  const services = {
    frames: frames((work) => void requestAnimationFrame(work)),
    engines: engines(),
    pool: workerPool(),
    models: modelStore(kept),
    images: imageStore(kept),
    dark: isDark,
    /** @param {string} name */
    touched(name) {
      last = name;
      write();
    },
  };
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-demo]"))) {
    const demo = contents.get(element.dataset.demo ?? "");
    if (demo) stages.set(demo.name, new Stage(element, demo, page, services));
    else element.remove();
  }
  read();
  addEventListener("hashchange", read);
  prepareRest([...stages.values()].filter(({ demo }) => demo.run === "sketch"));
}

start().catch((error) => say(`The page could not start its mathematics (${sentence(error)}) Reload the page; if it stays so, use a newer browser.`));
