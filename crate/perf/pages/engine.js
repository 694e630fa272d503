/** This project's engine, driven as the page's worker drives it. */

import { adapterName, answer, counted, pace } from "./timing.js";

/** Images as a user brings them: 28×28, most pixels 0, the same every time. @param {number} count */
function images(count) {
  const [bytes, labels] = [new Uint8Array(16 + count * 784), new Uint8Array(8 + count)];
  const head = (of, numbers) => numbers.forEach((number, at) => new DataView(of.buffer).setUint32(4 * at, number));
  head(bytes, [0x803, count, 28, 28]);
  head(labels, [0x801, count]);
  let state = 1;
  for (let at = 16; at < bytes.length; at += 1) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    const grey = (state >> 16) & 255;
    bytes[at] = grey < 200 ? 0 : grey;
  }
  for (let at = 0; at < count; at += 1) labels[8 + at] = at % 10;
  return { images: bytes, labels };
}

answer(async ({ device, demo, values, bring, whole, primeMs, spanMs }) => {
  self.reportPanic = (words) => self.postMessage({ error: words });
  const gpu = device === "webgpu";
  const counts = counted();
  const engine = await import(`/site/engine-${gpu ? "gpu" : "cpu"}/engine.js`);
  await engine.default({ module_or_path: `/site/engine-${gpu ? "gpu" : "cpu"}/engine_bg.wasm` });
  await engine.open();
  if (bring) for (const [name, bytes] of Object.entries(images(6000))) engine.asset(name, bytes);
  engine.start(demo, JSON.stringify(values));
  engine.share(0, 1);
  const lanes = engine.lanes() > 1;
  const snapshot = async () => {
    if (!lanes) return engine.advance(0);
    engine.merge([await engine.report(0)]);
    return engine.snapshot();
  };
  if (whole) {
    // A run that ends, from its first step to its last snapshot; the first run compiles.
    const run = async () => {
      engine.start(demo, JSON.stringify(values));
      engine.share(0, 1);
      const since = performance.now();
      while ((await engine.step(64)) === 64);
      await snapshot();
      return performance.now() - since;
    };
    const [first] = [await run(), await run(), await run()];
    return { first, step: Math.min(await run(), await run(), await run()) };
  }
  const times = await pace((steps) => engine.step(steps), { primeMs, spanMs });
  const snapshots = [];
  for (let time = 0; time < 3; time += 1) {
    await engine.step(1);
    const since = performance.now();
    await snapshot();
    snapshots.push(performance.now() - since);
  }
  const found = { ...times, snapshot: snapshots.sort((a, b) => a - b)[1] };
  if (!gpu) return found;
  const during = async (work) => {
    const before = { ...counts };
    await work();
    return { dispatches: counts.dispatches - before.dispatches, submits: counts.submits - before.submits };
  };
  // A step without a row of the curves, as four of five are: what two take more than one. Whoever waits for them reads a number too.
  const least = async (count) => {
    const found = [];
    for (let time = 0; time < 5; time += 1) found.push(await during(() => engine.step(count)));
    return { dispatches: Math.min(...found.map((of) => of.dispatches)), submits: Math.min(...found.map((of) => of.submits)) };
  };
  const [one, two] = [await least(1), await least(2)];
  const shown = await during(snapshot);
  return {
    ...found,
    adapter: await adapterName(),
    dispatches: two.dispatches - one.dispatches,
    submits: two.submits - one.submits,
    snapshot_dispatches: shown.dispatches,
  };
});
