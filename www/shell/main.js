/** Boot: the page's wasm, the table of contents, and a stage for every `[data-demo]`. Knows no demo by name. */

import { crew } from "./crew.js";
import { afterQuiet, make, sentence } from "./dom.js";
import { engines } from "./engines.js";
import { images } from "./images.js";
import { lectern } from "./lectern.js";
import { models } from "./models.js";
import { stage } from "./stage.js";
import { store } from "./store.js";
import { isDark, theme } from "./theme.js";
import { format, parse, valuesOf } from "./url.js";

/** Browsers allow only so many changes of the address in a row. */
const ADDRESS_AFTER_MS = 250;

/** @type {Map<string, ReturnType<typeof stage>>} */
const stages = new Map();
const redraw = () => stages.forEach((demo) => demo.redraw());

// What goes wrong outside any demo is said once, on top.
const troubles = new Set();
function trouble(text) {
  if (troubles.has(text)) return;
  troubles.add(text);
  let place = document.querySelector(".page-note");
  if (!place) {
    place = make("div", { class: "page-note notes", role: "alert" });
    (document.querySelector("main") ?? document.body).prepend(place);
  }
  place.append(make("p", {}, text));
}
addEventListener("error", (event) => event.message && trouble(sentence(event.error ?? event.message)));
addEventListener("unhandledrejection", (event) => trouble(sentence(event.reason)));

theme(redraw);

// The address follows the demo that was touched last; typing an address applies it.
let last = "";
const write = afterQuiet(ADDRESS_AFTER_MS, () => {
  const slide = desk.current();
  const demo = stages.get(last);
  const hash = demo ? format(last, demo.specs, demo.values(), { hide: demo.hidden(), slide }) : slide ? `#?slide=${slide}` : "";
  if (hash || location.hash.includes("?")) history.replaceState(null, "", hash || location.pathname + location.search);
});
const desk = lectern(() => {
  redraw();
  write();
});
function read() {
  write.cancel();
  const { name, given, hide, slide } = parse(location.hash);
  const demo = stages.get(name);
  if (demo) {
    last = name;
    demo.address(valuesOf(demo.specs, given), hide);
    if (!slide) demo.element.scrollIntoView({ block: "start" });
  }
  if (slide) desk.open(slide);
}

/** Sketches far from the screen are drawn when nothing else is to do. */
function prepareRest(rest) {
  const next = rest.shift();
  if (!next) return;
  const idle = self.requestIdleCallback ?? ((work) => setTimeout(work, 50));
  idle(() => {
    next.prepare();
    prepareRest(rest);
  });
}

async function boot() {
  const page = await import("../page/page.js");
  await page.default({ module_or_path: new URL("../page/page_bg.wasm", import.meta.url) });
  const contents = new Map(JSON.parse(page.contents()).map((demo) => [demo.name, demo]));
  const kept = store();
  const services = {
    engines: engines(() => document.documentElement.setAttribute("data-webgpu", "ready")),
    crew: crew(),
    models: models(kept),
    images: images(kept),
    dark: isDark,
    touched(name) {
      last = name;
      write();
    },
  };
  for (const element of document.querySelectorAll("[data-demo]")) {
    const demo = contents.get(element.dataset.demo);
    if (demo) stages.set(demo.name, stage(element, demo, page, services));
    else element.remove();
  }
  read();
  addEventListener("hashchange", read);
  prepareRest([...stages.values()].filter(({ demo }) => demo.kind === "sketch"));
}

boot().catch((error) => trouble(`The page could not start its mathematics (${sentence(error)}) Reload the page; if it stays so, use a newer browser.`));
