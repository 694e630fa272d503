/** How many steps the worker takes at a time. */

/** About 25 snapshots a second. */
const SNAPSHOT_MS = 40;
/** What a press may wait for its answer. */
const PATIENCE_MS = 60;

/**
 * The number of steps for the next turn.
 *
 * A turn of k steps and one snapshot costs a + b·k ms. Where a snapshot alone is expensive, the turn may grow
 * towards the patience, so that the time is spent on steps; beyond it never.
 * @param {number} steps k of the last turn, at least 1
 * @param {number} ms what that turn cost
 * @param {number} snapshotMs a, what a snapshot costs without a step
 * @returns {number} at least 1, at most twice `steps`
 */
export function nextSteps(steps, ms, snapshotMs) {
  const perStep = Math.max((ms - snapshotMs) / steps, 1e-3);
  const turn = Math.min(Math.max(SNAPSHOT_MS, 2 * snapshotMs), PATIENCE_MS);
  const affordable = Math.floor(Math.max(turn - snapshotMs, 0) / perStep);
  return Math.min(Math.max(affordable, 1), 2 * steps);
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
