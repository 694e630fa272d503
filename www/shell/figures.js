/** The figures of a demo: canvases drawn at the screen's own pixels, when they are out of date and on the screen. */

/** @import { About, FigureMap, Picture } from "./types.js" */

/**
 * @typedef {object} Figure
 * @property {HTMLCanvasElement} canvas
 * @property {string} name
 * @property {About | null} about of the newest picture
 * @property {FigureMap | null} map of what is drawn
 * @property {{ width: number, height: number, ratio: number } | null} size in device pixels, and how many make a CSS pixel
 * @property {boolean} visible
 * @property {boolean} dirty
 */

export class Figures {
  /** @type {Map<Element, Figure>} */
  #figures = new Map();
  #dark;
  #request;
  /** The newest picture. @type {Picture | null} */
  picture = null;

  /** @param {Element} element the demo @param {{ dark: () => boolean, request: () => void }} services `request` asks for a frame */
  constructor(element, { dark, request }) {
    this.#dark = dark;
    this.#request = request;
    const seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.#of(target).visible = isIntersecting;
      request();
    });
    const sized = new ResizeObserver((entries) => {
      for (const entry of entries) Object.assign(this.#of(entry.target), { size: pixelsOf(entry), dirty: true });
      request();
    });
    for (const canvas of /** @type {NodeListOf<HTMLCanvasElement>} */ (element.querySelectorAll("canvas[data-figure]"))) {
      const name = canvas.dataset.figure ?? "";
      this.#figures.set(canvas, { canvas, name, about: null, map: null, size: null, visible: false, dirty: false });
      seen.observe(canvas);
      try {
        sized.observe(canvas, { box: "device-pixel-content-box" });
      } catch {
        sized.observe(canvas);
      }
    }
  }

  /** @param {Element} canvas */
  #of(canvas) {
    return /** @type {Figure} */ (this.#figures.get(canvas));
  }
  get all() {
    return [...this.#figures.values()];
  }

  /** Takes the newest picture, and lets the older one go. @param {Picture} picture */
  show(picture) {
    this.picture?.free();
    this.picture = picture;
    /** @type {About[]} */
    const about = JSON.parse(picture.figures());
    for (const figure of this.all) {
      figure.about = about.find(({ name }) => name === figure.name) ?? null;
      figure.dirty = true;
      describe(figure);
    }
  }
  /** Draws everything again in the next frame. */
  redraw() {
    for (const figure of this.all) figure.dirty = true;
    this.#request();
  }
  /** Draws what is out of date and can be seen. */
  draw() {
    for (const figure of this.all) {
      if (!this.picture || !figure.dirty || !figure.visible || !figure.size || !figure.about) continue;
      figure.dirty = false;
      paint(figure, figure.size, this.picture, this.#dark());
    }
  }
}

/** Sizes the canvas to the screen's pixels and draws. @param {Figure} figure @param {NonNullable<Figure["size"]>} size @param {Picture} picture @param {boolean} dark */
function paint(figure, { width, height, ratio }, picture, dark) {
  const { canvas } = figure;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const base = parseFloat(getComputedStyle(canvas).fontSize) || 16;
  const map = picture.draw(figure.name, canvas, dark, ratio, base);
  figure.map?.free();
  figure.map = map;
}

/** @param {ResizeObserverEntry} entry @returns {Figure["size"]} */
function pixelsOf(entry) {
  const across = entry.contentRect.width;
  if (across === 0) return null;
  const exact = entry.devicePixelContentBoxSize?.[0];
  const width = exact?.inlineSize ?? Math.round(across * devicePixelRatio);
  const height = exact?.blockSize ?? Math.round(entry.contentRect.height * devicePixelRatio);
  return width > 0 && height > 0 ? { width, height, ratio: width / across } : null;
}

/** What a figure says to those who do not see it, and whether it can be worked with keys. @param {Figure} figure */
function describe({ canvas, about }) {
  if (!about) return;
  canvas.setAttribute("role", about.pointer ? "application" : "img");
  if (canvas.getAttribute("aria-label") !== about.alt) canvas.setAttribute("aria-label", about.alt);
  if (about.pointer) canvas.tabIndex = 0;
  else canvas.removeAttribute("tabindex");
}
