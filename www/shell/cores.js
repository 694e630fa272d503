/** How many workers share a run. */

/** More would not be felt, and each holds an engine and a model of its own. */
const MOST_TOGETHER = 4;

/**
 * The number of workers for a run: one core is left for the page, and a worker that would make the longest share of lanes no
 * shorter is not opened.
 * @param {number} lanes parts of the run that know nothing of each other
 * @param {number} cores what the machine has
 * @returns {number} at least 1, at most `lanes`
 */
export function workersFor(lanes, cores) {
  const most = Math.min(Math.max(cores - 1, 1), MOST_TOGETHER);
  const longest = Math.ceil(lanes / most);
  return Math.max(Math.ceil(lanes / longest), 1);
}
