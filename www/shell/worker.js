/**
 * The worker of a run. `onmessage` only fills an inbox; one loop is the only thing that touches the engine: it empties the inbox, takes k
 * steps, posts a snapshot where one is due, lets messages through, and begins again. Lane workers may share the steps.
 */

import { openEngine, sentenceOf } from "./engine.js";
import { nextSteps, settledPace, smoothedRate, snapshotDue } from "./pump.js";
import { SharedEngine } from "./shared-engine.js";

/** @import { Engine } from "./engine.js" */
/** @import { FromWorker, Journal, ToWorker } from "./types.js" */

/** Steps between two looks at the inbox while a journal is computed again. */
const STEPS_AT_ONCE = 50;

/**
 * @typedef {{ run: number, playing: boolean, wanted: boolean, k: number, steps: number, sets: Journal["sets"], rate: number,
 *   elapsedMs: number, since: number, shown: number, resumed: number, snapshotMs: number }} Current  a run: `wanted`: Play was pressed
 *   and Pause was not, `k`: steps of the next slice, `since` and `resumed`: before and after the last snapshot, `shown`: its step
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

/** Takes `steps` steps and posts the snapshot. @param {Current} run @param {number} steps */
async function advance(run, steps) {
  const begin = performance.now();
  const bytes = await shared.advance(steps);
  const ms = performance.now() - begin;
  run.steps += steps;
  if (steps > 0) run.elapsedMs += ms;
  else run.snapshotMs = run.snapshotMs > 0 ? (run.snapshotMs + ms) / 2 : ms;
  const { steps: made, rate: stepsPerSecond, elapsedMs } = run;
  const status = engine.status();
  post({ type: "snapshot", run: run.run, bytes, steps: made, stepsPerSecond, elapsedMs, workers: shared.size, status }, [bytes.buffer]);
  if (status !== "going") run.playing = false;
}

/** One turn of a playing run: k steps, and a snapshot where one is due. @param {Current} run */
async function turn(run) {
  const begin = performance.now();
  const made = await shared.step(run.k);
  const now = performance.now();
  const ended = made < run.k;
  run.steps += made;
  run.elapsedMs += now - begin;
  run.k = nextSteps(run.k, now - begin);
  if (!ended && !snapshotDue(now - run.resumed, run.snapshotMs)) return;
  run.rate = smoothedRate(run.rate, run.steps - run.shown, now - run.since);
  await advance(run, 0);
  fromHere(run, now);
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
    await shared.step(steps);
    run.steps += steps;
    await letMessagesThrough();
  }
}

/** Counts steps and time towards the next snapshot from here. @param {Current} run @param {number} since */
function fromHere(run, since) {
  run.since = since;
  run.shown = run.steps;
  run.resumed = performance.now();
}

/** @param {Current} run */
function play(run) {
  run.playing = true;
  fromHere(run, performance.now());
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
    return post({ type: "probed", run: message.run, msPerStep: await settledPace((steps) => shared.step(steps)) });
  }
  const { run, journal } = message;
  const nothing = { steps: 0, rate: 0, elapsedMs: 0, since: 0, shown: 0, resumed: 0, snapshotMs: 0 };
  current = { run, playing: false, wanted: false, k: 1, sets: [], ...nothing };
  await shared.start(message);
  if (journal) await replay(current, journal);
  await advance(current, 0);
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
      if (message.type === "step") await advance(run, 1);
      else if (run.playing && run.steps > run.shown) await advance(run, 0); // what is seen is where it stands
      run.playing = false;
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
