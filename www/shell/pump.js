/** How many steps the worker takes at a time, and when it shows them. */

/** What steps may take before messages are looked at: a press waits no longer for its answer. */
const SLICE_MS = 25;
/** At most about 25 snapshots a second. */
const SNAPSHOT_EVERY_MS = 40;
/** At most a quarter of the time goes into snapshots. */
const STEPS_PER_SNAPSHOT = 3;

/**
 * The number of steps for the next slice.
 * @param {number} steps of the last slice, at least 1
 * @param {number} ms what they took
 * @returns {number} at least 1, at most twice `steps`
 */
export function nextSteps(steps, ms) {
  const perStep = Math.max(ms / steps, 1e-3);
  return Math.min(Math.max(Math.floor(SLICE_MS / perStep), 1), 2 * steps);
}

/**
 * Whether a snapshot is due.
 * @param {number} steppedMs time since the last one was posted
 * @param {number} snapshotMs what a snapshot takes
 */
export function snapshotDue(steppedMs, snapshotMs) {
  return steppedMs >= Math.max(SNAPSHOT_EVERY_MS - snapshotMs, STEPS_PER_SNAPSHOT * snapshotMs);
}

/** A device has at least and at most so long to reach its pace, and so many slices without a better one say that it has. */
const PROBE_MS = [1000, 3000];
const SLICES_AT_PACE = 6;

/**
 * What a step takes once code and shaders are compiled: a browser runs fresh code slowly for its first second, and a GPU compiles first.
 * @param {(steps: number) => Promise<unknown>} take takes steps
 * @param {() => number} now the time in ms
 * @returns {Promise<number>} the shortest ms a step, of slices of some ms each
 */
export async function settledPace(take, now = () => performance.now()) {
  let [steps, best, since, begin] = [1, Infinity, 0, NaN];
  for (;;) {
    const from = now();
    await take(steps);
    const ms = now() - from;
    // The first step compiles; it is not timed, and its wait is not counted.
    if (Number.isNaN(begin)) begin = now();
    else if (ms / steps < 0.97 * best) [best, since] = [ms / steps, 0];
    else since += 1;
    const passed = now() - begin;
    if (best < Infinity && (passed > PROBE_MS[1] || (passed > PROBE_MS[0] && since >= SLICES_AT_PACE))) return best;
    steps = nextSteps(steps, ms);
  }
}

/**
 * A rate smoothed over about a second.
 * @param {number} rate steps per second so far, 0 when none
 * @param {number} steps steps of this turn
 * @param {number} ms wall time of this turn
 */
export function smoothedRate(rate, steps, ms) {
  const now = (1000 * steps) / Math.max(ms, 1e-3);
  if (rate === 0) return now;
  const share = 1 - Math.exp(-ms / 1000);
  return rate + share * (now - rate);
}
