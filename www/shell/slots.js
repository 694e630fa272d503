/** The named places of a demo: figures drawn at the screen's own pixels, read-outs rounded for reading. */

import { make, oncePerFrame, typeset } from "./dom.js";

/**
 * A number as it is read. With an error, as many digits as the error has to say; else as the registry asks: `digits`
 * after the point, or significant ones when negative.
 * @param {number} value
 * @param {number | null} error
 * @param {number} digits
 * @returns {{ text: string, error: string }}
 */
export function rounded(value, error, digits) {
  if (!Number.isFinite(value)) return { text: "–", error: "" };
  if (error !== null && Number.isFinite(error) && error > 0) {
    const power = Math.floor(Math.log10(error));
    const two = error / 10 ** power < 2;
    const places = Math.min(Math.max((two ? 1 : 0) - power, 0), 9);
    return { text: value.toFixed(places), error: `± ${error.toFixed(places)}` };
  }
  if (digits >= 0) return { text: value.toFixed(digits), error: "" };
  const text = value.toPrecision(-digits);
  const plain = Math.abs(value) >= 1e-6 && Math.abs(value) < 1e15;
  return { text: text.includes("e") && plain ? String(Number(text)) : text, error: "" };
}

/**
 * Binds the slots of a demo.
 * @param {HTMLElement} element the demo
 * @param {{ name: string, unit: string, digits: number }[]} specs
 * @param {{ dark: () => boolean, fail: (error: unknown) => void }} services
 */
export function slots(element, specs, { dark, fail }) {
  const canvases = [...element.querySelectorAll("canvas[data-figure]")];
  const figures = new Map(canvases.map((canvas) => [canvas, { canvas, name: canvas.dataset.figure, about: null, map: null, size: null, visible: false, dirty: false }]));
  let picture = null;
  /** Names of read-outs that pictures have given: what the newest one leaves out is no longer known. */
  const given = new Set();

  const draw = oncePerFrame(() => {
    for (const figure of figures.values()) {
      if (!picture || !figure.dirty || !figure.visible || !figure.size || !figure.about) continue;
      figure.dirty = false;
      try {
        paint(figure, picture, dark());
      } catch (error) {
        fail(error);
      }
    }
  });
  const redraw = () => {
    for (const figure of figures.values()) figure.dirty = true;
    draw();
  };

  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) figures.get(target).visible = isIntersecting;
    draw();
  });
  const sized = new ResizeObserver((entries) => {
    for (const entry of entries) {
      const figure = figures.get(entry.target);
      figure.size = pixelsOf(entry);
      figure.dirty = true;
    }
    draw();
  });
  for (const canvas of canvases) {
    seen.observe(canvas);
    try {
      sized.observe(canvas, { box: "device-pixel-content-box" });
    } catch {
      sized.observe(canvas);
    }
  }

  return {
    canvases,
    redraw,
    /** The newest picture; the older one is let go. */
    show(next) {
      if (picture !== next) picture?.free();
      picture = next;
      const about = new Map(JSON.parse(picture.figures()).map((figure) => [figure.name, figure]));
      for (const figure of figures.values()) {
        figure.about = about.get(figure.name) ?? null;
        describe(figure);
      }
      redraw();
    },
    picture: () => picture,
    about: (canvas) => figures.get(canvas).about,
    map: (canvas) => figures.get(canvas).map,
    /**
     * Fills the read-outs: numbers from a picture, words and rates from the shell where the picture has none.
     * @returns {string[]} the names whose shown number changed
     */
    fill(readouts, extra) {
      const values = new Map(Object.entries(extra).map(([name, value]) => [name, { value, error: null }]));
      for (const name of given) values.set(name, { value: NaN, error: null });
      for (const { name, value, error } of readouts) {
        given.add(name);
        values.set(name, { value: value ?? NaN, error });
      }
      const changed = [];
      for (const output of element.querySelectorAll("output[data-readout]")) {
        const name = output.dataset.readout;
        const found = values.get(name);
        if (!found) continue;
        const digits = specs.find((spec) => spec.name === name)?.digits ?? (Number.isInteger(found.value) ? 0 : -4);
        if (write(output, found, digits)) changed.push(name);
      }
      return changed;
    },
  };
}

/** Sizes the canvas to the screen's pixels and draws. */
function paint(figure, picture, dark) {
  const { canvas, size } = figure;
  if (canvas.width !== size.width) canvas.width = size.width;
  if (canvas.height !== size.height) canvas.height = size.height;
  const base = parseFloat(getComputedStyle(canvas).fontSize) || 16;
  const map = picture.draw(figure.name, canvas, dark, size.ratio, base);
  figure.map?.free();
  figure.map = map;
}

/** Device pixels of a canvas, and how many of them make a CSS pixel. */
function pixelsOf(entry) {
  const across = entry.contentRect.width;
  if (across === 0) return null;
  const exact = entry.devicePixelContentBoxSize?.[0];
  const width = exact?.inlineSize ?? Math.round(across * devicePixelRatio);
  const height = exact?.blockSize ?? Math.round(entry.contentRect.height * devicePixelRatio);
  return width > 0 && height > 0 ? { width, height, ratio: width / across } : null;
}

/** What a figure says to those who do not see it, and whether it can be worked with keys. */
function describe({ canvas, about }) {
  if (!about) return;
  canvas.setAttribute("role", about.pointer ? "application" : "img");
  if (canvas.getAttribute("aria-label") !== about.alt) canvas.setAttribute("aria-label", about.alt);
  if (about.pointer) canvas.tabIndex = 0;
  else canvas.removeAttribute("tabindex");
}

/** Writes one read-out; true when it shows something else than before. */
function write(output, { value, error }, digits) {
  const full = String(value);
  if (output.dataset.value === full) return false;
  output.dataset.value = full;
  output.dataset.error = error === null || error === undefined ? "" : String(error);
  const shown = typeof value === "number" ? rounded(value, error, digits) : { text: full, error: "" };
  output.textContent = typeof value === "number" ? typeset(shown.text) : shown.text;
  let margin = output.nextElementSibling;
  if (!margin?.matches(".error")) {
    if (!shown.error) return true;
    margin = make("span", { class: "error" });
    output.after(margin);
  }
  margin.textContent = typeset(shown.error);
  return true;
}
