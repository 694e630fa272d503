/** Saving what a demo shows: each figure as SVG and PNG, all numbers as CSV, trained weights as safetensors. */

import { make, sentence } from "./dom.js";

/** @typedef {{ save: () => Promise<Uint8Array | null>, load: (bytes: Uint8Array, file: string) => void,
 *   say: (sentence: string) => void }} Weights */

/** Width of a saved figure in SVG units; its height follows the shape on the page. */
const SVG_WIDTH = 960;

/**
 * Hands `blob` to the person as a file.
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = make("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/**
 * Every number of a picture: the table where the demo has one, then each figure's own rows under its name.
 * @param {any} picture
 */
export function csvOf(picture) {
  const parts = [];
  const table = picture.table();
  if (table) parts.push(table);
  for (const figure of JSON.parse(picture.figures())) parts.push(`# ${figure.name}\n${picture.csv(figure.name)}`);
  return parts.map((part) => part.trimEnd()).join("\n\n") + "\n";
}

/**
 * The folded row of buttons after a demo.
 * @param {string} demo
 * @param {HTMLCanvasElement[]} canvases
 * @param {{ picture: () => any, dark: () => boolean, fail: (error: unknown) => void, weights: Weights | null }} stage
 * @returns {HTMLElement}
 */
export function exporting(demo, canvases, { picture, dark, fail, weights }) {
  const several = canvases.length > 1;
  const button = (action, figure, text, work) => {
    const element = make("button", { type: "button", "data-action": action, "data-of": figure }, text);
    element.addEventListener("click", () => {
      try {
        if (picture()) work();
      } catch (error) {
        fail(error);
      }
    });
    return element;
  };
  const buttons = [
    button("export-csv", null, "numbers (CSV)", () => {
      save(new Blob([csvOf(picture())], { type: "text/csv" }), `${demo}.csv`);
    }),
  ];
  for (const canvas of canvases) {
    const figure = canvas.dataset.figure;
    const suffix = several ? ` of “${figure.replaceAll("_", " ").replaceAll("-", " ")}”` : "";
    buttons.push(
      button("export-svg", figure, `SVG${suffix}`, () => {
        const height = Math.round((SVG_WIDTH * canvas.clientHeight) / Math.max(canvas.clientWidth, 1)) || SVG_WIDTH;
        const svg = picture().svg(figure, SVG_WIDTH, height, dark());
        save(new Blob([svg], { type: "image/svg+xml" }), `${demo}-${figure}.svg`);
      }),
      button("export-png", figure, `PNG${suffix}`, () => {
        canvas.toBlob((blob) => blob && save(blob, `${demo}-${figure}.png`));
      }),
    );
  }
  const folded = make("details", { class: "export" }, make("summary", {}, "Save"), make("div", { class: "buttons" }, ...buttons));
  if (weights) folded.append(modelButtons(demo, weights));
  return folded;
}

/** The trained weights as a file, and back. */
function modelButtons(demo, weights) {
  const keep = make("button", { type: "button", "data-action": "save-model" }, "trained model (safetensors)");
  keep.addEventListener("click", () => {
    weights.save().then((bytes) => {
      if (bytes) save(new Blob([bytes]), `${demo}.safetensors`);
      else weights.say("There is no model to save yet: press Play first.");
    });
  });
  const file = make("input", { type: "file", "data-action": "load-model", accept: ".safetensors", autocomplete: "off" });
  file.addEventListener("change", () => {
    const chosen = file.files[0];
    if (!chosen) return;
    chosen
      .arrayBuffer()
      .then((bytes) => weights.load(new Uint8Array(bytes), chosen.name))
      .catch((error) => weights.say(`${chosen.name} could not be read: ${sentence(error)}`))
      // The same file may be chosen again.
      .finally(() => (file.value = ""));
  });
  const label = make("label", { class: "load-model" }, "Start from a saved model ", file);
  return make("div", { class: "buttons" }, keep, label);
}
