/** What a step takes once the compiler is done with the code. */

/** Steps until the pace has not improved by 3 % over so many slices, and no longer than this. */
const SLICES = 6;

/**
 * @param {(steps: number) => Promise<unknown>} take takes steps and waits until they are made
 * @param {{ primeMs: number, spanMs: number }} how at most so long to prime, at least so long to measure
 * @returns {Promise<{ first: number, step: number }>} milliseconds: of the first step, and of one step at pace
 */
export async function pace(take, { primeMs, spanMs }) {
  const timed = async (steps) => {
    const since = performance.now();
    await take(steps);
    return performance.now() - since;
  };
  const first = await timed(1);
  let [steps, best, worse] = [1, Infinity, 0];
  const begin = performance.now();
  while (performance.now() - begin < primeMs && (worse < SLICES || performance.now() - begin < primeMs / 2)) {
    const ms = await timed(steps);
    worse = ms / steps < 0.97 * best ? 0 : worse + 1;
    best = Math.min(best, ms / steps);
    steps = Math.max(1, Math.min(2 * steps, Math.round(50 / best)));
  }
  const count = Math.max(2, Math.round(spanMs / best));
  return { first, step: (await timed(count)) / count };
}

/** Answers the page's one message with what `measure` finds. @param {(spec: any) => Promise<object>} measure */
export function answer(measure) {
  self.onmessage = async ({ data }) => {
    try {
      self.postMessage(await measure(data));
    } catch (error) {
      self.postMessage({ error: String(error?.message ?? error) });
    }
  };
}

/** Counts what a page asks of WebGPU from now on. */
export function counted() {
  const counts = { dispatches: 0, submits: 0 };
  const wrap = (prototype, name, count) => {
    const plain = prototype[name];
    prototype[name] = function (...given) {
      count(given);
      return plain.apply(this, given);
    };
  };
  if (typeof GPUQueue === "undefined") return counts;
  wrap(GPUComputePassEncoder.prototype, "dispatchWorkgroups", () => (counts.dispatches += 1));
  wrap(GPUComputePassEncoder.prototype, "dispatchWorkgroupsIndirect", () => (counts.dispatches += 1));
  wrap(GPUQueue.prototype, "submit", () => (counts.submits += 1));
  return counts;
}

/** What the browser computes WebGPU on. @returns {Promise<string>} */
export async function adapterName() {
  const { info } = (await navigator.gpu?.requestAdapter()) ?? {};
  return info ? [info.vendor, info.architecture, info.description].filter(Boolean).join(" ") : "none";
}
