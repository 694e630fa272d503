/** Which trained model a demo starts from, and the buttons that change it. */

import { button, keepingFocus, make, write } from "./dom.js";

/** @import { ModelStore } from "./model-store.js" */

/**
 * A newer model never replaces the one in use by itself: a picture must not change while somebody reads it.
 * @param {ModelStore} models
 * @param {(model: Uint8Array | null) => void} begin starts the demo anew from a model, or from the page's own
 */
export function modelLine(models, begin) {
  /** The user's weights in use, none when the page's own are. @type {Uint8Array | null} */
  let used = null;
  /** Weights that the demo could not start from: not offered again. @type {Uint8Array | null} */
  let refused = null;
  const use = button("use-model", "Use the model just trained", () => choose(true));
  const forget = button("forget-model", "Back to the page’s own model", () => choose(false));
  const words = make("span", { role: "status" });
  const element = make("p", { class: "model-line", hidden: true }, words, use, forget);

  function show() {
    const newest = models.newest();
    const offers = newest !== null && newest !== used && newest !== refused;
    keepingFocus(element, () => {
      use.hidden = !offers;
      forget.hidden = used === null;
      element.hidden = use.hidden && forget.hidden;
    });
    write(words, !offers ? "" : used ? "There is a newer model of yours." : "There is a model of your own.");
  }
  /** @param {Uint8Array | null} model */
  function take(model) {
    used = model;
    show();
    begin(model);
  }
  /** @param {boolean} own */
  function choose(own) {
    models.want(own);
    take(own ? models.newest() : null);
  }
  models.listen(show);

  return {
    element,
    /** The first start: from the model that the browser has kept, where the user wants it. */
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
