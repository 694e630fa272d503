/** Two thin lines and a value over a figure, so that a pointer can be read from far away. */

import { make } from "./dom.js";

const inside = { position: "absolute", "pointer-events": "none" };
/** @param {HTMLElement} element @param {Record<string, string>} properties */
const style = (element, properties) => {
  for (const [name, value] of Object.entries(properties)) element.style.setProperty(name, value);
};

/**
 * @param {HTMLCanvasElement} canvas
 */
export function crosshair(canvas) {
  const across = make("i", { class: "across" });
  const upright = make("i", { class: "upright" });
  const value = make("span", { class: "value" });
  const layer = make("div", { class: "crosshair", "aria-hidden": "true", hidden: true }, across, upright, value);
  canvas.after(layer);
  for (const part of [layer, across, upright, value]) style(part, inside);

  return {
    /** In CSS pixels of the canvas. @param {number} x @param {number} y @param {string} text */
    at(x, y, text, lines = true) {
      const { offsetLeft: left, offsetTop: top, clientWidth: width, clientHeight: height } = canvas;
      style(layer, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
      style(across, { left: "0", width: "100%", top: `${y}px` });
      style(upright, { top: "0", height: "100%", left: `${x}px` });
      // The value stands on the side where there is room.
      style(value, x > width / 2 ? { right: `${width - x + 8}px`, left: "auto" } : { left: `${x + 8}px`, right: "auto" });
      style(value, y > height / 2 ? { bottom: `${height - y + 8}px`, top: "auto" } : { top: `${y + 8}px`, bottom: "auto" });
      across.hidden = upright.hidden = !lines;
      value.textContent = text;
      layer.hidden = false;
    },
    hide: () => void (layer.hidden = true),
  };
}
