/** What a demo says of the trained model that it starts from, and the buttons that change it. */

import { make } from "./dom.js";

/**
 * A newer model never replaces the one in use by itself: pictures must not change under the person's hands.
 * @param {import("./models.js").Models} models
 * @param {(model: Uint8Array | null) => void} begin starts the demo anew from a model, or from the page's own
 */
export function modelLine(models, begin) {
  /** The person's weights in use, none when the page's own are. */
  let used = null;
  /** Weights that the demo could not start from: not offered again. */
  let refused = null;
  const button = (action, text) => make("button", { type: "button", "data-action": action }, text);
  const use = button("use-model", "Use the model just trained");
  const forget = button("forget-model", "Back to the page’s own model");
  const words = make("span", { role: "status" });
  const element = make("p", { class: "model-line", hidden: true }, words, use, forget);

  function show() {
    const newest = models.newest();
    const offers = newest !== null && newest !== used && newest !== refused;
    const focused = element.contains(document.activeElement);
    use.hidden = !offers;
    forget.hidden = used === null;
    element.hidden = use.hidden && forget.hidden;
    const said = !offers ? "" : used ? "There is a newer model of yours." : "There is a model of your own.";
    if (words.textContent !== said) words.textContent = said;
    // The pressed button goes away; who came by key stays in the line.
    if (focused && document.activeElement?.hidden) element.querySelector("button:not([hidden])")?.focus();
  }
  function take(model) {
    used = model;
    show();
    begin(model);
  }
  use.addEventListener("click", () => {
    models.want(true);
    take(models.newest());
  });
  forget.addEventListener("click", () => {
    models.want(false);
    take(null);
  });
  models.listen(show);

  return {
    element,
    /** The first start: what the browser has kept, where the person wants it. */
    first: () => models.ready.then(() => take(models.chosen())),
    /** Something changed that a refused model may have lacked. */
    retry() {
      refused = null;
      show();
    },
    /** The demo could not start from the model, and began with the page's own. */
    refuse() {
      [refused, used] = [used, null];
      show();
    },
  };
}
