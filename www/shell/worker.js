/**
 * The pump. `onmessage` only fills an inbox; one loop is the only thing that touches the engine: it empties the inbox,
 * takes k steps, posts one snapshot, gives way to messages, and begins again. Helpers may share the steps.
 */

import { openEngine, wordsOf } from "./lab.js";
import { known, toWorker } from "./messages.js";
import { nextSteps, smoothedRate } from "./pump.js";
import { team } from "./team.js";

/** @type {import("./messages.js").ToWorker[]} */
const inbox = [];
let wake = () => {};
self.onmessage = ({ data }) => {
  inbox.push(data);
  wake();
};

/** Every so many turns a snapshot without a step tells what a snapshot costs. */
const TURNS_BETWEEN_MEASURES = 64;
const WARM_UP_STEPS = 3;
const PROBE_STEPS = 10;

/** @type {any} the exports of the engine */
let engine = null;
/** The engine with its helpers. @type {ReturnType<typeof team>} */
let hands;
/** @type {any} the run in progress, or none */
let current = null;

/**
 * A macrotask, so that messages get through; a resolved promise would not let them, and neither would
 * `scheduler.yield()`, whose continuations go before messages that wait.
 */
const channel = new MessageChannel();
const breathe = () =>
  new Promise((resolve) => {
    channel.port1.onmessage = () => resolve(undefined);
    channel.port2.postMessage(0);
  });

const post = (message, transfer = []) => self.postMessage(message, transfer);

/** Takes `steps` steps and posts the snapshot. Returns what the engine took, in milliseconds. */
async function advance(steps) {
  const begin = performance.now();
  const bytes = await hands.advance(steps);
  const ms = performance.now() - begin;
  const run = current;
  run.steps += steps;
  if (steps > 0) run.elapsedMs += ms;
  const done = engine.finished();
  const halted = engine.halted();
  post(
    {
      type: "snapshot",
      run: run.run,
      bytes,
      steps: run.steps,
      stepsPerSecond: run.rate,
      elapsedMs: run.elapsedMs,
      workers: hands.size(),
      done,
      halted,
    },
    [bytes.buffer],
  );
  if (done || halted) run.playing = false;
  return ms;
}

/** One turn of a playing run: k steps and a snapshot; now and then none, to see what a snapshot costs. */
async function turn() {
  const run = current;
  if (run.turns++ % TURNS_BETWEEN_MEASURES === TURNS_BETWEEN_MEASURES - 1) {
    run.snapshotMs = await advance(0);
    run.since = performance.now();
    return;
  }
  const ms = await advance(run.k);
  const now = performance.now();
  run.rate = smoothedRate(run.rate, run.k, now - run.since);
  run.since = now;
  run.k = nextSteps(run.k, ms, run.snapshotMs);
}

/** Goes again what a dropped worker had gone: the same start, the same live values after the same steps. */
async function replay(journal) {
  for (const [at, values] of journal.sets) {
    await skipTo(at);
    hands.set(values);
    current.sets.push([at, values]);
  }
  await skipTo(journal.steps);
}

async function skipTo(step) {
  while (current.steps < step && !inbox.some((message) => message.type === "start")) {
    const steps = Math.min(step - current.steps, 50);
    await hands.advance(steps);
    current.steps += steps;
    await breathe();
  }
}

const actions = {
  async open({ device, module, cores }) {
    const opened = await openEngine(device, module);
    engine = opened.engine;
    hands = team(engine, { device, module, cores });
    post({ type: "opened", device: opened.device });
  },

  async start({ run, demo, values, assets, journal }) {
    current = { run, playing: false, wanted: false, k: 1, steps: 0, sets: [], turns: 0, rate: 0, elapsedMs: 0 };
    await hands.start({ demo, values, assets });
    if (journal) await replay(journal);
    current.snapshotMs = await advance(0);
  },

  async set({ run, values }) {
    if (inbox.some((later) => later.type === "set" && later.run === run)) return;
    hands.set(values);
    current.sets.push([current.steps, values]);
    if (current.playing) return;
    await advance(0);
    if (current.wanted && !engine.finished()) begin();
  },

  async play() {
    current.wanted = true;
    if (engine.finished()) await advance(0);
    else begin();
  },

  async pause({ run }) {
    current.wanted = false;
    current.playing = false;
    post({ type: "paused", run });
  },

  async step({ run }) {
    current.wanted = false;
    current.playing = false;
    await advance(1);
    post({ type: "paused", run });
  },

  async save({ run }) {
    const bytes = await engine.save();
    post({ type: "saved", run, bytes }, [bytes.buffer]);
  },

  async stop({ run }) {
    post({ type: "stopped", run, journal: { steps: current.steps, sets: current.sets } });
    current = null;
  },

  async probe({ run, demo, values, assets }) {
    current = null;
    await hands.start({ demo, values, assets });
    await hands.advance(WARM_UP_STEPS);
    const begin = performance.now();
    await hands.advance(PROBE_STEPS);
    post({ type: "probed", run, msPerStep: (performance.now() - begin) / PROBE_STEPS });
  },
};

function begin() {
  current.playing = true;
  current.since = performance.now();
}

/** Obeys one message; what belongs to a run that is no more is dropped. */
async function obey(message) {
  const { type, run } = known(toWorker, message);
  const fresh = type === "open" || type === "start" || type === "probe";
  if (!fresh && run !== current?.run) return;
  await guarded(type, run ?? 0, () => actions[type](message));
}

/** A failure ends the run and is told once; the page discards this worker. */
async function guarded(where, run, work) {
  try {
    await work();
  } catch (error) {
    current = null;
    post({ type: "failed", run, sentence: wordsOf(error), where });
  }
}

/** Never ends. Not awaited at the top level: a module that never finishes loading may never be given its messages. */
async function pump() {
  for (;;) {
    while (inbox.length > 0) await obey(inbox.shift());
    if (current?.playing) {
      await guarded("advance", current.run, turn);
      await breathe();
    } else {
      await new Promise((resolve) => {
        wake = () => resolve(undefined);
        if (inbox.length > 0) wake();
      });
    }
  }
}

pump();
