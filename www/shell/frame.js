/**
 * The one animation frame of the page. Events only note what has changed and ask for a frame; in it every demo takes its changes,
 * answers them, and draws what is out of date. So from an event to its pixels it is one frame.
 */

/** @typedef {{ update: () => void, draw: () => void, fail: (error: unknown) => void }} Member  what one demo does in a frame */
/** @typedef {ReturnType<typeof frames>} Frames */

/** @param {(work: () => void) => void} ask the browser's `requestAnimationFrame` */
export function frames(ask) {
  /** @type {Member[]} */
  const members = [];
  let asked = false;

  function request() {
    if (asked) return;
    asked = true;
    ask(run);
  }
  function run() {
    asked = false;
    for (const phase of /** @type {const} */ (["update", "draw"])) {
      for (const member of members) {
        try {
          member[phase]();
        } catch (error) {
          // One demo that fails stops no other, and what it left undone comes next.
          member.fail(error);
          request();
        }
      }
    }
  }

  return {
    /** Asks for a frame, unless one is on its way. */
    request,
    /** @param {Member} member */
    join: (member) => void members.push(member),
  };
}
