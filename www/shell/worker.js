/**
 * The worker of a run. `onmessage` only fills an inbox; one loop is the only thing that touches the engine: it empties the inbox, takes k
 * steps, posts one snapshot, lets messages through, and begins again. Lane workers may share the steps.
 */

import { openEngine, sentenceOf } from "./engine.js";
import { nextSteps, smoothedRate } from "./pump.js";
import { SharedEngine } from "./shared-engine.js";

/** @import { Engine } from "./engine.js" */
/** @import { FromWorker, Journal, ToWorker } from "./types.js" */

/** Every so many turns a snapshot without a step shows what a snapshot costs. */
const TURNS_BETWEEN_MEASURES = 64;
const WARM_UP_STEPS = 3;
const PROBE_STEPS = 10;
/** Steps between two looks at the inbox while a journal is computed again. */
const STEPS_AT_ONCE = 50;

/**
 * @typedef {{ run: number, playing: boolean, wanted: boolean, k: number, steps: number, sets: Journal["sets"], turns: number,
 *   rate: number, elapsedMs: number, since: number, snapshotMs: number }} Current  a run: `wanted`: Play was pressed and Pause was not,
 *   `k`: steps of the next turn, `since`: when that turn began
 */

/** @type {ToWorker[]} */
const inbox = [];
let wake = () => {};
self.onmessage = ({ data }) => {
  inbox.push(data);
  wake();
};

/** @type {Engine} */
let engine;
/** The engine with the workers that share its run. @type {SharedEngine} */
let shared;
/** The run in progress. @type {Current | null} */
let current = null;

/**
 * A macrotask, so that messages get through; a resolved promise would not let them, and neither would `scheduler.yield()`, whose
 * continuations go before messages that wait.
 */
const channel = new MessageChannel();
const letMessagesThrough = () =>
  new Promise((resolve) => {
    channel.port1.onmessage = () => resolve(undefined);
    channel.port2.postMessage(0);
  });

/** @param {FromWorker} message @param {Transferable[]} [transfer] */
const post = (message, transfer = []) => /** @type {any} */ (self).postMessage(message, transfer);

/** Takes `steps` steps and posts the snapshot. Returns what the engine took, in milliseconds. @param {Current} run @param {number} steps */
async function advance(run, steps) {
  const begin = performance.now();
  const bytes = await shared.advance(steps);
  const ms = performance.now() - begin;
  run.steps += steps;
  if (steps > 0) run.elapsedMs += ms;
  const { steps: made, rate: stepsPerSecond, elapsedMs } = run;
  const status = engine.status();
  post({ type: "snapshot", run: run.run, bytes, steps: made, stepsPerSecond, elapsedMs, workers: shared.size, status }, [bytes.buffer]);
  if (status !== "going") run.playing = false;
  return ms;
}

/** One turn of a playing run: k steps and a snapshot; now and then no step, to see what a snapshot costs. @param {Current} run */
async function turn(run) {
  if (run.turns++ % TURNS_BETWEEN_MEASURES === TURNS_BETWEEN_MEASURES - 1) {
    run.snapshotMs = await advance(run, 0);
    run.since = performance.now();
    return;
  }
  const ms = await advance(run, run.k);
  const now = performance.now();
  run.rate = smoothedRate(run.rate, run.k, now - run.since);
  run.since = now;
  run.k = nextSteps(run.k, ms, run.snapshotMs);
}

/** Repeats the run of a worker that was given up: the same start, the same live values after the same steps. @param {Current} run @param {Journal} journal */
async function replay(run, journal) {
  for (const [at, values] of journal.sets) {
    await skipTo(run, at);
    shared.set(values);
    run.sets.push([at, values]);
  }
  await skipTo(run, journal.steps);
}

/** @param {Current} run @param {number} step */
async function skipTo(run, step) {
  while (run.steps < step && !inbox.some((message) => message.type === "start")) {
    const steps = Math.min(step - run.steps, STEPS_AT_ONCE);
    await shared.advance(steps);
    run.steps += steps;
    await letMessagesThrough();
  }
}

/** @param {Current} run */
function play(run) {
  run.playing = true;
  run.since = performance.now();
}

/** What begins anew. @param {Extract<ToWorker, { type: "open" | "start" | "probe" }>} message */
async function begin(message) {
  current = null;
  if (message.type === "open") {
    engine = await openEngine(message.device, message.module);
    shared = new SharedEngine(engine, message);
    return post({ type: "opened" });
  }
  if (message.type === "probe") {
    await shared.start(message);
    await shared.advance(WARM_UP_STEPS);
    const since = performance.now();
    await shared.advance(PROBE_STEPS);
    return post({ type: "probed", run: message.run, msPerStep: (performance.now() - since) / PROBE_STEPS });
  }
  const { run, journal } = message;
  current = { run, playing: false, wanted: false, k: 1, steps: 0, sets: [], turns: 0, rate: 0, elapsedMs: 0, since: 0, snapshotMs: 0 };
  await shared.start(message);
  if (journal) await replay(current, journal);
  current.snapshotMs = await advance(current, 0);
}

/** What happens to the run in progress. @param {Current} run @param {Exclude<ToWorker, { type: "open" | "start" | "probe" }>} message */
async function change(run, message) {
  switch (message.type) {
    case "set":
      if (inbox.some((later) => later.type === "set" && later.run === run.run)) return;
      shared.set(message.values);
      run.sets.push([run.steps, message.values]);
      if (run.playing) return;
      await advance(run, 0);
      if (run.wanted && engine.status() !== "done") play(run);
      return;
    case "play":
      run.wanted = true;
      if (engine.status() === "done") await advance(run, 0);
      else play(run);
      return;
    case "pause":
    case "step":
      run.wanted = false;
      run.playing = false;
      if (message.type === "step") await advance(run, 1);
      return post({ type: "paused", run: run.run });
    case "save": {
      const bytes = await engine.save();
      return post({ type: "saved", run: run.run, bytes }, [bytes.buffer]);
    }
    case "stop":
      current = null;
      return post({ type: "stopped", run: run.run, journal: { steps: run.steps, sets: run.sets } });
  }
}

/** Handles one message; what belongs to a run that is no more is dropped. @param {ToWorker} message */
async function handle(message) {
  if (message.type === "open" || message.type === "start" || message.type === "probe") {
    await guarded(message.type, "run" in message ? message.run : 0, () => begin(message));
  } else if (current && message.run === current.run) {
    const run = current;
    await guarded(message.type, run.run, () => change(run, message));
  }
}

/** A failure ends the run and is reported once; the page then ends this worker. @param {string} where @param {number} run @param {() => Promise<void>} work */
async function guarded(where, run, work) {
  try {
    await work();
  } catch (error) {
    current = null;
    post({ type: "failed", run, sentence: sentenceOf(error), where });
  }
}

/** Never ends. Not awaited at the top level: a module that never finishes loading may never be given its messages. */
async function pump() {
  for (;;) {
    for (let message = inbox.shift(); message; message = inbox.shift()) await handle(message);
    if (current?.playing) {
      const run = current;
      await guarded("advance", run.run, () => turn(run));
      await letMessagesThrough();
    } else {
      await new Promise((resolve) => {
        wake = () => resolve(undefined);
        if (inbox.length > 0) wake();
      });
    }
  }
}

pump();
