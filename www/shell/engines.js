/** Which engines there are, which adapter the browser has, and which device a demo computes on. */

/** @import { Device } from "./types.js" */

const POLL_MS = 2000;
/** How long a browser may think about whether it has an adapter: some never answer. */
const ADAPTER_PATIENCE_MS = 3000;
/**
 * The device choice: the shell's own control, beside those of the registry.
 * @param {boolean} timed whether Auto times both devices
 * @returns {any} a `Control` without a range
 */
export const deviceControl = (timed) =>
  Object.freeze({
    name: "device",
    label: "Device",
    symbol: "",
    unit: "",
    hint: timed
      ? "Small models are faster on the CPU; Auto measures both and takes the faster."
      : "The same random numbers on both. Auto takes the CPU, which is soon done.",
    effect: "restart",
    advanced: false,
    kind: "choice",
    options: [
      { value: "auto", label: "Auto" },
      { value: "cpu", label: "CPU" },
      { value: "webgpu", label: "WebGPU" },
    ],
    default: "auto",
  });

/** @typedef {{ present: boolean, software: boolean, name: string }} Adapter */
/** @typedef {ReturnType<typeof engines>} Engines */

/** @returns {Promise<Adapter>} */
const none = async () => ({ present: false, software: false, name: "" });

/**
 * What the browser has for WebGPU. An object `navigator.gpu` alone says nothing.
 * @returns {Promise<Adapter>}
 */
async function findAdapter() {
  try {
    const late = new Promise((resolve) => setTimeout(resolve, ADAPTER_PATIENCE_MS));
    const adapter = await Promise.race([/** @type {any} */ (navigator).gpu?.requestAdapter(), late]);
    if (!adapter) return none();
    const { info = {} } = adapter;
    const software = Boolean(info.isFallbackAdapter ?? adapter.isFallbackAdapter) || info.architecture === "swiftshader";
    const name = info.description || [info.vendor, info.architecture].filter(Boolean).join(" ") || "unnamed adapter";
    return { present: true, software, name };
  } catch {
    return none();
  }
}

/** The engines of this page. */
export function engines() {
  /** @type {{ gpu?: { ready: boolean, building?: string } }} as the server says in `engines.json` */
  let status = {};
  /** @type {Promise<Adapter> | null} */
  let adapter = null;
  /** @type {Map<Device, Promise<WebAssembly.Module>>} */
  const modules = new Map();

  async function poll() {
    try {
      status = await (await fetch(new URL("../engines.json", import.meta.url), { cache: "no-store" })).json();
    } catch {
      return; // The server is gone; what is loaded goes on working.
    }
    if (!status.gpu?.ready && status.gpu?.building) setTimeout(poll, POLL_MS);
  }
  const polled = poll();

  return {
    /** The compiled engine, fetched once; `progress` gets words for the wait. @param {Device} device @param {(words: string) => void} progress */
    module(device, progress) {
      const known = modules.get(device);
      if (known) progress(`starting the ${nameOf(device)} engine`);
      const module = known ?? compile(device, progress);
      modules.set(device, module);
      module.catch(() => modules.delete(device));
      return module;
    },

    /**
     * The device for a choice, with the sentence that says why where it is not plain.
     * @param {string} choice auto, cpu or webgpu
     * @returns {Promise<{ device: Device, sentence: string, compare: boolean, adapter: Adapter | null }>} `compare`: worth timing both
     */
    async decide(choice) {
      /** @param {string} sentence */
      const cpu = (sentence) => ({ device: /** @type {Device} */ ("cpu"), sentence, compare: false, adapter: null });
      if (choice === "cpu") return cpu("");
      await polled;
      const { gpu } = status;
      if (!gpu?.ready && choice === "auto") return cpu("");
      if (!gpu?.ready) {
        if (gpu?.building) return cpu(`The WebGPU engine is being built (${gpu.building}); until then the CPU computes.`);
        return cpu("This page was built without the WebGPU engine; the CPU computes.");
      }
      adapter ??= findAdapter();
      // A browser that had none may have one now; who asks for WebGPU by name is worth another question.
      if (choice === "webgpu" && !(await adapter).present) adapter = findAdapter();
      const found = await adapter;
      if (!found.present) return cpu("WebGPU: no adapter in this browser; the CPU computes.");
      if (choice === "webgpu") {
        const sentence = found.software ? `WebGPU runs on a software adapter (${found.name}): right, but slow.` : "";
        return { device: "webgpu", sentence, compare: false, adapter: found };
      }
      if (found.software) return cpu(`WebGPU: only a software adapter (${found.name}) in this browser; the CPU computes.`);
      return { ...cpu(""), compare: true, adapter: found };
    },
  };
}

/** CPU or WebGPU, as the user reads it. @param {Device} device */
export const nameOf = (device) => (device === "webgpu" ? "WebGPU" : "CPU");

/** @param {Device} device @param {(words: string) => void} progress */
async function compile(device, progress) {
  const folder = device === "webgpu" ? "engine-gpu" : "engine-cpu";
  progress(`loading the ${nameOf(device)} engine`);
  const response = await fetch(new URL(`../${folder}/engine_bg.wasm`, import.meta.url));
  if (!response.ok) throw new Error(`The ${nameOf(device)} engine could not be loaded (${response.status} ${response.statusText}).`);
  const bytes = Number(response.headers.get("content-length"));
  if (bytes > 0) progress(`loading the ${nameOf(device)} engine, ${(bytes / 1e6).toFixed(1)} MB`);
  const streams = (response.headers.get("content-type") ?? "").startsWith("application/wasm");
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}
