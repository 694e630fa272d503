/** The transitions of a run, one line each: what holds before, what happens, what differs after, what is to be done. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { autosaves, initial, reduce } from "../../www/shell/run-state.js";

const OLD = { beta: 1 };
const NEW = { beta: 2 };
const MODEL = new Uint8Array([1]);
const OTHER = new Uint8Array([2]);
const JOURNAL = { steps: 40, sets: [] };
const ADAPTER = { present: true, software: false, name: "a card" };
const MEASURED = { cpu: 1, webgpu: 2, device: "cpu" };
const SAVED = { bytes: OTHER, steps: 30 };
const BEGAN = { values: OLD, assets: {}, why: "why" };

/** A run of a demo that may use a GPU and gives its model: its third, standing on the CPU after some steps. */
const DEMO = { device: true, rate: true, gives: true };
const STANDING = { ...initial(DEMO), run: 3, phase: "paused", worker: "cpu", values: OLD, began: BEGAN, steps: 30 };
const PLAIN = { ...DEMO, device: false, gives: false };

const snapshot = (rest = {}) => ({ type: "snapshot", run: 3, bytes: MODEL, steps: 31, stepsPerSecond: 0, elapsedMs: 1, workers: 1, status: "going", ...rest });
const post = (type, rest = {}) => ({ do: "post", message: { type, run: 3, ...rest } });
const answer = (bytes = null) => ({ do: "answer", bytes });
const launch = (rest = {}) => ({ do: "launch", run: 4, device: "cpu", choice: "auto", measured: null, values: OLD, assets: {}, journal: null, ...rest });
const LOADING = { phase: "loading", words: "starting", run: 4, next: "idle" };

/** @type {[string, object, object, object, object[]][]} */
const TRANSITIONS = [
  // The first run, and what every run begins with.
  ["values before the first run are kept", { run: 0, worker: null, phase: "idle" }, { type: "set", values: NEW, device: "cpu" }, { values: NEW, choice: "cpu", run: 0 }, []],
  ["a restart before the first run only keeps values", { run: 0, worker: null, phase: "idle" }, { type: "restart", values: NEW, device: "auto" }, { values: NEW, run: 0 }, []],
  ["the beginning is shown", { run: 0, worker: null, phase: "idle" }, { type: "begin", model: null }, { phase: "loading", run: 1, base: {} }, [answer(), launch({ run: 1 })]],
  ["a model becomes the base of every run", {}, { type: "begin", model: MODEL }, { base: { model: MODEL } }, [answer(), launch({ assets: { model: MODEL } })]],
  ["and goes when it is taken back", { base: { model: MODEL } }, { type: "begin", model: null }, { base: {} }, [answer(), launch()]],
  ["a file of weights serves one run", { saved: SAVED }, { type: "load", model: MODEL, why: "a file" }, { base: {}, saved: null, notes: ["a file"] }, [answer(), launch({ assets: { model: MODEL } })]],
  ["reset begins anew from the base", { saved: SAVED, base: { model: MODEL }, phase: "running" }, { type: "reset" }, { ...LOADING, saved: null }, [answer(), launch({ assets: { model: MODEL } })]],

  // Loading.
  ["words of the wait", { phase: "loading" }, { type: "progress", run: 3, words: "timing the CPU" }, { phase: "loading", words: "timing the CPU" }, []],
  ["an older run's words are dropped", { phase: "loading", words: "x" }, { type: "progress", run: 2, words: "late" }, { words: "x" }, []],
  ["why a device was chosen", { phase: "loading" }, { type: "decided", run: 3, sentence: "No adapter.", adapter: ADAPTER }, { notes: ["why", "No adapter."], adapter: ADAPTER }, []],
  ["both devices were timed", { phase: "loading" }, { type: "measured", measured: MEASURED, sentences: ["It failed."] }, { measured: MEASURED, notes: ["It failed."] }, []],
  ["the old worker is ended, and whoever waits for weights is answered", { saved: SAVED }, { type: "worker", device: null }, { worker: null }, [answer(OTHER)]],
  ["a worker is there", { worker: null }, { type: "worker", device: "webgpu" }, { worker: "webgpu" }, []],
  ["a run starts", { phase: "loading", words: "x" }, { type: "started", run: 3, assets: { images: MODEL }, steps: 0 }, { steps: 0, words: "x", began: { ...BEGAN, assets: { images: MODEL } } }, []],
  ["a run is repeated", { phase: "loading", journal: JOURNAL }, { type: "started", run: 3, assets: {}, steps: 40 }, { journal: null, words: "computing 40 steps again" }, []],
  ["values that change meanwhile wait", { phase: "loading" }, { type: "set", values: NEW, device: "auto", visible: true }, { values: NEW, phase: "loading" }, []],
  ["play waits", { phase: "loading" }, { type: "play" }, { next: "playing", phase: "loading" }, []],
  ["pause takes it back", { phase: "loading", next: "playing" }, { type: "pause" }, { next: "idle", phase: "loading" }, []],
  ["a step waits", { phase: "loading" }, { type: "step" }, { next: "step", phase: "loading" }, []],
  ["the first snapshot: it stands", { phase: "loading" }, snapshot({ steps: 0 }), { phase: "idle", steps: 0 }, []],
  ["after repeated steps it is paused", { phase: "loading" }, snapshot({ steps: 40 }), { phase: "paused", steps: 40 }, []],
  ["the values that waited are sent", { phase: "loading", values: NEW }, snapshot({ steps: 0 }), { phase: "idle" }, [post("set", { values: NEW })]],
  ["the play that waited", { phase: "loading", next: "playing" }, snapshot({ steps: 0 }), { phase: "running" }, [post("play")]],
  ["the step that waited", { phase: "loading", next: "step" }, snapshot({ steps: 0 }), { phase: "paused", next: "idle" }, [post("step")]],
  ["a model that was loaded is kept for others", { phase: "loading", began: { ...BEGAN, assets: { model: MODEL } } }, snapshot({ steps: 0 }), { phase: "idle" }, [{ do: "keep", model: MODEL }]],
  ["but not after repeated steps", { phase: "loading", began: { ...BEGAN, assets: { model: MODEL } } }, snapshot({ steps: 40 }), { phase: "paused" }, []],
  ["nor by a demo that gives none", { phase: "loading", demo: PLAIN, began: { ...BEGAN, assets: { model: MODEL } } }, snapshot({ steps: 0 }), { phase: "idle" }, []],
  ["a run that only answers is done", { phase: "loading", next: "playing" }, snapshot({ steps: 0, status: "done" }), { phase: "done" }, []],
  ["a run that cannot begin has failed", { phase: "loading" }, snapshot({ steps: 0, status: "failed" }), { phase: "failed" }, []],

  // Playing, pausing, stepping.
  ["play", { measured: MEASURED }, { type: "play" }, { phase: "running", next: "playing" }, [post("play")]],
  ["play while it runs", { phase: "running" }, { type: "play" }, { phase: "running", next: "playing" }, []],
  ["play on Auto asks for a device, once", { phase: "idle", steps: 0 }, { type: "play" }, { ...LOADING, next: "playing", notes: ["why"] }, [answer(), launch({ device: null })]],
  ["but not where there is nothing to choose", { phase: "idle", steps: 0, demo: PLAIN }, { type: "play" }, { phase: "running", run: 3 }, [post("play")]],
  ["nor where a run is over before both are timed", { phase: "idle", steps: 0, demo: { ...DEMO, rate: false } }, { type: "play" }, { phase: "running", run: 3 }, [post("play")]],
  ["nor after the GPU failed", { phase: "idle", steps: 0, onlyCpu: true }, { type: "play" }, { phase: "running", run: 3 }, [post("play")]],
  ["play after a failure begins again", { phase: "failed", worker: null }, { type: "play" }, { ...LOADING, next: "playing" }, [answer(), launch({ device: null })]],
  ["pause asks the worker", { phase: "running", next: "playing" }, { type: "pause" }, { phase: "running", words: "pausing", pausing: true, next: "idle" }, [post("pause")]],
  ["pause a second time", { phase: "running", pausing: true }, { type: "pause" }, { phase: "running", pausing: true }, []],
  ["play before it has paused", { phase: "running", pausing: true }, { type: "play" }, { phase: "running", words: "running", pausing: false }, [post("play")]],
  ["then its late answer changes nothing", { phase: "running" }, { type: "paused", run: 3 }, { phase: "running" }, [post("save")]],
  ["it has paused, and its model is saved", { phase: "running", pausing: true }, { type: "paused", run: 3 }, { phase: "paused", pausing: false }, [post("save")]],
  ["a demo that gives no model saves nothing then", { phase: "running", pausing: true, demo: PLAIN }, { type: "paused", run: 3 }, { phase: "paused" }, []],
  ["it was done before it could pause", { phase: "running", pausing: true }, snapshot({ status: "done" }), { phase: "done", pausing: false }, []],
  ["a step", {}, { type: "step" }, { phase: "paused", next: "idle" }, [post("step")]],
  ["a step without a worker begins again", { worker: null, began: { ...BEGAN, assets: { images: MODEL } } }, { type: "step" }, { ...LOADING, next: "step" }, [answer(), launch({ assets: { images: MODEL } })]],
  ["from the beginning to the end", { phase: "done", steps: 60 }, { type: "through" }, { ...LOADING, next: "playing" }, [answer(), launch({ device: null })]],
  ["it stands at its beginning already", { phase: "idle", steps: 0, demo: PLAIN }, { type: "through" }, { phase: "running", run: 3 }, [post("play")]],
  ["it stood there and was stepped", { phase: "idle", steps: 1, demo: PLAIN }, { type: "through" }, { ...LOADING, next: "playing" }, [answer(), launch()]],

  // Values and snapshots.
  ["a live value", { phase: "running" }, { type: "set", values: NEW, device: "auto" }, { values: NEW, phase: "running" }, [post("set", { values: NEW })]],
  ["a value that restarts: Auto is the CPU where a run is soon over", { phase: "running", demo: { ...DEMO, rate: false } }, { type: "restart", values: NEW, device: "auto" }, { ...LOADING, next: "playing" }, [answer(), launch({ values: NEW })]],
  ["a value that restarts: a run that went on goes on", { phase: "running", saved: SAVED }, { type: "restart", values: NEW, device: "auto" }, { ...LOADING, next: "playing", saved: null }, [answer(), launch({ device: null, values: NEW })]],
  ["so does one that was to play", { phase: "loading", next: "playing" }, { type: "restart", values: NEW, device: "cpu" }, { ...LOADING, next: "playing" }, [answer(), launch({ device: null, choice: "cpu", values: NEW })]],
  ["one that pauses does not", { phase: "running", pausing: true }, { type: "restart", values: NEW, device: "auto" }, LOADING, [answer(), launch({ values: NEW })]],
  ["another device forgets what was known of devices", { onlyCpu: true, measured: MEASURED }, { type: "restart", values: OLD, device: "webgpu" }, { onlyCpu: false, measured: null }, [answer(), launch({ device: null, choice: "webgpu" })]],
  ["a snapshot", { phase: "running" }, snapshot(), { phase: "running", steps: 31, computedOn: "CPU" }, []],
  ["with all there is to say of it", { phase: "running", worker: "webgpu", adapter: ADAPTER, measured: MEASURED }, snapshot({ workers: 2, stepsPerSecond: 12.4 }), { device: "WebGPU", computedOn: "WebGPU (a card) · 2 workers · 12 steps/s · probe: CPU 1.0 ms, WebGPU 2.0 ms a step" }, []],
  ["a snapshot of an older run", { phase: "running" }, snapshot({ run: 2 }), { steps: 30 }, []],
  ["the end", { phase: "running" }, snapshot({ status: "done" }), { phase: "done" }, []],
  ["a value gives it more to do", { phase: "done", next: "playing" }, snapshot(), { phase: "running" }, []],
  ["or to be stepped through", { phase: "done", next: "idle" }, snapshot(), { phase: "paused" }, []],
  ["it diverged and went back: it waits", { phase: "running", next: "playing" }, snapshot({ status: "failed" }), { phase: "paused" }, []],

  // Weights.
  ["weights are saved and kept", {}, { type: "saved", run: 3, bytes: MODEL }, { saved: { bytes: MODEL, steps: 30 } }, [{ do: "keep", model: MODEL }, answer(MODEL)]],
  ["those of a few steps are not kept for others", { steps: 3 }, { type: "saved", run: 3, bytes: MODEL }, { saved: { bytes: MODEL, steps: 3 } }, [answer(MODEL)]],
  ["a run without weights", { saved: SAVED }, { type: "saved", run: 3, bytes: new Uint8Array() }, { weightless: true, saved: SAVED }, [answer(OTHER)]],

  // Workers that are given up, and runs that are woken.
  ["a worker is given up", { saved: SAVED }, { type: "leaving" }, { worker: null, leaving: true, phase: "paused" }, [answer(OTHER)]],
  ["its journal comes", { worker: null, leaving: true }, { type: "asleep", run: 3, journal: JOURNAL }, { leaving: false, journal: JOURNAL, phase: "paused" }, []],
  ["the journal of an older run does not", { worker: null }, { type: "asleep", run: 2, journal: JOURNAL }, { journal: null }, []],
  ["play wakes it where it was", { worker: null, journal: JOURNAL }, { type: "play" }, { ...LOADING, next: "playing", journal: JOURNAL }, [answer(), launch({ device: null, journal: JOURNAL })]],
  ["so does a step", { worker: null, journal: JOURNAL }, { type: "step" }, { ...LOADING, next: "step" }, [answer(), launch({ journal: JOURNAL })]],
  ["and a value, from what it began with", { worker: null, journal: JOURNAL }, { type: "set", values: NEW, device: "auto", visible: true }, { ...LOADING, values: NEW }, [answer(), launch({ journal: JOURNAL })]],
  ["a value out of sight wakes nothing", { worker: null, journal: JOURNAL }, { type: "set", values: NEW, device: "auto", visible: false }, { values: NEW, phase: "paused" }, []],
  ["play before the journal has come waits for it", { worker: null, leaving: true }, { type: "play" }, { phase: "loading", next: "playing", run: 3, leaving: true }, []],
  ["and goes on with it", { worker: null, leaving: true, phase: "loading", next: "playing" }, { type: "asleep", run: 3, journal: JOURNAL }, { ...LOADING, next: "playing", leaving: false }, [answer(), launch({ device: null, journal: JOURNAL })]],
  ["reset does not wait for the journal", { worker: null, leaving: true }, { type: "reset" }, { ...LOADING, leaving: false }, [answer(), launch()]],
  ["reset forgets the journal", { worker: null, journal: JOURNAL }, { type: "reset" }, { ...LOADING, journal: null }, [answer(), launch()]],

  // Failures.
  ["a failure", { phase: "running", journal: JOURNAL }, { type: "failed", run: 3, sentence: "It broke.", where: "advance" }, { phase: "failed", worker: null, journal: null, notes: ["It broke."] }, [{ do: "end" }, answer()]],
  ["of an older run", { phase: "running" }, { type: "failed", run: 2, sentence: "Late.", where: "advance" }, { phase: "running" }, []],
  ["of the worker itself", { phase: "running" }, { type: "failed", run: -1, sentence: "It broke.", where: "worker" }, { phase: "failed" }, [{ do: "end" }, answer()]],
  [
    "a lost GPU: the CPU goes on from the last weights",
    { phase: "running", worker: "webgpu", choice: "webgpu", saved: SAVED },
    { type: "failed", run: 3, sentence: "Lost.", where: "advance" },
    { ...LOADING, next: "playing", onlyCpu: true, notes: ["WebGPU failed (Lost). The CPU goes on from the weights of step 30; Reset begins anew."] },
    [{ do: "end" }, answer(OTHER), launch({ choice: "webgpu", assets: { model: OTHER } })],
  ],
  ["or begins again", { worker: "webgpu", base: { model: MODEL } }, { type: "failed", run: 3, sentence: "Lost.", where: "advance" }, { ...LOADING, onlyCpu: true }, [{ do: "end" }, answer(), launch({ assets: { model: MODEL } })]],
  ["a GPU that does not even open", { phase: "loading", worker: null, choice: "webgpu", next: "step" }, { type: "failed", run: 3, sentence: "No.", where: "launch" }, { ...LOADING, next: "step", onlyCpu: true }, [{ do: "end" }, answer(), launch({ choice: "webgpu" })]],
  [
    "a model that does not fit: the run begins without one",
    { phase: "loading", next: "playing", base: { model: MODEL }, saved: SAVED, began: { ...BEGAN, assets: { model: MODEL } } },
    { type: "failed", run: 3, sentence: "It does not fit.", where: "start" },
    { ...LOADING, next: "playing", base: {}, saved: null },
    [{ do: "end" }, { do: "refused", sentence: "It does not fit." }, answer(), launch({ device: null })],
  ],
  ["a failure later has nothing to do with the model", { phase: "running", began: { ...BEGAN, assets: { model: MODEL } } }, { type: "failed", run: 3, sentence: "It broke.", where: "advance" }, { phase: "failed" }, [{ do: "end" }, answer()]],
  ["a start that fails without a model", { phase: "loading" }, { type: "failed", run: 3, sentence: "No.", where: "start" }, { phase: "failed" }, [{ do: "end" }, answer()]],
];

for (const [what, before, event, after, effects] of TRANSITIONS) {
  test(what, () => {
    const state = Object.freeze({ ...STANDING, ...before });
    const next = reduce(state, event);
    const differs = Object.fromEntries(Object.keys(after).map((key) => [key, next.state[key]]));
    assert.deepEqual(differs, after);
    assert.deepEqual(next.effects, effects);
  });
}

test("the weights of a running run are saved where somebody may need them", () => {
  const running = { ...STANDING, phase: "running" };
  assert.equal(autosaves(running), true);
  assert.equal(autosaves({ ...running, demo: PLAIN }), false);
  assert.equal(autosaves({ ...running, demo: PLAIN, worker: "webgpu" }), true);
  assert.equal(autosaves({ ...running, weightless: true }), false);
  assert.equal(autosaves(STANDING), false);
});
