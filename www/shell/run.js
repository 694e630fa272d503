/** The run of one demo: carries out what its pure state asks for, with workers, timers and the engines. Never touches the page. */

import { sentence } from "./dom.js";
import { nameOf } from "./engines.js";
import { autosaves, initial, reduce, rests } from "./run-state.js";
import { openWorker, probe } from "./worker-pool.js";

/** @import { Engines } from "./engines.js" */
/** @import { Effect, Event } from "./run-state.js" */
/** @import { Assets, Demo, Device, Snapshot, Values } from "./types.js" */
/** @import { Member, Pool, WorkerHandle } from "./worker-pool.js" */

const SAVE_EVERY_MS = 5000;
const PROBE_PATIENCE_MS = 15_000;

/**
 * @typedef {Extract<Effect, { do: "launch" }>} Launch
 *
 * @typedef {object} Options
 * @property {() => void} changed something that is shown has changed
 * @property {(snapshot: Snapshot) => void} snapshot
 * @property {() => boolean} visible
 * @property {(assets: Assets) => Promise<Assets> | Assets} given what a run beginning with these assets is given besides
 * @property {(model: Uint8Array) => void} keep trained weights
 * @property {(sentence: string) => void} refused the run began without the model it was given
 */

export class Run {
  #name;
  #engines;
  #pool;
  #options;
  /** @type {WorkerHandle | null} */
  #worker = null;
  /** Who waits for the weights. @type {((bytes: Uint8Array | null) => void)[]} */
  #waiting = [];
  #saving = 0;
  /** @type {Member} */
  #member = {
    used: 0,
    spare: () => this.#worker !== null && rests(this.state) && !this.#options.visible(),
    release: () => this.#release(),
  };

  /**
   * @param {Demo} demo
   * @param {{ engines: Engines, pool: Pool }} services
   * @param {Options} options
   */
  constructor(demo, { engines, pool }, options) {
    this.#name = demo.name;
    this.#engines = engines;
    this.#pool = pool;
    this.#options = options;
    this.state = initial({ device: demo.device, rate: demo.rate, gives: demo.model === "gives" });
  }

  /** What happened, to the next state and its effects. @param {Event} event */
  send(event) {
    const saved = autosaves(this.state);
    const { state, effects } = reduce(this.state, event);
    this.state = state;
    for (const effect of effects) this.#perform(effect);
    if (autosaves(this.state) !== saved) {
      clearInterval(this.#saving);
      if (!saved) this.#saving = setInterval(() => this.#post("save"), SAVE_EVERY_MS);
    }
    this.#options.changed();
  }

  /** The weights now, or the last that were saved; nothing where there are none. @returns {Promise<Uint8Array | null>} */
  save() {
    if (!this.#worker || this.state.phase === "loading") return Promise.resolve(this.state.saved?.bytes ?? null);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#post("save");
    });
  }

  /** @param {Effect} effect */
  #perform(effect) {
    if (effect.do === "launch") this.#launch(effect);
    else if (effect.do === "post") this.#worker?.post(effect.message);
    else if (effect.do === "keep") this.#options.keep(effect.model);
    else if (effect.do === "refused") this.#options.refused(effect.sentence);
    else if (effect.do === "answer") for (const resolve of this.#waiting.splice(0)) resolve(effect.bytes);
    else this.#end();
  }
  /** @param {"save" | "stop"} type */
  #post(type) {
    this.#worker?.post({ type, run: this.state.run });
  }
  #end() {
    this.#worker?.end();
    this.#worker = null;
    this.#pool.left(this.#member);
  }

  /** A device, a worker on it, a start; given up as soon as another run begins. @param {Launch} launch */
  async #launch(launch) {
    const { run, values, journal } = launch;
    const abandoned = () => run !== this.state.run;
    try {
      const assets = { ...(await this.#options.given(launch.assets)), ...launch.assets };
      if (abandoned()) return;
      const device = launch.device ?? (await this.#decide(launch, assets));
      if (abandoned() || !(await this.#employ(device, run)) || abandoned()) return;
      this.send({ type: "started", run, assets, steps: journal?.steps ?? 0 });
      this.#worker?.post({ type: "start", run, demo: this.#name, values, assets, journal });
    } catch (error) {
      this.send({ type: "failed", run, sentence: sentence(error), where: "launch" });
    }
  }

  /** A worker on a device, the present one where it fits. @param {Device} device @param {number} run @returns {Promise<boolean>} whether there is one */
  async #employ(device, run) {
    await this.#pool.join(this.#member);
    if (this.#worker?.device === device) return true;
    this.#worker?.end();
    this.#worker = null;
    this.send({ type: "worker", device: null });
    const opened = await this.#open(device, run);
    if (run !== this.state.run || this.#worker) {
      opened.end();
      return false;
    }
    this.#worker = opened;
    opened.listen((message) => {
      if (message.type === "snapshot" && message.run === this.state.run) this.#options.snapshot(message);
      this.send(message);
    });
    this.send({ type: "worker", device });
    return true;
  }
  /** @param {Device} device @param {number} run */
  async #open(device, run) {
    return openWorker(device, await this.#engines.module(device, (words) => this.send({ type: "progress", run, words })));
  }

  /** The device for the user's choice. @param {Launch} launch @param {Assets} assets @returns {Promise<Device>} */
  async #decide({ run, choice, measured, values }, assets) {
    const { device, sentence, adapter, compare } = await this.#engines.decide(choice);
    this.send({ type: "decided", run, sentence, adapter });
    if (!compare || run !== this.state.run) return device;
    if (measured) return measured.device;
    const timed = await this.#compare(run, values, assets);
    this.send({ type: "measured", ...timed });
    return timed.measured.device;
  }

  /** Times a few steps on each device. A device that cannot do it has lost. @param {number} run @param {Values} values @param {Assets} assets */
  async #compare(run, values, { model: _, ...assets }) {
    const timed = { cpu: Infinity, webgpu: Infinity };
    const sentences = [];
    for (const device of /** @type {const} */ (["cpu", "webgpu"])) {
      let trial = null;
      try {
        trial = await this.#open(device, run);
        const words = device === "webgpu" ? "timing WebGPU (its shaders are compiled first)" : "timing the CPU";
        this.send({ type: "progress", run, words });
        // Without a model: it does not change what a step costs.
        timed[device] = await probe(trial, this.#name, values, assets, PROBE_PATIENCE_MS);
      } catch (error) {
        sentences.push(`${nameOf(device)} could not be timed: ${sentence(error)}`);
      } finally {
        trial?.end();
      }
    }
    const faster = /** @type {Device} */ (timed.webgpu < timed.cpu ? "webgpu" : "cpu");
    return { measured: { ...timed, device: faster }, sentences: run === this.state.run ? sentences : [] };
  }

  /** Gives up the worker of a resting run; settles once it is known what the run did. @returns {Promise<void>} */
  #release() {
    const leaving = this.#worker;
    const { run } = this.state;
    if (!leaving) return Promise.resolve();
    return new Promise((resolve) => {
      leaving.listen((message) => {
        if (message.type !== "stopped" && message.type !== "failed") return;
        leaving.end();
        this.send({ type: "asleep", run, journal: message.type === "stopped" ? message.journal : { steps: 0, sets: [] } });
        resolve();
      });
      this.#post("stop");
      this.#worker = null;
      this.send({ type: "leaving" });
    });
  }
}
