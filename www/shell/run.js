/**
 * The run of one training: its worker, its state, and what happens when either fails. It never touches the page; it
 * tells the stage.
 */

import { sentence } from "./dom.js";
import { openWorker, probe } from "./crew.js";
import { nameOf } from "./engines.js";

const SAVE_EVERY_MS = 5000;
/** A run that was only tried for a few steps does not take the place of a trained model. */
const LEAST_STEPS = 20;
const PROBE_PATIENCE_MS = 15_000;

/** @typedef {"idle" | "loading" | "running" | "paused" | "done" | "failed"} State */
/** @typedef {import("./messages.js").Values} Values */

/**
 * @param {{ name: string, usesDevice: boolean, givesModel: boolean, tellsRate: boolean }} demo `givesModel`: its weights are kept for
 *   others; `tellsRate`: steps per second mean something in it
 * @param {{ engines: ReturnType<typeof import("./engines.js").engines>, crew: ReturnType<typeof import("./crew.js").crew> }} services
 * @param {{ state: (state: State, words: string) => void, snapshot: (message: any) => string, device: (text: string) => void,
 *   note: (...sentences: string[]) => void, visible: () => boolean, model: (bytes: Uint8Array) => void,
 *   given: (assets: Record<string, Uint8Array>) => any, refused: (sentence: string) => void }} tell `given` is what a run beginning with
 *   these assets is given besides; `snapshot` gives the picture's status, `model` trained weights, `refused` says
 *   that the run began without the model it was given
 */
export function run(demo, { engines, crew }, tell) {
  /** @type {State} */
  let state = "idle";
  /** Counts runs; what an older run sends is dropped. */
  let token = 0;
  /** @type {import("./crew.js").Hands | null} */
  let hands = null;
  let values = {};
  let choice = "auto";
  /** What this run began with, how far it came, and what it should do once it stands. */
  let began = { values: {}, assets: {}, why: "" };
  /** What every new run of this demo is given. */
  let base = {};
  let steps = 0;
  let then = "idle";
  /** The journal of a run whose worker was given up. */
  let asleep = null;
  /** After the GPU failed this demo stays on the CPU until a person chooses again. */
  let onlyCpu = false;
  /** The adapter that the last decision found. */
  let adapter = null;
  /** Milliseconds per step on each device, and the faster one; measured once. */
  let measured = null;
  let saved = null;
  let saving = 0;
  /** Pause was pressed, and the worker has not answered yet: its last snapshot is still on the way. */
  let pausing = false;
  /** Who waits for the weights. @type {((bytes: Uint8Array | null) => void)[]} */
  let waiting = [];

  const member = {
    used: 0,
    spare: () => hands !== null && ["idle", "paused", "done"].includes(state) && !tell.visible(),
    release,
  };
  const enter = (next, words = next) => {
    state = next;
    pausing = false;
    tell.state(next, words);
    clearInterval(saving);
    if (next === "running" && (hands?.device === "webgpu" || demo.givesModel)) saving = setInterval(() => say("save"), SAVE_EVERY_MS);
  };
  const goesOn = () => state === "running" && !pausing;
  const say = (type) => hands?.post({ type, run: token });
  /** Answers who waits for weights: with these, or with the last that were saved. */
  const hand = (bytes = saved?.bytes ?? null) => {
    const all = waiting;
    waiting = [];
    all.forEach((answer) => answer(bytes));
  };

  /** Begins a run: a device, a worker, a start. `wish` is what it does once its first snapshot is there. */
  async function launch({ wish, assets = base, journal = null, from = values, why = "" }) {
    const mine = (token += 1);
    const abandoned = () => mine !== token;
    hand();
    then = wish;
    began = { values: from, assets, why };
    tell.note(why);
    enter("loading", "starting");
    try {
      began.assets = { ...(await tell.given(assets)), ...assets };
      if (abandoned()) return;
      const device = await deviceFor(wish, abandoned);
      if (abandoned()) return;
      await employ(device);
      if (abandoned()) return;
      if (journal?.steps > 0) enter("loading", `computing ${journal.steps} steps again`);
      asleep = null;
      steps = 0;
      hands.post({ type: "start", run: mine, demo: demo.name, values: from, assets: began.assets, journal });
    } catch (error) {
      if (!abandoned()) fail(sentence(error));
    }
  }

  /** The worker for a device; the present one where it fits. */
  async function employ(device) {
    await crew.room(member);
    if (hands?.device === device) return;
    dismiss();
    const mine = token;
    const opened = await open(device);
    if (mine !== token || hands) return opened.end();
    hands = opened;
    hands.listen(hear);
  }
  async function open(device) {
    const module = await engines.module(device, (words) => enter("loading", words));
    return openWorker(device, module);
  }
  function dismiss() {
    hands?.end();
    hands = null;
    hand();
  }

  async function deviceFor(wish, abandoned) {
    if (!demo.usesDevice || onlyCpu) return "cpu";
    if (choice === "auto" && wish !== "playing" && !measured) return "cpu";
    const decision = await engines.decide(choice);
    if (!abandoned()) tell.note(began.why, decision.sentence);
    adapter = decision.adapter;
    if (abandoned() || !decision.compare) return decision.device;
    measured ??= await compare(abandoned);
    return measured.device;
  }

  /** Times a few steps on each device. A device that cannot do it has lost. */
  async function compare(abandoned) {
    const timed = {};
    // A model does not change what a step costs.
    const { model, ...assets } = began.assets;
    for (const device of ["cpu", "webgpu"]) {
      let trial = null;
      try {
        trial = await open(device);
        enter("loading", device === "webgpu" ? "timing WebGPU (its shaders are compiled first)" : "timing the CPU");
        timed[device] = await probe(trial, demo.name, began.values, assets, PROBE_PATIENCE_MS);
      } catch (error) {
        timed[device] = Infinity;
        if (!abandoned()) tell.note(`${nameOf(device)} could not be timed: ${sentence(error)}`);
      } finally {
        trial?.end();
      }
    }
    return { ...timed, device: timed.webgpu < timed.cpu ? "webgpu" : "cpu" };
  }

  /** What the worker says. */
  function hear(message) {
    if (message.type === "failed") {
      if (message.run !== -1 && message.run !== token) return;
      if (message.where === "start" && began.assets.model) refuse(message.sentence);
      else fail(message.sentence);
      return;
    }
    if (message.run !== token) return;
    heard[message.type](message);
  }
  const heard = {
    snapshot(message) {
      steps = message.steps;
      const status = tell.snapshot(message);
      tell.device(deviceLine(message));
      // The run went back to weights that are good: it waits, its sentence says for what, and play goes on from there.
      if (message.halted && state !== "loading") return enter("paused");
      if (status.startsWith("failed")) return enter("failed", "failed");
      if (state === "loading") settle(message);
      else if (message.done) enter("done");
      else if (state === "done") enter(then === "playing" ? "running" : "paused");
    },
    paused() {
      if (pausing) enter("paused");
      if (demo.givesModel) say("save");
    },
    saved({ bytes }) {
      if (bytes.length === 0) {
        clearInterval(saving);
        return hand();
      }
      saved = { bytes, steps };
      if (demo.givesModel && steps >= LEAST_STEPS) tell.model(bytes);
      hand();
    },
    stopped() {},
    opened() {},
    probed() {},
  };

  /** The first snapshot is there: on to what was wished while the run was loading. */
  function settle({ done }) {
    if (began.values !== values) hands.post({ type: "set", run: token, values });
    if (demo.givesModel && began.assets.model && steps === 0) tell.model(began.assets.model);
    if (done) return enter("done");
    if (then === "playing") {
      say("play");
      enter("running");
    } else {
      enter(steps > 0 ? "paused" : "idle");
      if (then === "step") oneStep();
    }
  }
  function oneStep() {
    then = "idle";
    say("step");
    enter("paused");
  }

  /** A lost GPU is answered by the CPU, from the last saved weights; anything else waits for the person. */
  function fail(text) {
    const lost = hands?.device === "webgpu" || (choice === "webgpu" && !onlyCpu && demo.usesDevice);
    const wish = goesOn() ? "playing" : then;
    dismiss();
    crew.left(member);
    asleep = null;
    if (!lost) {
      tell.note(text);
      return enter("failed", "failed");
    }
    onlyCpu = true;
    const rest = saved ? `goes on from the weights of step ${saved.steps}` : "begins again";
    const why = `WebGPU failed (${text.replace(/\.$/, "")}). The CPU ${rest}; Reset begins anew.`;
    launch({ wish, assets: saved ? { model: saved.bytes } : base, why });
  }

  /** The model that the run was given does not fit: it begins without one. */
  function refuse(text) {
    dismiss();
    asleep = null;
    saved = null;
    base = {};
    tell.refused(text);
    launch({ wish: then });
  }

  /** Gives up the worker of a resting run; what it did is kept as a journal. */
  function release() {
    const leaving = hands;
    hands = null;
    hand();
    if (!leaving) return Promise.resolve();
    return new Promise((resolve) => {
      leaving.listen((message) => {
        if (message.type !== "stopped" && message.type !== "failed") return;
        asleep = message.journal ?? { steps: 0, sets: [] };
        leaving.end();
        resolve();
      });
      leaving.post({ type: "stop", run: token });
    });
  }
  const wake = (wish) => launch({ wish, assets: began.assets, why: began.why, journal: asleep, from: began.values });
  /** What a run that is begun a second time, perhaps on another device, begins with. */
  const again = () => (token > 0 ? { assets: began.assets, why: began.why } : {});

  function deviceLine({ stepsPerSecond: rate, workers }) {
    if (!hands) return "";
    const parts = [nameOf(hands.device)];
    if (hands.device === "webgpu" && adapter) parts[0] += ` (${adapter.name}${adapter.software ? ", software" : ""})`;
    if (workers > 1) parts.push(`${workers} workers`);
    if (rate > 0 && demo.tellsRate) parts.push(`${rate >= 10 ? Math.round(rate) : rate.toFixed(1)} steps/s`);
    if (measured) {
      const figure = (ms) => (Number.isFinite(ms) ? `${ms.toPrecision(2)} ms` : "–");
      parts.push(`probe: CPU ${figure(measured.cpu)}, WebGPU ${figure(measured.webgpu)} a step`);
    }
    return parts.join(" · ");
  }

  return {
    state: () => state,
    device: () => (hands ? nameOf(hands.device) : ""),
    /** Values before the first launch, or those that changed live. */
    set(next, device) {
      values = next;
      choice = device;
      if (asleep) asleep.sets.push([asleep.steps, values]);
      if (asleep && tell.visible()) wake("idle");
      else if (hands && state !== "loading") hands.post({ type: "set", run: token, values });
    },
    /** Values that need a new run; a running one runs again. */
    restart(next, device) {
      if (device !== choice) {
        onlyCpu = false;
        measured = null;
      }
      saved = null;
      values = next;
      choice = device;
      if (token > 0) launch({ wish: goesOn() || (state === "loading" && then === "playing") ? "playing" : "idle" });
    },
    /** Shows the beginning, without a step. */
    ensure() {
      if (token === 0) launch({ wish: "idle" });
    },
    /** What every run starts from now: a model, or none; the present run begins anew. */
    bring(model) {
      base = model ? { model } : {};
      if (token > 0) launch({ wish: "idle" });
    },
    /** A run from these weights. */
    load(model, why) {
      saved = null;
      launch({ wish: "idle", assets: { model }, why });
    },
    /** The weights now, or the last that were saved; nothing where there are none. @returns {Promise<Uint8Array | null>} */
    save() {
      if (!hands || state === "loading") return Promise.resolve(saved?.bytes ?? null);
      return new Promise((answer) => {
        waiting.push(answer);
        say("save");
      });
    },
    play() {
      then = "playing";
      if (state === "loading" || goesOn()) return;
      const untimed = demo.usesDevice && choice === "auto" && !measured && !onlyCpu && steps === 0;
      if (asleep) wake("playing");
      else if (!hands || untimed || state === "failed") launch({ wish: "playing", ...again() });
      else {
        say("play");
        enter("running");
      }
    },
    pause() {
      then = "idle";
      if (!goesOn()) return;
      say("pause");
      pausing = true;
      tell.state("running", "pausing");
    },
    step() {
      if (state === "loading") then = "step";
      else if (asleep) wake("step");
      else if (!hands) launch({ wish: "step", ...again() });
      else oneStep();
    },
    reset() {
      saved = null;
      launch({ wish: "idle" });
    },
    /** Runs from the beginning to the end, for runs that end. */
    runThrough() {
      if (state === "idle" && hands && steps === 0) this.play();
      else launch({ wish: "playing" });
    },
  };
}
