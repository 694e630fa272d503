/** Saving what a demo shows: each figure as SVG and PNG, all numbers as CSV, trained weights as safetensors. */

import { button, make, sentence } from "./dom.js";

/** @import { Figures } from "./figures.js" */
/** @import { Picture } from "./types.js" */

/** @typedef {{ save: () => Promise<Uint8Array | null>, load: (bytes: Uint8Array, file: string) => void,
 *   say: (sentence: string) => void }} Weights */

/** Width of a saved figure in SVG units; its height follows the shape on the page. */
const SVG_WIDTH = 960;

/** Offers `blob` as a file to save. @param {Blob} blob @param {string} name */
function save(blob, name) {
  const address = URL.createObjectURL(blob);
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Every number of a picture: the table where the demo has one, then each figure's own rows under its name. @param {Picture} picture */
function csvOf(picture) {
  const table = picture.table();
  /** @type {{ name: string }[]} */
  const figures = JSON.parse(picture.figures());
  const parts = [...(table ? [table] : []), ...figures.map(({ name }) => `# ${name}\n${picture.csv(name)}`)];
  return parts.map((part) => part.trimEnd()).join("\n\n") + "\n";
}

/**
 * The folded row of buttons after a demo.
 * @param {string} demo
 * @param {Figures} figures
 * @param {{ dark: () => boolean, fail: (error: unknown) => void, weights: Weights | null }} options
 */
export function exporting(demo, figures, { dark, fail, weights }) {
  /** A button that works once there is a picture. @param {string} action @param {string | null} figure @param {string} text @param {(picture: Picture) => void} work */
  const saving = (action, figure, text, work) =>
    button(action, text, () => {
      try {
        if (figures.picture) work(figures.picture);
      } catch (error) {
        fail(error);
      }
    }, { "data-of": figure });
  const buttons = [saving("export-csv", null, "numbers (CSV)", (picture) => save(new Blob([csvOf(picture)], { type: "text/csv" }), `${demo}.csv`))];
  for (const { canvas, name } of figures.all) {
    const suffix = figures.all.length > 1 ? ` of “${name.replaceAll("_", " ").replaceAll("-", " ")}”` : "";
    buttons.push(
      saving("export-svg", name, `SVG${suffix}`, (picture) => {
        const height = Math.round((SVG_WIDTH * canvas.clientHeight) / Math.max(canvas.clientWidth, 1)) || SVG_WIDTH;
        save(new Blob([picture.svg(name, SVG_WIDTH, height, dark())], { type: "image/svg+xml" }), `${demo}-${name}.svg`);
      }),
      saving("export-png", name, `PNG${suffix}`, () => canvas.toBlob((blob) => blob && save(blob, `${demo}-${name}.png`))),
    );
  }
  const folded = make("details", { class: "export" }, make("summary", {}, "Save"), make("div", { class: "buttons" }, ...buttons));
  if (weights) folded.append(modelButtons(demo, weights));
  return folded;
}

/** The trained weights as a file, and back. @param {string} demo @param {Weights} weights */
function modelButtons(demo, weights) {
  const keep = button("save-model", "trained model (safetensors)", async () => {
    const bytes = await weights.save();
    if (bytes) save(new Blob([/** @type {BlobPart} */ (bytes)]), `${demo}.safetensors`);
    else weights.say("There is no model to save yet: press Play first.");
  });
  const file = make("input", { type: "file", "data-action": "load-model", accept: ".safetensors", autocomplete: "off" });
  file.addEventListener("change", async () => {
    const chosen = file.files?.[0];
    if (!chosen) return;
    try {
      weights.load(new Uint8Array(await chosen.arrayBuffer()), chosen.name);
    } catch (error) {
      weights.say(`${chosen.name} could not be read: ${sentence(error)}`);
    }
    // The same file may be chosen again.
    file.value = "";
  });
  return make("div", { class: "buttons" }, keep, make("label", { class: "load-model" }, "Start from a saved model ", file));
}
